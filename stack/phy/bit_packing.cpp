#include "stack/phy/bit_packing.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stack/phy/bit_packing.cpp"  // compiled once for each CPU generation
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <bit>
#include <cassert>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace ravi::phy::HWY_NAMESPACE {
namespace {

/// Packs as many of n bits as fill whole vectors and returns how many: a multiple of 8.
std::size_t pack_vectors(const std::uint8_t* bits, std::size_t n, std::uint8_t* bytes)
{
#if HWY_TARGET == HWY_SCALAR
  static_cast<void>(bits), static_cast<void>(n), static_cast<void>(bytes);
  return 0;
#else
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::ScalableTag<std::uint8_t> d;
  // A mask's bytes begin with their lowest bit, ours with their highest: eight lanes change places first.
  alignas(16) static constexpr std::uint8_t kReversedEights[16] = {7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8};
  const auto reversed = hn::LoadDup128(d, kReversedEights);
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) {
    const auto lanes = hn::TableLookupBytes(hn::LoadU(d, bits + i), reversed);
    hn::StoreMaskBits(d, hn::Ne(lanes, hn::Zero(d)), bytes + i / 8);
  }
  return i;
#endif
}

}  // namespace
}  // namespace ravi::phy::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

static_assert(std::endian::native == std::endian::little, "eight bits are packed and unpacked as one little-endian word");

namespace ravi::phy {
namespace {

HWY_EXPORT(pack_vectors);

/// Byte i of the word (0 or 1) becomes bit 7 - i: the product's top byte collects all eight, and no two meet.
std::uint8_t pack_eight(const std::uint8_t* bits)
{
  std::uint64_t word = 0;
  std::memcpy(&word, bits, sizeof(word));
  return static_cast<std::uint8_t>((word * 0x8040201008040201U) >> 56U);
}

/// The inverse: each byte of the word keeps its own bit of `byte`, and what is not zero becomes 1.
void unpack_eight(std::uint8_t byte, std::uint8_t* bits)
{
  const std::uint64_t own_bits = (byte * 0x0101010101010101U) & 0x0102040810204080U;
  const std::uint64_t word = ((own_bits + 0x7F7F7F7F7F7F7F7FU) >> 7U) & 0x0101010101010101U;
  std::memcpy(bits, &word, sizeof(word));
}

}  // namespace

void pack_bits(std::span<const std::uint8_t> bits, std::span<std::uint8_t> bytes) noexcept
{
  assert(bytes.size() >= (bits.size() + 7) / 8);
  const std::size_t whole = bits.size() / 8;
  const std::size_t done = HWY_DYNAMIC_DISPATCH(pack_vectors)(bits.data(), 8 * whole, bytes.data()) / 8;
  for (std::size_t i = done; i < whole; ++i) bytes[i] = pack_eight(&bits[8 * i]);
  if (bits.size() % 8 != 0) {
    std::uint8_t last[8] = {};
    std::memcpy(last, &bits[8 * whole], bits.size() % 8);
    bytes[whole] = pack_eight(last);
  }
}

void unpack_bits(std::span<const std::uint8_t> bytes, std::span<std::uint8_t> bits) noexcept
{
  unpack_bits_from(bytes, 0, bits);
}

void unpack_bits_from(std::span<const std::uint8_t> bytes, std::size_t first, std::span<std::uint8_t> bits) noexcept
{
  assert(bytes.size() >= (first + bits.size() + 7) / 8);
  std::size_t done = 0;
  const auto take_one = [&] {
    const std::size_t at = first + done;
    bits[done++] = static_cast<std::uint8_t>((bytes[at / 8] >> (7 - at % 8)) & 1U);
  };
  while (done < bits.size() && (first + done) % 8 != 0) take_one();
  for (; done + 8 <= bits.size(); done += 8) unpack_eight(bytes[(first + done) / 8], &bits[done]);
  while (done < bits.size()) take_one();
}

}  // namespace ravi::phy
#endif
