#include "stack/phy/short_block.h"

#include "stack/phy/scrambling.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdlib>

namespace ravi::phy {
namespace {

constexpr unsigned kLength = 32;
constexpr unsigned kMaxSmallLength = 24;  // 3 Q_m

/// M_i,k of TS 38.212 Table 5.3.3.3-1: bit k of row i. Column 0 is all ones; columns 1..5 of the 32 rows are all five-bit
/// numbers, so that they span a Hadamard code.
constexpr std::array<std::uint16_t, kLength> kBasis = {
    0x403, 0x607, 0x749, 0x50D, 0x48F, 0x5D3, 0x755, 0x599, 0x69B, 0x65D, 0x6E5, 0x567, 0x7A9, 0x6AB, 0x4B1, 0x6F3,
    0x277, 0x139, 0x0FB, 0x061, 0x445, 0x60B, 0x591, 0x717, 0x3DF, 0x4E3, 0x32D, 0x3AF, 0x175, 0x1FD, 0x7FF, 0x001};
constexpr unsigned kNumLinear = 5;
constexpr unsigned kFirstMask = 1 + kNumLinear;

constexpr std::uint8_t parity(unsigned x) { return static_cast<std::uint8_t>(std::popcount(x) & 1); }

/// Which bit each coded bit of a one or two bit code is: 0 = c_0, 1 = c_1, 2 = c_0 + c_1, or a placeholder as below.
/// TS 38.212 Tables 5.3.3.1-1 and 5.3.3.2-1.
struct SmallCode {
  static constexpr std::uint8_t kX = 8;
  static constexpr std::uint8_t kY = 9;
  std::array<std::uint8_t, kMaxSmallLength> bit{};
  unsigned length = 0;

