#pragma once
// From an uplink grant to the PUSCH it schedules: DCI 0_0, and the grant of a random access response. TS 38.214 §6.1;
// TS 38.213 §8.2, §8.3.

#include "stack/nr/cell.h"
#include "stack/nr/phy_mac.h"
#include "stack/nr/prach_config.h"
#include "stack/nr/rnti.h"

#include <optional>

namespace ravi::nr {

/// What a grant says, whichever way it came.
struct UplinkGrant {
  unsigned riv = 0;                    ///< in the uplink BWP
  unsigned time_allocation = 0;        ///< row of the PUSCH time allocations, from 0
  unsigned mcs = 0;
  unsigned ndi = 0;
  unsigned redundancy_version = 0;
  unsigned harq_process = 0;
};

/// The row of the cell's list, or of default table A where it has none. Nothing for a row that there is not.
[[nodiscard]] std::optional<PuschTimeAllocation> pusch_time_allocation(const Cell& cell, unsigned row) noexcept;
/// The same of the PDSCH.
[[nodiscard]] std::optional<PdschTimeAllocation> pdsch_time_allocation(const Cell& cell, unsigned row) noexcept;

/// UCI fields are left empty. `table`: pusch-Config's, qam64 for Msg3 and before dedicated configuration. Nothing where a field
/// is reserved or the allocation impossible. A reserved MCS (28..31) leaves the size at 0: a retransmission's, the first one's.
/// additional_position: of the DM-RS.
[[nodiscard]] std::optional<PuschPdu> scheduled_pusch(const UplinkGrant& grant, Rnti rnti, const Cell& cell, McsTable table,
                                                      unsigned additional_position = 2) noexcept;

/// One PRACH occasion of the cell, as both ends take it.
[[nodiscard]] PrachPdu prach_pdu(const Cell& cell, const PrachOccasion& occasion) noexcept;

/// The RIV of the 14-bit frequency field of a random access response's grant: its low bits where the BWP has up to 180 PRBs,
/// else all of them. TS 38.213 §8.3, no hopping.
[[nodiscard]] unsigned riv_of_rar_field(unsigned field, unsigned num_bwp_prb) noexcept;

}  // namespace ravi::nr
