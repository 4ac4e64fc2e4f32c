#pragma once
// CORESET#0 and SearchSpace#0: where a UE that has read the MIB looks for the PDCCH that schedules SIB1. TS 38.213 §13.

#include "radio/units.h"
#include "stack/nr/numerology.h"
#include "stack/nr/slot.h"

#include <cstdint>
#include <optional>

namespace ravi::nr {

/// One row of TS 38.213 Tables 13-1 to 13-6 (FR1: multiplexing pattern 1).
struct Coreset0 {
  std::uint8_t num_prb = 24;     ///< N_RB^CORESET: 24, 48, 96
  std::uint8_t num_symbols = 2;  ///< 1..3
  std::uint8_t offset_prb = 0;   ///< from CORESET#0's lowest resource block up to the one that overlaps the SSB's first
  friend constexpr bool operator==(const Coreset0&, const Coreset0&) = default;
};

/// The minimum channel bandwidth of a band, as far as the tables tell bands apart.
enum class MinimumBandwidth : std::uint8_t { mhz5_or_10, mhz40 };

/// n79 and n104 use the tables of 40 MHz whatever bandwidths they have, TS 38.101-1 Table 5.2-1 note 17; all others of
/// FR1 those of 5 and 10 MHz. Shared spectrum (n46, n96, n102) has tables of its own, 13-1A and 13-4A, not here.
[[nodiscard]] constexpr MinimumBandwidth minimum_bandwidth_of(unsigned band)
{
  return band == 79 || band == 104 ? MinimumBandwidth::mhz40 : MinimumBandwidth::mhz5_or_10;
}

/// Row controlResourceSetZero (0..15) of the table for the spacings of SSB and PDCCH (subCarrierSpacingCommon), 15 or
/// 30 kHz each; nothing where the row is reserved or there is no such table.
[[nodiscard]] std::optional<Coreset0> coreset0(Scs ssb_scs, Scs pdcch_scs, MinimumBandwidth minimum,
                                               unsigned index) noexcept;

/// Lowest CRB of CORESET#0 in the PDCCH's spacing; nothing where it would lie below point A.
/// offset_to_point_a: offsetToPointA, in resource blocks of 15 kHz.
[[nodiscard]] constexpr std::optional<unsigned> coreset0_first_crb(const Coreset0& coreset, Scs pdcch_scs,
                                                                   unsigned offset_to_point_a)
{
  const unsigned ssb_crb = offset_to_point_a >> mu_of(pdcch_scs);
  if (ssb_crb < coreset.offset_prb) return std::nullopt;
  return ssb_crb - coreset.offset_prb;
}

/// One row of TS 38.213 Table 13-11.
struct SearchSpace0 {
  std::uint8_t offset_ms = 0;  ///< O
  std::uint8_t sets_per_slot = 1;
  std::uint8_t twice_m = 2;       ///< 2 M: 1, 2, 4
  std::uint8_t first_symbol = 0;  ///< of the slot's first set; a second one follows it at once (odd SSB indices)
  friend constexpr bool operator==(const SearchSpace0&, const SearchSpace0&) = default;
};

/// Row searchSpaceZero, 0..15.
[[nodiscard]] std::optional<SearchSpace0> search_space0(unsigned index) noexcept;

/// Where the Type0-PDCCH of one SSB is monitored: slots n_0 and n_0 + 1 of every second frame.
struct Type0Monitoring {
  unsigned sfn_parity = 0;     ///< SFN_C modulo 2
  unsigned slot_in_frame = 0;  ///< n_0
  unsigned first_symbol = 0;
};
[[nodiscard]] Type0Monitoring type0_monitoring(const SearchSpace0& search_space, const Coreset0& coreset, Scs pdcch_scs,
                                               unsigned ssb_index) noexcept;

/// Is `slot` (in the PDCCH's spacing) n_0 or n_0 + 1? The latter may lie in the next frame.
[[nodiscard]] bool is_monitored(const Type0Monitoring& monitoring, Slot slot) noexcept;

}  // namespace ravi::nr
