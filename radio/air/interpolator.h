#pragma once
// Delays by a fraction of a sample: a windowed sinc, tabulated once.

#include <array>
#include <cstddef>
#include <vector>

namespace ravi::air {

/// Kaiser-windowed sinc (beta 8): within -74 dB of the ideal delay up to 0.42 of the sample rate either side of the
/// center.
class Interpolator {
public:
  static constexpr std::size_t kNumTaps = 32;
  /// Delay of the taps for fraction 0; with fraction 1 it is one more.
  static constexpr std::size_t kCenter = kNumTaps / 2 - 1;
  using Taps = std::array<float, kNumTaps>;

  Interpolator();

  /// Taps that delay by kCenter + fraction samples, 0 <= fraction < 1. Real time.
  [[nodiscard]] Taps taps(double fraction) const noexcept;

private:
  static constexpr std::size_t kNumPhases = 1024;  // linear between them: -125 dB
  std::vector<Taps> table_;
};

}  // namespace ravi::air
