#include "stack/phy/bit_packing.h"
#include "tests/radio/dsp/simd_targets.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

using namespace ravi;

TEST_CASE("Packed bits stand most significant first, the last byte filled up with zeros")
{
  const std::array<std::uint8_t, 11> bits = {1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0};
  std::array<std::uint8_t, 3> bytes = {0xAA, 0xAA, 0xAA};
  phy::pack_bits(bits, bytes);
  CHECK(bytes == std::array<std::uint8_t, 3>{0xB2, 0xC0, 0xAA});
}

TEST_CASE("Unpacking from any bit on, of any length, gives the bits that a shift and a mask give")
{
  std::mt19937 random(1);
  std::array<std::uint8_t, 12> bytes{};
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  for (std::size_t first = 0; first < 30; ++first) {
    for (std::size_t n = 0; n + first <= 8 * bytes.size(); ++n) {
      std::vector<std::uint8_t> bits(n);
      phy::unpack_bits_from(bytes, first, bits);
      bool is_equal = true;
      for (std::size_t i = 0; i < n; ++i) {
        is_equal = is_equal && bits[i] == ((bytes[(first + i) / 8] >> (7 - (first + i) % 8)) & 1);
      }
      REQUIRE(is_equal);
    }
  }
}

TEST_CASE("Packing returns what was unpacked, on every instruction set")
{
  test::for_each_simd_target([] {
    std::mt19937 random(2);
    for (std::size_t n = 0; n <= 300; ++n) {
      std::vector<std::uint8_t> bits(n);
      for (auto& bit : bits) bit = random() & 1U;
      std::vector<std::uint8_t> bytes((n + 7) / 8 + 1, 0xA5);
      phy::pack_bits(bits, bytes);
      REQUIRE(bytes.back() == 0xA5);
      std::vector<std::uint8_t> again(n);
      phy::unpack_bits(bytes, again);
      REQUIRE(std::ranges::equal(again, bits));
    }
  });
}
