#pragma once
// FIR low-pass design by the Kaiser window, and the filters that run in a stream: Fir, and Decimator.

#include "radio/dsp/sliding_window.h"
#include "radio/iq.h"
#include "radio/units.h"

#include <cstddef>
#include <span>
#include <vector>

namespace ravi::dsp {

/// Frequencies below are in cycles a sample: 0.5 is half the sample rate.

struct KaiserDesign {
  std::size_t num_taps = 0;  ///< odd, so that the delay is a whole number of samples
  double beta = 0.0;         ///< shape of the window
};

/// Kaiser's formulas: what it takes to fall by `rejection` (> 21 dB) within `transition`. The pass band's ripple is as
/// small as what passes the stop band.
[[nodiscard]] KaiserDesign design_kaiser(Decibel rejection, double transition);

/// The Kaiser window at x, -1..1 from its one end to the other; 0 outside, 1 in the middle.
[[nodiscard]] double kaiser_window(double beta, double x);

/// Symmetric taps with gain 1 at 0 Hz, passing 0..passband and rejecting stopband..0.5.
[[nodiscard]] std::vector<float> design_lowpass(double passband, double stopband, Decibel rejection);

/// Filters a stream with real taps. Output n is the filtered stream at input n; zeros come before input 0. The bits do
/// not depend on how the stream is cut into blocks.
class Fir {
public:
  /// At least one tap.
  explicit Fir(std::span<const float> taps);

  /// Group delay of symmetric taps, in samples.
  [[nodiscard]] double delay() const noexcept { return static_cast<double>(reversed_taps_.size() - 1) / 2.0; }

  /// In and out have the same length; out may be in. Real time.
  void process(std::span<const Cf32> in, std::span<Cf32> out) noexcept;

  /// As newly made.
  void reset() noexcept { window_.reset(); }

private:
  std::vector<float> reversed_taps_;
  SlidingWindow window_;
};

/// Low-pass filters and keeps one sample of `factor`: the first, and every factor-th from there.
class Decimator {
public:
  /// `factor` >= 1; `taps` at the input's rate, at least one.
  Decimator(std::size_t factor, std::span<const float> taps);

  /// Taps for rejecting all that would fold into the output, whose rate the frequencies refer to: passes 0..`passband`
  /// (< 0.5), rejects from 0.5 on.
  Decimator(std::size_t factor, double passband, Decibel rejection);

  /// Group delay of symmetric taps, in samples of the input.
  [[nodiscard]] double delay() const noexcept { return delay_; }

  /// n inputs give ceil(n / factor) outputs. When `out` is full before that, the rest of the input stays with the
  /// caller, but for what was taken early and is kept. Real time.
  Progress process(std::span<const Cf32> in, std::span<Cf32> out) noexcept;

  /// As newly made.
  void reset() noexcept { window_.reset(); }

private:
  std::size_t factor_;
  double delay_;
  std::vector<float> reversed_taps_twice_;
  SlidingWindow window_;
};

}  // namespace ravi::dsp
