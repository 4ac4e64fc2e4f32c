#include "stack/phy/sib1.h"

#include "radio/dsp/mix.h"
#include "stack/nr/resource_allocation.h"
#include "stack/phy/ofdm.h"
#include "stack/phy/pdcch.h"
#include "stack/phy/pdsch.h"
#include "stack/nr/scheduled_pdsch.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace ravi::phy {
namespace {

constexpr std::size_t kMaxSib1Bytes = 2976 / 8;  ///< TS 38.331 §5.2.1

/// A rate with room for the transition beside the grid; a multiple of SubBand::kRateStep.
SampleRate rate_for(const nr::Carrier& carrier)
{
  const unsigned fft_size = std::bit_ceil(carrier.num_prb * nr::kSubcarriersPerPrb * 9 / 8);
  return SampleRate(nr::spacing_hz(carrier.scs) * static_cast<std::int64_t>(fft_size));
}

/// The stretch on CORESET#0's own carrier, slot by slot.
struct SlotReader {
  std::vector<Cf32> samples;
  SampleRate rate;
  OfdmDemodulator demodulator;
  double frame_begin = 0.0;  ///< of the frame with the block, in `samples`; may be negative
  Hertz cfo;
  nr::Slot frame_slot;       ///< slot 0 of that frame

  /// False where the slot is not wholly in the stretch.
  bool read(std::int64_t slots_from_frame, GridSpan grid)
  {
    const SymbolTiming& timing = demodulator.timing();
    const auto length = static_cast<std::int64_t>(timing.samples_per_slot());
    const auto begin = std::llround(frame_begin) + slots_from_frame * length;
    if (begin < 0 || begin + length > static_cast<std::int64_t>(samples.size())) return false;
    std::vector<Cf32> slot(samples.begin() + begin, samples.begin() + begin + length);
    dsp::FrequencyShift(-cfo, rate).process(slot, slot);
    demodulator.demodulate_slot(slot, (frame_slot + slots_from_frame).slot_in_subframe(), 0, grid);
    return true;
  }
};

Result<SlotReader> open_slots(const SubBand& stretch, Hertz tuned, const FoundCell& cell, nr::SsbCase ssb_case,
                              const nr::Carrier& carrier)
{
  const SampleRate rate = rate_for(carrier);
  auto demodulator = OfdmDemodulator::make({.carrier = carrier, .rate = rate});
  if (!demodulator) return tl::unexpected(demodulator.error());
  const Hertz half_width = nr::spacing(carrier.scs) * (6.0 * carrier.num_prb + 0.5);
  const double per_sample = static_cast<double>(rate.hz()) / static_cast<double>(stretch.rate().hz());
  // The block's first sample, seen from its frame's begin, tells the latter.
  const auto time = nr::ssb_time(ssb_case, cell.pbch.ssb_block_index);
  if (!time) return fail(ErrorCode::bad_input, "no such block");
  const nr::Scs ssb_scs = cell.candidate.scs;
  const SymbolTiming ssb_timing(ssb_scs, rate);
  const std::size_t slot = time->slot_in_half_frame + cell.pbch.half_frame * nr::slots_per_frame(ssb_scs) / 2;
  const double block_begin = static_cast<double>(slot * ssb_timing.samples_per_slot() +
                                                 ssb_timing.prefix_begin(static_cast<unsigned>(slot) % nr::slots_per_subframe(ssb_scs),
                                                                         time->first_symbol));
  return SlotReader{.samples = stretch.extract(carrier.center - tuned, half_width, rate),
                    .rate = rate,
                    .demodulator = std::move(*demodulator),
                    .frame_begin = cell.sample_offset * per_sample - block_begin,
                    .cfo = Hertz(static_cast<double>(cell.cfo_hz)),
                    .frame_slot = nr::Slot(carrier.scs, cell.pbch.sfn, 0)};
}

PdcchSearch si_search(const Coreset0Reception& reception, nr::Pci pci)
{
  PdcchSearch search{.coreset = reception.coreset, .scrambling_id = pci.value()};
  search.search_space.num_candidates = nr::kType0Candidates;
  search.search_space.first_symbol = reception.monitoring.first_symbol;
  search.rntis.push_back(nr::kSiRnti);
  search.sizes.push_back(static_cast<std::uint8_t>(nr::DciSizes::common({.initial_dl = reception.coreset.num_prb()}).dl.num_bits));
  return search;
}

/// True where this slot gave a right transport block.
bool read_slot(const Coreset0Reception& reception, nr::Pci pci, const FoundDci& found, nr::Slot slot, ConstGridSpan grid,
               PdschCodec& pdsch, HarqSoftBuffer& harq, Sib1Result& result)
{
  const nr::DciSize size = nr::DciSizes::common({.initial_dl = reception.coreset.num_prb()}).dl;
  const auto dci = nr::unpack_dci_1_0(found.payload.span(), nr::DciRnti::si, size);
  if (!dci || dci->system_information != 0) return false;
  result.dci = *dci;
  result.status = Sib1Status::bad_transport_block;
  const auto time = nr::pdsch_default_time_allocation(nr::PdschDefaultTdra::a, dci->time_allocation + 1, reception.dmrs_type_a_position);
  if (!time || time->k_0 != 0) return false;
  const auto pdu = nr::scheduled_pdsch(*dci, nr::DciRnti::si, nr::kSiRnti,
                                   {.pci = pci,
                                    .riv_crb = {0, reception.carrier.num_prb},
                                    .time = *time,
                                    .type_a_position = reception.dmrs_type_a_position});
  if (!pdu || pdu->sch.tbs_bytes == 0) return false;
  std::vector<std::uint8_t> transport_block(pdu->sch.tbs_bytes);
  const nr::SchResult decoded = pdsch.decode(*pdu, reception.carrier, slot, 0, grid, harq, transport_block);
  result.snr_db = decoded.snr_db;
  if (!decoded.is_crc_ok) return false;
  result.status = Sib1Status::read;
  result.transport_block = std::move(transport_block);
  return true;
}

}  // namespace

