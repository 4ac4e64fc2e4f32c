#pragma once
// Sample formats at the edges: complex float inside, 16- and 8-bit integers on wires and disks.
//
// float -> integer: x * full scale, rounded to nearest (ties to even), clipped to [-full, +full]; NaN becomes 0. So
// +-1.0 <-> +-32767 (sc16), +-127 (sc8), and the value -32768 (-128) is only ever read, never written.
// integer -> float: x * (1 / full scale) in single precision, which comes back as the same integer.

#include "radio/iq.h"

#include <cstddef>
#include <span>

namespace ravi::dsp {

inline constexpr float kSc16FullScale = 32767.0F;
inline constexpr float kSc8FullScale = 127.0F;

/// In and out have the same length; they must not overlap. Real time, any thread.
void to_cf32(std::span<const Sc16> in, std::span<Cf32> out) noexcept;
void to_cf32(std::span<const Sc8> in, std::span<Cf32> out) noexcept;

/// Returns how many components (I and Q counted apart) were clipped; a NaN counts as clipped.
std::size_t to_sc16(std::span<const Cf32> in, std::span<Sc16> out) noexcept;
std::size_t to_sc8(std::span<const Cf32> in, std::span<Sc8> out) noexcept;

/// Replaces samples with a NaN or infinite component by zero, in place; returns how many.
std::size_t zero_not_finite(std::span<Cf32> samples) noexcept;

}  // namespace ravi::dsp
