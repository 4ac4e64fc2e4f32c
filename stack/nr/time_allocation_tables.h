#pragma once
// Declarations of the default time-domain allocations, read through time_allocation.h.

#include "stack/nr/time_allocation.h"

#include <array>

namespace ravi::nr::tables {

/// [row - 1][dmrs-TypeA-Position - 2]
using PdschDefaultTable = std::array<std::array<PdschTimeAllocation, 2>, 16>;

extern const PdschDefaultTable kPdschDefaultA;
extern const PdschDefaultTable kPdschDefaultB;
extern const PdschDefaultTable kPdschDefaultC;
/// k_2 without j.
extern const std::array<PuschTimeAllocation, 16> kPuschDefaultA;
extern const std::array<std::uint8_t, 4> kPuschJ;
extern const std::array<std::uint8_t, 4> kMsg3Delta;

}  // namespace ravi::nr::tables
