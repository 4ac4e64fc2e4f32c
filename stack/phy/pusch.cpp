#include "stack/phy/pusch.h"

#include "stack/nr/dmrs.h"
#include "stack/phy/code_block_segmentation.h"
#include "stack/phy/dmrs.h"
#include "stack/phy/modulation.h"
#include "stack/phy/scrambling.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ravi::phy {
namespace {

constexpr unsigned kMaxBitsPerSymbol = 8;

bool has_dmrs(const nr::PuschPdu& pdu, unsigned symbol) { return (pdu.dmrs.symbols >> symbol & 1U) != 0; }

/// TS 38.211 §6.3.1.1.
std::uint32_t scrambling_of(const nr::PuschPdu& pdu)
{
  return (std::uint32_t{pdu.rnti.value()} << 15U) + pdu.data_scrambling_id;
}

/// Sum of K_r, TS 38.212 §5.2.2: code blocks with their filler bits. 0 where there is no such segmentation.
unsigned num_code_block_bits(const nr::SchConfig& sch)
{
  const auto graph = sch.base_graph == 1 ? nr::LdpcBaseGraph::bg1 : nr::LdpcBaseGraph::bg2;
  const auto blocks = segment(8 * sch.tbs_bytes, graph);
  return blocks ? blocks->num_code_blocks * blocks->z * (sch.base_graph == 1 ? 22 : 10) : 0;
}

}  // namespace

PuschCodec::PuschCodec(unsigned max_num_prb)
  : max_num_prb_(max_num_prb),
    multiplex_(max_num_prb),
    channel_(max_num_prb),
    pilots_(std::size_t{6} * max_num_prb),
    h_(std::size_t{nr::kSubcarriersPerPrb} * max_num_prb),
    elements_(h_.size() * nr::kSymbolsPerSlot),
    noise_(elements_.size()),
    bits_(elements_.size() * kMaxBitsPerSymbol),
    sch_bits_(bits_.size()),
    harq_ack_bits_(bits_.size()),
    csi_bits_(bits_.size()),
    llrs_(bits_.size()),
    sch_llrs_(bits_.size()),
    harq_ack_llrs_(bits_.size()),
    csi_llrs_(bits_.size())
{
}

/// Checks the PDU, and says which elements carry what.
bool PuschCodec::lay_out(const nr::PuschPdu& pdu, const nr::Carrier& carrier, unsigned num_grid_prb, Allocation& at) noexcept
{
  const unsigned crb = pdu.bwp_crb.begin + pdu.prb.begin;
  if (pdu.prb.count == 0 || pdu.prb.count > max_num_prb_ || pdu.prb.end() > pdu.bwp_crb.count || crb < carrier.offset_to_carrier ||
      crb + pdu.prb.count > carrier.offset_to_carrier + carrier.num_prb || num_grid_prb < carrier.num_prb ||
      crb < pdu.dmrs.reference_crb || pdu.symbols.count == 0 || pdu.symbols.end() > nr::kSymbolsPerSlot || pdu.dmrs.port > 3) {
    return false;
  }
  at = {.first_subcarrier = (crb - carrier.offset_to_carrier) * nr::kSubcarriersPerPrb,
        .first_crb = crb,
        .delta = nr::dmrs_port_type1(pdu.dmrs.port)->delta};
  return multiplex_.lay_out(pdu, num_code_block_bits(pdu.sch));
}

