#pragma once
// What the kernels of `kernels.h` compute, one sample at a time. The tests hold the kernels to it, bit for bit.

#include "radio/air/kernels.h"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace ravi::air::reference {

// Polynomials fitted by iteratively reweighted least squares: sin(x) = x + x z S(z) and cos(x) = 1 - z/2 + z^2 C(z),
// z = x^2, |x| <= pi/4, errors below 4e-9; log(1+f) = f + f^2 L(f), sqrt(1/2) <= 1+f <= sqrt(2), relative error 4e-9.
inline constexpr float kSin[3] = {-0.16666655F, 0.008332178F, -0.00019517298F};
inline constexpr float kCos[3] = {0.041666646F, -0.0013887368F, 2.4438448e-05F};
inline constexpr float kLog[9] = {-0.49999988F, 0.33333308F,  -0.25001523F, 0.20003015F, -0.16611148F,
                                  0.14163473F,  -0.13208817F, 0.13004804F,  -0.07823286F};
inline constexpr float kLn2 = 0.6931472F;
inline constexpr float kRadiansPerPhase = 1.4629181e-09F;  // 2 pi / 2^32
inline constexpr std::uint32_t kSqrtHalfBits = 0x3F3504F3;

inline Cf32 cis(Phase phase)
{
  const std::uint32_t quadrant = (phase + 0x20000000U) >> 30;
  const auto rest = static_cast<std::int32_t>(phase - (quadrant << 30));
  const float x = static_cast<float>(rest) * kRadiansPerPhase;
  const float z = x * x;
  const float s = x + (x * z) * (kSin[0] + z * (kSin[1] + z * kSin[2]));
  const float c = (1.0F - 0.5F * z) + (z * z) * (kCos[0] + z * (kCos[1] + z * kCos[2]));
  switch (quadrant & 3U) {
    case 0:
      return {c, s};
    case 1:
      return {-s, c};
    case 2:
      return {-c, -s};
    default:
      return {s, -c};
  }
}

/// sqrt(-ln u), u = (word / 2 + 0.5) / 2^31 in (0, 1]: the magnitude of a complex Gaussian of mean power 1.
inline float gaussian_magnitude(std::uint32_t word)
{
  const float t = static_cast<float>(static_cast<std::int32_t>(word >> 1)) + 0.5F;
  const auto bits = std::bit_cast<std::uint32_t>(t);
  const auto exponent = static_cast<std::int32_t>(bits - kSqrtHalfBits) >> 23;
  const auto mantissa = std::bit_cast<float>(bits - (static_cast<std::uint32_t>(exponent) << 23));
  const float f = mantissa - 1.0F;
  float poly = kLog[8];
  for (int i = 7; i >= 0; --i) poly = kLog[i] + f * poly;
  const float log = static_cast<float>(exponent - 31) * kLn2 + (f + (f * f) * poly);
  return std::sqrt(std::fmax(0.0F, 0.0F - log));
}

/// Box and Muller: magnitude from one word, angle from the other.
inline Cf32 gaussian(const RandomStream& stream, std::uint64_t index)
{
  const std::uint64_t in_group = index % kNoiseGroup;
  const PhiloxCounter words = draw(stream, index / kNoiseGroup * 16 + in_group % 16);
  const std::size_t half = in_group < 16 ? 0 : 2;
  const float magnitude = gaussian_magnitude(words[half]);
  const Cf32 angle = cis(words[half + 1]);
  return {magnitude * angle.real(), magnitude * angle.imag()};
}

inline float instant(const Instants& instants, std::uint32_t i)
{
  const std::uint32_t at = instants.first + i;
  if (!instants.is_held()) return static_cast<float>(at) * instants.scale;
  return (static_cast<float>(at / kHold * kHold) + 0.5F * (kHold - 1)) * instants.scale;
}

inline void filter(const MovingTaps& taps, const Instants& instants, ConstPlanes x, std::size_t count, Planes out)
{
  const auto tap = [&](const float* start, const float* slope, std::size_t k, float t) {
    if (start == nullptr) return 0.0F;
    return slope == nullptr ? start[k] : start[k] + t * slope[k];
  };
  for (std::size_t i = 0; i < count; ++i) {
    const float t = instant(instants, static_cast<std::uint32_t>(i));
    float re_re = 0.0F;
    float re_im = 0.0F;
    float im_im = 0.0F;
    float im_re = 0.0F;
    for (std::size_t k = 0; k < taps.num_taps; ++k) {
      const float x_re = *(x.re + i - k);
      const float x_im = *(x.im + i - k);
      const float h_re = tap(taps.start.re, taps.slope.re, k, t);
      const float h_im = tap(taps.start.im, taps.slope.im, k, t);
      re_re = re_re + h_re * x_re;
      re_im = re_im + h_re * x_im;
      im_im = im_im + h_im * x_im;
      im_re = im_re + h_im * x_re;
    }
    out.re[i] = re_re - im_im;
    out.im[i] = re_im + im_re;
  }
}

inline void add_scaled(ConstPlanes x, float gain, std::size_t count, Planes sum)
{
  for (std::size_t i = 0; i < count; ++i) {
    sum.re[i] = sum.re[i] + gain * x.re[i];
    sum.im[i] = sum.im[i] + gain * x.im[i];
  }
}

inline void add_rotated(ConstPlanes x, float gain, const Phase* phases, std::size_t count, Planes sum)
{
  for (std::size_t i = 0; i < count; ++i) {
    const Cf32 turn = cis(phases[i]);
    const float c = gain * turn.real();
    const float s = gain * turn.imag();
    sum.re[i] = sum.re[i] + (c * x.re[i] - s * x.im[i]);
    sum.im[i] = sum.im[i] + (c * x.im[i] + s * x.re[i]);
  }
}

inline void add_tone(float amplitude, const Phase* phases, std::size_t count, Planes sum)
{
  for (std::size_t i = 0; i < count; ++i) {
    const Cf32 turn = cis(phases[i]);
    sum.re[i] = sum.re[i] + amplitude * turn.real();
    sum.im[i] = sum.im[i] + amplitude * turn.imag();
  }
}

inline void add_noise(const RandomStream& stream, float amplitude, std::uint64_t first, std::size_t count, Planes sum)
{
  for (std::size_t i = 0; i < count; ++i) {
    const Cf32 value = gaussian(stream, first + i);
    sum.re[i] = sum.re[i] + amplitude * value.real();
    sum.im[i] = sum.im[i] + amplitude * value.imag();
  }
}

inline void sum_tones(const Phase* phases, std::size_t num_tones, std::size_t stride, Planes out)
{
  for (std::size_t p = 0; p < stride; ++p) {
    out.re[p] = 0.0F;
    out.im[p] = 0.0F;
    for (std::size_t i = 0; i < num_tones; ++i) {
      const Cf32 turn = cis(phases[i * stride + p]);
      out.re[p] = out.re[p] + turn.real();
      out.im[p] = out.im[p] + turn.imag();
    }
  }
}

}  // namespace ravi::air::reference
