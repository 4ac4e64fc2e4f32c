#include "stack/phy/scrambling.h"

#include "radio/realtime.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace ravi::phy {
namespace {

/// TS 38.211 §5.2.1 to the letter: both registers from n = 0, all 1600 steps walked.
std::vector<std::uint8_t> by_recursion(std::uint32_t c_init, std::size_t length)
{
  constexpr std::size_t kNc = 1600;
  std::vector<std::uint8_t> x1(kNc + length + 31), x2(kNc + length + 31), c(length);
  x1[0] = 1;
  for (unsigned i = 0; i < 31; ++i) x2[i] = static_cast<std::uint8_t>(c_init >> i & 1U);
  for (std::size_t n = 0; n + 31 < x1.size(); ++n) {
    x1[n + 31] = static_cast<std::uint8_t>((x1[n + 3] + x1[n]) % 2);
    x2[n + 31] = static_cast<std::uint8_t>((x2[n + 3] + x2[n + 2] + x2[n + 1] + x2[n]) % 2);
  }
  for (std::size_t n = 0; n < length; ++n) c[n] = static_cast<std::uint8_t>((x1[n + kNc] + x2[n + kNc]) % 2);
  return c;
}

}  // namespace

TEST_CASE("Gold sequence: equals the recursion of the standard for single-bit, random and extreme c_init [TS 38.211 §5.2.1]")
{
  std::mt19937 random(1);
  std::vector<std::uint32_t> starts = {0, 0x7FFFFFFF, 500, 0x4321 << 15U};
  for (unsigned bit = 0; bit < 31; ++bit) starts.push_back(1U << bit);
  for (int i = 0; i < 20; ++i) starts.push_back(static_cast<std::uint32_t>(random()) >> 1U);
  for (const std::uint32_t c_init : starts) {
    CAPTURE(c_init);
    const auto expected = by_recursion(c_init, 1000);
    std::vector<std::uint8_t> got(1000);
    GoldSequence(c_init).generate(got);
    CHECK(got == expected);
  }
}

TEST_CASE("Gold sequence: may be taken in pieces of any length, and skipped through")
{
  const auto expected = by_recursion(12345, 5000);
  std::mt19937 random(2);
  for (int run = 0; run < 50; ++run) {
    GoldSequence sequence(12345);
    std::size_t at = 0;
    while (at < 4800) {
      const std::size_t n = random() % 100;
      if (random() % 2 == 0) {
        sequence.skip(n);
      } else {
        std::vector<std::uint8_t> piece(n);
        sequence.generate(piece);
        REQUIRE(std::equal(piece.begin(), piece.end(), expected.begin() + static_cast<std::ptrdiff_t>(at)));
      }
      at += n;
    }
  }
}

TEST_CASE("scrambling: twice is nothing, LLRs lose their signs where c(n) = 1, an offset starts later in the sequence")
{
  std::mt19937 random(3);
  for (const std::size_t length : {0U, 1U, 31U, 32U, 33U, 255U, 256U, 257U, 1000U}) {
    CAPTURE(length);
    const auto c = by_recursion(77, length + 13);
    std::vector<std::uint8_t> bits(length), scrambled(length);
    std::vector<std::int8_t> llrs(length), descrambled(length);
    for (auto& bit : bits) bit = static_cast<std::uint8_t>(random() & 1U);
    for (auto& llr : llrs) llr = static_cast<std::int8_t>(static_cast<int>(random() % 241) - 120);
    {
      const RealtimeScope realtime;
      scramble(bits, 77, scrambled, 13);
      descramble(llrs, 77, descrambled, 13);
    }
    for (std::size_t i = 0; i < length; ++i) {
      REQUIRE(scrambled[i] == (bits[i] ^ c[i + 13]));
      REQUIRE(descrambled[i] == (c[i + 13] != 0 ? -llrs[i] : llrs[i]));
    }
    scramble(scrambled, 77, scrambled, 13);
    CHECK(scrambled == bits);
  }
}

TEST_CASE("scrambling: placeholder x is sent as 1 and y repeats the scrambled bit before it [TS 38.211 §6.3.1.1]")
{
  const auto c = by_recursion(99, 600);
  std::vector<std::uint8_t> bits(600, 1);
  for (std::size_t i = 1; i < bits.size(); i += 3) bits[i] = kPlaceholderY;
  for (std::size_t i = 2; i < bits.size(); i += 3) bits[i] = kPlaceholderX;
  std::vector<std::uint8_t> out(bits.size());
  scramble(bits, 99, out);
  for (std::size_t i = 0; i < bits.size(); i += 3) {
    REQUIRE(out[i] == (1 ^ c[i]));
    REQUIRE(out[i + 1] == out[i]);
    REQUIRE(out[i + 2] == 1);
  }
}

}  // namespace ravi::phy
