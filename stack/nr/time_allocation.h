#pragma once
// Default time-domain allocations of PDSCH and PUSCH, normal cyclic prefix. TS 38.214 §5.1.2.1.1, §6.1.2.1.1.

#include "stack/nr/numerology.h"
#include "stack/nr/phy_mac.h"
#include "stack/nr/prb_range.h"

#include <cstdint>
#include <optional>

namespace ravi::nr {

struct PdschTimeAllocation {
  MappingType mapping_type = MappingType::a;
  unsigned k_0 = 0;  ///< slots from the DCI to the PDSCH
  SymbolRange symbols;
  friend constexpr bool operator==(const PdschTimeAllocation&, const PdschTimeAllocation&) = default;
};

struct PuschTimeAllocation {
  MappingType mapping_type = MappingType::a;
  unsigned k_2 = 0;  ///< slots from the DCI to the PUSCH
  SymbolRange symbols;
  friend constexpr bool operator==(const PuschTimeAllocation&, const PuschTimeAllocation&) = default;
};

/// TS 38.214 Table 5.1.2.1.1-1 says which: A always with SIB1 of multiplexing pattern 1; B and C with patterns 2 and 3.
enum class PdschDefaultTdra : std::uint8_t { a, b, c };

/// Row index 1..16 (the DCI's field plus one); type_a_position: dmrs-TypeA-Position, 2 or 3. Nothing for a reserved
/// row.
[[nodiscard]] std::optional<PdschTimeAllocation> pdsch_default_time_allocation(PdschDefaultTdra table, unsigned row,
                                                                               unsigned type_a_position) noexcept;

/// Default table A: row 1..16, K_2 with j of the PUSCH's spacing.
[[nodiscard]] std::optional<PuschTimeAllocation> pusch_default_time_allocation(unsigned row, Scs pusch_scs) noexcept;

/// Slots added to K_2 for the PUSCH of a random access response (Msg3); 15 to 120 kHz.
[[nodiscard]] unsigned msg3_delta(Scs pusch_scs) noexcept;

}  // namespace ravi::nr
