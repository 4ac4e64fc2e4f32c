#include "radio/measure/peaks.h"

#include "radio/measure/band.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace ravi::measure {
namespace {

/// Offset in bins, -0.5..0.5, of the tone whose neighbors of the strongest bin have the ratio `above` / `below`.
double tone_offset(Window window, double below, double above)
{
  if (!(below > 0.0) || !(above > 0.0)) return 0.0;
  const double wanted = std::log(above / below);
  double low = -0.5;
  double high = 0.5;
  for (int step = 0; step < 40; ++step) {
    const double middle = 0.5 * (low + high);
    const double ratio = std::log(main_lobe_power(window, 1.0 - middle) / main_lobe_power(window, 1.0 + middle));
    (ratio < wanted ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

/// Peak over the higher of the lowest points between it and higher ground (or the end of the span) on each side.
double prominence_ratio(const std::vector<float>& bins, std::size_t peak)
{
  const float top = bins[peak];
  float valley_below = top;
  for (std::size_t k = peak; k-- > 0 && bins[k] <= top;) valley_below = std::min(valley_below, bins[k]);
  float valley_above = top;
  for (std::size_t k = peak + 1; k < bins.size() && bins[k] <= top; ++k) valley_above = std::min(valley_above, bins[k]);
  const float valley = std::max(valley_below, valley_above);
  return valley > 0.0F ? static_cast<double>(top) / static_cast<double>(valley)
                       : std::numeric_limits<double>::infinity();
}

/// What noise alone, averaged `averages` times, exceeds its median by in one bin of some ten million (gamma
/// distribution, Wilson-Hilferty).
double noise_bound(double averages)
{
  const double spread = 1.0 / (9.0 * averages);
  return std::pow((1.0 - spread + 5.2 * std::sqrt(spread)) / (1.0 - spread), 3.0);
}

/// Largest power that a tone of power 1 leaves about `distance` bins away.
double leakage(Window window, double distance)
{
  return std::max({main_lobe_power(window, distance - 0.5), main_lobe_power(window, distance),
                   main_lobe_power(window, distance + 0.5)});
}

/// Takes out peaks that the side lobes of a stronger one explain. `peaks`: strongest first.
void remove_side_lobes(const Spectrum& spectrum, std::vector<Peak>& peaks)
{
  std::vector<Peak> kept;
  for (const Peak& peak : peaks) {
    const bool is_side_lobe = std::any_of(kept.begin(), kept.end(), [&](const Peak& stronger) {
      const double distance = std::abs((peak.frequency - stronger.frequency).value()) / spectrum.bin_width().value();
      const Decibel below = stronger.level - peak.level;
      return to_power(-below) < 2.0 * leakage(spectrum.window, distance);
    });
    if (!is_side_lobe) kept.push_back(peak);
  }
  peaks = std::move(kept);
}

/// Standard deviation of a bin of the mean, dB. Power that comes in bursts is averaged less often than there are segments.
double bin_deviation_db(const Spectrum& spectrum, std::size_t bin)
{
  const double share = static_cast<double>(spectrum.mean[bin]) / static_cast<double>(spectrum.max[bin]);
  return 10.0 / std::log(10.0) / std::sqrt(std::max(spectrum.effective_averages * share, 1.0));
}

Peak measure_peak(const Spectrum& spectrum, std::size_t bin)
{
  const auto power = [&](std::size_t k) { return static_cast<double>(spectrum.mean[k]); };
  const double offset = tone_offset(spectrum.window, power(bin - 1), power(bin + 1));
  Peak peak;
  peak.frequency = spectrum.frequency(bin) + spectrum.bin_width() * offset;
  peak.level = spectrum.bin_dbfs(power(bin) / main_lobe_power(spectrum.window, offset));
  return peak;
}

}  // namespace

std::vector<Peak> find_peaks(const Spectrum& spectrum, const PeakOptions& options)
{
  std::vector<Peak> peaks;
  if (spectrum.size() < 3 || spectrum.num_segments == 0) return peaks;
  const double median = median_bin(spectrum);
  const double averages = std::max(spectrum.effective_averages, 1.0);
  const double threshold = median * std::max(to_power(options.threshold), noise_bound(averages));

  const std::vector<float>& bins = spectrum.mean;
  for (std::size_t k = 1; k + 1 < bins.size(); ++k) {
    const bool is_local_maximum = bins[k] > bins[k - 1] && bins[k] >= bins[k + 1];
    if (!is_local_maximum || static_cast<double>(bins[k]) < threshold) continue;
    const double ratio = prominence_ratio(bins, k);
    if (power_to_decibel(ratio) < options.prominence + Decibel(4.0 * bin_deviation_db(spectrum, k))) continue;
    Peak peak = measure_peak(spectrum, k);
    peak.prominence = power_to_decibel(ratio);
    peak.above_median = power_to_decibel(static_cast<double>(bins[k]) / median);
    peaks.push_back(peak);
  }
  std::sort(peaks.begin(), peaks.end(), [](const Peak& a, const Peak& b) { return a.level > b.level; });
  remove_side_lobes(spectrum, peaks);
  if (peaks.size() > options.max_peaks) peaks.resize(options.max_peaks);
  return peaks;
}

}  // namespace ravi::measure
