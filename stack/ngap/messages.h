#pragma once
// The NGAP messages that this project uses, as plain structs. TS 38.413 §8, §9. Both ends of N2 work with these; only the codec
// knows the ASN.1.

#include "stack/ngap/n3_link.h"
#include "stack/nr/cell.h"
#include "stack/security/keys.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ravi::ngap {

using Octets = std::vector<std::uint8_t>;
using nr::Plmn;

// -- parts ------------------------------------------------------------------------------------------------------------

/// UE NGAP IDs at both ends. §9.3.3.1 (40 bits), §9.3.3.2.
struct UeIds {
  std::uint64_t amf = 0;
  std::uint32_t ran = 0;
  friend bool operator==(const UeIds&, const UeIds&) = default;
};

/// S-NSSAI, §9.3.1.24.
struct Slice {
  std::uint8_t sst = 1;
  std::optional<std::uint32_t> sd;  ///< 24 bits
  friend bool operator==(const Slice&, const Slice&) = default;
};
struct Tai {
  Plmn plmn;
  std::uint32_t tac = 1;  ///< 24 bits
  friend bool operator==(const Tai&, const Tai&) = default;
};
/// User Location Information of NR, §9.3.1.16.
struct Location {
  Plmn cell_plmn;
  std::uint64_t nr_cell_identity = 0;  ///< 36 bits
  Tai tai;
  friend bool operator==(const Location&, const Location&) = default;
};
/// 5G-S-TMSI, §9.3.3.20.
struct STmsi {
  std::uint16_t amf_set = 0;     ///< 10 bits
  std::uint8_t amf_pointer = 0;  ///< 6 bits
  std::uint32_t tmsi = 0;
  friend bool operator==(const STmsi&, const STmsi&) = default;
};
/// §9.3.3.3.
struct Guami {
  Plmn plmn;
  std::uint8_t region = 0;
  std::uint16_t set = 0;
  std::uint8_t pointer = 0;
  friend bool operator==(const Guami&, const Guami&) = default;
};

/// §9.3.1.2: one of five groups, and the value's number in its group in the order of the ASN.1.
struct Cause {
  enum class Group : std::uint8_t { radio_network, transport, nas, protocol, misc };
  Group group = Group::misc;
  std::uint8_t value = 5;
  friend bool operator==(const Cause&, const Cause&) = default;
};
namespace cause {
inline constexpr Cause kReleaseByNgRan{Cause::Group::radio_network, 3};
inline constexpr Cause kReleaseBy5gc{Cause::Group::radio_network, 4};
inline constexpr Cause kUnknownLocalUeId{Cause::Group::radio_network, 14};
inline constexpr Cause kInconsistentRemoteUeId{Cause::Group::radio_network, 15};
inline constexpr Cause kUserInactivity{Cause::Group::radio_network, 20};
inline constexpr Cause kRadioConnectionLost{Cause::Group::radio_network, 21};
inline constexpr Cause kRadioResourcesNotAvailable{Cause::Group::radio_network, 22};
inline constexpr Cause kRadioFailure{Cause::Group::radio_network, 24};
inline constexpr Cause kUnknownPduSession{Cause::Group::radio_network, 26};
inline constexpr Cause kMultiplePduSession{Cause::Group::radio_network, 28};
inline constexpr Cause kAlgorithmsNotSupported{Cause::Group::radio_network, 30};
inline constexpr Cause kFiveQiNotSupported{Cause::Group::radio_network, 34};
inline constexpr Cause kUpIntegrityNotPossible{Cause::Group::radio_network, 37};
inline constexpr Cause kTransportUnavailable{Cause::Group::transport, 0};
inline constexpr Cause kNasNormalRelease{Cause::Group::nas, 0};
inline constexpr Cause kNasAuthenticationFailure{Cause::Group::nas, 1};
inline constexpr Cause kNasDeregister{Cause::Group::nas, 2};
inline constexpr Cause kTransferSyntaxError{Cause::Group::protocol, 0};
inline constexpr Cause kAbstractSyntaxReject{Cause::Group::protocol, 1};
inline constexpr Cause kAbstractSyntaxNotify{Cause::Group::protocol, 2};
inline constexpr Cause kNotCompatibleWithState{Cause::Group::protocol, 3};
inline constexpr Cause kSemanticError{Cause::Group::protocol, 4};
inline constexpr Cause kFalselyConstructed{Cause::Group::protocol, 5};
inline constexpr Cause kOverload{Cause::Group::misc, 0};
inline constexpr Cause kUnknownPlmn{Cause::Group::misc, 4};
inline constexpr Cause kUnspecified{Cause::Group::misc, 5};
}  // namespace cause
/// "radio network 21" and so on, for logs.
[[nodiscard]] std::string to_string(const Cause& cause);

