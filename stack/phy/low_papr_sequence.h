#pragma once
// Low-PAPR sequences of type 1: the base of PUCCH formats 0 and 1, of SRS and of transform-precoded PUSCH. TS 38.211 §5.2.2.

#include "radio/iq.h"

#include <cstddef>
#include <span>

namespace ravi::phy {

/// Lengths there are: 6, 12, 18, 24, 30, and from 36 on any number.
[[nodiscard]] constexpr bool is_low_papr_length(std::size_t length) { return length >= 36 || (length >= 6 && length <= 30 && length % 6 == 0); }

/// r_(u,v)(n), magnitude 1, out.size() long (is_low_papr_length). u: group 0..29; v: 0, or 1 from 72 on. Any thread, real time.
void low_papr_base_sequence(unsigned u, unsigned v, std::span<Cf32> out) noexcept;

/// e^(j alpha n) r_(u,v)(n): with a cyclic shift alpha in radians.
void low_papr_sequence(unsigned u, unsigned v, double alpha, std::span<Cf32> out) noexcept;

}  // namespace ravi::phy
