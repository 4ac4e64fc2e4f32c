#pragma once
// Where PDSCH and PUSCH carry their DM-RS in time, and the ports of configuration type 1. TS 38.211 §7.4.1.1, §6.4.1.1.

#include "stack/nr/phy_mac.h"
#include "stack/nr/prb_range.h"

#include <array>
#include <cstdint>
#include <optional>

namespace ravi::nr {

/// What decides the symbols of the DM-RS of one allocation (no intra-slot frequency hopping).
struct DmrsTime {
  MappingType mapping_type = MappingType::a;
  SymbolRange symbols;               ///< of the PDSCH or PUSCH, within the slot
  unsigned type_a_position = 2;      ///< dmrs-TypeA-Position: 2 or 3
  unsigned num_front_loaded = 1;     ///< 1 or 2 symbols
  unsigned additional_position = 2;  ///< dmrs-AdditionalPosition: 0..3 (2 where not configured); two front-loaded: 0, 1
  unsigned l_1 = 11;                 ///< PDSCH: 12 beside an LTE carrier where TS 38.211 §7.4.1.1.2 says so, else 11
};

/// Bit l set: DM-RS in symbol l of the slot. Nothing where the specification has no entry: an allocation too short or
/// too long, one that misses its first DM-RS, or a type A position that the row does not allow.
[[nodiscard]] std::optional<std::uint16_t> pdsch_dmrs_symbols(const DmrsTime& time) noexcept;
[[nodiscard]] std::optional<std::uint16_t> pusch_dmrs_symbols(const DmrsTime& time) noexcept;

/// One antenna port of configuration type 1: 1000 + index for PDSCH, index for PUSCH.
struct DmrsPort {
  std::uint8_t cdm_group = 0;
  std::uint8_t delta = 0;  ///< subcarrier shift
  std::array<std::int8_t, 2> w_f{1, 1};
  std::array<std::int8_t, 2> w_t{1, 1};
};
/// index: 0..7 (4..7 need two front-loaded symbols).
[[nodiscard]] std::optional<DmrsPort> dmrs_port_type1(unsigned index) noexcept;

}  // namespace ravi::nr
