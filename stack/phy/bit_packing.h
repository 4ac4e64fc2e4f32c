#pragma once
// Between the two ways a bit string is kept: one bit a byte (channel coding) and packed, most significant bit first (PDUs).

#include <cstddef>
#include <cstdint>
#include <span>

namespace ravi::phy {

/// Packs `bits` (0 or 1 each) most significant bit first; the last byte is filled up with zeros.
/// bytes.size() >= ceil(bits.size() / 8); bytes behind that are left alone.
void pack_bits(std::span<const std::uint8_t> bits, std::span<std::uint8_t> bytes) noexcept;

/// Writes the first bits.size() bits of `bytes`, one a byte. bytes.size() >= ceil(bits.size() / 8).
void unpack_bits(std::span<const std::uint8_t> bytes, std::span<std::uint8_t> bits) noexcept;

/// As unpack_bits, from bit `first` of `bytes` on.
void unpack_bits_from(std::span<const std::uint8_t> bytes, std::size_t first, std::span<std::uint8_t> bits) noexcept;

}  // namespace ravi::phy
