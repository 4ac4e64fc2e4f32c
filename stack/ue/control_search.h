#pragma once
// Where a UE looks for its DCIs, and how it reads them: the search spaces of the cell and of its own configuration. TS 38.213 §10.1.

#include "stack/nr/cell.h"
#include "stack/nr/dci.h"
#include "stack/nr/dci_1.h"
#include "stack/phy/pdcch.h"

#include <optional>
#include <vector>

namespace ravi::ue {

/// One search space. The RNTIs are the user's to fill in, slot by slot.
struct ControlSearch {
  phy::PdcchSearch search;
  nr::DciSizes sizes;                    ///< of formats 0_0 and 1_0
  std::optional<nr::Dci1Layout> layout;  ///< of formats 0_1 and 1_1, in place of the others
};

/// The RA search space.
[[nodiscard]] ControlSearch common_search(const nr::Cell& cell);
/// Those of the UE's configuration, in its order.
[[nodiscard]] std::vector<ControlSearch> dedicated_searches(const nr::Cell& cell, const nr::UeConfig& config);

}  // namespace ravi::ue
