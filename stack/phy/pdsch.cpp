#include "stack/phy/pdsch.h"

#include "stack/nr/dmrs.h"
#include "stack/phy/dmrs.h"
#include "stack/phy/modulation.h"
#include "stack/phy/scrambling.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace ravi::phy {
namespace {

constexpr unsigned kMaxBitsPerSymbol = 8;

std::optional<PdschAllocation> locate(const nr::PdschPdu& pdu, const nr::Carrier& carrier)
{
  const unsigned crb = pdu.bwp_crb.begin + pdu.prb.begin;
  const auto port = nr::dmrs_port_type1(pdu.dmrs.port);
  if (pdu.vrb_bundle_size != 0 || pdu.prb.count == 0 || pdu.prb.end() > pdu.bwp_crb.count || crb < carrier.offset_to_carrier ||
      crb + pdu.prb.count > carrier.offset_to_carrier + carrier.num_prb || crb < pdu.dmrs.reference_crb ||
      pdu.symbols.count == 0 || pdu.symbols.end() > nr::kSymbolsPerSlot || pdu.dmrs.port > 3 || !port) {
    return std::nullopt;
  }
  return PdschAllocation{.first_prb = crb - carrier.offset_to_carrier, .num_prb = pdu.prb.count, .first_crb = crb, .delta = port->delta};
}

bool has_dmrs(const nr::PdschPdu& pdu, unsigned symbol) { return (pdu.dmrs.symbols >> symbol & 1U) != 0; }

/// Bit k: subcarrier k of this PRB carries data.
std::uint16_t data_subcarriers(const nr::PdschPdu& pdu, const PdschAllocation& at, unsigned symbol, unsigned crb)
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
  return static_cast<std::uint16_t>(data & kAll);
}

/// Calls visit(symbol, k) for each element with data in the order of mapping (TS 38.211 §7.3.1.5, §7.3.1.6 non-interleaved);
/// k counts from the allocation's lowest subcarrier.
template <class Visit>
void for_each_element(const nr::PdschPdu& pdu, const PdschAllocation& at, const Visit& visit)
{
  for (unsigned symbol = pdu.symbols.begin; symbol < pdu.symbols.end(); ++symbol) {
    for (unsigned prb = 0; prb < at.num_prb; ++prb) {
      const unsigned data = data_subcarriers(pdu, at, symbol, at.first_crb + prb);
      for (unsigned k = 0; k < nr::kSubcarriersPerPrb; ++k) {
        if ((data >> k & 1U) != 0) visit(symbol, prb * nr::kSubcarriersPerPrb + k);
      }
    }
  }
}

std::uint32_t scrambling_c_init(const nr::PdschPdu& pdu)  // TS 38.211 §7.3.1.1, one codeword
{
  return (std::uint32_t{pdu.rnti.value()} << 15U) + pdu.data_scrambling_id;
}

}  // namespace

unsigned num_pdsch_elements(const nr::PdschPdu& pdu, const nr::Carrier& carrier) noexcept
{
  const std::optional<PdschAllocation> at = locate(pdu, carrier);
  unsigned count = 0;
  if (at) for_each_element(pdu, *at, [&](unsigned, unsigned) { ++count; });
  return count;
}

PdschCodec::PdschCodec(unsigned max_num_prb)
  : max_num_prb_(max_num_prb),
    channel_(max_num_prb),
    pilots_(std::size_t{6} * max_num_prb),
    h_(std::size_t{nr::kSubcarriersPerPrb} * max_num_prb),
    row_(h_.size()),
    elements_(h_.size() * nr::kSymbolsPerSlot),
    noise_(elements_.size()),
    row_noise_(h_.size()),
    llrs_(elements_.size() * kMaxBitsPerSymbol),
    bits_(llrs_.size())
{
}