std::optional<Mib> parse_mib(std::uint32_t bits) noexcept
{
  if ((bits >> 23U & 1U) != 0) return std::nullopt;  // messageClassExtension
  Mib mib;
  mib.sfn_msb = bits >> 17U & 0x3FU;
  mib.subcarrier_spacing_common = (bits >> 16U & 1U) != 0 ? nr::Scs::khz30 : nr::Scs::khz15;
  mib.ssb_subcarrier_offset = bits >> 12U & 0xFU;
  mib.dmrs_type_a_position = (bits >> 11U & 1U) != 0 ? 3 : 2;
  mib.controlresourceset_zero = bits >> 7U & 0xFU;
  mib.search_space_zero = bits >> 3U & 0xFU;
  mib.is_cell_barred = (bits >> 2U & 1U) == 0;                      // 0: barred
  mib.is_intra_freq_reselection_allowed = (bits >> 1U & 1U) == 0;   // 0: allowed
  return mib;
}

std::uint32_t to_bits(const Mib& mib) noexcept
{
  return (mib.sfn_msb & 0x3FU) << 17U | (mib.subcarrier_spacing_common == nr::Scs::khz30 ? 1U : 0U) << 16U |
         (mib.ssb_subcarrier_offset & 0xFU) << 12U | (mib.dmrs_type_a_position == 3 ? 1U : 0U) << 11U |
         (mib.controlresourceset_zero & 0xFU) << 7U | (mib.search_space_zero & 0xFU) << 3U | (mib.is_cell_barred ? 0U : 1U) << 2U |
         (mib.is_intra_freq_reselection_allowed ? 0U : 1U) << 1U;
}

