#pragma once
// Candidate SS/PBCH blocks of a half frame: cases A to E. TS 38.213 §4.1.

#include "stack/nr/band.h"
#include "stack/nr/numerology.h"

#include <cstdint>
#include <optional>
#include <span>

namespace ravi::nr {

enum class SsbCase : std::uint8_t { a, b, c, d, e };

[[nodiscard]] constexpr Scs scs_of(SsbCase ssb_case)
{
  switch (ssb_case) {
    case SsbCase::a:
      return Scs::khz15;
    case SsbCase::b:
    case SsbCase::c:
      return Scs::khz30;
    case SsbCase::d:
      return Scs::khz120;
    case SsbCase::e:
      break;
  }
  return Scs::khz240;
}

/// L_max: candidates in a half frame, 4, 8 or 64. `duplex` matters to case C alone: unpaired spectrum changes at 1.88
/// GHz.
[[nodiscard]] unsigned ssb_l_max(SsbCase ssb_case, Hertz carrier_frequency, Duplex duplex) noexcept;

/// First symbols, counted from the start of the half frame in the block's own spacing, for `l_max` candidates.
[[nodiscard]] std::span<const std::uint16_t> ssb_first_symbols(SsbCase ssb_case, unsigned l_max) noexcept;

/// Where a candidate starts: a slot of the half frame (block's own spacing) and the symbol in it.
struct SsbTime {
  unsigned slot_in_half_frame = 0;
  unsigned first_symbol = 0;
  friend constexpr bool operator==(const SsbTime&, const SsbTime&) = default;
};
/// Nothing for an index the case does not have.
[[nodiscard]] std::optional<SsbTime> ssb_time(SsbCase ssb_case, unsigned ssb_index) noexcept;

inline constexpr unsigned kSsbNumSymbols = 4;
inline constexpr unsigned kSsbNumPrb = 20;
inline constexpr unsigned kSsbNumSubcarriers = 240;

}  // namespace ravi::nr
