#include "stack/nr/search_space.h"

namespace ravi::nr {

bool is_monitored(const SearchSpace& search_space, Slot slot) noexcept
{
  const unsigned period = search_space.period_slots > 0 ? search_space.period_slots : 1;
  const unsigned phase = (slot.count() + Slot::num_slots(slot.scs()) * period - search_space.offset_slots % period) % period;
  return phase < search_space.duration_slots;
}

std::uint32_t search_space_hash(unsigned coreset_id, Rnti rnti, unsigned slot_in_frame) noexcept
{
  constexpr std::uint64_t kModulus = 65'537;
  constexpr std::array<std::uint64_t, 3> kFactor{39'827, 39'829, 39'839};
  std::uint64_t y = rnti.value();
  for (unsigned slot = 0; slot <= slot_in_frame; ++slot) y = kFactor[coreset_id % 3] * y % kModulus;
  return static_cast<std::uint32_t>(y);
}

std::optional<unsigned> candidate_cce(std::uint32_t hash, unsigned candidate, unsigned num_candidates,
                                      unsigned aggregation_level, unsigned num_cce) noexcept
{
  if (aggregation_level == 0 || num_candidates == 0 || num_cce < aggregation_level) return std::nullopt;
  const std::uint64_t step = std::uint64_t{candidate} * num_cce / (std::uint64_t{aggregation_level} * num_candidates);
  const std::uint64_t places = num_cce / aggregation_level;
  return static_cast<unsigned>(aggregation_level * ((hash + step) % places));
}

}  // namespace ravi::nr
