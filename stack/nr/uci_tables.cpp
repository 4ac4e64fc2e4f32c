#include "stack/nr/uci_tables.h"

namespace ravi::nr::tables {

// TS 38.213 Table 9.2.1-1: format, first symbol, symbols, PRB offset, number of initial cyclic shifts and them.
constexpr std::array<PucchCommonRow, 16> kPucchCommon{{
  {0, 12, 2, 0, 2, {0, 3}}, {0, 12, 2, 0, 3, {0, 4, 8}}, {0, 12, 2, 3, 3, {0, 4, 8}}, {1, 10, 4, 0, 2, {0, 6}},
  {1, 10, 4, 0, 4, {0, 3, 6, 9}}, {1, 10, 4, 2, 4, {0, 3, 6, 9}}, {1, 10, 4, 4, 4, {0, 3, 6, 9}},
  {1, 4, 10, 0, 2, {0, 6}}, {1, 4, 10, 0, 4, {0, 3, 6, 9}}, {1, 4, 10, 2, 4, {0, 3, 6, 9}},
  {1, 4, 10, 4, 4, {0, 3, 6, 9}}, {1, 0, 14, 0, 2, {0, 6}}, {1, 0, 14, 0, 4, {0, 3, 6, 9}},
  {1, 0, 14, 2, 4, {0, 3, 6, 9}}, {1, 0, 14, 4, 4, {0, 3, 6, 9}}, {1, 0, 14, kQuarterOfBwp, 4, {0, 3, 6, 9}}}};

// TS 38.213 Table 9.3-1.
constexpr std::array<float, 16> kBetaHarqAck{
  1.0F, 2.0F, 2.5F, 3.125F, 4.0F, 5.0F, 6.25F, 8.0F, 10.0F, 12.625F, 15.875F, 20.0F, 31.0F, 50.0F, 80.0F, 126.0F};

// TS 38.213 Table 9.3-2.
constexpr std::array<float, 19> kBetaCsi{
  1.125F, 1.25F, 1.375F, 1.625F, 1.75F, 2.0F, 2.25F, 2.5F, 2.875F, 3.125F, 3.5F, 4.0F, 5.0F, 6.25F, 8.0F, 10.0F,
  12.625F, 15.875F, 20.0F};

}  // namespace ravi::nr::tables
