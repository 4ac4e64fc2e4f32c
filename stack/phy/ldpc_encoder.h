#pragma once
// LDPC encoding of one code block. TS 38.212 §5.3.2.

#include "stack/phy/ldpc_graph.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ravi::phy {

/// Working memory of one encoder: a column of the graph is z bytes, one bit each, followed by copies of its beginning so
/// that every rotation of it is a plain run of bytes.
class LdpcEncoder {
public:
  /// Encodes one code block.
  ///
  /// In      info: K = 22 z or 10 z bits, fillers as 0; z a lifting size
  /// Out     codeword: the first codeword.size() of the N = 66 z or 50 z bits that follow the punctured 2 z; rows of the graph
  ///         behind them are not computed. codeword.size() <= N
  /// Thread  slot worker, real time
  void encode(nr::LdpcBaseGraph graph, unsigned z, std::span<const std::uint8_t> info,
              std::span<std::uint8_t> codeword) noexcept;

private:
  static constexpr std::size_t kBlock = 64;  ///< bytes XORed at once; z is rounded up to it
  /// A run of z rounded up, from any start below z.
  static constexpr std::size_t kColumnBytes = 2 * kMaxLiftingSize + kBlock;
  static constexpr std::size_t kNumKept = kMaxLdpcInfoColumns + kNumCoreRows;  ///< extension columns are never read again

  using Column = std::array<std::uint8_t, kColumnBytes>;

  [[nodiscard]] std::uint8_t* column(unsigned j) noexcept { return columns_[j].data(); }
  void repeat(unsigned j, unsigned z) noexcept;
  void solve_core(nr::LdpcBaseGraph graph, unsigned z) noexcept;

  alignas(kBlock) std::array<Column, kNumKept> columns_{};
};

}  // namespace ravi::phy
