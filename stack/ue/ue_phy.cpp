#include "stack/ue/ue_phy.h"

#include "stack/nr/scheduled_pusch.h"
#include "stack/nr/tbs.h"
#include "stack/phy/pucch_format1.h"

#include <algorithm>
#include <cmath>

namespace ravi::ue {
namespace {

constexpr std::size_t kNumHarqProcesses = 16;

}  // namespace

Result<std::unique_ptr<UePhy>> UePhy::make(const nr::Cell& cell, SampleRate rate, DbFs level)
{
  const auto amplitude = static_cast<float>(std::pow(10.0, level.value() / 20.0) / std::sqrt(12.0 * cell.uplink.num_prb));
  auto modulator = phy::OfdmModulator::make({.carrier = cell.uplink, .rate = rate, .scale = amplitude});
  if (!modulator) return tl::unexpected(modulator.error());
  auto demodulator = phy::OfdmDemodulator::make({.carrier = cell.downlink, .rate = rate});
  if (!demodulator) return tl::unexpected(demodulator.error());
  return std::unique_ptr<UePhy>(new UePhy(cell, rate, level, std::move(*modulator), std::move(*demodulator)));
}

UePhy::UePhy(const nr::Cell& cell, SampleRate rate, DbFs level, phy::OfdmModulator modulator, phy::OfdmDemodulator demodulator)
  : cell_(cell),
    amplitude_(static_cast<float>(std::pow(10.0, level.value() / 20.0))),
    modulator_(std::move(modulator)),
    demodulator_(std::move(demodulator)),
    downlink_grid_(1, cell.downlink.num_prb),
    uplink_grid_(1, cell.uplink.num_prb),
    pdsch_(cell.downlink.num_prb),
    pusch_(cell.uplink.num_prb),
    prachs_(nr::kSymbolsPerSlot),
    waveform_(samples_per_slot())
{
  const nr::Mcs mcs = *nr::mcs(nr::McsTable::qam256, nr::max_mcs(nr::McsTable::qam256));
  const std::size_t size = nr::transport_block_bits(cell.downlink.num_prb * 156, mcs) / 8;
  harqs_.reserve(kNumHarqProcesses + 1);
  for (std::size_t i = 0; i <= kNumHarqProcesses; ++i) harqs_.emplace_back(size);
  const nr::RandomAccess& access = cell.random_access;
  const auto config = nr::prach_config(cell.duplex, access.prach_configuration_index);
  std::size_t length = 0;
  for (unsigned count = 0; config && count < 16 * nr::slots_per_frame(cell.uplink.scs); ++count) {
    for (const nr::PrachOccasion& occasion :
         nr::prach_occasions(*config, access.msg1_scs, nr::Slot::from_count(cell.uplink.scs, count))) {
      auto& plan = prachs_[occasion.first_symbol];
      if (plan) continue;
      plan = std::make_unique<phy::Prach>(nr::prach_pdu(cell, occasion), cell.uplink, rate);
      length = std::max(length, plan->num_samples());
    }
  }
  preamble_.resize(length);
}

void UePhy::receive(nr::Slot slot, std::span<const Cf32> samples) noexcept
{
  slot_ = slot;
  demodulator_.demodulate_slot(samples, slot.slot_in_subframe(), 0, downlink_grid_.span());
}

void UePhy::search(const phy::PdcchSearch& search, phy::FoundDcis& found) noexcept
{
  pdcch_.search(search, cell_.downlink, slot_, 0, downlink_grid_.span(), found);
}

nr::SchResult UePhy::decode(const mac::UeDownlink& downlink, std::span<std::uint8_t> payload) noexcept
{
  const bool is_ue = downlink.content == mac::UeDownlink::Content::ue;
  phy::HarqSoftBuffer& harq = harqs_[is_ue ? downlink.pdu.harq_process % kNumHarqProcesses : kNumHarqProcesses];
  return pdsch_.decode(downlink.pdu, cell_.downlink, slot_, 0, downlink_grid_.span(), harq, payload.first(downlink.pdu.sch.tbs_bytes));
}

std::optional<phy::PbchResult> UePhy::read_ssb() noexcept
{
  const unsigned half_frame_slots = nr::slots_per_frame(slot_.scs()) / 2;
  for (unsigned index = 0; index < cell_.ssb_l_max && index < 8; ++index) {
    const auto time = nr::ssb_time(cell_.ssb.ssb_case, index);
    const bool is_sent = (cell_.ssb_positions_in_burst >> (7 - index) & 1U) != 0;
    if (!is_sent || !time || time->slot_in_half_frame != slot_.slot_in_frame() % half_frame_slots) continue;
    const phy::SsbBlock block = phy::ssb_block(downlink_grid_.span(), 0, cell_.ssb.first_subcarrier, time->first_symbol);
    if (const auto result = ssb_.decode(block, cell_.pci, cell_.ssb_l_max, slot_.scs())) return result;
  }
  return std::nullopt;
}

bool UePhy::send_preamble(const mac::UePrach& prach, SampleTime at, TxTimeline& timeline) noexcept
{
  phy::Prach* plan = prachs_[prach.occasion.first_symbol].get();
  if (plan == nullptr) return false;
  const std::span<Cf32> samples = std::span(preamble_).first(plan->num_samples());
  plan->encode(prach.preamble, amplitude_, samples);
  return timeline.add(at + plan->begin(), samples);
}

bool UePhy::transmit(const mac::UeUplink& uplink, nr::Slot slot, SampleTime at, TxTimeline& timeline) noexcept
{
  bool is_in_time = true;
  if (uplink.prach) is_in_time = send_preamble(*uplink.prach, at, timeline);
  if (!uplink.pusch && !uplink.pucch) return is_in_time;
  uplink_grid_.clear();
  const phy::GridSpan grid = uplink_grid_.span();
  const unsigned offset = cell_.uplink.offset_to_carrier;
  if (uplink.pusch) {
    (void)pusch_.encode(uplink.pusch->pdu, uplink.pusch->transport_block, uplink.pusch->uci, cell_.uplink, slot, grid);
  } else if (uplink.pucch->pdu.format == 1) {
    (void)phy::encode_pucch_format1(uplink.pucch->pdu, slot, offset, uplink.pucch->uci.harq_ack.span(), grid);
  } else {
    (void)pucch2_.encode(uplink.pucch->pdu, slot, offset, uplink.pucch->uci, grid);
  }
  modulator_.modulate_slot(grid, 0, slot.slot_in_subframe(), waveform_);
  return timeline.add(at, waveform_) && is_in_time;
}

}  // namespace ravi::ue
