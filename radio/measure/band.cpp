#include "radio/measure/band.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace ravi::measure {
namespace {

// The span as cells without a wrap: bin 0 sits astride -rate/2, so its upper half is the first half cell and its lower
// half, which is the other side of +rate/2, the last. Cell c covers [c - 0.5, c + 0.5] bins from -rate/2, 0 <= c <= N.
double cell(const Spectrum& spectrum, std::size_t c) { return static_cast<double>(spectrum.mean[c % spectrum.size()]); }

/// Position in bins from -rate/2, 0..N, clipped.
double position(const Spectrum& spectrum, Hertz frequency)
{
  const auto size = static_cast<double>(spectrum.size());
  return std::clamp(frequency.value() / spectrum.bin_width().value() + size / 2.0, 0.0, size);
}

Hertz frequency_at(const Spectrum& spectrum, double bins)
{
  return spectrum.bin_width() * (bins - static_cast<double>(spectrum.size()) / 2.0);
}

/// Position below which `target` of the power lies.
double position_of_power(const Spectrum& spectrum, double target)
{
  double below = 0.0;
  const auto size = static_cast<double>(spectrum.size());
  for (std::size_t c = 0; c <= spectrum.size(); ++c) {
    const double begin = std::max(static_cast<double>(c) - 0.5, 0.0);
    const double end = std::min(static_cast<double>(c) + 0.5, size);
    const double power = cell(spectrum, c) * (end - begin);
    if (below + power >= target && power > 0.0) return begin + (end - begin) * (target - below) / power;
    below += power;
  }
  return size;
}

/// Where a straight line in dB between two bins crosses `level`; 0..1 from `from` to `to`, from >= level > to.
double crossing(double from, double to, double level)
{
  if (to <= 0.0) return 0.5;
  const double slope = std::log(from / to);
  return slope > 0.0 ? std::clamp(std::log(from / level) / slope, 0.0, 1.0) : 0.0;
}

}  // namespace

double band_power(const Spectrum& spectrum, const Band& band)
{
  if (spectrum.size() == 0) return 0.0;
  const double low = position(spectrum, band.low);
  const double high = position(spectrum, band.high);
  if (!(low < high)) return 0.0;
  const auto first = static_cast<std::size_t>(std::floor(low + 0.5));
  const auto last = std::min(static_cast<std::size_t>(std::floor(high + 0.5)), spectrum.size());
  double power = 0.0;
  for (std::size_t c = first; c <= last; ++c) {
    const double begin = std::max(static_cast<double>(c) - 0.5, low);
    const double end = std::min(static_cast<double>(c) + 0.5, high);
    if (begin < end) power += cell(spectrum, c) * (end - begin);
  }
  return power;
}

DbFs channel_power(const Spectrum& spectrum, const Band& band) { return to_dbfs(band_power(spectrum, band)); }

std::optional<Band> occupied_bandwidth(const Spectrum& spectrum, double fraction)
{
  const double total = band_power(spectrum, spectrum.span());
  if (!(total > 0.0)) return std::nullopt;
  const double outside = 0.5 * (1.0 - fraction) * total;
  return Band{frequency_at(spectrum, position_of_power(spectrum, outside)),
              frequency_at(spectrum, position_of_power(spectrum, total - outside))};
}

std::optional<XDbBandwidth> x_db_bandwidth(const Spectrum& spectrum, Decibel x)
{
  const std::size_t size = spectrum.size();
  if (size == 0) return std::nullopt;
  const double peak = static_cast<double>(*std::max_element(spectrum.mean.begin(), spectrum.mean.end()));
  if (!(peak > 0.0)) return std::nullopt;
  const double level = peak * to_power(-x);

  std::size_t first = 0;
  while (cell(spectrum, first) < level) ++first;
  std::size_t last = size - 1;
  while (cell(spectrum, last) < level) --last;

  XDbBandwidth out{spectrum.span(), first == 0 || last == size - 1};
  if (first > 0) {
    const double step = crossing(cell(spectrum, first), cell(spectrum, first - 1), level);
    out.band.low = frequency_at(spectrum, static_cast<double>(first) - step);
  }
  if (last < size - 1) {
    const double step = crossing(cell(spectrum, last), cell(spectrum, last + 1), level);
    out.band.high = frequency_at(spectrum, static_cast<double>(last) + step);
  }
  return out;
}

NoiseFloor noise_floor(const Spectrum& spectrum)
{
  constexpr double kQuantile = 0.2;
  constexpr double kNormalQuantile = -0.841621;  // of the standard normal distribution at 0.2
  if (spectrum.size() == 0 || spectrum.num_segments == 0) {
    return {-std::numeric_limits<double>::infinity(), Decibel(0.0)};
  }
  std::vector<float> sorted(spectrum.mean);
  const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(kQuantile * static_cast<double>(sorted.size()));
  std::nth_element(sorted.begin(), nth, sorted.end());

  const double averages = std::max(spectrum.effective_averages, 1.0);
  const double spread = 1.0 / (9.0 * averages);
  const double expected = std::pow(1.0 - spread + kNormalQuantile * std::sqrt(spread), 3.0);  // of mean 1
  const double density = static_cast<double>(*nth) / (expected * spectrum.bin_width().value());
  // Standard deviation of a sample quantile: sqrt(q (1 - q) / n) / pdf, the pdf taken as that of a normal distribution.
  const double pdf = 0.28 * std::sqrt(averages);
  const double relative = 0.4 / (pdf * expected * std::sqrt(static_cast<double>(spectrum.size())));
  return {to_dbfs(density).value(), power_to_decibel(1.0 + relative)};
}

double median_bin(const Spectrum& spectrum)
{
  if (spectrum.size() == 0) return 0.0;
  std::vector<float> sorted(spectrum.mean);
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return static_cast<double>(*middle);
}

}  // namespace ravi::measure
