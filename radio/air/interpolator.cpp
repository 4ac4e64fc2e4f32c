#include "radio/air/interpolator.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ravi::air {
namespace {

constexpr double kBeta = 8.0;

/// Modified Bessel function of the first kind, order 0: the power series, which for |x| <= 8 ends within 40 terms.
double bessel_i0(double x)
{
  double term = 1.0;
  double sum = 1.0;
  for (int k = 1; k < 40; ++k) {
    term *= (x / (2.0 * k)) * (x / (2.0 * k));
    sum += term;
  }
  return sum;
}

double windowed_sinc(double x)
{
  const double half = Interpolator::kNumTaps / 2.0;
  if (std::abs(x) >= half) return 0.0;
  const double window = bessel_i0(kBeta * std::sqrt(1.0 - (x / half) * (x / half))) / bessel_i0(kBeta);
  if (std::abs(x) < 1e-12) return window;
  return window * std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
}

}  // namespace

Interpolator::Interpolator() : table_(kNumPhases + 1)
{
  for (std::size_t phase = 0; phase <= kNumPhases; ++phase) {
    const double fraction = static_cast<double>(phase) / kNumPhases;
    for (std::size_t k = 0; k < kNumTaps; ++k) {
      table_[phase][k] = static_cast<float>(windowed_sinc(static_cast<double>(k) - kCenter - fraction));
    }
  }
}

Interpolator::Taps Interpolator::taps(double fraction) const noexcept
{
  const double position = fraction * kNumPhases;
  const std::size_t phase = std::min(static_cast<std::size_t>(position), kNumPhases - 1);
  const auto weight = static_cast<float>(position - static_cast<double>(phase));
  const Taps& low = table_[phase];
  const Taps& high = table_[phase + 1];
  Taps taps;
  for (std::size_t k = 0; k < kNumTaps; ++k) taps[k] = low[k] + weight * (high[k] - low[k]);
  return taps;
}

}  // namespace ravi::air
