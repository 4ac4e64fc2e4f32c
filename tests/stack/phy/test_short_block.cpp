#include "stack/phy/short_block.h"

#include "radio/realtime.h"
#include "stack/phy/scrambling.h"
#include "tests/stack/nr/reference.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace ravi::phy {
namespace {

using nr::Modulation;

std::vector<std::uint8_t> bits_of(unsigned word, std::size_t n)
{
  std::vector<std::uint8_t> bits(n);
  for (std::size_t k = 0; k < n; ++k) bits[k] = static_cast<std::uint8_t>(word >> k & 1U);
  return bits;
}

}  // namespace

TEST_CASE("short block code: each bit alone gives its column of the table [TS 38.212 Table 5.3.3.3-1]")
{
  const auto rows = nr::test::read_table("short_block_basis");
  if (!rows) return;
  REQUIRE(rows->size() == 32);
  for (unsigned k = 0; k < kMaxShortBlockBits; ++k) {
    std::vector<std::uint8_t> coded(32);
    encode_short_block(bits_of(1U << k, kMaxShortBlockBits), Modulation::qpsk, coded);
    for (unsigned i = 0; i < 32; ++i) CHECK(coded[i] == nr::test::number((*rows)[i][k + 1]));
  }
}

TEST_CASE("short block code: every word of every size comes back, repeated and cut")
{
  for (unsigned size = 3; size <= kMaxShortBlockBits; ++size) {
    for (const std::size_t length : {28U, 32U, 48U, 160U}) {
      CAPTURE(size);
      CAPTURE(length);
      for (unsigned word = 0; word < 1U << size; ++word) {
        const auto bits = bits_of(word, size);
        std::vector<std::uint8_t> coded(length), got(size);
        std::vector<std::int8_t> llrs(length);
        const RealtimeScope realtime;
        encode_short_block(bits, Modulation::qpsk, coded);
        for (std::size_t i = 0; i < length; ++i) {
          REQUIRE(coded[i] == coded[i % 32]);
          llrs[i] = coded[i] != 0 ? -9 : 9;
        }
        REQUIRE(decode_short_block(llrs, Modulation::qpsk, {}, got) == 9 * static_cast<int>(length));
        REQUIRE(got == bits);
      }
    }
  }
}

TEST_CASE("short block code: what is decided from noisy LLRs is the word of the greatest correlation")
{
  std::mt19937 random(40);
  for (int run = 0; run < 100; ++run) {
    const unsigned size = 1 + static_cast<unsigned>(random() % 8);
    const std::size_t length = 1 + random() % 80;
    std::vector<std::int8_t> llrs(length);
    for (auto& llr : llrs) llr = static_cast<std::int8_t>(static_cast<int>(random() % 241) - 120);
    int best = -1'000'000;
    for (unsigned word = 0; word < 1U << size; ++word) {
      std::vector<std::uint8_t> coded(length);
      encode_short_block(bits_of(word, size), Modulation::qam16, coded);
      int correlation = 0;
      for (std::size_t i = 0; i < length; ++i) correlation += coded[i] == 0 ? llrs[i] : coded[i] == 1 ? -llrs[i] : 0;
      best = std::max(best, correlation);
    }
    std::vector<std::uint8_t> got(size);
    CHECK(decode_short_block(llrs, Modulation::qam16, {}, got) == best);
  }
}

TEST_CASE("one and two bits: the coded words of each modulation [TS 38.212 Tables 5.3.3.1-1 and 5.3.3.2-1]")
{
  constexpr std::uint8_t x = kPlaceholderX;
  constexpr std::uint8_t y = kPlaceholderY;
  const auto encode = [](std::vector<std::uint8_t> bits, Modulation modulation, std::size_t length) {
    std::vector<std::uint8_t> coded(length);
    encode_short_block(bits, modulation, coded);
    return coded;
  };
  using Bits = std::vector<std::uint8_t>;
  CHECK(encode({1}, Modulation::bpsk, 3) == Bits{1, 1, 1});
  CHECK(encode({1}, Modulation::qpsk, 4) == Bits{1, y, 1, y});
  CHECK(encode({0}, Modulation::qam16, 4) == Bits{0, y, x, x});
  CHECK(encode({1}, Modulation::qam64, 6) == Bits{1, y, x, x, x, x});
  CHECK(encode({1}, Modulation::qam256, 8) == Bits{1, y, x, x, x, x, x, x});
  CHECK(encode({1, 0}, Modulation::bpsk, 3) == Bits{1, 0, 1});
  CHECK(encode({1, 0}, Modulation::qpsk, 7) == Bits{1, 0, 1, 1, 0, 1, 1});
  CHECK(encode({0, 1}, Modulation::qam16, 12) == Bits{0, 1, x, x, 1, 0, x, x, 1, 1, x, x});
  CHECK(encode({1, 1}, Modulation::qam64, 18) == Bits{1, 1, x, x, x, x, 0, 1, x, x, x, x, 1, 0, x, x, x, x});
  CHECK(encode({1, 1}, Modulation::qam256, 10) == Bits{1, 1, x, x, x, x, x, x, 0, 1});
}

TEST_CASE("one and two bits come back through scrambling, and a single bit's placeholders y count when the sequence is known")
{
  std::mt19937 random(41);
  for (const Modulation modulation : {Modulation::pi2_bpsk, Modulation::qpsk, Modulation::qam16, Modulation::qam64, Modulation::qam256}) {
    for (unsigned size = 1; size <= 2; ++size) {
      for (unsigned word = 0; word < 1U << size; ++word) {
        const auto bits = bits_of(word, size);
        std::vector<std::uint8_t> coded(48), scrambled(48), c(48), got(size);
        encode_short_block(bits, modulation, coded);
        const auto c_init = static_cast<std::uint32_t>(random() >> 1U);
        scramble(coded, c_init, scrambled);
        GoldSequence(c_init).generate(c);
        std::vector<std::int8_t> llrs(48);
        for (std::size_t i = 0; i < llrs.size(); ++i) llrs[i] = scrambled[i] != 0 ? -5 : 5;
        descramble(llrs, c_init, llrs);
        const int without = decode_short_block(llrs, modulation, {}, got);
        CHECK(got == bits);
        const int with = decode_short_block(llrs, modulation, c, got);
        CHECK(got == bits);
        CHECK(with == (size == 1 && modulation != Modulation::pi2_bpsk ? 2 * without : without));
      }
    }
  }
}

}  // namespace ravi::phy
