#include "stack/phy/code_block_segmentation.h"

#include "stack/phy/ldpc_graph.h"

namespace ravi::phy {
namespace {

/// K_b, TS 38.212 §5.2.2; num_bits: B.
unsigned num_used_columns(nr::LdpcBaseGraph graph, unsigned num_bits)
{
  if (graph == nr::LdpcBaseGraph::bg1) return 22;
  return num_bits > 640 ? 10 : num_bits > 560 ? 9 : num_bits > 192 ? 8 : 6;
}

}  // namespace

std::optional<CodeBlockSegmentation> segment(unsigned num_bits, nr::LdpcBaseGraph graph) noexcept
{
  constexpr unsigned kMaxBits = 1U << 24U;  // far beyond any transport block, and nothing below overflows
  if (num_bits == 0 || num_bits > kMaxBits) return std::nullopt;
  CodeBlockSegmentation blocks;
  blocks.graph = graph;
  blocks.transport_block_crc = num_bits > 3824 ? Crc::crc24a : Crc::crc16;  // TS 38.212 §6.2.1, §7.2.1
  const unsigned with_crc = num_bits + crc_length(blocks.transport_block_crc);  // B
  const unsigned largest = graph == nr::LdpcBaseGraph::bg1 ? 8448 : 3840;       // K_cb
  constexpr unsigned kBlockCrc = 24;
  blocks.num_code_blocks = with_crc <= largest ? 1 : (with_crc + largest - kBlockCrc - 1) / (largest - kBlockCrc);
  const unsigned all = with_crc + (blocks.num_code_blocks > 1 ? blocks.num_code_blocks * kBlockCrc : 0);  // B'
  if (all % blocks.num_code_blocks != 0) return std::nullopt;
  blocks.num_info_bits = all / blocks.num_code_blocks;
  const unsigned columns = num_used_columns(graph, with_crc);
  blocks.z = lifting_size_at_least((blocks.num_info_bits + columns - 1) / columns).z;
  return blocks;
}

std::size_t code_block_length(std::size_t num_bits, unsigned num_layers, unsigned bits_per_symbol,
                              unsigned num_code_blocks, unsigned r) noexcept
{
  const std::size_t unit = std::size_t{num_layers} * bits_per_symbol;
  const std::size_t num_units = num_bits / unit;
  const bool is_longer = r >= num_code_blocks - num_units % num_code_blocks;
  return unit * (num_units / num_code_blocks + (is_longer ? 1 : 0));
}

}  // namespace ravi::phy
