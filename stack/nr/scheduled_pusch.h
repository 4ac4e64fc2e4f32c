#pragma once
// From an uplink grant to the PUSCH it schedules: DCI 0_0 and 0_1, and the grant of a random access response. TS 38.214 §6.1;
// TS 38.213 §8.2, §8.3.

#include "stack/nr/cell.h"
#include "stack/nr/dci.h"
#include "stack/nr/dci_1.h"
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
  std::optional<AntennaPort> antenna;  ///< format 0_1's; else the standard's default
  unsigned n_scid = 0;
};

/// What a grant is read with, besides the cell.
struct PuschScheduling {
  PuschTimeAllocation time;            ///< the row that the grant's field picks
  McsTable mcs_table = McsTable::qam64;
  unsigned additional_position = 2;    ///< of the DM-RS; with format 0_0 and Msg3 always 2
  unsigned tbs_lbrm_bytes = 0;
};

[[nodiscard]] UplinkGrant grant_of(const Dci00& dci) noexcept;
/// Nothing for antenna ports of more than one layer.
[[nodiscard]] std::optional<UplinkGrant> grant_of(const Dci01& dci) noexcept;

/// The row of the cell's list, or of default table A where it has none. Nothing for a row that there is not.
[[nodiscard]] std::optional<PuschTimeAllocation> pusch_time_allocation(const Cell& cell, unsigned row) noexcept;
/// The same of the PDSCH.
[[nodiscard]] std::optional<PdschTimeAllocation> pdsch_time_allocation(const Cell& cell, unsigned row) noexcept;

/// What decides a UE's PUSCH, from the cell and what it has been told (nullptr: nothing yet, or Msg3). search_space: of the DCI;
/// nullptr: a random access response. Nothing for a row that there is not.
[[nodiscard]] std::optional<PuschScheduling> pusch_scheduling(const Cell& cell, const UeConfig* config, unsigned time_row,
                                                              const SearchSpace* search_space) noexcept;

/// UCI fields are left empty. Nothing where a field is reserved or the allocation impossible. A reserved MCS (28..31) leaves the size
/// at 0: a retransmission's, the first one's.
[[nodiscard]] std::optional<PuschPdu> scheduled_pusch(const UplinkGrant& grant, Rnti rnti, const Cell& cell,
                                                      const PuschScheduling& scheduling) noexcept;

/// One PRACH occasion of the cell, as both ends take it.
[[nodiscard]] PrachPdu prach_pdu(const Cell& cell, const PrachOccasion& occasion) noexcept;

/// The RIV of the 14-bit frequency field of a random access response's grant: its low bits where the BWP has up to 180 PRBs,
/// else all of them. TS 38.213 §8.3, no hopping.
[[nodiscard]] unsigned riv_of_rar_field(unsigned field, unsigned num_bwp_prb) noexcept;

}  // namespace ravi::nr
