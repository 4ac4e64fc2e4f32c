#pragma once
// Access stratum security put in force on a bearer: the same at both ends. TS 38.331 §5.3.4.3; TS 38.323 §5.8, §5.9.

#include "stack/pdcp/radio_bearer.h"
#include "stack/rrc/as_security.h"
#include "stack/rrc/bearer_config.h"
#include "stack/rrc/rrc_action.h"

namespace ravi::rrc {

/// Both directions from the next PDU on, with the keys of the bearer's kind. A DRB without integrity protection has no first
/// stage. Allocates.
inline void secure(pdcp::RadioBearer& radio, const BearerConfig& config, SecurityStage stage, const AsSecurity& security)
{
  if (stage == SecurityStage::integrity) {
    if (!config.pdcp.has_mac_i()) return;
    const security::Key128& key = config.is_srb() ? security.k_rrc_int : security.k_up_int;
    radio.tx().activate_integrity(security.integrity, key);
    radio.rx().activate_integrity(security.integrity, key);
    return;
  }
  const security::Key128& key = config.is_srb() ? security.k_rrc_enc : security.k_up_enc;
  radio.tx().activate_ciphering(security.ciphering, key);
  radio.rx().activate_ciphering(security.ciphering, key);
}

}  // namespace ravi::rrc
