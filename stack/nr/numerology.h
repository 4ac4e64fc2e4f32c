#pragma once
// Subcarrier spacings and what follows from them: slots, symbols, subcarriers. TS 38.211 §4.2 and §4.3.

#include "radio/units.h"

#include <cstdint>

namespace ravi::nr {

/// Subcarrier spacing; the value is mu of TS 38.211 Table 4.2-1.
enum class Scs : std::uint8_t { khz15 = 0, khz30 = 1, khz60 = 2, khz120 = 3, khz240 = 4 };

inline constexpr unsigned kSymbolsPerSlot = 14;  ///< normal cyclic prefix, TS 38.211 Table 4.3.2-1
inline constexpr unsigned kSubcarriersPerPrb = 12;
inline constexpr unsigned kSubframesPerFrame = 10;
inline constexpr unsigned kNumSfn = 1024;
inline constexpr unsigned kMaxNumPrb = 275;

[[nodiscard]] constexpr unsigned mu_of(Scs scs) { return static_cast<unsigned>(scs); }
[[nodiscard]] constexpr std::int64_t spacing_hz(Scs scs) { return std::int64_t{15'000} << mu_of(scs); }
[[nodiscard]] constexpr Hertz spacing(Scs scs) { return Hertz(static_cast<double>(spacing_hz(scs))); }
[[nodiscard]] constexpr unsigned slots_per_subframe(Scs scs) { return 1U << mu_of(scs); }
[[nodiscard]] constexpr unsigned slots_per_frame(Scs scs) { return kSubframesPerFrame * slots_per_subframe(scs); }

}  // namespace ravi::nr
