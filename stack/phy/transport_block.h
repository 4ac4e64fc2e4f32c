#pragma once
// DL-SCH and UL-SCH: a transport block to bits and back. TS 38.212 §7.2, §6.2; the same chain both ways of the link.

#include "stack/nr/phy_mac.h"
#include "stack/phy/code_block_segmentation.h"
#include "stack/phy/ldpc_decoder.h"
#include "stack/phy/ldpc_encoder.h"
#include "stack/phy/ldpc_rate_matching.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ravi::phy {

/// The soft memory of one HARQ process: LLRs of all code blocks of a transport block, and what is decoded already.
/// One writer at a time; made once for the largest transport block, never grows.
class HarqSoftBuffer {
public:
  /// max_tbs_bytes: the largest transport block it can hold, of any size up to it and either base graph.
  explicit HarqSoftBuffer(std::size_t max_tbs_bytes);

  /// Forgets everything: the next transmission is new data. (decode_sch also does so if the block's shape differs.)
  void clear() noexcept { tbs_bytes_ = 0; }
  [[nodiscard]] std::size_t max_tbs_bytes() const noexcept { return max_tbs_bytes_; }

private:
  friend class SchDecoder;
  std::size_t max_tbs_bytes_;
  std::size_t tbs_bytes_ = 0;  ///< of what is kept; 0: nothing
  CodeBlockSegmentation blocks_;
  unsigned buffer_size_ = 0;                ///< N_cb
  std::vector<std::int8_t> soft_;           ///< [code block][N_cb]
  std::vector<std::uint8_t> payload_;       ///< the decoded transport block with its CRC, packed
  std::vector<std::uint32_t> end_of_sent_;  ///< by code block: bits of its buffer that ever came
  std::vector<std::uint8_t> is_decoded_;    ///< by code block
};

/// How a transport block is cut and where each piece goes; made from a grant in a few hundred nanoseconds.
struct SchPlan {
  CodeBlockSegmentation blocks;
  LdpcRateMatching matching;  ///< the same for every code block
  std::size_t num_bits = 0;   ///< G
  unsigned num_layers = 1;

  /// Coded bits of code block r.
  [[nodiscard]] std::size_t block_length(unsigned r) const noexcept
  {
    return code_block_length(num_bits, num_layers, matching.bits_per_symbol, blocks.num_code_blocks, r);
  }
};

/// num_bits: G, a multiple of num_layers x Q_m. Nothing for a configuration that the standard has no coding for (size,
/// redundancy version, base graph, no bit to send): a grant off the air may say anything.
[[nodiscard]] std::optional<SchPlan> plan_sch(const nr::SchConfig& config, std::size_t num_bits,
                                              unsigned num_layers = 1) noexcept;

/// One a thread; about 60 KiB.
class SchEncoder {
public:
  SchEncoder();

  /// Encodes a transport block.
  ///
  /// In      payload: config.tbs_bytes packed bytes
  /// Out     bits: G bits, one a byte, before scrambling
  /// Returns false, bits untouched, if plan_sch refuses or payload has another size
  /// Thread  slot worker, real time
  [[nodiscard]] bool encode(std::span<const std::uint8_t> payload, const nr::SchConfig& config,
                            std::span<std::uint8_t> bits, unsigned num_layers = 1) noexcept;

private:
  std::unique_ptr<LdpcEncoder> ldpc_;
  std::vector<std::uint8_t> info_;      ///< K
  std::vector<std::uint8_t> codeword_;  ///< N
};

struct SchResult {
  bool is_crc_ok = false;
  unsigned num_code_blocks = 0;
  unsigned num_failed_code_blocks = 0;
  unsigned num_iterations = 0;  ///< of all code blocks decoded in this call together
};

/// One a thread; about 180 KiB.
class SchDecoder {
public:
  SchDecoder();

  /// Decodes a transport block after adding this transmission to what `harq` kept of earlier ones.
  ///
  /// In      llrs: G values, descrambled
  ///         max_num_iterations: LDPC iterations a code block, 1..
  /// Inout   harq: clear() before new data. Code blocks that were decoded by an earlier transmission are not decoded again.
  /// Out     payload: config.tbs_bytes packed bytes, meant only if is_crc_ok; untouched if plan_sch refuses
  /// Returns all zero if plan_sch refuses, payload has another size, or the block is larger than harq was made for
  /// Thread  slot worker, real time
  [[nodiscard]] SchResult decode(std::span<const std::int8_t> llrs, const nr::SchConfig& config, HarqSoftBuffer& harq,
                                 std::span<std::uint8_t> payload, unsigned num_layers = 1,
                                 unsigned max_num_iterations = 10) noexcept;

private:
  void start(const SchPlan& plan, std::size_t tbs_bytes, HarqSoftBuffer& harq) const noexcept;
  void store_block(const SchPlan& plan, unsigned r, HarqSoftBuffer& harq) noexcept;

  std::unique_ptr<LdpcDecoder> ldpc_;
  std::array<std::uint8_t, kMaxLdpcInfoColumns * kMaxLiftingSize / 8> info_{};
};

}  // namespace ravi::phy
