#pragma once
// What describes a PDU session: type, address (TS 24.501 §9.11.4.10), DNN (§9.11.2.1B), extended protocol configuration options
// (§9.11.4.6, TS 24.008 §10.5.6.3A), and the bit map of sessions (§9.11.3.44).

#include "stack/nas/octets.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ravi::nas {

enum class PduSessionType : std::uint8_t { ipv4 = 1, ipv6 = 2, ipv4v6 = 3, unstructured = 4, ethernet = 5 };
enum class SscMode : std::uint8_t { mode1 = 1, mode2 = 2, mode3 = 3 };

using Ipv4 = std::array<std::uint8_t, 4>;
using InterfaceId = std::array<std::uint8_t, 8>;

/// The parts that `type` names are sent.
struct PduAddress {
  PduSessionType type = PduSessionType::ipv4;
  Ipv4 ipv4{};
  InterfaceId interface_id{};
  friend bool operator==(const PduAddress&, const PduAddress&) = default;
};

/// "internet", or dotted labels of 1..63 characters, together at most 99.
struct Dnn {
  std::string name;
  friend bool operator==(const Dnn&, const Dnn&) = default;
};
[[nodiscard]] bool is_valid_dnn(std::string_view name);

/// Bit i: PDU session identity i, 1..15. Status, uplink data status, reactivation result and their like.
struct PduSessionSet {
  std::uint16_t bits = 0;
  [[nodiscard]] bool contains(unsigned id) const { return id < 16 && ((bits >> id) & 1U) != 0; }
  void insert(unsigned id) { bits = static_cast<std::uint16_t>(bits | (1U << (id % 16))); }
  friend bool operator==(const PduSessionSet&, const PduSessionSet&) = default;
};

/// One protocol or container with its content.
struct PcoItem {
  std::uint16_t id = 0;
  Octets content;
  friend bool operator==(const PcoItem&, const PcoItem&) = default;
};
namespace pco {
inline constexpr std::uint16_t kIpcp = 0x8021;
inline constexpr std::uint16_t kPcscfIpv6 = 0x0001;
inline constexpr std::uint16_t kDnsIpv6 = 0x0003;
inline constexpr std::uint16_t kAddressByNas = 0x000A;
inline constexpr std::uint16_t kPcscfIpv4 = 0x000C;
inline constexpr std::uint16_t kDnsIpv4 = 0x000D;  ///< request: empty; answer: 4 octets
inline constexpr std::uint16_t kIpv4Mtu = 0x0010;  ///< request: empty; answer: 2 octets
inline constexpr std::uint16_t kQosRulesLong = 0x0023;  ///< request: that long ones are understood
inline constexpr std::uint16_t kQosFlowsLong = 0x0024;  ///< the same of QoS flow descriptions
}  // namespace pco

struct ExtendedPco {
  std::vector<PcoItem> items;
  [[nodiscard]] const PcoItem* find(std::uint16_t id) const;
  /// The IPv4 DNS servers in it.
  [[nodiscard]] std::vector<Ipv4> dns_servers() const;
  friend bool operator==(const ExtendedPco&, const ExtendedPco&) = default;
};

/// As a UE sends them: every content's length takes one octet. Of a network, some take two (QoS rules, QoS flow descriptions ...).
struct UeExtendedPco : ExtendedPco {
  friend bool operator==(const UeExtendedPco&, const UeExtendedPco&) = default;
};

bool read(Reader& in, PduAddress& out);
bool read(Reader& in, Dnn& out);
bool read(Reader& in, PduSessionSet& out);
bool read(Reader& in, ExtendedPco& out);
bool read(Reader& in, UeExtendedPco& out);
void write(Writer& out, const PduAddress& address);
void write(Writer& out, const Dnn& dnn);
void write(Writer& out, const PduSessionSet& set);
void write(Writer& out, const ExtendedPco& options);
void write(Writer& out, const UeExtendedPco& options);

}  // namespace ravi::nas
