#include "stack/nr/coreset0.h"

#include "stack/nr/coreset0_tables.h"

#include <span>

namespace ravi::nr {
namespace {

std::span<const Coreset0> rows_of(Scs ssb_scs, Scs pdcch_scs, MinimumBandwidth minimum) noexcept
{
  const bool is_wide = minimum == MinimumBandwidth::mhz40;
  if (ssb_scs == Scs::khz15 && pdcch_scs == Scs::khz15 && !is_wide) return tables::kCoreset0Table13v1;
  if (ssb_scs == Scs::khz15 && pdcch_scs == Scs::khz30 && !is_wide) return tables::kCoreset0Table13v2;
  if (ssb_scs == Scs::khz30 && pdcch_scs == Scs::khz15 && !is_wide) return tables::kCoreset0Table13v3;
  if (ssb_scs == Scs::khz30 && pdcch_scs == Scs::khz30 && !is_wide) return tables::kCoreset0Table13v4;
  if (ssb_scs == Scs::khz30 && pdcch_scs == Scs::khz15) return tables::kCoreset0Table13v5;
  if (ssb_scs == Scs::khz30 && pdcch_scs == Scs::khz30) return tables::kCoreset0Table13v6;
  return {};
}

}  // namespace

std::optional<Coreset0> coreset0(Scs ssb_scs, Scs pdcch_scs, MinimumBandwidth minimum, unsigned index) noexcept
{
  const std::span<const Coreset0> rows = rows_of(ssb_scs, pdcch_scs, minimum);
  if (index >= rows.size()) return std::nullopt;
  return rows[index];
}

std::optional<SearchSpace0> search_space0(unsigned index) noexcept
{
  if (index >= tables::kSearchSpace0.size()) return std::nullopt;
  return tables::kSearchSpace0[index];
}

Type0Monitoring type0_monitoring(const SearchSpace0& search_space, const Coreset0& coreset, Scs pdcch_scs,
                                 unsigned ssb_index) noexcept
{
  const unsigned num_slots = slots_per_frame(pdcch_scs);
  const unsigned slots = search_space.offset_ms * slots_per_subframe(pdcch_scs) + ssb_index * search_space.twice_m / 2;
  const bool is_second_set = search_space.sets_per_slot == 2 && ssb_index % 2 == 1;
  return {.sfn_parity = slots / num_slots % 2,
          .slot_in_frame = slots % num_slots,
          .first_symbol = is_second_set ? coreset.num_symbols : search_space.first_symbol};
}

bool is_monitored(const Type0Monitoring& monitoring, Slot slot) noexcept
{
  const unsigned period = 2 * slots_per_frame(slot.scs());
  const unsigned first = monitoring.sfn_parity * slots_per_frame(slot.scs()) + monitoring.slot_in_frame;
  return (slot.count() + period - first) % period < 2;
}

}  // namespace ravi::nr
