#pragma once
// A transport block's way into LDPC code blocks: CRCs, number and size of the blocks, bits for each. TS 38.212 §5.2.2, §5.4.2.1.

#include "stack/nr/tbs.h"
#include "stack/phy/crc.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace ravi::phy {

/// Sizes in bits.
struct CodeBlockSegmentation {
  nr::LdpcBaseGraph graph = nr::LdpcBaseGraph::bg1;
  Crc transport_block_crc = Crc::crc24a;
  unsigned num_code_blocks = 0;  ///< C
  unsigned num_info_bits = 0;    ///< K': of each code block, its CRC included if there are several
  unsigned z = 0;                ///< Z_c; K is 22 or 10 of it

  /// The CRC at the end of each code block: CRC24B, or the transport block's own where there is only one.
  [[nodiscard]] Crc code_block_crc() const { return num_code_blocks > 1 ? Crc::crc24b : transport_block_crc; }
  /// Bits of the transport block (its CRC included) in each code block.
  [[nodiscard]] unsigned num_payload_bits() const { return num_info_bits - (num_code_blocks > 1 ? 24U : 0U); }
};

/// num_bits: A, transport block without CRC. Nothing for a size that no segmentation divides evenly: such are not among
/// the sizes of TS 38.214 §5.1.3.2.
[[nodiscard]] std::optional<CodeBlockSegmentation> segment(unsigned num_bits, nr::LdpcBaseGraph graph) noexcept;

/// E_r: how many of the transport block's G bits go to code block r. bits_per_symbol: Q_m; all C blocks are sent.
[[nodiscard]] std::size_t code_block_length(std::size_t num_bits, unsigned num_layers, unsigned bits_per_symbol,
                                            unsigned num_code_blocks, unsigned r) noexcept;

}  // namespace ravi::phy
