#pragma once
// Codes for 1 to 11 bits: repetition, simplex and the (32, K) block code. TS 38.212 §5.3.3 and §5.4.3.

#include "stack/nr/modulation.h"

#include <cstdint>
#include <span>

namespace ravi::phy {

inline constexpr unsigned kMaxShortBlockBits = 11;

/// 1..11 bits to coded.size() coded bits, repeated or cut to that length. One and two bits depend on the modulation and leave
/// placeholders (stack/phy/scrambling.h) among the coded bits.
void encode_short_block(std::span<const std::uint8_t> bits, nr::Modulation modulation, std::span<std::uint8_t> coded) noexcept;

/// The likeliest of all 2^K words. llrs: descrambled. scrambling: the c(i) that was taken off each of them, with which a single
/// bit also gains from its placeholders y; may be empty. bits: 1..11 decided bits.
/// Returns the correlation: the sum of the LLRs of coded bits, each with the sign of its decision.
std::int32_t decode_short_block(std::span<const std::int8_t> llrs, nr::Modulation modulation, std::span<const std::uint8_t> scrambling,
                                std::span<std::uint8_t> bits) noexcept;

}  // namespace ravi::phy
