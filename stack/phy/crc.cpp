#include "stack/phy/crc.h"

#include "stack/phy/bit_packing.h"

#include <array>
#include <cassert>

namespace ravi::phy {
namespace {

/// Generator polynomials of TS 38.212 §5.1 without their leading one.
constexpr std::array<std::uint32_t, 6> kPolynomials = {0x864CFB, 0x800063, 0xB2B117, 0x1021, 0x621, 0x21};

constexpr std::size_t kSlices = 8;  // bytes taken at once

/// The register stands at the top of 32 bits whatever L is, so that all polynomials share one loop.
/// slice[k][b]: what byte b leaves in the register once k further bytes have passed.
struct Table {
  std::array<std::array<std::uint32_t, 256>, kSlices> slice{};

  constexpr explicit Table(Crc crc)
  {
    const std::uint32_t polynomial = kPolynomials[static_cast<unsigned>(crc)] << (32 - crc_length(crc));
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      std::uint32_t state = byte << 24U;
      for (int i = 0; i < 8; ++i) state = (state << 1U) ^ ((state & 0x80000000U) != 0 ? polynomial : 0);
      slice[0][byte] = state;
    }
    for (std::size_t k = 1; k < kSlices; ++k) {
      for (std::size_t byte = 0; byte < 256; ++byte) {
        const std::uint32_t state = slice[k - 1][byte];
        slice[k][byte] = (state << 8U) ^ slice[0][state >> 24U];
      }
    }
  }
};

constexpr std::array<Table, 6> kTables = {Table(Crc::crc24a), Table(Crc::crc24b), Table(Crc::crc24c),
                                          Table(Crc::crc16),  Table(Crc::crc11),  Table(Crc::crc6)};

std::uint32_t add_byte(const Table& table, std::uint32_t state, std::uint8_t byte)
{
  return (state << 8U) ^ table.slice[0][(state >> 24U) ^ byte];
}

std::uint32_t add_bit(std::uint32_t polynomial, std::uint32_t state, std::uint8_t bit)
{
  const bool is_out = (state >> 31U) != bit;
  return (state << 1U) ^ (is_out ? polynomial : 0);
}

std::uint32_t add_bytes(const Table& table, std::uint32_t state, std::span<const std::uint8_t> bytes)
{
  const auto& slice = table.slice;
  std::size_t i = 0;
  for (; i + kSlices <= bytes.size(); i += kSlices) {
    const std::uint8_t* b = &bytes[i];
    state = slice[7][(state >> 24U) ^ b[0]] ^ slice[6][((state >> 16U) & 0xFFU) ^ b[1]] ^
            slice[5][((state >> 8U) & 0xFFU) ^ b[2]] ^ slice[4][(state & 0xFFU) ^ b[3]] ^ slice[3][b[4]] ^
            slice[2][b[5]] ^ slice[1][b[6]] ^ slice[0][b[7]];
  }
  for (; i < bytes.size(); ++i) state = add_byte(table, state, bytes[i]);
  return state;
}

/// Fewer than eight bits, one a byte.
std::uint32_t add_rest(Crc crc, std::uint32_t state, std::span<const std::uint8_t> bits)
{
  const std::uint32_t polynomial = kPolynomials[static_cast<unsigned>(crc)] << (32 - crc_length(crc));
  for (const std::uint8_t bit : bits) state = add_bit(polynomial, state, bit);
  return state;
}

}  // namespace

std::uint32_t crc_of_bits(Crc crc, std::span<const std::uint8_t> bits, std::uint32_t state) noexcept
{
  const Table& table = kTables[static_cast<unsigned>(crc)];
  const unsigned align = 32 - crc_length(crc);
  state <<= align;
  constexpr std::size_t kChunkBits = 512;
  std::array<std::uint8_t, kChunkBits / 8> packed{};
  while (bits.size() >= 8) {
    const std::size_t take = bits.size() < kChunkBits ? bits.size() & ~std::size_t{7} : kChunkBits;
    pack_bits(bits.first(take), packed);
    state = add_bytes(table, state, std::span(packed).first(take / 8));
    bits = bits.subspan(take);
  }
  return add_rest(crc, state, bits) >> align;
}

std::uint32_t crc_of_bytes(Crc crc, std::span<const std::uint8_t> bytes, std::uint32_t state) noexcept
{
  const unsigned align = 32 - crc_length(crc);
  return add_bytes(kTables[static_cast<unsigned>(crc)], state << align, bytes) >> align;
}

std::uint32_t crc_of_packed_bits(Crc crc, std::span<const std::uint8_t> bytes, std::size_t num_bits) noexcept
{
  assert(bytes.size() >= (num_bits + 7) / 8);
  const std::uint32_t state = crc_of_bytes(crc, bytes.first(num_bits / 8));
  std::array<std::uint8_t, 8> last{};
  const std::span<std::uint8_t> rest = std::span(last).first(num_bits % 8);
  if (!rest.empty()) unpack_bits_from(bytes, num_bits - rest.size(), rest);
  return crc_of_bits(crc, rest, state);
}

void write_crc_bits(Crc crc, std::uint32_t parity, std::span<std::uint8_t> out) noexcept
{
  const unsigned length = crc_length(crc);
  assert(out.size() == length);
  for (unsigned i = 0; i < length; ++i) out[i] = static_cast<std::uint8_t>((parity >> (length - 1 - i)) & 1U);
}

}  // namespace ravi::phy
