#pragma once
// The LDPC decoder as it is meant, one bit after the other in the order of the standard; the tests compare the fast one with
// it, bit for bit. Also the arithmetic's constants, which both share.

#include "stack/phy/bit_packing.h"
#include "stack/phy/ldpc_decoder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

namespace ravi::phy::reference {

/// Channel LLRs are divided by two, so that several messages fit beside them into an int8.
[[nodiscard]] constexpr std::int8_t channel_value(std::int8_t llr) { return static_cast<std::int8_t>(llr >> 1); }

/// Known zero bits: fillers that share a column with information.
inline constexpr std::int8_t kFillerValue = 127;

/// Messages from checks are held well below 127, so that a saturated sum remains rare.
inline constexpr unsigned kMaxMessage = 31;

/// Min-sum overestimates: the offset, half a nat where an LLR of 8 is one, was the best of 1, 2, 3 and of three quarters, by
/// 0.1 to 0.3 dB over both graphs and rates 1/5 to 8/9.
inline constexpr unsigned kOffset = 2;
[[nodiscard]] constexpr unsigned attenuate(unsigned magnitude)
{
  return std::min(magnitude - std::min(magnitude, kOffset), kMaxMessage);
}

[[nodiscard]] constexpr std::int8_t saturate(int value) { return static_cast<std::int8_t>(std::clamp(value, -128, 127)); }

/// All zeros satisfy every check and CRC, and that is what is left of an erased block, too: zeros count only if at least half
/// as many bits as the block has say so, less those that say otherwise. llrs: as of LdpcDecoder::decode.
[[nodiscard]] inline bool is_evidence_enough_for_zeros(const LdpcBlock& block, std::span<const std::int8_t> llrs)
{
  const std::size_t first_filler = std::max(block.num_info_bits, kNumPuncturedColumns * block.z) - kNumPuncturedColumns * block.z;
  const std::size_t end_of_fillers = std::size_t{ldpc_shape(block.graph).num_info_columns - kNumPuncturedColumns} * block.z;
  std::ptrdiff_t num_for = 0;
  for (std::size_t i = 0; i < llrs.size(); ++i) {
    const bool is_filler = i >= first_filler && i < end_of_fillers;
    if (!is_filler) num_for += (llrs[i] > 0 ? 1 : 0) - (llrs[i] < 0 ? 1 : 0);
  }
  return 2 * num_for >= static_cast<std::ptrdiff_t>(block.num_info_bits);
}

/// As LdpcDecoder::decode; allocates.
[[nodiscard]] inline LdpcResult decode(const LdpcBlock& block, std::span<const std::int8_t> llrs,
                                       std::span<std::uint8_t> info)
{
  const LdpcShape shape = ldpc_shape(block.graph);
  const unsigned z = block.z;
  const unsigned set = lifting_size_at_least(z).set;
  std::vector<std::int8_t> soft(std::size_t{shape.num_columns} * z);
  std::transform(llrs.begin(), llrs.end(), soft.begin() + kNumPuncturedColumns * z, channel_value);
  std::fill(soft.begin() + block.num_info_bits, soft.begin() + shape.num_info_columns * z, kFillerValue);

  const std::size_t num_columns = (llrs.size() + z - 1) / z + kNumPuncturedColumns;
  const auto num_rows =
    std::max(num_columns, std::size_t{shape.num_info_columns} + kNumCoreRows) - shape.num_info_columns;
  const std::size_t first_filler = std::size_t{(block.num_info_bits + z - 1) / z} * z;
  const auto is_skipped = [&](std::size_t bit) { return bit >= first_filler && bit < std::size_t{shape.num_info_columns} * z; };
  std::vector<std::uint8_t> bits(soft.size());
  LdpcResult result;

  std::vector<std::int8_t> messages(std::size_t{kMaxLdpcEntries} * z);
  while (result.num_iterations < block.max_num_iterations && !(result.is_crc_ok && block.stops_early)) {
    std::size_t next_message = 0;
    for (unsigned row = 0; row < num_rows; ++row) {
      for (unsigned p = 0; p < z; ++p) {
        std::vector<std::size_t> members;
        for (const LdpcEntry& entry : ldpc_row(block.graph, row)) {
          const std::size_t bit = std::size_t{entry.column} * z + (p + entry.shift[set]) % z;
          if (!is_skipped(bit)) members.push_back(bit);
        }
        std::int8_t* old = &messages[next_message];
        next_message += members.size();
        std::vector<std::int8_t> to_check(members.size());
        bool is_odd = false;
        unsigned smallest = 255;
        unsigned second = 255;
        for (std::size_t e = 0; e < members.size(); ++e) {
          to_check[e] = saturate(soft[members[e]] - old[e]);
          is_odd = is_odd != (to_check[e] < 0);
          const auto magnitude = static_cast<unsigned>(std::abs(int{to_check[e]}));
          second = std::min(second, std::max(smallest, magnitude));
          smallest = std::min(smallest, magnitude);
        }
        for (std::size_t e = 0; e < members.size(); ++e) {
          const auto own = static_cast<unsigned>(std::abs(int{to_check[e]}));
          const auto magnitude = static_cast<int>(attenuate(own == smallest ? second : smallest));
          const bool is_negative = is_odd != (to_check[e] < 0);
          old[e] = static_cast<std::int8_t>(is_negative ? -magnitude : magnitude);
          // An extension bit has no other check: its channel value stays, and with it what it tells this one.
          const bool is_extension = members[e] >= std::size_t{shape.num_info_columns + kNumCoreRows} * z;
          if (is_extension) {
            old[e] = 0;
          } else {
            soft[members[e]] = saturate(to_check[e] + old[e]);
          }
        }
      }
    }
    ++result.num_iterations;

    std::transform(soft.begin(), soft.end(), bits.begin(), [](std::int8_t value) { return value < 0 ? std::uint8_t{1} : std::uint8_t{0}; });
    bool has_failed_check = false;
    for (unsigned row = 0; row < kNumCoreRows; ++row) {
      for (unsigned p = 0; p < z; ++p) {
        unsigned sum = 0;
        for (const LdpcEntry& entry : ldpc_row(block.graph, row)) {
          const std::size_t bit = std::size_t{entry.column} * z + (p + entry.shift[set]) % z;
          if (!is_skipped(bit)) sum ^= bits[bit];
        }
        has_failed_check = has_failed_check || sum != 0;
      }
    }
    const auto info_bits = std::span(bits).first(block.num_info_bits);
    pack_bits(info_bits, info);
    const bool is_zero = std::ranges::all_of(info_bits, [](std::uint8_t bit) { return bit == 0; });
    result.is_crc_ok = !has_failed_check && crc_of_bits(block.crc, info_bits) == 0 &&
                       (!is_zero || is_evidence_enough_for_zeros(block, llrs));
  }
  return result;
}

}  // namespace ravi::phy::reference
