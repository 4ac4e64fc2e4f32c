#pragma once
// NR absolute radio frequency channel numbers: whole numbers that stand for frequencies. TS 38.104 §5.4.2.1.

#include "radio/units.h"

#include <compare>
#include <cstdint>
#include <optional>

namespace ravi::nr {

/// N_REF, 0..3279165.
class Arfcn {
public:
  static constexpr std::uint32_t kMax = 3'279'165;
  constexpr Arfcn() = default;
  constexpr explicit Arfcn(std::uint32_t value) : value_(value) {}
  [[nodiscard]] constexpr std::uint32_t value() const { return value_; }
  friend constexpr auto operator<=>(const Arfcn&, const Arfcn&) = default;

private:
  std::uint32_t value_ = 0;
};

/// F_REF, whole Hz, exact. arfcn <= Arfcn::kMax.
[[nodiscard]] Hertz frequency(Arfcn arfcn) noexcept;
/// The number that stands for exactly this frequency, if there is one.
[[nodiscard]] std::optional<Arfcn> arfcn_of(Hertz frequency) noexcept;
/// The number nearest in frequency, the lower of two; the first or last outside 0..100 GHz.
[[nodiscard]] Arfcn nearest_arfcn(Hertz frequency) noexcept;

}  // namespace ravi::nr
