#pragma once
// LDPC decoding of one code block: layered offset min-sum on int8. TS 38.212 §5.3.2; the decoder is ours.

#include "stack/phy/crc.h"
#include "stack/phy/ldpc_schedule.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ravi::phy {

struct LdpcBlock {
  nr::LdpcBaseGraph graph = nr::LdpcBaseGraph::bg1;
  unsigned z = 0;                   ///< a lifting size
  unsigned num_info_bits = 0;       ///< K': the code block with its CRC, without fillers; 1..K
  Crc crc = Crc::crc24b;            ///< that ends the block
  unsigned max_num_iterations = 8;  ///< over all rows; >= 1
  bool stops_early = true;          ///< at the first iteration after which parity checks and CRC hold
};

struct LdpcResult {
  bool is_crc_ok = false;
  unsigned num_iterations = 0;
};

namespace detail {

/// The decoder's working memory; what the kernels see. Soft values are int8, positive: 0 more likely.
struct LdpcMemory {
  /// Room for z rounded up to blocks and the copy of the first block.
  static constexpr std::size_t kColumnBytes = kMaxLiftingSize + kLdpcLanes;
  static constexpr std::size_t kMaxEdges = kMaxLdpcEntries - (kMaxLdpcRows - kNumCoreRows);  ///< to live columns
  using Column = std::array<std::int8_t, kColumnBytes>;

  alignas(64) std::array<Column, kMaxLdpcLiveColumns + kMaxLdpcDegree> slots{};
  /// The slot of each live column. A row reads its columns from theirs and writes them rotated to spare ones.
  std::array<std::int8_t*, kMaxLdpcLiveColumns> column{};
  std::array<std::int8_t*, kMaxLdpcDegree> spare{};
  alignas(64) std::array<std::array<std::int8_t, kMaxLiftingSize>, kMaxLdpcRows - kNumCoreRows> extension{};
  /// Last message of each check to each of its columns: [row][block][edge][lane], so that an iteration streams through once.
  alignas(64) std::array<std::int8_t, kMaxEdges * kMaxLiftingSize> messages{};
  alignas(64) std::array<std::uint8_t, kMaxLdpcInfoColumns * kMaxLiftingSize + kLdpcLanes> bits{};
};

}  // namespace detail

/// One decoder with its memory (about 180 KiB: keep it on the heap). Make one a thread.
class LdpcDecoder {
public:
  LdpcDecoder() noexcept;
  LdpcDecoder(const LdpcDecoder&) = delete;
  LdpcDecoder& operator=(const LdpcDecoder&) = delete;

  /// Decodes one code block.
  ///
  /// In      llrs: of the first llrs.size() <= N bits behind the punctured 2 z, any int8, 0 where nothing came; those of
  ///         fillers are not looked at. Bits behind were never sent, and the check rows they belong to are not worked on, so
  ///         a short span makes a fast decoder. A block of nothing but zeros passes only if enough bits say so.
  /// Out     info: the K' bits packed, most significant first, the rest of the last byte 0; also if the CRC fails.
  ///         info.size() == ceil(K' / 8)
  /// Thread  slot worker, real time
  [[nodiscard]] LdpcResult decode(const LdpcBlock& block, std::span<const std::int8_t> llrs,
                                  std::span<std::uint8_t> info) noexcept;

private:
  void load(const LdpcBlock& block, std::span<const std::int8_t> llrs) noexcept;
  [[nodiscard]] bool take_bits(const LdpcBlock& block, std::span<const std::int8_t> llrs,
                               std::span<std::uint8_t> info) noexcept;

  LdpcSchedule schedule_;
  detail::LdpcMemory memory_;
};

}  // namespace ravi::phy
