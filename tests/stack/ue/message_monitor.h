#pragma once
// Reads one UE's MAC PDUs of both directions up to NAS messages and IP packets. All keys follow from the subscriber's: 5G-AKA, NAS and
// AS security are carried out from the messages heard, and what is ciphered is read.

#include "stack/bearer/bearers.h"
#include "stack/nas/nas_security.h"
#include "stack/nas/usim.h"
#include "stack/nr/cell.h"
#include "stack/rrc/as_security.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ravi::ue {

class MessageMonitor {
public:
  MessageMonitor(const nr::Cell& cell, const nas::UsimConfig& usim) : cell_(cell), usim_(usim), home_(usim.home) {}

  /// One MAC PDU. A new configuration of the UE, where it carried one.
  std::optional<nr::UeConfig> read(bool is_downlink, nr::Rnti c_rnti, std::span<const std::uint8_t> mac_pdu);

  struct Packet {
    bool is_downlink = false;
    std::vector<std::uint8_t> octets;
  };
  /// RRC and NAS messages in order, by name, direction in front: "< rrcSetup", "> Registration request".
  [[nodiscard]] const std::vector<std::string>& messages() const { return messages_; }
  [[nodiscard]] const std::vector<Packet>& packets() const { return packets_; }
  [[nodiscard]] const std::optional<std::array<std::uint8_t, 4>>& address() const { return address_; }
  /// Messages that came with the MAC-I that their keys give.
  [[nodiscard]] unsigned num_verified_rrc() const { return num_verified_rrc_; }
  [[nodiscard]] unsigned num_verified_nas() const { return num_verified_nas_; }
  [[nodiscard]] const std::optional<rrc::AsSecurity>& as_security() const { return as_; }
  [[nodiscard]] bool is_res_star_right() const { return is_res_star_right_; }

private:
  void on_ccch(bool is_downlink, std::span<const std::uint8_t> sdu);
  void on_dcch(bool is_downlink, std::span<const std::uint8_t> sdu, bool is_verified);
  void on_downlink_dcch(std::span<const std::uint8_t> sdu);
  void on_uplink_dcch(std::span<const std::uint8_t> sdu);
  void on_nas(bool is_downlink, std::span<const std::uint8_t> message);
  void on_plain_nas(bool is_downlink, std::span<const std::uint8_t> message);
  void configure(std::span<const std::uint8_t> cell_group, const void* radio_bearers);
  void note(bool is_downlink, std::string_view name);

  nr::Cell cell_;
  nas::Usim usim_;
  nr::Plmn home_;
  nr::UeConfig ue_;
  bool has_new_config_ = false;
  std::array<std::uint8_t, 6> contention_{};  ///< Msg3's CCCH message
  bearer::Bearers ue_end_{security::Direction::uplink}, gnb_end_{security::Direction::downlink};  ///< each receives only
  std::optional<nas::ChallengeAnswered> answer_;
  std::optional<nas::NasSecurity> nas_of_ue_, nas_of_network_;  ///< as receivers of downlink and uplink
  std::optional<rrc::AsSecurity> as_;
  std::vector<std::string> messages_;
  std::vector<Packet> packets_;
  std::optional<std::array<std::uint8_t, 4>> address_;
  bool is_res_star_right_ = false;
  unsigned num_verified_rrc_ = 0;
  unsigned num_verified_nas_ = 0;
};

}  // namespace ravi::ue
