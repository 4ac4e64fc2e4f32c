#include "stack/nr/dmrs_tables.h"

namespace ravi::nr::tables {
namespace {

constexpr std::uint16_t x = kNoDmrs;

// The symbols besides the first DM-RS; 11 stands for l_1 in rows of 13 and 14 symbols of mapping type A.
constexpr std::uint16_t at(auto... symbols) { return static_cast<std::uint16_t>((0U | ... | (1U << symbols))); }

}  // namespace

// TS 38.211 Table 7.4.1.1.2-3, mapping type A.
constexpr SingleSymbolDmrs kPdschDmrsASingle{{
  {x, x, x, at(), at(), at(), at(), at(), at(), at(), at(), at(), at(), at(), at()},
  {x, x, x, at(), at(), at(), at(), at(), at(7), at(7), at(9), at(9), at(9), at(11), at(11)},
  {x, x, x, at(), at(), at(), at(), at(), at(7), at(7), at(6, 9), at(6, 9), at(6, 9), at(7, 11), at(7, 11)},
  {x, x, x, at(), at(), at(), at(), at(), at(7), at(7), at(6, 9), at(6, 9), at(5, 8, 11), at(5, 8, 11), at(5, 8, 11)}}};

// TS 38.211 Table 7.4.1.1.2-3, mapping type B.
constexpr SingleSymbolDmrs kPdschDmrsBSingle{{
  {x, x, at(), at(), at(), at(), at(), at(), at(), at(), at(), at(), at(), at(), x},
  {x, x, at(), at(), at(), at(4), at(4), at(4), at(6), at(7), at(7), at(8), at(9), at(9), x},
  {x, x, at(), at(), at(), at(4), at(4), at(4), at(3, 6), at(4, 7), at(4, 7), at(4, 8), at(5, 9), at(5, 9), x},
  {x, x, at(), at(), at(), at(4), at(4), at(4), at(3, 6), at(4, 7), at(4, 7), at(3, 6, 9), at(3, 6, 9), at(3, 6, 9), x}}};

// TS 38.211 Table 7.4.1.1.2-4, mapping type A.
constexpr DoubleSymbolDmrs kPdschDmrsADouble{{
  {x, x, x, x, at(), at(), at(), at(), at(), at(), at(), at(), at(), at(), at()},
  {x, x, x, x, at(), at(), at(), at(), at(), at(), at(8), at(8), at(8), at(10), at(10)}}};

// TS 38.211 Table 7.4.1.1.2-4, mapping type B.
constexpr DoubleSymbolDmrs kPdschDmrsBDouble{{
  {x, x, x, x, x, at(), at(), at(), at(), at(), at(), at(), at(), at(), x},
  {x, x, x, x, x, at(), at(), at(), at(5), at(5), at(7), at(7), at(8), at(8), x}}};

// TS 38.211 Table 6.4.1.1.3-3, mapping type A.
constexpr SingleSymbolDmrs kPuschDmrsASingle{{
  {x, x, x, x, at(), at(), at(), at(), at(), at(), at(), at(), at(), at(), at()},
  {x, x, x, x, at(), at(), at(), at(), at(7), at(7), at(9), at(9), at(9), at(11), at(11)},
  {x, x, x, x, at(), at(), at(), at(), at(7), at(7), at(6, 9), at(6, 9), at(6, 9), at(7, 11), at(7, 11)},
  {x, x, x, x, at(), at(), at(), at(), at(7), at(7), at(6, 9), at(6, 9), at(5, 8, 11), at(5, 8, 11), at(5, 8, 11)}}};

// TS 38.211 Table 6.4.1.1.3-3, mapping type B.
constexpr SingleSymbolDmrs kPuschDmrsBSingle{{
  {x, at(), at(), at(), at(), at(), at(), at(), at(), at(), at(), at(), at(), at(), at()},
  {x, at(), at(), at(), at(), at(4), at(4), at(4), at(6), at(6), at(8), at(8), at(10), at(10), at(10)},
  {x, at(), at(), at(), at(), at(4), at(4), at(4), at(3, 6), at(3, 6), at(4, 8), at(4, 8), at(5, 10), at(5, 10),
  at(5, 10)},
  {x, at(), at(), at(), at(), at(4), at(4), at(4), at(3, 6), at(3, 6), at(3, 6, 9), at(3, 6, 9), at(3, 6, 9),
  at(3, 6, 9), at(3, 6, 9)}}};

// TS 38.211 Table 6.4.1.1.3-4, mapping type A.
constexpr DoubleSymbolDmrs kPuschDmrsADouble{{
  {x, x, x, x, at(), at(), at(), at(), at(), at(), at(), at(), at(), at(), at()},
  {x, x, x, x, at(), at(), at(), at(), at(), at(), at(8), at(8), at(8), at(10), at(10)}}};

// TS 38.211 Table 6.4.1.1.3-4, mapping type B.
constexpr DoubleSymbolDmrs kPuschDmrsBDouble{{
  {x, x, x, x, x, at(), at(), at(), at(), at(), at(), at(), at(), at(), at()},
  {x, x, x, x, x, at(), at(), at(), at(5), at(5), at(7), at(7), at(9), at(9), at(9)}}};

// TS 38.211 Tables 7.4.1.1.2-1 and 6.4.1.1.3-1: CDM group, Delta, w_f, w_t.
constexpr std::array<DmrsPort, 8> kDmrsPortsType1{{
  {0, 0, {1, 1}, {1, 1}}, {0, 0, {1, -1}, {1, 1}}, {1, 1, {1, 1}, {1, 1}}, {1, 1, {1, -1}, {1, 1}},
  {0, 0, {1, 1}, {1, -1}}, {0, 0, {1, -1}, {1, -1}}, {1, 1, {1, 1}, {1, -1}}, {1, 1, {1, -1}, {1, -1}}}};

}  // namespace ravi::nr::tables
