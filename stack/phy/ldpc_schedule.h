#pragma once
// What the LDPC decoder does to which bytes: worked out once for a shape of code block, the same for every iteration.

#include "stack/phy/ldpc_graph.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace ravi::phy {

inline constexpr unsigned kLdpcLanes = 64;  ///< z is worked through in blocks of so many lanes
inline constexpr unsigned kMaxLdpcBlocks = kMaxLiftingSize / kLdpcLanes;
inline constexpr unsigned kMaxLdpcLiveColumns = kMaxLdpcInfoColumns + kNumCoreRows;  ///< all but the extension columns

/// Where each block of a rotated column begins: block b of rotation r at (64 b + r) mod z. A column is followed by a copy of
/// its first 64 values, so that a block is one run.
using LdpcBlockStarts = std::array<std::uint16_t, kMaxLdpcBlocks>;

struct LdpcScheduleRow {
  std::uint16_t first_edge;
  std::uint8_t degree;  ///< edges to live columns
  bool has_extension;   ///< and one to extension column row - 4
};

struct LdpcScheduleEdge {
  std::uint8_t column;
  LdpcBlockStarts read;  ///< from the rotation that the column's previous row left it in to this row's
};

/// A code block's shape decides the schedule.
struct LdpcScheduleKey {
  nr::LdpcBaseGraph graph = nr::LdpcBaseGraph::bg1;
  unsigned z = 0;
  unsigned num_rows = 0;          ///< check rows worked on, 4..ldpc_shape().num_rows
  unsigned num_info_columns = 0;  ///< the information columns behind are filler: known zeros, which no check needs
  friend bool operator==(const LdpcScheduleKey&, const LdpcScheduleKey&) = default;
};

/// Between two iterations column j stands rotated by rest_shift[j]: its value p is bit (p + rest_shift[j]) mod z.
class LdpcSchedule {
public:
  /// Does nothing if the key is that of the last call.
  void prepare(const LdpcScheduleKey& key) noexcept;

  LdpcScheduleKey key;
  unsigned num_blocks = 0;  ///< ceil(z / 64)
  std::array<LdpcScheduleRow, kMaxLdpcRows> rows{};
  std::array<LdpcScheduleEdge, kMaxLdpcEntries> edges{};
  std::array<std::uint16_t, kMaxLdpcLiveColumns> rest_shift{};
  std::array<LdpcBlockStarts, kMaxLdpcLiveColumns> bits{};            ///< from rest to bit order
  std::array<LdpcBlockStarts, kNumCoreRows * kMaxLdpcDegree> core{};  ///< from rest to the core rows' rotation, by edge

private:
  [[nodiscard]] LdpcBlockStarts block_starts(unsigned rotation) const noexcept;
};

}  // namespace ravi::phy
