#pragma once
// Finding cells in a stretch of samples, blind in timing and carrier frequency offset: PSS, SSS, PBCH. TS 38.213 §4.1.

#include "radio/iq.h"
#include "radio/units.h"
#include "stack/nr/numerology.h"
#include "stack/nr/pci.h"
#include "stack/phy/ssb.h"
#include "stack/phy/sub_band.h"

#include <cstddef>
#include <span>
#include <vector>

namespace ravi::phy {

/// A place on the synchronization raster.
struct SsbCandidate {
  Hertz frequency;  ///< SS_REF, absolute
  nr::Scs scs = nr::Scs::khz15;
  unsigned l_max = 4;
};

struct CellSearchConfig {
  double max_cfo_spacings = 2.5;  ///< searched: +- so many subcarrier spacings of offset
  float min_pss_metric = 0.09F;   ///< correlation over local power, 0..1; noise alone stays below 0.07
  float min_sss_metric = 0.05F;
  std::size_t max_peaks = 24;     ///< PSS peaks looked into at one frequency
};

/// A cell, as one of its blocks tells.
struct FoundCell {
  SsbCandidate candidate;
  nr::Pci pci;
  PbchResult pbch;              ///< `delay_s` is taken into sample_offset, and cfo_hz is the whole offset
  double sample_offset = 0.0;   ///< the block's first sample (of the PSS's cyclic prefix), in the stretch's samples
  float cfo_hz = 0.0F;          ///< the cell's carrier minus where the receiver believes it to be
};

/// Searches one candidate in a stretch received at the center frequency `tuned`. One entry a cell (PCI), the block with the
/// highest SNR; strongest cell first. Allocates; not for the slot path.
[[nodiscard]] std::vector<FoundCell> search_cells(const SubBand& stretch, Hertz tuned, const SsbCandidate& candidate,
                                                  const CellSearchConfig& config = {});

}  // namespace ravi::phy
