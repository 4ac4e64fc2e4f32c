#pragma once
// Signals whose measures are known in closed form.

#include "radio/iq.h"

#include <cmath>
#include <complex>
#include <cstdint>
#include <numbers>
#include <random>
#include <span>
#include <vector>

namespace ravi::testing {

/// amplitude x exp(j 2 pi cycles n): `cycles` a sample.
inline std::vector<Cf32> tone(std::size_t count, double cycles, double amplitude, double phase = 0.0)
{
  std::vector<Cf32> out(count);
  for (std::size_t n = 0; n < count; ++n) {
    const double turns = cycles * static_cast<double>(n);
    const double angle = 2.0 * std::numbers::pi * (turns - std::floor(turns)) + phase;
    out[n] = Cf32(static_cast<float>(amplitude * std::cos(angle)), static_cast<float>(amplitude * std::sin(angle)));
  }
  return out;
}

/// Circular Gaussian noise of mean power `power`.
inline std::vector<Cf32> noise(std::size_t count, double power, std::uint64_t seed)
{
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0.0, std::sqrt(power / 2.0));
  std::vector<Cf32> out(count);
  for (Cf32& sample : out) {
    const double i = normal(random);
    sample = Cf32(static_cast<float>(i), static_cast<float>(normal(random)));
  }
  return out;
}

inline void add_to(std::vector<Cf32>& sum, const std::vector<Cf32>& part)
{
  for (std::size_t n = 0; n < sum.size(); ++n) sum[n] += part[n];
}

/// Mean of |x|^2.
inline double mean_power(std::span<const Cf32> samples)
{
  double sum = 0.0;
  for (const Cf32 sample : samples) sum += static_cast<double>(std::norm(sample));
  return sum / static_cast<double>(samples.size());
}

}  // namespace ravi::testing
