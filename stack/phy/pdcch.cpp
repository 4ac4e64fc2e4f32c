#include "stack/phy/pdcch.h"

#include "stack/phy/channel_estimate.h"
#include "stack/phy/dci_coding.h"
#include "stack/phy/dmrs.h"
#include "stack/phy/modulation.h"
#include "stack/phy/scrambling.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>

namespace ravi::phy {
namespace {

constexpr unsigned kRegsPerCce = 6;
constexpr unsigned kBitsPerCce = 108;
constexpr unsigned kMaxLevel = 16;
constexpr unsigned kMaxPrbs = kMaxLevel * kRegsPerCce;         // one symbol
constexpr unsigned kPilotsPerPrb = 3;
constexpr unsigned kFirstPilot = 1;                            // subcarriers 1, 5, 9
constexpr unsigned kPilotSpacing = 4;
constexpr unsigned kMaxElements = kMaxLevel * kBitsPerCce / 2;

bool is_pilot(unsigned subcarrier) { return subcarrier % kPilotSpacing == kFirstPilot; }

bool is_valid(const nr::Coreset& coreset)
{
  if (coreset.duration < 1 || coreset.duration > 3 || coreset.frequency_domain_resources == 0) return false;
  if (coreset.cce_reg_mapping == nr::CceRegMapping::non_interleaved) return true;
  const unsigned bundle = coreset.reg_bundle_size;
  const unsigned rows = coreset.interleaver_size;
  return (bundle == 6 || bundle == (coreset.duration == 3 ? 3U : 2U)) && (rows == 2 || rows == 3 || rows == 6) &&
         coreset.num_prb() * coreset.duration % (bundle * rows) == 0;
}

/// f(x) of TS 38.211 §7.3.2.2: which REG bundle stands in place x.
unsigned interleaved(const nr::Coreset& coreset, unsigned x)
{
  const unsigned num_bundles = coreset.num_prb() * coreset.duration / coreset.reg_bundle_size;
  const unsigned rows = coreset.interleaver_size;      // R
  const unsigned columns = num_bundles / rows;         // C
  return (x % rows * columns + x / rows + coreset.shift_index) % num_bundles;
}

/// CRB of the CORESET's PRB number `prb` (0 .. num_prb - 1).
unsigned crb_of(const nr::Coreset& coreset, unsigned prb)
{
  std::uint64_t groups = coreset.frequency_domain_resources;
  for (unsigned skipped = prb / 6; skipped > 0; --skipped) groups &= groups - 1;
  return coreset.first_crb + 6 * static_cast<unsigned>(std::countr_zero(groups)) + prb % 6;
}

std::uint32_t scrambling_c_init(const nr::PdcchPdu& pdu)  // TS 38.211 §7.3.2.3
{
  return ((pdu.scrambling_rnti << 16U) + pdu.scrambling_id) & 0x7FFFFFFFU;
}

/// Calls visit(first, count) for each run of neighboring PRBs of the set.
template <class Visit>
void for_each_run(const PrbSet& prbs, const Visit& visit)
{
  for (unsigned prb = 0; prb < prbs.size(); ++prb) {
    if (!prbs[prb]) continue;
    const unsigned first = prb;
    while (prb + 1 < prbs.size() && prbs[prb + 1]) ++prb;
    visit(first, prb + 1 - first);
  }
}

/// Least part of the pilots' power that must agree from one pilot to the next; half of what a DCI needs to be decoded.
float least_coherence(unsigned aggregation_level)
{
  switch (aggregation_level) {
    case 1: return 0.35F;
    case 2: return 0.25F;
    case 4: return 0.16F;
    case 8: return 0.10F;
    default: return 0.06F;
  }
}

}  // namespace

std::optional<PrbSet> cce_prbs(const nr::Coreset& coreset, const nr::Carrier& carrier, unsigned cce_index,
                               unsigned aggregation_level) noexcept
{
  if (!is_valid(coreset) || aggregation_level == 0 || aggregation_level > kMaxLevel ||
      cce_index + aggregation_level > coreset.num_cce()) {
    return std::nullopt;
  }
  const bool is_interleaved = coreset.cce_reg_mapping == nr::CceRegMapping::interleaved;
  const unsigned bundle_size = is_interleaved ? coreset.reg_bundle_size : kRegsPerCce;
  const unsigned bundles_per_cce = kRegsPerCce / bundle_size;
  const unsigned prbs_per_bundle = bundle_size / coreset.duration;
  PrbSet prbs;
  for (unsigned x = cce_index * bundles_per_cce; x < (cce_index + aggregation_level) * bundles_per_cce; ++x) {
    const unsigned bundle = is_interleaved ? interleaved(coreset, x) : x;
    for (unsigned i = 0; i < prbs_per_bundle; ++i) {
      const unsigned crb = crb_of(coreset, bundle * prbs_per_bundle + i);
      if (crb < carrier.offset_to_carrier || crb - carrier.offset_to_carrier >= std::min(carrier.num_prb, nr::kMaxNumPrb)) {
        return std::nullopt;
      }
      prbs.set(crb - carrier.offset_to_carrier);
    }
  }
  return prbs;
}

struct PdcchCodec::Memory {
  PolarDecoder decoder;
  struct Code {
    unsigned dci_bits = 0;
    unsigned coded_bits = 0;
    PolarCode code;
  };
  std::array<Code, 12> codes{};  ///< those used before
  std::size_t next_code = 0;
  std::array<Cf32, kMaxPrbs * kPilotsPerPrb * 3> pilots{};                ///< least squares, [symbol][pilot]
  std::array<Cf32, std::size_t{nr::kMaxNumPrb} * kPilotsPerPrb> sent{};
  std::array<Cf32, std::size_t{kMaxPrbs} * kPilotsPerPrb> work{};
  std::array<Cf32, std::size_t{kMaxPrbs} * nr::kSubcarriersPerPrb> h{};
  std::array<Cf32, kMaxElements> elements{};
  std::array<float, kMaxElements> noise{};
  std::array<std::int8_t, std::size_t{kMaxLevel} * kBitsPerCce> llrs{};
  std::array<std::uint8_t, std::size_t{kMaxLevel} * kBitsPerCce> bits{};

