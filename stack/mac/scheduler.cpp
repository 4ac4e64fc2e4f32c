#include "stack/mac/scheduler.h"

#include "stack/nr/prach_preamble.h"
#include "stack/nr/tbs.h"

#include <algorithm>

namespace ravi::mac {
namespace {

/// The largest transport block of the carrier: every PRB, the most elements that count, the last MCS of 256QAM.
std::size_t largest_block(const nr::Cell& cell)
{
  const unsigned num_prb = std::max(cell.downlink.num_prb, cell.uplink.num_prb);
  const nr::Mcs mcs = *nr::mcs(nr::McsTable::qam256, nr::max_mcs(nr::McsTable::qam256));
  return nr::transport_block_bits(num_prb * 156, mcs) / 8;
}

}  // namespace

nr::PrbRange longest_free(const std::bitset<nr::kMaxNumPrb>& used, unsigned num_prb, unsigned max_count) noexcept
{
  nr::PrbRange best;
  nr::PrbRange run;
  for (unsigned prb = 0; prb < num_prb && best.count < max_count; ++prb) {
    run = used[prb] ? nr::PrbRange{prb + 1, 0} : nr::PrbRange{run.begin, run.count + 1};
    if (run.count > best.count) best = run;
  }
  return best;
}

std::optional<nr::PrbRange> first_free(const std::bitset<nr::kMaxNumPrb>& used, unsigned num_prb, unsigned count) noexcept
{
  unsigned run = 0;
  for (unsigned prb = 0; prb < num_prb; ++prb) {
    run = used[prb] ? 0 : run + 1;
    if (run == count) return nr::PrbRange{prb + 1 - count, count};
  }
  return std::nullopt;
}

Scheduler::Scheduler(const nr::Cell& cell, std::uint32_t mib, std::span<const std::uint8_t> sib1, const SchedulerConfig& config)
  : cell_(cell),
    mib_(mib),
    sib1_(sib1.begin(), sib1.end()),
    config_(config),
    prach_(nr::prach_config(cell.duplex, cell.random_access.prach_configuration_index).value_or(nr::PrachConfig{})),
    coreset0_crb_{cell.coreset0.first_crb, cell.coreset0.num_prb()},
    type0_search_space_{.id = 0, .coreset_id = 0, .num_candidates = nr::kType0Candidates},
    ues_(config.max_num_ues),
    next_c_rnti_(static_cast<std::uint16_t>(config.first_c_rnti)),
    sib1_block_(largest_block(cell)),
    paging_block_(largest_block(cell)),
    rar_block_(largest_block(cell)),
    cces_(cell.coreset0.num_cce(), {type0_search_space_, cell.ra_search_space})
{
  for (ScheduledUe& ue : ues_) {
    for (DlHarq& harq : ue.dl) harq.transport_block.resize(largest_block(cell));
  }
}

ScheduledUe* Scheduler::ue_of(nr::Rnti rnti) noexcept
{
  const auto found = std::find_if(ues_.begin(), ues_.end(), [rnti](const ScheduledUe& ue) { return ue.rnti == rnti; });
  return found == ues_.end() ? nullptr : &*found;
}

const ScheduledUe* Scheduler::find(nr::Rnti rnti) const noexcept
{
  const auto found = std::find_if(ues_.begin(), ues_.end(), [rnti](const ScheduledUe& ue) { return ue.rnti == rnti; });
  return found == ues_.end() ? nullptr : &*found;
}

bool Scheduler::configure_ue(nr::Rnti rnti, const nr::UeConfig& config, InForce when)
{
  ScheduledUe* ue = ue_of(rnti);
  if (ue == nullptr) return false;
  (when == InForce::now ? ue->config : ue->next_config) = config;
  return true;
}

void Scheduler::remove_ue(nr::Rnti rnti) noexcept
{
  ScheduledUe* ue = ue_of(rnti);
  if (ue == nullptr) return;
  for (UplinkSlot& slot : uplink_slots_) {
    nr::FixedList<nr::PuschPdu, 32> others;
    for (const nr::PuschPdu& pdu : slot.pusch) {
      if (pdu.rnti != rnti) (void)others.push_back(pdu);
    }
    slot.pusch = others;
  }
  ue->rnti.reset();
  ue->config.reset();
  ue->next_config.reset();
}

void Scheduler::set_dl_buffer(nr::Rnti rnti, std::size_t octets, bool has_ccch) noexcept
{
  if (ScheduledUe* ue = ue_of(rnti)) {
    ue->dl_buffer = octets;
    ue->has_ccch = has_ccch;
  }
}

void Scheduler::on_buffer_status(nr::Rnti rnti, std::size_t octets) noexcept
{
  if (ScheduledUe* ue = ue_of(rnti)) ue->ul_buffer = octets;
}

void Scheduler::request_grant(nr::Rnti rnti) noexcept
{
  if (ScheduledUe* ue = ue_of(rnti)) ue->has_requested = true;
}

std::optional<nr::Rnti> Scheduler::on_preamble(nr::Slot slot, const nr::PrachOccasion& occasion,
                                               const nr::PrachPreamble& preamble) noexcept
{
  const auto free = std::find_if(ues_.begin(), ues_.end(), [](const ScheduledUe& ue) { return !ue.rnti; });
  if (free == ues_.end() || pending_rars_.full()) return std::nullopt;
  while (ue_of(nr::Rnti(next_c_rnti_)) != nullptr) ++next_c_rnti_;
  const nr::Rnti rnti(next_c_rnti_);
  next_c_rnti_ = next_c_rnti_ == 0xFFEF ? static_cast<std::uint16_t>(config_.first_c_rnti) : static_cast<std::uint16_t>(next_c_rnti_ + 1);
  // A round trip of one unit of T_A: 16 x 64 T_c / 2^mu.
  const float unit_us = 0.5208333F / static_cast<float>(1U << nr::mu_of(cell_.uplink.scs));
  const auto timing_advance = static_cast<std::uint16_t>(std::clamp(preamble.timing_advance_us / unit_us, 0.0F, 3846.0F));
  (void)pending_rars_.push_back({.prach_slot = slot,
                                 .ra_rnti = nr::ra_rnti(occasion.s_id, occasion.t_id, 0),
                                 .preamble = preamble.index,
                                 .timing_advance = timing_advance,
                                 .temporary_c_rnti = rnti});
  // A new UE begins with fresh records, but keeps the memory of its transport blocks.
  free->rnti = rnti;
  free->config.reset();
  free->next_config.reset();
  for (DlHarq& harq : free->dl) {
    harq.state = HarqState::idle;
    harq.ndi = harq.num_transmissions = 0;
    harq.is_ccch = false;
  }
  free->ul = {};
  free->feedbacks = {};
  free->dl_adaptation = LinkAdaptation(nr::McsTable::qam64, config_.downlink);
  free->ul_adaptation = LinkAdaptation(nr::McsTable::qam64, config_.uplink);
  free->dl_buffer = free->ul_buffer = 0;
  free->has_requested = free->has_ccch = free->was_heard = false;
  free->cqi = 0;
  free->counters = {};
  return rnti;
}

bool Scheduler::is_downlink(nr::Slot slot, nr::SymbolRange symbols) const noexcept
{
  return !cell_.tdd || nr::slot_direction(*cell_.tdd, slot).is_downlink(symbols);
}

bool Scheduler::is_uplink(nr::Slot slot, nr::SymbolRange symbols) const noexcept
{
  return !cell_.tdd || nr::slot_direction(*cell_.tdd, slot).is_uplink(symbols);
}

/// The ring's entry of a slot, made anew where it held another, with PRACH occasions taken out of it.
Scheduler::UplinkSlot& Scheduler::uplink_slot(nr::Slot slot) noexcept
{
  UplinkSlot& entry = uplink_slots_[slot.count() % kNumUplinkSlots];
  if (entry.slot == slot) return entry;
  entry.slot = slot;
  entry.pusch.clear();
  entry.used.reset();
  // A long preamble may have begun in an earlier slot: at 30 kHz format 0 lasts two.
  for (unsigned back = 0; back < nr::slots_per_subframe(slot.scs()); ++back) {
    if (back > 0 && !nr::is_long(prach_.format)) break;
    if (prach_occasions(slot - back).empty()) continue;
    const auto placement = nr::prach_placement(prach_.format, cell_.random_access.msg1_scs, cell_.uplink.scs);
    const unsigned begin = cell_.random_access.msg1_frequency_start;
    for (unsigned prb = begin; placement && prb < begin + placement->num_prb; ++prb) entry.used.set(prb);
  }
  return entry;
}

nr::PrachOccasions Scheduler::prach_occasions(nr::Slot slot) const noexcept
{
  return nr::prach_occasions(prach_, cell_.random_access.msg1_scs, slot);
}

/// A UE that hears well gets its DCIs in its own search space, over the whole carrier; another, and one of which nothing is known
/// yet, more robustly in the common one.
const nr::SearchSpace& Scheduler::search_space_of(const ScheduledUe& ue) const noexcept
{
  const bool is_dedicated = ue.config && !ue.config->search_spaces.empty() && ue.cqi >= config_.min_dedicated_cqi;
  return is_dedicated ? ue.config->search_spaces.back() : cell_.ra_search_space;
}

unsigned Scheduler::aggregation_level(const nr::SearchSpace& search_space) const noexcept
{
  return search_space.is_common ? config_.common_aggregation_level : config_.dedicated_aggregation_level;
}

nr::DciSizes Scheduler::dci_sizes(const nr::SearchSpace& search_space) const noexcept
{
  const nr::DciBandwidths bandwidths{.initial_dl = coreset0_crb_.count,
                                     .initial_ul = cell_.uplink_bwp_crb.count,
                                     .active_dl = cell_.downlink_bwp_crb.count,
                                     .active_ul = cell_.uplink_bwp_crb.count};
  return search_space.is_common ? nr::DciSizes::common(bandwidths) : nr::DciSizes::ue(bandwidths);
}

bool Scheduler::add_pdcch(DownlinkPlan& plan, nr::Rnti rnti, const nr::SearchSpace& search_space,
                          const CcePlace& place, const nr::SmallBits& payload) const noexcept
{
  nr::PdcchPdu pdu{.coreset = cell_.coreset0,
                   .first_symbol = search_space.first_symbol,
                   .cce_index = place.cce_index,
                   .aggregation_level = place.aggregation_level,
                   .rnti = rnti,
                   .scrambling_id = cell_.pci.value(),
                   .payload = payload};
  return plan.pdcch.push_back(pdu);
}

void Scheduler::plan_downlink(nr::Slot slot, DownlinkPlan& plan) noexcept
{
  plan.slot = slot;
  plan.ssb.clear();
  plan.pdcch.clear();
  plan.pdsch.clear();
  cces_.clear();
  downlink_used_.reset();
  plan_ssb(plan);
  const nr::SymbolRange coreset{cell_.ra_search_space.first_symbol, cell_.coreset0.duration};
  if (!is_downlink(slot, coreset)) return;
  plan_sib1(plan);
  plan_paging(plan);
  plan_rar(plan);
  // Who was first to get something is last the next time.
  const auto for_each_ue = [this](std::size_t& first, LinkCounters UeCounters::*link, auto&& act) {
    std::optional<std::size_t> served;
    for (std::size_t i = 0; i < ues_.size(); ++i) {
      ScheduledUe& ue = ues_[(first + i) % ues_.size()];
      if (!ue.rnti) continue;
      const std::uint64_t before = (ue.counters.*link).blocks;
      act(ue);
      if (!served && (ue.counters.*link).blocks != before) served = (first + i + 1) % ues_.size();
    }
    if (served) first = *served;
  };
  for_each_ue(next_granted_, &UeCounters::uplink, [&](ScheduledUe& ue) { plan_ue_grants(plan, ue); });
  for_each_ue(next_served_, &UeCounters::downlink, [&](ScheduledUe& ue) { plan_ue_downlink(plan, ue); });
}

}  // namespace ravi::mac
