#include "stack/ngap/codec.h"
#include "stack/ngap/ies.h"
#include "stack/ngap/n2_link.h"

#include <array>
#include <string>

namespace ravi::ngap {
namespace {

void put_ids(const UeIds& ids, auto& ies)
{
  ies.amf_ue_ngap_id = ids.amf;
  ies.ran_ue_ngap_id = ids.ran;
}
void put_nas(const Octets& nas, auto& field)
{
  if (!nas.empty()) field = nas;
}
void put_slices(const std::vector<Slice>& slices, auto& list)
{
  for (const Slice& slice : slices) write(slice, list.emplace_back().s_nssai);
}
void put_associations(const std::vector<Association>& part, per::UeAssociatedLogicalNgConnectionList& list)
{
  for (const Association& association : part) {
    auto& item = list.emplace_back();
    if (association.amf_ue_id) item.amf_ue_ngap_id = *association.amf_ue_id;
    if (association.ran_ue_id) item.ran_ue_ngap_id = *association.ran_ue_id;
  }
}
void put_plmns(const std::vector<PlmnSlices>& plmns, per::PlmnSupportList& list)
{
  for (const PlmnSlices& plmn : plmns) {
    auto& item = list.emplace_back();
    item.plmn_identity = write_plmn(plmn.plmn);
    put_slices(plmn.slices, item.slice_support_list);
  }
}
void put_failed(const std::vector<SessionCause>& failed, auto& optional_list)
{
  if (failed.empty()) return;
  auto& list = optional_list.emplace();
  for (const SessionCause& session : failed) {
    auto& item = list.emplace_back();
    item.pdu_session_id = session.id;
    item.pdu_session_resource_setup_unsuccessful_transfer = write_failed_transfer(session.cause);
  }
}
void put_admitted(const std::vector<SessionAdmitted>& admitted, auto& optional_list)
{
  if (admitted.empty()) return;
  auto& list = optional_list.emplace();
  for (const SessionAdmitted& session : admitted) {
    auto& item = list.emplace_back();
    item.pdu_session_id = session.id;
    item.pdu_session_resource_setup_response_transfer = write_admitted_transfer(session);
  }
}

void put(const NgSetupRequest& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_initiating_message().set_ng_setup_request().protocol_ies;
  auto& id = ies.global_ran_node_id.set_global_gnb_id();
  id.plmn_identity = write_plmn(in.plmn);
  id.gnb_id.set_gnb_id() = asn1::BitString::from(in.gnb_id, in.gnb_id_bits);
  if (!in.name.empty()) ies.ran_node_name = in.name;
  for (const SupportedTa& ta : in.supported_tas) {
    auto& item = ies.supported_ta_list.emplace_back();
    item.tac = write_tac(ta.tac);
    for (const PlmnSlices& plmn : ta.plmns) {
      auto& broadcast = item.broadcast_plmn_list.emplace_back();
      broadcast.plmn_identity = write_plmn(plmn.plmn);
      put_slices(plmn.slices, broadcast.tai_slice_support_list);
    }
  }
  ies.default_paging_drx = per::PagingDrx::v128;
}
void put(const NgSetupResponse& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_successful_outcome().set_ng_setup_response().protocol_ies;
  ies.amf_name = in.amf_name;
  for (const Guami& guami : in.guamis) write(guami, ies.served_guami_list.emplace_back().guami);
  ies.relative_amf_capacity = in.capacity;
  put_plmns(in.plmns, ies.plmn_support_list);
}
void put(const NgSetupFailure& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_unsuccessful_outcome().set_ng_setup_failure().protocol_ies;
  write(in.cause, ies.cause);
  if (in.time_to_wait) {
    constexpr std::array<unsigned, 6> kSeconds{1, 2, 5, 10, 20, 60};
    std::size_t i = 0;
    while (i + 1 < kSeconds.size() && kSeconds[i] < static_cast<unsigned>(in.time_to_wait->count())) ++i;
    ies.time_to_wait = static_cast<per::TimeToWait>(i);
  }
  if (in.diagnostics) write(*in.diagnostics, ies.criticality_diagnostics.emplace());
}

void put(const InitialUeMessage& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_initiating_message().set_initial_ue_message().protocol_ies;
  ies.ran_ue_ngap_id = in.ran_ue_id;
  ies.nas_pdu = in.nas;
  write(in.location, ies.user_location_information);
  ies.rrc_establishment_cause = static_cast<per::RrcEstablishmentCause>(in.cause);
  if (in.s_tmsi) write(*in.s_tmsi, ies.five_g_s_tmsi.emplace());
  if (in.asks_for_context) ies.ue_context_request = per::UeContextRequest::requested;
}
void put(const UplinkNasTransport& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_initiating_message().set_uplink_nas_transport().protocol_ies;
  put_ids(in.ids, ies);
  ies.nas_pdu = in.nas;
  write(in.location, ies.user_location_information);
}
void put(const DownlinkNasTransport& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_initiating_message().set_downlink_nas_transport().protocol_ies;
  put_ids(in.ids, ies);
  ies.nas_pdu = in.nas;
}
void put(const NasNonDeliveryIndication& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_initiating_message().set_nas_non_delivery_indication().protocol_ies;
  put_ids(in.ids, ies);
  ies.nas_pdu = in.nas;
  write(in.cause, ies.cause);
}

void put(const InitialContextSetupRequest& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_initiating_message().set_initial_context_setup_request().protocol_ies;
  put_ids(in.ids, ies);
  write(in.guami, ies.guami);
  if (in.ue_ambr) write(*in.ue_ambr, ies.ue_aggregate_maximum_bit_rate.emplace());
  if (!in.sessions.empty()) {
    auto& list = ies.pdu_session_resource_setup_list_cxt_req.emplace();
    for (const SessionSetup& session : in.sessions) {
      auto& item = list.emplace_back();
      item.pdu_session_id = session.id;
      put_nas(session.nas, item.nas_pdu);
      write(session.slice, item.s_nssai);
      item.pdu_session_resource_setup_request_transfer = write_setup_transfer(session);
    }
  }
  put_slices(in.allowed_slices, ies.allowed_nssai);
  write(in.security, ies.ue_security_capabilities);
  const auto key = in.k_gnb.bytes();
  ies.security_key = {.bytes = {key.begin(), key.end()}, .size = 256};
  put_nas(in.radio_capability, ies.ue_radio_capability);
  put_nas(in.nas, ies.nas_pdu);
}
void put(const InitialContextSetupResponse& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_successful_outcome().set_initial_context_setup_response().protocol_ies;
  put_ids(in.ids, ies);
  put_admitted(in.admitted, ies.pdu_session_resource_setup_list_cxt_res);
  put_failed(in.failed, ies.pdu_session_resource_failed_to_setup_list_cxt_res);
}
void put(const InitialContextSetupFailure& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_unsuccessful_outcome().set_initial_context_setup_failure().protocol_ies;
  put_ids(in.ids, ies);
  put_failed(in.failed, ies.pdu_session_resource_failed_to_setup_list_cxt_fail);
  write(in.cause, ies.cause);
}

void put(const SessionSetupRequest& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_initiating_message().set_pdu_session_resource_setup_request().protocol_ies;
  put_ids(in.ids, ies);
  put_nas(in.nas, ies.nas_pdu);
  for (const SessionSetup& session : in.sessions) {
    auto& item = ies.pdu_session_resource_setup_list_su_req.emplace_back();
    item.pdu_session_id = session.id;
    put_nas(session.nas, item.pdu_session_nas_pdu);
    write(session.slice, item.s_nssai);
    item.pdu_session_resource_setup_request_transfer = write_setup_transfer(session);
  }
  if (in.ue_ambr) write(*in.ue_ambr, ies.ue_aggregate_maximum_bit_rate.emplace());
}
void put(const SessionSetupResponse& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_successful_outcome().set_pdu_session_resource_setup_response().protocol_ies;
  put_ids(in.ids, ies);
  put_admitted(in.admitted, ies.pdu_session_resource_setup_list_su_res);
  put_failed(in.failed, ies.pdu_session_resource_failed_to_setup_list_su_res);
}
void put(const SessionReleaseCommand& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_initiating_message().set_pdu_session_resource_release_command().protocol_ies;
  put_ids(in.ids, ies);
  put_nas(in.nas, ies.nas_pdu);
  for (const SessionCause& session : in.sessions) {
    auto& item = ies.pdu_session_resource_to_release_list_rel_cmd.emplace_back();
    item.pdu_session_id = session.id;
    item.pdu_session_resource_release_command_transfer = write_release_transfer(session.cause);
  }
}
void put(const SessionReleaseResponse& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_successful_outcome().set_pdu_session_resource_release_response().protocol_ies;
  put_ids(in.ids, ies);
  const auto transfer = per::encode(per::PduSessionResourceReleaseResponseTransfer{});
  for (const std::uint8_t id : in.sessions) {
    auto& item = ies.pdu_session_resource_released_list_rel_res.emplace_back();
    item.pdu_session_id = id;
    if (transfer) item.pdu_session_resource_release_response_transfer = *transfer;
  }
}

void put(const UeContextReleaseRequest& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_initiating_message().set_ue_context_release_request().protocol_ies;
  put_ids(in.ids, ies);
  if (!in.sessions.empty()) {
    auto& list = ies.pdu_session_resource_list_cxt_rel_req.emplace();
    for (const std::uint8_t id : in.sessions) list.emplace_back().pdu_session_id = id;
  }
  write(in.cause, ies.cause);
}
void put(const UeContextReleaseCommand& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_initiating_message().set_ue_context_release_command().protocol_ies;
  if (in.ran_ue_id) {
    auto& pair = ies.ue_ngap_ids.set_ue_ngap_id_pair();
    pair.amf_ue_ngap_id = in.amf_ue_id;
    pair.ran_ue_ngap_id = *in.ran_ue_id;
  } else {
    ies.ue_ngap_ids.set_amf_ue_ngap_id() = in.amf_ue_id;
  }
  write(in.cause, ies.cause);
}
void put(const UeContextReleaseComplete& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_successful_outcome().set_ue_context_release_complete().protocol_ies;
  put_ids(in.ids, ies);
  if (in.sessions.empty()) return;
  auto& list = ies.pdu_session_resource_list_cxt_rel_cpl.emplace();
  for (const std::uint8_t id : in.sessions) list.emplace_back().pdu_session_id = id;
}
void put(const UeRadioCapabilityInfoIndication& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_initiating_message().set_ue_radio_capability_info_indication().protocol_ies;
  put_ids(in.ids, ies);
  ies.ue_radio_capability = in.capability;
}

void put(const Paging& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_initiating_message().set_paging().protocol_ies;
  write(in.s_tmsi, ies.ue_paging_identity.set_five_g_s_tmsi());
  for (const Tai& tai : in.tais) write(tai, ies.tai_list_for_paging.emplace_back().tai);
}
void put(const ErrorIndication& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_initiating_message().set_error_indication().protocol_ies;
  if (in.amf_ue_id) ies.amf_ue_ngap_id = *in.amf_ue_id;
  if (in.ran_ue_id) ies.ran_ue_ngap_id = *in.ran_ue_id;
  if (in.cause) write(*in.cause, ies.cause.emplace());
  if (in.diagnostics) write(*in.diagnostics, ies.criticality_diagnostics.emplace());
}
void put(const NgReset& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_initiating_message().set_ng_reset().protocol_ies;
  write(in.cause, ies.cause);
  if (in.part.empty()) {
    ies.reset_type.set_ng_interface() = per::ResetAll::reset_all;
  } else {
    put_associations(in.part, ies.reset_type.set_part_of_ng_interface());
  }
}
void put(const NgResetAcknowledge& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_successful_outcome().set_ng_reset_acknowledge().protocol_ies;
  if (!in.part.empty()) put_associations(in.part, ies.ue_associated_logical_ng_connection_list.emplace());
}
void put(const AmfConfigurationUpdate& in, per::NgapPdu& pdu)
{
  auto& ies = pdu.set_initiating_message().set_amf_configuration_update().protocol_ies;
  if (!in.amf_name.empty()) ies.amf_name = in.amf_name;
  if (!in.plmns.empty()) put_plmns(in.plmns, ies.plmn_support_list.emplace());
}
void put(const AmfConfigurationUpdateAcknowledge&, per::NgapPdu& pdu)
{
  pdu.set_successful_outcome().set_amf_configuration_update_acknowledge();
}

}  // namespace

Octets encode(const Message& message)
{
  per::NgapPdu pdu;
  std::visit([&pdu](const auto& one) { put(one, pdu); }, message);
  auto octets = per::encode(pdu);
  return octets ? std::move(*octets) : Octets{};
}

std::string_view name_of(const Message& message)
{
  constexpr std::array<std::string_view, std::variant_size_v<Message>> kNames{
      "NGSetupRequest", "NGSetupResponse", "NGSetupFailure", "InitialUEMessage", "UplinkNASTransport", "DownlinkNASTransport",
      "NASNonDeliveryIndication", "InitialContextSetupRequest", "InitialContextSetupResponse", "InitialContextSetupFailure",
      "PDUSessionResourceSetupRequest", "PDUSessionResourceSetupResponse", "PDUSessionResourceReleaseCommand",
      "PDUSessionResourceReleaseResponse", "UEContextReleaseRequest", "UEContextReleaseCommand", "UEContextReleaseComplete",
      "UERadioCapabilityInfoIndication", "Paging", "ErrorIndication", "NGReset", "NGResetAcknowledge", "AMFConfigurationUpdate",
      "AMFConfigurationUpdateAcknowledge"};
  return kNames[message.index()];
}

std::uint16_t stream_of(const Message& message)
{
  const auto is_any_of = [&message]<class... M>(const std::variant<M...>*) { return (std::holds_alternative<M>(message) || ...); };
  using Common = std::variant<NgSetupRequest, NgSetupResponse, NgSetupFailure, Paging, NgReset, NgResetAcknowledge,
                              AmfConfigurationUpdate, AmfConfigurationUpdateAcknowledge>;
  if (is_any_of(static_cast<const Common*>(nullptr))) return kCommonStream;
  const auto* error = std::get_if<ErrorIndication>(&message);
  return error != nullptr && !error->amf_ue_id && !error->ran_ue_id ? kCommonStream : kUeStream;
}

std::string to_string(const Cause& cause)
{
  constexpr std::array<const char*, 5> kGroups{"radio network", "transport", "NAS", "protocol", "misc"};
  return std::string(kGroups[static_cast<std::size_t>(cause.group)]) + " " + std::to_string(cause.value);
}

}  // namespace ravi::ngap
