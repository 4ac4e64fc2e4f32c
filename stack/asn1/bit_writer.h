#pragma once
// Writes PER bit fields, numbers and length determinants; the counterpart of bit_reader.h.

#include "stack/asn1/bit_reader.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::asn1 {

/// Packs bits MSB first into a growing vector. Clauses are those of ITU-T X.691 (2008). Callers check ranges.
class BitWriter {
public:
  explicit BitWriter(Rules rules) noexcept : rules_(rules) {}

  [[nodiscard]] Rules rules() const noexcept { return rules_; }
  [[nodiscard]] bool aligned() const noexcept { return rules_ == Rules::aligned; }

  /// The lowest `count` bits of `value`, at most 64.
  void bits(std::uint64_t value, unsigned count);
  void bit(bool value) { bits(value ? 1 : 0, 1); }
  /// Zeros to the next octet border, in the aligned variant.
  void align();
  /// The first `count` bits of packed bytes.
  void packed_bits(std::span<const std::uint8_t> bytes, std::size_t count);

  void constrained(std::uint64_t value, std::uint64_t span);  ///< §10.5, `value` in 0..`span`
  void normally_small(std::uint32_t value);                   ///< §10.6
  void semi_constrained(std::uint64_t value);                 ///< §10.7
  void unconstrained(std::int64_t value);                     ///< §10.8

  /// A number of items within bounds, at most 16383 where they are wider than 65535.
  void bounded_length(std::size_t count, const Bounds& bounds);
  void small_length(std::size_t count);  ///< §10.9.3.4, `count` at least 1
  /// Octets behind a general length, in fragments where there are 16384 or more of them (§10.9.3.8).
  void octets(std::span<const std::uint8_t> bytes);

  /// The bytes, the last filled up with zeros; at least one, as a whole encoding has (§10.1.3).
  [[nodiscard]] std::vector<std::uint8_t> finish() &&;

private:
  void general_length(std::size_t count);  // below 16384

  std::vector<std::uint8_t> bytes_;
  std::size_t count_ = 0;  // bits
  Rules rules_;
};

}  // namespace ravi::asn1
