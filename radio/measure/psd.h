#pragma once
// The averaged power spectrum (Welch): mean, maximum and minimum of each bin over all segments.

#include "radio/measure/segments.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::measure {

/// A part of the spectrum; frequencies relative to the center frequency, so -rate/2 .. rate/2.
struct Band {
  Hertz low;
  Hertz high;
  [[nodiscard]] Hertz width() const { return high - low; }
  [[nodiscard]] Hertz center() const { return (low + high) * 0.5; }
};

/// A measured spectrum: one value a bin, ascending in frequency, linear, full scale 1.
///
/// Calibration  the sum of `mean` over the bins is the mean power. `mean[k]` is the power in one bin width;
///              `bin_dbfs(mean[k])` is the level an analyzer of bandwidth `resolution_bandwidth()` shows, and that of a
///              tone at the bin's center.
/// Uncertainty  of noise: a bin of `mean` has a relative standard deviation of 1 / sqrt(effective_averages).
struct Spectrum {
  SampleRate sample_rate;
  Window window = Window::hann;
  std::uint64_t num_segments = 0;
  double effective_averages = 0.0;  ///< independent segments the overlapping ones are worth
  std::vector<float> mean;
  std::vector<float> max;
  std::vector<float> min;

  [[nodiscard]] std::size_t size() const { return mean.size(); }
  [[nodiscard]] Hertz bin_width() const { return sample_rate.bandwidth() * (1.0 / static_cast<double>(size())); }
  [[nodiscard]] Hertz resolution_bandwidth() const { return bin_width() * noise_bandwidth_bins(window); }
  /// Center of a bin, relative to the center frequency.
  [[nodiscard]] Hertz frequency(std::size_t bin) const
  {
    return bin_width() * (static_cast<double>(bin) - static_cast<double>(size() / 2));
  }
  [[nodiscard]] Band span() const { return {sample_rate.bandwidth() * -0.5, sample_rate.bandwidth() * 0.5}; }
  /// Level in the resolution bandwidth; -infinity for 0.
  [[nodiscard]] DbFs bin_dbfs(double power) const;
};

/// Level of a linear power; -infinity for 0.
[[nodiscard]] DbFs to_dbfs(double power);

/// Averages block by block, whatever the blocks' sizes. `add` is real time; `spectrum` allocates. One thread at a time.
class Psd {
public:
  [[nodiscard]] static Result<Psd> make(const SegmentConfig& config);

  void add(std::span<const Cf32> samples) noexcept;
  void restart() noexcept { segments_.restart(); }  ///< after a gap: the average goes on, no segment spans the gap
  void reset() noexcept;                            ///< begins a new average

  [[nodiscard]] std::uint64_t num_segments() const noexcept { return num_segments_; }
  [[nodiscard]] std::uint64_t num_not_finite() const noexcept { return segments_.num_not_finite(); }
  /// All bins 0 while there is no whole segment.
  [[nodiscard]] Spectrum spectrum() const;

private:
  explicit Psd(Segments segments);

  Segments segments_;
  std::uint64_t num_segments_ = 0;
  std::vector<double> sum_;
  std::vector<float> max_;
  std::vector<float> min_;
};

}  // namespace ravi::measure
