#pragma once
// Declarations of the PUCCH and UCI tables, read through pucch_resource.h.

#include <array>
#include <cstdint>

namespace ravi::nr::tables {

inline constexpr std::uint8_t kQuarterOfBwp = 0xFF;  ///< PRB offset: a quarter of the bandwidth part, rounded down

/// One row of TS 38.213 Table 9.2.1-1.
struct PucchCommonRow {
  std::uint8_t format;
  std::uint8_t first_symbol;
  std::uint8_t num_symbols;
  std::uint8_t prb_offset;
  std::uint8_t num_cyclic_shifts;
  std::array<std::uint8_t, 4> cyclic_shifts;
};

extern const std::array<PucchCommonRow, 16> kPucchCommon;
extern const std::array<float, 16> kBetaHarqAck;
extern const std::array<float, 19> kBetaCsi;

}  // namespace ravi::nr::tables
