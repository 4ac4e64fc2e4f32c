#pragma once
// What the gNB's scheduler decides for one slot, each direction: the PHY's work list.

#include "stack/nr/phy_mac.h"
#include "stack/nr/rnti.h"
#include "stack/nr/slot.h"

#include <cstdint>
#include <span>

namespace ravi::mac {

enum class DlContent : std::uint8_t { sib1, paging, rar, ue };

struct DlTransmission {
  nr::PdschPdu pdu;
  DlContent content = DlContent::ue;
  /// pdu.sch.tbs_bytes long; the scheduler's memory, until the HARQ process is used again.
  std::span<std::uint8_t> transport_block;
  /// A new transport block of a UE: to be written before it is encoded. Else it is written already.
  bool is_to_be_filled = false;
};

struct DownlinkPlan {
  nr::Slot slot;
  nr::FixedList<nr::SsbPdu, 4> ssb;
  nr::FixedList<nr::PdcchPdu, 32> pdcch;
  nr::FixedList<DlTransmission, 32> pdsch;
};

struct UplinkPlan {
  nr::Slot slot;
  nr::FixedList<nr::PuschPdu, 32> pusch;
  nr::FixedList<nr::PucchPdu, 64> pucch;
};

}  // namespace ravi::mac
