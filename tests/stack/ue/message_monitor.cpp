#include "tests/stack/ue/message_monitor.h"

#include "stack/asn1/rrc.h"
#include "stack/mac/mac_ce.h"
#include "stack/mac/mac_pdu.h"
#include "stack/nas/codec.h"
#include "stack/rlc/rlc_pdu.h"
#include "stack/rrc/cell_group.h"
#include "stack/rrc/radio_bearers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <variant>

namespace ravi::ue {
namespace {

namespace ie = asn1::rrc;

}  // namespace

void MessageMonitor::note(bool is_downlink, std::string_view name)
{
  messages_.push_back((is_downlink ? "< " : "> ") + std::string(name));
}

std::optional<nr::UeConfig> MessageMonitor::read(bool is_downlink, nr::Rnti c_rnti, std::span<const std::uint8_t> mac_pdu)
{
  ue_.c_rnti = c_rnti;
  has_new_config_ = false;
  mac::MacPduReader reader(is_downlink ? mac::Direction::downlink : mac::Direction::uplink, mac_pdu);
  while (const auto sub_pdu = reader.next()) {
    if (is_downlink && sub_pdu->lcid == mac::lcid::contention_resolution) {
      const auto identity = mac::decode_contention_resolution(sub_pdu->payload);
      REQUIRE(identity);
      CHECK(std::equal(identity->begin(), identity->end(), contention_.begin()));  // this UE's, not another's
    }
    const bool is_ccch = sub_pdu->lcid == mac::lcid::ccch || (!is_downlink && sub_pdu->lcid == mac::lcid::ccch_48_bits);
    if (is_ccch) on_ccch(is_downlink, sub_pdu->payload);
    bearer::Bearers& end = is_downlink ? ue_end_ : gnb_end_;
    bearer::Bearer* const bearer = end.on_logical_channel(sub_pdu->lcid);
    if (is_ccch || bearer == nullptr || sub_pdu->payload.empty() || rlc::is_control_pdu(sub_pdu->payload)) continue;
    const pdcp::RxVerdict verdict = bearer->radio.receive(sub_pdu->payload, rlc::Time(0));
    CHECK((verdict == pdcp::RxVerdict::accepted || verdict == pdcp::RxVerdict::control));  // the latter: a segment waits for others
    while (const auto sdu = bearer->radio.next()) {
      const std::vector<std::uint8_t> octets(sdu->octets.begin(), sdu->octets.end());
      if (bearer->config.is_srb()) {
        on_dcch(is_downlink, octets, sdu->is_integrity_verified);
      } else {
        packets_.push_back({.is_downlink = is_downlink, .octets = octets});
      }
    }
  }
  return has_new_config_ ? std::optional(ue_) : std::nullopt;
}

void MessageMonitor::configure(std::span<const std::uint8_t> cell_group, const void* radio_bearers)
{
  const auto group = rrc::read_cell_group(cell_group, cell_, ue_);
  REQUIRE_MESSAGE(group, (group ? "" : group.error().message));
  ue_ = group->ue;
  has_new_config_ = true;
  std::vector<rrc::BearerConfig> added = group->bearers;
  REQUIRE(rrc::read_radio_bearers(*static_cast<const ie::RadioBearerConfig*>(radio_bearers), added));
  for (const rrc::BearerConfig& config : added) {
    ue_end_.add(config);
    gnb_end_.add(config);
  }
}

// -- RRC -----------------------------------------------------------------------------------------------------------------

void MessageMonitor::on_ccch(bool is_downlink, std::span<const std::uint8_t> sdu)
{
  if (!is_downlink) {
    const auto message = ie::decode<ie::UlCcchMessage>(sdu);
    REQUIRE(message);
    REQUIRE(message->message.c1()->rrc_setup_request() != nullptr);
    std::copy_n(sdu.begin(), contention_.size(), contention_.begin());
    return note(false, "rrcSetupRequest");
  }
  const auto message = ie::decode<ie::DlCcchMessage>(sdu);
  REQUIRE(message);
  const auto* setup = message->message.c1()->rrc_setup();
  REQUIRE(setup != nullptr);
  note(true, "rrcSetup");
  const auto* ies = setup->critical_extensions.rrc_setup();
  configure(ies->master_cell_group, &ies->radio_bearer_config);
}

void MessageMonitor::on_dcch(bool is_downlink, std::span<const std::uint8_t> sdu, bool is_verified)
{
  num_verified_rrc_ += is_verified ? 1 : 0;
  is_downlink ? on_downlink_dcch(sdu) : on_uplink_dcch(sdu);
}

void MessageMonitor::on_downlink_dcch(std::span<const std::uint8_t> sdu)
{
  const auto message = ie::decode<ie::DlDcchMessage>(sdu);
  REQUIRE(message);
  const auto* c1 = message->message.c1();
  REQUIRE(c1 != nullptr);
  if (const auto* transfer = c1->dl_information_transfer()) {
    on_nas(true, *transfer->critical_extensions.dl_information_transfer()->dedicated_nas_message);
  } else if (const auto* command = c1->security_mode_command()) {
    note(true, "securityModeCommand");
    REQUIRE(nas_of_network_);
    const auto& algorithms = command->critical_extensions.security_mode_command()->security_config_smc.security_algorithm_config;
    as_ = rrc::derive_as_security(security::derive_k_gnb(nas_of_network_->k_amf(), nas_of_network_->last_uplink_count()),
                                  static_cast<security::CipheringAlgorithm>(algorithms.ciphering_algorithm),
                                  static_cast<security::IntegrityAlgorithm>(*algorithms.integrity_prot_algorithm));
    for (bearer::Bearers* const end : {&ue_end_, &gnb_end_}) bearer::secure(*end->srb(1), rrc::SecurityStage::integrity, *as_);
    if (ue_end_.srb(1)->radio.rx().verify_last()) ++num_verified_rrc_;
    ue_end_.activate({.stage = rrc::SecurityStage::ciphering, .security = *as_});
  } else if (const auto* reconfiguration = c1->rrc_reconfiguration()) {
    note(true, "rrcReconfiguration");
    const auto* ies = reconfiguration->critical_extensions.rrc_reconfiguration();
    const auto& later = *ies->non_critical_extension;
    const std::vector<std::vector<std::uint8_t>> nas =
        later.dedicated_nas_message_list ? std::vector<std::vector<std::uint8_t>>(later.dedicated_nas_message_list->begin(), later.dedicated_nas_message_list->end())
                                         : std::vector<std::vector<std::uint8_t>>{};
    configure(*later.master_cell_group, &*ies->radio_bearer_config);
    for (const auto& octets : nas) on_nas(true, octets);
  } else {
    note(true, c1->ue_capability_enquiry() != nullptr ? "ueCapabilityEnquiry" : "another");
  }
}

void MessageMonitor::on_uplink_dcch(std::span<const std::uint8_t> sdu)
{
  const auto message = ie::decode<ie::UlDcchMessage>(sdu);
  REQUIRE(message);
  const auto* c1 = message->message.c1();
  REQUIRE(c1 != nullptr);
  if (const auto* transfer = c1->ul_information_transfer()) {
    on_nas(false, *transfer->critical_extensions.ul_information_transfer()->dedicated_nas_message);
  } else if (const auto* complete = c1->rrc_setup_complete()) {
    note(false, "rrcSetupComplete");
    on_nas(false, complete->critical_extensions.rrc_setup_complete()->dedicated_nas_message);
  } else if (c1->security_mode_complete() != nullptr) {
    note(false, "securityModeComplete");
    gnb_end_.activate({.stage = rrc::SecurityStage::ciphering, .security = *as_});
  } else if (c1->ue_capability_information() != nullptr) {
    note(false, "ueCapabilityInformation");
  } else {
    note(false, c1->rrc_reconfiguration_complete() != nullptr ? "rrcReconfigurationComplete" : "another");
  }
}

// -- NAS -----------------------------------------------------------------------------------------------------------------

void MessageMonitor::on_nas(bool is_downlink, std::span<const std::uint8_t> message)
{
  const auto split = nas::split_protected(message);
  if (!split) return on_plain_nas(is_downlink, message);
  if (split->header == nas::SecurityHeader::integrity_new) {
    // The command names the algorithms its own MAC is made with.
    const auto command = nas::decode_mm(split->payload);
    REQUIRE(command);
    const auto* smc = std::get_if<nas::SecurityModeCommand>(&*command);
    REQUIRE(smc != nullptr);
    REQUIRE(answer_);
    nas_of_ue_.emplace(nas::End::ue, answer_->k_amf, smc->key_set, smc->algorithms);
    nas_of_network_.emplace(nas::End::network, answer_->k_amf, smc->key_set, smc->algorithms);
  }
  auto& receiver = is_downlink ? nas_of_ue_ : nas_of_network_;
  REQUIRE(receiver);
  const auto plain = receiver->open(*split);
  REQUIRE(plain);
  ++num_verified_nas_;
  on_plain_nas(is_downlink, *plain);
}

void MessageMonitor::on_plain_nas(bool is_downlink, std::span<const std::uint8_t> octets)
{
  if (octets[0] == nas::kEpdSm) {
    const auto message = nas::decode_sm(octets);
    REQUIRE(message);
    note(is_downlink, nas::name_of(*message));
    const auto* accept = std::get_if<nas::PduSessionEstablishmentAccept>(&*message);
    if (accept != nullptr && accept->address) address_ = accept->address->ipv4;
    return;
  }
  const auto message = nas::decode_mm(octets);
  REQUIRE(message);
  note(is_downlink, nas::name_of(*message));
  if (const auto* request = std::get_if<nas::AuthenticationRequest>(&*message)) {
    auto answer = usim_.authenticate(*request, home_);
    REQUIRE(std::holds_alternative<nas::ChallengeAnswered>(answer));
    answer_ = std::get<nas::ChallengeAnswered>(answer);
  } else if (const auto* response = std::get_if<nas::AuthenticationResponse>(&*message)) {
    REQUIRE(response->res_star);
    REQUIRE(answer_);
    is_res_star_right_ = std::equal(response->res_star->begin(), response->res_star->end(), answer_->res_star.begin(), answer_->res_star.end());
  } else if (const auto* uplink = std::get_if<nas::UplinkNasTransport>(&*message)) {
    on_plain_nas(is_downlink, uplink->payload);
  } else if (const auto* downlink = std::get_if<nas::DownlinkNasTransport>(&*message)) {
    on_plain_nas(is_downlink, downlink->payload);
  }
}

}  // namespace ravi::ue
