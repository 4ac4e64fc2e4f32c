#pragma once
// What the demapping kernels compute, one amplitude at a time. They must agree with it bit for bit.

#include "stack/phy/modulation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace ravi::phy::reference {

inline constexpr float kSmallestNoiseVar = 1e-9F;

/// Half the distance between neighboring points of a constellation with 2^m amplitudes an axis, mean power 1. TS 38.211 §5.1.
[[nodiscard]] inline float half_distance(unsigned bits_per_axis)
{
  constexpr std::array<float, 5> kPower = {1.0F, 2.0F, 10.0F, 42.0F, 170.0F};
  return 1.0F / std::sqrt(kPower[bits_per_axis]);
}

/// Factor from the squared distance in half-distances to LLR units at noise variance 1; four is taken out of `sign_metric`.
[[nodiscard]] inline float llr_gain(unsigned bits_per_axis)
{
  const float half = half_distance(bits_per_axis);
  return 4.0F * half * half * kLlrPerNat;
}

/// ((nearest negative odd number - x)^2 - (nearest positive - x)^2) / 4 among +-1, +-3 .. +-(2 levels - 1): piecewise linear.
[[nodiscard]] inline float sign_metric(float x, float levels)
{
  const float a = std::abs(x);
  const float piece = std::floor(std::min(a * 0.5F, levels - 1.0F));
  return std::copysign((piece + 1.0F) * (a - piece), x);
}

[[nodiscard]] inline std::int8_t quantize(float llr)
{
  if (std::isnan(llr)) return 0;
  return static_cast<std::int8_t>(std::nearbyint(std::clamp(llr, -120.0F, 120.0F)));
}

/// The LLRs of one axis: llrs[0], llrs[2], llrs[4] .. `x`: amplitude / half_distance. gain: llr_gain / noise variance.
/// Gray coding: each further bit is the sign bit of what remains of |x| below the middle of the levels left.
inline void demap_axis(float x, float gain, unsigned bits_per_axis, std::int8_t* llrs)
{
  for (unsigned bit = 0; bit < bits_per_axis; ++bit) {
    const auto levels = static_cast<float>(1U << (bits_per_axis - 1 - bit));
    llrs[std::size_t{2} * bit] = quantize(gain * sign_metric(x, levels));
    x = levels - std::abs(x);
  }
}

}  // namespace ravi::phy::reference
