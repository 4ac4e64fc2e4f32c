#include "stack/nas/cause.h"

namespace ravi::nas {

std::string_view to_string(MmCause cause)
{
  switch (cause) {
    case MmCause::illegal_ue: return "illegal UE";
    case MmCause::pei_not_accepted: return "PEI not accepted";
    case MmCause::illegal_me: return "illegal ME";
    case MmCause::services_not_allowed: return "services not allowed";
    case MmCause::ue_identity_not_derived: return "UE identity not derived";
    case MmCause::implicitly_deregistered: return "implicitly deregistered";
    case MmCause::plmn_not_allowed: return "PLMN not allowed";
    case MmCause::tracking_area_not_allowed: return "tracking area not allowed";
    case MmCause::roaming_not_allowed: return "roaming not allowed";
    case MmCause::no_suitable_cells: return "no suitable cells";
    case MmCause::mac_failure: return "MAC failure";
    case MmCause::synch_failure: return "synch failure";
    case MmCause::congestion: return "congestion";
    case MmCause::security_capabilities_mismatch: return "security capabilities mismatch";
    case MmCause::security_mode_rejected: return "security mode rejected";
    case MmCause::non_5g_authentication_unacceptable: return "non 5G authentication unacceptable";
    case MmCause::n1_mode_not_allowed: return "N1 mode not allowed";
    case MmCause::restricted_service_area: return "restricted service area";
    case MmCause::redirection_to_epc: return "redirection to EPC";
    case MmCause::ladn_not_available: return "LADN not available";
    case MmCause::no_network_slices_available: return "no network slices available";
    case MmCause::max_pdu_sessions_reached: return "max PDU sessions reached";
    case MmCause::insufficient_resources_for_slice_and_dnn: return "insufficient resources for slice and DNN";
    case MmCause::insufficient_resources_for_slice: return "insufficient resources for slice";
    case MmCause::ngksi_already_in_use: return "ngKSI already in use";
    case MmCause::non_3gpp_access_not_allowed: return "non 3GPP access not allowed";
    case MmCause::serving_network_not_authorized: return "serving network not authorized";
    case MmCause::payload_not_forwarded: return "payload not forwarded";
    case MmCause::dnn_not_supported_in_slice: return "DNN not supported in slice";
    case MmCause::insufficient_user_plane_resources: return "insufficient user plane resources";
    case MmCause::semantically_incorrect_message: return "semantically incorrect message";
    case MmCause::invalid_mandatory_information: return "invalid mandatory information";
    case MmCause::message_type_not_implemented: return "message type not implemented";
    case MmCause::message_type_not_compatible: return "message type not compatible";
    case MmCause::ie_not_implemented: return "IE not implemented";
    case MmCause::conditional_ie_error: return "conditional IE error";
    case MmCause::message_not_compatible: return "message not compatible";
    case MmCause::protocol_error: return "protocol error";
  }
  return "unknown cause";
}

std::string_view to_string(SmCause cause)
{
  switch (cause) {
    case SmCause::operator_determined_barring: return "operator determined barring";
    case SmCause::insufficient_resources: return "insufficient resources";
    case SmCause::missing_or_unknown_dnn: return "missing or unknown DNN";
    case SmCause::unknown_pdu_session_type: return "unknown PDU session type";
    case SmCause::authentication_failed: return "authentication failed";
    case SmCause::request_rejected: return "request rejected";
    case SmCause::service_option_not_supported: return "service option not supported";
    case SmCause::service_option_not_subscribed: return "service option not subscribed";
    case SmCause::pti_already_in_use: return "PTI already in use";
    case SmCause::regular_deactivation: return "regular deactivation";
    case SmCause::network_failure: return "network failure";
    case SmCause::reactivation_requested: return "reactivation requested";
    case SmCause::semantic_error_in_tft: return "semantic error in TFT";
    case SmCause::syntactical_error_in_tft: return "syntactical error in TFT";
    case SmCause::invalid_pdu_session_identity: return "invalid PDU session identity";
    case SmCause::semantic_error_in_packet_filter: return "semantic error in packet filter";
    case SmCause::syntactical_error_in_packet_filter: return "syntactical error in packet filter";
    case SmCause::out_of_ladn_area: return "out of LADN area";
    case SmCause::pti_mismatch: return "PTI mismatch";
    case SmCause::only_ipv4_allowed: return "only IPv4 allowed";
    case SmCause::only_ipv6_allowed: return "only IPv6 allowed";
    case SmCause::pdu_session_does_not_exist: return "PDU session does not exist";
    case SmCause::insufficient_resources_for_slice_and_dnn: return "insufficient resources for slice and DNN";
    case SmCause::unsupported_ssc_mode: return "unsupported SSC mode";
    case SmCause::insufficient_resources_for_slice: return "insufficient resources for slice";
    case SmCause::missing_or_unknown_dnn_in_slice: return "missing or unknown DNN in slice";
    case SmCause::invalid_pti: return "invalid PTI";
    case SmCause::max_data_rate_too_low: return "max data rate too low";
    case SmCause::semantic_error_in_qos: return "semantic error in QoS";
    case SmCause::syntactical_error_in_qos: return "syntactical error in QoS";
    case SmCause::invalid_mapped_eps_bearer: return "invalid mapped EPS bearer";
    case SmCause::semantically_incorrect_message: return "semantically incorrect message";
    case SmCause::invalid_mandatory_information: return "invalid mandatory information";
    case SmCause::message_type_not_implemented: return "message type not implemented";
    case SmCause::message_type_not_compatible: return "message type not compatible";
    case SmCause::ie_not_implemented: return "IE not implemented";
    case SmCause::conditional_ie_error: return "conditional IE error";
    case SmCause::message_not_compatible: return "message not compatible";
    case SmCause::protocol_error: return "protocol error";
  }
  return "unknown cause";
}

}  // namespace ravi::nas