/// UE Security Capabilities, §9.3.1.86: the first bit (0x8000) is algorithm 1, for algorithm 0 is always there.
struct SecurityCapabilities {
  std::uint16_t nea = 0, nia = 0, eea = 0, eia = 0;
  friend bool operator==(const SecurityCapabilities&, const SecurityCapabilities&) = default;
};

/// Where packets of a PDU session go: address and TEID of their receiver. §9.3.2.2.
struct Tunnel {
  Ipv4 address{};
  std::uint32_t teid = 0;
  friend bool operator==(const Tunnel&, const Tunnel&) = default;
};
/// Non-dynamic 5QI and priority. §9.3.1.12.
struct QosFlow {
  std::uint8_t qfi = 1;           ///< 0..63
  std::uint8_t five_qi = 9;
  std::uint8_t arp_priority = 8;  ///< 1..15, 1 the highest
  friend bool operator==(const QosFlow&, const QosFlow&) = default;
};
/// Aggregate maximum bit rate in bit/s, at most 4e12. §9.3.1.58, §9.3.1.102.
struct Ambr {
  std::uint64_t downlink = 0, uplink = 0;
  friend bool operator==(const Ambr&, const Ambr&) = default;
};
/// What the gNB is asked to set up, with the transfer of §9.3.4.1 inside. IPv4 sessions.
struct SessionSetup {
  std::uint8_t id = 1;
  Octets nas;                 ///< empty: none
  Slice slice;
  std::optional<Ambr> ambr;
  Tunnel uplink;              ///< at the UPF
  std::vector<QosFlow> flows; ///< 1..64
  std::optional<Cause> refusal;  ///< of one received: why it cannot be set up as it is asked for
  friend bool operator==(const SessionSetup&, const SessionSetup&) = default;
};
/// §9.3.4.2.
struct SessionAdmitted {
  std::uint8_t id = 1;
  Tunnel downlink;                  ///< at the gNB
  std::vector<std::uint8_t> qfis;   ///< 1..64
  friend bool operator==(const SessionAdmitted&, const SessionAdmitted&) = default;
};
/// A session with a cause: refused (§9.3.4.16) or to be released (§9.3.4.12).
struct SessionCause {
  std::uint8_t id = 1;
  Cause cause;
  friend bool operator==(const SessionCause&, const SessionCause&) = default;
};

/// §9.3.1.3. `ies`: what was missing or not understood.
struct Diagnostics {
  struct Ie {
    std::uint16_t id = 0;
    std::uint8_t criticality = 0;  ///< 0 reject, 1 ignore, 2 notify
    bool is_missing = false;
    friend bool operator==(const Ie&, const Ie&) = default;
  };
  std::optional<std::uint8_t> procedure_code;
  std::optional<std::uint8_t> triggering;   ///< 0 initiating message, 1 successful, 2 unsuccessful outcome
  std::optional<std::uint8_t> criticality;
  std::vector<Ie> ies;                      ///< at most 256
  friend bool operator==(const Diagnostics&, const Diagnostics&) = default;
};

// -- messages ---------------------------------------------------------------------------------------------------------

