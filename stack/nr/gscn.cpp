#include "stack/nr/gscn.h"

#include "stack/nr/ss_raster_tables.h"

#include <algorithm>
#include <cmath>

namespace ravi::nr {
namespace {

// TS 38.104 Table 5.4.3.1-1. Below 3 GHz: N x 1200 kHz + M x 50 kHz, M = 1, 3, 5, numbered 3 N + (M - 3) / 2.
constexpr std::uint32_t kFirstAbove3Ghz = 7'499;
constexpr std::uint32_t kFirstFr2 = 22'256;

std::int64_t ss_ref_hz(std::uint32_t gscn) noexcept
{
  if (gscn < kFirstAbove3Ghz) {
    const std::int64_t n = (gscn + 1) / 3;
    const std::int64_t m = 2 * ((gscn + 1) % 3) + 1;
    return n * 1'200'000 + m * 50'000;
  }
  if (gscn < kFirstFr2) return 3'000'000'000 + std::int64_t{gscn - kFirstAbove3Ghz} * 1'440'000;
  return 24'250'080'000 + std::int64_t{gscn - kFirstFr2} * 17'280'000;
}

}  // namespace

Hertz ss_ref(Gscn gscn) noexcept { return Hertz(static_cast<double>(ss_ref_hz(gscn.value()))); }

std::optional<Gscn> gscn_of(Hertz wanted) noexcept
{
  const Gscn nearest = nearest_gscn(wanted);
  if (ss_ref(nearest) != wanted) return std::nullopt;
  return nearest;
}

Gscn nearest_gscn(Hertz wanted) noexcept
{
  // SS_REF grows with the number: the first that is not below, or the one before it.
  std::uint32_t low = Gscn::kMin;
  std::uint32_t high = Gscn::kMax;
  while (low < high) {
    const std::uint32_t middle = (low + high) / 2;
    if (ss_ref(Gscn(middle)) < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const Gscn above(low);
  if (low == Gscn::kMin) return above;
  const Gscn below(low - 1);
  const double miss_above = std::abs((ss_ref(above) - wanted).value());
  const double miss_below = std::abs((ss_ref(below) - wanted).value());
  return miss_above < miss_below ? above : below;
}

bool SsRaster::contains(Gscn gscn) const noexcept
{
  if (step == 0) return std::ranges::binary_search(list, gscn.value());
  return gscn.value() >= first && gscn.value() <= last && (gscn.value() - first) % step == 0;
}

std::span<const SsRaster> ss_rasters() noexcept { return tables::kSsRasters; }

std::span<const SsRaster> ss_rasters(unsigned band) noexcept
{
  const auto first = std::ranges::lower_bound(tables::kSsRasters, band, {}, &SsRaster::band);
  const auto last = std::ranges::upper_bound(tables::kSsRasters, band, {}, &SsRaster::band);
  return {first, last};
}

std::vector<Gscn> gscns(const SsRaster& raster)
{
  std::vector<Gscn> all;
  for (const std::uint16_t value : raster.list) all.emplace_back(value);
  if (raster.step == 0) return all;
  for (unsigned value = raster.first; value <= raster.last; value += raster.step) all.emplace_back(value);
  return all;
}

}  // namespace ravi::nr
