#include "stack/phy/ssb.h"

#include "stack/phy/channel_estimate.h"
#include "stack/phy/dmrs.h"
#include "stack/phy/modulation.h"
#include "stack/phy/pbch_coding.h"
#include "stack/phy/scrambling.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

namespace ravi::phy {
namespace {

constexpr unsigned kWidth = nr::kSsbNumSubcarriers;
constexpr unsigned kDmrsSpacing = 4;
constexpr unsigned kNumPilots = 144;
constexpr unsigned kNumPbchElements = 432;
/// Of the MIB's fields in BCCH-BCH-Message, TS 38.331 §6.2.2: behind the choice's bit come six of the SFN, one of the spacing,
/// four of k_SSB.
constexpr unsigned kMibSfnShift = 17;
constexpr unsigned kMibKssbShift = 12;
/// Subcarriers of symbol 2 with PBCH on either side of the SSS: [0, 48) and [192, 240). TS 38.211 Table 7.4.3.1-1.
constexpr unsigned kLowerEnd = 48;
constexpr unsigned kUpperBegin = 192;

using Sync = std::array<float, kSyncLength>;
using MSequence = std::array<std::uint8_t, kSyncLength>;

/// x(i + 7) = (x(i + tap) + x(i)) mod 2 from x(0..6).
constexpr MSequence m_sequence(std::array<std::uint8_t, 7> start, unsigned tap)
{
  MSequence x{};
  for (std::size_t i = 0; i < 7; ++i) x[i] = start[i];
  for (std::size_t i = 0; i + 7 < x.size(); ++i) x[i + 7] = static_cast<std::uint8_t>(x[i + tap] ^ x[i]);
  return x;
}

constexpr MSequence kPss = m_sequence({0, 1, 1, 0, 1, 1, 1}, 4);
constexpr MSequence kSss0 = m_sequence({1, 0, 0, 0, 0, 0, 0}, 4);
constexpr MSequence kSss1 = m_sequence({1, 0, 0, 0, 0, 0, 0}, 1);

/// Calls `visit(symbol, subcarrier, is_dmrs)` for every element of PBCH and its DM-RS, in the order both are mapped.
template <class Visit>
void for_each_pbch_element(nr::Pci pci, const Visit& visit)
{
  const unsigned shift = pci.value() % kDmrsSpacing;
  for (unsigned symbol = 1; symbol < nr::kSsbNumSymbols; ++symbol) {
    for (unsigned k = 0; k < kWidth; ++k) {
      if (symbol == 2 && k == kLowerEnd) k = kUpperBegin;
      visit(symbol, k, k % kDmrsSpacing == shift);
    }
  }
}

Cf32 times_conj(Cf32 a, Cf32 b)
{
  return {a.real() * b.real() + a.imag() * b.imag(), a.imag() * b.real() - a.real() * b.imag()};
}

/// Pilots of one stretch of one symbol: smoothed, with what they are worth.
struct Comb {
  unsigned symbol = 0;
  unsigned begin = 0;  ///< subcarriers [begin, end)
  unsigned end = 0;
};
constexpr std::array<Comb, 4> kCombs{{{1, 0, kWidth}, {2, 0, kLowerEnd}, {2, kUpperBegin, kWidth}, {3, 0, kWidth}}};

}  // namespace

std::array<float, kSyncLength> pss_sequence(unsigned n_id_2) noexcept
{
  Sync d{};
  for (unsigned n = 0; n < kSyncLength; ++n) d[n] = kPss[(n + 43 * n_id_2) % kSyncLength] != 0 ? -1.0F : 1.0F;
  return d;
}

std::array<float, kSyncLength> sss_sequence(nr::Pci pci) noexcept
{
  const unsigned m_0 = 15 * (pci.n_id_1() / 112) + 5 * pci.n_id_2();
  const unsigned m_1 = pci.n_id_1() % 112;
  Sync d{};
  for (unsigned n = 0; n < kSyncLength; ++n) {
    d[n] = (kSss0[(n + m_0) % kSyncLength] ^ kSss1[(n + m_1) % kSyncLength]) != 0 ? -1.0F : 1.0F;
  }
  return d;
}

SsbBlock ssb_block(ConstGridSpan grid, unsigned antenna, unsigned first_subcarrier, unsigned first_symbol) noexcept
{
  SsbBlock block{};
  for (unsigned l = 0; l < nr::kSsbNumSymbols; ++l) {
    const std::span<const Cf32> row = grid(antenna, first_symbol + l).subspan(first_subcarrier, kWidth);
    std::copy(row.begin(), row.end(), block[l].begin());
  }
  return block;
}

std::array<SssMatch, 3> detect_sss(const SsbBlock& block, unsigned n_id_2) noexcept
{
  // The PSS is the pilot for the SSS: what is left after dividing it out is d_SSS times a common phase.
  std::array<Cf32, kSyncLength> h{};
  std::array<Cf32, kSyncLength> work{};
  const Sync pss = pss_sequence(n_id_2);
  for (unsigned n = 0; n < kSyncLength; ++n) h[n] = block[0][kSyncFirstSubcarrier + n] * pss[n];
  Cf32 sum{};
  const float step = phase_step(h, sum);
  (void)smooth(h, step, 9, work);
  std::array<Cf32, kSyncLength> product{};
  float power_h = 0.0F;
  float power_y = 0.0F;
  for (unsigned n = 0; n < kSyncLength; ++n) {
    const float angle = 2.0F * std::numbers::pi_v<float> * step * static_cast<float>(n);
    const Cf32 y = block[2][kSyncFirstSubcarrier + n];
    product[n] = times_conj(times_conj(y, h[n]), {std::cos(angle), std::sin(angle)});
    power_h += std::norm(h[n]);
    power_y += std::norm(y);
  }
  std::array<SssMatch, 3> best{};
  for (unsigned n_id_1 = 0; n_id_1 < 336; ++n_id_1) {
    const nr::Pci pci(3 * n_id_1 + n_id_2);
    const Sync sss = sss_sequence(pci);
    Cf32 correlation{};
    for (unsigned n = 0; n < kSyncLength; ++n) correlation += product[n] * sss[n];
    const float scale = power_h * power_y;
    const SssMatch match{.pci = pci, .metric = scale > 0.0F ? std::norm(correlation) / scale : 0.0F};
    for (std::size_t place = 0; place < best.size(); ++place) {
      if (match.metric <= best[place].metric) continue;
      std::copy_backward(best.begin() + static_cast<std::ptrdiff_t>(place), best.end() - 1, best.end());
      best[place] = match;
      break;
    }
  }
  return best;
}

/// Working memory of the PBCH's channel estimate.
struct SsbCodec::Memory {
  std::array<std::array<Cf32, kWidth>, nr::kSsbNumSymbols> h{};
  std::array<std::array<Cf32, kWidth / kDmrsSpacing>, kCombs.size()> pilots{};
  std::array<Cf32, kWidth> work{};
  std::array<Cf32, kNumPbchElements> elements{};
  std::array<float, kNumPbchElements> noise{};
  std::array<std::int8_t, kPbchCodedBits> llrs{};
  std::array<std::uint8_t, kPbchCodedBits> bits{};
  PolarDecoder decoder;

