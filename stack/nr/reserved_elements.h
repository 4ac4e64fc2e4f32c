#pragma once
// What a UE's PDSCH leaves out in a slot: SS/PBCH blocks and CSI-RS. TS 38.214 §5.1.4; TS 38.211 §7.3.1.5.

#include "stack/nr/cell.h"
#include "stack/nr/dci.h"
#include "stack/nr/phy_mac.h"
#include "stack/nr/slot.h"

namespace ravi::nr {

/// Adds to `pdu.reserved`. config: nullptr before there is one. SIB1's PDSCH (SI-RNTI) leaves nothing out; that of another RNTI
/// than the C-RNTI no CSI-RS. False: more in one slot than the PDU has room for.
[[nodiscard]] bool reserve_elements(const Cell& cell, const UeConfig* config, DciRnti kind, Slot slot, PdschPdu& pdu) noexcept;

}  // namespace ravi::nr