struct PlmnSlices {
  Plmn plmn;
  std::vector<Slice> slices;
  friend bool operator==(const PlmnSlices&, const PlmnSlices&) = default;
};
struct SupportedTa {
  std::uint32_t tac = 1;
  std::vector<PlmnSlices> plmns;
  friend bool operator==(const SupportedTa&, const SupportedTa&) = default;
};

/// §9.2.6.1.
struct NgSetupRequest {
  Plmn plmn;
  std::uint32_t gnb_id = 1;
  unsigned gnb_id_bits = 22;   ///< 22..32
  std::string name;            ///< printable, at most 150; empty: none
  std::vector<SupportedTa> supported_tas;
  friend bool operator==(const NgSetupRequest&, const NgSetupRequest&) = default;
};
struct NgSetupResponse {
  std::string amf_name;
  std::vector<Guami> guamis;
  std::uint8_t capacity = 255;
  std::vector<PlmnSlices> plmns;
  friend bool operator==(const NgSetupResponse&, const NgSetupResponse&) = default;
};
struct NgSetupFailure {
  Cause cause;
  std::optional<std::chrono::seconds> time_to_wait;  ///< 1, 2, 5, 10, 20, 60
  std::optional<Diagnostics> diagnostics;
  friend bool operator==(const NgSetupFailure&, const NgSetupFailure&) = default;
};

/// RRC Establishment Cause, §9.3.1.111.
enum class EstablishmentCause : std::uint8_t { emergency, high_priority_access, mt_access, mo_signalling, mo_data };

/// §9.2.5.1.
struct InitialUeMessage {
  std::uint32_t ran_ue_id = 0;
  Octets nas;
  Location location;
  EstablishmentCause cause = EstablishmentCause::mo_signalling;
  std::optional<STmsi> s_tmsi;
  bool asks_for_context = false;  ///< UE Context Request
  friend bool operator==(const InitialUeMessage&, const InitialUeMessage&) = default;
};
struct UplinkNasTransport {
  UeIds ids;
  Octets nas;
  Location location;
  friend bool operator==(const UplinkNasTransport&, const UplinkNasTransport&) = default;
};
struct DownlinkNasTransport {
  UeIds ids;
  Octets nas;
  friend bool operator==(const DownlinkNasTransport&, const DownlinkNasTransport&) = default;
};
struct NasNonDeliveryIndication {
  UeIds ids;
  Octets nas;
  Cause cause;
  friend bool operator==(const NasNonDeliveryIndication&, const NasNonDeliveryIndication&) = default;
};

/// §9.2.2.1. A key is in it: never print one.
struct InitialContextSetupRequest {
  UeIds ids;
  Guami guami;
  std::optional<Ambr> ue_ambr;
  std::vector<SessionSetup> sessions;
  std::vector<Slice> allowed_slices;   ///< 1..8
  SecurityCapabilities security;
  security::Key256 k_gnb;
  Octets radio_capability;             ///< UERadioAccessCapabilityInformation; empty: none known
  Octets nas;                          ///< empty: none
  friend bool operator==(const InitialContextSetupRequest&, const InitialContextSetupRequest&) = default;
};
struct InitialContextSetupResponse {
  UeIds ids;
  std::vector<SessionAdmitted> admitted;
  std::vector<SessionCause> failed;
  friend bool operator==(const InitialContextSetupResponse&, const InitialContextSetupResponse&) = default;
};
struct InitialContextSetupFailure {
  UeIds ids;
  Cause cause;
  std::vector<SessionCause> failed;
  friend bool operator==(const InitialContextSetupFailure&, const InitialContextSetupFailure&) = default;
};

/// §9.2.1.1.
struct SessionSetupRequest {
  UeIds ids;
  Octets nas;                          ///< empty: none; each session may have its own
  std::vector<SessionSetup> sessions;  ///< 1..16 here
  std::optional<Ambr> ue_ambr;
  friend bool operator==(const SessionSetupRequest&, const SessionSetupRequest&) = default;
};
struct SessionSetupResponse {
  UeIds ids;
  std::vector<SessionAdmitted> admitted;
  std::vector<SessionCause> failed;
  friend bool operator==(const SessionSetupResponse&, const SessionSetupResponse&) = default;
};
/// §9.2.1.3.
struct SessionReleaseCommand {
  UeIds ids;
  Octets nas;
  std::vector<SessionCause> sessions;
  friend bool operator==(const SessionReleaseCommand&, const SessionReleaseCommand&) = default;
};
struct SessionReleaseResponse {
  UeIds ids;
  std::vector<std::uint8_t> sessions;
  friend bool operator==(const SessionReleaseResponse&, const SessionReleaseResponse&) = default;
};

