#pragma once
// Global synchronization channel numbers: the few frequencies where an SS/PBCH block may be. TS 38.104 §5.4.3.

#include "radio/units.h"
#include "stack/nr/ssb_pattern.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ravi::nr {

/// 2..26639.
class Gscn {
public:
  static constexpr std::uint32_t kMin = 2;
  static constexpr std::uint32_t kMax = 26'639;
  constexpr Gscn() = default;
  constexpr explicit Gscn(std::uint32_t value) : value_(value) {}
  [[nodiscard]] constexpr std::uint32_t value() const { return value_; }
  friend constexpr auto operator<=>(const Gscn&, const Gscn&) = default;

private:
  std::uint32_t value_ = kMin;
};

/// SS_REF: the frequency of the block's subcarrier 120, whole Hz, exact. Gscn::kMin <= gscn <= Gscn::kMax.
[[nodiscard]] Hertz ss_ref(Gscn gscn) noexcept;
/// The number that stands for exactly this frequency, if there is one.
[[nodiscard]] std::optional<Gscn> gscn_of(Hertz ss_ref) noexcept;
/// The number nearest in frequency, the lower of two.
[[nodiscard]] Gscn nearest_gscn(Hertz frequency) noexcept;

/// One row of TS 38.104 Table 5.4.3.3-1: the raster of one band and block pattern.
struct SsRaster {
  std::uint16_t band = 0;
  SsbCase ssb_case = SsbCase::a;
  std::uint16_t first = 0;
  std::uint16_t step = 1;  ///< 0: `list` says
  std::uint16_t last = 0;
  std::span<const std::uint16_t> list;
  std::uint8_t min_bandwidth_mhz = 0;    ///< of the channel; 0: no limit
  std::uint8_t below_bandwidth_mhz = 0;  ///< the channel is narrower; 0: no limit

  [[nodiscard]] bool contains(Gscn gscn) const noexcept;
  [[nodiscard]] constexpr bool allows(Hertz bandwidth) const
  {
    return bandwidth >= Hertz(min_bandwidth_mhz * 1e6) &&
           (below_bandwidth_mhz == 0 || bandwidth < Hertz(below_bandwidth_mhz * 1e6));
  }
};

/// Rows of all bands of FR1, ascending by band.
[[nodiscard]] std::span<const SsRaster> ss_rasters() noexcept;
/// Rows of one band, usually one a spacing.
[[nodiscard]] std::span<const SsRaster> ss_rasters(unsigned band) noexcept;
/// Every GSCN of a row, ascending.
[[nodiscard]] std::vector<Gscn> gscns(const SsRaster& raster);

}  // namespace ravi::nr