bool PdschCodec::encode(const nr::PdschPdu& pdu, std::span<const std::uint8_t> payload, const nr::Carrier& carrier, nr::Slot slot,
                        unsigned port, GridSpan grid) noexcept
{
  const std::optional<PdschAllocation> at = locate(pdu, carrier);
  if (!at || at->num_prb > max_num_prb_ || grid.num_prb() < carrier.num_prb || port >= grid.num_ports()) return false;
  const unsigned num_elements = num_pdsch_elements(pdu, carrier);
  const std::span<std::uint8_t> bits = std::span(bits_).first(std::size_t{num_elements} * nr::bits_per_symbol(pdu.sch.modulation));
  if (!encoder_.encode(payload, pdu.sch, bits)) return false;
  scramble(bits, scrambling_c_init(pdu), bits);
  const std::span<Cf32> elements = std::span(elements_).first(num_elements);
  map_symbols(bits, pdu.sch.modulation, elements);

  const unsigned first_subcarrier = at->first_prb * nr::kSubcarriersPerPrb;
  const auto amplitude = static_cast<float>(to_amplitude(pdu.power_offset));
  std::size_t next = 0;
  for_each_element(pdu, *at, [&](unsigned symbol, unsigned k) {
    grid(port, symbol)[first_subcarrier + k] = amplitude * elements[next++];
  });
  const std::span<Cf32> pilots = std::span(pilots_).first(std::size_t{6} * at->num_prb);
  const float pilot_amplitude = amplitude * dmrs_boost(pdu.dmrs.num_cdm_groups_without_data);
  for (unsigned symbol = pdu.symbols.begin; symbol < pdu.symbols.end(); ++symbol) {
    if (!has_dmrs(pdu, symbol)) continue;
    dmrs_pilots_type1(dmrs_c_init(slot.slot_in_frame(), symbol, pdu.dmrs.scrambling_id, pdu.dmrs.n_scid),
                      at->first_crb - pdu.dmrs.reference_crb, pdu.dmrs.port, pilots);
    const std::span<Cf32> row = grid(port, symbol).subspan(first_subcarrier);
    for (std::size_t i = 0; i < pilots.size(); ++i) row[at->delta + 2 * i] = pilot_amplitude * pilots[i];
  }
  return true;
}

nr::SchResult PdschCodec::decode(const nr::PdschPdu& pdu, const nr::Carrier& carrier, nr::Slot slot, unsigned antenna,
                                 ConstGridSpan grid, HarqSoftBuffer& harq, std::span<std::uint8_t> payload) noexcept
{
  nr::SchResult result;
  const std::optional<PdschAllocation> at = locate(pdu, carrier);
  if (!at || at->num_prb > max_num_prb_ || grid.num_prb() < carrier.num_prb || antenna >= grid.num_ports()) return result;
  const unsigned first_subcarrier = at->first_prb * nr::kSubcarriersPerPrb;
  if (!channel_.estimate(grid, antenna, first_subcarrier, at->first_crb - pdu.dmrs.reference_crb, at->num_prb, pdu.dmrs, slot)) {
    return result;
  }
  result.snr_db = channel_.snr_db();
  result.timing_offset_us = channel_.delay_us();
  result.cfo_hz = channel_.cfo_hz();
  result.rsrp_dbfs = 10.0F * std::log10(std::max(channel_.pilot_power(), 1e-30F));

  const std::size_t width = std::size_t{at->num_prb} * nr::kSubcarriersPerPrb;
  std::size_t num_elements = 0;
  for (unsigned symbol = pdu.symbols.begin; symbol < pdu.symbols.end(); ++symbol) {
    num_elements += equalize_symbol(pdu, *at, symbol, grid(antenna, symbol).subspan(first_subcarrier, width), num_elements);
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
                                        std::span<const Cf32> y, std::size_t first) noexcept
{
  const bool is_whole = !has_dmrs(pdu, symbol) && std::none_of(pdu.reserved.begin(), pdu.reserved.end(), [&](const auto& reserved) {
    return (reserved.symbols >> symbol & 1U) != 0;
  });
  if (has_dmrs(pdu, symbol) && pdu.dmrs.num_cdm_groups_without_data >= 2) return 0;
  const std::span<Cf32> h = std::span(h_).first(y.size());
  channel_.at_symbol(symbol, h);
  if (is_whole) {
    equalize(y, h, channel_.noise_var(), std::span(elements_).subspan(first, y.size()), std::span(noise_).subspan(first, y.size()));
    return y.size();
  }
  const std::span<Cf32> row = std::span(row_).first(y.size());
  const std::span<float> row_noise = std::span(row_noise_).first(y.size());
  equalize(y, h, channel_.noise_var(), row, row_noise);
  std::size_t count = 0;
  for (unsigned prb = 0; prb < at.num_prb; ++prb) {
    const unsigned data = data_subcarriers(pdu, at, symbol, at.first_crb + prb);
    for (unsigned k = 0; k < nr::kSubcarriersPerPrb; ++k) {
      if ((data >> k & 1U) == 0) continue;
      elements_[first + count] = row[prb * nr::kSubcarriersPerPrb + k];
      noise_[first + count] = row_noise[prb * nr::kSubcarriersPerPrb + k];
      ++count;
    }
  }
  return count;
}

}  // namespace ravi::phy
