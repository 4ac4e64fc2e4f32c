#pragma once
// From a DCI 1_0 or 1_1 to the PDSCH it schedules. TS 38.214 §5.1.

#include "stack/nr/cell.h"
#include "stack/nr/dci.h"
#include "stack/nr/dci_1.h"
#include "stack/nr/mcs.h"
#include "stack/nr/phy_mac.h"
#include "stack/nr/time_allocation.h"

#include <optional>

namespace ravi::nr {

/// What decides the PDSCH besides the DCI.
struct PdschScheduling {
  Pci pci;
  /// Where the RIV counts from and its size. Common search space: from the lowest CRB of the CORESET of the DCI, as many PRBs
  /// as CORESET#0 has (TS 38.214 §5.1.2.2). UE search space: the active BWP.
  PrbRange riv_crb;
  PdschTimeAllocation time;           ///< the row that the DCI's field picks
  unsigned type_a_position = 2;           ///< dmrs-TypeA-Position
  unsigned additional_position = 2;       ///< dmrs-AdditionalPosition; 2 unless configured, and always for SI, RA, P and TC-RNTI
  McsTable mcs_table = McsTable::qam64;  ///< always qam64 for SI, RA and P-RNTI
  unsigned x_overhead = 0;
  unsigned dmrs_reference_crb = 0;        ///< CORESET#0's lowest CRB with SI-RNTI in the Type0 search space, else 0
  std::optional<unsigned> dmrs_scrambling_id;   ///< scramblingID0; else the PCI
  std::optional<unsigned> data_scrambling_id;   ///< dataScramblingIdentityPDSCH, for C-RNTI in no common search space; else the PCI
  unsigned tbs_lbrm_bytes = 0;            ///< limited_buffer_bits / 8
};

/// Where a DCI was found.
struct DciPlace {
  SearchSpace search_space;
  Coreset coreset;
  unsigned first_cce = 0;
};

/// What decides a UE's PDSCH, from the cell and what it has been told (nullptr: nothing yet). time_row: the DCI's field. Nothing for
/// a row that there is not, or a PDSCH in a later slot than its DCI (k_0 > 0).
[[nodiscard]] std::optional<PdschScheduling> pdsch_scheduling(const Cell& cell, const UeConfig* config, DciRnti kind, unsigned time_row,
                                                              const DciPlace& place) noexcept;

/// Nothing where a field is reserved or the allocation impossible. A reserved MCS (a retransmission's, 29..31) gives a tbs of 0:
/// it is that of the first transmission. `harq_process` and NDI are the caller's to follow: is_new_data is left true.
[[nodiscard]] std::optional<PdschPdu> scheduled_pdsch(const Dci10& dci, DciRnti kind, Rnti rnti,
                                                          const PdschScheduling& scheduling) noexcept;

/// The same of a format 1_1 with C-RNTI; scheduling: of `pdsch_scheduling`. Nothing for more than one layer.
[[nodiscard]] std::optional<PdschPdu> scheduled_pdsch(const Dci11& dci, Rnti rnti, const PdschScheduling& scheduling,
                                                      const UeConfig& config) noexcept;

}  // namespace ravi::nr
