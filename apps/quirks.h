#pragma once
// What gNB, core and UE do otherwise where a foreign program departs from the standard: off unless the configuration says `quirks:`.

#include "config/network_config.h"
#include "stack/core/core.h"
#include "stack/gnb/gnb.h"
#include "stack/ue/ue.h"

namespace ravi::apps {

/// srsUE (srsRAN 4G 23.04 to 23.11):
/// - It looks for the random access response from the third slot behind the preamble on; the window begins earlier, TS 38.213 §8.2.
/// - It does not limit its soft buffer: retransmissions of large blocks are rate matched otherwise, TS 38.212 §5.4.2.1.
/// - It has no security on SRB2 and sends nothing there, TS 38.331 §5.3.5.6.3: the gNB sends NAS on SRB1.
void apply(config::Quirks quirks, gnb::GnbConfig& gnb);

/// srsUE deciphers 5G NAS messages as if their header were EPS's, one octet shorter (TS 24.501 §9.1.1): NAS stays in the clear.
void apply(config::Quirks quirks, core::CoreConfig& core);

/// OCUDU's gNB (26.04) sizes the soft buffer of every cell for 273 PRB, four layers and 256QAM, TS 38.212 §5.4.2.1: in practice there
/// is no limit.
void apply(config::Quirks quirks, ue::UeConfig& ue);

}  // namespace ravi::apps
