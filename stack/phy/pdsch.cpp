#include "stack/phy/pdsch.h"

#include "stack/nr/dmrs.h"
#include "stack/phy/dmrs.h"
#include "stack/phy/modulation.h"
#include "stack/phy/scrambling.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <optional>

namespace ravi::phy {
namespace {

constexpr unsigned kMaxBitsPerSymbol = 8;

std::optional<PdschAllocation> locate(const nr::PdschPdu& pdu, const nr::Carrier& carrier)
{
  const auto port = nr::dmrs_port_type1(pdu.dmrs.port);
  if (pdu.prb.count == 0 || pdu.prb.begin >= nr::kMaxNumPrb || pdu.prb.count > nr::kMaxNumPrb || pdu.prb.end() > pdu.bwp_crb.count ||
      pdu.bwp_crb.count > nr::kMaxNumPrb || pdu.symbols.count == 0 || pdu.symbols.count > nr::kSymbolsPerSlot ||
      pdu.symbols.end() > nr::kSymbolsPerSlot || pdu.dmrs.port > 3 || !port || pdu.bwp_crb.begin < pdu.dmrs.reference_crb) {
    return std::nullopt;
  }
  PdschAllocation at{.first_crb = pdu.bwp_crb.begin, .vrb = pdu.prb, .delta = port->delta};
  if (pdu.vrb_bundle_size != 0) {
    if (pdu.vrb_bundle_size != 2 && pdu.vrb_bundle_size != 4) return std::nullopt;
    // Bundles lie on multiples of their size from CRB 0, with SI-RNTI from CORESET#0's lowest, which is the DM-RS's reference too.
    at.bundle_size = pdu.vrb_bundle_size;
    at.bundle_phase = (pdu.bwp_crb.begin - pdu.dmrs.reference_crb) % at.bundle_size;
    at.num_bundles = (pdu.bwp_crb.count + at.bundle_phase + at.bundle_size - 1) / at.bundle_size;
  }
  for (unsigned i = 0; i < at.vrb.count; ++i) {
    const unsigned crb = at.crb(i);
    if (crb < carrier.offset_to_carrier || crb >= carrier.offset_to_carrier + carrier.num_prb) return std::nullopt;
  }
  return at;
}

bool has_dmrs(const nr::PdschPdu& pdu, unsigned symbol) { return (pdu.dmrs.symbols >> symbol & 1U) != 0; }

/// Bit k: subcarrier k of this PRB carries data.
unsigned data_subcarriers(const nr::PdschPdu& pdu, const PdschAllocation& at, unsigned symbol, unsigned crb)
{
  constexpr unsigned kEven = 0x555;
  constexpr unsigned kAll = 0xFFF;
  unsigned data = kAll;
  if (has_dmrs(pdu, symbol)) data = pdu.dmrs.num_cdm_groups_without_data >= 2 ? 0U : (kEven << (1U - at.delta)) & kAll;
  for (const nr::ReservedElements& reserved : pdu.reserved) {
    if ((reserved.symbols >> symbol & 1U) != 0 && crb >= reserved.crb.begin && crb < reserved.crb.end()) {
      data &= ~unsigned{reserved.subcarriers};
    }
  }
  return data;
}

/// Calls visit(symbol, k) for each element with data in the order of mapping (TS 38.211 §7.3.1.5): by symbols, within one by
/// virtual resource blocks; k is the subcarrier of the grid.
template <class Visit>
void for_each_element(const nr::PdschPdu& pdu, const PdschAllocation& at, const nr::Carrier& carrier, const Visit& visit)
{
  for (unsigned symbol = pdu.symbols.begin; symbol < pdu.symbols.end(); ++symbol) {
    for (unsigned i = 0; i < at.vrb.count; ++i) {
      const unsigned crb = at.crb(i);
      const unsigned data = data_subcarriers(pdu, at, symbol, crb);
      const unsigned first = (crb - carrier.offset_to_carrier) * nr::kSubcarriersPerPrb;
      for (unsigned k = 0; k < nr::kSubcarriersPerPrb; ++k) {
        if ((data >> k & 1U) != 0) visit(symbol, first + k);
      }
    }
  }
}

std::uint32_t scrambling_c_init(const nr::PdschPdu& pdu)  // TS 38.211 §7.3.1.1, one codeword
{
  return (std::uint32_t{pdu.rnti.value()} << 15U) + pdu.data_scrambling_id;
}

}  // namespace

unsigned PdschAllocation::crb(unsigned i) const noexcept
{
  const unsigned block = vrb.begin + i;
  if (bundle_size == 0) return first_crb + block;
  const unsigned bundle = (block + bundle_phase) / bundle_size;
  if (bundle + 1 == num_bundles) return first_crb + block;
  constexpr unsigned kRows = 2;                        // R
  const unsigned columns = num_bundles / kRows;        // C
  const unsigned mapped = bundle % kRows * columns + bundle / kRows;
  return first_crb + mapped * bundle_size + (block + bundle_phase) % bundle_size - bundle_phase;
}

unsigned num_pdsch_elements(const nr::PdschPdu& pdu, const nr::Carrier& carrier) noexcept
{
  const std::optional<PdschAllocation> at = locate(pdu, carrier);
  unsigned count = 0;
  if (at) for_each_element(pdu, *at, carrier, [&](unsigned, unsigned) { ++count; });
  return count;
}

PdschCodec::PdschCodec(unsigned max_num_prb)
  : max_num_prb_(max_num_prb),
    channel_(max_num_prb),
    packed_(max_num_prb),
    pilots_(std::size_t{6} * max_num_prb),
    h_(std::size_t{nr::kSubcarriersPerPrb} * max_num_prb),
    y_(h_.size()),
    row_(h_.size()),
    elements_(h_.size() * nr::kSymbolsPerSlot),
    noise_(elements_.size()),
    row_noise_(h_.size()),
    llrs_(elements_.size() * kMaxBitsPerSymbol),
    bits_(llrs_.size())
{
  runs_.reserve(max_num_prb);
}

bool PdschCodec::encode(const nr::PdschPdu& pdu, std::span<const std::uint8_t> payload, const nr::Carrier& carrier, nr::Slot slot,
                        unsigned port, GridSpan grid) noexcept
{
  const std::optional<PdschAllocation> at = locate(pdu, carrier);
  if (!at || at->vrb.count > max_num_prb_ || grid.num_prb() < carrier.num_prb || port >= grid.num_ports()) return false;
  const unsigned num_elements = num_pdsch_elements(pdu, carrier);
  const std::span<std::uint8_t> bits = std::span(bits_).first(std::size_t{num_elements} * nr::bits_per_symbol(pdu.sch.modulation));
  if (!encoder_.encode(payload, pdu.sch, bits)) return false;
  scramble(bits, scrambling_c_init(pdu), bits);
  const std::span<Cf32> elements = std::span(elements_).first(num_elements);
  map_symbols(bits, pdu.sch.modulation, elements);

  const auto amplitude = static_cast<float>(to_amplitude(pdu.power_offset));
  std::size_t next = 0;
  for_each_element(pdu, *at, carrier, [&](unsigned symbol, unsigned k) { grid(port, symbol)[k] = amplitude * elements[next++]; });
  find_runs(*at, carrier, pdu.dmrs.reference_crb);
  const float pilot_amplitude = amplitude * dmrs_boost(pdu.dmrs.num_cdm_groups_without_data);
  for (unsigned symbol = pdu.symbols.begin; symbol < pdu.symbols.end(); ++symbol) {
    if (!has_dmrs(pdu, symbol)) continue;
    const std::uint32_t c_init = dmrs_c_init(slot.slot_in_frame(), symbol, pdu.dmrs.scrambling_id, pdu.dmrs.n_scid);
    for (const PilotRun& run : runs_) {
      const std::span<Cf32> pilots = std::span(pilots_).first(std::size_t{6} * run.num_prb);
      dmrs_pilots_type1(c_init, run.first_prb, pdu.dmrs.port, pilots);
      const std::span<Cf32> row = grid(port, symbol).subspan(run.first_subcarrier);
      for (std::size_t i = 0; i < pilots.size(); ++i) row[at->delta + 2 * i] = pilot_amplitude * pilots[i];
    }
  }
  return true;
}

/// Fills runs_ and packed_: the physical blocks in ascending order, and where each virtual one is among them.
void PdschCodec::find_runs(const PdschAllocation& at, const nr::Carrier& carrier, unsigned reference_crb) noexcept
{
  std::bitset<nr::kMaxNumPrb> used;
  for (unsigned i = 0; i < at.vrb.count; ++i) used.set(at.crb(i) - carrier.offset_to_carrier);
  runs_.clear();
  std::array<std::uint16_t, nr::kMaxNumPrb> place{};
  std::uint16_t next = 0;
  for (unsigned prb = 0; prb < used.size(); ++prb) {
    if (!used[prb]) continue;
    if (prb == 0 || !used[prb - 1]) {
      runs_.push_back({.first_subcarrier = prb * nr::kSubcarriersPerPrb, .first_prb = prb + carrier.offset_to_carrier - reference_crb});
    }
    ++runs_.back().num_prb;
    place[prb] = next++;
  }
  for (unsigned i = 0; i < at.vrb.count; ++i) packed_[i] = place[at.crb(i) - carrier.offset_to_carrier];
}

nr::SchResult PdschCodec::decode(const nr::PdschPdu& pdu, const nr::Carrier& carrier, nr::Slot slot, unsigned antenna,
                                 ConstGridSpan grid, HarqSoftBuffer& harq, std::span<std::uint8_t> payload) noexcept
{
  nr::SchResult result;
  const std::optional<PdschAllocation> at = locate(pdu, carrier);
  if (!at || at->vrb.count > max_num_prb_ || grid.num_prb() < carrier.num_prb || antenna >= grid.num_ports()) return result;
  find_runs(*at, carrier, pdu.dmrs.reference_crb);
  if (!channel_.estimate(grid, antenna, runs_, pdu.dmrs, slot)) return result;
  result.snr_db = channel_.snr_db();
  result.timing_offset_us = channel_.delay_us();
  result.cfo_hz = channel_.cfo_hz();
  result.rsrp_dbfs = 10.0F * std::log10(std::max(channel_.pilot_power(), 1e-30F));

  std::size_t num_elements = 0;
  for (unsigned symbol = pdu.symbols.begin; symbol < pdu.symbols.end(); ++symbol) {
    num_elements += equalize_symbol(pdu, *at, symbol, grid(antenna, symbol), num_elements);
  }
  const std::span<std::int8_t> llrs = std::span(llrs_).first(num_elements * nr::bits_per_symbol(pdu.sch.modulation));
  demap(std::span(elements_).first(num_elements), std::span(noise_).first(num_elements), pdu.sch.modulation, llrs);
  descramble(llrs, scrambling_c_init(pdu), llrs);
  if (pdu.is_new_data) harq.clear();
  result.is_crc_ok = decoder_.decode(llrs, pdu.sch, harq, payload).is_crc_ok;
  return result;
}

/// Data of one symbol, equalized, appended from element `first` on; returns how many.
std::size_t PdschCodec::equalize_symbol(const nr::PdschPdu& pdu, const PdschAllocation& at, unsigned symbol,
                                        std::span<const Cf32> received, std::size_t first) noexcept
{
  if (has_dmrs(pdu, symbol) && pdu.dmrs.num_cdm_groups_without_data >= 2) return 0;
  const bool is_whole = !has_dmrs(pdu, symbol) && std::none_of(pdu.reserved.begin(), pdu.reserved.end(), [&](const auto& reserved) {
    return (reserved.symbols >> symbol & 1U) != 0;
  });
  const std::size_t width = std::size_t{at.vrb.count} * nr::kSubcarriersPerPrb;
  const std::span<Cf32> h = std::span(h_).first(width);
  channel_.at_symbol(symbol, h);
  if (is_whole && at.bundle_size == 0) {
    const std::span<const Cf32> y = received.subspan(runs_[0].first_subcarrier, width);
    equalize(y, h, channel_.noise_var(), std::span(elements_).subspan(first, width), std::span(noise_).subspan(first, width));
    return width;
  }
  const std::span<Cf32> y = std::span(y_).first(width);
  std::size_t next = 0;
  for (const PilotRun& run : runs_) {
    const std::size_t count = std::size_t{run.num_prb} * nr::kSubcarriersPerPrb;
    std::copy_n(received.begin() + run.first_subcarrier, count, y.begin() + static_cast<std::ptrdiff_t>(next));
    next += count;
  }
  const std::span<Cf32> row = std::span(row_).first(width);
  const std::span<float> row_noise = std::span(row_noise_).first(width);
  equalize(y, h, channel_.noise_var(), row, row_noise);
  std::size_t count = 0;
  for (unsigned i = 0; i < at.vrb.count; ++i) {
    const unsigned data = data_subcarriers(pdu, at, symbol, at.crb(i));
    for (unsigned k = 0; k < nr::kSubcarriersPerPrb; ++k) {
      if ((data >> k & 1U) == 0) continue;
      elements_[first + count] = row[packed_[i] * nr::kSubcarriersPerPrb + k];
      noise_[first + count] = row_noise[packed_[i] * nr::kSubcarriersPerPrb + k];
      ++count;
    }
  }
  return count;
}

}  // namespace ravi::phy
