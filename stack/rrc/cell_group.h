#pragma once
// CellGroupConfig: what one UE is told of MAC and PHY, and its RLC bearers. TS 38.331 §5.3.5.5, §6.3.2.
//
// What is written is what srsUE needs (and any UE may be told): a complete configuration with RRCSetup, no SR prohibit timer, dynamic
// HARQ-ACK codebook, one bandwidth part. A reconfiguration that only adds bearers leaves the cell out.

#include "radio/result.h"
#include "stack/nr/cell.h"
#include "stack/rrc/bearer_config.h"

#include <cstdint>
#include <span>
#include <vector>

namespace ravi::rrc {

/// The encoding, for `masterCellGroup`. ue: nullptr leaves MAC and cell configuration out. A CSI report is of the SS/PBCH block:
/// no CSI-RS is sent here. An error names the value that no message can carry.
[[nodiscard]] Result<std::vector<std::uint8_t>> cell_group_of(const nr::Cell& cell, const nr::UeConfig* ue, std::span<const BearerConfig> bearers);

struct CellGroup {
  nr::UeConfig ue;                            ///< in force from now on: what was, changed as the message says
  std::vector<BearerConfig> bearers;          ///< to add or to change; PDCP and SDAP as yet by default
  std::vector<unsigned> released_logical_channels;
};

/// ue: what was in force. unsupported: it asks for what is not built, named; bad_input: malformed or contradictory. PDCCH candidates
/// of other DCI formats are passed over as long as one search space is left. Not represented, and so not heeded: CSI-RS resources
/// (REs that a PDSCH leaves out), SRS, power control.
[[nodiscard]] Result<CellGroup> read_cell_group(std::span<const std::uint8_t> bytes, const nr::Cell& cell, const nr::UeConfig& ue);

}  // namespace ravi::rrc
