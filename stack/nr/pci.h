#pragma once
// Physical-layer cell identity. TS 38.211 §7.4.2.1.

#include <compare>
#include <cstdint>

namespace ravi::nr {

/// 0..1007 = 3 N_ID(1) + N_ID(2).
class Pci {
public:
  static constexpr unsigned kCount = 1008;
  constexpr Pci() = default;
  constexpr explicit Pci(unsigned value) : value_(static_cast<std::uint16_t>(value)) {}
  [[nodiscard]] constexpr unsigned value() const { return value_; }
  [[nodiscard]] constexpr unsigned n_id_1() const { return value_ / 3U; }  ///< 0..335: the SSS's
  [[nodiscard]] constexpr unsigned n_id_2() const { return value_ % 3U; }  ///< 0..2: the PSS's
  friend constexpr auto operator<=>(const Pci&, const Pci&) = default;

private:
  std::uint16_t value_ = 0;
};

}  // namespace ravi::nr
