#include "stack/phy/pucch_format2.h"

#include "stack/phy/channel_estimate.h"
#include "stack/phy/dmrs.h"
#include "stack/phy/modulation.h"
#include "stack/phy/scrambling.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ravi::phy {
namespace {

/// A PRB's pilots lie on subcarriers 1, 4, 7, 10, its data between them. TS 38.211 §6.3.2.5.3, §6.4.1.3.2.2.
constexpr PilotComb kComb{.first = 1, .spacing = 3};
constexpr std::array<unsigned, 8> kDataSubcarriers = {0, 2, 3, 5, 6, 8, 9, 11};

/// Neighbouring PRBs taken as one channel when the received power is explained: 0.7 MHz at 15 kHz.
constexpr unsigned kPrbPerGroup = 4;
constexpr double kFalseAlarm = 1e-3;

/// First subcarrier of the grid at one of the PUCCH's symbols.
unsigned first_subcarrier(const nr::PucchPdu& pdu, unsigned offset_to_carrier, unsigned index)
{
  const bool is_second = index == 1 && pdu.second_hop_prb;
  return (pdu.bwp_crb.begin + (is_second ? *pdu.second_hop_prb : pdu.starting_prb) - offset_to_carrier) * nr::kSubcarriersPerPrb;
}

bool is_possible(const nr::PucchPdu& pdu, unsigned offset_to_carrier, unsigned num_subcarriers)
{
  if (pdu.format != 2 || pdu.num_prb < 1 || pdu.num_prb > 16 || pdu.symbols.count < 1 || pdu.symbols.count > 2 ||
      pdu.symbols.end() > nr::kSymbolsPerSlot || pdu.bwp_crb.begin < offset_to_carrier) {
    return false;
  }
  for (unsigned i = 0; i < pdu.symbols.count; ++i) {
    if (first_subcarrier(pdu, offset_to_carrier, i) + pdu.num_prb * nr::kSubcarriersPerPrb > num_subcarriers) return false;
  }
  return true;
}

unsigned num_uci_bits(const nr::PucchPdu& pdu) { return pdu.num_harq_ack_bits + pdu.num_sr_bits + pdu.num_csi_part1_bits; }

/// TS 38.211 §6.3.2.5.1.
std::uint32_t scrambling_of(const nr::PucchPdu& pdu)
{
  return (static_cast<std::uint32_t>(pdu.rnti.value()) << 15U) + pdu.scrambling_id;
}

/// The pilots of one symbol, TS 38.211 §6.4.1.3.2.1: counted from CRB 0.
void make_pilots(const nr::PucchPdu& pdu, nr::Slot slot, unsigned offset_to_carrier, unsigned index, std::span<Cf32> pilots)
{
  const unsigned crb = first_subcarrier(pdu, offset_to_carrier, index) / nr::kSubcarriersPerPrb + offset_to_carrier;
  qpsk_sequence(dmrs_c_init(slot.slot_in_frame(), pdu.symbols.begin + index, pdu.dmrs_scrambling_id), std::size_t{4} * crb, pilots);
}

/// HARQ-ACK, SR, CSI part 1 one after the other, TS 38.212 §6.3.1.1.3.
nr::SmallBits joined(const nr::Uci& uci)
{
  nr::SmallBits all;
  for (const nr::SmallBits* part : {&uci.harq_ack, &uci.sr, &uci.csi_part1}) {
    for (const std::uint8_t bit : *part) (void)all.push_back(bit);
  }
  return all;
}

/// Share of the power of `words` known elements that is one channel's, group by group.
class Explained {
public:
  void add(Cf32 received, Cf32 known)
  {
    sum_ += received * std::conj(known);
    power_ += std::norm(received);
    count_ += std::norm(known);
    ++num_elements_;
  }
  void end_group()
  {
    if (count_ > 0.0F) explained_ += std::norm(sum_) / count_;
    sum_ = {};
    count_ = 0.0F;
    ++num_groups_;
  }
  /// Whether more is explained than the best of 2^num_bits words would of noise.
  [[nodiscard]] bool is_signal(unsigned num_bits) const
  {
    const double freedom = static_cast<double>(num_elements_) / num_groups_ - 1.0;
    const double threshold = 1.0 - std::pow(kFalseAlarm / std::exp2(num_bits), 1.0 / freedom);
    return power_ > 0.0F && explained_ / power_ > threshold;
  }

private:
  Cf32 sum_{};
  double explained_ = 0.0;
  double power_ = 0.0;
  float count_ = 0.0F;
  unsigned num_elements_ = 0;
  unsigned num_groups_ = 0;
};

}  // namespace

