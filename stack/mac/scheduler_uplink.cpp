// The scheduler's part for each UE's uplink: grants, and where its control is expected.

#include "stack/mac/scheduler.h"
#include "stack/nr/choose_pucch.h"
#include "stack/nr/pucch_resource.h"
#include "stack/nr/resource_allocation.h"
#include "stack/nr/scheduled_pusch.h"

#include <algorithm>

namespace ravi::mac {
namespace {

constexpr std::size_t kReportOctets = 8;   // a buffer status report and subheaders beside the data
constexpr unsigned kNumCommonResources = 4;  // of the sixteen, those that DCIs here can point to

}  // namespace

/// PRBs of the uplink BWP that other UEs' control may take in this slot.
Scheduler::PrbMask Scheduler::control_prbs(nr::Slot slot, const ScheduledUe& except) const noexcept
{
  PrbMask used;
  const auto add = [&used](unsigned begin, unsigned count) {
    for (unsigned prb = begin; prb < begin + count && prb < used.size(); ++prb) used.set(prb);
  };
  for (const ScheduledUe& ue : ues_) {
    if (!ue.rnti || &ue == &except) continue;
    if (!ue.config) {
      for (unsigned r = 0; r < kNumCommonResources; ++r) {
        const auto common = nr::pucch_common_resource(cell_.pucch_resource_common, r, cell_.uplink_bwp_crb.count);
        if (!common) continue;
        add(common->first_hop_prb, 1);
        add(common->second_hop_prb, 1);
      }
      continue;
    }
    for (const nr::PucchResource& resource : ue.config->pucch_resources) {
      const auto is_idle = [&](const std::optional<nr::PeriodicResource>& periodic) {
        return periodic && periodic->pucch_resource_id == resource.id && !periodic->is_at(slot);
      };
      if (is_idle(ue.config->scheduling_request) || is_idle(ue.config->csi_report)) continue;
      add(resource.starting_prb, resource.num_prb);
      if (resource.second_hop_prb) add(*resource.second_hop_prb, resource.num_prb);
    }
  }
  return used;
}

/// Up to one grant for each uplink slot that this slot's DCIs reach: retransmissions, then what was asked for.
void Scheduler::plan_ue_grants(DownlinkPlan& plan, ScheduledUe& ue) noexcept
{
  if (!nr::is_monitored(search_space_of(ue), plan.slot)) return;
  for (unsigned row = 0; row < 16; ++row) {
    const auto time = nr::pusch_time_allocation(cell_, row);
    if (!time) break;
    const UplinkChoice choice{.row = row, .slot = plan.slot + time->k_2};
    if (time->k_2 < config_.min_k2 || !is_uplink(choice.slot, time->symbols)) continue;
    UplinkSlot& uplink = uplink_slot(choice.slot);
    const bool has_one =
        std::any_of(uplink.pusch.begin(), uplink.pusch.end(), [&ue](const nr::PuschPdu& pdu) { return pdu.rnti == *ue.rnti; });
    if (has_one) continue;
    const PrbMask used = uplink.used | control_prbs(choice.slot, ue);
    const auto process_in = [&ue](HarqState state) {
      return static_cast<unsigned>(
          std::find_if(ue.ul.begin(), ue.ul.end(), [state](const UlHarq& harq) { return harq.state == state; }) - ue.ul.begin());
    };
    if (const unsigned process = process_in(HarqState::waits_for_retransmission); process < kNumHarqProcesses) {
      const UlHarq& harq = ue.ul[process];
      const auto prb = first_free(used, cell_.uplink_bwp_crb.count, harq.num_prb);
      if (harq.num_symbols == time->symbols.count && prb && !grant(plan, ue, process, choice, harq.mcs, *prb)) return;
      continue;
    }
    const unsigned process = process_in(HarqState::idle);
    if (!ue.config || process == kNumHarqProcesses || (!ue.has_requested && ue.ul_buffer == 0)) return;
    const std::size_t wanted = ue.ul_buffer > 0 ? ue.ul_buffer + kReportOctets : config_.request_grant_octets;
    const nr::PrbRange free = longest_free(used, cell_.uplink_bwp_crb.count, cell_.uplink_bwp_crb.count);
    if (free.count == 0) continue;
    const unsigned mcs = ue.ul_adaptation.mcs();
    const nr::PuschScheduling scheduling =
        nr::pusch_scheduling(cell_, &*ue.config, row, &search_space_of(ue)).value_or(nr::PuschScheduling{});
    const auto size_of = [&](unsigned count) -> std::size_t {
      const unsigned riv = nr::riv_of({free.begin, count}, cell_.uplink_bwp_crb.count);
      const auto pdu = nr::scheduled_pusch({.riv = riv, .time_allocation = row, .mcs = mcs}, *ue.rnti, cell_, scheduling);
      return pdu ? pdu->sch.tbs_bytes : 0;
    };
    unsigned low = 1;
    unsigned high = free.count;
    while (low < high) {
      const unsigned middle = (low + high) / 2;
      if (size_of(middle) >= wanted) high = middle; else low = middle + 1;
    }
    if (!grant(plan, ue, process, choice, mcs, {free.begin, low})) return;
  }
}

/// False: no CCE left, nothing changed.
bool Scheduler::grant(DownlinkPlan& plan, ScheduledUe& ue, unsigned process, const UplinkChoice& choice, unsigned mcs,
                      nr::PrbRange prb) noexcept
{
  UlHarq& harq = ue.ul[process];
  const bool is_new = harq.state == HarqState::idle;
  const nr::UplinkGrant words{.riv = nr::riv_of(prb, cell_.uplink_bwp_crb.count),
                              .time_allocation = choice.row,
                              .mcs = mcs,
                              .ndi = is_new ? harq.ndi ^ 1U : harq.ndi,
                              .redundancy_version = is_new ? 0U : kRedundancyVersions[harq.num_versions % 4],
                              .harq_process = process};
  const nr::SearchSpace& search_space = search_space_of(ue);
  const auto scheduling = nr::pusch_scheduling(cell_, ue.config_pointer(), choice.row, &search_space);
  auto pdu = scheduling ? nr::scheduled_pusch(words, *ue.rnti, cell_, *scheduling) : std::nullopt;
  UplinkSlot& uplink = uplink_slot(choice.slot);
  if (!pdu || plan.pdcch.full() || uplink.pusch.full()) return false;
  const auto place = cces_.take(search_space, *ue.rnti, plan.slot, aggregation_level(search_space));
  if (!place) return false;
  const nr::Dci00 dci{.fdra = words.riv,
                      .time_allocation = words.time_allocation,
                      .mcs = words.mcs,
                      .ndi = words.ndi,
                      .redundancy_version = words.redundancy_version,
                      .harq_process = words.harq_process,
                      .tpc = 1};
  (void)add_pdcch(plan, *ue.rnti, search_space, *place, nr::pack_dci_0_0(dci, dci_sizes(search_space).ul));
  pdu->is_new_data = is_new || harq.num_versions == 0;  // of what was not heard nothing is combined
  (void)uplink.pusch.push_back(*pdu);
  for (unsigned p = prb.begin; p < prb.end(); ++p) uplink.used.set(p);
  harq = {.state = HarqState::waits_for_result,
          .ndi = words.ndi,
          .num_transmissions = is_new ? 1 : harq.num_transmissions + 1,
          .num_versions = is_new ? 0 : harq.num_versions,
          .num_prb = prb.count,
          .num_symbols = pdu->symbols.count,
          .mcs = mcs,
          .tbs_bytes = pdu->sch.tbs_bytes};
  if (!is_new) return true;
  ue.has_requested = false;
  ue.ul_buffer -= std::min(ue.ul_buffer, harq.tbs_bytes);
  ++ue.counters.uplink.blocks;
  ue.counters.uplink.mcs_sum += mcs;
  return true;
}

/// HARQ-ACK, scheduling request and CSI of one UE in one slot: on its PUSCH if it has one, else on PUCCH.
void Scheduler::plan_ue_control(nr::Slot slot, ScheduledUe& ue, UplinkPlan& plan) noexcept
{
  const Feedback& feedback = ue.feedback(slot);
  const nr::UeConfig* config = ue.config_pointer();
  nr::UciNeeds needs{.num_harq_ack = static_cast<unsigned>(feedback.harq.size()),
                     .resource_indicator = feedback.resource_indicator,
                     .first_cce = feedback.first_cce,
                     .num_cce = cell_.coreset0.num_cce()};
  if (config != nullptr) {
    needs.is_sr_occasion = config->scheduling_request && config->scheduling_request->is_at(slot);
    needs.has_csi = config->csi_report && config->csi_report->is_at(slot);
  }
  for (nr::PuschPdu& pdu : plan.pusch) {
    if (pdu.rnti != *ue.rnti) continue;
    pdu.uci = nr::pusch_uci(config, needs.num_harq_ack, needs.has_csi);
    return;
  }
  if (!is_uplink(slot, {0, nr::kSymbolsPerSlot})) return;
  if (const auto pdu = nr::choose_pucch(cell_, config, *ue.rnti, needs)) (void)plan.pucch.push_back(*pdu);
  const bool may_move = needs.num_harq_ack > 0 && needs.num_harq_ack <= 2 && !needs.has_csi;
  if (config != nullptr && needs.is_sr_occasion && may_move) {
    if (const auto pdu = nr::sr_pucch(cell_, *config, *ue.rnti, needs.num_harq_ack)) (void)plan.pucch.push_back(*pdu);
  }
}

void Scheduler::plan_uplink(nr::Slot slot, UplinkPlan& plan) noexcept
{
  plan.slot = slot;
  plan.pucch.clear();
  plan.pusch = uplink_slot(slot).pusch;
  for (ScheduledUe& ue : ues_) {
    if (ue.rnti) plan_ue_control(slot, ue, plan);
  }
}

}  // namespace ravi::mac
