#pragma once
// Cyclic redundancy checks of channel coding. TS 38.212 §5.1.

#include <cstddef>
#include <cstdint>
#include <span>

namespace ravi::phy {

enum class Crc : std::uint8_t { crc24a, crc24b, crc24c, crc16, crc11, crc6 };

/// L: parity bits.
[[nodiscard]] constexpr unsigned crc_length(Crc crc)
{
  constexpr unsigned kLengths[] = {24, 24, 24, 16, 11, 6};
  return kLengths[static_cast<unsigned>(crc)];
}

/// The parity bits p_0..p_(L-1) of `bits` (one a byte), p_0 the most significant of the low L bits of the result.
/// `state`: the result over the bits that came before, to go on from there.
/// Message and parity together give 0, which is how a receiver checks.
[[nodiscard]] std::uint32_t crc_of_bits(Crc crc, std::span<const std::uint8_t> bits, std::uint32_t state = 0) noexcept;

/// The same over packed bytes, most significant bit first.
[[nodiscard]] std::uint32_t crc_of_bytes(Crc crc, std::span<const std::uint8_t> bytes, std::uint32_t state = 0) noexcept;

/// Over the first num_bits of packed bytes. bytes.size() >= ceil(num_bits / 8).
[[nodiscard]] std::uint32_t crc_of_packed_bits(Crc crc, std::span<const std::uint8_t> bytes, std::size_t num_bits) noexcept;

/// Writes the parity as bits, p_0 first, one a byte. out.size() == crc_length(crc).
void write_crc_bits(Crc crc, std::uint32_t parity, std::span<std::uint8_t> out) noexcept;

}  // namespace ravi::phy
