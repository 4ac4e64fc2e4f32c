#pragma once
// What the n-th UE of a cell is told: its search space, its own PUCCH resources and their occasions.

#include "stack/nr/cell.h"

#include <cstdint>
#include <optional>

namespace ravi::rrc {

struct UeConfigOptions {
  /// DCI of a common search space, whose allocations lie within CORESET#0: all that srsUE understands.
  bool is_search_space_common = false;
  unsigned sr_period_ms = 5;                     ///< or the next longer one that has uplink slots
  std::optional<unsigned> csi_period_ms = 40;    ///< nothing: no CSI report
  bool has_limited_soft_buffer = true;           ///< of PDSCH, TS 38.212 §5.4.2.1
  std::optional<unsigned> min_k1;                ///< slots a UE needs from PDSCH to HARQ-ACK; 4, TDD 2
};

/// `index` from 0 on: no two of a cell share a PUCCH resource. Format 1 from the carrier's lowest PRB up to the PRACH (cyclic
/// shifts that the common resources of PUCCH resource indicator 0 leave free), format 2 from the PRB below its highest one down,
/// so that the PRBs between are whole for PUSCH. Nothing: no room for so many UEs, or no uplink slot for a period.
///
/// Resources: 0 HARQ-ACK up to two bits (set 0), 1 scheduling request, 2 more bits (set 1) and CSI. The DCI's PUCCH resource
/// indicator is always 0. TS 38.213 §9.2.
[[nodiscard]] std::optional<nr::UeConfig> derive_ue_config(const nr::Cell& cell, nr::Rnti c_rnti, unsigned index,
                                                           const UeConfigOptions& options = {});

}  // namespace ravi::rrc
