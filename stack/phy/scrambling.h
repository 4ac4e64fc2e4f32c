#pragma once
// The Gold sequence c(n) and scrambling with it. TS 38.211 §5.2.1.

#include <cstddef>
#include <cstdint>
#include <span>

namespace ravi::phy {

/// Values of coded UCI bits that scrambling treats on its own, TS 38.212 §5.3.3.1 and TS 38.211 §6.3.1.1.
inline constexpr std::uint8_t kPlaceholderX = 2;  ///< sent as 1
inline constexpr std::uint8_t kPlaceholderY = 3;  ///< sent as the scrambled bit before it

/// c(n) from n = 0 on, 32 bits a step. A start needs no warm-up: the 1600 steps of Nc are a linear map made at compile time.
/// Cheap to copy. Any thread, real time.
class GoldSequence {
public:
  explicit GoldSequence(std::uint32_t c_init) noexcept;

  /// The next 32 bits, the first in the least significant.
  [[nodiscard]] std::uint32_t next32() noexcept
  {
    const auto bits = static_cast<std::uint32_t>(x1_ ^ x2_);
    // Squared generators step two windows at once: x1(n+62) = x1(n+6) + x1(n), x2(n+62) = x2(n+6) + x2(n+4) + x2(n+2) + x2(n).
    x1_ = (x1_ >> 32U) | ((x1_ >> 8U ^ x1_ >> 2U) << 32U);
    x2_ = (x2_ >> 32U) | ((x2_ >> 8U ^ x2_ >> 6U ^ x2_ >> 4U ^ x2_ >> 2U) << 32U);
    return bits;
  }
  /// Passes over `count` bits (about a nanosecond for 32).
  void skip(std::size_t count) noexcept;
  /// The next bits, 0 or 1 each. Lengths that are no multiple of 32 are fine: the sequence goes on where it stopped.
  void generate(std::span<std::uint8_t> bits) noexcept;

private:
  std::uint64_t x1_ = 0;  ///< x1(n) .. x1(n+63), n in the least significant
  std::uint64_t x2_ = 0;
};

/// bits[i] ^ c(i + offset). Placeholders in `bits` become what TS 38.211 §6.3.1.1 says. `out` may be `bits`; same length.
void scramble(std::span<const std::uint8_t> bits, std::uint32_t c_init, std::span<std::uint8_t> out, std::size_t offset = 0) noexcept;

/// Flips the sign of llrs[i] where c(i + offset) = 1. `out` may be `llrs`; same length.
void descramble(std::span<const std::int8_t> llrs, std::uint32_t c_init, std::span<std::int8_t> out, std::size_t offset = 0) noexcept;

}  // namespace ravi::phy
