#include "stack/rrc/choose_prach.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace ravi::rrc {
namespace {

/// Formats that stack/phy detects, the preferred first.
constexpr std::array kFormats{nr::PrachFormat::f0, nr::PrachFormat::b4, nr::PrachFormat::a3, nr::PrachFormat::c2,
                              nr::PrachFormat::a2, nr::PrachFormat::a1, nr::PrachFormat::c0};
/// Frames between occasions, the preferred first.
constexpr std::array kPeriods{2U, 1U, 4U, 8U, 16U};
constexpr unsigned kFddIndex = 13;

struct OccasionCount {
  unsigned valid = 0;
  unsigned invalid = 0;
};

OccasionCount count_occasions(const nr::PrachConfig& config, nr::Scs scs, const std::optional<nr::TddConfig>& tdd) noexcept
{
  OccasionCount count;
  const unsigned num_slots = config.x * nr::slots_per_frame(scs);
  for (unsigned i = 0; i < num_slots; ++i) {
    const nr::Slot slot = nr::Slot::from_count(scs, i);
    for (const nr::PrachOccasion& occasion : nr::prach_occasions(config, scs, slot)) {
      const bool is_valid = !tdd || nr::is_valid_occasion(occasion, scs, slot, *tdd);
      ++(is_valid ? count.valid : count.invalid);
    }
  }
  return count;
}

bool has_format(const nr::PrachConfig& config, nr::PrachFormat format) noexcept
{
  return config.format == format && config.last_format == format;
}

}  // namespace

bool is_usable_prach(unsigned index, nr::Duplex duplex, nr::Scs scs, const std::optional<nr::TddConfig>& tdd) noexcept
{
  const auto config = index <= kMaxPrachConfigurationIndex ? nr::prach_config(duplex, index) : std::nullopt;
  if (!config) return false;
  if (std::ranges::none_of(kFormats, [&](nr::PrachFormat format) { return has_format(*config, format); })) return false;
  return count_occasions(*config, scs, tdd).valid > 0;
}

std::optional<unsigned> choose_prach(nr::Duplex duplex, nr::Scs scs, const std::optional<nr::TddConfig>& tdd) noexcept
{
  if (duplex != nr::Duplex::tdd) return kFddIndex;
  for (const nr::PrachFormat format : kFormats) {
    for (const unsigned period : kPeriods) {
      for (unsigned index = 0; index <= kMaxPrachConfigurationIndex; ++index) {
        const auto config = nr::prach_config(duplex, index);
        if (!config || !has_format(*config, format) || config->x != period) continue;
        const OccasionCount count = count_occasions(*config, scs, tdd);
        if (count.valid > 0 && count.invalid == 0) return index;
      }
    }
  }
  return nearest_usable_prach(0, duplex, scs, tdd);
}

std::optional<unsigned> nearest_usable_prach(unsigned wanted, nr::Duplex duplex, nr::Scs scs,
                                             const std::optional<nr::TddConfig>& tdd) noexcept
{
  std::optional<unsigned> nearest;
  const auto distance = [wanted](unsigned index) { return index > wanted ? index - wanted : wanted - index; };
  for (unsigned index = 0; index <= kMaxPrachConfigurationIndex; ++index) {
    if (nearest && distance(index) >= distance(*nearest)) continue;
    if (is_usable_prach(index, duplex, scs, tdd)) nearest = index;
  }
  return nearest;
}

}  // namespace ravi::rrc
