#pragma once
// PRACH configurations of FR1 and the occasions they make in a slot. TS 38.211 §5.3.2, §6.3.3.2.

#include "stack/nr/band.h"
#include "stack/nr/phy_mac.h"
#include "stack/nr/slot.h"
#include "stack/nr/tdd_pattern.h"

#include <cstdint>
#include <optional>

namespace ravi::nr {

[[nodiscard]] constexpr bool is_long(PrachFormat format) { return format <= PrachFormat::f3; }

/// One row of TS 38.211 Table 6.3.3.2-2 or 6.3.3.2-3.
struct PrachConfig {
  PrachFormat format = PrachFormat::f0;
  PrachFormat last_format = PrachFormat::f0;  ///< of the last occasion in a slot (A1/B1 and its like)
  std::uint8_t x = 1;                         ///< frames n_f with n_f mod x = y
  std::uint8_t y = 0;
  std::uint16_t subframes = 0;          ///< bit n: subframe n
  std::uint8_t start_symbol = 0;        ///< of 15 kHz for the long formats, else of the preamble's spacing
  std::uint8_t slots_per_subframe = 1;  ///< PRACH slots; matters at 30 kHz
  std::uint8_t occasions_per_slot = 1;  ///< N_t^RA,slot
  std::uint8_t duration_symbols = 0;    ///< N_dur^RA; 0: a long format

  [[nodiscard]] constexpr bool has_frame(unsigned sfn) const { return sfn % x == y; }
};

/// Row prach-ConfigurationIndex: 0..255, for unpaired spectrum 0..262. `duplex` fdd and sul use the paired table.
[[nodiscard]] std::optional<PrachConfig> prach_config(Duplex duplex, unsigned index) noexcept;

/// One occasion in time. s_id and t_id are what RA-RNTI is made of.
struct PrachOccasion {
  PrachFormat format = PrachFormat::f0;
  std::uint8_t time_index = 0;    ///< n_t^RA, within its PRACH slot
  std::uint8_t first_symbol = 0;  ///< within the slot asked for, in that slot's spacing
  std::uint8_t s_id = 0;          ///< first symbol in the PRACH's numerology (15 kHz for long formats)
  std::uint8_t t_id = 0;          ///< slot of the frame in the PRACH's numerology
};

using PrachOccasions = FixedList<PrachOccasion, 14>;

/// Occasions that begin in `slot` (any spacing, usually the uplink's), in time order. `prach_scs`: 15 or 30 kHz for the
/// short formats (msg1-SubcarrierSpacing), not looked at for long ones. Whether TDD or an SSB forbids one is not asked.
[[nodiscard]] PrachOccasions prach_occasions(const PrachConfig& config, Scs prach_scs, Slot slot) noexcept;

/// May a UE of this TDD cell use an occasion that prach_occasions found in `slot`? On uplink symbols it may, also on
/// flexible ones N_gap after the last downlink symbol. TS 38.213 §8.1; SSBs are taken to lie in downlink symbols.
[[nodiscard]] bool is_valid_occasion(const PrachOccasion& occasion, Scs prach_scs, Slot slot,
                                     const TddConfig& tdd) noexcept;

}  // namespace ravi::nr
