#pragma once
// Quality of service of a PDU session: rules (TS 24.501 §9.11.4.13), flow descriptions (§9.11.4.12), session AMBR (§9.11.4.14).

#include "stack/nas/octets.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ravi::nas {

enum class FilterDirection : std::uint8_t { downlink = 1, uplink = 2, both = 3 };

/// `components` stays encoded, Table 9.11.4.13.1; none where the rule's operation is `delete_filters`.
struct PacketFilter {
  FilterDirection direction = FilterDirection::both;
  std::uint8_t id = 1;  ///< 4 bits
  Octets components;
  friend bool operator==(const PacketFilter&, const PacketFilter&) = default;
};
inline constexpr std::uint8_t kMatchAll = 0x01;  ///< the one component of a default rule's filter

enum class QosRuleOperation : std::uint8_t {
  create = 1,
  delete_rule = 2,
  add_filters = 3,
  replace_filters = 4,
  delete_filters = 5,
  modify_without_filters = 6,
};

struct QosRule {
  std::uint8_t id = 1;
  QosRuleOperation operation = QosRuleOperation::create;
  bool is_default = false;                 ///< DQR
  std::vector<PacketFilter> filters;       ///< at most 15
  std::optional<std::uint8_t> precedence;  ///< absent when a rule is deleted
  std::optional<std::uint8_t> qfi;         ///< 6 bits
  bool has_segregation = false;
  friend bool operator==(const QosRule&, const QosRule&) = default;
};
struct QosRules {
  std::vector<QosRule> rules;
  friend bool operator==(const QosRules&, const QosRules&) = default;
};
/// All traffic to one flow: a default rule with one match-all filter.
[[nodiscard]] QosRule default_qos_rule(std::uint8_t qfi);

enum class QosFlowOperation : std::uint8_t { create = 1, delete_flow = 2, modify = 3 };
enum class QosFlowParameterId : std::uint8_t {
  five_qi = 1,
  gfbr_uplink = 2,
  gfbr_downlink = 3,
  mfbr_uplink = 4,
  mfbr_downlink = 5,
  averaging_window = 6,
  eps_bearer_identity = 7,
};
struct QosFlowParameter {
  QosFlowParameterId id = QosFlowParameterId::five_qi;
  Octets value;
  friend bool operator==(const QosFlowParameter&, const QosFlowParameter&) = default;
};
struct QosFlowDescription {
  std::uint8_t qfi = 1;
  QosFlowOperation operation = QosFlowOperation::create;
  bool replaces_parameters = true;  ///< E bit: the list is there (create) or replaces the previous one (modify)
  std::vector<QosFlowParameter> parameters;
  [[nodiscard]] std::optional<std::uint8_t> five_qi() const;
  friend bool operator==(const QosFlowDescription&, const QosFlowDescription&) = default;
};
struct QosFlowDescriptions {
  std::vector<QosFlowDescription> flows;
  friend bool operator==(const QosFlowDescriptions&, const QosFlowDescriptions&) = default;
};
[[nodiscard]] QosFlowDescription new_qos_flow(std::uint8_t qfi, std::uint8_t five_qi);

/// value x unit; units 1 kbit/s x 4^n: 1, 4, 16, 64, 256 kbit/s, then the same of Mbit/s, Gbit/s ... Table 9.11.4.14.1.
struct BitRate {
  std::uint8_t unit = 6;
  std::uint16_t value = 0;
  [[nodiscard]] std::uint64_t bits_per_second() const;  ///< saturates; 0 for unit 0
  friend bool operator==(const BitRate&, const BitRate&) = default;
};
/// In the smallest unit that says it exactly; if none does, rounded down in the smallest that holds it.
[[nodiscard]] BitRate bit_rate(std::uint64_t bits_per_second);
struct SessionAmbr {
  BitRate downlink, uplink;
  friend bool operator==(const SessionAmbr&, const SessionAmbr&) = default;
};

bool read(Reader& in, QosRules& out);
bool read(Reader& in, QosFlowDescriptions& out);
bool read(Reader& in, SessionAmbr& out);
void write(Writer& out, const QosRules& rules);
void write(Writer& out, const QosFlowDescriptions& flows);
void write(Writer& out, const SessionAmbr& ambr);

}  // namespace ravi::nas
