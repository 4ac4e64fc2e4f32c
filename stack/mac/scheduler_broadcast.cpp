// The scheduler's part for nobody in particular: SS/PBCH blocks, SIB1, random access responses with their Msg3 grants.

#include "stack/mac/scheduler.h"
#include "stack/nr/paging.h"
#include "stack/nr/resource_allocation.h"
#include "stack/nr/scheduled_pdsch.h"
#include "stack/nr/scheduled_pusch.h"
#include "stack/nr/time_allocation.h"

#include <algorithm>

namespace ravi::mac {

void Scheduler::plan_ssb(DownlinkPlan& plan) noexcept
{
  const nr::Slot slot = plan.slot;
  const unsigned half_frame_slots = nr::slots_per_frame(slot.scs()) / 2;
  const unsigned half_frame = slot.slot_in_frame() / half_frame_slots;
  const unsigned half_frames = 2 * slot.sfn() + half_frame;
  if (half_frames % std::max(1U, cell_.ssb_period_ms / 5) != 0) return;
  for (unsigned index = 0; index < cell_.ssb_l_max && index < 8; ++index) {
    if ((cell_.ssb_positions_in_burst >> (7 - index) & 1U) == 0) continue;
    const auto time = nr::ssb_time(cell_.ssb.ssb_case, index);
    if (!time || time->slot_in_half_frame != slot.slot_in_frame() % half_frame_slots) continue;
    (void)plan.ssb.push_back({.phys_cell_id = cell_.pci,
                              .ssb_block_index = static_cast<std::uint8_t>(index),
                              .l_max = static_cast<std::uint8_t>(cell_.ssb_l_max),
                              .scs = slot.scs(),
                              .first_subcarrier = cell_.ssb.first_subcarrier,
                              .first_symbol = time->first_symbol,
                              .half_frame = half_frame,
                              .sfn = slot.sfn(),
                              .k_ssb = cell_.ssb.k_ssb,
                              .mib = mib_});
    // No PDSCH on the block's PRBs in its slot: some UEs do not rate match around it.
    const unsigned first = cell_.ssb.first_subcarrier / nr::kSubcarriersPerPrb;
    const unsigned last = (cell_.ssb.first_subcarrier + nr::kSsbNumSubcarriers - 1) / nr::kSubcarriersPerPrb;
    const unsigned bwp = cell_.downlink_bwp_crb.begin - cell_.downlink.offset_to_carrier;
    for (unsigned prb = std::max(first, bwp); prb <= last; ++prb) downlink_used_.set(prb - bwp);
  }
}

/// DCI 1_0 and PDSCH of a common RNTI, for at least so many octets; PRBs count from CORESET#0's lowest.
bool Scheduler::plan_common_pdsch(DownlinkPlan& plan, nr::Rnti rnti, nr::DciRnti kind, const nr::SearchSpace& search_space,
                                  unsigned mcs, std::size_t octets, DlTransmission& transmission) noexcept
{
  nr::PdschScheduling scheduling{.pci = cell_.pci, .riv_crb = coreset0_crb_, .type_a_position = cell_.dmrs_type_a_position};
  unsigned row = 0;
  if (kind == nr::DciRnti::si) {
    // Default table A: the first row whose PDSCH begins after CORESET#0.
    scheduling.dmrs_reference_crb = coreset0_crb_.begin;
    std::optional<nr::PdschTimeAllocation> time;
    for (row = 0; row < 16; ++row) {
      time = nr::pdsch_default_time_allocation(nr::PdschDefaultTdra::a, row + 1, cell_.dmrs_type_a_position);
      if (time && time->k_0 == 0 && time->symbols.begin >= search_space.first_symbol + cell_.coreset0.duration &&
          is_downlink(plan.slot, time->symbols)) {
        break;
      }
    }
    if (row == 16) return false;
    scheduling.time = *time;
  } else {
    const auto time = nr::pdsch_time_allocation(cell_, row);
    if (!time || !is_downlink(plan.slot, time->symbols)) return false;
    scheduling.time = *time;
  }
  const unsigned bwp_offset = coreset0_crb_.begin - cell_.downlink_bwp_crb.begin;
  const PrbMask used = downlink_used_ >> bwp_offset;
  nr::Dci10 dci{.time_allocation = row, .mcs = mcs};
  if (kind == nr::DciRnti::p) dci.short_message_indicator = 1;  // scheduling information for Paging alone
  std::optional<nr::PdschPdu> pdu;
  for (unsigned count = 1; count <= coreset0_crb_.count; ++count) {
    const auto prb = first_free(used, coreset0_crb_.count, count);
    if (!prb) return false;
    dci.fdra = nr::riv_of(*prb, coreset0_crb_.count);
    pdu = nr::scheduled_pdsch(dci, kind, rnti, scheduling);
    if (pdu && pdu->sch.tbs_bytes >= octets) break;
    pdu.reset();
  }
  if (!pdu) return false;
  const auto place = cces_.take(search_space, rnti, plan.slot, aggregation_level(search_space));
  if (!place) return false;
  if (!add_pdcch(plan, rnti, search_space, *place, nr::pack_dci_1_0(dci, kind, dci_sizes(search_space).dl))) return false;
  for (unsigned prb = pdu->prb.begin; prb < pdu->prb.end(); ++prb) downlink_used_.set(prb + bwp_offset);
  transmission.pdu = *pdu;
  return true;
}

void Scheduler::plan_sib1(DownlinkPlan& plan) noexcept
{
  const auto search_space = nr::search_space0(cell_.search_space0_index);
  const nr::Slot slot = plan.slot;
  if (!search_space || slot.sfn() % std::max(1U, cell_.sib1_period_ms / 10) >= 2) return;
  const nr::Coreset0 coreset{.num_prb = static_cast<std::uint8_t>(coreset0_crb_.count),
                             .num_symbols = static_cast<std::uint8_t>(cell_.coreset0.duration)};
  for (unsigned index = 0; index < cell_.ssb_l_max && index < 8; ++index) {
    if ((cell_.ssb_positions_in_burst >> (7 - index) & 1U) == 0) continue;
    const auto monitoring = nr::type0_monitoring(*search_space, coreset, slot.scs(), index);
    if (slot.sfn() % 2 != monitoring.sfn_parity || slot.slot_in_frame() != monitoring.slot_in_frame) continue;
    nr::SearchSpace type0 = type0_search_space_;
    type0.first_symbol = monitoring.first_symbol;
    DlTransmission transmission{.content = DlContent::sib1};
    if (!plan_common_pdsch(plan, nr::kSiRnti, nr::DciRnti::si, type0, config_.sib1_mcs, sib1_.size(), transmission)) return;
    transmission.transport_block = std::span(sib1_block_).first(transmission.pdu.sch.tbs_bytes);
    std::fill(transmission.transport_block.begin(), transmission.transport_block.end(), std::uint8_t{0});
    std::copy(sib1_.begin(), sib1_.end(), transmission.transport_block.begin());
    (void)plan.pdsch.push_back(transmission);
  }
}

bool Scheduler::page(unsigned ue_id, std::span<const std::uint8_t> pcch) noexcept
{
  if (pcch.size() > kMaxPcchOctets) return false;
  auto pending = std::find_if(pages_.begin(), pages_.end(), [ue_id](const PendingPage& page) { return page.ue_id == ue_id; });
  if (pending == pages_.end()) {
    if (!pages_.push_back({.ue_id = ue_id})) return false;
    pending = pages_.end() - 1;
  }
  pending->size = pcch.size();
  std::copy(pcch.begin(), pcch.end(), pending->octets.begin());
  return true;
}

bool Scheduler::is_paging(unsigned ue_id) const noexcept
{
  return std::any_of(pages_.begin(), pages_.end(), [ue_id](const PendingPage& page) { return page.ue_id == ue_id; });
}

/// One message an occasion: UEs whose identities share one but are not the same take turns.
void Scheduler::plan_paging(DownlinkPlan& plan) noexcept
{
  const auto due = std::find_if(pages_.begin(), pages_.end(),
                                [&](const PendingPage& page) { return nr::is_paging_occasion(cell_, page.ue_id, plan.slot); });
  if (due == pages_.end()) return;
  DlTransmission transmission{.content = DlContent::paging};
  if (!plan_common_pdsch(plan, nr::kPRnti, nr::DciRnti::p, cell_.ra_search_space, config_.paging_mcs, due->size, transmission)) return;
  transmission.transport_block = std::span(paging_block_).first(transmission.pdu.sch.tbs_bytes);
  std::fill(transmission.transport_block.begin(), transmission.transport_block.end(), std::uint8_t{0});
  std::copy_n(due->octets.begin(), due->size, transmission.transport_block.begin());
  (void)plan.pdsch.push_back(transmission);
  nr::FixedList<PendingPage, 64> later;
  for (const PendingPage& page : pages_) {
    if (&page != due) (void)later.push_back(page);
  }
  pages_ = later;
}

/// Answers all preambles of one occasion that can be answered now. TS 38.321 §5.1.4: within the window that begins after the
/// preamble's end.
void Scheduler::plan_rar(DownlinkPlan& plan) noexcept
{
  if (!nr::is_monitored(cell_.ra_search_space, plan.slot)) return;
  const auto prach_slots = static_cast<std::int64_t>(nr::is_long(prach_.format) ? nr::slots_per_subframe(plan.slot.scs()) : 1);
  const auto window = static_cast<std::int64_t>(cell_.random_access.response_window_slots);
  const std::int64_t earliest = std::max(prach_slots + 1, static_cast<std::int64_t>(config_.min_response_slots));
  nr::FixedList<PendingRar, 64> later;
  RarPdu rar;
  std::optional<nr::Rnti> ra_rnti;
  for (const PendingRar& pending : pending_rars_) {
    const std::int64_t age = plan.slot - pending.prach_slot;
    if (age >= prach_slots + window) {
      remove_ue(pending.temporary_c_rnti);  // too late to be heard
    } else if (age >= earliest && rar.num_responses < 4 && (!ra_rnti || *ra_rnti == pending.ra_rnti) &&
               add_msg3_grant(plan.slot, pending, rar.responses[rar.num_responses])) {
      ra_rnti = pending.ra_rnti;
      ++rar.num_responses;
    } else {
      (void)later.push_back(pending);
    }
  }
  pending_rars_ = later;
  if (rar.num_responses == 0) return;
  DlTransmission transmission{.content = DlContent::rar};
  if (!plan_common_pdsch(plan, *ra_rnti, nr::DciRnti::ra, cell_.ra_search_space, config_.rar_mcs, rar_size(rar), transmission)) {
    for (const RandomAccessResponse& response : rar.view()) remove_ue(response.temporary_c_rnti);  // the UE tries again
    return;
  }
  transmission.transport_block = std::span(rar_block_).first(transmission.pdu.sch.tbs_bytes);
  if (encode_rar(rar, transmission.transport_block)) (void)plan.pdsch.push_back(transmission);
}

/// Takes PRBs for Msg3, k_2 + Delta after the response. TS 38.214 §6.1.2.1.1.
bool Scheduler::add_msg3_grant(nr::Slot rar_slot, const PendingRar& pending, RandomAccessResponse& response) noexcept
{
  ScheduledUe* ue = ue_of(pending.temporary_c_rnti);
  if (ue == nullptr) return false;
  constexpr unsigned kMsg3Octets = 10;  // CCCH of 48 bits with its subheader, and a short report
  for (unsigned row = 0; row < 16; ++row) {
    const auto time = nr::pusch_time_allocation(cell_, row);
    if (!time) break;
    const nr::Slot slot = rar_slot + (time->k_2 + nr::msg3_delta(cell_.uplink.scs));
    if (!is_uplink(slot, time->symbols)) continue;
    UplinkSlot& uplink = uplink_slot(slot);
    const PrbMask used = uplink.used | control_prbs(slot, *ue);
    for (unsigned count = 1; count <= 8; ++count) {
      const auto prb = first_free(used, cell_.uplink_bwp_crb.count, count);
      if (!prb) break;
      const unsigned riv = nr::riv_of(*prb, cell_.uplink_bwp_crb.count);
      const auto pdu = nr::scheduled_pusch({.riv = riv, .time_allocation = row, .mcs = config_.msg3_mcs}, pending.temporary_c_rnti,
                                           cell_, {.time = *time});
      if (!pdu || pdu->sch.tbs_bytes < kMsg3Octets) continue;
      if (!uplink.pusch.push_back(*pdu)) return false;
      for (unsigned p = prb->begin; p < prb->end(); ++p) uplink.used.set(p);
      ue->ul[0] = {.state = HarqState::waits_for_result,
                   .num_transmissions = 1,
                   .num_prb = count,
                   .num_symbols = pdu->symbols.count,
                   .mcs = config_.msg3_mcs,
                   .tbs_bytes = pdu->sch.tbs_bytes};
      response = {.rapid = pending.preamble,
                  .timing_advance = pending.timing_advance,
                  .grant = {.frequency_resource = static_cast<std::uint16_t>(riv),
                            .time_resource = static_cast<std::uint8_t>(row),
                            .mcs = static_cast<std::uint8_t>(config_.msg3_mcs),
                            .tpc = 3},
                  .temporary_c_rnti = pending.temporary_c_rnti};
      return true;
    }
  }
  return false;
}

}  // namespace ravi::mac
