#pragma once
// Allocations as the numbers that DCI and RRC carry: RIV, locationAndBandwidth, SLIV. TS 38.214 §5.1.2, TS 38.331.

#include "stack/nr/numerology.h"
#include "stack/nr/prb_range.h"

#include <optional>

namespace ravi::nr {

/// Resource indication value of a contiguous allocation (type 1) in `num_bwp_prb` PRBs. TS 38.214 §5.1.2.2.2.
/// 1 <= prb.count, prb.end() <= num_bwp_prb.
[[nodiscard]] constexpr unsigned riv_of(PrbRange prb, unsigned num_bwp_prb)
{
  if (prb.count - 1 <= num_bwp_prb / 2) return num_bwp_prb * (prb.count - 1) + prb.begin;
  return num_bwp_prb * (num_bwp_prb - prb.count + 1) + (num_bwp_prb - 1 - prb.begin);
}

/// Nothing for a value that stands for no allocation.
[[nodiscard]] constexpr std::optional<PrbRange> prb_of_riv(unsigned riv, unsigned num_bwp_prb)
{
  if (num_bwp_prb == 0 || riv / num_bwp_prb > num_bwp_prb / 2) return std::nullopt;
  PrbRange prb{.begin = riv % num_bwp_prb, .count = riv / num_bwp_prb + 1};
  if (prb.end() > num_bwp_prb) {
    if (riv / num_bwp_prb == 0) return std::nullopt;
    prb = {.begin = num_bwp_prb - 1 - riv % num_bwp_prb, .count = num_bwp_prb - riv / num_bwp_prb + 1};
  }
  if (prb.end() > num_bwp_prb || riv_of(prb, num_bwp_prb) != riv) return std::nullopt;
  return prb;
}

/// Bits of the frequency-domain resource assignment of type 1: ceil(log2(N (N + 1) / 2)). TS 38.212 §7.3.1.
[[nodiscard]] constexpr unsigned riv_bits(unsigned num_bwp_prb)
{
  const unsigned num_values = num_bwp_prb * (num_bwp_prb + 1) / 2;
  unsigned bits = 0;
  while ((1U << bits) < num_values) ++bits;
  return bits;
}

/// locationAndBandwidth of a BWP: a RIV in 275 PRBs, counted from the carrier's first PRB. TS 38.213 §12.
[[nodiscard]] constexpr unsigned location_and_bandwidth_of(PrbRange prb) { return riv_of(prb, kMaxNumPrb); }
[[nodiscard]] constexpr std::optional<PrbRange> prb_of_location_and_bandwidth(unsigned value)
{
  return prb_of_riv(value, kMaxNumPrb);
}

/// Start and length indicator value, 0..127. TS 38.214 §5.1.2.1. 1 <= symbols.count, symbols.end() <= 14.
[[nodiscard]] constexpr unsigned sliv_of(SymbolRange symbols)
{
  if (symbols.count - 1 <= 7) return 14 * (symbols.count - 1) + symbols.begin;
  return 14 * (14 - symbols.count + 1) + (14 - 1 - symbols.begin);
}

/// Nothing for a value that stands for no allocation.
[[nodiscard]] constexpr std::optional<SymbolRange> symbols_of_sliv(unsigned sliv)
{
  for (unsigned count = 1; count <= kSymbolsPerSlot; ++count) {
    for (unsigned begin = 0; begin + count <= kSymbolsPerSlot; ++begin) {
      if (sliv_of({begin, count}) == sliv) return SymbolRange{begin, count};
    }
  }
  return std::nullopt;
}

}  // namespace ravi::nr
