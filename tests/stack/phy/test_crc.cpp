#include "stack/phy/bit_packing.h"
#include "stack/phy/crc.h"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string_view>
#include <vector>

using namespace ravi;
using phy::Crc;

namespace {

struct Polynomial {
  Crc crc;
  std::vector<unsigned> exponents;  // as TS 38.212 §5.1 prints them
};

const std::array<Polynomial, 6> kPolynomials = {{
  {Crc::crc24a, {24, 23, 18, 17, 14, 11, 10, 7, 6, 5, 4, 3, 1, 0}},
  {Crc::crc24b, {24, 23, 6, 5, 1, 0}},
  {Crc::crc24c, {24, 23, 21, 20, 17, 15, 13, 12, 8, 4, 2, 1, 0}},
  {Crc::crc16, {16, 12, 5, 0}},
  {Crc::crc11, {11, 10, 9, 5, 0}},
  {Crc::crc6, {6, 5, 0}},
}};

/// Long division of the message times D^L by the polynomial, bit by bit.
std::uint32_t divide(const Polynomial& polynomial, std::vector<std::uint8_t> bits)
{
  const std::size_t n = bits.size();
  const unsigned length = polynomial.exponents.front();
  bits.resize(n + length);
  for (std::size_t i = 0; i < n; ++i) {
    if (bits[i] == 0) continue;
    for (const unsigned exponent : polynomial.exponents) bits[i + length - exponent] ^= 1U;
  }
  std::uint32_t remainder = 0;
  for (std::size_t i = n; i < bits.size(); ++i) remainder = (remainder << 1U) | bits[i];
  return remainder;
}

std::vector<std::uint8_t> random_bits(std::size_t n, std::uint32_t seed)
{
  std::mt19937 random(seed);
  std::vector<std::uint8_t> bits(n);
  for (auto& bit : bits) bit = random() & 1U;
  return bits;
}

}  // namespace

TEST_CASE("CRCs of the ASCII digits 1 to 9 are the published check values")
{
  // Widely catalogued: CRC-24/LTE-A, CRC-24/LTE-B, the CRC24C of NR, CRC-16/XMODEM. Same polynomials, register from 0.
  constexpr std::string_view kDigits = "123456789";
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(kDigits.data()), kDigits.size());
  CHECK(phy::crc_of_bytes(Crc::crc24a, bytes) == 0xCDE703);
  CHECK(phy::crc_of_bytes(Crc::crc24b, bytes) == 0x23EF52);
  CHECK(phy::crc_of_bytes(Crc::crc24c, bytes) == 0xF48279);
  CHECK(phy::crc_of_bytes(Crc::crc16, bytes) == 0x31C3);
}

TEST_CASE("CRCs are the remainder of the long division by the polynomial, at every length [TS 38.212 §5.1]")
{
  for (const Polynomial& polynomial : kPolynomials) {
    CAPTURE(polynomial.crc);
    REQUIRE(phy::crc_length(polynomial.crc) == polynomial.exponents.front());
    for (std::size_t n = 0; n < 200; ++n) {
      const auto bits = random_bits(n, static_cast<std::uint32_t>(n));
      const std::uint32_t want = divide(polynomial, bits);
      REQUIRE(phy::crc_of_bits(polynomial.crc, bits) == want);
      std::vector<std::uint8_t> bytes((n + 7) / 8);
      phy::pack_bits(bits, bytes);
      REQUIRE(phy::crc_of_packed_bits(polynomial.crc, bytes, n) == want);
      if (n % 8 == 0) REQUIRE(phy::crc_of_bytes(polynomial.crc, bytes) == want);
    }
    const auto bits = random_bits(8448, 7);
    CHECK(phy::crc_of_bits(polynomial.crc, bits) == divide(polynomial, bits));
  }
}

TEST_CASE("A CRC goes on from the state of the bits before, and message with parity leaves nothing")
{
  for (const Polynomial& polynomial : kPolynomials) {
    auto bits = random_bits(150, 9);
    const std::uint32_t whole = phy::crc_of_bits(polynomial.crc, bits);
    for (std::size_t cut = 0; cut <= bits.size(); ++cut) {
      const std::uint32_t head = phy::crc_of_bits(polynomial.crc, std::span(bits).first(cut));
      REQUIRE(phy::crc_of_bits(polynomial.crc, std::span(bits).subspan(cut), head) == whole);
    }
    bits.resize(150 + phy::crc_length(polynomial.crc));
    phy::write_crc_bits(polynomial.crc, whole, std::span(bits).subspan(150));
    CHECK(phy::crc_of_bits(polynomial.crc, bits) == 0);
    bits[77] ^= 1U;
    CHECK(phy::crc_of_bits(polynomial.crc, bits) != 0);
  }
}
