#include "stack/phy/pucch_format1.h"

#include "stack/phy/low_papr_sequence.h"
#include "stack/phy/scrambling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>

namespace ravi::phy {
namespace {

using Row = std::array<Cf32, nr::kSubcarriersPerPrb>;

/// Bits to d(0): BPSK or QPSK, TS 38.211 §5.1.2, §5.1.3. A scheduling request is sent as bit 0.
Cf32 symbol_of(unsigned hypothesis, unsigned num_bits)
{
  constexpr float a = std::numbers::sqrt2_v<float> / 2.0F;
  if (num_bits < 2) return hypothesis == 0 ? Cf32(a, a) : Cf32(-a, -a);
  return {(hypothesis & 2U) == 0 ? a : -a, (hypothesis & 1U) == 0 ? a : -a};
}

/// One symbol of the transmission: where it lies and what multiplies its sequence.
struct Hop {
  unsigned first_symbol = 0;     ///< of the slot
  unsigned num_symbols = 0;
  unsigned first_subcarrier = 0; ///< of the grid
  unsigned index_of_first = 0;   ///< of the hop's first symbol within the PUCCH: odd ones carry data
};

struct Hops {
  std::array<Hop, 2> hops;
  unsigned count = 0;
};

std::optional<Hops> hops_of(const nr::PucchPdu& pdu, unsigned offset_to_carrier, unsigned num_subcarriers)
{
  if (pdu.format != 1 || pdu.symbols.count < 4 || pdu.symbols.end() > nr::kSymbolsPerSlot || pdu.num_harq_ack_bits > 2 ||
      pdu.initial_cyclic_shift > 11) {
    return std::nullopt;
  }
  Hops result;
  result.count = pdu.second_hop_prb ? 2 : 1;
  const unsigned num_first = pdu.second_hop_prb ? pdu.symbols.count / 2 : pdu.symbols.count;
  for (unsigned h = 0; h < result.count; ++h) {
    const unsigned prb = pdu.bwp_crb.begin + (h == 0 ? pdu.starting_prb : *pdu.second_hop_prb);
    if (prb < offset_to_carrier || (prb - offset_to_carrier + 1) * nr::kSubcarriersPerPrb > num_subcarriers) return std::nullopt;
    result.hops[h] = {.first_symbol = pdu.symbols.begin + (h == 0 ? 0 : num_first),
                      .num_symbols = h == 0 ? num_first : pdu.symbols.count - num_first,
                      .first_subcarrier = (prb - offset_to_carrier) * nr::kSubcarriersPerPrb,
                      .index_of_first = h == 0 ? 0 : num_first};
    // The orthogonal sequence must exist for the fewer of the hop's data and pilot symbols.
    if (pdu.time_domain_occ >= std::max(1U, result.hops[h].num_symbols / 2)) return std::nullopt;
  }
  return result;
}

bool is_data(const Hop& hop, unsigned symbol) { return (hop.index_of_first + symbol) % 2 == 1; }

unsigned num_of_kind(const Hop& hop, bool data)
{
  unsigned count = 0;
  for (unsigned l = 0; l < hop.num_symbols; ++l) count += is_data(hop, l) == data ? 1U : 0U;
  return count;
}

/// The cyclic shifts of one slot's symbols. TS 38.211 §6.3.2.2.2.
class CyclicShifts {
public:
  CyclicShifts(const nr::PucchPdu& pdu, nr::Slot slot) : initial_(pdu.initial_cyclic_shift)
  {
    GoldSequence sequence(pdu.hopping_id);
    sequence.skip(std::size_t{8} * nr::kSymbolsPerSlot * slot.slot_in_frame());
    sequence.generate(bits_);
  }
  /// alpha / (2 pi / 12) at a symbol of the slot.
  [[nodiscard]] unsigned operator()(unsigned symbol) const
  {
    unsigned n_cs = 0;
    for (unsigned m = 0; m < 8; ++m) n_cs += static_cast<unsigned>(bits_[8 * symbol + m]) << m;
    return (initial_ + n_cs) % nr::kSubcarriersPerPrb;
  }

private:
  unsigned initial_;
  std::array<std::uint8_t, std::size_t{8} * nr::kSymbolsPerSlot> bits_{};
};

/// exp(j 2 pi n / 12)
Cf32 twelfth(unsigned n)
{
  constexpr float a = std::numbers::sqrt3_v<float> / 2.0F;
  static constexpr std::array<Cf32, 12> kRoots = {{{1, 0}, {a, 0.5F}, {0.5F, a}, {0, 1}, {-0.5F, a}, {-a, 0.5F},
                                                   {-1, 0}, {-a, -0.5F}, {-0.5F, -a}, {0, -1}, {0.5F, -a}, {a, -0.5F}}};
  return kRoots[n % 12];
}

Cf32 occ_weight(unsigned length, unsigned index, unsigned m)
{
  const float phase = 2.0F * std::numbers::pi_v<float> * static_cast<float>(occ_phi(length, index, m)) / static_cast<float>(length);
  return {std::cos(phase), std::sin(phase)};
}

/// Group hopping "neither": u = n_ID mod 30, v = 0. TS 38.211 §6.3.2.2.1.
Row base_of(const nr::PucchPdu& pdu)
{
  Row base;
  low_papr_base_sequence(pdu.hopping_id % 30, 0, base);
  return base;
}

/// What the receiver makes of one hop: sums over its pilots and over its data, after sequence and orthogonal code.
struct HopSums {
  Cf32 pilots{};
  Cf32 data{};
  unsigned num_pilots = 0;
  unsigned num_data = 0;
  float delay_turns = 0.0F;             ///< phase from subcarrier to subcarrier
  std::array<float, 12> shift_power{};  ///< mean power in each cyclic shift
};

HopSums despread(const Hop& hop, const Row& base, const CyclicShifts& shifts, unsigned occ, ConstGridSpan grid, unsigned antenna)
{
  HopSums sums{.num_pilots = num_of_kind(hop, false), .num_data = num_of_kind(hop, true)};
  Cf32 slope{};
  for (unsigned l = 0; l < hop.num_symbols; ++l) {
    const unsigned symbol = hop.first_symbol + l;
    const auto received = grid(antenna, symbol).subspan(hop.first_subcarrier, nr::kSubcarriersPerPrb);
    const unsigned shift = shifts(symbol);
    Row own;  // the sequence and this resource's own cyclic shift taken off
    for (unsigned n = 0; n < own.size(); ++n) own[n] = received[n] * std::conj(base[n]) * twelfth(12 * 12 - shift * n);
    for (unsigned other = 0; other < 12; ++other) {
      Cf32 sum{};
      for (unsigned n = 0; n < own.size(); ++n) sum += own[n] * twelfth(12 * 12 - other * n);
      sums.shift_power[other] += std::norm(sum) / (12.0F * static_cast<float>(hop.num_symbols));
      if (other != 0) continue;
      const bool data = is_data(hop, l);
      const unsigned length = data ? sums.num_data : sums.num_pilots;
      (data ? sums.data : sums.pilots) += sum * std::conj(occ_weight(length, occ, l / 2));
    }
    for (unsigned n = 1; n < own.size(); ++n) slope += own[n] * std::conj(own[n - 1]);
  }
  sums.delay_turns = std::arg(slope) / (2.0F * std::numbers::pi_v<float>);
  return sums;
}

/// Mean of the six quieter cyclic shifts: nobody's, where no more than six are in use. Taken off its bias downwards (the mean
/// of the lower half of 12 averages over `num_symbols` exponentials) roughly; never less than the stronger ones' leakage.
float noise_of(std::array<float, 12> power, unsigned num_symbols)
{
  std::sort(power.begin(), power.end());
  float lower = 0.0F;
  float all = 0.0F;
  for (unsigned i = 0; i < 12; ++i) {
    all += power[i];
    if (i < 6) lower += power[i] / 6.0F;
  }
  const float bias = 1.0F - 0.8F / std::sqrt(static_cast<float>(num_symbols));
  return std::max(lower / bias, 1e-6F * all);
}

}  // namespace

bool encode_pucch_format1(const nr::PucchPdu& pdu, nr::Slot slot, unsigned offset_to_carrier,
                          std::span<const std::uint8_t> harq_ack, GridSpan grid) noexcept
{
  const auto hops = hops_of(pdu, offset_to_carrier, grid.num_subcarriers());
  if (!hops || harq_ack.size() > 2) return false;
  unsigned hypothesis = 0;
  for (const std::uint8_t bit : harq_ack) hypothesis = 2 * hypothesis + bit;
  const Cf32 d = symbol_of(hypothesis, static_cast<unsigned>(harq_ack.size()));
  const Row base = base_of(pdu);
  const CyclicShifts shifts(pdu, slot);
  for (unsigned h = 0; h < hops->count; ++h) {
    const Hop& hop = hops->hops[h];
    for (unsigned l = 0; l < hop.num_symbols; ++l) {
      const bool data = is_data(hop, l);
      const Cf32 weight = occ_weight(num_of_kind(hop, data), pdu.time_domain_occ, l / 2) * (data ? d : Cf32(1.0F));
      const unsigned shift = shifts(hop.first_symbol + l);
      const auto out = grid(0, hop.first_symbol + l).subspan(hop.first_subcarrier, nr::kSubcarriersPerPrb);
      for (unsigned n = 0; n < out.size(); ++n) out[n] += weight * base[n] * twelfth(shift * n);
    }
  }
  return true;
}

nr::UciResult decode_pucch_format1(const nr::PucchPdu& pdu, nr::Slot slot, unsigned offset_to_carrier, ConstGridSpan grid,
                                   unsigned antenna) noexcept
{
  nr::UciResult result;
  const auto hops = hops_of(pdu, offset_to_carrier, grid.num_subcarriers());
  if (!hops) return result;
  const Row base = base_of(pdu);
  const CyclicShifts shifts(pdu, slot);
  std::array<HopSums, 2> sums;
  std::array<float, 2> noise{};
  for (unsigned h = 0; h < hops->count; ++h) {
    sums[h] = despread(hops->hops[h], base, shifts, pdu.time_domain_occ, grid, antenna);
    noise[h] = noise_of(sums[h].shift_power, hops->hops[h].num_symbols);
  }
  // Power of each hypothesis' coherent sum in units of its noise, hops added: noise alone is a sum of unit exponentials.
  const unsigned num_hypotheses = 1U << pdu.num_harq_ack_bits;
  float best = -1.0F;
  unsigned decided = 0;
  for (unsigned hypothesis = 0; hypothesis < num_hypotheses; ++hypothesis) {
    const Cf32 d = symbol_of(hypothesis, pdu.num_harq_ack_bits);
    float metric = 0.0F;
    for (unsigned h = 0; h < hops->count; ++h) {
      const auto count = static_cast<float>(sums[h].num_pilots + sums[h].num_data);
      const float power = std::norm(sums[h].pilots + std::conj(d) * sums[h].data) / (12.0F * count);
      if (power > 0.0F) metric += power / noise[h];
    }
    if (metric > best) {
      best = metric;
      decided = hypothesis;
    }
  }
  // P(metric > t): exp(-t) for one hop, exp(-t) (1 + t) for two; four hypotheses, once in a thousand.
  const float threshold = hops->count == 1 ? 9.0F : 11.5F;
  const float num_elements = 12.0F * static_cast<float>(pdu.symbols.count);
  result.snr_db = 10.0F * std::log10(std::max(best - static_cast<float>(hops->count), 1e-6F) / num_elements);
  if (!(best > threshold)) return result;
  result.detection = nr::Detection::present;
  for (unsigned b = 0; b < pdu.num_harq_ack_bits; ++b) {
    (void)result.uci.harq_ack.push_back(static_cast<std::uint8_t>(decided >> (pdu.num_harq_ack_bits - 1 - b) & 1U));
  }
  if (pdu.num_sr_bits == 1) (void)result.uci.sr.push_back(1);
  const float turns = hops->count == 1 ? sums[0].delay_turns : 0.5F * (sums[0].delay_turns + sums[1].delay_turns);
  result.timing_offset_us = -turns * 1e6F / static_cast<float>(nr::spacing_hz(slot.scs()));
  return result;
}

}  // namespace ravi::phy
