#pragma once
// One of every NAS message with every IE of theirs filled in, for round trips, malformed input and foreign dissectors.

#include "stack/nas/codec.h"

#include <vector>

namespace ravi::nas::test {

inline Guti full_guti() { return {.plmn = {}, .amf_region = 2, .s_tmsi = {.amf_set = 0x155, .amf_pointer = 0x2A, .tmsi = 0xC0000341}}; }

inline UeSecurityCapability full_capability()
{
  return {.nea = 0xF0, .nia = 0x70, .eea = std::uint8_t{0xE0}, .eia = std::uint8_t{0x60}, .more = {}};
}

inline Nssai full_nssai()
{
  return {{SNssai{.sst = 1}, SNssai{.sst = 2, .sd = 0x010203}, SNssai{.sst = 1, .sd = 5, .mapped_sst = std::uint8_t{3}, .mapped_sd = 7}}};
}

inline PduSessionSet sessions(std::initializer_list<unsigned> ids)
{
  PduSessionSet set;
  for (const unsigned id : ids) set.insert(id);
  return set;
}

inline TaiList full_tai_list()
{
  const Plmn other{.mcc = "310", .mnc = "410"};
  return {{{TaiListType::one_plmn, {{{}, 7}, {{}, 9}}},
           {TaiListType::one_plmn_consecutive, {{other, 100}, {other, 101}, {other, 102}}},
           {TaiListType::several_plmns, {{{}, 1}, {other, 2}}}}};
}

inline RejectedNssai full_rejected_nssai()
{
  return {{{NssaiRejection::not_in_plmn, 1, {}}, {NssaiRejection::not_in_registration_area, 2, 0x0A0B0C}}};
}

inline std::vector<MmMessage> full_mm_messages()
{
  RegistrationRequest request;
  request.has_follow_on = true;
  request.key_set.id = 3;
  request.identity = full_guti();
  request.non_current_key_set = std::uint8_t{2};
  request.mm_capability = Octets{0x03};
  request.security_capability = full_capability();
  request.requested_nssai = full_nssai();
  request.last_visited_tai = Tai{{}, 7};
  request.s1_network_capability = Octets{0xF0, 0x70};
  request.uplink_data_status = sessions({1, 9});
  request.pdu_session_status = sessions({1, 9, 15});
  request.mico = std::uint8_t{1};
  request.ue_status = std::uint8_t{1};
  request.additional_guti = full_guti();
  request.allowed_pdu_session_status = sessions({2});
  request.ue_usage_setting = std::uint8_t{1};
  request.requested_drx = std::uint8_t{2};
  request.ladn_indication = Octets{};
  request.slicing_indication = std::uint8_t{1};
  request.update_type = std::uint8_t{1};
  request.eps_bearer_status = sessions({5});
  request.t3324 = gprs_timer3(std::chrono::seconds(60));

  RegistrationRequest initial;
  initial.identity = null_scheme_suci({.mcc = "001", .mnc = "01"}, "0123456780");
  initial.security_capability = full_capability();
  RegistrationRequest long_mnc = initial;
  long_mnc.identity = null_scheme_suci({.mcc = "310", .mnc = "410"}, "123456789", "1234");

  RegistrationAccept accept;
  accept.result.allows_sms = true;
  accept.guti = full_guti();
  accept.equivalent_plmns = PlmnList{{{.mcc = "001", .mnc = "02"}, {.mcc = "310", .mnc = "410"}}};
  accept.tai_list = full_tai_list();
  accept.allowed_nssai = full_nssai();
  accept.rejected_nssai = full_rejected_nssai();
  accept.configured_nssai = full_nssai();
  accept.network_feature_support = Octets{0x01, 0x00};
  accept.pdu_session_status = sessions({1});
  accept.reactivation_result = sessions({2});
  accept.reactivation_errors = Octets{2, 28};
  accept.mico = std::uint8_t{0};
  accept.slicing_indication = std::uint8_t{0};
  accept.t3512 = gprs_timer3(std::chrono::hours(1));
  accept.non_3gpp_deregistration_timer = gprs_timer2(std::chrono::minutes(10));
  accept.t3502 = gprs_timer2(std::chrono::minutes(12));
  accept.nssai_inclusion_mode = std::uint8_t{0};
  accept.negotiated_drx = std::uint8_t{1};
  accept.non_3gpp_policies = std::uint8_t{0};
  accept.eps_bearer_status = sessions({5});
  accept.t3448 = gprs_timer2(std::chrono::seconds(30));
  accept.t3324 = gprs_timer3(std::chrono::minutes(2));

  RegistrationReject reject;
  reject.cause = MmCause::congestion;
  reject.t3346 = gprs_timer2(std::chrono::seconds(40));
  reject.t3502 = gprs_timer2(std::chrono::minutes(12));
  reject.rejected_nssai = full_rejected_nssai();

  DeregistrationRequestUe leave;
  leave.type.is_switch_off = true;
  leave.key_set.id = 1;
  leave.identity = full_guti();
  DeregistrationRequestNetwork expel;
  expel.type.needs_reregistration = true;
  expel.cause = MmCause::implicitly_deregistered;
  expel.t3346 = gprs_timer2(std::chrono::seconds(2));

  ServiceRequest service;
  service.key_set.id = 1;
  service.type = ServiceType::mobile_terminated;
  service.identity = full_guti().s_tmsi;
  service.uplink_data_status = sessions({1});
  service.pdu_session_status = sessions({1, 2});
  service.allowed_pdu_session_status = sessions({2});
  ServiceReject no_service;
  no_service.cause = MmCause::restricted_service_area;
  no_service.pdu_session_status = sessions({1});
  no_service.t3346 = gprs_timer2(std::chrono::minutes(3));
  ServiceAccept resumed;
  resumed.pdu_session_status = sessions({1, 2});
  resumed.reactivation_result = sessions({2});
  resumed.reactivation_errors = Octets{2, 92};

  ConfigurationUpdateCommand update;
  update.indication = std::uint8_t{1};
  update.guti = full_guti();
  update.tai_list = full_tai_list();
  update.allowed_nssai = full_nssai();
  update.full_name = network_name("Ravi testbed");
  update.short_name = network_name("Ravi");
  update.time_zone = TimeZone{-22};
  update.universal_time = UniversalTime{26, 11, 23, 18, 11, 23, TimeZone{4}};
  update.daylight_saving = std::uint8_t{1};
  update.mico = std::uint8_t{0};
  update.configured_nssai = full_nssai();
  update.rejected_nssai = full_rejected_nssai();
  update.sms_indication = std::uint8_t{1};

  AuthenticationRequest challenge;
  challenge.key_set.id = 2;
  challenge.rand = std::array<std::uint8_t, 16>{1, 2, 3};
  challenge.autn = std::array<std::uint8_t, 16>{4, 5, 6};
  AuthenticationFailure failure{MmCause::synch_failure, std::array<std::uint8_t, 14>{9, 8, 7}};
  const Octets eap_success = {0x03, 0x01, 0x00, 0x04};
  AuthenticationResult result{{.id = 1}, eap_success, Octets{0, 0}};

  SecurityModeCommand security;
  security.key_set.id = 2;
  security.replayed_capability = full_capability();
  security.imeisv_request = std::uint8_t{1};
  security.eps_algorithms = std::uint8_t{0x22};
  security.additional = SecurityModeCommand::kRetransmitInitial;
  security.replayed_s1_capability = Octets{0xF0, 0x70};
  SecurityModeComplete complete;
  complete.imeisv = Imeisv{"3549386900000013"};
  complete.nas_message = encode(initial);

  UplinkNasTransport uplink;
  uplink.payload = encode(SmStatus{{1, 5}, SmCause::protocol_error});
  uplink.pdu_session_id = std::uint8_t{1};
  uplink.request_type = RequestType::initial;
  uplink.s_nssai = SNssai{.sst = 1, .sd = 0x112233};
  uplink.dnn = Dnn{"internet.example"};
  uplink.release_assistance = std::uint8_t{0};
  DownlinkNasTransport downlink;
  downlink.payload = uplink.payload;
  downlink.pdu_session_id = std::uint8_t{1};
  downlink.cause = MmCause::payload_not_forwarded;
  downlink.back_off = gprs_timer3(std::chrono::seconds(30));

  return {request, initial, long_mnc, accept, RegistrationComplete{}, reject, leave, DeregistrationAcceptUe{}, expel,
          DeregistrationAcceptNetwork{}, service, no_service, resumed, update, ConfigurationUpdateComplete{}, challenge,
          AuthenticationResponse{Octets(16, 0x5A), {}}, AuthenticationReject{eap_success}, failure, result,
          IdentityRequest{IdentityType::imei}, IdentityResponse{Imei{"354938690000000"}}, IdentityResponse{NoIdentity{}},
          security, complete, SecurityModeReject{MmCause::security_capabilities_mismatch},
          MmStatus{MmCause::message_type_not_implemented}, uplink, downlink};
}

inline std::vector<SmMessage> full_sm_messages()
{
  const SmHeader header{5, 17};
  PduSessionEstablishmentRequest request;
  request.header = header;
  request.type = PduSessionType::ipv4v6;
  request.ssc_mode = SscMode::mode1;
  request.sm_capability = Octets{0x01};
  request.max_packet_filters = std::uint16_t{0x0400};
  request.always_on = std::uint8_t{1};
  request.options = UeExtendedPco{{{{pco::kDnsIpv4, {}}, {pco::kIpv4Mtu, {}}, {pco::kPcscfIpv4, {}}, {pco::kQosRulesLong, {}},
                                    {pco::kQosFlowsLong, {}}}}};

  QosRule rule = default_qos_rule(1);
  QosRule port;  // UDP to port 5060
  port.id = 2;
  port.filters = {{FilterDirection::both, 1, {0x30, 17, 0x50, 0x13, 0xC4}}, {FilterDirection::uplink, 2, {kMatchAll}}};
  port.precedence = std::uint8_t{10};
  port.qfi = std::uint8_t{2};
  QosRule gone;
  gone.id = 3;
  gone.operation = QosRuleOperation::delete_rule;
  QosFlowDescription flow = new_qos_flow(2, 2);
  flow.parameters.push_back({QosFlowParameterId::gfbr_uplink, {6, 0, 10}});
  flow.parameters.push_back({QosFlowParameterId::mfbr_downlink, {6, 0, 20}});
  flow.parameters.push_back({QosFlowParameterId::averaging_window, {0x07, 0xD0}});

  PduSessionEstablishmentAccept accept;
  accept.header = header;
  accept.type = PduSessionType::ipv4v6;
  accept.rules = {{rule, port}};
  accept.ambr = {bit_rate(2'000'000'000), bit_rate(500'000)};
  accept.cause = SmCause::only_ipv4_allowed;
  accept.address = PduAddress{PduSessionType::ipv4v6, {10, 45, 0, 2}, {1, 2, 3, 4, 5, 6, 7, 8}};
  accept.rq_timer = gprs_timer2(std::chrono::seconds(20));
  accept.s_nssai = SNssai{.sst = 1, .sd = 0x010203};
  accept.always_on = std::uint8_t{1};
  accept.flows = QosFlowDescriptions{{new_qos_flow(1, 9), flow}};
  accept.options = ExtendedPco{{{pco::kDnsIpv4, {8, 8, 8, 8}}, {pco::kDnsIpv4, {1, 1, 1, 1}}, {pco::kIpv4Mtu, {5, 0x78}}}};
  accept.dnn = Dnn{"internet"};

  PduSessionEstablishmentReject reject;
  reject.header = header;
  reject.cause = SmCause::missing_or_unknown_dnn;
  reject.back_off = gprs_timer3(std::chrono::minutes(1));
  reject.allowed_ssc_modes = std::uint8_t{1};
  reject.congestion_reattempt = std::uint8_t{1};
  reject.options = ExtendedPco{};
  reject.reattempt = std::uint8_t{1};

  PduSessionModificationRequest modify;
  modify.header = header;
  modify.sm_capability = Octets{0x01};
  modify.cause = SmCause::semantic_error_in_qos;
  modify.max_packet_filters = std::uint16_t{0x0400};
  modify.always_on = std::uint8_t{0};
  modify.max_integrity_rate = MaxIntegrityRate{0, 255};
  modify.rules = QosRules{{gone}};
  modify.flows = QosFlowDescriptions{{flow}};
  PduSessionModificationReject no_change{header, SmCause::service_option_not_supported, gprs_timer3(std::chrono::hours(2)), {}, {}, {}};
  PduSessionModificationCommand command;
  command.header = header;
  command.cause = SmCause::regular_deactivation;
  command.ambr = SessionAmbr{bit_rate(1'000'000), bit_rate(65'000)};
  command.rq_timer = gprs_timer2(std::chrono::seconds(20));
  command.always_on = std::uint8_t{0};
  command.rules = QosRules{{port, gone}};
  command.flows = QosFlowDescriptions{{flow}};
  PduSessionReleaseCommand release;
  release.header = header;
  release.cause = SmCause::reactivation_requested;
  release.back_off = gprs_timer3(std::chrono::seconds(2));
  return {request, accept, reject, modify, no_change, command, PduSessionModificationComplete{header, {}},
          PduSessionModificationCommandReject{header, SmCause::semantic_error_in_qos, {}},
          PduSessionReleaseRequest{header, SmCause::regular_deactivation, {}},
          PduSessionReleaseReject{header, SmCause::pti_mismatch, {}}, release, PduSessionReleaseComplete{header, {}, {}},
          SmStatus{header, SmCause::invalid_pti}};
}

}  // namespace ravi::nas::test
