#pragma once
// Reads PER bit fields, numbers and length determinants from untrusted bytes.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::asn1 {

/// The two variants of BASIC-PER: NR RRC uses the unaligned one, NGAP the aligned one (ITU-T X.691).
enum class Rules : std::uint8_t { unaligned, aligned };

/// The bounds of an INTEGER, or of the size of a string or list, as far as PER sees them.
struct Bounds {
  bool has_low = false;
  bool has_high = false;
  std::int64_t low = 0;
  std::uint64_t high = 0;  ///< two's complement where negative
};

/// A cursor over packed bytes, MSB first. Reading past the end returns zeros and makes ok() false for good; position()
/// then stays where the failing read began. Clauses are those of ITU-T X.691 (2008).
class BitReader {
public:
  BitReader(std::span<const std::uint8_t> bytes, Rules rules) noexcept
      : bytes_(bytes), end_(bytes.size() * 8), rules_(rules)
  {
  }

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  void fail() noexcept { ok_ = false; }
  [[nodiscard]] std::size_t position() const noexcept { return at_; }  ///< in bits from the start of the bytes
  [[nodiscard]] std::size_t remaining() const noexcept { return end_ - at_; }
  [[nodiscard]] bool aligned() const noexcept { return rules_ == Rules::aligned; }

  /// The next `count` bits, at most 64, the first as the most significant.
  std::uint64_t bits(unsigned count) noexcept;
  bool bit() noexcept { return bits(1) != 0; }
  /// To the next octet border, in the aligned variant.
  void align() noexcept;
  /// `count` bits packed from the first bit of a byte on, unused bits zero. `count` is checked against what is left
  /// first.
  std::vector<std::uint8_t> packed_bits(std::size_t count);
  void packed_bits(std::span<std::uint8_t> out) noexcept;

  /// A number in 0..`span` (§10.5, constrained whole number less its lower bound).
  std::uint64_t constrained(std::uint64_t span) noexcept;
  /// §10.6: a number that is usually below 64. More than 32 bits of it are an error.
  std::uint32_t normally_small() noexcept;
  /// §10.7: a number of at least 0 behind its length in octets.
  std::uint64_t semi_constrained() noexcept;
  /// §10.8: a two's complement number behind its length in octets.
  std::int64_t unconstrained() noexcept;

  /// One piece of a general length determinant (§10.9.3.5 to 10.9.3.8).
  struct Length {
    std::size_t count = 0;
    bool more = false;  ///< a fragment: another length follows its content
  };
  Length general_length() noexcept;
  /// A number of items within bounds; a fragmented one (16384 items and more) is given up as an error.
  std::size_t bounded_length(const Bounds& bounds) noexcept;
  /// §10.9.3.4: a length of at least 1 that is usually at most 64, of an extension bitmap.
  std::size_t small_length() noexcept;

  /// Octets behind a general length, pieces put together: OCTET STRINGs without bounds, open types.
  std::vector<std::uint8_t> octets();
  /// The content of an open type, in place, without its length; this reader moves behind it. False: it is fragmented
  /// (or broken, then ok() is false too), nothing is read, and octets() can fetch it.
  bool open_type(BitReader& content) noexcept;

private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  std::size_t end_;
  Rules rules_;
  bool ok_ = true;
};

/// Bits needed for a number in 0..`span`.
[[nodiscard]] unsigned bits_for(std::uint64_t span) noexcept;

}  // namespace ravi::asn1
