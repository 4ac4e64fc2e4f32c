#pragma once
// Channel bandwidths of FR1, their resource blocks and guard bands. TS 38.104 §5.3.

#include "radio/units.h"
#include "stack/nr/numerology.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace ravi::nr {

/// All bandwidths of FR1, MHz.
inline constexpr std::array<std::uint8_t, 15> kFr1BandwidthsMhz{5,  10, 15, 20, 25, 30, 35, 40,
                                                                45, 50, 60, 70, 80, 90, 100};

/// Bit of a set of bandwidths: its place in kFr1BandwidthsMhz; 0 where there is no such bandwidth.
[[nodiscard]] constexpr unsigned bandwidth_bit(int mhz)
{
  for (unsigned i = 0; i < kFr1BandwidthsMhz.size(); ++i) {
    if (kFr1BandwidthsMhz[i] == mhz) return 1U << i;
  }
  return 0;
}

/// One bandwidth in TS 38.104 Tables 5.3.2-1 and 5.3.3-1; index mu of the spacing, 0: not at that spacing.
struct TransmissionBandwidth {
  std::uint8_t mhz = 0;
  std::array<std::uint16_t, 3> num_prb{};   ///< N_RB
  std::array<std::uint32_t, 3> guard_hz{};  ///< minimum guard band on each side
};

/// One band in TS 38.104 Table 5.3.5-1: sets of bandwidths, by mu.
struct BandBandwidths {
  std::uint16_t band = 0;
  std::array<std::uint16_t, 3> sets{};
};

/// N_RB; nothing where the bandwidth does not exist at that spacing.
[[nodiscard]] std::optional<unsigned> max_num_prb(Hertz bandwidth, Scs scs) noexcept;
/// On each side of the carrier.
[[nodiscard]] std::optional<Hertz> min_guard_band(Hertz bandwidth, Scs scs) noexcept;
/// Those a band allows at that spacing, ascending; empty: none.
[[nodiscard]] std::vector<Hertz> channel_bandwidths(unsigned band, Scs scs);
[[nodiscard]] bool is_channel_bandwidth(Hertz bandwidth, unsigned band, Scs scs) noexcept;

}  // namespace ravi::nr
