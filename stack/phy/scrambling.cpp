#include "stack/phy/scrambling.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace ravi::phy {
namespace {

constexpr unsigned kNc = 1600;
constexpr unsigned kDegree = 31;

constexpr std::uint32_t step_x1(std::uint32_t x) { return (x >> 1U) | (((x >> 3U ^ x) & 1U) << (kDegree - 1)); }
constexpr std::uint32_t step_x2(std::uint32_t x) { return (x >> 1U) | (((x >> 3U ^ x >> 2U ^ x >> 1U ^ x) & 1U) << (kDegree - 1)); }

/// x(Nc) .. x(Nc+63) of a generator started with `x`.
template <class Step>
constexpr std::uint64_t window_after_nc(std::uint32_t x, Step step)
{
  for (unsigned n = 0; n < kNc; ++n) x = step(x);
  std::uint64_t window = 0;
  for (unsigned n = 0; n < 64; ++n, x = step(x)) window |= std::uint64_t{x & 1U} << n;
  return window;
}

constexpr std::uint64_t kX1AfterNc = window_after_nc(1, step_x1);

/// x2 is linear in c_init: the window of each single bit of it.
constexpr auto kX2AfterNc = [] {
  std::array<std::uint64_t, kDegree> windows{};
  for (unsigned bit = 0; bit < kDegree; ++bit) windows[bit] = window_after_nc(std::uint32_t{1} << bit, step_x2);
  return windows;
}();

/// Bit i of `byte` in byte i of the result, as 0 or 1.
constexpr std::uint64_t spread(std::uint64_t byte)
{
  const std::uint64_t one_each = byte * 0x0101010101010101U & 0x8040201008040201U;
  return (one_each + 0x7F7F7F7F7F7F7F7FU) >> 7U & 0x0101010101010101U;
}

void spread32(std::uint32_t word, std::uint8_t* bits)
{
  for (unsigned byte = 0; byte < 4; ++byte) {
    const std::uint64_t eight = spread(word >> (8 * byte) & 0xFFU);
    for (unsigned i = 0; i < 8; ++i) bits[8 * byte + i] = static_cast<std::uint8_t>(eight >> (8 * i));
  }
}

constexpr std::size_t kBlock = 256;

}  // namespace

GoldSequence::GoldSequence(std::uint32_t c_init) noexcept : x1_(kX1AfterNc)
{
  for (unsigned bit = 0; bit < kDegree; ++bit) {
    if ((c_init >> bit & 1U) != 0) x2_ ^= kX2AfterNc[bit];
  }
}

void GoldSequence::skip(std::size_t count) noexcept
{
  for (; count >= 32; count -= 32) static_cast<void>(next32());
  if (count == 0) return;
  const GoldSequence before = *this;
  static_cast<void>(next32());
  // 32 more bits are known beyond the old window: join both and cut `count` off.
  const auto shift = static_cast<unsigned>(count);
  x1_ = before.x1_ >> shift | (x1_ >> 32U) << (64 - shift);
  x2_ = before.x2_ >> shift | (x2_ >> 32U) << (64 - shift);
}

void GoldSequence::generate(std::span<std::uint8_t> bits) noexcept
{
  std::size_t i = 0;
  for (; i + 32 <= bits.size(); i += 32) spread32(next32(), bits.data() + i);
  const std::size_t rest = bits.size() - i;
  if (rest == 0) return;
  GoldSequence last = *this;
  const std::uint32_t word = last.next32();
  for (std::size_t k = 0; k < rest; ++k) bits[i + k] = static_cast<std::uint8_t>(word >> k & 1U);
  skip(rest);
}

void scramble(std::span<const std::uint8_t> bits, std::uint32_t c_init, std::span<std::uint8_t> out, std::size_t offset) noexcept
{
  assert(bits.size() == out.size());
  GoldSequence sequence(c_init);
  sequence.skip(offset);
  std::array<std::uint8_t, kBlock> c;
  std::uint8_t previous = 0;
  for (std::size_t begin = 0; begin < bits.size(); begin += kBlock) {
    const std::size_t n = std::min(kBlock, bits.size() - begin);
    sequence.generate(std::span(c).first(n));
    std::uint8_t seen = 0;
    for (std::size_t i = 0; i < n; ++i) seen = static_cast<std::uint8_t>(seen | bits[begin + i]);
    if (seen <= 1) {
      for (std::size_t i = 0; i < n; ++i) out[begin + i] = static_cast<std::uint8_t>(bits[begin + i] ^ c[i]);
      previous = out[begin + n - 1];
      continue;
    }
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint8_t bit = bits[begin + i];
      if (bit == kPlaceholderX) previous = 1;
      else if (bit != kPlaceholderY) previous = static_cast<std::uint8_t>(bit ^ c[i]);
      out[begin + i] = previous;
    }
  }
}

void descramble(std::span<const std::int8_t> llrs, std::uint32_t c_init, std::span<std::int8_t> out, std::size_t offset) noexcept
{
  assert(llrs.size() == out.size());
  GoldSequence sequence(c_init);
  sequence.skip(offset);
  std::array<std::uint8_t, kBlock> c;
  for (std::size_t begin = 0; begin < llrs.size(); begin += kBlock) {
    const std::size_t n = std::min(kBlock, llrs.size() - begin);
    sequence.generate(std::span(c).first(n));
    for (std::size_t i = 0; i < n; ++i) {  // (x ^ -1) + 1 = -x
      const auto bit = c[i];
      const auto mask = static_cast<std::uint8_t>(-bit);
      out[begin + i] = static_cast<std::int8_t>(static_cast<std::uint8_t>((static_cast<std::uint8_t>(llrs[begin + i]) ^ mask) + bit));
    }
  }
}

}  // namespace ravi::phy
