#pragma once
// Causes of 5GMM (TS 24.501 §9.11.3.2, Annex A) and 5GSM (§9.11.4.2, Annex B). Values from the wire may be others.

#include <cstdint>
#include <string_view>

namespace ravi::nas {

enum class MmCause : std::uint8_t {
  illegal_ue = 3,
  pei_not_accepted = 5,
  illegal_me = 6,
  services_not_allowed = 7,
  ue_identity_not_derived = 9,
  implicitly_deregistered = 10,
  plmn_not_allowed = 11,
  tracking_area_not_allowed = 12,
  roaming_not_allowed = 13,
  no_suitable_cells = 15,
  mac_failure = 20,
  synch_failure = 21,
  congestion = 22,
  security_capabilities_mismatch = 23,
  security_mode_rejected = 24,
  non_5g_authentication_unacceptable = 26,
  n1_mode_not_allowed = 27,
  restricted_service_area = 28,
  redirection_to_epc = 31,
  ladn_not_available = 43,
  no_network_slices_available = 62,
  max_pdu_sessions_reached = 65,
  insufficient_resources_for_slice_and_dnn = 67,
  insufficient_resources_for_slice = 69,
  ngksi_already_in_use = 71,
  non_3gpp_access_not_allowed = 72,
  serving_network_not_authorized = 73,
  payload_not_forwarded = 90,
  dnn_not_supported_in_slice = 91,
  insufficient_user_plane_resources = 92,
  semantically_incorrect_message = 95,
  invalid_mandatory_information = 96,
  message_type_not_implemented = 97,
  message_type_not_compatible = 98,
  ie_not_implemented = 99,
  conditional_ie_error = 100,
  message_not_compatible = 101,
  protocol_error = 111,
};

enum class SmCause : std::uint8_t {
  operator_determined_barring = 8,
  insufficient_resources = 26,
  missing_or_unknown_dnn = 27,
  unknown_pdu_session_type = 28,
  authentication_failed = 29,
  request_rejected = 31,
  service_option_not_supported = 32,
  service_option_not_subscribed = 33,
  pti_already_in_use = 35,
  regular_deactivation = 36,
  network_failure = 38,
  reactivation_requested = 39,
  semantic_error_in_tft = 41,
  syntactical_error_in_tft = 42,
  invalid_pdu_session_identity = 43,
  semantic_error_in_packet_filter = 44,
  syntactical_error_in_packet_filter = 45,
  out_of_ladn_area = 46,
  pti_mismatch = 47,
  only_ipv4_allowed = 50,
  only_ipv6_allowed = 51,
  pdu_session_does_not_exist = 54,
  insufficient_resources_for_slice_and_dnn = 67,
  unsupported_ssc_mode = 68,
  insufficient_resources_for_slice = 69,
  missing_or_unknown_dnn_in_slice = 70,
  invalid_pti = 81,
  max_data_rate_too_low = 82,
  semantic_error_in_qos = 83,
  syntactical_error_in_qos = 84,
  invalid_mapped_eps_bearer = 85,
  semantically_incorrect_message = 95,
  invalid_mandatory_information = 96,
  message_type_not_implemented = 97,
  message_type_not_compatible = 98,
  ie_not_implemented = 99,
  conditional_ie_error = 100,
  message_not_compatible = 101,
  protocol_error = 111,
};

/// The standard's words; "unknown cause" for a value not above.
[[nodiscard]] std::string_view to_string(MmCause cause);
[[nodiscard]] std::string_view to_string(SmCause cause);

}  // namespace ravi::nas
