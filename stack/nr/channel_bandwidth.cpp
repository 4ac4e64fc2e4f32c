#include "stack/nr/channel_bandwidth.h"

#include "stack/nr/band_tables.h"

#include <algorithm>

namespace ravi::nr {
namespace {

constexpr Hertz in_hertz(unsigned mhz) { return Hertz(mhz * 1e6); }

const TransmissionBandwidth* find_row(Hertz bandwidth, Scs scs) noexcept
{
  if (mu_of(scs) > 2) return nullptr;
  for (const TransmissionBandwidth& row : tables::kTransmissionBandwidths) {
    if (in_hertz(row.mhz) == bandwidth && row.num_prb[mu_of(scs)] != 0) return &row;
  }
  return nullptr;
}

}  // namespace

std::optional<unsigned> max_num_prb(Hertz bandwidth, Scs scs) noexcept
{
  const TransmissionBandwidth* row = find_row(bandwidth, scs);
  if (row == nullptr) return std::nullopt;
  return row->num_prb[mu_of(scs)];
}

std::optional<Hertz> min_guard_band(Hertz bandwidth, Scs scs) noexcept
{
  const TransmissionBandwidth* row = find_row(bandwidth, scs);
  if (row == nullptr) return std::nullopt;
  return Hertz(row->guard_hz[mu_of(scs)]);
}

std::vector<Hertz> channel_bandwidths(unsigned band, Scs scs)
{
  std::vector<Hertz> bandwidths;
  for (const std::uint8_t mhz : kFr1BandwidthsMhz) {
    if (is_channel_bandwidth(in_hertz(mhz), band, scs)) bandwidths.push_back(in_hertz(mhz));
  }
  return bandwidths;
}

bool is_channel_bandwidth(Hertz bandwidth, unsigned band, Scs scs) noexcept
{
  const auto row = std::ranges::find(tables::kBandBandwidths, band, &BandBandwidths::band);
  if (row == tables::kBandBandwidths.end() || mu_of(scs) > 2) return false;
  for (unsigned i = 0; i < kFr1BandwidthsMhz.size(); ++i) {
    if (in_hertz(kFr1BandwidthsMhz[i]) == bandwidth) return (row->sets[mu_of(scs)] >> i & 1U) != 0;
  }
  return false;
}

}  // namespace ravi::nr