  struct Estimate {
    float noise_var = 0.0F;
    float rsrp = 0.0F;
    float step = 0.0F;         ///< turns from one subcarrier to the next
    float symbol_turns = 0.0F; ///< turns from one symbol to the next
  };
  Estimate estimate(const SsbBlock& block, nr::Pci pci, unsigned bar) noexcept;
};

SsbCodec::SsbCodec() : memory_(std::make_unique<Memory>()) {}
SsbCodec::~SsbCodec() = default;
SsbCodec::SsbCodec(SsbCodec&&) noexcept = default;
SsbCodec& SsbCodec::operator=(SsbCodec&&) noexcept = default;

bool SsbCodec::encode(const nr::SsbPdu& pdu, unsigned port, GridSpan grid) noexcept
{
  if (port >= grid.num_ports() || pdu.first_subcarrier + kWidth > grid.num_subcarriers() ||
      pdu.first_symbol + nr::kSsbNumSymbols > nr::kSymbolsPerSlot) {
    return false;
  }
  Memory& m = *memory_;
  PbchPayload payload{.sfn_lsb = pdu.sfn & 0xFU, .half_frame = pdu.half_frame, .extra = (pdu.k_ssb >> 4U & 1U) << 2U};
  const std::uint32_t sfn_mask = 0x3FU << kMibSfnShift;
  const std::uint32_t mib = (pdu.mib & ~sfn_mask) | (pdu.sfn >> 4U << kMibSfnShift & sfn_mask);
  for (unsigned i = 0; i < kBchBits; ++i) payload.bch[i] = static_cast<std::uint8_t>(mib >> (kBchBits - 1 - i) & 1U);
  encode_pbch(payload, pdu.phys_cell_id, pdu.l_max, m.bits);
  const unsigned scrambling_index = pdu.ssb_block_index % (pdu.l_max == 4 ? 4 : 8);
  scramble(m.bits, pdu.phys_cell_id.value(), m.bits, scrambling_index * kPbchCodedBits);  // TS 38.211 §7.3.3.1
  map_symbols(m.bits, nr::Modulation::qpsk, m.elements);
  std::array<Cf32, kNumPilots> pilots{};
  qpsk_sequence(pbch_dmrs_c_init(pdu.phys_cell_id, i_ssb_bar(pdu.ssb_block_index, pdu.half_frame, pdu.l_max)), 0, pilots);

  const auto row = [&](unsigned symbol) { return grid(port, pdu.first_symbol + symbol).subspan(pdu.first_subcarrier, kWidth); };
  for (unsigned symbol = 0; symbol < nr::kSsbNumSymbols; ++symbol) std::fill(row(symbol).begin(), row(symbol).end(), Cf32{});
  const Sync pss = pss_sequence(pdu.phys_cell_id.n_id_2());
  const Sync sss = sss_sequence(pdu.phys_cell_id);
  const auto beta = static_cast<float>(to_amplitude(pdu.beta_pss));
  for (unsigned n = 0; n < kSyncLength; ++n) {
    row(0)[kSyncFirstSubcarrier + n] = beta * pss[n];
    row(2)[kSyncFirstSubcarrier + n] = sss[n];
  }
  std::size_t next_pilot = 0;
  std::size_t next_element = 0;
  for_each_pbch_element(pdu.phys_cell_id, [&](unsigned symbol, unsigned k, bool is_dmrs) {
    row(symbol)[k] = is_dmrs ? pilots[next_pilot++] : m.elements[next_element++];
  });
  return true;
}

namespace {

/// The value whose DM-RS sequence fits best, by the correlation of neighboring pilots (so neither delay nor phase matters).
unsigned detect_i_ssb_bar(const SsbBlock& block, nr::Pci pci)
{
  unsigned best = 0;
  float best_metric = -1.0F;
  for (unsigned bar = 0; bar < 8; ++bar) {
    std::array<Cf32, kNumPilots> pilots{};
    qpsk_sequence(pbch_dmrs_c_init(pci, bar), 0, pilots);
    std::size_t next = 0;
    Cf32 sum{};
    Cf32 before{};
    for_each_pbch_element(pci, [&](unsigned symbol, unsigned k, bool is_dmrs) {
      if (!is_dmrs) return;
      const Cf32 ls = times_conj(block[symbol][k], pilots[next++]);
      if (k >= kDmrsSpacing && k < kUpperBegin) sum += times_conj(ls, before);
      before = ls;
    });
    if (std::norm(sum) <= best_metric) continue;
    best_metric = std::norm(sum);
    best = bar;
  }
  return best;
}

}  // namespace

SsbCodec::Memory::Estimate SsbCodec::Memory::estimate(const SsbBlock& block, nr::Pci pci, unsigned bar) noexcept
{
  std::array<Cf32, kNumPilots> sent{};
  qpsk_sequence(pbch_dmrs_c_init(pci, bar), 0, sent);
  const unsigned shift = pci.value() % kDmrsSpacing;
  std::size_t next = 0;
  Cf32 step_sum{};
  float step = 0.0F;
  for (std::size_t c = 0; c < kCombs.size(); ++c) {
    const std::size_t count = (kCombs[c].end - kCombs[c].begin) / kDmrsSpacing;
    for (std::size_t i = 0; i < count; ++i) {
      pilots[c][i] = times_conj(block[kCombs[c].symbol][kCombs[c].begin + shift + kDmrsSpacing * i], sent[next++]);
    }
    step = phase_step(std::span(pilots[c]).first(count), step_sum);
  }

  // The SSS tells power and noise too, the PSS the phase from symbol 0 to symbol 2.
  const Sync pss = pss_sequence(pci.n_id_2());
  const Sync sss = sss_sequence(pci);
  std::array<Cf32, kSyncLength> sync{};
  Cf32 turned{};
  float power = 0.0F;
  for (unsigned n = 0; n < kSyncLength; ++n) {
    sync[n] = block[2][kSyncFirstSubcarrier + n] * sss[n];
    turned += times_conj(sync[n], block[0][kSyncFirstSubcarrier + n] * pss[n]);
    power += std::norm(sync[n]) / static_cast<float>(kSyncLength);
  }
  for (std::size_t i = 0; i < kWidth / kDmrsSpacing; ++i) turned += times_conj(pilots[3][i], pilots[0][i]);

  Residual residual = smooth(sync, step / static_cast<float>(kDmrsSpacing), 9, work);
  for (std::size_t c = 0; c < kCombs.size(); ++c) {
    const std::size_t width = kCombs[c].end - kCombs[c].begin;
    const std::span<Cf32> ls = std::span(pilots[c]).first(width / kDmrsSpacing);
    const Residual found = smooth(ls, step, 5, work);
    residual.sum += found.sum;
    residual.weight += found.weight;
    interpolate(ls, {.first = shift, .spacing = kDmrsSpacing}, step,
                std::span(h[kCombs[c].symbol]).subspan(kCombs[c].begin, width));
  }
  Estimate result;
  result.noise_var = residual.variance(std::max(1e-7F * power, std::numeric_limits<float>::min()));
  result.rsrp = std::max(power - result.noise_var, 0.0F);
  result.step = step / static_cast<float>(kDmrsSpacing);
  result.symbol_turns = std::arg(turned) / (2.0F * std::numbers::pi_v<float>) / 2.0F;
  return result;
}

std::optional<PbchResult> SsbCodec::decode(const SsbBlock& block, nr::Pci pci, unsigned l_max, nr::Scs scs) noexcept
{
  Memory& m = *memory_;
  const unsigned bar = detect_i_ssb_bar(block, pci);
  const Memory::Estimate estimate = m.estimate(block, pci, bar);
  if (!(estimate.rsrp > 0.0F)) return std::nullopt;  // silence would decode as zeros, whose CRC holds

  std::size_t next = 0;
  for_each_pbch_element(pci, [&](unsigned symbol, unsigned k, bool is_dmrs) {
    if (is_dmrs) return;
    equalize({&block[symbol][k], 1}, {&m.h[symbol][k], 1}, estimate.noise_var, {&m.elements[next], 1}, {&m.noise[next], 1});
    ++next;
  });
  demap(m.elements, m.noise, nr::Modulation::qpsk, m.llrs);

  const unsigned ssb_block_index = l_max == 4 ? bar % 4 : bar;
  descramble(m.llrs, pci.value(), m.llrs, ssb_block_index * kPbchCodedBits);  // TS 38.211 §7.3.3.1
  const std::optional<PbchPayload> payload = decode_pbch(m.decoder, m.llrs, pci, l_max);
  if (!payload) return std::nullopt;
  PbchResult result;
  for (const std::uint8_t bit : payload->bch) result.mib = result.mib << 1U | bit;
  result.ssb_block_index = ssb_block_index;
  result.half_frame = payload->half_frame;
  result.sfn = (result.mib >> kMibSfnShift & 0x3FU) << 4U | payload->sfn_lsb;
  result.k_ssb = (payload->extra >> 2U) << 4U | (result.mib >> kMibKssbShift & 0xFU);
  result.snr_db = 10.0F * std::log10(std::max(estimate.rsrp, 1e-30F) / estimate.noise_var);
  result.ss_rsrp = estimate.rsrp;
  const auto spacing = static_cast<float>(nr::spacing_hz(scs));
  result.delay_s = -estimate.step / spacing;
  result.cfo_hz = estimate.symbol_turns * spacing / (1.0F + 144.0F / 2048.0F);
  return result;
}

}  // namespace ravi::phy
