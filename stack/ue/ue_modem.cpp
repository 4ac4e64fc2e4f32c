#include "stack/ue/ue_modem.h"

#include "stack/mac/mac_pdu.h"
#include "stack/nr/dci.h"
#include "stack/nr/paging.h"
#include "stack/nr/search_space.h"
#include "stack/nr/tbs.h"
#include "stack/nr/timing.h"

#include <algorithm>
#include <cmath>

namespace ravi::ue {
namespace {

constexpr float kShannonGapDb = 3.0F;  // of the codes here, at the block error rate a CQI stands for

constexpr std::int64_t kMaxGapMs = 1000;      // longer ones are no longer bridged by the sample clock
constexpr unsigned kMaxLostWhileConnected = 1000;  // blocks: more than any T310

/// CQI by what capacity says of the SNR.
unsigned cqi_of_snr(nr::CqiTable table, float snr_db)
{
  const double efficiency = std::log2(1.0 + std::pow(10.0, (static_cast<double>(snr_db) - kShannonGapDb) / 10.0));
  return nr::cqi_of_efficiency(table, static_cast<unsigned>(std::max(0.0, efficiency * 2048.0)));
}

}  // namespace

UeModem::UeModem(const UeModemConfig& config)
  : config_(config),
    search_length_(static_cast<std::size_t>(config.rate.hz() / 1000 * config.search_ms)),
    downlink_shift_(Hertz(0.0), config.rate),
    uplink_shift_(Hertz(0.0), config.rate),
    timeline_(static_cast<std::size_t>(config.rate.hz() / 1000) * 16)
{
  samples_.reserve(2 * search_length_);
}

void UeModem::feed(SampleTime at, std::span<const Cf32> samples) noexcept
{
  const SampleTime end = samples_begin_ + SampleCount(static_cast<std::int64_t>(samples_.size()));
  if (is_first_ || at != end) {
    // What was lost is lost: what follows stands at its own time.
    samples_.clear();
    samples_begin_ = at;
    is_first_ = false;
  }
  if (samples_.size() + samples.size() > samples_.capacity()) drop_before(at - SampleCount(static_cast<std::int64_t>(search_length_)));
  samples_.insert(samples_.end(), samples.begin(), samples.end());
}

void UeModem::drop_before(SampleTime time) noexcept
{
  const std::int64_t count = std::clamp<std::int64_t>((time - samples_begin_).value(), 0, static_cast<std::int64_t>(samples_.size()));
  samples_.erase(samples_.begin(), samples_.begin() + count);
  samples_begin_ += SampleCount(count);
}

Result<void> UeModem::search()
{
  ++counters_.searches;
  auto found = find_cell(samples_, config_.rate, config_.selection);
  const SampleTime end = samples_begin_ + SampleCount(static_cast<std::int64_t>(samples_.size()));
  if (!found) {
    drop_before(end);
    search_error_ = found.error().message;
    return tl::unexpected(found.error());
  }
  auto phy = UePhy::make(found->cell, config_.rate, config_.level);
  if (!phy) {
    drop_before(end);
    search_error_ = phy.error().message;
    return tl::unexpected(phy.error());
  }
  cell_ = std::move(found->cell);
  phy_ = std::move(*phy);
  mac_ = std::make_unique<mac::UeMac>(cell_, mac::UeMacConfig{.seed = config_.seed, .uplink_lead = kUplinkLead});
  slot_length_ = static_cast<std::int64_t>(phy_->samples_per_slot());
  slot_samples_.resize(phy_->samples_per_slot());
  const nr::Mcs mcs = *nr::mcs(nr::McsTable::qam256, nr::max_mcs(nr::McsTable::qam256));
  payload_.resize(nr::transport_block_bits(cell_.downlink.num_prb * 156, mcs) / 8);
  response_payload_.resize(payload_.size());
  cfo_hz_ = found->cfo_hz;
  downlink_shift_.set_shift(Hertz(-static_cast<double>(cfo_hz_)));
  uplink_shift_.set_shift(Hertz(static_cast<double>(cfo_hz_) * cell_.uplink.center.value() / cell_.downlink.center.value()));
  snr_db_ = found->snr_db;
  cqi_ = cqi_of_snr(nr::CqiTable::table1, snr_db_);
  num_lost_blocks_ = 0;
  ue_config_.reset();
  plan_searches();
  // Go on with the first slot that begins after all that was looked at.
  const SampleTime block_slot = samples_begin_ + SampleCount(std::lround(found->slot_begin));
  const std::int64_t num_slots = ((end - block_slot).value() + slot_length_ - 1) / slot_length_;
  slot_begin_ = block_slot + SampleCount(num_slots * slot_length_);
  next_slot_ = found->slot + num_slots;
  drop_before(end);
  return {};
}

void UeModem::leave() noexcept
{
  if (!phy_) return;
  ++counters_.lost_cells;
  past_downlink_ = downlink_counters();
  past_uplink_ = uplink_counters();
  is_lost_ = false;
  phy_.reset();
  mac_.reset();
  ue_config_.reset();
}

mac::LinkCounters UeModem::downlink_counters() const noexcept
{
  mac::LinkCounters sum = past_downlink_;
  if (mac_) sum += mac_->downlink_counters();
  return sum;
}

mac::LinkCounters UeModem::uplink_counters() const noexcept
{
  mac::LinkCounters sum = past_uplink_;
  if (mac_) sum += mac_->uplink_counters();
  return sum;
}

/// Slots whose beginning fell into a gap.
void UeModem::skip_lost_slots() noexcept
{
  const std::int64_t lost = (samples_begin_ - slot_begin_).value();
  if (lost <= 0) return;
  if (lost > config_.rate.hz() / 1000 * kMaxGapMs) {
    is_lost_ = true;
    return;
  }
  const std::int64_t count = (lost + slot_length_ - 1) / slot_length_;
  slot_begin_ += SampleCount(count * slot_length_);
  next_slot_ += count;
  mac_->skip_to(next_slot_ + kUplinkLead);
}

bool UeModem::next_slot() noexcept
{
  if (is_in_step()) skip_lost_slots();
  if (!is_in_step()) return false;
  const SampleTime begin = slot_begin_;
  const SampleTime end = samples_begin_ + SampleCount(static_cast<std::int64_t>(samples_.size()));
  if (begin + SampleCount(slot_length_) > end) return false;
  const auto offset = static_cast<std::size_t>((begin - samples_begin_).value());
  downlink_shift_.process(std::span<const Cf32>(samples_).subspan(offset, slot_samples_.size()), slot_samples_);
  slot_ = next_slot_;
  decoded_begin_ = begin;
  received_.clear();
  pcch_ = {};
  ++counters_.slots;
  phy_->receive(slot_, slot_samples_);
  track();
  if (is_lost_) return false;
  hear_control();
  slot_begin_ += SampleCount(slot_length_);
  ++next_slot_;
  drop_before(slot_begin_ - SampleCount(slot_length_ / 8));
  return true;
}

/// Keeps timing and carrier by the cell's block. Half of what a block says is taken at once: noise is not followed.
void UeModem::track() noexcept
{
  const unsigned period_slots = cell_.ssb_period_ms * nr::slots_per_subframe(slot_.scs());
  const auto time = nr::ssb_time(cell_.ssb.ssb_case, 0);
  const auto block = phy_->read_ssb();
  block_ = BlockStatus::none;
  if (!block) {
    const bool was_due = time && slot_.count() % std::max(1U, period_slots) == time->slot_in_half_frame;
    if (!was_due) return;
    block_ = BlockStatus::missed;
    if (++num_lost_blocks_ > (ue_config_ ? kMaxLostWhileConnected : config_.max_lost_blocks)) is_lost_ = true;
    return;
  }
  block_ = BlockStatus::heard;
  num_lost_blocks_ = 0;
  if (block->sfn != slot_.sfn()) {  // the clock jumped: begin anew
    is_lost_ = true;
    return;
  }
  drift_ += 0.5 * static_cast<double>(block->delay_s) * static_cast<double>(config_.rate.hz());
  const auto whole = static_cast<std::int64_t>(std::lround(drift_));
  slot_begin_ += SampleCount(whole);
  drift_ -= static_cast<double>(whole);
  cfo_hz_ += 0.25F * block->cfo_hz;
  downlink_shift_.set_shift(Hertz(-static_cast<double>(cfo_hz_)));
  uplink_shift_.set_shift(Hertz(static_cast<double>(cfo_hz_) * cell_.uplink.center.value() / cell_.downlink.center.value()));
  snr_db_ += 0.3F * (block->snr_db - snr_db_);
  cqi_ = cqi_of_snr(ue_config_ ? ue_config_->cqi_table : nr::CqiTable::table1, snr_db_);
}

void UeModem::plan_searches()
{
  common_ = common_search(cell_);
  dedicated_ = ue_config_ ? dedicated_searches(cell_, *ue_config_) : std::vector<ControlSearch>{};
}

/// SIB1 was read already: only what is for this UE is looked for.
void UeModem::hear_control() noexcept
{
  found_.clear();
  const auto common_rnti = mac_->common_rnti(slot_);
  const auto c_rnti = mac_->c_rnti();
  common_.search.rntis.clear();
  if (common_rnti) (void)common_.search.rntis.push_back(*common_rnti);
  if (c_rnti) (void)common_.search.rntis.push_back(*c_rnti);
  if (!c_rnti && paging_ue_id_ && nr::is_paging_occasion(cell_, *paging_ue_id_, slot_)) (void)common_.search.rntis.push_back(nr::kPRnti);
  if (common_.search.rntis.empty()) return;
  if (nr::is_monitored(common_.search.search_space, slot_)) phy_->search(common_.search, found_);
  const std::size_t num_common = found_.size();
  for (ControlSearch& control : dedicated_) {
    if (!c_rnti || !nr::is_monitored(control.search.search_space, slot_)) continue;
    control.search.c_rnti = *c_rnti;
    control.search.rntis.clear();
    (void)control.search.rntis.push_back(*c_rnti);
    const std::size_t first = found_.size();
    phy_->search(control.search, found_);
    for (std::size_t i = first; i < found_.size(); ++i) hear(found_[i], control);
  }
  for (std::size_t i = 0; i < num_common; ++i) hear(found_[i], common_);
}

void UeModem::hear(const phy::FoundDci& found, const ControlSearch& control) noexcept
{
  ++counters_.dcis;
  const nr::DciPlace place{.search_space = control.search.search_space, .coreset = control.search.coreset, .first_cce = found.cce_index};
  if (control.layout) {
    if (const auto grant = nr::unpack_dci_0_1(found.payload.span(), *control.layout)) return mac_->on_dci_0_1(slot_, *grant, place);
    const auto assignment = nr::unpack_dci_1_1(found.payload.span(), *control.layout);
    const auto downlink = assignment ? mac_->on_dci_1_1(slot_, *assignment, place) : std::nullopt;
    if (downlink) receive(*downlink);
    return;
  }
  const bool is_own = mac_->c_rnti() == found.rnti;
  const bool is_response = !is_own && mac_->random_access() == mac::RandomAccessState::waits_for_response;
  const bool is_paging = found.rnti == nr::kPRnti;
  const nr::DciRnti kind = is_paging ? nr::DciRnti::p : is_own ? nr::DciRnti::c : is_response ? nr::DciRnti::ra : nr::DciRnti::tc;
  if (kind != nr::DciRnti::ra && kind != nr::DciRnti::p) {
    if (const auto grant = nr::unpack_dci_0_0(found.payload.span(), control.sizes.ul)) {
      return mac_->on_dci_0_0(slot_, *grant, found.rnti, place);
    }
  }
  const auto assignment = nr::unpack_dci_1_0(found.payload.span(), kind, control.sizes.dl);
  constexpr unsigned kShortMessageAlone = 2;
  if (is_paging && assignment && (assignment->short_message_indicator == 0 || assignment->short_message_indicator == kShortMessageAlone)) return;
  const auto downlink = assignment ? mac_->on_dci_1_0(slot_, *assignment, kind, found.rnti, place) : std::nullopt;
  if (downlink) receive(*downlink);
}

void UeModem::receive(const mac::UeDownlink& downlink) noexcept
{
  if (downlink.pdu.sch.tbs_bytes > payload_.size()) return;
  // SDUs of the UE's own block stay in its memory until the next slot.
  std::vector<std::uint8_t>& memory = downlink.content == mac::UeDownlink::Content::ue ? payload_ : response_payload_;
  const nr::SchResult result = phy_->decode(downlink, memory);
  const std::span<const std::uint8_t> payload = std::span(memory).first(downlink.pdu.sch.tbs_bytes);
  mac_->on_pdsch(slot_, downlink, result.is_crc_ok, payload);
  if (downlink.content == mac::UeDownlink::Content::paging && result.is_crc_ok) pcch_ = payload;
  if (downlink.content != mac::UeDownlink::Content::ue) return;
  if (!result.is_crc_ok || !mac_->c_rnti()) return;  // the latter: contention was another UE's
  mac::MacPduReader reader(mac::Direction::downlink, payload);
  while (const auto sub_pdu = reader.next()) {
    if (sub_pdu->lcid <= mac::lcid::last_logical_channel) (void)received_.push_back({sub_pdu->lcid, sub_pdu->payload});
  }
}

mac::UeUplink& UeModem::plan_uplink(const std::array<std::size_t, mac::kNumLogicalChannelGroups>& buffers) noexcept
{
  mac_->set_buffers(buffers);
  mac_->set_cqi(cqi_);
  mac_->plan_uplink(slot_ + kUplinkLead, uplink_);
  return uplink_;
}

void UeModem::send() noexcept
{
  const std::int64_t advance_tc = mac_->n_ta_tc() + cell_.n_ta_offset_tc;
  const std::int64_t advance = (advance_tc * config_.rate.hz() + nr::kTcPerSecond / 2) / nr::kTcPerSecond;
  const SampleTime at = decoded_begin_ + SampleCount(static_cast<std::int64_t>(kUplinkLead) * slot_length_ - advance);
  if (!phy_->transmit(uplink_, slot_ + kUplinkLead, at, timeline_)) ++counters_.late;
}

void UeModem::take(SampleTime at, std::span<Cf32> out) noexcept
{
  timeline_.take(at, out);
  uplink_shift_.process(out, out);
}

void UeModem::configure(const nr::UeConfig& config)
{
  if (!mac_) return;
  ue_config_ = config;
  ue_config_->has_limited_soft_buffer = config_.has_limited_soft_buffer;
  mac_->configure(*ue_config_);
  plan_searches();
}

void UeModem::release() noexcept
{
  ue_config_.reset();
  plan_searches();
  if (mac_) mac_->reset();
}

}  // namespace ravi::ue
