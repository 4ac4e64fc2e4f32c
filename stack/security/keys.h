#pragma once
// Secrets: fixed-size byte strings that wipe themselves and have no way to be printed.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ravi::security {

/// Overwrites in a way that the optimizer keeps.
void wipe(std::span<std::uint8_t> bytes) noexcept;

/// True if equal; takes the same time wherever they differ. The lengths are not secret.
[[nodiscard]] bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept;

/// A key of `Size` octets, first octet most significant. Neither a range nor formattable: whoever wants the octets says `bytes()`.
template <std::size_t Size>
class Secret {
public:
  static constexpr std::size_t kSize = Size;

  Secret() = default;
  explicit Secret(std::span<const std::uint8_t, Size> bytes) { std::copy(bytes.begin(), bytes.end(), bytes_.begin()); }
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret() { wipe(bytes_); }

  [[nodiscard]] std::span<const std::uint8_t, Size> bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::span<std::uint8_t, Size> writable() noexcept { return bytes_; }

  friend bool operator==(const Secret& a, const Secret& b) noexcept { return equal_in_constant_time(a.bytes_, b.bytes_); }

private:
  std::array<std::uint8_t, Size> bytes_{};
};

using Key128 = Secret<16>;
using Key256 = Secret<32>;

/// The 128 least significant bits, as the 128-bit algorithms take from a 256-bit key. TS 33.501 §6.2.3.1, Annex A.1.
[[nodiscard]] inline Key128 truncate(const Key256& key) noexcept { return Key128(key.bytes().last<16>()); }

}  // namespace ravi::security
