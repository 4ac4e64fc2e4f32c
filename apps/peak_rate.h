#pragma once
// What a cell's shared channels can carry at most, computed from its configuration: the yardstick of a measured goodput.

#include "stack/nr/cell.h"

namespace ravi::apps {

struct PeakRate {
  double downlink_bps = 0.0;
  double uplink_bps = 0.0;
};

/// One transport block of the highest MCS over all PRBs in every slot, in the longest time allocation that the cell offers and the
/// slot's direction allows; nothing taken off for broadcast, random access or control. TS 38.214 §5.1.3.2, §6.1.4.2.
[[nodiscard]] PeakRate peak_rate(const nr::Cell& cell, const nr::UeConfig& ue);

}  // namespace ravi::apps
