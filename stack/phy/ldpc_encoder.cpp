#include "stack/phy/ldpc_encoder.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace ravi::phy {
namespace {

constexpr std::size_t kBlock = 64;

/// sum ^= in over whole blocks; fixed inner length, so that it compiles to a few wide XORs.
void add_run(const std::uint8_t* in, std::size_t num_blocks, std::uint8_t* sum)
{
  for (std::size_t block = 0; block < num_blocks; ++block) {
    for (std::size_t i = 0; i < kBlock; ++i) sum[block * kBlock + i] ^= in[block * kBlock + i];
  }
}

using Sum = std::array<std::uint8_t, kMaxLiftingSize>;

}  // namespace

void LdpcEncoder::repeat(unsigned j, unsigned z) noexcept
{
  std::uint8_t* bits = column(j);
  const std::size_t wanted = 2 * std::size_t{z} + kBlock;
  for (std::size_t have = z; have < wanted; have *= 2) std::memcpy(bits + have, bits, std::min(have, wanted - have));
}

/// The four core rows hold one column with three entries, whose rotations but one cancel in the sum of the rows, and a double
/// diagonal that cancels wholly. With that column known, each row gives one more.
void LdpcEncoder::solve_core(nr::LdpcBaseGraph graph, unsigned z) noexcept
{
  const unsigned set = lifting_size_at_least(z).set;
  const unsigned first_parity = ldpc_shape(graph).num_info_columns;
  const std::size_t num_blocks = (z + kBlock - 1) / kBlock;
  std::array<Sum, kNumCoreRows> row_sum{};
  Sum total{};
  std::array<unsigned, 3> shifts{};  // of the column with three entries
  std::size_t num_shifts = 0;
  for (unsigned row = 0; row < kNumCoreRows; ++row) {
    for (const LdpcEntry& entry : ldpc_row(graph, row)) {
      const unsigned shift = entry.shift[set] % z;
      if (entry.column < first_parity) add_run(column(entry.column) + shift, num_blocks, row_sum[row].data());
      if (entry.column == first_parity) shifts[num_shifts++] = shift;
    }
    add_run(row_sum[row].data(), num_blocks, total.data());
  }
  const unsigned remaining = shifts[0] == shifts[1] ? shifts[2] : shifts[0] == shifts[2] ? shifts[1] : shifts[0];
  std::memcpy(column(first_parity) + remaining, total.data(), z - remaining);
  std::memcpy(column(first_parity), total.data() + (z - remaining), remaining);
  repeat(first_parity, z);

  for (unsigned row = 0; row + 1 < kNumCoreRows; ++row) {
    const unsigned solved = first_parity + row + 1;
    for (const LdpcEntry& entry : ldpc_row(graph, row)) {
      if (entry.column < first_parity || entry.column >= solved) continue;
      add_run(column(entry.column) + entry.shift[set] % z, num_blocks, row_sum[row].data());
    }
    std::memcpy(column(solved), row_sum[row].data(), z);
    repeat(solved, z);
  }
}

void LdpcEncoder::encode(nr::LdpcBaseGraph graph, unsigned z, std::span<const std::uint8_t> info,
                         std::span<std::uint8_t> codeword) noexcept
{
  const LdpcShape shape = ldpc_shape(graph);
  assert(is_lifting_size(z) && info.size() == std::size_t{shape.num_info_columns} * z);
  assert(codeword.size() <= ldpc_code_length(graph, z));
  for (unsigned j = 0; j < shape.num_info_columns; ++j) {
    std::memcpy(column(j), &info[std::size_t{j} * z], z);
    repeat(j, z);
  }
  solve_core(graph, z);

  const unsigned set = lifting_size_at_least(z).set;
  const std::size_t num_blocks = (z + kBlock - 1) / kBlock;
  const unsigned num_kept = shape.num_info_columns + kNumCoreRows;
  for (std::size_t done = 0; done < codeword.size(); done += z) {
    const auto j = static_cast<unsigned>(done / z) + kNumPuncturedColumns;
    const std::size_t take = std::min<std::size_t>(z, codeword.size() - done);
    if (j < num_kept) {
      std::memcpy(&codeword[done], column(j), take);
      continue;
    }
    Sum parity{};
    const auto entries = ldpc_row(graph, j - shape.num_info_columns);
    for (const LdpcEntry& entry : entries.first(entries.size() - 1)) {
      add_run(column(entry.column) + entry.shift[set] % z, num_blocks, parity.data());
    }
    std::memcpy(&codeword[done], parity.data(), take);
  }
}

}  // namespace ravi::phy
