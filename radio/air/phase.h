#pragma once
// Phases as integers, which wrap where a turn does: exact however long a stream runs.

#include "radio/units.h"

#include <cstddef>
#include <cstdint>

namespace ravi::air {

/// One phase of a rotation: 2^32 is a full turn.
using Phase = std::uint32_t;

/// What a phase of 2^64 a turn grows by in a sample; exact to 2^-53 of the frequency.
[[nodiscard]] std::uint64_t phase_increment(Hertz frequency, SampleRate rate) noexcept;

/// phases[i] = (start + i * increment) / 2^32: the upper halves of 64-bit phases.
void fill_phases(std::uint64_t start, std::uint64_t increment, std::size_t count, Phase* phases) noexcept;

}  // namespace ravi::air
