#pragma once
// Where a cell lies in frequency: carrier, SS/PBCH block and CORESET#0, which must fit one another.
// TS 38.104 §5.4; TS 38.213 §13.

#include "stack/nr/coreset0.h"
#include "stack/nr/phy_mac.h"
#include "stack/nr/ssb_position.h"

#include <optional>

namespace ravi::rrc {

/// What has been fixed beforehand; the rest is chosen.
struct PlacementWishes {
  unsigned band = 3;
  Hertz bandwidth{};
  std::optional<nr::Gscn> gscn;
  std::optional<unsigned> coreset0_index;
};

struct SsbPlacement {
  nr::SsbPosition ssb;
  unsigned coreset0_index = 0;
  nr::Coreset0 coreset0;
  nr::PrbRange coreset0_crb;
};

/// Of a carrier that stands: the widest CORESET#0 with the fewest symbols (its PRBs bound what DCI 1_0 of a common search space
/// can allocate), beside the block nearest the carrier's middle. Nothing: none fits. Block and carrier have the same spacing.
[[nodiscard]] std::optional<SsbPlacement> place_ssb(const nr::Carrier& carrier, const PlacementWishes& wishes);

/// The downlink reference frequency nearest to `wanted` on the channel raster where the carrier and its uplink lie in the band
/// and a block and a CORESET#0 fit; nothing: none within the band.
[[nodiscard]] std::optional<nr::Arfcn> nearest_usable_arfcn(const nr::Carrier& carrier, Hertz wanted, const PlacementWishes& wishes);

/// Does the channel lie in its band? TS 38.104 §5.2.
[[nodiscard]] bool is_in_band(Hertz center, Hertz bandwidth, unsigned band, nr::LinkDirection direction) noexcept;

/// CORESET#0 as every layer uses it. TS 38.211 §7.3.2.2; TS 38.213 §13.
[[nodiscard]] nr::Coreset coreset0_of(const nr::Coreset0& row, unsigned first_crb, nr::Pci pci) noexcept;

}  // namespace ravi::rrc
