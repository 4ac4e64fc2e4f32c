#include "stack/mac/ue_mac.h"

#include "stack/nr/prach_preamble.h"
#include "stack/nr/reserved_elements.h"
#include "stack/nr/scheduled_pdsch.h"
#include "stack/nr/tbs.h"
#include "stack/nr/time_allocation.h"
#include "stack/nr/timing.h"

#include <algorithm>
#include <utility>

namespace ravi::mac {
namespace {

std::size_t largest_block(const nr::Cell& cell)
{
  const nr::Mcs mcs = *nr::mcs(nr::McsTable::qam256, nr::max_mcs(nr::McsTable::qam256));
  return nr::transport_block_bits(cell.uplink.num_prb * 156, mcs) / 8;
}

/// The slot's entry, taken out: slot numbers come again.
template <class Entry>
std::optional<Entry> take_at(Entry* ring, unsigned size, nr::Slot slot)
{
  Entry& entry = ring[slot.count() % size];
  if (entry.slot != slot) return std::nullopt;
  entry.slot.reset();
  return entry;
}

}  // namespace

UeMac::UeMac(const nr::Cell& cell, const UeMacConfig& config)
  : cell_(cell),
    settings_(config),
    prach_(nr::prach_config(cell.duplex, cell.random_access.prach_configuration_index).value_or(nr::PrachConfig{})),
    random_(static_cast<std::minstd_rand::result_type>(config.seed % 2147483646U + 1))
{
  for (UlProcess& process : ul_) process.transport_block.resize(largest_block(cell));
}

void UeMac::reset() noexcept
{
  config_.reset();
  c_rnti_.reset();
  tc_rnti_.reset();
  ra_state_ = RandomAccessState::idle;
  for (DlProcess& process : dl_) process = {};
  for (UlProcess& process : ul_) process.ndi.reset();
  acknowledgements_ = {};
  grants_ = {};
  last_report_.reset();
  had_data_ = {};
  is_report_due_ = false;
  num_requests_ = 0;
  n_ta_tc_ = 0;
  events_.clear();
}

void UeMac::start_random_access(std::span<const std::uint8_t> ccch) noexcept
{
  ccch_.clear();
  for (const std::uint8_t octet : ccch) (void)ccch_.push_back(octet);
  ra_state_ = RandomAccessState::preamble;
  num_preambles_ = 0;
  not_before_.reset();
  backoff_ms_ = 0;
}

void UeMac::skip_to(nr::Slot slot) noexcept
{
  for (Acknowledgement& entry : acknowledgements_) {
    if (entry.slot && *entry.slot < slot) entry.slot.reset();
  }
  for (Grant& entry : grants_) {
    if (entry.slot && *entry.slot < slot) entry.slot.reset();
  }
}

std::optional<nr::Rnti> UeMac::common_rnti(nr::Slot slot) const noexcept
{
  if (ra_state_ == RandomAccessState::waits_for_response && window_begin_ <= slot && slot < window_end_) return ra_rnti_;
  if (ra_state_ == RandomAccessState::waits_for_resolution && !c_rnti_) return tc_rnti_;
  return std::nullopt;
}

std::optional<UeMacEvent> UeMac::next_event() noexcept
{
  if (events_.empty()) return std::nullopt;
  const UeMacEvent event = events_[0];
  nr::FixedList<UeMacEvent, 8> rest;
  for (std::size_t i = 1; i < events_.size(); ++i) (void)rest.push_back(events_[i]);
  events_ = rest;
  return event;
}

std::size_t UeMac::waiting() const noexcept
{
  std::size_t sum = 0;
  for (const std::size_t octets : buffers_) sum += octets;
  return sum;
}

// -- downlink ------------------------------------------------------------------------------------------------------------

std::optional<UeDownlink> UeMac::on_dci_1_0(nr::Slot slot, const nr::Dci10& dci, nr::DciRnti kind, nr::Rnti rnti,
                                            const nr::DciPlace& place) noexcept
{
  const nr::UeConfig* const config = config_ ? &*config_ : nullptr;
  const auto scheduling = nr::pdsch_scheduling(cell_, config, kind, dci.time_allocation, place);
  auto pdu = scheduling ? nr::scheduled_pdsch(dci, kind, rnti, *scheduling) : std::nullopt;
  if (!pdu || !nr::reserve_elements(cell_, config, kind, slot, *pdu)) return std::nullopt;
  if (kind == nr::DciRnti::si) return UeDownlink{.pdu = *pdu, .content = UeDownlink::Content::sib1};
  if (kind == nr::DciRnti::p) return UeDownlink{.pdu = *pdu, .content = UeDownlink::Content::paging};
  if (kind == nr::DciRnti::ra) return UeDownlink{.pdu = *pdu, .content = UeDownlink::Content::rar};
  feedback_ = {.k_1 = dci.harq_timing + 1,
               .dai = dci.dai,
               .pucch_resource = dci.pucch_resource,
               .first_cce = place.first_cce,
               .num_cce = place.coreset.num_cce(),
               .mcs = dci.mcs};
  return follow(slot, *pdu, dci.ndi, kind);
}

std::optional<UeDownlink> UeMac::on_dci_1_1(nr::Slot slot, const nr::Dci11& dci, const nr::DciPlace& place) noexcept
{
  if (!config_ || !c_rnti_) return std::nullopt;
  const auto scheduling = nr::pdsch_scheduling(cell_, &*config_, nr::DciRnti::c, dci.time_allocation, place);
  auto pdu = scheduling ? nr::scheduled_pdsch(dci, *c_rnti_, *scheduling, *config_) : std::nullopt;
  const bool is_timed = dci.harq_timing < config_->dl_data_to_ul_ack.size();
  if (!pdu || !is_timed || dci.zp_trigger != 0 || !nr::reserve_elements(cell_, &*config_, nr::DciRnti::c, slot, *pdu)) {
    ++num_refused_dcis_;
    return std::nullopt;
  }
  if (dci.srs_request != 0) ++num_refused_dcis_;  // its PDSCH is taken all the same
  feedback_ = {.k_1 = config_->dl_data_to_ul_ack[dci.harq_timing],
               .dai = dci.dai,
               .pucch_resource = dci.pucch_resource,
               .first_cce = place.first_cce,
               .num_cce = place.coreset.num_cce(),
               .mcs = dci.mcs};
  return follow(slot, *pdu, dci.ndi, nr::DciRnti::c);
}

/// HARQ of a PDSCH that was announced: new or again.
std::optional<UeDownlink> UeMac::follow(nr::Slot slot, nr::PdschPdu& pdu, unsigned ndi, nr::DciRnti kind) noexcept
{
  DlProcess& process = dl_[pdu.harq_process];
  const bool is_new = kind == nr::DciRnti::tc || !process.ndi || *process.ndi != ndi;
  if (is_new) {
    if (pdu.sch.tbs_bytes == 0) return std::nullopt;  // a retransmission's MCS without the first transmission
    if (process.ndi && !process.is_decoded && kind == nr::DciRnti::c) ++downlink_counters_.lost;
    process = {.ndi = ndi, .tbs_bytes = pdu.sch.tbs_bytes, .base_graph = pdu.sch.base_graph};
  }
  pdu.is_new_data = is_new;
  pdu.sch.tbs_bytes = process.tbs_bytes;
  pdu.sch.base_graph = process.base_graph;
  if (!is_new && process.is_decoded) {
    acknowledge(slot, true);
    return std::nullopt;
  }
  return UeDownlink{.pdu = pdu, .content = UeDownlink::Content::ue};
}

/// TS 38.213 §9.1.3: bits stand where the counter DAI says; what was missed before is not acknowledged.
void UeMac::acknowledge(nr::Slot slot, bool is_ack) noexcept
{
  const nr::Slot at = slot + feedback_.k_1;
  Acknowledgement& entry = acknowledgements_[at.count() % kRing];
  if (entry.slot != at) {
    entry = Acknowledgement{};
    entry.slot = at;
    entry.is_common = !config_;
  }
  if (config_) {
    while (entry.bits.size() % 4 != feedback_.dai) {
      if (!entry.bits.push_back(0)) return;
    }
  }
  (void)entry.bits.push_back(is_ack ? 1 : 0);
  entry.resource_indicator = feedback_.pucch_resource;
  entry.first_cce = feedback_.first_cce;
  entry.num_cce = feedback_.num_cce;
}

void UeMac::on_pdsch(nr::Slot slot, const UeDownlink& downlink, bool is_crc_ok, std::span<const std::uint8_t> payload) noexcept
{
  if (downlink.content == UeDownlink::Content::sib1 || downlink.content == UeDownlink::Content::paging) return;
  if (downlink.content == UeDownlink::Content::rar) {
    if (is_crc_ok) on_rar(slot, payload);
    return;
  }
  // Before contention is resolved a block meant for another UE is not acknowledged. TS 38.321 §5.1.5.
  const bool was_contending = ra_state_ == RandomAccessState::waits_for_resolution && !c_rnti_;
  DlProcess& process = dl_[downlink.pdu.harq_process];
  if (downlink.pdu.is_new_data) {
    ++downlink_counters_.blocks;
    downlink_counters_.mcs_sum += feedback_.mcs;
    if (!is_crc_ok) ++downlink_counters_.first_failures;
  }
  if (is_crc_ok) {
    process.is_decoded = true;
    downlink_counters_.octets += process.tbs_bytes;
    on_ue_block(slot, payload);
  } else {
    ++downlink_counters_.failures;
  }
  if (was_contending && is_crc_ok && !c_rnti_) return;
  acknowledge(slot, is_crc_ok);
}

void UeMac::on_ue_block(nr::Slot slot, std::span<const std::uint8_t> payload) noexcept
{
  MacPduReader reader(Direction::downlink, payload);
  while (const auto sub_pdu = reader.next()) {
    if (sub_pdu->lcid == lcid::timing_advance_command) {
      if (const auto command = decode_timing_advance_command(sub_pdu->payload)) {
        n_ta_tc_ = std::max<std::int64_t>(0, n_ta_tc_ + nr::n_ta_change(command->command, cell_.uplink.scs));
      }
    } else if (sub_pdu->lcid == lcid::contention_resolution && ra_state_ == RandomAccessState::waits_for_resolution && !c_rnti_) {
      const auto identity = decode_contention_resolution(sub_pdu->payload);
      const bool is_ours = identity && ccch_.size() >= identity->size() && std::equal(identity->begin(), identity->end(), ccch_.begin());
      if (!is_ours) {  // contention was another UE's: at once the next attempt, TS 38.321 §5.1.5
        resolution_end_ = slot;
        return;
      }
      c_rnti_ = tc_rnti_;
      tc_rnti_.reset();
      ra_state_ = RandomAccessState::idle;
      (void)events_.push_back(UeMacEvent::random_access_succeeded);
    }
  }
}

void UeMac::on_rar(nr::Slot slot, std::span<const std::uint8_t> payload) noexcept
{
  const auto rar = decode_rar(payload);
  if (!rar || ra_state_ != RandomAccessState::waits_for_response) return;
  backoff_ms_ = rar->backoff_index ? static_cast<unsigned>(backoff_of(*rar->backoff_index).count()) : 0;
  for (const RandomAccessResponse& response : rar->view()) {
    if (response.rapid != preamble_) continue;
    n_ta_tc_ = nr::n_ta_of_rar(response.timing_advance, cell_.uplink.scs);
    tc_rnti_ = response.temporary_c_rnti;
    ra_state_ = RandomAccessState::waits_for_resolution;
    const nr::UplinkGrant grant{.riv = nr::riv_of_rar_field(response.grant.frequency_resource, cell_.uplink_bwp_crb.count),
                                .time_allocation = response.grant.time_resource,
                                .mcs = response.grant.mcs};
    ul_[0].ndi.reset();
    add_grant(slot, grant, {.rnti = *tc_rnti_, .delay = nr::msg3_delta(cell_.uplink.scs)});
    resolution_end_ = slot + static_cast<std::int64_t>(cell_.random_access.contention_resolution_subframes *
                                                       nr::slots_per_subframe(slot.scs()));
    return;
  }
}

/// Addressed by its C-RNTI a UE that asked for a way back is known again. TS 38.321 §5.1.5.
void UeMac::recognise(nr::Rnti rnti) noexcept
{
  if (ra_state_ != RandomAccessState::waits_for_resolution || c_rnti_ != rnti) return;
  ra_state_ = RandomAccessState::idle;
  tc_rnti_.reset();
  (void)events_.push_back(UeMacEvent::random_access_succeeded);
}

void UeMac::on_dci_0_0(nr::Slot slot, const nr::Dci00& dci, nr::Rnti rnti, const nr::DciPlace& place) noexcept
{
  const bool is_msg3 = tc_rnti_ == rnti;
  if (is_msg3 && (ra_state_ != RandomAccessState::waits_for_resolution || dci.harq_process != 0)) return;
  if (!is_msg3) recognise(rnti);
  add_grant(slot, nr::grant_of(dci), {.rnti = rnti, .search_space = &place.search_space});
}

void UeMac::on_dci_0_1(nr::Slot slot, const nr::Dci01& dci, const nr::DciPlace& place) noexcept
{
  if (!config_ || !c_rnti_) return;
  const auto grant = nr::grant_of(dci);
  if (!grant || dci.csi_request != 0 || !dci.has_ul_sch) {
    ++num_refused_dcis_;
    return;
  }
  if (dci.srs_request != 0) ++num_refused_dcis_;  // its PUSCH is sent all the same
  recognise(*c_rnti_);
  add_grant(slot, *grant, {.rnti = *c_rnti_, .search_space = &place.search_space, .total_dai = dci.dai});
}

void UeMac::add_grant(nr::Slot slot, const nr::UplinkGrant& grant, const GrantOrigin& origin) noexcept
{
  const bool is_msg3 = tc_rnti_ == origin.rnti;
  const unsigned delay = origin.delay;
  const auto scheduling =
      nr::pusch_scheduling(cell_, config_ && !is_msg3 ? &*config_ : nullptr, grant.time_allocation, origin.search_space);
  if (!scheduling || grant.harq_process >= ul_.size() || scheduling->time.k_2 + delay < settings_.uplink_lead) return;
  auto pdu = nr::scheduled_pusch(grant, origin.rnti, cell_, *scheduling);
  if (!pdu) return;
  UlProcess& process = ul_[grant.harq_process];
  // Msg3's own retransmissions keep its block; anything else is new when the NDI says so, or after Msg3 at once.
  const bool is_new = is_msg3 ? delay > 0 : !process.ndi || *process.ndi != grant.ndi;
  if (is_new) {
    if (pdu->sch.tbs_bytes == 0 || pdu->sch.tbs_bytes > process.transport_block.size()) return;
    if (process.ndi) uplink_counters_.octets += process.tbs_bytes;
    process.tbs_bytes = pdu->sch.tbs_bytes;
    process.base_graph = pdu->sch.base_graph;
    process.is_repeated = process.is_filled = false;
    ++uplink_counters_.blocks;
    uplink_counters_.mcs_sum += grant.mcs;
  } else {
    ++uplink_counters_.failures;
    if (!std::exchange(process.is_repeated, true)) ++uplink_counters_.first_failures;
  }
  if (process.tbs_bytes == 0) return;  // a retransmission of what never was
  if (!is_msg3) process.ndi = grant.ndi;
  pdu->sch.tbs_bytes = process.tbs_bytes;
  pdu->sch.base_graph = process.base_graph;
  pdu->is_new_data = is_new;
  const nr::Slot at = slot + (scheduling->time.k_2 + delay);
  grants_[at.count() % kRing] = {.slot = at, .pdu = *pdu, .is_msg3 = is_msg3, .total_dai = origin.total_dai};
  last_report_ = at;
}

// -- uplink --------------------------------------------------------------------------------------------------------------

void UeMac::fail_attempt(nr::Slot slot) noexcept
{
  tc_rnti_.reset();
  ra_state_ = RandomAccessState::preamble;
  if (num_preambles_ >= cell_.random_access.preamble_trans_max) {
    // The layers above are told and MAC goes on until they end it. TS 38.321 §5.1.4, §5.1.5.
    num_preambles_ = 0;
    (void)events_.push_back(UeMacEvent::random_access_failed);
  }
  if (backoff_ms_ > 0) {
    not_before_ = slot + static_cast<std::int64_t>(random_() % backoff_ms_ * nr::slots_per_subframe(slot.scs()));
  }
}

/// Preambles and their timers. TS 38.321 §5.1.2 to §5.1.5.
void UeMac::run_random_access(nr::Slot slot, UeUplink& uplink) noexcept
{
  if (ra_state_ == RandomAccessState::waits_for_response && window_end_ <= slot - settings_.uplink_lead) fail_attempt(slot);
  if (ra_state_ == RandomAccessState::waits_for_resolution && resolution_end_ &&
      *resolution_end_ <= slot - settings_.uplink_lead) {
    fail_attempt(slot);
  }
  if (ra_state_ != RandomAccessState::preamble || (not_before_ && slot < *not_before_)) return;
  const nr::PrachOccasions occasions = nr::prach_occasions(prach_, cell_.random_access.msg1_scs, slot);
  if (occasions.empty()) return;
  const nr::PrachOccasion& occasion = occasions[random_() % occasions.size()];
  preamble_ = static_cast<std::uint8_t>(random_() % cell_.random_access.num_preambles);
  uplink.prach = UePrach{.preamble = preamble_, .occasion = occasion};
  ra_rnti_ = nr::ra_rnti(occasion.s_id, occasion.t_id, 0);
  ++num_preambles_;
  resolution_end_.reset();
  ra_state_ = RandomAccessState::waits_for_response;
  const std::int64_t duration = nr::is_long(prach_.format) ? nr::slots_per_subframe(slot.scs()) : 1;
  window_begin_ = slot + duration;
  window_end_ = window_begin_ + static_cast<std::int64_t>(cell_.random_access.response_window_slots + 1);
}

/// Whether a scheduling request should go out at an occasion now. TS 38.321 §5.4.4, §5.4.5: data for a logical channel group where
/// none waited, and again when no grant came for the time of retxBSR.
bool UeMac::wants_to_request(nr::Slot slot) noexcept
{
  const std::int64_t patience = config_ ? static_cast<std::int64_t>(config_->retx_bsr_subframes * nr::slots_per_subframe(slot.scs())) : 0;
  if (last_report_ && (slot - *last_report_ > patience || slot - *last_report_ < -std::int64_t{kRing})) last_report_.reset();
  for (std::size_t group = 0; group < buffers_.size(); ++group) {
    const bool has_data = buffers_[group] > 0;
    const bool had_data = std::exchange(had_data_[group], has_data);
    is_report_due_ = is_report_due_ || (has_data && !had_data);
  }
  if (waiting() == 0) {
    is_report_due_ = false;
    num_requests_ = 0;
    return false;
  }
  if (!last_report_) is_report_due_ = true;
  return is_report_due_ && !(last_report_ && slot < *last_report_);
}

/// Adds the bits of DCIs that were missed last. A total that says four and none came at all means none. TS 38.213 §9.1.3.2.
void UeMac::complete_codebook(unsigned total_dai, std::optional<Acknowledgement>& acknowledgement) noexcept
{
  constexpr unsigned kFour = 3;
  if (!acknowledgement) {
    if (total_dai == kFour) return;
    acknowledgement.emplace();
  }
  while (acknowledgement->bits.size() % 4 != (total_dai + 1) % 4) {
    if (!acknowledgement->bits.push_back(0)) return;
  }
}

void UeMac::plan_uplink(nr::Slot slot, UeUplink& uplink) noexcept
{
  uplink = UeUplink{};
  run_random_access(slot, uplink);
  const bool wants_request = c_rnti_ && wants_to_request(slot);
  auto acknowledgement = take_at(acknowledgements_.data(), kRing, slot);
  const auto grant = take_at(grants_.data(), kRing, slot);
  if (grant && grant->total_dai) complete_codebook(*grant->total_dai, acknowledgement);
  nr::UciNeeds needs;
  if (acknowledgement) {
    needs = {.num_harq_ack = static_cast<unsigned>(acknowledgement->bits.size()),
             .resource_indicator = acknowledgement->resource_indicator,
             .first_cce = acknowledgement->first_cce,
             .num_cce = acknowledgement->num_cce};
  }
  needs.is_sr_occasion = config_ && config_->scheduling_request && config_->scheduling_request->is_at(slot);
  needs.has_csi = config_ && config_->csi_report && config_->csi_report->is_at(slot);
  if (grant) {
    UlProcess& process = ul_[grant->pdu.harq_process];
    uplink.pusch = UePusch{.pdu = grant->pdu,
                           .transport_block = std::span(process.transport_block).first(process.tbs_bytes),
                           .is_to_be_filled = !std::exchange(process.is_filled, true),  // its first transmission may have been missed
                           .is_msg3 = grant->is_msg3};
    const nr::UeConfig* config = config_ ? &*config_ : nullptr;
    uplink.pusch->pdu.uci = nr::pusch_uci(config, needs.num_harq_ack, needs.has_csi);
    if (acknowledgement) uplink.pusch->uci.harq_ack = acknowledgement->bits;
    for (unsigned bit = nr::kWidebandCqiBits; needs.has_csi && bit-- > 0;) {
      (void)uplink.pusch->uci.csi_part1.push_back(static_cast<std::uint8_t>(cqi_ >> bit & 1U));
    }
    return;
  }
  if (wants_request && config_ && !config_->scheduling_request && ra_state_ == RandomAccessState::idle) start_random_access({});
  if (!wants_request && needs.is_sr_occasion && needs.num_harq_ack == 0 && !needs.has_csi) return;  // a negative SR is silence
  if (wants_request && needs.is_sr_occasion && ++num_requests_ > config_->sr_trans_max) {
    num_requests_ = 0;
    (void)events_.push_back(UeMacEvent::scheduling_request_failed);
    start_random_access({});
  }
  plan_pucch(needs, acknowledgement ? &*acknowledgement : nullptr, uplink);
  if (!uplink.pucch) return;
  nr::Uci& uci = uplink.pucch->uci;
  for (unsigned b = 0; b < uplink.pucch->pdu.num_sr_bits && uplink.pucch->pdu.format == 2; ++b) {
    (void)uci.sr.push_back(wants_request ? 1 : 0);
  }
  for (unsigned bit = nr::kWidebandCqiBits; uplink.pucch->pdu.num_csi_part1_bits > 0 && bit-- > 0;) {
    (void)uci.csi_part1.push_back(static_cast<std::uint8_t>(cqi_ >> bit & 1U));
  }
}

void UeMac::plan_pucch(const nr::UciNeeds& needs, const Acknowledgement* acknowledgement, UeUplink& uplink) noexcept
{
  if (!c_rnti_) return;
  const bool is_common = acknowledgement != nullptr && acknowledgement->is_common;
  const nr::UeConfig* config = config_ && !is_common ? &*config_ : nullptr;
  const bool is_positive = needs.is_sr_occasion && is_report_due_;
  const bool moves = config != nullptr && is_positive && needs.num_harq_ack > 0 && needs.num_harq_ack <= 2 && !needs.has_csi;
  const auto pdu = moves ? nr::sr_pucch(cell_, *config, *c_rnti_, needs.num_harq_ack) : nr::choose_pucch(cell_, config, *c_rnti_, needs);
  if (!pdu) return;
  uplink.pucch = UePucch{.pdu = *pdu};
  if (acknowledgement != nullptr) uplink.pucch->uci.harq_ack = acknowledgement->bits;
}

std::size_t UeMac::num_control_octets(const UePusch& pusch) const noexcept
{
  const auto num_groups = std::count_if(buffers_.begin(), buffers_.end(), [](std::size_t octets) { return octets > 0; });
  const std::size_t report = num_groups == 0 ? 0 : (num_groups == 1 ? 2 : 3 + static_cast<std::size_t>(num_groups));
  return report + (pusch.is_msg3 ? 3 : 0);
}

void UeMac::write_control_elements(const UePusch& pusch, MacPduWriter& writer) noexcept
{
  if (pusch.is_msg3) {
    if (!ccch_.empty()) {
      (void)writer.add(ccch_.size() == 6 ? lcid::ccch_48_bits : lcid::ccch, ccch_.span());
      return;
    }
    if (c_rnti_) (void)writer.add(lcid::c_rnti, encode(*c_rnti_));
  }
  std::uint8_t group = 0;
  unsigned num_groups = 0;
  for (std::uint8_t g = 0; g < kNumLogicalChannelGroups; ++g) {
    had_data_[g] = buffers_[g] > 0;  // what comes before the next slot is planned is new
    if (buffers_[g] == 0) continue;
    if (num_groups++ == 0) group = g;
  }
  is_report_due_ = false;
  num_requests_ = 0;
  if (num_groups == 0) return;
  if (num_groups == 1) {
    (void)writer.add(lcid::short_bsr, encode(ShortBsr{.lcg = group, .index = buffer_size_index_5(buffers_[group])}));
    return;
  }
  LongBsr report;
  for (std::uint8_t g = 0; g < kNumLogicalChannelGroups; ++g) {
    if (buffers_[g] == 0) continue;
    report.groups = static_cast<std::uint8_t>(report.groups | 1U << g);
    report.index[report.num_indices++] = buffer_size_index_8(buffers_[g]);
  }
  std::array<std::uint8_t, 9> octets;
  (void)writer.add(lcid::long_bsr, encode(report, octets));
}

}  // namespace ravi::mac
