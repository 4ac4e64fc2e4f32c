#pragma once
// RLC-BearerConfig and RadioBearerConfig to and from BearerConfig. TS 38.331 §5.3.5.5.4, §5.3.5.6.

#include "stack/asn1/rrc.h"
#include "stack/rrc/bearer_config.h"
#include "stack/rrc/enumerated.h"

#include <span>
#include <vector>

namespace ravi::rrc {

[[nodiscard]] asn1::rrc::RlcBearerConfig rlc_bearer_ie(const BearerConfig& bearer, Enumerator& enumerator);
/// srb-ToAddModList and drb-ToAddModList; srsUE refuses pdcp-Config of an SRB and securityConfig, so neither is sent.
void write_radio_bearers(std::span<const BearerConfig> bearers, asn1::rrc::RadioBearerConfig& out, Enumerator& enumerator);

/// The bearer with its RLC and logical channel; what a message leaves out is at the default of an SRB. Nothing: malformed, or what
/// is not built (RLC UM one way, a new DRB without RLC configuration).
[[nodiscard]] std::optional<BearerConfig> read_rlc_bearer(const asn1::rrc::RlcBearerConfig& ie);
/// Fills PDCP and SDAP of those of `bearers` that the message names. False: malformed, an entry without RLC bearer in `bearers`, or
/// what is not built (header compression, two RLC bearers, different SN sizes each way).
[[nodiscard]] bool read_radio_bearers(const asn1::rrc::RadioBearerConfig& ie, std::span<BearerConfig> bearers);

}  // namespace ravi::rrc
