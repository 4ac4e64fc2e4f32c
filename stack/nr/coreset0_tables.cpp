#include "stack/nr/coreset0_tables.h"

namespace ravi::nr::tables {

// Resource blocks, symbols, offset in resource blocks; multiplexing pattern 1 throughout.

// TS 38.213 Table 13-1: {SSB, PDCCH} = {15, 15} kHz.
constexpr std::array<Coreset0, 15> kCoreset0Table13v1{{
  {24, 2, 0}, {24, 2, 2}, {24, 2, 4}, {24, 3, 0}, {24, 3, 2}, {24, 3, 4}, {48, 1, 12}, {48, 1, 16}, {48, 2, 12},
  {48, 2, 16}, {48, 3, 12}, {48, 3, 16}, {96, 1, 38}, {96, 2, 38}, {96, 3, 38}}};

// TS 38.213 Table 13-2: {15, 30} kHz.
constexpr std::array<Coreset0, 14> kCoreset0Table13v2{{
  {24, 2, 5}, {24, 2, 6}, {24, 2, 7}, {24, 2, 8}, {24, 3, 5}, {24, 3, 6}, {24, 3, 7}, {24, 3, 8}, {48, 1, 18},
  {48, 1, 20}, {48, 2, 18}, {48, 2, 20}, {48, 3, 18}, {48, 3, 20}}};

// TS 38.213 Table 13-3: {30, 15} kHz.
constexpr std::array<Coreset0, 9> kCoreset0Table13v3{{
  {48, 1, 2}, {48, 1, 6}, {48, 2, 2}, {48, 2, 6}, {48, 3, 2}, {48, 3, 6}, {96, 1, 28}, {96, 2, 28}, {96, 3, 28}}};

// TS 38.213 Table 13-4: {30, 30} kHz.
constexpr std::array<Coreset0, 16> kCoreset0Table13v4{{
  {24, 2, 0}, {24, 2, 1}, {24, 2, 2}, {24, 2, 3}, {24, 2, 4}, {24, 3, 0}, {24, 3, 1}, {24, 3, 2}, {24, 3, 3},
  {24, 3, 4}, {48, 1, 12}, {48, 1, 14}, {48, 1, 16}, {48, 2, 12}, {48, 2, 14}, {48, 2, 16}}};

// TS 38.213 Table 13-5: {30, 15} kHz, minimum bandwidth 40 MHz.
constexpr std::array<Coreset0, 9> kCoreset0Table13v5{{
  {48, 1, 4}, {48, 2, 4}, {48, 3, 4}, {96, 1, 0}, {96, 1, 56}, {96, 2, 0}, {96, 2, 56}, {96, 3, 0}, {96, 3, 56}}};

// TS 38.213 Table 13-6: {30, 30} kHz, minimum bandwidth 40 MHz.
constexpr std::array<Coreset0, 10> kCoreset0Table13v6{{
  {24, 2, 0}, {24, 2, 4}, {24, 3, 0}, {24, 3, 4}, {48, 1, 0}, {48, 1, 28}, {48, 2, 0}, {48, 2, 28}, {48, 3, 0},
  {48, 3, 28}}};

// TS 38.213 Table 13-11: O (ms), sets per slot, 2 M, first symbol of the first set.
constexpr std::array<SearchSpace0, 16> kSearchSpace0{{
  {0, 1, 2, 0}, {0, 2, 1, 0}, {2, 1, 2, 0}, {2, 2, 1, 0}, {5, 1, 2, 0}, {5, 2, 1, 0}, {7, 1, 2, 0}, {7, 2, 1, 0},
  {0, 1, 4, 0}, {5, 1, 4, 0}, {0, 1, 2, 1}, {0, 1, 2, 2}, {2, 1, 2, 1}, {2, 1, 2, 2}, {5, 1, 2, 1}, {5, 1, 2, 2}}};

}  // namespace ravi::nr::tables