/// Bits to scrambled symbols in `data_`. False: the sizes are impossible.
bool PucchFormat2::map(std::span<const std::uint8_t> bits, std::uint32_t scrambling, std::size_t num_data) noexcept
{
  const std::span<std::uint8_t> coded = std::span(bits_).first(2 * num_data);
  if (!codec_.encode(bits, nr::Modulation::qpsk, coded)) return false;
  scramble(coded, scrambling, coded);
  map_symbols(coded, nr::Modulation::qpsk, std::span(data_).first(num_data));
  return true;
}

bool PucchFormat2::encode(const nr::PucchPdu& pdu, nr::Slot slot, unsigned offset_to_carrier, const nr::Uci& uci,
                          GridSpan grid) noexcept
{
  if (!is_possible(pdu, offset_to_carrier, grid.num_subcarriers()) || uci.harq_ack.size() != pdu.num_harq_ack_bits ||
      uci.sr.size() != pdu.num_sr_bits || uci.csi_part1.size() != pdu.num_csi_part1_bits ||
      num_uci_bits(pdu) > nr::SmallBits::capacity()) {
    return false;
  }
  const std::size_t num_data = std::size_t{pdu.num_prb} * pdu.symbols.count * kDataPerPrb;
  if (!map(joined(uci).span(), scrambling_of(pdu), num_data)) return false;
  const Cf32* data = data_.data();
  for (unsigned i = 0; i < pdu.symbols.count; ++i) {
    make_pilots(pdu, slot, offset_to_carrier, i, std::span(pilots_[i]).first(std::size_t{pdu.num_prb} * kPilotsPerPrb));
    const std::span<Cf32> row = grid(0, pdu.symbols.begin + i).subspan(first_subcarrier(pdu, offset_to_carrier, i));
    for (unsigned prb = 0; prb < pdu.num_prb; ++prb) {
      const std::span<Cf32> out = row.subspan(std::size_t{prb} * nr::kSubcarriersPerPrb, nr::kSubcarriersPerPrb);
      for (const unsigned k : kDataSubcarriers) out[k] += *data++;
      for (unsigned p = 0; p < kPilotsPerPrb; ++p) out[kComb.first + p * kComb.spacing] += pilots_[i][prb * kPilotsPerPrb + p];
    }
  }
  return true;
}

/// Least squares at the pilots of all symbols, one delay for all, smoothed; the residual is the noise.
void PucchFormat2::estimate(Received& received) noexcept
{
  const std::size_t num_pilots = std::size_t{received.num_prb} * kPilotsPerPrb;
  std::array<Cf32, kMaxPrb * kPilotsPerPrb> work;
  Cf32 slope{};
  for (unsigned i = 0; i < received.num_symbols; ++i) {
    for (std::size_t p = 0; p < num_pilots; ++p) work[p] = received.rows[i][kComb.first + p * kComb.spacing];
    const std::span<Cf32> estimates = std::span(estimates_[i]).first(num_pilots);
    least_squares(std::span(work).first(num_pilots), std::span(pilots_[i]).first(num_pilots), estimates);
    received.step = phase_step(estimates, slope);
    for (const Cf32& h : estimates) received.power += std::norm(h) / static_cast<float>(num_pilots * received.num_symbols);
  }
  Residual residual;
  for (unsigned i = 0; i < received.num_symbols; ++i) {
    const Residual one = smooth(std::span(estimates_[i]).first(num_pilots), received.step, 7, work);
    residual.sum += one.sum;
    residual.weight += one.weight;
  }
  received.noise_var = residual.variance(1e-6F * received.power);
}

/// Equalized data to descrambled LLRs.
void PucchFormat2::demodulate(const Received& received, std::uint32_t scrambling) noexcept
{
  const std::size_t num_pilots = std::size_t{received.num_prb} * kPilotsPerPrb;
  const std::span<Cf32> channel = std::span(channel_).first(std::size_t{received.num_prb} * nr::kSubcarriersPerPrb);
  std::size_t next = 0;
  for (unsigned i = 0; i < received.num_symbols; ++i) {
    interpolate(std::span(estimates_[i]).first(num_pilots), kComb, received.step, channel);
    for (std::size_t prb = 0; prb < received.num_prb; ++prb) {
      for (const unsigned k : kDataSubcarriers) {
        const std::size_t at = prb * nr::kSubcarriersPerPrb + k;
        equalize(received.rows[i].subspan(at, 1), channel.subspan(at, 1), received.noise_var,
                 std::span(data_).subspan(next, 1), std::span(noise_).subspan(next, 1));
        ++next;
      }
    }
  }
  const std::span<std::int8_t> llrs = std::span(llrs_).first(2 * next);
  demap(std::span(data_).first(next), std::span(noise_).first(next), nr::Modulation::qpsk, llrs);
  descramble(llrs, scrambling, llrs);
}

