#include "stack/phy/uci.h"

#include "radio/realtime.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <vector>

namespace ravi::phy {
namespace {

std::vector<std::uint8_t> random_bits(std::mt19937& random, std::size_t n)
{
  std::vector<std::uint8_t> bits(n);
  for (auto& bit : bits) bit = static_cast<std::uint8_t>(random() >> 9U & 1U);
  return bits;
}

}  // namespace

TEST_CASE("UCI: every size that can be coded comes back, at random lengths, and the others are refused both ways")
{
  std::mt19937 random(50);
  UciCodec codec;
  unsigned refused = 0;
  for (unsigned size = 1; size <= kMaxUciBits; size += size < 400 ? 1 : 37) {
    CAPTURE(size);
    const unsigned length = 1 + static_cast<unsigned>(random() % (4 * size + 60));
    CAPTURE(length);
    const auto uci = random_bits(random, size);
    std::vector<std::uint8_t> coded(length), got(size);
    std::vector<std::int8_t> llrs(length);
    const RealtimeScope realtime;
    const bool is_codable = is_codable_uci(size, length);
    REQUIRE(codec.encode(uci, nr::Modulation::qpsk, coded) == is_codable);
    for (std::size_t i = 0; i < length; ++i) llrs[i] = coded[i] == 0 ? 25 : coded[i] == 1 ? -25 : 0;
    const auto decoding = codec.decode(llrs, nr::Modulation::qpsk, {}, got);
    REQUIRE(decoding.has_value() == is_codable);
    if (!is_codable) {
      ++refused;
      continue;
    }
    if (size >= 12) CHECK(decoding->check == UciCheck::crc_passed);
    else CHECK(decoding->check == UciCheck::no_crc);
    // A code cut to fewer bits than the message has cannot give it back.
    if (size >= 12 || length >= 32) REQUIRE(got == uci);
  }
  CHECK(refused > 0);
  CHECK_FALSE(is_codable_uci(0, 100));
  CHECK_FALSE(is_codable_uci(kMaxUciBits + 1, 8000));
  CHECK_FALSE(is_codable_uci(12, 0));
  CHECK_FALSE(is_codable_uci(4, 4'000'000'000U));
  CHECK_FALSE(codec.encode({}, nr::Modulation::qpsk, {}));
  CHECK_FALSE(codec.decode({}, nr::Modulation::qpsk, {}, {}));
}

TEST_CASE("UCI: a damaged word of many bits is reported, not delivered as sound")
{
  std::mt19937 random(51);
  UciCodec codec;
  unsigned passed = 0;
  for (int run = 0; run < 500; ++run) {
    std::vector<std::int8_t> llrs(400);
    for (auto& llr : llrs) llr = static_cast<std::int8_t>(static_cast<int>(random() % 241) - 120);
    std::vector<std::uint8_t> got(60);
    const auto decoding = codec.decode(llrs, nr::Modulation::qpsk, {}, got);
    REQUIRE(decoding);
    passed += decoding->check == UciCheck::crc_passed ? 1 : 0;
  }
  CHECK(passed <= 8);  // at most 8 words of 2^-11 each: two expected
}

}  // namespace ravi::phy