bool PuschCodec::encode(const nr::PuschPdu& pdu, std::span<const std::uint8_t> payload, const nr::Uci& uci,
                        const nr::Carrier& carrier, nr::Slot slot, GridSpan grid) noexcept
{
  Allocation at;
  if (uci.harq_ack.size() != pdu.uci.num_harq_ack_bits || uci.csi_part1.size() != pdu.uci.num_csi_part1_bits ||
      !lay_out(pdu, carrier, grid.num_prb(), at)) {
    return false;
  }
  const std::span<std::uint8_t> sch = std::span(sch_bits_).first(multiplex_.num_sch_bits());
  const std::span<std::uint8_t> harq_ack = std::span(harq_ack_bits_).first(multiplex_.num_harq_ack_bits());
  const std::span<std::uint8_t> csi = std::span(csi_bits_).first(multiplex_.num_csi_part1_bits());
  if (!encoder_.encode(payload, pdu.sch, sch)) return false;                                          // TS 38.212 §6.2
  if (!harq_ack.empty() && !uci_.encode(uci.harq_ack.span(), pdu.sch.modulation, harq_ack)) return false;  // §6.3.2
  if (!csi.empty() && !uci_.encode(uci.csi_part1.span(), pdu.sch.modulation, csi)) return false;
  const std::span<std::uint8_t> bits = std::span(bits_).first(multiplex_.num_bits());
  multiplex_.multiplex(sch, harq_ack, csi, bits);                                                     // §6.2.7
  scramble(bits, scrambling_of(pdu), bits);                                                           // TS 38.211 §6.3.1.1
  const std::span<Cf32> elements = std::span(elements_).first(bits.size() / nr::bits_per_symbol(pdu.sch.modulation));
  map_symbols(bits, pdu.sch.modulation, elements);                                                    // §6.3.1.2

  const std::span<Cf32> pilots = std::span(pilots_).first(std::size_t{6} * pdu.prb.count);
  const float boost = dmrs_boost(pdu.dmrs.num_cdm_groups_without_data);
  const Cf32* next = elements.data();
  for (unsigned symbol = pdu.symbols.begin; symbol < pdu.symbols.end(); ++symbol) {
    const std::span<Cf32> row =
        grid(0, symbol).subspan(at.first_subcarrier, std::size_t{pdu.prb.count} * nr::kSubcarriersPerPrb);
    const unsigned num_data = multiplex_.num_data_subcarriers(symbol);
    if (!has_dmrs(pdu, symbol)) {
      std::copy_n(next, num_data, row.begin());
    } else {
      dmrs_pilots_type1(dmrs_c_init(slot.slot_in_frame(), symbol, pdu.dmrs.scrambling_id, pdu.dmrs.n_scid),
                        at.first_crb - pdu.dmrs.reference_crb, pdu.dmrs.port, pilots);                // §6.4.1.1
      for (std::size_t i = 0; i < pilots.size(); ++i) row[at.delta + 2 * i] = boost * pilots[i];
      for (unsigned i = 0; i < num_data; ++i) row[1 - at.delta + 2 * i] = next[i];
    }
    next += num_data;
  }
  return true;
}

/// Every data element equalized, in the order of mapping.
void PuschCodec::equalize_all(const nr::PuschPdu& pdu, const Allocation& at, unsigned antenna, ConstGridSpan grid) noexcept
{
  const std::span<Cf32> h = std::span(h_).first(std::size_t{pdu.prb.count} * nr::kSubcarriersPerPrb);
  std::size_t next = 0;
  for (unsigned symbol = pdu.symbols.begin; symbol < pdu.symbols.end(); ++symbol) {
    const std::size_t num_data = multiplex_.num_data_subcarriers(symbol);
    if (num_data == 0) continue;
    const std::span<const Cf32> y = grid(antenna, symbol).subspan(at.first_subcarrier, h.size());
    channel_.at_symbol(symbol, h);
    const auto elements = std::span(elements_).subspan(next, num_data);
    const auto noise = std::span(noise_).subspan(next, num_data);
    if (num_data == h.size()) {
      equalize(y, h, channel_.noise_var(), elements, noise);
    } else {
      for (std::size_t i = 0; i < num_data; ++i) {
        const std::size_t k = 1 - at.delta + 2 * i;
        equalize(y.subspan(k, 1), h.subspan(k, 1), channel_.noise_var(), elements.subspan(i, 1), noise.subspan(i, 1));
      }
    }
    next += num_data;
  }
}

