#pragma once
// What gNB and core do otherwise where a foreign program departs from the standard: off unless the configuration says `quirks:`.

#include "config/network_config.h"
#include "stack/core/core.h"
#include "stack/gnb/gnb.h"

namespace ravi::apps {

/// srsUE (srsRAN 4G 23.04 to 23.11):
/// - It looks for the random access response from the third slot behind the preamble on; the window begins earlier, TS 38.213 §8.2.
/// - It has no security on SRB2 and sends nothing there, TS 38.331 §5.3.5.6.3: the gNB sends NAS on SRB1.
void apply(config::Quirks quirks, gnb::GnbConfig& gnb);

/// srsUE deciphers 5G NAS messages as if their header were EPS's, one octet shorter (TS 24.501 §9.1.1): NAS stays in the clear.
void apply(config::Quirks quirks, core::CoreConfig& core);

}  // namespace ravi::apps
