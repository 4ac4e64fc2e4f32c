#pragma once
// Cell selection: from a stretch of samples to a cell the UE can be in step with. TS 38.304 §5.2.3; TS 38.213 §4.1, §13.

#include "radio/iq.h"
#include "radio/result.h"
#include "radio/units.h"
#include "stack/nr/cell.h"
#include "stack/nr/slot.h"

#include <optional>
#include <span>

namespace ravi::ue {

struct CellSelection {
  unsigned band = 3;
  Hertz tuned{};                        ///< the receiver's center: the carrier's middle
  std::optional<Hertz> ssb_frequency;   ///< look here only, else at every place of the band's raster
  std::optional<nr::Pci> pci;           ///< accept this one only
};

/// A cell with its timing in the stretch.
struct FoundService {
  nr::Cell cell;
  nr::Slot slot;               ///< one slot of it (the block's)
  double slot_begin = 0.0;     ///< its first sample, in the stretch's samples
  float cfo_hz = 0.0F;         ///< the carrier minus where the receiver believes it to be
  float snr_db = 0.0F;
};

/// The strongest cell that is not barred and whose SIB1 is read and understood. `not_found`: why none was, as far as it is known.
/// Allocates and takes its time: not for the slot path. 40 ms of samples hold every block and a SIB1.
[[nodiscard]] Result<FoundService> find_cell(std::span<const Cf32> stretch, SampleRate rate, const CellSelection& selection);

}  // namespace ravi::ue
