#pragma once
// Resampling a stream by any ratio, good enough to measure with.

#include "radio/dsp/sliding_window.h"
#include "radio/iq.h"
#include "radio/units.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace ravi::dsp {

/// Turns a stream at `in_rate` into the same signal at `out_rate`. The filter passes what both rates can carry, up to
/// `passband`, and rejects all that would fold or mirror, at any ratio.
///
/// Time is kept as an exact fraction: output m is the signal at input time m * in_rate / out_rate - delay(), however
/// long it runs, and is there as soon as input floor(m * in_rate / out_rate) has come. So n inputs give
/// ceil(n * out_rate / in_rate) outputs. The bits do not depend on how the stream is cut into blocks.
///
/// Memory: up to 257 filters of delay() * 16 bytes; delay() grows with in_rate / out_rate. To go down by more than ten
/// or so, use a Decimator first.
class Resampler {
public:
  struct Config {
    /// Only the ratio counts: finer ones than whole Hz can be written by scaling both.
    SampleRate in_rate;
    SampleRate out_rate;
    double passband = 0.42;              ///< in cycles a sample of the lower rate, < 0.5; beyond: transition up to 0.5
    Decibel rejection = Decibel(100.0);  ///< of aliases and images; the passband's ripple is as small
  };

  /// Rates > 0.
  explicit Resampler(const Config& config);

  /// Group delay in samples of the input: a whole number, the same for all frequencies.
  [[nodiscard]] double delay() const noexcept { return static_cast<double>(window_.length()) / 2.0; }

  /// Takes all of the input if `out` has room for what it gives. Otherwise call again, with the rest of the input or
  /// none: what was taken early is kept. Real time.
  Progress process(std::span<const Cf32> in, std::span<Cf32> out) noexcept;

  /// As newly made.
  void reset() noexcept;

private:
  [[nodiscard]] Cf32 interpolate() const noexcept;

  std::uint64_t numerator_;  ///< in_rate / out_rate in lowest terms
  std::uint64_t denominator_;
  std::uint64_t phase_ = 0;  ///< fraction of an input sample from the window's middle to the output, times denominator_
  bool is_exact_;            ///< every phase that occurs has its own filter
  std::size_t num_phases_;
  AlignedBuffer<float> bank_;  ///< [phase 0..num_phases][tap, twice each]
  SlidingWindow window_;
};

}  // namespace ravi::dsp
