#pragma once
// Contiguous physical resource blocks and symbols.

namespace ravi::nr {

/// PRBs [begin, begin + count), counted from where the declaration that uses it says.
struct PrbRange {
  unsigned begin = 0;
  unsigned count = 0;
  [[nodiscard]] constexpr unsigned end() const { return begin + count; }
  friend constexpr bool operator==(const PrbRange&, const PrbRange&) = default;
};

/// OFDM symbols [begin, begin + count) of a slot.
struct SymbolRange {
  unsigned begin = 0;
  unsigned count = 0;
  [[nodiscard]] constexpr unsigned end() const { return begin + count; }
  [[nodiscard]] constexpr bool contains(unsigned symbol) const { return symbol >= begin && symbol < end(); }
  friend constexpr bool operator==(const SymbolRange&, const SymbolRange&) = default;
};

}  // namespace ravi::nr
