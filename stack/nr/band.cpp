#include "stack/nr/band.h"

#include "stack/nr/band_tables.h"

#include <algorithm>
#include <cmath>

namespace ravi::nr {
namespace {

bool is_for(const ChannelRaster& row, unsigned band, Scs scs) noexcept
{
  if (row.band != band) return false;
  if (row.raster_khz == 100) return true;
  // Rows of 15 kHz serve 15 kHz carriers, and every spacing where the band has no row of 30 kHz.
  const bool has_30 = std::ranges::any_of(tables::kChannelRasters, [&](const ChannelRaster& other) {
    return other.band == band && other.raster_khz == 30;
  });
  const bool wants_30 = has_30 && scs != Scs::khz15;
  return row.raster_khz == (wants_30 ? 30 : 15);
}

const ArfcnRange& range_of(const ChannelRaster& row, LinkDirection direction) noexcept
{
  return direction == LinkDirection::uplink ? row.uplink : row.downlink;
}

double distance(Arfcn arfcn, Hertz frequency) noexcept { return std::abs((nr::frequency(arfcn) - frequency).value()); }

}  // namespace

std::span<const Band> fr1_bands() noexcept { return tables::kBands; }

const Band* find_band(unsigned number) noexcept
{
  const auto found = std::ranges::find(tables::kBands, number, &Band::number);
  return found == tables::kBands.end() ? nullptr : &*found;
}

std::vector<const Band*> bands_at(Hertz frequency, LinkDirection direction)
{
  std::vector<const Band*> bands;
  for (const Band& band : tables::kBands) {
    if (band.range(direction) && band.range(direction)->contains(frequency)) bands.push_back(&band);
  }
  return bands;
}

std::span<const ChannelRaster> channel_rasters() noexcept { return tables::kChannelRasters; }

bool is_on_raster(Arfcn arfcn, unsigned band, LinkDirection direction, Scs scs) noexcept
{
  return std::ranges::any_of(tables::kChannelRasters, [&](const ChannelRaster& row) {
    return is_for(row, band, scs) && range_of(row, direction).contains(arfcn);
  });
}

std::optional<Arfcn> nearest_on_raster(Hertz frequency, unsigned band, LinkDirection direction, Scs scs) noexcept
{
  const std::uint32_t around = nearest_arfcn(frequency).value();
  std::optional<Arfcn> nearest;
  for (const ChannelRaster& row : tables::kChannelRasters) {
    const ArfcnRange& range = range_of(row, direction);
    if (!is_for(row, band, scs) || range.step == 0) continue;
    const std::uint32_t inside = std::clamp(around, range.first, range.last) - range.first;
    const std::uint32_t below = range.first + inside / range.step * range.step;
    for (const std::uint32_t value : {below, std::min(below + range.step, range.last)}) {
      const Arfcn candidate(value);
      if (!nearest || distance(candidate, frequency) < distance(*nearest, frequency)) nearest = candidate;
    }
  }
  return nearest;
}

std::optional<Arfcn> default_uplink(Arfcn downlink, unsigned number) noexcept
{
  const Band* band = find_band(number);
  if (band == nullptr || !band->uplink || !band->downlink) return std::nullopt;
  const Hertz f = frequency(downlink);
  if (!band->downlink->contains(f)) return std::nullopt;
  const Hertz uplink = f - band->downlink->low + band->uplink->low;
  if (!band->uplink->contains(uplink)) return std::nullopt;
  return arfcn_of(uplink);
}

}  // namespace ravi::nr
