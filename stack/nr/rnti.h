#pragma once
// Radio network temporary identifiers. TS 38.321 §7.1, Table 7.1-1.

#include <compare>
#include <cstdint>

namespace ravi::nr {

class Rnti {
public:
  constexpr Rnti() = default;
  constexpr explicit Rnti(std::uint16_t value) : value_(value) {}
  [[nodiscard]] constexpr std::uint16_t value() const { return value_; }
  friend constexpr auto operator<=>(const Rnti&, const Rnti&) = default;

private:
  std::uint16_t value_ = 0;
};

inline constexpr Rnti kSiRnti{0xFFFF};
inline constexpr Rnti kPRnti{0xFFFE};

/// Of the PRACH occasion whose preamble is answered, TS 38.321 §5.1.3: s_id first symbol (0..13), t_id first slot within the
/// frame in the preamble's numerology (0..79), f_id frequency index (0..7), ul_carrier_id 0 normal, 1 supplementary uplink.
[[nodiscard]] constexpr Rnti ra_rnti(unsigned s_id, unsigned t_id, unsigned f_id, unsigned ul_carrier_id = 0)
{
  return Rnti(static_cast<std::uint16_t>(1 + s_id + 14 * t_id + 14 * 80 * f_id + 14 * 80 * 8 * ul_carrier_id));
}

}  // namespace ravi::nr
