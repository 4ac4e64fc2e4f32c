#include "stack/nr/time_allocation_tables.h"

namespace ravi::nr::tables {
namespace {

constexpr MappingType kA = MappingType::a;
constexpr MappingType kB = MappingType::b;
constexpr std::uint8_t kReserved = 0;  // symbols of a row that does not exist

}  // namespace

// Mapping type, K_0, S, L: one line of a pair of rows for dmrs-TypeA-Position 2, then 3.

// TS 38.214 Table 5.1.2.1.1-2, normal cyclic prefix.
constexpr PdschDefaultTable kPdschDefaultA{{
  {{{kA, 0, {2, 12}}, {kA, 0, {3, 11}}}}, {{{kA, 0, {2, 10}}, {kA, 0, {3, 9}}}}, {{{kA, 0, {2, 9}}, {kA, 0, {3, 8}}}},
  {{{kA, 0, {2, 7}}, {kA, 0, {3, 6}}}}, {{{kA, 0, {2, 5}}, {kA, 0, {3, 4}}}}, {{{kB, 0, {9, 4}}, {kB, 0, {10, 4}}}},
  {{{kB, 0, {4, 4}}, {kB, 0, {6, 4}}}}, {{{kB, 0, {5, 7}}, {kB, 0, {5, 7}}}}, {{{kB, 0, {5, 2}}, {kB, 0, {5, 2}}}},
  {{{kB, 0, {9, 2}}, {kB, 0, {9, 2}}}}, {{{kB, 0, {12, 2}}, {kB, 0, {12, 2}}}}, {{{kA, 0, {1, 13}}, {kA, 0, {1, 13}}}},
  {{{kA, 0, {1, 6}}, {kA, 0, {1, 6}}}}, {{{kA, 0, {2, 4}}, {kA, 0, {2, 4}}}}, {{{kB, 0, {4, 7}}, {kB, 0, {4, 7}}}},
  {{{kB, 0, {8, 4}}, {kB, 0, {8, 4}}}}}};

// TS 38.214 Table 5.1.2.1.1-4, normal cyclic prefix.
constexpr PdschDefaultTable kPdschDefaultB{{
  {{{kB, 0, {2, 2}}, {kB, 0, {2, 2}}}}, {{{kB, 0, {4, 2}}, {kB, 0, {4, 2}}}}, {{{kB, 0, {6, 2}}, {kB, 0, {6, 2}}}},
  {{{kB, 0, {8, 2}}, {kB, 0, {8, 2}}}}, {{{kB, 0, {10, 2}}, {kB, 0, {10, 2}}}}, {{{kB, 1, {2, 2}}, {kB, 1, {2, 2}}}},
  {{{kB, 1, {4, 2}}, {kB, 1, {4, 2}}}}, {{{kB, 0, {2, 4}}, {kB, 0, {2, 4}}}}, {{{kB, 0, {4, 4}}, {kB, 0, {4, 4}}}},
  {{{kB, 0, {6, 4}}, {kB, 0, {6, 4}}}}, {{{kB, 0, {8, 4}}, {kB, 0, {8, 4}}}}, {{{kB, 0, {10, 4}}, {kB, 0, {10, 4}}}},
  {{{kB, 0, {2, 7}}, {kB, 0, {2, 7}}}}, {{{kA, 0, {2, 12}}, {kA, 0, {3, 11}}}}, {{{kB, 1, {2, 4}}, {kB, 1, {2, 4}}}},
  {{{kA, 0, {0, kReserved}}, {kA, 0, {0, kReserved}}}}}};

// TS 38.214 Table 5.1.2.1.1-5, normal cyclic prefix.
constexpr PdschDefaultTable kPdschDefaultC{{
  {{{kB, 0, {2, 2}}, {kB, 0, {2, 2}}}}, {{{kB, 0, {4, 2}}, {kB, 0, {4, 2}}}}, {{{kB, 0, {6, 2}}, {kB, 0, {6, 2}}}},
  {{{kB, 0, {8, 2}}, {kB, 0, {8, 2}}}}, {{{kB, 0, {10, 2}}, {kB, 0, {10, 2}}}},
  {{{kA, 0, {0, kReserved}}, {kA, 0, {0, kReserved}}}}, {{{kA, 0, {0, kReserved}}, {kA, 0, {0, kReserved}}}},
  {{{kB, 0, {2, 4}}, {kB, 0, {2, 4}}}}, {{{kB, 0, {4, 4}}, {kB, 0, {4, 4}}}}, {{{kB, 0, {6, 4}}, {kB, 0, {6, 4}}}},
  {{{kB, 0, {8, 4}}, {kB, 0, {8, 4}}}}, {{{kB, 0, {10, 4}}, {kB, 0, {10, 4}}}}, {{{kB, 0, {2, 7}}, {kB, 0, {2, 7}}}},
  {{{kA, 0, {2, 12}}, {kA, 0, {3, 11}}}}, {{{kA, 0, {0, 6}}, {kA, 0, {0, 6}}}}, {{{kA, 0, {2, 6}}, {kA, 0, {2, 6}}}}}};

// TS 38.214 Table 6.1.2.1.1-2: mapping type, K_2 - j, S, L.
constexpr std::array<PuschTimeAllocation, 16> kPuschDefaultA{{
  {kA, 0, {0, 14}}, {kA, 0, {0, 12}}, {kA, 0, {0, 10}}, {kB, 0, {2, 10}}, {kB, 0, {4, 10}}, {kB, 0, {4, 8}},
  {kB, 0, {4, 6}}, {kA, 1, {0, 14}}, {kA, 1, {0, 12}}, {kA, 1, {0, 10}}, {kA, 2, {0, 14}}, {kA, 2, {0, 12}},
  {kA, 2, {0, 10}}, {kB, 0, {8, 6}}, {kA, 3, {0, 14}}, {kA, 3, {0, 10}}}};

// TS 38.214 Tables 6.1.2.1.1-4 and 6.1.2.1.1-5, by mu.
constexpr std::array<std::uint8_t, 4> kPuschJ{1, 1, 2, 3};
constexpr std::array<std::uint8_t, 4> kMsg3Delta{2, 3, 4, 6};

}  // namespace ravi::nr::tables
