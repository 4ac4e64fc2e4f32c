#pragma once
// The UE: modem, radio bearers, RRC and NAS joined. One slot engine for `SlotLoop`; everything runs inline on its thread.

#include "radio/slot_loop.h"
#include "stack/nas/ue_nas.h"
#include "stack/pdcp/radio_bearer.h"
#include "stack/rrc/ue_rrc.h"
#include "stack/ue/ue_modem.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ravi::ue {

/// Network time: of the radio's samples.
using Time = std::chrono::milliseconds;

struct UeConfig {
  UeModemConfig modem;
  nas::UeNasConfig nas;
  rrc::UeRrcConfig rrc;
};

/// The rungs of the ladder from samples to an address, in order.
enum class Rung : std::uint8_t { cell_found, random_access, connected, authenticated, security, registered, session };
inline constexpr std::size_t kNumRungs = 7;

/// What stands in the way, as far as the UE knows.
struct UeStatus {
  std::array<std::optional<Time>, kNumRungs> reached;  ///< when first
  std::optional<nas::Ipv4> address;
  std::string trouble;                                 ///< the last thing that went wrong; empty: nothing
};

class Ue {
public:
  explicit Ue(const UeConfig& config);

  /// One slot of the radio, in and out.
  SlotOutput operator()(const RxSlot& in, TxSlot& out) noexcept;

  /// An IP packet for the network. False: no session, or its queue is full.
  bool send_packet(std::span<const std::uint8_t> packet) noexcept;
  /// The oldest packet received and not yet taken; empty: none. At most 256 wait, further ones are dropped.
  [[nodiscard]] std::vector<std::uint8_t> take_packet();

  [[nodiscard]] const UeStatus& status() const noexcept { return status_; }
  [[nodiscard]] const UeModem& modem() const noexcept { return modem_; }
  [[nodiscard]] const nas::UeNas& nas() const noexcept { return nas_; }
  [[nodiscard]] const rrc::UeRrc& rrc() const noexcept { return rrc_; }

private:
  struct Bearer {
    rrc::BearerConfig config;
    pdcp::RadioBearer radio;
  };

  void run_slot();
  void deliver(const ReceivedSdu& sdu);
  void drain(Bearer& bearer);
  void take_mac_events();
  void act();
  void on(const rrc::UeAction& action);
  void on(const nas::UeAction& action);
  void add_bearer(const rrc::BearerConfig& config);
  void send_uplink();
  [[nodiscard]] std::array<std::size_t, mac::kNumLogicalChannelGroups> buffers() const;
  [[nodiscard]] Bearer* srb(unsigned identity);
  [[nodiscard]] Bearer* drb();
  void reach(Rung rung);

  SampleRate rate_;
  UeModem modem_;
  rrc::UeRrc rrc_;
  nas::UeNas nas_;
  nas::Plmn home_;
  std::vector<std::unique_ptr<Bearer>> bearers_;       ///< by priority: SRB1, SRB2, DRBs
  std::optional<rrc::AsSecurity> security_;            ///< in force for bearers to come
  Time now_{0};
  bool was_in_step_ = false;
  std::vector<std::vector<std::uint8_t>> packets_;
  UeStatus status_;
};

}  // namespace ravi::ue
