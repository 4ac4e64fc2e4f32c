#pragma once
// The vector kernels of the air, on planar complex samples (real and imaginary parts apart).
//
// Each does the same multiplications and additions in the same order on every CPU and for every cut of time into
// blocks, and none fuses them: `kernels_reference.h` says what they compute, to the bit.

#include "radio/air/phase.h"
#include "radio/air/random.h"
#include "radio/iq.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace ravi::air {

/// Floats past their ends that `filter` may read of its input and taps and overwrite of its output.
inline constexpr std::size_t kPlanePadding = 32;

struct ConstPlanes {
  const float* re = nullptr;
  const float* im = nullptr;
};

struct Planes {
  float* re = nullptr;
  float* im = nullptr;
  operator ConstPlanes() const { return {re, im}; }  // NOLINT(google-explicit-constructor): the same, to read only
};

/// Coefficients of a filter whose taps move linearly: tap k at instant t is start[k] + t * slope[k].
struct MovingTaps {
  std::size_t num_taps = 0;
  ConstPlanes start;  ///< `im` null: real taps
  ConstPlanes slope;  ///< both null: taps that stand still; `im` null where that of `start` is
};

/// Taps that are held stand still for so many samples, as they are in the middle of them: half the work.
inline constexpr std::uint32_t kHold = 16;

/// t of sample i: (first + i) * scale; held: that of the middle of the kHold samples around it. first + i < 2^24, so
/// that all is exact.
struct Instants {
  std::uint32_t first = 0;
  float scale = 0.0F;
  float* held_re = nullptr;  ///< room for num_taps (and the padding) where taps are held
  float* held_im = nullptr;  ///< null for real taps

  [[nodiscard]] bool is_held() const { return held_re != nullptr; }
};

/// out[i] = sum over k of tap k at instant i * x[i - k]; x has num_taps - 1 samples before it. All planes but x, and x
/// too at its end, are padded.
void filter(const MovingTaps& taps, const Instants& instants, ConstPlanes x, std::size_t count, Planes out) noexcept;

/// sum[i] += gain * x[i].
void add_scaled(ConstPlanes x, float gain, std::size_t count, Planes sum) noexcept;
/// sum[i] += gain * x[i] * exp(j 2 pi phases[i] / 2^32).
void add_rotated(ConstPlanes x, float gain, const Phase* phases, std::size_t count, Planes sum) noexcept;
/// sum[i] += amplitude * exp(j 2 pi phases[i] / 2^32).
void add_tone(float amplitude, const Phase* phases, std::size_t count, Planes sum) noexcept;
/// sum[i] += amplitude * complex Gaussian number first + i of the stream; those have mean power 1.
void add_noise(const RandomStream& stream, float amplitude, std::uint64_t first, std::size_t count,
               Planes sum) noexcept;

/// out[p] = sum over i of exp(j 2 pi phases[i * stride + p] / 2^32), p < stride; stride a multiple of 16.
void sum_tones(const Phase* phases, std::size_t num_tones, std::size_t stride, Planes out) noexcept;

/// Interleaved to planar; exactly in.size() floats are written to each plane.
void split(std::span<const Cf32> in, Planes out) noexcept;
/// Planar to interleaved.
void join(ConstPlanes in, std::span<Cf32> out) noexcept;

/// Samples of noise that are made together: sample i < 16 of group g is of words 0 and 1 of draw 16 g + i, sample 16 +
/// i of its words 2 and 3.
inline constexpr std::size_t kNoiseGroup = 32;

}  // namespace ravi::air
