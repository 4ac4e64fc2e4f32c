#pragma once
// The PUCCH a UE uses before it has a dedicated one, and the factors that weigh UCI on a PUSCH. TS 38.213 §9.2.1, §9.3.

#include "stack/nr/prb_range.h"

#include <cstdint>
#include <optional>

namespace ravi::nr {

/// One resource of pucch-ResourceCommon. Hops between its two PRBs, both counted from the bandwidth part's start.
struct PucchCommonResource {
  unsigned format = 1;  ///< 0, 1; of format 1 the orthogonal sequence 0
  SymbolRange symbols;
  unsigned first_hop_prb = 0;
  unsigned second_hop_prb = 0;
  unsigned initial_cyclic_shift = 0;
  friend constexpr bool operator==(const PucchCommonResource&, const PucchCommonResource&) = default;
};

/// r_PUCCH (0..15) of an HARQ-ACK: first CCE and number of CCEs of its DCI's CORESET (> 0), PUCCH resource indicator
/// 0..7.
[[nodiscard]] constexpr unsigned pucch_resource_index(unsigned first_cce, unsigned num_cce, unsigned resource_indicator)
{
  return 2 * first_cce / num_cce + 2 * resource_indicator;
}

/// Resource r_PUCCH of set pucch-ResourceCommon (0..15 each) in an initial uplink bandwidth part of `bwp_num_prb`;
/// nothing for numbers out of range or a bandwidth part too narrow.
[[nodiscard]] std::optional<PucchCommonResource> pucch_common_resource(unsigned pucch_resource_common, unsigned r_pucch,
                                                                       unsigned bwp_num_prb) noexcept;

/// beta_offset^HARQ-ACK of an index 0..15, TS 38.213 Table 9.3-1.
[[nodiscard]] std::optional<float> beta_offset_harq_ack(unsigned index) noexcept;
/// beta_offset^CSI-1 and CSI-2 of an index 0..18, TS 38.213 Table 9.3-2.
[[nodiscard]] std::optional<float> beta_offset_csi(unsigned index) noexcept;

}  // namespace ravi::nr
