#pragma once
// The transport blocks of a slot to a tap.

#include "stack/gnb/gnb_phy.h"
#include "stack/mac/slot_plan.h"
#include "stack/nr/slot.h"
#include "stack/pcap/tap.h"

#include <chrono>

namespace ravi::gnb {

// `time`: when the slot is in the air. Real time.

/// Those that were decoded.
void record_uplink(nr::Slot slot, std::chrono::nanoseconds time, const UplinkReceipts& receipts, pcap::Tap& tap) noexcept;
/// MIBs, and transport blocks that are sent for the first time; the plan is filled.
void record_downlink(const mac::DownlinkPlan& plan, std::chrono::nanoseconds time, pcap::Tap& tap) noexcept;

}  // namespace ravi::gnb
