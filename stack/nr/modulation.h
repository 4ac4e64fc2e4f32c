#pragma once
// Modulation schemes. TS 38.211 §5.1.

#include <cstdint>

namespace ravi::nr {

/// The value is Q_m, bits a symbol; pi/2-BPSK and BPSK both carry one.
enum class Modulation : std::uint8_t { pi2_bpsk = 0, bpsk = 1, qpsk = 2, qam16 = 4, qam64 = 6, qam256 = 8 };

[[nodiscard]] constexpr unsigned bits_per_symbol(Modulation modulation)
{
  return modulation == Modulation::pi2_bpsk ? 1 : static_cast<unsigned>(modulation);
}

}  // namespace ravi::nr
