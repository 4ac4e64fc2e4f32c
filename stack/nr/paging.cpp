#include "stack/nr/paging.h"

#include "stack/nr/search_space.h"
#include "stack/nr/tdd_pattern.h"

#include <algorithm>
#include <bit>

namespace ravi::nr {
namespace {

/// The search space's PDCCH is listened for in the slot, and is not uplink's.
bool is_monitoring_occasion(const Cell& cell, Slot slot) noexcept
{
  if (!is_monitored(cell.ra_search_space, slot)) return false;
  return !cell.tdd || slot_direction(*cell.tdd, slot).is_downlink({cell.ra_search_space.first_symbol, cell.coreset0.duration});
}

}  // namespace

bool is_paging_occasion(const Cell& cell, unsigned ue_id, Slot slot) noexcept
{
  if (!cell.paging) return false;
  const PagingConfig& paging = *cell.paging;
  const unsigned num_frames = std::max(1U, paging.cycle_frames / std::max(1U, paging.frames_apart));  // N
  if ((slot.sfn() + paging.frame_offset) % paging.cycle_frames != paging.frames_apart * (ue_id % num_frames)) return false;
  const unsigned index = ue_id / num_frames % std::max(1U, paging.occasions_per_frame);  // i_s
  const auto num_blocks = static_cast<unsigned>(std::popcount(cell.ssb_positions_in_burst));
  unsigned wanted = index * num_blocks;
  if (index < paging.first_monitoring_occasions.size()) wanted = paging.first_monitoring_occasions[index];
  if (!is_monitoring_occasion(cell, slot)) return false;
  unsigned before = 0;
  for (unsigned i = 1; i <= slot.slot_in_frame(); ++i) before += is_monitoring_occasion(cell, slot - i) ? 1 : 0;
  return before == wanted;
}

}  // namespace ravi::nr
