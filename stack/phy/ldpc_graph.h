#pragma once
// The LDPC codes of NR: two base graphs, 51 lifting sizes. TS 38.212 §5.3.2.

#include "stack/nr/tbs.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace ravi::phy {

/// One z x z circulant of the parity check matrix: row i, column j, V_ij of each set of lifting sizes. Row p of the circulant
/// has its one in column (p + V_ij mod z) mod z.
struct LdpcEntry {
  std::uint8_t row;
  std::uint8_t column;
  std::array<std::uint16_t, 8> shift;
};

/// The entries of a row of the base graph by rising column. row < num_rows. The last of rows 4 and up is the extension
/// column, which no other row has.
[[nodiscard]] std::span<const LdpcEntry> ldpc_row(nr::LdpcBaseGraph graph, unsigned row) noexcept;

/// Sizes of a base graph, in columns or rows of z bits.
struct LdpcShape {
  unsigned num_rows;
  unsigned num_columns;       ///< with the first two, which are never transmitted
  unsigned num_info_columns;  ///< K / z
};

inline constexpr unsigned kNumPuncturedColumns = 2;
inline constexpr unsigned kNumCoreRows = 4;  ///< the rows without an extension column
inline constexpr unsigned kMaxLdpcRows = 46;
inline constexpr unsigned kMaxLdpcColumns = 68;
inline constexpr unsigned kMaxLdpcInfoColumns = 22;
inline constexpr unsigned kMaxLdpcDegree = 19;  ///< entries of a row
inline constexpr unsigned kMaxLdpcEntries = 316;
inline constexpr unsigned kMaxLiftingSize = 384;

[[nodiscard]] constexpr LdpcShape ldpc_shape(nr::LdpcBaseGraph graph)
{
  return graph == nr::LdpcBaseGraph::bg1 ? LdpcShape{46, 68, 22} : LdpcShape{42, 52, 10};
}

/// N: bits of a code block on offer for transmission, fillers included.
[[nodiscard]] constexpr unsigned ldpc_code_length(nr::LdpcBaseGraph graph, unsigned z)
{
  return (ldpc_shape(graph).num_columns - kNumPuncturedColumns) * z;
}

struct LiftingSize {
  std::uint16_t z;
  std::uint8_t set;  ///< i_LS
};

/// TS 38.212 Table 5.3.2-1, by rising z.
inline constexpr std::array<LiftingSize, 51> kLiftingSizes = {{
  {2, 0},   {3, 1},   {4, 0},   {5, 2},   {6, 1},   {7, 3},   {8, 0},   {9, 4},   {10, 2},  {11, 5},  {12, 1},
  {13, 6},  {14, 3},  {15, 7},  {16, 0},  {18, 4},  {20, 2},  {22, 5},  {24, 1},  {26, 6},  {28, 3},  {30, 7},
  {32, 0},  {36, 4},  {40, 2},  {44, 5},  {48, 1},  {52, 6},  {56, 3},  {60, 7},  {64, 0},  {72, 4},  {80, 2},
  {88, 5},  {96, 1},  {104, 6}, {112, 3}, {120, 7}, {128, 0}, {144, 4}, {160, 2}, {176, 5}, {192, 1}, {208, 6},
  {224, 3}, {240, 7}, {256, 0}, {288, 4}, {320, 2}, {352, 5}, {384, 1},
}};

/// The smallest lifting size >= z; z <= 384.
[[nodiscard]] constexpr LiftingSize lifting_size_at_least(unsigned z)
{
  return *std::lower_bound(kLiftingSizes.begin(), kLiftingSizes.end() - 1, z,
                           [](LiftingSize size, unsigned wanted) { return size.z < wanted; });
}

/// Whether z stands in Table 5.3.2-1.
[[nodiscard]] constexpr bool is_lifting_size(unsigned z)
{
  return z <= kMaxLiftingSize && lifting_size_at_least(z).z == z;
}

}  // namespace ravi::phy
