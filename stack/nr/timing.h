#pragma once
// Timing advance in the standard's unit of time. TS 38.211 §4.1, §4.3.1; TS 38.213 §4.2; TS 38.133 §7.1.2.

#include "stack/nr/band.h"
#include "stack/nr/numerology.h"

#include <cstdint>

namespace ravi::nr {

inline constexpr std::int64_t kTcPerSecond = 480'000LL * 4096;  ///< 1 / T_c
inline constexpr std::int64_t kTcPerKappa = 64;                 ///< T_s = kappa T_c = 1 / 30.72 MHz

/// Does LTE share the cell's band? TS 38.133 Table 7.1.2-2 (n-TimingAdvanceOffset of TS 38.331 where it is sent).
enum class LteCoexistence : std::uint8_t { none, present };

/// N_TA,offset of FR1, in T_c: how much earlier than the downlink's the uplink's frames begin, besides N_TA.
[[nodiscard]] constexpr std::int64_t n_ta_offset_tc(Duplex duplex, LteCoexistence lte = LteCoexistence::none)
{
  if (lte == LteCoexistence::none) return 25'600;
  return duplex == Duplex::tdd ? 39'936 : 0;
}

inline constexpr unsigned kMaxTimingAdvanceRar = 3846;     ///< T_A of a random access response: 0..3846
inline constexpr unsigned kTimingAdvanceCommandZero = 31;  ///< T_A of the MAC CE (0..63) that changes nothing

/// N_TA in T_c from a random access response's T_A; `scs`: of the first uplink transmission after it. TS 38.213 §4.2.
[[nodiscard]] constexpr std::int64_t n_ta_of_rar(unsigned t_a, Scs scs)
{
  return (std::int64_t{t_a} * 16 * kTcPerKappa) >> mu_of(scs);
}
/// Change of N_TA in T_c by a Timing Advance Command MAC CE; `scs`: the largest of the uplink's active BWPs.
[[nodiscard]] constexpr std::int64_t n_ta_change(unsigned t_a, Scs scs)
{
  return (std::int64_t{t_a} - kTimingAdvanceCommandZero) * ((16 * kTcPerKappa) >> mu_of(scs));
}

}  // namespace ravi::nr
