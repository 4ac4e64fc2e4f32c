#include "stack/nr/reserved_elements.h"

#include "stack/nr/ssb_pattern.h"

namespace ravi::nr {
namespace {

/// Every PRB that a block touches, in the symbols of the block.
bool reserve_blocks(const Cell& cell, Slot slot, PdschPdu& pdu)
{
  const unsigned half_frame_slots = slots_per_frame(slot.scs()) / 2;
  const unsigned period_slots = cell.ssb_period_ms * slots_per_subframe(slot.scs());
  if (period_slots == 0 || slot.count() % period_slots >= half_frame_slots) return true;
  const unsigned begin = cell.ssb.first_subcarrier / kSubcarriersPerPrb;
  const unsigned end = (cell.ssb.first_subcarrier + kSsbNumSubcarriers + kSubcarriersPerPrb - 1) / kSubcarriersPerPrb;
  for (unsigned index = 0; index < cell.ssb_l_max && index < 8; ++index) {
    const auto time = ssb_time(cell.ssb.ssb_case, index);
    const bool is_sent = (cell.ssb_positions_in_burst >> (7 - index) & 1U) != 0;
    if (!is_sent || !time || time->slot_in_half_frame != slot.count() % period_slots) continue;
    const auto symbols = static_cast<std::uint16_t>(((1U << kSsbNumSymbols) - 1U) << time->first_symbol);
    if (!pdu.reserved.push_back({.crb = {cell.downlink.offset_to_carrier + begin, end - begin}, .symbols = symbols})) return false;
  }
  return true;
}

}  // namespace

bool reserve_elements(const Cell& cell, const UeConfig* config, DciRnti kind, Slot slot, PdschPdu& pdu) noexcept
{
  if (kind == DciRnti::si) return true;
  if (!reserve_blocks(cell, slot, pdu)) return false;
  if (config == nullptr || kind != DciRnti::c) return true;
  for (const std::vector<PeriodicElements>* list : {&config->nzp_csi_rs, &config->zp_csi_rs}) {
    for (const PeriodicElements& item : *list) {
      if (item.is_at(slot) && !pdu.reserved.push_back(item.elements)) return false;
    }
  }
  return true;
}

}  // namespace ravi::nr
