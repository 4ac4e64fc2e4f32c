#pragma once
// Signals the tests of radio/dsp are fed with.

#include "radio/iq.h"

#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <random>
#include <span>
#include <vector>

namespace ravi::test {

inline std::vector<Cf32> noise(std::size_t n, unsigned seed)
{
  std::mt19937 random(seed);
  std::normal_distribution<float> gaussian(0.0F, 0.5F);
  std::vector<Cf32> out(n);
  for (Cf32& x : out) {
    const float i = gaussian(random);
    x = {i, gaussian(random)};
  }
  return out;
}

inline std::vector<float> real_noise(std::size_t n, unsigned seed)
{
  std::mt19937 random(seed);
  std::normal_distribution<float> gaussian(0.0F, 0.5F);
  std::vector<float> out(n);
  for (float& x : out) x = gaussian(random);
  return out;
}

/// exp(j 2 pi turns), whole turns taken off first.
inline std::complex<double> phasor(double turns)
{
  return std::polar(1.0, 2.0 * std::numbers::pi * (turns - std::floor(turns)));
}

/// A tone of amplitude 1; frequency in cycles a sample.
inline std::vector<Cf32> tone(double frequency, std::size_t n)
{
  std::vector<Cf32> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = Cf32(phasor(frequency * static_cast<double>(i)));
  return out;
}

inline double to_db(double power_ratio) { return 10.0 * std::log10(power_ratio); }

}  // namespace ravi::test
