#include "stack/ngap/codec.h"
#include "stack/ngap/ies.h"

#include <array>
#include <utility>

namespace ravi::ngap {
namespace {

/// What the messages of one answer have in common with it: the outer octets, read without the rest. TS 38.413 §9.4: choice of
/// message, procedure code, criticality, an octet each.
struct Outer {
  std::uint8_t triggering = 0;
  std::uint8_t procedure_code = 0;
  std::uint8_t criticality = 0;
};
Outer outer_of(std::span<const std::uint8_t> octets)
{
  if (octets.size() < 3) return {};
  return {static_cast<std::uint8_t>(octets[0] >> 5 & 3), octets[1], static_cast<std::uint8_t>(octets[2] >> 6)};
}

/// Reads the fields of one message; what is wrong with its contents collects in `ies` and `is_usable`.
struct Content {
  std::vector<Diagnostics::Ie> not_understood;  ///< unknown IEs to be reported or to be rejected for
  bool must_reject = false;
  bool is_usable = true;
  std::optional<std::uint64_t> amf_ue_id;
  std::optional<std::uint32_t> ran_ue_id;

  /// TS 38.413 §10.3.4.2.
  void check(const std::vector<asn1::UnknownIe>& unknown)
  {
    for (const asn1::UnknownIe& ie : unknown) {
      if (ie.criticality == 1) continue;
      must_reject = must_reject || ie.criticality == 0;
      if (not_understood.size() < 256) {
        not_understood.push_back({.id = static_cast<std::uint16_t>(ie.id), .criticality = static_cast<std::uint8_t>(ie.criticality)});
      }
    }
  }
  UeIds ids(const auto& ies)
  {
    amf_ue_id = ies.amf_ue_ngap_id;
    ran_ue_id = ies.ran_ue_ngap_id;
    return {ies.amf_ue_ngap_id, ies.ran_ue_ngap_id};
  }
  template <class In, class Out>
  void use(const In& in, Out& out)
  {
    is_usable = read(in, out) && is_usable;
  }
};

Octets nas_of(const asn1::Optional<per::NasPdu>& nas) { return nas ? *nas : Octets{}; }

std::vector<Slice> slices_of(const auto& list)
{
  std::vector<Slice> slices;
  for (const auto& item : list) slices.push_back(read_slice(item.s_nssai));
  return slices;
}
std::vector<Association> associations_of(const per::UeAssociatedLogicalNgConnectionList& list)
{
  std::vector<Association> part;
  for (const auto& item : list) {
    auto& association = part.emplace_back();
    if (item.amf_ue_ngap_id) association.amf_ue_id = *item.amf_ue_ngap_id;
    if (item.ran_ue_ngap_id) association.ran_ue_id = *item.ran_ue_ngap_id;
  }
  return part;
}
std::vector<PlmnSlices> plmns_of(const per::PlmnSupportList& list, Content& content)
{
  std::vector<PlmnSlices> plmns;
  for (const auto& item : list) {
    auto& plmn = plmns.emplace_back();
    content.use(item.plmn_identity, plmn.plmn);
    plmn.slices = slices_of(item.slice_support_list);
  }
  return plmns;
}
std::vector<SessionCause> failed_of(const auto& optional_list)
{
  std::vector<SessionCause> failed;
  if (!optional_list) return failed;
  for (const auto& item : *optional_list) {
    failed.push_back({static_cast<std::uint8_t>(item.pdu_session_id),
                      read_failed_transfer(item.pdu_session_resource_setup_unsuccessful_transfer)});
  }
  return failed;
}
/// An admitted session whose transfer cannot be read counts as failed.
template <class Out>
void take_admitted(const auto& optional_list, Out& out)
{
  if (!optional_list) return;
  for (const auto& item : *optional_list) {
    SessionAdmitted session{.id = static_cast<std::uint8_t>(item.pdu_session_id)};
    if (read_admitted_transfer(item.pdu_session_resource_setup_response_transfer, session)) {
      out.admitted.push_back(std::move(session));
    } else {
      out.failed.push_back({session.id, cause::kTransferSyntaxError});
    }
  }
}
SessionSetup setup_of(const auto& item, Octets nas)
{
  SessionSetup session{.id = static_cast<std::uint8_t>(item.pdu_session_id), .nas = std::move(nas), .slice = read_slice(item.s_nssai)};
  session.refusal = read_setup_transfer(item.pdu_session_resource_setup_request_transfer, session);
  if (session.refusal) session.flows.clear();
  return session;
}
template <class List>
std::vector<std::uint8_t> session_ids(const asn1::Optional<List>& list)
{
  std::vector<std::uint8_t> ids;
  if (!list) return ids;
  for (const auto& item : *list) ids.push_back(static_cast<std::uint8_t>(item.pdu_session_id));
  return ids;
}

// -- one function a message -------------------------------------------------------------------------------------------

Message take(const per::NgSetupRequest& in, Content& content)
{
  const auto& ies = in.protocol_ies;
  NgSetupRequest out;
  const auto* gnb = ies.global_ran_node_id.global_gnb_id();
  if (gnb == nullptr || gnb->gnb_id.gnb_id() == nullptr) {
    content.is_usable = false;
    return out;
  }
  content.use(gnb->plmn_identity, out.plmn);
  out.gnb_id = static_cast<std::uint32_t>(gnb->gnb_id.gnb_id()->value());
  out.gnb_id_bits = static_cast<unsigned>(gnb->gnb_id.gnb_id()->size);
  if (ies.ran_node_name) out.name = *ies.ran_node_name;
  for (const auto& item : ies.supported_ta_list) {
    auto& ta = out.supported_tas.emplace_back();
    ta.tac = read_tac(item.tac);
    for (const auto& broadcast : item.broadcast_plmn_list) {
      auto& plmn = ta.plmns.emplace_back();
      content.use(broadcast.plmn_identity, plmn.plmn);
      plmn.slices = slices_of(broadcast.tai_slice_support_list);
    }
  }
  return out;
}
Message take(const per::NgSetupResponse& in, Content& content)
{
  const auto& ies = in.protocol_ies;
  NgSetupResponse out{.amf_name = ies.amf_name, .guamis = {}, .capacity = static_cast<std::uint8_t>(ies.relative_amf_capacity)};
  for (const auto& item : ies.served_guami_list) content.use(item.guami, out.guamis.emplace_back());
  out.plmns = plmns_of(ies.plmn_support_list, content);
  return out;
}
Message take(const per::NgSetupFailure& in, Content&)
{
  constexpr std::array<unsigned, 6> kSeconds{1, 2, 5, 10, 20, 60};
  const auto& ies = in.protocol_ies;
  NgSetupFailure out{.cause = read_cause(ies.cause)};
  if (ies.time_to_wait && static_cast<std::size_t>(*ies.time_to_wait) < kSeconds.size()) {
    out.time_to_wait = std::chrono::seconds(kSeconds[static_cast<std::size_t>(*ies.time_to_wait)]);
  }
  if (ies.criticality_diagnostics) out.diagnostics = read_diagnostics(*ies.criticality_diagnostics);
  return out;
}

Message take(const per::InitialUeMessage& in, Content& content)
{
  const auto& ies = in.protocol_ies;
  content.ran_ue_id = ies.ran_ue_ngap_id;
  InitialUeMessage out{.ran_ue_id = ies.ran_ue_ngap_id, .nas = ies.nas_pdu};
  content.use(ies.user_location_information, out.location);
  out.cause = static_cast<EstablishmentCause>(ies.rrc_establishment_cause);
  if (ies.five_g_s_tmsi) out.s_tmsi = read_s_tmsi(*ies.five_g_s_tmsi);
  out.asks_for_context = ies.ue_context_request.has_value();
  return out;
}
Message take(const per::UplinkNasTransport& in, Content& content)
{
  const auto& ies = in.protocol_ies;
  UplinkNasTransport out{.ids = content.ids(ies), .nas = ies.nas_pdu};
  content.use(ies.user_location_information, out.location);
  return out;
}
Message take(const per::DownlinkNasTransport& in, Content& content)
{
  return DownlinkNasTransport{.ids = content.ids(in.protocol_ies), .nas = in.protocol_ies.nas_pdu};
}
Message take(const per::NasNonDeliveryIndication& in, Content& content)
{
  const auto& ies = in.protocol_ies;
  return NasNonDeliveryIndication{.ids = content.ids(ies), .nas = ies.nas_pdu, .cause = read_cause(ies.cause)};
}

Message take(const per::InitialContextSetupRequest& in, Content& content)
{
  const auto& ies = in.protocol_ies;
  InitialContextSetupRequest out{.ids = content.ids(ies)};
  content.use(ies.guami, out.guami);
  if (ies.ue_aggregate_maximum_bit_rate) out.ue_ambr = read_ambr(*ies.ue_aggregate_maximum_bit_rate);
  if (ies.pdu_session_resource_setup_list_cxt_req) {
    for (const auto& item : *ies.pdu_session_resource_setup_list_cxt_req) out.sessions.push_back(setup_of(item, nas_of(item.nas_pdu)));
  }
  out.allowed_slices = slices_of(ies.allowed_nssai);
  out.security = read_security(ies.ue_security_capabilities);
  if (ies.security_key.bytes.size() == security::Key256::kSize) {
    out.k_gnb = security::Key256(std::span<const std::uint8_t>(ies.security_key.bytes).first<security::Key256::kSize>());
  } else {
    content.is_usable = false;
  }
  if (ies.ue_radio_capability) out.radio_capability = *ies.ue_radio_capability;
  out.nas = nas_of(ies.nas_pdu);
  return out;
}
Message take(const per::InitialContextSetupResponse& in, Content& content)
{
  const auto& ies = in.protocol_ies;
  InitialContextSetupResponse out{.ids = content.ids(ies)};
  out.failed = failed_of(ies.pdu_session_resource_failed_to_setup_list_cxt_res);
  take_admitted(ies.pdu_session_resource_setup_list_cxt_res, out);
  return out;
}
Message take(const per::InitialContextSetupFailure& in, Content& content)
{
  const auto& ies = in.protocol_ies;
  return InitialContextSetupFailure{.ids = content.ids(ies),
                                    .cause = read_cause(ies.cause),
                                    .failed = failed_of(ies.pdu_session_resource_failed_to_setup_list_cxt_fail)};
}

Message take(const per::PduSessionResourceSetupRequest& in, Content& content)
{
  const auto& ies = in.protocol_ies;
  SessionSetupRequest out{.ids = content.ids(ies), .nas = nas_of(ies.nas_pdu)};
  for (const auto& item : ies.pdu_session_resource_setup_list_su_req) {
    out.sessions.push_back(setup_of(item, nas_of(item.pdu_session_nas_pdu)));
  }
  if (ies.ue_aggregate_maximum_bit_rate) out.ue_ambr = read_ambr(*ies.ue_aggregate_maximum_bit_rate);
  return out;
}
Message take(const per::PduSessionResourceSetupResponse& in, Content& content)
{
  const auto& ies = in.protocol_ies;
  SessionSetupResponse out{.ids = content.ids(ies)};
  out.failed = failed_of(ies.pdu_session_resource_failed_to_setup_list_su_res);
  take_admitted(ies.pdu_session_resource_setup_list_su_res, out);
  return out;
}
Message take(const per::PduSessionResourceReleaseCommand& in, Content& content)
{
  const auto& ies = in.protocol_ies;
  SessionReleaseCommand out{.ids = content.ids(ies), .nas = nas_of(ies.nas_pdu)};
  for (const auto& item : ies.pdu_session_resource_to_release_list_rel_cmd) {
    out.sessions.push_back({static_cast<std::uint8_t>(item.pdu_session_id),
                            read_release_transfer(item.pdu_session_resource_release_command_transfer)});
  }
  return out;
}
Message take(const per::PduSessionResourceReleaseResponse& in, Content& content)
{
  SessionReleaseResponse out{.ids = content.ids(in.protocol_ies)};
  for (const auto& item : in.protocol_ies.pdu_session_resource_released_list_rel_res) {
    out.sessions.push_back(static_cast<std::uint8_t>(item.pdu_session_id));
  }
  return out;
}

Message take(const per::UeContextReleaseRequest& in, Content& content)
{
  const auto& ies = in.protocol_ies;
  return UeContextReleaseRequest{.ids = content.ids(ies),
                                 .sessions = session_ids(ies.pdu_session_resource_list_cxt_rel_req),
                                 .cause = read_cause(ies.cause)};
}
Message take(const per::UeContextReleaseCommand& in, Content& content)
{
  UeContextReleaseCommand out{.cause = read_cause(in.protocol_ies.cause)};
  if (const auto* pair = in.protocol_ies.ue_ngap_ids.ue_ngap_id_pair()) {
    out.amf_ue_id = pair->amf_ue_ngap_id;
    out.ran_ue_id = pair->ran_ue_ngap_id;
  } else if (const auto* id = in.protocol_ies.ue_ngap_ids.amf_ue_ngap_id()) {
    out.amf_ue_id = *id;
  } else {
    content.is_usable = false;
  }
  return out;
}
Message take(const per::UeContextReleaseComplete& in, Content& content)
{
  const auto& ies = in.protocol_ies;
  return UeContextReleaseComplete{.ids = content.ids(ies), .sessions = session_ids(ies.pdu_session_resource_list_cxt_rel_cpl)};
}
Message take(const per::UeRadioCapabilityInfoIndication& in, Content& content)
{
  return UeRadioCapabilityInfoIndication{.ids = content.ids(in.protocol_ies), .capability = in.protocol_ies.ue_radio_capability};
}

Message take(const per::Paging& in, Content& content)
{
  Paging out;
  if (const auto* s_tmsi = in.protocol_ies.ue_paging_identity.five_g_s_tmsi()) {
    out.s_tmsi = read_s_tmsi(*s_tmsi);
  } else {
    content.is_usable = false;
  }
  for (const auto& item : in.protocol_ies.tai_list_for_paging) content.use(item.tai, out.tais.emplace_back());
  return out;
}
Message take(const per::ErrorIndication& in, Content&)
{
  const auto& ies = in.protocol_ies;
  ErrorIndication out;
  if (ies.amf_ue_ngap_id) out.amf_ue_id = *ies.amf_ue_ngap_id;
  if (ies.ran_ue_ngap_id) out.ran_ue_id = *ies.ran_ue_ngap_id;
  if (ies.cause) out.cause = read_cause(*ies.cause);
  if (ies.criticality_diagnostics) out.diagnostics = read_diagnostics(*ies.criticality_diagnostics);
  return out;
}
Message take(const per::NgReset& in, Content& content)
{
  NgReset out{.cause = read_cause(in.protocol_ies.cause)};
  if (const auto* part = in.protocol_ies.reset_type.part_of_ng_interface()) {
    out.part = associations_of(*part);
  } else if (in.protocol_ies.reset_type.ng_interface() == nullptr) {
    content.is_usable = false;
  }
  return out;
}
Message take(const per::NgResetAcknowledge& in, Content&)
{
  NgResetAcknowledge out;
  if (const auto& list = in.protocol_ies.ue_associated_logical_ng_connection_list) out.part = associations_of(*list);
  return out;
}
Message take(const per::AmfConfigurationUpdate& in, Content& content)
{
  AmfConfigurationUpdate out;
  if (in.protocol_ies.amf_name) out.amf_name = *in.protocol_ies.amf_name;
  if (in.protocol_ies.plmn_support_list) out.plmns = plmns_of(*in.protocol_ies.plmn_support_list, content);
  return out;
}
Message take(const per::AmfConfigurationUpdateAcknowledge&, Content&) { return AmfConfigurationUpdateAcknowledge{}; }

template <class In>
std::optional<Message> take_if(const In* in, Content& content)
{
  if (in == nullptr) return std::nullopt;
  content.check(in->protocol_ies.unknown_ies);
  return take(*in, content);
}

std::optional<Message> take(const per::InitiatingMessage& in, Content& content)
{
  using enum per::InitiatingMessage::Alternative;
  switch (in.chosen()) {
    case ng_setup_request: return take_if(in.ng_setup_request(), content);
    case initial_ue_message: return take_if(in.initial_ue_message(), content);
    case uplink_nas_transport: return take_if(in.uplink_nas_transport(), content);
    case downlink_nas_transport: return take_if(in.downlink_nas_transport(), content);
    case nas_non_delivery_indication: return take_if(in.nas_non_delivery_indication(), content);
    case initial_context_setup_request: return take_if(in.initial_context_setup_request(), content);
    case pdu_session_resource_setup_request: return take_if(in.pdu_session_resource_setup_request(), content);
    case pdu_session_resource_release_command: return take_if(in.pdu_session_resource_release_command(), content);
    case ue_context_release_request: return take_if(in.ue_context_release_request(), content);
    case ue_context_release_command: return take_if(in.ue_context_release_command(), content);
    case ue_radio_capability_info_indication: return take_if(in.ue_radio_capability_info_indication(), content);
    case paging: return take_if(in.paging(), content);
    case error_indication: return take_if(in.error_indication(), content);
    case ng_reset: return take_if(in.ng_reset(), content);
    case amf_configuration_update: return take_if(in.amf_configuration_update(), content);
    default: return std::nullopt;
  }
}
std::optional<Message> take(const per::SuccessfulOutcome& in, Content& content)
{
  using enum per::SuccessfulOutcome::Alternative;
  switch (in.chosen()) {
    case ng_setup_response: return take_if(in.ng_setup_response(), content);
    case initial_context_setup_response: return take_if(in.initial_context_setup_response(), content);
    case pdu_session_resource_setup_response: return take_if(in.pdu_session_resource_setup_response(), content);
    case pdu_session_resource_release_response: return take_if(in.pdu_session_resource_release_response(), content);
    case ue_context_release_complete: return take_if(in.ue_context_release_complete(), content);
    case ng_reset_acknowledge: return take_if(in.ng_reset_acknowledge(), content);
    case amf_configuration_update_acknowledge: return take_if(in.amf_configuration_update_acknowledge(), content);
    default: return std::nullopt;
  }
}
std::optional<Message> take(const per::UnsuccessfulOutcome& in, Content& content)
{
  using enum per::UnsuccessfulOutcome::Alternative;
  switch (in.chosen()) {
    case ng_setup_failure: return take_if(in.ng_setup_failure(), content);
    case initial_context_setup_failure: return take_if(in.initial_context_setup_failure(), content);
    default: return std::nullopt;
  }
}

// -- errors -----------------------------------------------------------------------------------------------------------

DecodeError error_of(const Cause& cause, const Outer& outer, const Content& content, std::vector<Diagnostics::Ie> ies = {})
{
  DecodeError error{.cause = cause, .answer = {}};
  // No Error Indication for an Error Indication, nor for one in which an answer is ignored: no loops. TS 38.413 §8.7.4.2.
  if (outer.procedure_code == per::id_error_indication) return error;
  error.answer = ErrorIndication{.amf_ue_id = content.amf_ue_id, .ran_ue_id = content.ran_ue_id, .cause = cause};
  error.answer->diagnostics = Diagnostics{outer.procedure_code, outer.triggering, outer.criticality, std::move(ies)};
  return error;
}

/// TS 38.413 §10.2, §10.3.5, §10.3.6.
DecodeError syntax_error(const asn1::DecodeError& fault, const Outer& outer)
{
  switch (fault.fault) {
    case asn1::DecodeFault::missing_ie: {
      const auto criticality = static_cast<std::uint8_t>(fault.ie_criticality);
      const Cause cause = criticality == 0   ? cause::kAbstractSyntaxReject
                          : criticality == 2 ? cause::kAbstractSyntaxNotify
                                             : cause::kTransferSyntaxError;
      DecodeError error = error_of(cause, outer, {}, {{static_cast<std::uint16_t>(fault.ie_id), criticality, true}});
      if (criticality == 1) error.answer.reset();
      return error;
    }
    case asn1::DecodeFault::duplicate_ie: return error_of(cause::kFalselyConstructed, outer, {});
    default: {
      DecodeError error = error_of(cause::kTransferSyntaxError, outer, {});
      if (error.answer) error.answer->diagnostics.reset();
      return error;
    }
  }
}

/// A procedure that is not ours, as its criticality asks. TS 38.413 §10.3.4.1A.
DecodeError unknown_procedure(const Outer& outer)
{
  DecodeError error = error_of(outer.criticality == 0 ? cause::kAbstractSyntaxReject : cause::kAbstractSyntaxNotify, outer, {});
  if (outer.criticality == 1) error.answer.reset();
  return error;
}

}  // namespace

tl::expected<Message, DecodeError> decode(std::span<const std::uint8_t> octets)
{
  const Outer outer = outer_of(octets);
  const auto pdu = per::decode<per::NgapPdu>(octets);
  if (!pdu) return tl::unexpected(syntax_error(pdu.error(), outer));
  Content content;
  std::optional<Message> message;
  if (const auto* initiating = pdu->initiating_message()) message = take(*initiating, content);
  if (const auto* successful = pdu->successful_outcome()) message = take(*successful, content);
  if (const auto* unsuccessful = pdu->unsuccessful_outcome()) message = take(*unsuccessful, content);
  if (!message) return tl::unexpected(unknown_procedure(outer));
  if (content.must_reject) {
    return tl::unexpected(error_of(cause::kAbstractSyntaxReject, outer, content, std::move(content.not_understood)));
  }
  if (!content.is_usable) return tl::unexpected(error_of(cause::kSemanticError, outer, content));
  return std::move(*message);
}

}  // namespace ravi::ngap
