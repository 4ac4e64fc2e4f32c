#pragma once
// Operating bands of FR1: duplex mode, frequencies, channel raster. TS 38.104 §5.2, §5.4.2.

#include "radio/units.h"
#include "stack/nr/arfcn.h"
#include "stack/nr/numerology.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ravi::nr {

enum class Duplex : std::uint8_t { fdd, tdd, sdl, sul };
enum class LinkDirection : std::uint8_t { uplink, downlink };

struct FrequencyRange {
  Hertz low{};
  Hertz high{};
  [[nodiscard]] constexpr bool contains(Hertz f) const { return low <= f && f <= high; }
  friend constexpr bool operator==(const FrequencyRange&, const FrequencyRange&) = default;
};

struct Band {
  std::uint16_t number = 0;  ///< 78 for n78
  Duplex duplex = Duplex::fdd;
  std::optional<FrequencyRange> uplink;    ///< absent: supplementary downlink
  std::optional<FrequencyRange> downlink;  ///< absent: supplementary uplink
  [[nodiscard]] constexpr const std::optional<FrequencyRange>& range(LinkDirection direction) const
  {
    return direction == LinkDirection::uplink ? uplink : downlink;
  }
};

/// All of FR1, ascending.
[[nodiscard]] std::span<const Band> fr1_bands() noexcept;
/// nullptr: no such band here.
[[nodiscard]] const Band* find_band(unsigned number) noexcept;
/// Bands whose range holds the frequency, ascending.
[[nodiscard]] std::vector<const Band*> bands_at(Hertz frequency, LinkDirection direction);

/// Carriers' reference frequencies allowed in one band: first, first + step, ... last. step 0: no carriers that way.
struct ArfcnRange {
  std::uint32_t first = 0;
  std::uint32_t step = 0;
  std::uint32_t last = 0;
  [[nodiscard]] constexpr bool contains(Arfcn arfcn) const
  {
    return step != 0 && arfcn.value() >= first && arfcn.value() <= last && (arfcn.value() - first) % step == 0;
  }
};

/// One row of TS 38.104 Table 5.4.2.3-1. The standard allows n46, n96 and n102 a part of their range only.
struct ChannelRaster {
  std::uint16_t band = 0;
  std::uint16_t raster_khz = 100;  ///< Delta F_Raster
  ArfcnRange uplink;
  ArfcnRange downlink;
};

/// Rows of all bands, ascending by band.
[[nodiscard]] std::span<const ChannelRaster> channel_rasters() noexcept;

/// May a carrier of this spacing have its reference frequency here? Where a band has rasters of 15 and 30 kHz, spacings
/// from 30 kHz up use the latter (TS 38.104 §5.4.2.3).
[[nodiscard]] bool is_on_raster(Arfcn arfcn, unsigned band, LinkDirection direction, Scs scs) noexcept;
/// The allowed one nearest in frequency, the lower of two; nothing for a band without carriers that way.
[[nodiscard]] std::optional<Arfcn> nearest_on_raster(Hertz frequency, unsigned band, LinkDirection direction,
                                                     Scs scs) noexcept;

/// The uplink carrier's reference frequency for a downlink's, at the band's default distance; TDD: the same.
[[nodiscard]] std::optional<Arfcn> default_uplink(Arfcn downlink, unsigned band) noexcept;

}  // namespace ravi::nr
