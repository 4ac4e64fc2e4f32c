#include "stack/mac/cce_allocation.h"

#include "stack/nr/search_space.h"

namespace ravi::mac {

bool CceAllocation::take_at(unsigned cce_index, unsigned level) noexcept
{
  for (unsigned cce = cce_index; cce < cce_index + level; ++cce) {
    if (used_[cce]) return false;
  }
  for (unsigned cce = cce_index; cce < cce_index + level; ++cce) used_.set(cce);
  return true;
}

bool CceAllocation::is_common_candidate(unsigned cce_index, unsigned level_index) const noexcept
{
  for (const nr::SearchSpace& search_space : common_) {
    const unsigned num_candidates = search_space.num_candidates[level_index];
    for (unsigned candidate = 0; candidate < num_candidates; ++candidate) {
      if (nr::candidate_cce(0, candidate, num_candidates, 1U << level_index, num_cce_) == cce_index) return true;
    }
  }
  return false;
}

std::optional<CcePlace> CceAllocation::take(const nr::SearchSpace& search_space, nr::Rnti rnti, nr::Slot slot,
                                            unsigned wanted_level) noexcept
{
  const std::uint32_t hash =
      search_space.is_common ? 0 : nr::search_space_hash(search_space.coreset_id, rnti, slot.slot_in_frame());
  unsigned wanted = 0;
  while (wanted + 1 < nr::kNumAggregationLevels && (1U << wanted) < wanted_level) ++wanted;
  // Levels in the order wanted, wanted + 1, ... highest, then wanted - 1, ... lowest.
  for (unsigned i = 0; i < nr::kNumAggregationLevels; ++i) {
    const unsigned index = wanted + i < nr::kNumAggregationLevels ? wanted + i : nr::kNumAggregationLevels - 1 - i;
    const unsigned level = 1U << index;
    const unsigned num_candidates = search_space.num_candidates[index];
    for (unsigned candidate = 0; candidate < num_candidates; ++candidate) {
      const auto cce = nr::candidate_cce(hash, candidate, num_candidates, level, num_cce_);
      if (cce && !search_space.is_common && is_common_candidate(*cce, index)) continue;
      if (cce && take_at(*cce, level)) return CcePlace{.cce_index = *cce, .aggregation_level = level};
    }
  }
  return std::nullopt;
}

}  // namespace ravi::mac
