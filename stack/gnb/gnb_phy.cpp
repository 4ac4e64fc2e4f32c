#include "stack/gnb/gnb_phy.h"

#include "stack/nr/scheduled_pusch.h"
#include "stack/nr/tbs.h"
#include "stack/nr/timing.h"
#include "stack/phy/pucch_format1.h"

#include <algorithm>
#include <cmath>

namespace ravi::gnb {
namespace {

constexpr std::size_t kNumHarqEntries = 64;  // enough for four UEs that use all their processes; then the oldest goes

std::size_t largest_block(const nr::Carrier& carrier)
{
  return nr::transport_block_bits(carrier.num_prb * 156, *nr::mcs(nr::McsTable::qam256, nr::max_mcs(nr::McsTable::qam256))) / 8;
}

}  // namespace

Result<std::unique_ptr<GnbPhy>> GnbPhy::make(const nr::Cell& cell, SampleRate rate, DbFs level)
{
  const auto amplitude = static_cast<float>(std::pow(10.0, level.value() / 20.0) / std::sqrt(12.0 * cell.downlink.num_prb));
  auto modulator = phy::OfdmModulator::make({.carrier = cell.downlink, .rate = rate, .scale = amplitude});
  if (!modulator) return tl::unexpected(modulator.error());
  auto demodulator = phy::OfdmDemodulator::make({.carrier = cell.uplink, .rate = rate});
  if (!demodulator) return tl::unexpected(demodulator.error());
  return std::unique_ptr<GnbPhy>(new GnbPhy(cell, rate, std::move(*modulator), std::move(*demodulator)));
}

GnbPhy::GnbPhy(const nr::Cell& cell, SampleRate rate, phy::OfdmModulator modulator, phy::OfdmDemodulator demodulator)
  : cell_(cell),
    modulator_(std::move(modulator)),
    demodulator_(std::move(demodulator)),
    downlink_grid_(1, cell.downlink.num_prb),
    uplink_grid_(1, cell.uplink.num_prb),
    pdsch_(cell.downlink.num_prb),
    pusch_(cell.uplink.num_prb),
    delay_(static_cast<std::size_t>(cell.n_ta_offset_tc * rate.hz() / nr::kTcPerSecond))
{
  const std::size_t size = largest_block(cell.uplink);
  harqs_.reserve(kNumHarqEntries);
  for (std::size_t i = 0; i < kNumHarqEntries; ++i) {
    harqs_.push_back({.soft = phy::HarqSoftBuffer(size), .payload = std::vector<std::uint8_t>(size)});
  }
  waveform_.resize(delay_ + samples_per_slot());
  make_prach_plans(rate);
}

/// One plan for each first symbol that an occasion of the configuration has.
void GnbPhy::make_prach_plans(SampleRate rate)
{
  const nr::RandomAccess& access = cell_.random_access;
  const auto config = nr::prach_config(cell_.duplex, access.prach_configuration_index);
  prachs_.resize(nr::kSymbolsPerSlot);
  std::size_t length = 0;
  for (unsigned count = 0; config && count < 16 * nr::slots_per_frame(cell_.uplink.scs); ++count) {
    const nr::Slot slot = nr::Slot::from_count(cell_.uplink.scs, count);
    for (const nr::PrachOccasion& occasion : nr::prach_occasions(*config, access.msg1_scs, slot)) {
      auto& plan = prachs_[occasion.first_symbol];
      if (plan) continue;
      plan = std::make_unique<phy::Prach>(nr::prach_pdu(cell_, occasion), cell_.uplink, rate);
      length = std::max(length, static_cast<std::size_t>(plan->begin().value()) + plan->num_samples());
    }
  }
  prach_slots_ = std::max<std::size_t>(1, (length + samples_per_slot() - 1) / samples_per_slot());
  history_.resize(prach_slots_ * samples_per_slot());
}

void GnbPhy::transmit(const mac::DownlinkPlan& plan, std::span<Cf32> samples) noexcept
{
  downlink_grid_.clear();
  const phy::GridSpan grid = downlink_grid_.span();
  for (const nr::SsbPdu& pdu : plan.ssb) (void)ssb_.encode(pdu, 0, grid);
  for (const nr::PdcchPdu& pdu : plan.pdcch) (void)pdcch_.encode(pdu, cell_.downlink, plan.slot, 0, grid);
  for (const mac::DlTransmission& sent : plan.pdsch) {
    (void)pdsch_.encode(sent.pdu, sent.transport_block, cell_.downlink, plan.slot, 0, grid);
  }
  modulator_.modulate_slot(grid, 0, plan.slot.slot_in_subframe(), std::span(waveform_).subspan(delay_));
  std::copy_n(waveform_.begin(), samples.size(), samples.begin());
  std::copy(waveform_.end() - static_cast<std::ptrdiff_t>(delay_), waveform_.end(), waveform_.begin());
}

GnbPhy::HarqEntry& GnbPhy::harq_of(nr::Rnti rnti, std::uint8_t process) noexcept
{
  HarqEntry* oldest = &harqs_.front();
  for (HarqEntry& entry : harqs_) {
    if (entry.rnti == rnti && entry.process == process && entry.last_use > 0) {
      entry.last_use = ++uses_;
      return entry;
    }
    if (entry.last_use < oldest->last_use) oldest = &entry;
  }
  oldest->rnti = rnti;
  oldest->process = process;
  oldest->last_use = ++uses_;
  oldest->soft.clear();
  return *oldest;
}

void GnbPhy::receive_prach(nr::Slot slot, const nr::PrachOccasions& occasions, std::span<const Cf32> samples,
                           UplinkReceipts& receipts) noexcept
{
  const auto length = static_cast<std::ptrdiff_t>(samples.size());
  std::copy(history_.begin() + length, history_.end(), history_.begin());
  std::copy(samples.begin(), samples.end(), history_.end() - length);
  for (const nr::PrachOccasion& occasion : occasions) (void)open_.push_back({slot, occasion});
  nr::FixedList<Occasion, 32> still_open;
  phy::PrachPreambles found;
  for (const Occasion& open : open_) {
    const auto age = static_cast<std::size_t>(slot - open.slot);
    if (age + 1 < prach_slots_) {
      (void)still_open.push_back(open);
      continue;
    }
    phy::Prach* prach = prachs_[open.occasion.first_symbol].get();
    if (prach == nullptr || age + 1 > prach_slots_) continue;
    prach->detect(std::span(history_).subspan(static_cast<std::size_t>(prach->begin().value()), prach->num_samples()), found);
    for (const nr::PrachPreamble& preamble : found) (void)receipts.preambles.push_back({open.slot, open.occasion, preamble});
  }
  open_ = still_open;
}

void GnbPhy::skip() noexcept
{
  open_.clear();
  std::fill(history_.begin(), history_.end(), Cf32{});
  std::fill(waveform_.begin(), waveform_.end(), Cf32{});
}

void GnbPhy::receive(const mac::UplinkPlan& plan, const nr::PrachOccasions& occasions, std::span<const Cf32> samples,
                     UplinkReceipts& receipts) noexcept
{
  receipts.pusch.clear();
  receipts.pucch.clear();
  receipts.preambles.clear();
  receive_prach(plan.slot, occasions, samples, receipts);
  if (plan.pusch.empty() && plan.pucch.empty()) return;
  demodulator_.demodulate_slot(samples, plan.slot.slot_in_subframe(), 0, uplink_grid_.span());
  const phy::ConstGridSpan grid = uplink_grid_.span();
  for (const nr::PuschPdu& pdu : plan.pusch) {
    HarqEntry& harq = harq_of(pdu.rnti, pdu.harq_process);
    const std::span<std::uint8_t> payload = std::span(harq.payload).first(pdu.sch.tbs_bytes);
    (void)receipts.pusch.push_back(
        {.pdu = pdu, .result = pusch_.decode(pdu, cell_.uplink, plan.slot, 0, grid, harq.soft, payload), .payload = payload});
  }
  for (const nr::PucchPdu& pdu : plan.pucch) {
    const unsigned offset = cell_.uplink.offset_to_carrier;
    (void)receipts.pucch.push_back(
        {.pdu = pdu,
         .result = pdu.format == 1 ? phy::decode_pucch_format1(pdu, plan.slot, offset, grid, 0)
                                   : pucch2_.decode(pdu, plan.slot, offset, grid, 0)});
  }
}

}  // namespace ravi::gnb
