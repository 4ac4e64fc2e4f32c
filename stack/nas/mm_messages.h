#pragma once
// The messages of 5GS mobility management as plain structs. TS 24.501 §8.2. IEs that this project only passes on are `Octets`.

#include "stack/nas/cause.h"
#include "stack/nas/identity.h"
#include "stack/nas/mm_ies.h"
#include "stack/nas/nssai.h"
#include "stack/nas/pdu_session.h"

#include <array>
#include <cstdint>
#include <optional>
#include <variant>

namespace ravi::nas {

/// Key set identifier. §9.11.3.32; `kNoKey` says that there is none.
struct KeySet {
  static constexpr std::uint8_t kNoKey = 7;
  std::uint8_t id = kNoKey;  ///< 0..6
  bool is_mapped = false;
  friend bool operator==(const KeySet&, const KeySet&) = default;
};

enum class RegistrationType : std::uint8_t { initial = 1, mobility_updating = 2, periodic_updating = 3, emergency = 4 };
enum class AccessType : std::uint8_t { access_3gpp = 1, non_3gpp = 2, both = 3 };
enum class ServiceType : std::uint8_t {
  signalling = 0, data = 1, mobile_terminated = 2, emergency = 3, emergency_fallback = 4, high_priority = 5
};
enum class PayloadContainerType : std::uint8_t { n1_sm = 1, sms = 2, lpp = 3, sor = 4, ue_policy = 5, multiple = 15 };
enum class RequestType : std::uint8_t {
  initial = 1, existing_session = 2, initial_emergency = 3, existing_emergency = 4, modification = 5
};

/// §8.2.6.
struct RegistrationRequest {
  static constexpr std::uint8_t kType = 0x41;
  RegistrationType type = RegistrationType::initial;
  bool has_follow_on = false;  ///< FOR: the UE has more to say
  KeySet key_set;
  MobileIdentity identity;
  std::optional<std::uint8_t> non_current_key_set;          ///< C-
  std::optional<Octets> mm_capability;                      ///< 10
  std::optional<UeSecurityCapability> security_capability;  ///< 2E
  std::optional<Nssai> requested_nssai;                     ///< 2F
  std::optional<Tai> last_visited_tai;                      ///< 52
  std::optional<Octets> s1_network_capability;              ///< 17
  std::optional<PduSessionSet> uplink_data_status;          ///< 40
  std::optional<PduSessionSet> pdu_session_status;          ///< 50
  std::optional<std::uint8_t> mico;                         ///< B-
  std::optional<std::uint8_t> ue_status;                    ///< 2B
  std::optional<MobileIdentity> additional_guti;            ///< 77
  std::optional<PduSessionSet> allowed_pdu_session_status;  ///< 25
  std::optional<std::uint8_t> ue_usage_setting;             ///< 18: 0 voice, 1 data centric
  std::optional<std::uint8_t> requested_drx;                ///< 51
  std::optional<Octets> eps_container;                      ///< 70
  std::optional<Octets> ladn_indication;                    ///< 74
  std::optional<PayloadContainerType> payload_type;         ///< 8-
  std::optional<Octets> payload;                            ///< 7B
  std::optional<std::uint8_t> slicing_indication;           ///< 9-
  std::optional<std::uint8_t> update_type;                  ///< 53
  std::optional<Octets> classmark2;                         ///< 41
  std::optional<Octets> supported_codecs;                   ///< 42
  std::optional<Octets> nas_message;                        ///< 71
  std::optional<PduSessionSet> eps_bearer_status;           ///< 60
  std::optional<std::uint8_t> extended_drx;                 ///< 6E
  std::optional<GprsTimer3> t3324;                          ///< 6A
  std::optional<Octets> radio_capability_id;                ///< 67
  std::optional<Octets> requested_mapped_nssai;             ///< 35
  std::optional<std::uint8_t> additional_information;       ///< 48
  friend bool operator==(const RegistrationRequest&, const RegistrationRequest&) = default;
};

/// 5GS registration result, §9.11.3.6.
struct RegistrationResult {
  AccessType access = AccessType::access_3gpp;
  bool allows_sms = false;
  std::uint8_t more = 0;  ///< bits 5..8, in place: NSSAA, emergency registered
  friend bool operator==(const RegistrationResult&, const RegistrationResult&) = default;
};

/// §8.2.7.
struct RegistrationAccept {
  static constexpr std::uint8_t kType = 0x42;
  RegistrationResult result;
  std::optional<MobileIdentity> guti;                       ///< 77
  std::optional<PlmnList> equivalent_plmns;                 ///< 4A
  std::optional<TaiList> tai_list;                          ///< 54
  std::optional<Nssai> allowed_nssai;                       ///< 15
  std::optional<RejectedNssai> rejected_nssai;              ///< 11
  std::optional<Nssai> configured_nssai;                    ///< 31
  std::optional<Octets> network_feature_support;            ///< 21
  std::optional<PduSessionSet> pdu_session_status;          ///< 50
  std::optional<PduSessionSet> reactivation_result;         ///< 26: bit set: not reactivated
  std::optional<Octets> reactivation_errors;                ///< 72
  std::optional<Octets> ladn_information;                   ///< 79
  std::optional<std::uint8_t> mico;                         ///< B-
  std::optional<std::uint8_t> slicing_indication;           ///< 9-
  std::optional<Octets> service_area_list;                  ///< 27
  std::optional<GprsTimer3> t3512;                          ///< 5E
  std::optional<GprsTimer2> non_3gpp_deregistration_timer;  ///< 5D
  std::optional<GprsTimer2> t3502;                          ///< 16
  std::optional<Octets> emergency_numbers;                  ///< 34
  std::optional<Octets> extended_emergency_numbers;         ///< 7A
  std::optional<Octets> sor_container;                      ///< 73
  std::optional<Octets> eap;                                ///< 78
  std::optional<std::uint8_t> nssai_inclusion_mode;         ///< A-
  std::optional<Octets> access_categories;                  ///< 76
  std::optional<std::uint8_t> negotiated_drx;               ///< 51
  std::optional<std::uint8_t> non_3gpp_policies;            ///< D-
  std::optional<PduSessionSet> eps_bearer_status;           ///< 60
  std::optional<std::uint8_t> extended_drx;                 ///< 6E
  std::optional<GprsTimer3> t3447;                          ///< 6C
  std::optional<GprsTimer2> t3448;                          ///< 6B
  std::optional<GprsTimer3> t3324;                          ///< 6A
  std::optional<Octets> radio_capability_id;                ///< 67
  std::optional<std::uint8_t> radio_capability_id_deletion; ///< E-
  std::optional<Nssai> pending_nssai;                       ///< 39
  friend bool operator==(const RegistrationAccept&, const RegistrationAccept&) = default;
};

/// §8.2.8.
struct RegistrationComplete {
  static constexpr std::uint8_t kType = 0x43;
  std::optional<Octets> sor_container;  ///< 73
  friend bool operator==(const RegistrationComplete&, const RegistrationComplete&) = default;
};

/// §8.2.9.
struct RegistrationReject {
  static constexpr std::uint8_t kType = 0x44;
  MmCause cause = MmCause::protocol_error;
  std::optional<GprsTimer2> t3346;              ///< 5F
  std::optional<GprsTimer2> t3502;              ///< 16
  std::optional<Octets> eap;                    ///< 78
  std::optional<RejectedNssai> rejected_nssai;  ///< 69
  friend bool operator==(const RegistrationReject&, const RegistrationReject&) = default;
};

/// De-registration type, §9.11.3.20; `needs_reregistration` from the network only.
struct DeregistrationType {
  bool is_switch_off = false;
  bool needs_reregistration = false;
  AccessType access = AccessType::access_3gpp;
  friend bool operator==(const DeregistrationType&, const DeregistrationType&) = default;
};

/// From the UE, §8.2.12.
struct DeregistrationRequestUe {
  static constexpr std::uint8_t kType = 0x45;
  DeregistrationType type;
  KeySet key_set;
  MobileIdentity identity;
  friend bool operator==(const DeregistrationRequestUe&, const DeregistrationRequestUe&) = default;
};
/// To the UE, §8.2.13.
struct DeregistrationAcceptUe {
  static constexpr std::uint8_t kType = 0x46;
  friend bool operator==(const DeregistrationAcceptUe&, const DeregistrationAcceptUe&) = default;
};
/// From the network, §8.2.14.
struct DeregistrationRequestNetwork {
  static constexpr std::uint8_t kType = 0x47;
  DeregistrationType type;
  std::optional<MmCause> cause;                 ///< 58
  std::optional<GprsTimer2> t3346;              ///< 5F
  std::optional<RejectedNssai> rejected_nssai;  ///< 6D
  friend bool operator==(const DeregistrationRequestNetwork&, const DeregistrationRequestNetwork&) = default;
};
/// To the network, §8.2.15.
struct DeregistrationAcceptNetwork {
  static constexpr std::uint8_t kType = 0x48;
  friend bool operator==(const DeregistrationAcceptNetwork&, const DeregistrationAcceptNetwork&) = default;
};

/// §8.2.16.
struct ServiceRequest {
  static constexpr std::uint8_t kType = 0x4C;
  KeySet key_set;
  ServiceType type = ServiceType::signalling;
  MobileIdentity identity;                                  ///< 5G-S-TMSI
  std::optional<PduSessionSet> uplink_data_status;          ///< 40
  std::optional<PduSessionSet> pdu_session_status;          ///< 50
  std::optional<PduSessionSet> allowed_pdu_session_status;  ///< 25
  std::optional<Octets> nas_message;                        ///< 71
  friend bool operator==(const ServiceRequest&, const ServiceRequest&) = default;
};
/// §8.2.18.
struct ServiceReject {
  static constexpr std::uint8_t kType = 0x4D;
  MmCause cause = MmCause::protocol_error;
  std::optional<PduSessionSet> pdu_session_status;  ///< 50
  std::optional<GprsTimer2> t3346;                  ///< 5F
  std::optional<Octets> eap;                        ///< 78
  std::optional<GprsTimer2> t3448;                  ///< 6B
  friend bool operator==(const ServiceReject&, const ServiceReject&) = default;
};
/// §8.2.17.
struct ServiceAccept {
  static constexpr std::uint8_t kType = 0x4E;
  std::optional<PduSessionSet> pdu_session_status;   ///< 50
  std::optional<PduSessionSet> reactivation_result;  ///< 26
  std::optional<Octets> reactivation_errors;         ///< 72
  std::optional<Octets> eap;                         ///< 78
  std::optional<GprsTimer2> t3448;                   ///< 6B
  friend bool operator==(const ServiceAccept&, const ServiceAccept&) = default;
};

/// §8.2.19.
struct ConfigurationUpdateCommand {
  static constexpr std::uint8_t kType = 0x54;
  std::optional<std::uint8_t> indication;           ///< D-: bit 0 acknowledgement requested, bit 1 registration requested
  std::optional<MobileIdentity> guti;               ///< 77
  std::optional<TaiList> tai_list;                  ///< 54
  std::optional<Nssai> allowed_nssai;               ///< 15
  std::optional<Octets> service_area_list;          ///< 27
  std::optional<NetworkName> full_name;             ///< 43
  std::optional<NetworkName> short_name;            ///< 45
  std::optional<TimeZone> time_zone;                ///< 46
  std::optional<UniversalTime> universal_time;      ///< 47
  std::optional<std::uint8_t> daylight_saving;      ///< 49: hours, 0..2
  std::optional<Octets> ladn_information;           ///< 79
  std::optional<std::uint8_t> mico;                 ///< B-
  std::optional<std::uint8_t> slicing_indication;   ///< 9-
  std::optional<Nssai> configured_nssai;            ///< 31
  std::optional<RejectedNssai> rejected_nssai;      ///< 11
  std::optional<Octets> access_categories;          ///< 76
  std::optional<std::uint8_t> sms_indication;       ///< F-
  std::optional<GprsTimer3> t3447;                  ///< 6C
  friend bool operator==(const ConfigurationUpdateCommand&, const ConfigurationUpdateCommand&) = default;
};
/// §8.2.20.
struct ConfigurationUpdateComplete {
  static constexpr std::uint8_t kType = 0x55;
  friend bool operator==(const ConfigurationUpdateComplete&, const ConfigurationUpdateComplete&) = default;
};

/// §8.2.1.
struct AuthenticationRequest {
  static constexpr std::uint8_t kType = 0x56;
  KeySet key_set;
  Octets abba = {0x00, 0x00};
  std::optional<std::array<std::uint8_t, 16>> rand;  ///< 21
  std::optional<std::array<std::uint8_t, 16>> autn;  ///< 20
  std::optional<Octets> eap;                         ///< 78
  friend bool operator==(const AuthenticationRequest&, const AuthenticationRequest&) = default;
};
/// §8.2.2.
struct AuthenticationResponse {
  static constexpr std::uint8_t kType = 0x57;
  std::optional<Octets> res_star;  ///< 2D: 16 octets
  std::optional<Octets> eap;       ///< 78
  friend bool operator==(const AuthenticationResponse&, const AuthenticationResponse&) = default;
};
/// §8.2.5.
struct AuthenticationReject {
  static constexpr std::uint8_t kType = 0x58;
  std::optional<Octets> eap;  ///< 78
  friend bool operator==(const AuthenticationReject&, const AuthenticationReject&) = default;
};
/// §8.2.4.
struct AuthenticationFailure {
  static constexpr std::uint8_t kType = 0x59;
  MmCause cause = MmCause::mac_failure;
  std::optional<std::array<std::uint8_t, 14>> auts;  ///< 30: with `synch_failure`
  friend bool operator==(const AuthenticationFailure&, const AuthenticationFailure&) = default;
};
/// §8.2.3.
struct AuthenticationResult {
  static constexpr std::uint8_t kType = 0x5A;
  KeySet key_set;
  Octets eap;
  std::optional<Octets> abba;  ///< 38
  friend bool operator==(const AuthenticationResult&, const AuthenticationResult&) = default;
};

/// §8.2.21.
struct IdentityRequest {
  static constexpr std::uint8_t kType = 0x5B;
  IdentityType type = IdentityType::suci;
  friend bool operator==(const IdentityRequest&, const IdentityRequest&) = default;
};
/// §8.2.22.
struct IdentityResponse {
  static constexpr std::uint8_t kType = 0x5C;
  MobileIdentity identity;
  friend bool operator==(const IdentityResponse&, const IdentityResponse&) = default;
};

/// §8.2.25.
struct SecurityModeCommand {
  static constexpr std::uint8_t kType = 0x5D;
  SecurityAlgorithms algorithms;
  KeySet key_set;
  UeSecurityCapability replayed_capability;
  std::optional<std::uint8_t> imeisv_request;     ///< E-: 1 requested
  std::optional<std::uint8_t> eps_algorithms;     ///< 57
  std::optional<std::uint8_t> additional;         ///< 36: bit 0 horizontal derivation, bit 1 RINMR
  std::optional<Octets> eap;                      ///< 78
  std::optional<Octets> abba;                     ///< 38
  std::optional<Octets> replayed_s1_capability;   ///< 19
  static constexpr std::uint8_t kRetransmitInitial = 0x02;  ///< RINMR: send the whole initial message again
  friend bool operator==(const SecurityModeCommand&, const SecurityModeCommand&) = default;
};
/// §8.2.26.
struct SecurityModeComplete {
  static constexpr std::uint8_t kType = 0x5E;
  std::optional<MobileIdentity> imeisv;         ///< 77
  std::optional<Octets> nas_message;            ///< 71
  std::optional<MobileIdentity> non_imeisv_pei; ///< 78
  friend bool operator==(const SecurityModeComplete&, const SecurityModeComplete&) = default;
};
/// §8.2.27.
struct SecurityModeReject {
  static constexpr std::uint8_t kType = 0x5F;
  MmCause cause = MmCause::security_mode_rejected;
  friend bool operator==(const SecurityModeReject&, const SecurityModeReject&) = default;
};

/// §8.2.29.
struct MmStatus {
  static constexpr std::uint8_t kType = 0x64;
  MmCause cause = MmCause::protocol_error;
  friend bool operator==(const MmStatus&, const MmStatus&) = default;
};

/// §8.2.10.
struct UplinkNasTransport {
  static constexpr std::uint8_t kType = 0x67;
  PayloadContainerType payload_type = PayloadContainerType::n1_sm;
  Octets payload;
  std::optional<std::uint8_t> pdu_session_id;      ///< 12
  std::optional<std::uint8_t> old_pdu_session_id;  ///< 59
  std::optional<RequestType> request_type;         ///< 8-
  std::optional<SNssai> s_nssai;                   ///< 22
  std::optional<Dnn> dnn;                          ///< 25
  std::optional<Octets> additional_information;    ///< 24
  std::optional<std::uint8_t> ma_pdu_session;      ///< A-
  std::optional<std::uint8_t> release_assistance;  ///< F-
  friend bool operator==(const UplinkNasTransport&, const UplinkNasTransport&) = default;
};
/// §8.2.11.
struct DownlinkNasTransport {
  static constexpr std::uint8_t kType = 0x68;
  PayloadContainerType payload_type = PayloadContainerType::n1_sm;
  Octets payload;
  std::optional<std::uint8_t> pdu_session_id;    ///< 12
  std::optional<Octets> additional_information;  ///< 24
  std::optional<MmCause> cause;                  ///< 58: the payload comes back, not forwarded
  std::optional<GprsTimer3> back_off;            ///< 37
  friend bool operator==(const DownlinkNasTransport&, const DownlinkNasTransport&) = default;
};

using MmMessage =
    std::variant<RegistrationRequest, RegistrationAccept, RegistrationComplete, RegistrationReject, DeregistrationRequestUe,
                 DeregistrationAcceptUe, DeregistrationRequestNetwork, DeregistrationAcceptNetwork, ServiceRequest,
                 ServiceReject, ServiceAccept, ConfigurationUpdateCommand, ConfigurationUpdateComplete,
                 AuthenticationRequest, AuthenticationResponse, AuthenticationReject, AuthenticationFailure,
                 AuthenticationResult, IdentityRequest, IdentityResponse, SecurityModeCommand, SecurityModeComplete,
                 SecurityModeReject, MmStatus, UplinkNasTransport, DownlinkNasTransport>;

}  // namespace ravi::nas
