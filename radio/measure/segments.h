#pragma once
// Cuts a stream into overlapping windowed segments and gives the power spectrum of each: what the averaged spectrum and
// the waterfall are made of.

#include "radio/dsp/fft.h"
#include "radio/iq.h"
#include "radio/measure/window.h"
#include "radio/result.h"
#include "radio/units.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::measure {

struct SegmentConfig {
  SampleRate sample_rate;       ///< > 0
  std::size_t fft_size = 4096;  ///< samples a segment and bins a spectrum; even, 16..4194304
  Window window = Window::hann;
  double overlap = 0.5;         ///< of a segment shared with the one before, 0..0.95
};

/// Making one allocates and plans; `add` is real time. One thread at a time.
class Segments {
public:
  static constexpr std::size_t kMinFftSize = 16;
  static constexpr std::size_t kMaxFftSize = std::size_t{1} << 22U;

  [[nodiscard]] static Result<Segments> make(const SegmentConfig& config);

  /// Calls `sink(power)` for each segment that `samples` completes; `sink` must be real time as well.
  ///
  /// power   one value a bin, ascending in frequency from -rate/2 (bin size/2 is the center frequency); linear, full
  ///         scale 1; scaled so that the sum over the bins is the mean power of the segment as the window weighs it
  /// A segment with a NaN or infinite sample is left out whole and counted.
  template <class Sink>
  void add(std::span<const Cf32> samples, Sink&& sink) noexcept
  {
    while (!samples.empty()) {
      const std::size_t count = std::min(samples.size(), config_.fft_size - num_pending_);
      std::copy_n(samples.begin(), count, pending_.begin() + static_cast<std::ptrdiff_t>(num_pending_));
      samples = samples.subspan(count);
      num_pending_ += count;
      if (num_pending_ < config_.fft_size) return;
      if (transform()) {
        sink(std::span<const float>(power_));
      } else {
        ++num_not_finite_;
      }
      keep_overlap();
    }
  }

  /// Forgets samples of an unfinished segment: after a gap, so that no segment spans it.
  void restart() noexcept { num_pending_ = 0; }

  [[nodiscard]] const SegmentConfig& config() const noexcept { return config_; }
  [[nodiscard]] std::size_t hop() const noexcept { return hop_; }  ///< samples from one segment's start to the next's
  [[nodiscard]] std::uint64_t num_not_finite() const noexcept { return num_not_finite_; }  ///< segments left out

  /// How many independent segments `num_segments` overlapping ones are worth in an average of noise (Welch 1967).
  [[nodiscard]] double effective_averages(std::uint64_t num_segments) const;

private:
  explicit Segments(const SegmentConfig& config);
  bool transform() noexcept;  ///< pending -> power; false: not finite
  void keep_overlap() noexcept;

  SegmentConfig config_;
  std::size_t hop_ = 0;
  dsp::Fft fft_;
  std::vector<float> window_;
  float scale_ = 1.0F;
  std::vector<Cf32> pending_;
  std::size_t num_pending_ = 0;
  std::vector<Cf32> bins_;
  std::vector<float> power_;
  std::uint64_t num_not_finite_ = 0;
};

}  // namespace ravi::measure
