#pragma once
// What the levels of a power headroom report stand for. TS 38.133 §10.1.17.1, §10.1.18.1.

#include "radio/units.h"

#include <optional>

namespace ravi::nr {

inline constexpr unsigned kMaxPowerHeadroom = 63;  ///< six bits

/// Least power headroom of level 0..63, TS 38.133 Table 10.1.17.1-1: steps of 1 dB up to 22 dB, then of 2 dB; level 0 means
/// below -32 dB and has none, nor has a level above 63.
[[nodiscard]] constexpr std::optional<Decibel> min_power_headroom(unsigned level)
{
  if (level == 0 || level > kMaxPowerHeadroom) return std::nullopt;
  if (level <= 55) return Decibel(static_cast<double>(level) - 33.0);
  return Decibel(22.0 + 2.0 * (static_cast<double>(level) - 55.0));
}

/// The level that says this much headroom.
[[nodiscard]] constexpr unsigned power_headroom_level(Decibel headroom)
{
  unsigned level = kMaxPowerHeadroom;
  while (level > 0 && headroom < *min_power_headroom(level)) --level;
  return level;
}

/// Least P_CMAX,f,c of level 0..63, TS 38.133 Table 10.1.18.1-1, steps of 1 dB; level 0 means below -29 dBm and has none.
[[nodiscard]] constexpr std::optional<Dbm> min_p_cmax(unsigned level)
{
  if (level == 0 || level > kMaxPowerHeadroom) return std::nullopt;
  return Dbm(static_cast<double>(level) - 30.0);
}

/// The level that says this power.
[[nodiscard]] constexpr unsigned p_cmax_level(Dbm power)
{
  unsigned level = kMaxPowerHeadroom;
  while (level > 0 && power < *min_p_cmax(level)) --level;
  return level;
}

}  // namespace ravi::nr
