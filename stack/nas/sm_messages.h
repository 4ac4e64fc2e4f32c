#pragma once
// The messages of 5GS session management as plain structs. TS 24.501 §8.3. IEs that this project only passes on are `Octets`.

#include "stack/nas/cause.h"
#include "stack/nas/mm_ies.h"
#include "stack/nas/nssai.h"
#include "stack/nas/pdu_session.h"
#include "stack/nas/qos.h"

#include <cstdint>
#include <optional>
#include <variant>

namespace ravi::nas {

/// What every 5GSM message begins with. TS 24.501 §9.4, §9.6.
struct SmHeader {
  std::uint8_t pdu_session_id = 0;  ///< 1..15; 0 unassigned
  std::uint8_t pti = 0;             ///< procedure transaction identity 1..254; 0 where the network began
  friend bool operator==(const SmHeader&, const SmHeader&) = default;
};

/// Integrity protection maximum data rate, §9.11.4.7: 0 is 64 kbit/s, 255 full rate.
struct MaxIntegrityRate {
  std::uint8_t uplink = 0xFF;
  std::uint8_t downlink = 0xFF;
  friend bool operator==(const MaxIntegrityRate&, const MaxIntegrityRate&) = default;
};

/// §8.3.1.
struct PduSessionEstablishmentRequest {
  static constexpr std::uint8_t kType = 0xC1;
  SmHeader header;
  MaxIntegrityRate max_integrity_rate;
  std::optional<PduSessionType> type;              ///< 9-
  std::optional<SscMode> ssc_mode;                 ///< A-
  std::optional<Octets> sm_capability;             ///< 28
  std::optional<std::uint16_t> max_packet_filters; ///< 55: in the upper 11 bits
  std::optional<std::uint8_t> always_on;           ///< B-
  std::optional<Octets> dn_request;                ///< 39
  std::optional<UeExtendedPco> options;            ///< 7B
  std::optional<Octets> header_compression;        ///< 66
  friend bool operator==(const PduSessionEstablishmentRequest&, const PduSessionEstablishmentRequest&) = default;
};

/// §8.3.2.
struct PduSessionEstablishmentAccept {
  static constexpr std::uint8_t kType = 0xC2;
  SmHeader header;
  PduSessionType type = PduSessionType::ipv4;
  SscMode ssc_mode = SscMode::mode1;
  QosRules rules;
  SessionAmbr ambr;
  std::optional<SmCause> cause;                ///< 59
  std::optional<PduAddress> address;           ///< 29
  std::optional<GprsTimer2> rq_timer;          ///< 56
  std::optional<SNssai> s_nssai;               ///< 22
  std::optional<std::uint8_t> always_on;       ///< 8-
  std::optional<Octets> mapped_eps_bearers;    ///< 75
  std::optional<Octets> eap;                   ///< 78
  std::optional<QosFlowDescriptions> flows;    ///< 79
  std::optional<ExtendedPco> options;          ///< 7B
  std::optional<Dnn> dnn;                      ///< 25
  std::optional<Octets> network_feature_support; ///< 17
  std::optional<Octets> rate_control;          ///< 18
  std::optional<Octets> atsss;                 ///< 77
  std::optional<std::uint8_t> control_plane_only; ///< C-
  std::optional<Octets> header_compression;    ///< 66
  friend bool operator==(const PduSessionEstablishmentAccept&, const PduSessionEstablishmentAccept&) = default;
};

/// §8.3.3.
struct PduSessionEstablishmentReject {
  static constexpr std::uint8_t kType = 0xC3;
  SmHeader header;
  SmCause cause = SmCause::request_rejected;
  std::optional<GprsTimer3> back_off;              ///< 37
  std::optional<std::uint8_t> allowed_ssc_modes;   ///< F-
  std::optional<Octets> eap;                       ///< 78
  std::optional<std::uint8_t> congestion_reattempt; ///< 61
  std::optional<ExtendedPco> options;              ///< 7B
  std::optional<std::uint8_t> reattempt;           ///< 1D
  friend bool operator==(const PduSessionEstablishmentReject&, const PduSessionEstablishmentReject&) = default;
};

/// §8.3.7.
struct PduSessionModificationRequest {
  static constexpr std::uint8_t kType = 0xC9;
  SmHeader header;
  std::optional<Octets> sm_capability;                 ///< 28
  std::optional<SmCause> cause;                        ///< 59
  std::optional<std::uint16_t> max_packet_filters;     ///< 55
  std::optional<std::uint8_t> always_on;               ///< B-
  std::optional<MaxIntegrityRate> max_integrity_rate;  ///< 13
  std::optional<QosRules> rules;                       ///< 7A
  std::optional<QosFlowDescriptions> flows;            ///< 79
  std::optional<Octets> mapped_eps_bearers;            ///< 75
  std::optional<UeExtendedPco> options;                ///< 7B
  friend bool operator==(const PduSessionModificationRequest&, const PduSessionModificationRequest&) = default;
};
/// §8.3.8.
struct PduSessionModificationReject {
  static constexpr std::uint8_t kType = 0xCA;
  SmHeader header;
  SmCause cause = SmCause::request_rejected;
  std::optional<GprsTimer3> back_off;               ///< 37
  std::optional<std::uint8_t> congestion_reattempt; ///< 61
  std::optional<ExtendedPco> options;               ///< 7B
  std::optional<std::uint8_t> reattempt;            ///< 1D
  friend bool operator==(const PduSessionModificationReject&, const PduSessionModificationReject&) = default;
};
/// §8.3.9.
struct PduSessionModificationCommand {
  static constexpr std::uint8_t kType = 0xCB;
  SmHeader header;
  std::optional<SmCause> cause;              ///< 59
  std::optional<SessionAmbr> ambr;           ///< 2A
  std::optional<GprsTimer2> rq_timer;        ///< 56
  std::optional<std::uint8_t> always_on;     ///< 8-
  std::optional<QosRules> rules;             ///< 7A
  std::optional<Octets> mapped_eps_bearers;  ///< 75
  std::optional<QosFlowDescriptions> flows;  ///< 79
  std::optional<ExtendedPco> options;        ///< 7B
  friend bool operator==(const PduSessionModificationCommand&, const PduSessionModificationCommand&) = default;
};
/// §8.3.10.
struct PduSessionModificationComplete {
  static constexpr std::uint8_t kType = 0xCC;
  SmHeader header;
  std::optional<UeExtendedPco> options; ///< 7B
  friend bool operator==(const PduSessionModificationComplete&, const PduSessionModificationComplete&) = default;
};
/// §8.3.11.
struct PduSessionModificationCommandReject {
  static constexpr std::uint8_t kType = 0xCD;
  SmHeader header;
  SmCause cause = SmCause::request_rejected;
  std::optional<UeExtendedPco> options; ///< 7B
  friend bool operator==(const PduSessionModificationCommandReject&, const PduSessionModificationCommandReject&) = default;
};

/// §8.3.12.
struct PduSessionReleaseRequest {
  static constexpr std::uint8_t kType = 0xD1;
  SmHeader header;
  std::optional<SmCause> cause;        ///< 59
  std::optional<UeExtendedPco> options; ///< 7B
  friend bool operator==(const PduSessionReleaseRequest&, const PduSessionReleaseRequest&) = default;
};
/// §8.3.13.
struct PduSessionReleaseReject {
  static constexpr std::uint8_t kType = 0xD2;
  SmHeader header;
  SmCause cause = SmCause::request_rejected;
  std::optional<ExtendedPco> options;  ///< 7B
  friend bool operator==(const PduSessionReleaseReject&, const PduSessionReleaseReject&) = default;
};
/// §8.3.14.
struct PduSessionReleaseCommand {
  static constexpr std::uint8_t kType = 0xD3;
  SmHeader header;
  SmCause cause = SmCause::regular_deactivation;
  std::optional<GprsTimer3> back_off;               ///< 37
  std::optional<Octets> eap;                        ///< 78
  std::optional<std::uint8_t> congestion_reattempt; ///< 61
  std::optional<ExtendedPco> options;               ///< 7B
  std::optional<std::uint8_t> access;               ///< D-
  friend bool operator==(const PduSessionReleaseCommand&, const PduSessionReleaseCommand&) = default;
};
/// §8.3.15.
struct PduSessionReleaseComplete {
  static constexpr std::uint8_t kType = 0xD4;
  SmHeader header;
  std::optional<SmCause> cause;        ///< 59
  std::optional<UeExtendedPco> options; ///< 7B
  friend bool operator==(const PduSessionReleaseComplete&, const PduSessionReleaseComplete&) = default;
};

/// §8.3.16.
struct SmStatus {
  static constexpr std::uint8_t kType = 0xD6;
  SmHeader header;
  SmCause cause = SmCause::protocol_error;
  friend bool operator==(const SmStatus&, const SmStatus&) = default;
};

using SmMessage =
    std::variant<PduSessionEstablishmentRequest, PduSessionEstablishmentAccept, PduSessionEstablishmentReject,
                 PduSessionModificationRequest, PduSessionModificationReject, PduSessionModificationCommand,
                 PduSessionModificationComplete, PduSessionModificationCommandReject, PduSessionReleaseRequest,
                 PduSessionReleaseReject, PduSessionReleaseCommand, PduSessionReleaseComplete, SmStatus>;

}  // namespace ravi::nas
