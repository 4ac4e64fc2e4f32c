#pragma once
// Arithmetic on whole spans of complex samples: gains, sums, products, powers, dot products.
//
// All are real time and may be called from any thread. Spans of one call have the same length; an output may be one of
// the inputs, but must not overlap it otherwise. Each gives the same bits on every instruction set (no fused
// multiply-add, sums in a fixed order: see arithmetic_reference.h), so that a seed means the same everywhere.

#include "radio/iq.h"

#include <complex>
#include <cstddef>
#include <span>

namespace ravi::dsp {

/// out = gain * in
void scale(std::span<const Cf32> in, float gain, std::span<Cf32> out) noexcept;
void scale(std::span<const Cf32> in, Cf32 gain, std::span<Cf32> out) noexcept;

/// out += gain * in
void add_scaled(std::span<const Cf32> in, float gain, std::span<Cf32> out) noexcept;
void add_scaled(std::span<const Cf32> in, Cf32 gain, std::span<Cf32> out) noexcept;

/// out = a * b, sample by sample.
void multiply(std::span<const Cf32> a, std::span<const Cf32> b, std::span<Cf32> out) noexcept;

/// out = a * conj(b), sample by sample.
void multiply_conjugate(std::span<const Cf32> a, std::span<const Cf32> b, std::span<Cf32> out) noexcept;

/// out = in * factors: one real factor a sample, e.g. a window.
void multiply(std::span<const Cf32> in, std::span<const float> factors, std::span<Cf32> out) noexcept;

/// Mean of |x|^2; 0 for no samples.
[[nodiscard]] double mean_power(std::span<const Cf32> samples) noexcept;

/// Largest |x|^2; 0 for no samples. NaNs are passed over.
[[nodiscard]] float peak_power(std::span<const Cf32> samples) noexcept;

/// Sum of samples * taps, sample by sample.
[[nodiscard]] std::complex<double> dot(std::span<const Cf32> samples, std::span<const Cf32> taps) noexcept;

/// Sum of a * conj(b): the correlation at lag 0.
[[nodiscard]] std::complex<double> dot_conjugate(std::span<const Cf32> a, std::span<const Cf32> b) noexcept;

/// Sum of samples * taps with real taps, each given twice (t0 t0 t1 t1 ...), which spares the kernel the shuffling.
[[nodiscard]] Cf32 dot_repeated(std::span<const Cf32> samples, std::span<const float> taps_twice) noexcept;

/// The same with taps that lie at `fraction` (0..1) of the way from `taps_twice` to `next_twice`.
[[nodiscard]] Cf32 dot_repeated(std::span<const Cf32> samples, std::span<const float> taps_twice,
                                std::span<const float> next_twice, float fraction) noexcept;

/// out[i] = sum over k of taps[k] * in[i + k], summed in that order; in has out.size() + taps.size() - 1 samples and
/// does not overlap out. With the taps reversed this is FIR filtering.
void slide_dot(std::span<const Cf32> in, std::span<const float> taps, std::span<Cf32> out) noexcept;

}  // namespace ravi::dsp