/// §9.2.2.4.
struct UeContextReleaseRequest {
  UeIds ids;
  std::vector<std::uint8_t> sessions;  ///< with an active user plane
  Cause cause;
  friend bool operator==(const UeContextReleaseRequest&, const UeContextReleaseRequest&) = default;
};
struct UeContextReleaseCommand {
  std::uint64_t amf_ue_id = 0;
  std::optional<std::uint32_t> ran_ue_id;
  Cause cause;
  friend bool operator==(const UeContextReleaseCommand&, const UeContextReleaseCommand&) = default;
};
struct UeContextReleaseComplete {
  UeIds ids;
  std::vector<std::uint8_t> sessions;
  friend bool operator==(const UeContextReleaseComplete&, const UeContextReleaseComplete&) = default;
};

/// §9.2.13.1.
struct UeRadioCapabilityInfoIndication {
  UeIds ids;
  Octets capability;
  friend bool operator==(const UeRadioCapabilityInfoIndication&, const UeRadioCapabilityInfoIndication&) = default;
};

/// §9.2.4.1.
struct Paging {
  STmsi s_tmsi;
  std::vector<Tai> tais;  ///< 1..16
  friend bool operator==(const Paging&, const Paging&) = default;
};

/// §9.2.6.15.
struct ErrorIndication {
  std::optional<std::uint64_t> amf_ue_id;
  std::optional<std::uint32_t> ran_ue_id;
  std::optional<Cause> cause;
  std::optional<Diagnostics> diagnostics;
  friend bool operator==(const ErrorIndication&, const ErrorIndication&) = default;
};

/// One UE's association; a reset may name it by either identity. §9.3.3.25.
struct Association {
  std::optional<std::uint64_t> amf_ue_id;
  std::optional<std::uint32_t> ran_ue_id;
  friend bool operator==(const Association&, const Association&) = default;
};
/// §9.2.6.11. `part` empty: the whole interface.
struct NgReset {
  Cause cause;
  std::vector<Association> part;
  friend bool operator==(const NgReset&, const NgReset&) = default;
};
struct NgResetAcknowledge {
  std::vector<Association> part;
  friend bool operator==(const NgResetAcknowledge&, const NgResetAcknowledge&) = default;
};

/// §9.2.6.4, §9.2.6.7.
struct AmfConfigurationUpdate {
  std::string amf_name;             ///< empty: unchanged
  std::vector<PlmnSlices> plmns;    ///< empty: unchanged
  friend bool operator==(const AmfConfigurationUpdate&, const AmfConfigurationUpdate&) = default;
};
struct AmfConfigurationUpdateAcknowledge {
  friend bool operator==(const AmfConfigurationUpdateAcknowledge&, const AmfConfigurationUpdateAcknowledge&) = default;
};

using Message =
    std::variant<NgSetupRequest, NgSetupResponse, NgSetupFailure, InitialUeMessage, UplinkNasTransport, DownlinkNasTransport,
                 NasNonDeliveryIndication, InitialContextSetupRequest, InitialContextSetupResponse, InitialContextSetupFailure,
                 SessionSetupRequest, SessionSetupResponse, SessionReleaseCommand, SessionReleaseResponse,
                 UeContextReleaseRequest, UeContextReleaseCommand, UeContextReleaseComplete, UeRadioCapabilityInfoIndication,
                 Paging, ErrorIndication, NgReset, NgResetAcknowledge, AmfConfigurationUpdate, AmfConfigurationUpdateAcknowledge>;

}  // namespace ravi::ngap
