#pragma once
// What the kernels of arithmetic.cpp mean, bit for bit, on interleaved components (I, Q, I, Q, ...); n counts samples
// unless said otherwise. The kernels end in these loops where a vector is no longer full.

#include <array>
#include <cmath>
#include <cstddef>

namespace ravi::dsp::reference {

inline void scale(const float* in, float re, float im, float* out, std::size_t n)
{
  for (std::size_t i = 0; i < 2 * n; i += 2) {
    const float x = in[i];
    const float y = in[i + 1];
    out[i] = re * x - im * y;
    out[i + 1] = re * y + im * x;
  }
}

/// n counts components.
inline void scale_real(const float* in, float gain, float* out, std::size_t n)
{
  for (std::size_t i = 0; i < n; ++i) out[i] = gain * in[i];
}

inline void add_scaled(const float* in, float re, float im, float* out, std::size_t n)
{
  for (std::size_t i = 0; i < 2 * n; i += 2) {
    const float x = in[i];
    const float y = in[i + 1];
    out[i] += re * x - im * y;
    out[i + 1] += re * y + im * x;
  }
}

/// n counts components.
inline void add_scaled_real(const float* in, float gain, float* out, std::size_t n)
{
  for (std::size_t i = 0; i < n; ++i) out[i] += gain * in[i];
}

/// sign_b: 1 multiplies by b, -1 by its conjugate.
inline void multiply(const float* a, const float* b, float sign_b, float* out, std::size_t n)
{
  for (std::size_t i = 0; i < 2 * n; i += 2) {
    const float re = b[i];
    const float im = sign_b * b[i + 1];
    const float x = a[i];
    const float y = a[i + 1];
    out[i] = x * re - y * im;
    out[i + 1] = y * re + x * im;
  }
}

inline void multiply_real(const float* in, const float* factors, float* out, std::size_t n)
{
  for (std::size_t i = 0; i < n; ++i) {
    out[2 * i] = in[2 * i] * factors[i];
    out[2 * i + 1] = in[2 * i + 1] * factors[i];
  }
}

inline float peak_power(const float* in, std::size_t n)
{
  float peak = 0.0F;
  for (std::size_t i = 0; i < 2 * n; i += 2) peak = std::fmax(peak, in[i] * in[i] + in[i + 1] * in[i + 1]);
  return peak;
}

/// Sums are kept in this many parts whatever the width of a vector: component i goes to part i mod kNumParts.
inline constexpr std::size_t kNumParts = 16;
using Parts = std::array<float, kNumParts>;

/// n counts components; parts += x * y, component by component.
inline void accumulate(const float* x, const float* y, Parts& parts, std::size_t n)
{
  for (std::size_t i = 0; i < n; ++i) parts[i % kNumParts] += x[i] * y[i];
}

/// As `accumulate`, with I and Q of y exchanged; n is even.
inline void accumulate_swapped(const float* x, const float* y, Parts& parts, std::size_t n)
{
  for (std::size_t i = 0; i < n; ++i) parts[i % kNumParts] += x[i] * y[i ^ 1U];
}

/// As `accumulate`, with the taps at `fraction` of the way from `taps` to `next`.
inline void accumulate_between(const float* x, const float* taps, const float* next, float fraction, Parts& parts,
                               std::size_t n)
{
  for (std::size_t i = 0; i < n; ++i) parts[i % kNumParts] += x[i] * (taps[i] + fraction * (next[i] - taps[i]));
}

/// The sums of the even parts and of the odd ones: halves are added until two are left.
inline void fold(const Parts& parts, float* re_im)
{
  Parts sum = parts;
  for (std::size_t half = kNumParts / 2; half >= 2; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) sum[i] += sum[i + half];
  }
  re_im[0] = sum[0];
  re_im[1] = sum[1];
}

/// Every tap stands twice in `taps`; n counts components.
inline void dot_repeated(const float* x, const float* taps, std::size_t n, float* re_im)
{
  Parts parts{};
  accumulate(x, taps, parts, n);
  fold(parts, re_im);
}

inline void dot_between(const float* x, const float* taps, const float* next, float fraction, std::size_t n,
                        float* re_im)
{
  Parts parts{};
  accumulate_between(x, taps, next, fraction, parts, n);
  fold(parts, re_im);
}

/// out[i] = sum over k of taps[k] * in[i + 2 k]; n counts components.
inline void slide_dot(const float* in, const float* taps, std::size_t num_taps, float* out, std::size_t n)
{
  for (std::size_t i = 0; i < n; ++i) {
    float sum = 0.0F;
    for (std::size_t k = 0; k < num_taps; ++k) sum += taps[k] * in[i + 2 * k];
    out[i] = sum;
  }
}

}  // namespace ravi::dsp::reference