  SmallCode(unsigned num_bits, unsigned bits_per_symbol)
  {
    if (num_bits == 1) {
      bit.fill(kX);
      bit[0] = 0;
      bit[1] = kY;
      length = bits_per_symbol;
      return;
    }
    constexpr std::array<std::uint8_t, 6> kPairs = {0, 1, 2, 0, 1, 2};
    if (bits_per_symbol == 1) {
      std::copy_n(kPairs.begin(), 3, bit.begin());
      length = 3;
      return;
    }
    bit.fill(kX);
    for (unsigned symbol = 0; symbol < 3; ++symbol) {
      bit[symbol * bits_per_symbol] = kPairs[2 * symbol];
      bit[symbol * bits_per_symbol + 1] = kPairs[2 * symbol + 1];
    }
    length = 3 * bits_per_symbol;
  }
};

void encode_small(std::span<const std::uint8_t> bits, unsigned bits_per_symbol, std::span<std::uint8_t> coded)
{
  const SmallCode code(static_cast<unsigned>(bits.size()), bits_per_symbol);
  const std::array<std::uint8_t, 3> c = {bits[0], bits.back(), static_cast<std::uint8_t>(bits[0] ^ bits.back())};
  for (std::size_t k = 0; k < coded.size(); ++k) {
    const std::uint8_t bit = code.bit[k % code.length];
    coded[k] = bit == SmallCode::kX ? kPlaceholderX : bit == SmallCode::kY ? kPlaceholderY : c[bit];
  }
}

std::int32_t decode_small(std::span<const std::int8_t> llrs, unsigned bits_per_symbol, std::span<const std::uint8_t> scrambling,
                          std::span<std::uint8_t> bits)
{
  const SmallCode code(static_cast<unsigned>(bits.size()), bits_per_symbol);
  std::array<std::int32_t, 3> sum{};
  for (std::size_t k = 0; k < llrs.size(); ++k) {
    const std::uint8_t bit = code.bit[k % code.length];
    if (bit < sum.size()) sum[bit] += llrs[k];
    // y was sent as the scrambled bit before it: undo the scrambling of its own place, take off that of the other.
    if (bit == SmallCode::kY && !scrambling.empty()) sum[0] += scrambling[k] != scrambling[k - 1] ? -llrs[k] : llrs[k];
  }
  if (bits.size() == 1) {
    bits[0] = sum[0] < 0 ? 1 : 0;
    return std::abs(sum[0]);
  }
  std::int32_t best = -1;
  for (unsigned word = 0; word < 4; ++word) {
    const unsigned c0 = word & 1U;
    const unsigned c1 = word >> 1U;
    const std::int32_t correlation = (c0 != 0 ? -sum[0] : sum[0]) + (c1 != 0 ? -sum[1] : sum[1]) + (c0 != c1 ? -sum[2] : sum[2]);
    if (correlation <= best) continue;
    best = correlation;
    bits[0] = static_cast<std::uint8_t>(c0);
    bits[1] = static_cast<std::uint8_t>(c1);
  }
  return best;
}

/// sums[w] becomes the correlation with the Hadamard word w: sum over i of sums[i] (-1)^(i . w).
void hadamard(std::array<std::int32_t, kLength>& sums)
{
  for (std::size_t half = 1; half < kLength; half *= 2) {
    for (std::size_t begin = 0; begin < kLength; begin += 2 * half) {
      for (std::size_t i = begin; i < begin + half; ++i) {
        const std::int32_t a = sums[i];
        const std::int32_t b = sums[i + half];
        sums[i] = a + b;
        sums[i + half] = a - b;
      }
    }
  }
}

/// Maximum likelihood: for each choice of the mask bits (columns 6 .. K-1) one Hadamard transform tries the other 64 words.
std::int32_t decode_block(std::span<const std::int8_t> llrs, std::span<std::uint8_t> bits)
{
  std::array<std::int32_t, kLength> sum{};
  for (std::size_t k = 0; k < llrs.size(); ++k) sum[k % kLength] += llrs[k];
  const auto num_bits = static_cast<unsigned>(bits.size());
  const unsigned num_masks = num_bits > kFirstMask ? 1U << (num_bits - kFirstMask) : 1;
  const unsigned num_linear = 1U << (std::min(num_bits, kFirstMask) - 1);
  std::int32_t best = -1;
  unsigned word = 0;
  for (unsigned mask = 0; mask < num_masks; ++mask) {
    std::array<std::int32_t, kLength> tried{};
    for (unsigned i = 0; i < kLength; ++i) {
      const bool is_flipped = parity(kBasis[i] >> kFirstMask & mask) != 0;
      tried[kBasis[i] >> 1U & (kLength - 1)] = is_flipped ? -sum[i] : sum[i];
    }
    hadamard(tried);
    for (unsigned linear = 0; linear < num_linear; ++linear) {
      if (std::abs(tried[linear]) <= best) continue;
      best = std::abs(tried[linear]);
      word = mask << kFirstMask | linear << 1U | (tried[linear] < 0 ? 1U : 0U);
    }
  }
  for (unsigned k = 0; k < num_bits; ++k) bits[k] = static_cast<std::uint8_t>(word >> k & 1U);
  return best;
}

}  // namespace

void encode_short_block(std::span<const std::uint8_t> bits, nr::Modulation modulation, std::span<std::uint8_t> coded) noexcept
{
  assert(!bits.empty() && bits.size() <= kMaxShortBlockBits);
  if (bits.size() <= 2) return encode_small(bits, nr::bits_per_symbol(modulation), coded);
  unsigned word = 0;
  for (std::size_t k = 0; k < bits.size(); ++k) word |= static_cast<unsigned>(bits[k]) << k;
  for (std::size_t k = 0; k < coded.size(); ++k) coded[k] = parity(kBasis[k % kLength] & word);
}

std::int32_t decode_short_block(std::span<const std::int8_t> llrs, nr::Modulation modulation, std::span<const std::uint8_t> scrambling,
                                std::span<std::uint8_t> bits) noexcept
{
  assert(!bits.empty() && bits.size() <= kMaxShortBlockBits && (scrambling.empty() || scrambling.size() == llrs.size()));
  if (bits.size() <= 2) return decode_small(llrs, nr::bits_per_symbol(modulation), scrambling, bits);
  return decode_block(llrs, bits);
}

}  // namespace ravi::phy
