#pragma once
// Where an SS/PBCH block lies in a carrier: the numbers that MIB and SIB1 carry. TS 38.211 §4.4.4.2, §7.4.3.1;
// TS 38.104 §5.4.

#include "stack/nr/coreset0.h"
#include "stack/nr/gscn.h"
#include "stack/nr/phy_mac.h"

#include <optional>
#include <vector>

namespace ravi::nr {

/// Frequency of point A: subcarrier 0 of CRB 0.
[[nodiscard]] Hertz point_a(const Carrier& carrier) noexcept;
/// absoluteFrequencyPointA; nothing where no ARFCN stands for point A.
[[nodiscard]] std::optional<Arfcn> point_a_arfcn(const Carrier& carrier) noexcept;

struct SsbPosition {
  Gscn gscn;
  SsbCase ssb_case = SsbCase::a;
  unsigned offset_to_point_a = 0;  ///< offsetToPointA: resource blocks of 15 kHz from point A
  unsigned k_ssb = 0;              ///< 0..23: subcarriers of 15 kHz from there to the block's lowest
  /// The block's lowest subcarrier in the carrier's grid; whole subcarriers of the carrier where it has the block's
  /// spacing, else of 15 kHz.
  unsigned first_subcarrier = 0;
  friend constexpr bool operator==(const SsbPosition&, const SsbPosition&) = default;
};

/// Of a block at this GSCN; subCarrierSpacingCommon is the carrier's spacing (15 or 30 kHz). Nothing where the block is
/// not wholly inside the carrier or its subcarriers fall between the carrier's.
[[nodiscard]] std::optional<SsbPosition> ssb_position(const Carrier& carrier, SsbCase ssb_case, Gscn gscn) noexcept;

/// Every position that a row of the band's SS raster allows in the carrier, nearest to `wanted` (the middle of the
/// block) first. Empty: the carrier can have no block; move its center along the channel raster.
[[nodiscard]] std::vector<SsbPosition> ssb_positions(const Carrier& carrier, const SsRaster& raster, Hertz wanted);

/// CRBs of CORESET#0 beside that block; nothing where it does not fit the carrier.
[[nodiscard]] std::optional<PrbRange> coreset0_crbs(const Carrier& carrier, const SsbPosition& ssb,
                                                    const Coreset0& coreset) noexcept;

/// For a receiver, which has the MIB and the block's frequency only: frequency of subcarrier 0 of the CRB that overlaps
/// the block's first (CRB of subCarrierSpacingCommon), from which CORESET#0 is counted.
[[nodiscard]] Hertz ssb_crb_frequency(Gscn gscn, SsbCase ssb_case, unsigned k_ssb) noexcept;

}  // namespace ravi::nr