PuschResult PuschCodec::decode(const nr::PuschPdu& pdu, const nr::Carrier& carrier, nr::Slot slot, unsigned antenna,
                               ConstGridSpan grid, HarqSoftBuffer& harq, std::span<std::uint8_t> payload) noexcept
{
  PuschResult result;
  Allocation at;
  if (antenna >= grid.num_ports() || !lay_out(pdu, carrier, grid.num_prb(), at) ||
      !channel_.estimate(grid, antenna, at.first_subcarrier, at.first_crb - pdu.dmrs.reference_crb, pdu.prb.count, pdu.dmrs,
                         slot)) {                                                                     // TS 38.211 §6.4.1.1
    return result;
  }
  result.sch.snr_db = result.uci.snr_db = channel_.snr_db();
  result.sch.timing_offset_us = result.uci.timing_offset_us = channel_.delay_us();
  result.sch.cfo_hz = channel_.cfo_hz();
  result.sch.rsrp_dbfs = 10.0F * std::log10(std::max(channel_.pilot_power(), 1e-30F));

  equalize_all(pdu, at, antenna, grid);
  const std::size_t num_elements = multiplex_.num_bits() / nr::bits_per_symbol(pdu.sch.modulation);
  const std::span<std::int8_t> llrs = std::span(llrs_).first(multiplex_.num_bits());
  demap(std::span(elements_).first(num_elements), std::span(noise_).first(num_elements), pdu.sch.modulation, llrs);  // §6.3.1.2
  descramble(llrs, scrambling_of(pdu), llrs);                                                         // §6.3.1.1
  const std::span<std::int8_t> sch = std::span(sch_llrs_).first(multiplex_.num_sch_bits());
  multiplex_.demultiplex(llrs, sch, std::span(harq_ack_llrs_).first(multiplex_.num_harq_ack_bits()),
                         std::span(csi_llrs_).first(multiplex_.num_csi_part1_bits()));                // TS 38.212 §6.2.7
  decode_uci(pdu, result.uci);                                                                        // §6.3.2
  if (pdu.is_new_data) harq.clear();
  result.sch.is_crc_ok = decoder_.decode(sch, pdu.sch, harq, payload).is_crc_ok;                      // §6.2
  return result;
}

void PuschCodec::decode_uci(const nr::PuschPdu& pdu, nr::UciResult& result) noexcept
{
  const auto decode_part = [&](std::span<const std::int8_t> llrs, std::span<const std::uint8_t> scrambling, unsigned num_bits,
                               nr::SmallBits& bits) {
    std::array<std::uint8_t, nr::SmallBits::capacity()> word{};
    if (num_bits == 0 || num_bits > word.size()) return;
    const auto decoding = uci_.decode(llrs, pdu.sch.modulation, scrambling, std::span(word).first(num_bits));
    if (!decoding) return;
    result.detection = nr::Detection::present;
    if (decoding->check == UciCheck::crc_failed) {
      result.is_crc_ok = false;
      return;
    }
    for (unsigned b = 0; b < num_bits; ++b) (void)bits.push_back(word[b]);
  };
  std::span<const std::uint8_t> scrambling;
  if (pdu.uci.num_harq_ack_bits == 1) {
    // A single bit also gains from its placeholders, which need what they were scrambled with.
    const std::span<std::uint8_t> sequence = std::span(bits_).first(multiplex_.num_bits());
    GoldSequence(scrambling_of(pdu)).generate(sequence);
    const std::span<std::uint8_t> its = std::span(harq_ack_bits_).first(multiplex_.num_harq_ack_bits());
    multiplex_.harq_ack_of(sequence, its);
    scrambling = its;
  }
  decode_part(std::span(harq_ack_llrs_).first(multiplex_.num_harq_ack_bits()), scrambling, pdu.uci.num_harq_ack_bits,
              result.uci.harq_ack);
  decode_part(std::span(csi_llrs_).first(multiplex_.num_csi_part1_bits()), {}, pdu.uci.num_csi_part1_bits, result.uci.csi_part1);
}

}  // namespace ravi::phy
