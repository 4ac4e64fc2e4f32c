#pragma once
// Declarations of the tables of PRACH preambles, read through prach_preamble.h.

#include "stack/nr/prach_preamble.h"

#include <array>
#include <cstdint>

namespace ravi::nr::tables {

/// No entry for that zeroCorrelationZoneConfig.
inline constexpr std::uint16_t kNoNcs = 0xFFFF;
/// [restricted set][zeroCorrelationZoneConfig]
using LongNcs = std::array<std::array<std::uint16_t, 16>, 3>;

/// One row of TS 38.211 Table 6.3.3.2-1.
struct PrachPlacementRow {
  std::uint16_t length;
  std::uint32_t prach_hz;
  std::uint8_t pusch_khz;
  std::uint8_t num_prb;
  std::uint8_t k_bar;
};

extern const std::array<std::uint16_t, 838> kPrachRoots839;
extern const std::array<std::uint16_t, 138> kPrachRoots139;
extern const LongNcs kNcs1250Hz;
extern const LongNcs kNcs5kHz;
extern const std::array<std::uint16_t, 16> kNcsShort;
extern const std::array<PrachFormatLengths, 13> kPrachFormats;
extern const std::array<PrachPlacementRow, 16> kPrachPlacements;

}  // namespace ravi::nr::tables
