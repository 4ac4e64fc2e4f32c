#pragma once
// The UE: modem, radio bearers, RRC and NAS joined. One slot engine for `SlotLoop`, on its thread, in two turns a slot: user plane and
// air, which samples wait for and which allocate nothing; then the search for a cell and RRC's and NAS's procedures.

#include "radio/slot_loop.h"
#include "stack/bearer/bearers.h"
#include "stack/nas/ue_nas.h"
#include "stack/rlc/sdu_queue.h"
#include "stack/rrc/ue_rrc.h"
#include "stack/ue/ue_modem.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
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

/// Totals since construction, over all its connections.
struct UeStatistics {
  float snr_db = 0.0F;                   ///< of the cell's SS/PBCH block
  unsigned cqi = 0;
  float cfo_hz = 0.0F;                   ///< the cell's carrier against the UE's oscillator
  mac::LinkCounters downlink;
  mac::LinkCounters uplink;
  std::uint64_t downlink_packets = 0;    ///< of IP, received
  std::uint64_t uplink_packets = 0;      ///< taken for sending
  std::uint64_t dropped_packets = 0;     ///< either way: no session, or a full queue
  std::uint64_t dropped_signalling = 0;  ///< PDUs of SRBs and CCCH: more in one slot than there is room for
};

class Ue {
public:
  explicit Ue(const UeConfig& config);

  /// One slot of the radio, in and out. Allocates nothing, takes no lock.
  SlotOutput operator()(const RxSlot& in, TxSlot& out) noexcept;
  /// After each slot: what its signalling and the timers ask for, and a search where there is no cell. Allocates.
  void run_procedures() noexcept;

  /// An IP packet for the network. An idle UE keeps a few and asks for service. False: no session, or a full queue.
  bool send_packet(std::span<const std::uint8_t> packet) noexcept;
  /// The oldest packet received and not yet taken; empty: none. Valid until the next call of anything here. As many wait as 1 MiB
  /// holds, at most 1024; further ones are dropped and counted.
  [[nodiscard]] std::span<const std::uint8_t> take_packet() noexcept;

  /// Deregisters as when it is switched off: one message, no answer to it, and from then on no cell is looked for. Between two slots; go
  /// on with slots until it `has_left`, some 100 ms. TS 24.501 §5.5.2.2.
  void switch_off();
  /// Switched off, and nothing more to send: the network has released the connection, or there was none.
  [[nodiscard]] bool has_left() const noexcept { return is_off_ && rrc_.state() == rrc::UeRrc::State::idle; }

  /// A data radio bearer stands: packets flow at once.
  [[nodiscard]] bool has_bearer() const noexcept;
  [[nodiscard]] const UeStatus& status() const noexcept { return status_; }
  /// Between two slots, on their thread; allocates nothing.
  [[nodiscard]] UeStatistics statistics() const noexcept;
  [[nodiscard]] const UeModem& modem() const noexcept { return modem_; }
  [[nodiscard]] const nas::UeNas& nas() const noexcept { return nas_; }
  [[nodiscard]] const rrc::UeRrc& rrc() const noexcept { return rrc_; }

private:
  void run_slot();
  [[nodiscard]] bool take_user_plane(const ReceivedSdu& sdu);
  void deliver(const ReceivedSdu& sdu);
  void drain(bearer::Bearer& bearer);
  void act();
  void on(const rrc::UeAction& action);
  void on(const nas::UeAction& action);
  void add_bearer(const rrc::BearerConfig& config);
  void send_uplink();
  void follow_step();
  void watch_blocks();
  void watch_random_access();
  void send_waiting();
  [[nodiscard]] std::array<std::size_t, mac::kNumLogicalChannelGroups> buffers() const;
  void reach(Rung rung);

  SampleRate rate_;
  UeModem modem_;
  rrc::UeRrc rrc_;
  nas::UeNas nas_;
  nas::Plmn home_;
  bearer::Bearers bearers_{security::Direction::uplink};
  Time now_{0};
  bool was_in_step_ = false;
  bool is_off_ = false;
  bool wants_service_ = false;                         ///< an idle UE has packets to send
  bool must_update_ = false;                           ///< the connection was lost: NAS registers from the next cell
  rlc::SduQueue waiting_;                              ///< packets of an idle UE
  rlc::SduQueue packets_;                              ///< received
  rlc::SduQueue signalling_;                           ///< received, for `run_procedures`; tagged with the LCID
  nr::FixedList<BlockStatus, 16> blocks_;              ///< due since the last `run_procedures`
  bool has_taken_ = false;                             ///< the first of them was given out
  std::uint64_t downlink_packets_ = 0;
  std::uint64_t uplink_packets_ = 0;
  std::uint64_t dropped_packets_ = 0;
  std::uint64_t dropped_signalling_ = 0;
  UeStatus status_;
};

}  // namespace ravi::ue
