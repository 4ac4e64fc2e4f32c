#pragma once
// A radio bearer as RRC configures it: RLC, MAC logical channel, PDCP, SDAP. TS 38.331 §6.3.2, §9.2.1.

#include "stack/pdcp/pdcp_config.h"
#include "stack/rlc/rlc_config.h"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace ravi::rrc {

/// Logical channel parameters of the uplink. TS 38.321 §5.4.3.1.
struct LogicalChannelConfig {
  unsigned priority = 1;                               ///< 1..16, 1 first
  std::optional<unsigned> prioritised_bit_rate_kbyte;  ///< kByte/s; nothing: infinity
  unsigned bucket_size_ms = 5;
  unsigned logical_channel_group = 0;                  ///< 0..7
  friend bool operator==(const LogicalChannelConfig&, const LogicalChannelConfig&) = default;
};

/// What carries QoS flows of a PDU session on a DRB.
struct SdapMapping {
  unsigned pdu_session = 1;
  std::vector<unsigned> qfis{1};
  bool is_default_drb = true;
  bool has_uplink_header = false;
  bool has_downlink_header = false;
  friend bool operator==(const SdapMapping&, const SdapMapping&) = default;
};

struct BearerConfig {
  unsigned logical_channel = 1;                        ///< LCID, 1..32
  LogicalChannelConfig mac;
  std::variant<rlc::AmConfig, rlc::UmConfig> rlc;      ///< the same both ways
  pdcp::Config pdcp;                                   ///< `bearer` and `identity` say which bearer it is
  std::optional<SdapMapping> sdap;                     ///< of a DRB
  [[nodiscard]] bool is_srb() const { return pdcp.bearer == pdcp::Bearer::srb; }
  [[nodiscard]] unsigned identity() const { return pdcp.identity; }
};

/// SRB 1 or 2 with the default configuration of TS 38.331 §9.2.1.
[[nodiscard]] BearerConfig srb_bearer(unsigned identity);
/// RLC's mode of a DRB: acknowledged, or, where late is worse than lost, unacknowledged.
enum class RlcMode : std::uint8_t { am, um };
/// DRB 1..29 on LCID 3 + identity (DRB 1: 4), no integrity protection, no SDAP header: RLC AM and PDCP of 18 bits, or RLC UM and PDCP
/// of 12 bits with timers just above four HARQ transmissions.
[[nodiscard]] BearerConfig drb_bearer(unsigned identity, unsigned pdu_session, const std::vector<unsigned>& qfis, RlcMode mode = RlcMode::am);

}  // namespace ravi::rrc
