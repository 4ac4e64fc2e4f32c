#include "stack/phy/ldpc_schedule.h"

#include <cassert>

namespace ravi::phy {

LdpcBlockStarts LdpcSchedule::block_starts(unsigned rotation) const noexcept
{
  LdpcBlockStarts starts{};
  for (unsigned block = 0; block < num_blocks; ++block) {
    starts[block] = static_cast<std::uint16_t>((kLdpcLanes * block + rotation) % key.z);
  }
  return starts;
}

void LdpcSchedule::prepare(const LdpcScheduleKey& wanted) noexcept
{
  if (wanted == key) return;
  assert(is_lifting_size(wanted.z) && wanted.num_rows >= kNumCoreRows);
  key = wanted;
  const unsigned z = key.z;
  const unsigned set = lifting_size_at_least(z).set;
  const unsigned first_parity = ldpc_shape(key.graph).num_info_columns;
  num_blocks = (z + kLdpcLanes - 1) / kLdpcLanes;
  const auto is_filler = [&](unsigned column) { return column >= key.num_info_columns && column < first_parity; };
  const auto is_live = [&](unsigned column) { return column < first_parity + kNumCoreRows && !is_filler(column); };

  rest_shift.fill(0);
  for (unsigned row = 0; row < key.num_rows; ++row) {
    for (const LdpcEntry& entry : ldpc_row(key.graph, row)) {
      if (is_live(entry.column)) rest_shift[entry.column] = static_cast<std::uint16_t>(entry.shift[set] % z);
    }
  }

  std::array<std::uint16_t, kMaxLdpcLiveColumns> shift = rest_shift;
  unsigned num_edges = 0;
  for (unsigned row = 0; row < key.num_rows; ++row) {
    const unsigned first = num_edges;
    for (const LdpcEntry& entry : ldpc_row(key.graph, row)) {
      if (!is_live(entry.column)) continue;
      const unsigned wanted_shift = entry.shift[set] % z;
      edges[num_edges] = {entry.column, block_starts(wanted_shift + z - shift[entry.column])};
      if (row < kNumCoreRows) core[num_edges] = block_starts(wanted_shift + z - rest_shift[entry.column]);
      shift[entry.column] = static_cast<std::uint16_t>(wanted_shift);
      ++num_edges;
    }
    rows[row] = {static_cast<std::uint16_t>(first), static_cast<std::uint8_t>(num_edges - first), row >= kNumCoreRows};
  }
  for (unsigned column = 0; column < first_parity + kNumCoreRows; ++column) {
    bits[column] = block_starts(z - rest_shift[column]);
  }
}

}  // namespace ravi::phy