  const PolarCode* code(unsigned dci_bits, unsigned coded_bits) noexcept
  {
    for (const Code& known : codes) {
      if (known.dci_bits == dci_bits && known.coded_bits == coded_bits) return &known.code;
    }
    const std::optional<PolarCode> made = make_dci_code(dci_bits, coded_bits);
    if (!made) return nullptr;
    Code& slot = codes[next_code++ % codes.size()];
    slot = {.dci_bits = dci_bits, .coded_bits = coded_bits, .code = *made};
    return &slot.code;
  }

  /// DM-RS of the grid's PRBs [first, first + count) in one symbol. TS 38.211 §7.4.1.3.
  std::span<const Cf32> dmrs(const nr::PdcchPdu& pdu, const nr::Carrier& carrier, nr::Slot slot, unsigned symbol, unsigned first,
                             unsigned count) noexcept
  {
    const std::span<Cf32> out = std::span(sent).first(std::size_t{count} * kPilotsPerPrb);
    const unsigned prb = first + carrier.offset_to_carrier - pdu.coreset.dmrs_reference_crb;
    qpsk_sequence(dmrs_c_init(slot.slot_in_frame(), symbol, pdu.coreset.dmrs_id), std::size_t{prb} * kPilotsPerPrb, out);
    return out;
  }