std::optional<Coreset0Reception> coreset0_reception(const FoundCell& cell, const Mib& mib, nr::MinimumBandwidth minimum) noexcept
{
  if (cell.pbch.k_ssb > 23) return std::nullopt;  // TS 38.213 §13: FR1
  const nr::Scs scs = mib.subcarrier_spacing_common;
  const auto row = nr::coreset0(cell.candidate.scs, scs, minimum, mib.controlresourceset_zero);
  const auto space = nr::search_space0(mib.search_space_zero);
  if (!row || !space) return std::nullopt;
  // k_SSB counts 15 kHz from the resource block that overlaps the block's first, CORESET#0's offset whole blocks from there.
  const Hertz block_low = cell.candidate.frequency - nr::spacing(cell.candidate.scs) * (nr::kSsbNumSubcarriers / 2.0);
  const Hertz low = block_low - nr::spacing(nr::Scs::khz15) * cell.pbch.k_ssb -
                    nr::spacing(scs) * (static_cast<double>(row->offset_prb) * nr::kSubcarriersPerPrb);
  Coreset0Reception reception;
  reception.carrier = {.scs = scs, .num_prb = row->num_prb, .offset_to_carrier = 0,
                       .center = low + nr::spacing(scs) * (row->num_prb * nr::kSubcarriersPerPrb / 2.0)};
  reception.coreset.frequency_domain_resources = (std::uint64_t{1} << (row->num_prb / 6U)) - 1;
  reception.coreset.duration = row->num_symbols;
  reception.coreset.cce_reg_mapping = nr::CceRegMapping::interleaved;
  reception.coreset.shift_index = cell.pci.value();
  reception.coreset.dmrs_id = cell.pci.value();
  reception.monitoring = nr::type0_monitoring(*space, *row, scs, cell.pbch.ssb_block_index);
  reception.dmrs_type_a_position = mib.dmrs_type_a_position;
  return reception;
}

Sib1Result read_sib1(const SubBand& stretch, Hertz tuned, const FoundCell& cell, nr::SsbCase ssb_case,
                     nr::MinimumBandwidth minimum)
{
  Sib1Result result;
  const auto mib = parse_mib(cell.pbch.mib);
  const auto reception = mib ? coreset0_reception(cell, *mib, minimum) : std::nullopt;
  if (!reception) return result;
  const double half_width = static_cast<double>(nr::spacing_hz(reception->carrier.scs)) * 6.0 * reception->carrier.num_prb;
  const double offset = (reception->carrier.center - tuned).value();
  result.status = Sib1Status::out_of_span;
  if (std::abs(offset) + half_width > static_cast<double>(stretch.rate().hz()) / 2.0) return result;
  auto slots = open_slots(stretch, tuned, cell, ssb_case, reception->carrier);
  if (!slots) return result;

  result.status = Sib1Status::no_dci;
  ResourceGrid grid(1, reception->carrier.num_prb);
  PdcchCodec pdcch;
  PdschCodec pdsch(reception->carrier.num_prb);
  HarqSoftBuffer harq(kMaxSib1Bytes);
  const PdcchSearch search = si_search(*reception, cell.pci);
  const auto length = static_cast<std::int64_t>(slots->demodulator.timing().samples_per_slot());
  const auto first = -(std::llround(slots->frame_begin) / length) - 1;
  const auto last = (static_cast<std::int64_t>(slots->samples.size()) - std::llround(slots->frame_begin)) / length;
  for (std::int64_t n = first; n <= last; ++n) {
    const nr::Slot slot = slots->frame_slot + n;
    if (!nr::is_monitored(reception->monitoring, slot) || !slots->read(n, grid.span())) continue;
    FoundDcis found;
    pdcch.search(search, reception->carrier, slot, 0, grid.span(), found);
    for (const FoundDci& dci : found) {
      if (read_slot(*reception, cell.pci, dci, slot, grid.span(), pdsch, harq, result)) return result;
    }
  }
  return result;
}

}  // namespace ravi::phy
