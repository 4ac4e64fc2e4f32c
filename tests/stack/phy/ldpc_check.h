#pragma once
// The parity check matrix of TS 38.212 §5.3.2 as it is written, for tests.

#include "stack/phy/ldpc_graph.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::phy::test {

/// Checks that [info first 2 z][codeword] does not satisfy, counted bit by bit over all rows.
inline std::size_t count_failed_checks(nr::LdpcBaseGraph graph, unsigned z, std::span<const std::uint8_t> info,
                                       std::span<const std::uint8_t> codeword)
{
  std::vector<std::uint8_t> word(info.begin(), info.begin() + kNumPuncturedColumns * z);
  word.insert(word.end(), codeword.begin(), codeword.end());
  const unsigned set = lifting_size_at_least(z).set;
  std::size_t failed = 0;
  for (unsigned row = 0; row < ldpc_shape(graph).num_rows; ++row) {
    for (unsigned p = 0; p < z; ++p) {
      unsigned sum = 0;
      for (const LdpcEntry& entry : ldpc_row(graph, row)) sum ^= word[entry.column * z + (p + entry.shift[set]) % z];
      failed += sum;
    }
  }
  return failed;
}

}  // namespace ravi::phy::test
