#pragma once
// What the kernels of convert.cpp mean, one component at a time; they also finish the kernels' tails.

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace ravi::dsp::reference {

/// T: int16_t or int8_t; full: kSc16FullScale or kSc8FullScale. n counts components, two a sample.
template <class T>
void to_float(const T* in, float* out, std::size_t n, float full) noexcept
{
  const float scale = 1.0F / full;
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<float>(in[i]) * scale;
}

/// Returns how many components were clipped: those whose rounded value lies beyond full scale, and NaNs.
template <class T>
std::size_t to_integer(const float* in, T* out, std::size_t n, float full) noexcept
{
  std::size_t clipped = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const float scaled = in[i] * full;
    if (std::isnan(scaled)) {
      out[i] = 0;
      ++clipped;
      continue;
    }
    if (std::abs(scaled) >= full + 0.5F) ++clipped;  // full is odd, so the tie at full + 0.5 rounds outwards
    out[i] = static_cast<T>(std::lrint(std::fmin(std::fmax(scaled, -full), full)));
  }
  return clipped;
}

/// Zeroes samples (pairs of components) with a NaN or infinite component; n counts samples.
inline std::size_t zero_not_finite(float* iq, std::size_t n) noexcept
{
  std::size_t zeroed = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (std::isfinite(iq[2 * i]) && std::isfinite(iq[2 * i + 1])) continue;
    iq[2 * i] = 0.0F;
    iq[2 * i + 1] = 0.0F;
    ++zeroed;
  }
  return zeroed;
}

}  // namespace ravi::dsp::reference
