// The scheduler's part for each UE's downlink: transport blocks, retransmissions, and what HARQ-ACK makes of them.

#include "stack/mac/scheduler.h"
#include "stack/nr/choose_pucch.h"
#include "stack/nr/resource_allocation.h"
#include "stack/nr/scheduled_pusch.h"

#include <algorithm>
#include <cmath>

namespace ravi::mac {
namespace {

constexpr unsigned kMaxHarqAckBits = 11;   // of one slot: no CRC, a short block
constexpr unsigned kFastestK1 = 3;         // slots that Ravi's UE takes from a PDSCH to what it sends
constexpr unsigned kMaxHarqTiming = 8;     // k_1 of DCI 1_0: 1..8, TS 38.213 §9.2.3
constexpr float kUciSnrDb = -3.0F;         // a PUSCH weaker than this was hardly sent

}  // namespace

/// The least k_1 whose slot can carry one more HARQ-ACK bit of this UE: from the least that it was told on.
std::optional<unsigned> Scheduler::choose_k1(const ScheduledUe& ue, nr::Slot slot) const noexcept
{
  unsigned least = config_.min_k1;
  if (ue.config && !ue.config->dl_data_to_ul_ack.empty()) {
    least = std::max(kFastestK1, *std::min_element(ue.config->dl_data_to_ul_ack.begin(), ue.config->dl_data_to_ul_ack.end()));
  }
  for (unsigned k1 = least; k1 <= kMaxHarqTiming; ++k1) {
    const nr::Slot at = slot + k1;
    const Feedback& feedback = ue.feedbacks[at.count() % ScheduledUe::kNumFeedbacks];
    const std::size_t num_bits = feedback.slot == at ? feedback.harq.size() : 0;
    const std::size_t room = ue.config ? kMaxHarqAckBits : 1;
    if (num_bits < room && is_uplink(at, {0, nr::kSymbolsPerSlot})) return k1;
  }
  return std::nullopt;
}

nr::PdschScheduling Scheduler::pdsch_scheduling(const ScheduledUe& ue, unsigned time_row) const noexcept
{
  const nr::DciPlace place{.search_space = search_space_of(ue), .coreset = cell_.coreset0};
  return nr::pdsch_scheduling(cell_, ue.config_pointer(), nr::DciRnti::c, time_row, place).value_or(nr::PdschScheduling{});
}

void Scheduler::plan_ue_downlink(DownlinkPlan& plan, ScheduledUe& ue) noexcept
{
  const nr::SearchSpace& search_space = search_space_of(ue);
  const auto time = nr::pdsch_time_allocation(cell_, 0);
  if (!nr::is_monitored(search_space, plan.slot) || !time || !is_downlink(plan.slot, time->symbols)) return;
  const nr::PrbRange scope = search_space.is_common ? coreset0_crb_ : cell_.downlink_bwp_crb;
  const PrbMask used = downlink_used_ >> (scope.begin - cell_.downlink_bwp_crb.begin);
  const auto in_state = [&ue](HarqState state, unsigned count) -> std::optional<unsigned> {
    for (unsigned process = 0; process < count; ++process) {
      if (ue.dl[process].state == state) return process;
    }
    return std::nullopt;
  };
  if (const auto process = in_state(HarqState::waits_for_retransmission, kNumHarqProcesses)) {
    const auto prb = first_free(used, scope.count, ue.dl[*process].num_prb);
    if (prb && send_block(plan, ue, *process, *prb)) return;
  }
  const auto process = in_state(HarqState::idle, ue.config ? std::min(ue.config->num_dl_harq_processes, kNumHarqProcesses) : 8);
  if (ue.dl_buffer == 0 || !process) return;
  const nr::PrbRange free = longest_free(used, scope.count, scope.count);
  if (free.count == 0) return;
  DlHarq& harq = ue.dl[*process];
  const nr::PdschScheduling scheduling = pdsch_scheduling(ue, 0);
  // The CCCH goes out robustly: nothing is known of the UE yet.
  harq.dci = {.mcs = ue.has_ccch ? std::min(4U, ue.dl_adaptation.mcs()) : ue.dl_adaptation.mcs(), .ndi = harq.ndi ^ 1U, .harq_process = *process};
  const auto size_of = [&](unsigned count) -> std::size_t {
    harq.dci.fdra = nr::riv_of({free.begin, count}, scope.count);
    const auto pdu = nr::scheduled_pdsch(harq.dci, nr::DciRnti::c, *ue.rnti, scheduling);
    return pdu ? pdu->sch.tbs_bytes : 0;
  };
  // The fewest PRBs that hold what waits: sizes grow with the count, so halve the range.
  unsigned low = 1;
  unsigned high = free.count;
  while (low < high) {
    const unsigned middle = (low + high) / 2;
    if (size_of(middle) >= ue.dl_buffer) high = middle; else low = middle + 1;
  }
  harq.tbs_bytes = size_of(low);
  harq.num_prb = low;
  harq.num_transmissions = harq.num_versions = 0;
  harq.is_ccch = ue.has_ccch;
  if (harq.tbs_bytes == 0 || !send_block(plan, ue, *process, {free.begin, low})) return;
  harq.ndi ^= 1U;
  ue.dl_buffer -= std::min(ue.dl_buffer, harq.tbs_bytes);
  ++ue.counters.downlink.blocks;
  ue.counters.downlink.mcs_sum += harq.dci.mcs;
}

/// Puts one transmission of a process into the plan, with its DCI and its place for HARQ-ACK. False, nothing changed: no room.
bool Scheduler::send_block(DownlinkPlan& plan, ScheduledUe& ue, unsigned process, nr::PrbRange prb) noexcept
{
  DlHarq& harq = ue.dl[process];
  const nr::SearchSpace& search_space = search_space_of(ue);
  const auto k1 = choose_k1(ue, plan.slot);
  if (!k1 || plan.pdsch.full() || plan.pdcch.full()) return false;
  const auto place = cces_.take(search_space, *ue.rnti, plan.slot, aggregation_level(search_space));
  if (!place) return false;
  Feedback& feedback = ue.feedback(plan.slot + *k1);
  const nr::PdschScheduling scheduling = pdsch_scheduling(ue, 0);
  harq.dci.fdra = nr::riv_of(prb, scheduling.riv_crb.count);
  harq.dci.redundancy_version = kRedundancyVersions[harq.num_versions % kRedundancyVersions.size()];
  harq.dci.dai = static_cast<unsigned>(feedback.harq.size()) % 4;
  harq.dci.harq_timing = *k1 - 1;
  harq.dci.tpc = 1;  // 0 dB
  auto pdu = nr::scheduled_pdsch(harq.dci, nr::DciRnti::c, *ue.rnti, scheduling);
  if (!pdu || pdu->sch.tbs_bytes != harq.tbs_bytes) return false;
  pdu->is_new_data = harq.num_transmissions == 0;
  (void)feedback.harq.push_back(static_cast<std::uint8_t>(process));
  feedback.first_cce = place->cce_index;
  (void)add_pdcch(plan, *ue.rnti, search_space, *place, nr::pack_dci_1_0(harq.dci, nr::DciRnti::c, dci_sizes(search_space).dl));
  (void)plan.pdsch.push_back({.pdu = *pdu,
                              .content = DlContent::ue,
                              .transport_block = std::span(harq.transport_block).first(harq.tbs_bytes),
                              .is_to_be_filled = harq.num_transmissions == 0});
  const unsigned offset = scheduling.riv_crb.begin - cell_.downlink_bwp_crb.begin;
  for (unsigned p = prb.begin; p < prb.end(); ++p) downlink_used_.set(p + offset);
  harq.state = HarqState::waits_for_result;
  ++harq.num_transmissions;
  return true;
}

void Scheduler::on_harq_result(ScheduledUe& ue, DlHarq& harq, bool is_ack, bool is_silent) noexcept
{
  if (harq.state != HarqState::waits_for_result) return;
  if (harq.num_transmissions == 1) ue.dl_adaptation.on_harq(is_ack);
  if (is_ack) {
    harq.state = HarqState::idle;
    ue.counters.downlink.octets += harq.tbs_bytes;
    if (harq.is_ccch && ue.next_config) {
      ue.config.swap(ue.next_config);
      ue.next_config.reset();
      ue.has_requested = true;
    }
    return;
  }
  ++ue.counters.downlink.failures;
  if (harq.num_transmissions == 1) ++ue.counters.downlink.first_failures;
  if (!is_silent) ++harq.num_versions;  // who heard nothing gets the same version again
  if (harq.num_transmissions < config_.max_transmissions) {
    harq.state = HarqState::waits_for_retransmission;
  } else {
    harq.state = HarqState::idle;
    ++ue.counters.downlink.lost;
  }
}

/// `bits` in the order of the feedback; fewer, or none: the rest was silent.
void Scheduler::resolve(ScheduledUe& ue, Feedback& feedback, std::span<const std::uint8_t> bits) noexcept
{
  for (std::size_t i = 0; i < feedback.harq.size(); ++i) {
    on_harq_result(ue, ue.dl[feedback.harq[i]], i < bits.size() && bits[i] == 1, i >= bits.size());
  }
  feedback.is_answered = true;
}

void Scheduler::take_uci(ScheduledUe& ue, nr::Slot slot, const nr::UciResult& result) noexcept
{
  if (result.detection == nr::Detection::absent || !result.is_crc_ok) return;
  ++ue.num_heard;
  Feedback& feedback = ue.feedback(slot);
  if (!result.uci.harq_ack.empty() && !feedback.is_answered) resolve(ue, feedback, result.uci.harq_ack.span());
  if (!result.uci.sr.empty() && result.uci.sr[0] == 1) {
    ue.has_requested = true;
    ++ue.counters.scheduling_requests;
  }
  if (result.uci.csi_part1.size() == nr::kWidebandCqiBits) {
    unsigned cqi = 0;
    for (const std::uint8_t bit : result.uci.csi_part1) cqi = 2 * cqi + bit;
    ue.cqi = cqi;
    ue.dl_adaptation.on_cqi(ue.config ? ue.config->cqi_table : nr::CqiTable::table1, cqi);
  }
}

void Scheduler::on_pucch(nr::Slot slot, const nr::PucchPdu& pdu, const nr::UciResult& uci) noexcept
{
  if (ScheduledUe* ue = ue_of(pdu.rnti)) take_uci(*ue, slot, uci);
}

PuschOutcome Scheduler::on_pusch(nr::Slot slot, const nr::PuschPdu& pdu, const nr::SchResult& sch, const nr::UciResult& uci) noexcept
{
  ScheduledUe* ue = ue_of(pdu.rnti);
  if (ue == nullptr || pdu.harq_process >= kNumHarqProcesses) return PuschOutcome::unknown;
  if (sch.is_crc_ok || uci.snr_db > kUciSnrDb) take_uci(*ue, slot, uci);
  UlHarq& harq = ue->ul[pdu.harq_process];
  if (harq.state != HarqState::waits_for_result) return PuschOutcome::unknown;
  ue->ul_snr_db = sch.snr_db;
  ue->ul_adaptation.on_snr(sch.snr_db);
  if (harq.num_transmissions == 1) ue->ul_adaptation.on_harq(sch.is_crc_ok);
  if (sch.is_crc_ok) {
    harq.state = HarqState::idle;
    ue->was_heard = true;
    ++ue->num_heard;
    ue->counters.uplink.octets += harq.tbs_bytes;
    return PuschOutcome::received;
  }
  if (sch.snr_db > kUciSnrDb) ++harq.num_versions;
  return fail_block(*ue, harq);
}

PuschOutcome Scheduler::fail_block(ScheduledUe& ue, UlHarq& harq) noexcept
{
  ++ue.counters.uplink.failures;
  if (harq.num_transmissions == 1) ++ue.counters.uplink.first_failures;
  if (harq.num_transmissions < config_.max_transmissions) {
    harq.state = HarqState::waits_for_retransmission;
    return PuschOutcome::failed;
  }
  harq.state = HarqState::idle;
  ++ue.counters.uplink.lost;
  if (!ue.was_heard) remove_ue(*ue.rnti);  // no Msg3 came: the place is free for another
  return PuschOutcome::given_up;
}

void Scheduler::skip_uplink(nr::Slot slot, std::int64_t count) noexcept
{
  // Nothing was granted or asked for further ahead than the ring of slots reaches.
  for (std::int64_t i = 0; i < std::min<std::int64_t>(count, kNumUplinkSlots); ++i) {
    const auto lost = uplink_slot(slot + i).pusch;
    for (const nr::PuschPdu& pdu : lost) {
      ScheduledUe* ue = ue_of(pdu.rnti);
      if (ue == nullptr || ue->ul[pdu.harq_process].state != HarqState::waits_for_result) continue;
      (void)fail_block(*ue, ue->ul[pdu.harq_process]);
    }
    end_uplink(slot + i);
  }
  if (count < kNumUplinkSlots) return;
  for (const PendingRar& pending : pending_rars_) remove_ue(pending.temporary_c_rnti);
  pending_rars_.clear();
}

void Scheduler::end_uplink(nr::Slot slot) noexcept
{
  for (ScheduledUe& ue : ues_) {
    Feedback& feedback = ue.feedbacks[slot.count() % ScheduledUe::kNumFeedbacks];
    if (!ue.rnti || feedback.slot != slot) continue;
    if (!feedback.is_answered) resolve(ue, feedback, {});
    feedback.slot.reset();
  }
}

}  // namespace ravi::mac