  struct Estimate {
    float step = 0.0F;
    float coherence = 0.0F;
    float power = 0.0F;
  };
  Estimate take_pilots(const nr::PdcchPdu& pdu, const nr::Carrier& carrier, nr::Slot slot, const PrbSet& prbs, unsigned antenna,
                       ConstGridSpan grid) noexcept;
  float equalize_candidate(const nr::PdcchPdu& pdu, const PrbSet& prbs, const Estimate& estimate, unsigned antenna,
                           ConstGridSpan grid) noexcept;
};

PdcchCodec::PdcchCodec() : memory_(std::make_unique<Memory>()) {}
PdcchCodec::~PdcchCodec() = default;
PdcchCodec::PdcchCodec(PdcchCodec&&) noexcept = default;
PdcchCodec& PdcchCodec::operator=(PdcchCodec&&) noexcept = default;

bool PdcchCodec::encode(const nr::PdcchPdu& pdu, const nr::Carrier& carrier, nr::Slot slot, unsigned port, GridSpan grid) noexcept
{
  Memory& m = *memory_;
  const std::optional<PrbSet> prbs = cce_prbs(pdu.coreset, carrier, pdu.cce_index, pdu.aggregation_level);
  if (!prbs || pdu.first_symbol + pdu.coreset.duration > nr::kSymbolsPerSlot || grid.num_prb() < carrier.num_prb ||
      port >= grid.num_ports() || pdu.coreset.first_crb < pdu.coreset.dmrs_reference_crb) {
    return false;
  }
  const unsigned num_bits = pdu.aggregation_level * kBitsPerCce;
  const PolarCode* const code = m.code(static_cast<unsigned>(pdu.payload.size()), num_bits);
  if (code == nullptr) return false;
  const std::span<std::uint8_t> bits = std::span(m.bits).first(num_bits);
  encode_dci(*code, pdu.payload.span(), pdu.rnti, bits);
  scramble(bits, scrambling_c_init(pdu), bits);
  const std::span<Cf32> elements = std::span(m.elements).first(num_bits / 2);
  map_symbols(bits, nr::Modulation::qpsk, elements);

  const auto amplitude = static_cast<float>(to_amplitude(pdu.power_offset));
  std::size_t next = 0;
  for (unsigned symbol = pdu.first_symbol; symbol < pdu.first_symbol + pdu.coreset.duration; ++symbol) {
    const std::span<Cf32> row = grid(port, symbol);
    for_each_run(*prbs, [&](unsigned first, unsigned count) {
      const std::span<const Cf32> pilots = m.dmrs(pdu, carrier, slot, symbol, first, count);
      std::size_t next_pilot = 0;
      for (unsigned k = 0; k < count * nr::kSubcarriersPerPrb; ++k) {
        row[first * nr::kSubcarriersPerPrb + k] = amplitude * (is_pilot(k) ? pilots[next_pilot++] : elements[next++]);
      }
    });
  }
  return true;
}

/// Least squares at the pilots, and how well neighbors agree.
PdcchCodec::Memory::Estimate PdcchCodec::Memory::take_pilots(const nr::PdcchPdu& pdu, const nr::Carrier& carrier, nr::Slot slot,
                                                             const PrbSet& prbs, unsigned antenna, ConstGridSpan grid) noexcept
{
  Estimate estimate;
  Cf32 sum{};
  std::size_t next = 0;
  std::size_t num_pairs = 0;
  for (unsigned l = 0; l < pdu.coreset.duration; ++l) {
    const unsigned symbol = pdu.first_symbol + l;
    const std::span<const Cf32> row = grid(antenna, symbol);
    for_each_run(prbs, [&](unsigned first, unsigned count) {
      const std::span<const Cf32> known = dmrs(pdu, carrier, slot, symbol, first, count);
      const std::span<Cf32> ls = std::span(pilots).subspan(next, known.size());
      for (std::size_t i = 0; i < ls.size(); ++i) {
        const Cf32 y = row[first * nr::kSubcarriersPerPrb + kFirstPilot + kPilotSpacing * i];
        least_squares({&y, 1}, known.subspan(i, 1), ls.subspan(i, 1));
        estimate.power += std::norm(y);
      }
      estimate.step = phase_step(ls, sum);
      next += ls.size();
      num_pairs += ls.size() - 1;
    });
  }
  estimate.power /= static_cast<float>(next);
  if (estimate.power > 0.0F) estimate.coherence = std::abs(sum) / (estimate.power * static_cast<float>(num_pairs));
  return estimate;
}

/// Smooths, interpolates, equalizes; the LLRs lie in `llrs` then. Returns the noise variance.
float PdcchCodec::Memory::equalize_candidate(const nr::PdcchPdu& pdu, const PrbSet& prbs, const Estimate& estimate,
                                             unsigned antenna, ConstGridSpan grid) noexcept
{
  constexpr unsigned kWindow = 5;
  Residual residual;
  std::size_t next = 0;
  for (unsigned l = 0; l < pdu.coreset.duration; ++l) {
    for_each_run(prbs, [&](unsigned, unsigned count) {
      const std::span<Cf32> ls = std::span(pilots).subspan(next, std::size_t{count} * kPilotsPerPrb);
      const Residual found = smooth(ls, estimate.step, kWindow, work);
      residual.sum += found.sum;
      residual.weight += found.weight;
      next += ls.size();
    });
  }
  const float noise_var = residual.variance(std::max(1e-7F * estimate.power, std::numeric_limits<float>::min()));

  next = 0;
  std::size_t next_element = 0;
  for (unsigned l = 0; l < pdu.coreset.duration; ++l) {
    const std::span<const Cf32> row = grid(antenna, pdu.first_symbol + l);
    for_each_run(prbs, [&](unsigned first, unsigned count) {
      const std::span<const Cf32> ls = std::span(pilots).subspan(next, std::size_t{count} * kPilotsPerPrb);
      const std::span<Cf32> channel = std::span(h).first(std::size_t{count} * nr::kSubcarriersPerPrb);
      interpolate(ls, {.first = kFirstPilot, .spacing = kPilotSpacing}, estimate.step, channel);
      next += ls.size();
      for (unsigned k = 0; k < channel.size(); ++k) {
        if (is_pilot(k)) continue;
        equalize({&row[first * nr::kSubcarriersPerPrb + k], 1}, {&channel[k], 1}, noise_var, {&elements[next_element], 1},
                 {&noise[next_element], 1});
        ++next_element;
      }
    });
  }
  demap(std::span(elements).first(next_element), std::span(noise).first(next_element), nr::Modulation::qpsk,
        std::span(llrs).first(2 * next_element));
  return noise_var;
}

std::optional<FoundDci> PdcchCodec::decode(const nr::PdcchPdu& pdu, std::span<const std::uint8_t> sizes,
                                           std::span<const nr::Rnti> rntis, const nr::Carrier& carrier, nr::Slot slot,
                                           unsigned antenna, ConstGridSpan grid) noexcept
{
  Memory& m = *memory_;
  const std::optional<PrbSet> prbs = cce_prbs(pdu.coreset, carrier, pdu.cce_index, pdu.aggregation_level);
  if (!prbs || pdu.first_symbol + pdu.coreset.duration > nr::kSymbolsPerSlot || grid.num_prb() < carrier.num_prb ||
      antenna >= grid.num_ports() || pdu.coreset.first_crb < pdu.coreset.dmrs_reference_crb) {
    return std::nullopt;
  }
  const Memory::Estimate estimate = m.take_pilots(pdu, carrier, slot, *prbs, antenna, grid);
  if (!(estimate.coherence > least_coherence(pdu.aggregation_level))) return std::nullopt;
  const float noise_var = m.equalize_candidate(pdu, *prbs, estimate, antenna, grid);
  const unsigned num_bits = pdu.aggregation_level * kBitsPerCce;
  const std::span<std::int8_t> llrs = std::span(m.llrs).first(num_bits);
  descramble(llrs, scrambling_c_init(pdu), llrs);
  for (const unsigned size : sizes) {
    const PolarCode* const code = m.code(size, num_bits);
    if (code == nullptr || size > nr::SmallBits::capacity()) continue;
    std::array<std::uint8_t, nr::SmallBits::capacity()> payload{};
    const std::optional<nr::Rnti> rnti = decode_dci(m.decoder, *code, llrs, rntis, std::span(payload).first(size));
    if (!rnti) continue;
    FoundDci found{.rnti = *rnti, .cce_index = pdu.cce_index, .aggregation_level = pdu.aggregation_level,
                   .first_symbol = pdu.first_symbol};
    for (unsigned i = 0; i < size; ++i) found.payload.push_back(payload[i]);
    found.snr_db = 10.0F * std::log10(std::max(estimate.power - noise_var, 1e-30F) / noise_var);
    return found;
  }
  return std::nullopt;
}

void PdcchCodec::search(const PdcchSearch& search, const nr::Carrier& carrier, nr::Slot slot, unsigned antenna,
                        ConstGridSpan grid, FoundDcis& found) noexcept
{
  const nr::SearchSpace& space = search.search_space;
  const std::uint32_t hash = space.is_common ? 0 : nr::search_space_hash(space.coreset_id, search.c_rnti, slot.slot_in_frame());
  nr::PdcchPdu pdu{.coreset = search.coreset,
                   .first_symbol = space.first_symbol,
                   .scrambling_id = search.scrambling_id,
                   .scrambling_rnti = search.scrambling_rnti};
  std::bitset<nr::kMaxNumPrb> taken;  // CCEs
  const auto take = [&taken](const FoundDci& dci) {
    for (unsigned cce = 0; cce < dci.aggregation_level; ++cce) taken.set(dci.cce_index + cce);
  };
  for (const FoundDci& dci : found) {
    if (dci.first_symbol == space.first_symbol && dci.coreset_id == space.coreset_id) take(dci);
  }
  for (unsigned level = nr::kNumAggregationLevels; level-- > 0;) {
    pdu.aggregation_level = 1U << level;
    const unsigned num_candidates = space.num_candidates[level];
    for (unsigned m = 0; m < num_candidates && !found.full(); ++m) {
      const auto cce = nr::candidate_cce(hash, m, num_candidates, pdu.aggregation_level, search.coreset.num_cce());
      if (!cce) continue;
      bool is_taken = false;
      for (unsigned i = 0; i < pdu.aggregation_level; ++i) is_taken = is_taken || taken[*cce + i];
      if (is_taken) continue;
      pdu.cce_index = *cce;
      auto dci = decode(pdu, search.sizes.span(), search.rntis.span(), carrier, slot, antenna, grid);
      if (!dci) continue;
      dci->coreset_id = space.coreset_id;
      found.push_back(*dci);
      take(*dci);
    }
  }
}

}  // namespace ravi::phy
