#pragma once
// PRACH preambles: lengths, roots, cyclic shifts, and their place in frequency. TS 38.211 §5.3.2, §6.3.3.1.

#include "stack/nr/phy_mac.h"

#include <cstdint>
#include <optional>

namespace ravi::nr {

/// One row of TS 38.211 Table 6.3.3.1-1 or 6.3.3.1-2, times in kappa T_c (30.72 a microsecond).
struct PrachFormatLengths {
  std::uint16_t sequence_length = 839;  ///< L_RA
  std::uint16_t spacing_hz = 1250;      ///< Delta f_RA of a long format; 0: short, 15 kHz times 2^mu
  std::uint8_t repetitions = 1;
  std::uint32_t n_u = 24'576;         ///< all repetitions; of a short format at 15 kHz: divide by 2^mu
  std::uint32_t n_cp = 3'168;         ///< the same
  std::uint8_t duration_symbols = 0;  ///< N_dur of a short format
};
[[nodiscard]] PrachFormatLengths prach_lengths(PrachFormat format) noexcept;

/// Delta f_RA, Hz; `scs` of a short format's preamble.
[[nodiscard]] unsigned prach_spacing_hz(PrachFormat format, Scs scs) noexcept;

enum class PrachRestrictedSet : std::uint8_t { unrestricted, type_a, type_b };

/// N_CS of zeroCorrelationZoneConfig; nothing where the table is empty (0..15 exist, the short formats have no
/// restricted set).
[[nodiscard]] std::optional<unsigned> prach_n_cs(PrachFormat format, unsigned zero_correlation_zone,
                                                 PrachRestrictedSet set = PrachRestrictedSet::unrestricted) noexcept;

/// u of the i-th logical root, taken modulo the number of roots (838 or 138), as the preambles of a cell go round.
[[nodiscard]] unsigned prach_root(PrachFormat format, unsigned logical_index) noexcept;

/// Unrestricted set: cyclic shifts of one root; n_cs < L_RA.
[[nodiscard]] constexpr unsigned prach_preambles_per_root(unsigned sequence_length, unsigned n_cs)
{
  return n_cs == 0 ? 1 : sequence_length / n_cs;
}
/// Unrestricted set: roots that `num_preambles` use up.
[[nodiscard]] constexpr unsigned prach_num_roots(unsigned sequence_length, unsigned n_cs, unsigned num_preambles = 64)
{
  const unsigned per_root = prach_preambles_per_root(sequence_length, n_cs);
  return (num_preambles + per_root - 1) / per_root;
}

/// One preamble of the unrestricted set: x_u(n + C_v).
struct PrachSequence {
  unsigned u = 1;
  unsigned cyclic_shift = 0;  ///< C_v
  friend constexpr bool operator==(const PrachSequence&, const PrachSequence&) = default;
};
/// Preamble 0..63 of a cell: first all shifts of the first root, then the next root's.
[[nodiscard]] PrachSequence prach_sequence(PrachFormat format, unsigned root_sequence_index, unsigned n_cs,
                                           unsigned preamble) noexcept;

/// Where one occasion lies in frequency: PUSCH resource blocks it takes, and the shift within them.
struct PrachPlacement {
  unsigned num_prb = 6;  ///< N_RB^RA
  unsigned k_bar = 7;    ///< PRACH subcarriers
};
/// Nothing for a pair of spacings that the table does not have.
[[nodiscard]] std::optional<PrachPlacement> prach_placement(PrachFormat format, Scs prach_scs, Scs pusch_scs) noexcept;

}  // namespace ravi::nr