/// The decided word as it would be sent (in `data_`), with the pilots, against what was received; or the pilots alone.
bool PucchFormat2::is_there(const Received& received, bool is_word_known, unsigned num_bits) const noexcept
{
  Explained explained;
  const Cf32* data = data_.data();
  const float turns = -2.0F * std::numbers::pi_v<float> * received.step / static_cast<float>(kComb.spacing);
  for (unsigned i = 0; i < received.num_symbols; ++i) {
    for (unsigned prb = 0; prb < received.num_prb; ++prb) {
      const auto add = [&](unsigned k, Cf32 known) {
        const unsigned at = prb * nr::kSubcarriersPerPrb + k;
        const float phase = turns * static_cast<float>(at);
        explained.add(received.rows[i][at] * Cf32(std::cos(phase), std::sin(phase)), known);
      };
      for (const unsigned k : kDataSubcarriers) {
        if (is_word_known) add(k, *data);
        ++data;
      }
      for (unsigned p = 0; p < kPilotsPerPrb; ++p) add(kComb.first + p * kComb.spacing, pilots_[i][prb * kPilotsPerPrb + p]);
      if ((prb + 1) % kPrbPerGroup == 0 || prb + 1 == received.num_prb) explained.end_group();
    }
  }
  return explained.is_signal(num_bits);
}

nr::UciResult PucchFormat2::decode(const nr::PucchPdu& pdu, nr::Slot slot, unsigned offset_to_carrier, ConstGridSpan grid,
                                   unsigned antenna) noexcept
{
  nr::UciResult result;
  const unsigned num_bits = num_uci_bits(pdu);
  if (!is_possible(pdu, offset_to_carrier, grid.num_subcarriers()) || num_bits > nr::SmallBits::capacity()) return result;
  Received received{.num_symbols = pdu.symbols.count, .num_prb = pdu.num_prb};
  for (unsigned i = 0; i < pdu.symbols.count; ++i) {
    received.rows[i] = grid(antenna, pdu.symbols.begin + i)
                           .subspan(first_subcarrier(pdu, offset_to_carrier, i), std::size_t{pdu.num_prb} * nr::kSubcarriersPerPrb);
    make_pilots(pdu, slot, offset_to_carrier, i, std::span(pilots_[i]).first(std::size_t{pdu.num_prb} * kPilotsPerPrb));
  }
  estimate(received);
  if (!(received.power > 0.0F) || !std::isfinite(received.power)) return result;
  demodulate(received, scrambling_of(pdu));

  const std::size_t num_data = std::size_t{pdu.num_prb} * pdu.symbols.count * kDataPerPrb;
  std::array<std::uint8_t, nr::SmallBits::capacity()> decided{};
  const std::span<std::uint8_t> word = std::span(decided).first(num_bits);
  const auto decoding = codec_.decode(std::span(llrs_).first(2 * num_data), nr::Modulation::qpsk, {}, word);
  if (!decoding || !map(word, scrambling_of(pdu), num_data)) return result;
  result.is_crc_ok = decoding->check != UciCheck::crc_failed;
  if (!is_there(received, result.is_crc_ok, result.is_crc_ok ? std::min(num_bits, 16U) : 0)) return result;
  result.detection = nr::Detection::present;
  result.snr_db = 10.0F * std::log10(std::max(received.power - received.noise_var, 1e-6F * received.power) / received.noise_var);
  result.timing_offset_us =
      -received.step / static_cast<float>(kComb.spacing) * 1e6F / static_cast<float>(nr::spacing_hz(slot.scs()));
  if (!result.is_crc_ok) return result;
  const std::uint8_t* bit = word.data();
  const auto take = [&bit](unsigned count, nr::SmallBits& part) {
    for (unsigned b = 0; b < count; ++b) (void)part.push_back(*bit++);
  };
  take(pdu.num_harq_ack_bits, result.uci.harq_ack);
  take(pdu.num_sr_bits, result.uci.sr);
  take(pdu.num_csi_part1_bits, result.uci.csi_part1);
  return result;
}

}  // namespace ravi::phy
