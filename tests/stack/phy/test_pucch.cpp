#include "stack/phy/pucch_format1.h"
#include "stack/phy/pucch_format2.h"

#include "radio/realtime.h"
#include "stack/phy/ofdm.h"
#include "tests/stack/phy/foreign_recording.h"
#include "tests/stack/phy/foreign_truth.h"

#include <cmath>
#include <memory>
#include <numbers>
#include <random>

namespace ravi::phy {
namespace {

using Bits = std::vector<std::uint8_t>;

void disturb(GridSpan grid, float noise_var, float delay_us, float phase, std::mt19937& random)
{
  std::normal_distribution<float> normal(0.0F, std::sqrt(noise_var / 2.0F));
  for (unsigned l = 0; l < nr::kSymbolsPerSlot; ++l) {
    const auto row = grid(0, l);
    for (std::size_t k = 0; k < row.size(); ++k) {
      const double turns = -15e3 * static_cast<double>(k) * delay_us * 1e-6;
      row[k] *= Cf32(std::polar(1.0, 2 * std::numbers::pi * turns + phase));
      row[k] += Cf32(normal(random), normal(random));
    }
  }
}

Bits bits_of(unsigned value, unsigned count)
{
  Bits bits;
  for (unsigned b = count; b-- > 0;) bits.push_back(static_cast<std::uint8_t>(value >> b & 1U));
  return bits;
}

Bits bits_of(const nr::SmallBits& bits) { return {bits.begin(), bits.end()}; }

nr::SmallBits small(const Bits& bits)
{
  nr::SmallBits out;
  for (const auto bit : bits) (void)out.push_back(bit);
  return out;
}

nr::SmallBits random_bits(unsigned count, std::mt19937& random)
{
  nr::SmallBits out;
  for (unsigned b = 0; b < count; ++b) (void)out.push_back(static_cast<std::uint8_t>(random() & 1U));
  return out;
}

nr::PucchPdu format1(unsigned num_bits)
{
  return {.rnti = nr::Rnti(0x4601),
          .format = 1,
          .bwp_crb = {0, 24},
          .starting_prb = 3,
          .symbols = {0, 14},
          .initial_cyclic_shift = 4,
          .time_domain_occ = 1,
          .hopping_id = 77,
          .num_harq_ack_bits = num_bits};
}

nr::PucchPdu format2(unsigned num_prb, unsigned num_symbols, unsigned harq_ack, unsigned sr, unsigned csi)
{
  return {.rnti = nr::Rnti(0x4601),
          .format = 2,
          .bwp_crb = {2, 22},
          .starting_prb = 1,
          .num_prb = num_prb,
          .symbols = {10, num_symbols},
          .scrambling_id = 5,
          .dmrs_scrambling_id = 9,
          .num_harq_ack_bits = harq_ack,
          .num_sr_bits = sr,
          .num_csi_part1_bits = csi};
}

}  // namespace

TEST_CASE("PUCCH format 1: bits come through noise 6 dB above each element, in every length, with and without hopping")
{
  std::mt19937 random(4);
  const nr::Slot slot(nr::Scs::khz15, 3, 7);
  unsigned num_wrong = 0;
  for (unsigned count = 4; count <= 14; ++count) {
    for (unsigned value = 0; value < 4; ++value) {
      nr::PucchPdu pdu = format1(2);
      pdu.symbols = {14 - count, count};
      if (value % 2 == 1) pdu.second_hop_prb = 20;
      pdu.time_domain_occ = (count >= 8 && value > 1) ? 1 : 0;
      ResourceGrid grid(1, 24);
      REQUIRE(encode_pucch_format1(pdu, slot, 0, bits_of(value, 2), grid.span()));
      disturb(grid.span(), count < 8 ? 1.0F : 4.0F, 0.7F, 1.1F, random);
      const nr::UciResult result = decode_pucch_format1(pdu, slot, 0, grid.span(), 0);
      if (result.detection != nr::Detection::present || bits_of(result.uci.harq_ack) != bits_of(value, 2)) ++num_wrong;
    }
  }
  CHECK(num_wrong <= 1);
}

TEST_CASE("PUCCH format 1: users on one PRB with other cyclic shifts and orthogonal codes do not disturb each other")
{
  std::mt19937 random(5);
  const nr::Slot slot(nr::Scs::khz15, 0, 2);
  ResourceGrid grid(1, 24);
  std::vector<std::pair<nr::PucchPdu, unsigned>> users;
  for (unsigned shift = 0; shift < 12; shift += 3) {
    for (unsigned occ = 0; occ < 3; ++occ) {
      nr::PucchPdu pdu = format1(1);
      pdu.initial_cyclic_shift = shift;
      pdu.time_domain_occ = occ;
      users.emplace_back(pdu, (shift / 3 + occ) % 3);  // 2: does not send
      if (users.back().second == 2) continue;
      REQUIRE(encode_pucch_format1(pdu, slot, 0, bits_of(users.back().second, 1), grid.span()));
    }
  }
  disturb(grid.span(), 0.01F, 0.0F, 0.4F, random);
  for (const auto& [pdu, value] : users) {
    const nr::UciResult result = decode_pucch_format1(pdu, slot, 0, grid.span(), 0);
    CHECK((result.detection == nr::Detection::present) == (value != 2));
    if (value != 2) CHECK(bits_of(result.uci.harq_ack) == bits_of(value, 1));
  }
}

TEST_CASE("PUCCH: noise is hardly ever taken for a transmission, silence and rubbish never")
{
  std::mt19937 random(6);
  const nr::Slot slot(nr::Scs::khz15, 0, 2);
  const auto decoder = std::make_unique<PucchFormat2>();
  nr::PucchPdu hopping = format1(2);
  hopping.second_hop_prb = 20;
  const nr::PucchPdu pdus[] = {format1(2), hopping, format2(1, 2, 2, 1, 4), format2(4, 1, 3, 0, 8), format2(3, 2, 8, 0, 8)};
  for (const nr::PucchPdu& pdu : pdus) {
    const auto is_present = [&](ConstGridSpan grid) {
      const nr::UciResult result =
          pdu.format == 1 ? decode_pucch_format1(pdu, slot, 0, grid, 0) : decoder->decode(pdu, slot, 0, grid, 0);
      return result.detection == nr::Detection::present;
    };
    ResourceGrid grid(1, 24);
    CHECK_FALSE(is_present(grid.span()));
    unsigned num_false = 0;
    for (unsigned trial = 0; trial < 1000; ++trial) {
      grid.clear();
      disturb(grid.span(), 1.0F, 0.0F, 0.0F, random);
      num_false += is_present(grid.span()) ? 1 : 0;
    }
    CAPTURE(static_cast<int>(pdu.format));
    CHECK(num_false <= 5);
    for (unsigned l = 0; l < nr::kSymbolsPerSlot; ++l) {
      for (Cf32& s : grid.span()(0, l)) s = {NAN, 1.0F};
    }
    CHECK_FALSE(is_present(grid.span()));
  }
}

TEST_CASE("PUCCH format 2: every kind of content comes through")
{
  std::mt19937 random(7);
  const nr::Slot slot(nr::Scs::khz15, 9, 4);
  const auto codec = std::make_unique<PucchFormat2>();
  for (const auto& pdu : {format2(1, 1, 3, 0, 0), format2(1, 2, 2, 1, 4), format2(4, 2, 0, 0, 11), format2(8, 2, 9, 2, 10),
                          format2(16, 2, 40, 0, 30)}) {
    const nr::Uci uci{.harq_ack = random_bits(pdu.num_harq_ack_bits, random),
                      .sr = random_bits(pdu.num_sr_bits, random),
                      .csi_part1 = random_bits(pdu.num_csi_part1_bits, random)};
    ResourceGrid grid(1, 24);
    REQUIRE(codec->encode(pdu, slot, 0, uci, grid.span()));
    disturb(grid.span(), 0.1F, -1.0F, 2.0F, random);
    nr::UciResult result;
    {
      const RealtimeScope scope;
      result = codec->decode(pdu, slot, 0, grid.span(), 0);
    }
    REQUIRE(result.detection == nr::Detection::present);
    CHECK(result.is_crc_ok);
    CHECK(bits_of(result.uci.harq_ack) == bits_of(uci.harq_ack));
    CHECK(bits_of(result.uci.sr) == bits_of(uci.sr));
    CHECK(bits_of(result.uci.csi_part1) == bits_of(uci.csi_part1));
    CHECK(std::abs(result.timing_offset_us + 1.0F) < 0.7F);
    CHECK(std::abs(result.snr_db - 10.0F) < 5.0F);
  }
}

TEST_CASE("PUCCH: resources outside the grid and impossible ones are refused")
{
  const nr::Slot slot(nr::Scs::khz15, 0, 0);
  ResourceGrid grid(1, 24);
  const auto codec = std::make_unique<PucchFormat2>();
  nr::PucchPdu pdu = format1(1);
  pdu.starting_prb = 24;
  CHECK_FALSE(encode_pucch_format1(pdu, slot, 0, bits_of(1, 1), grid.span()));
  CHECK(decode_pucch_format1(pdu, slot, 0, grid.span(), 0).detection == nr::Detection::absent);
  pdu = format1(1);
  pdu.symbols = {8, 7};
  CHECK_FALSE(encode_pucch_format1(pdu, slot, 0, bits_of(1, 1), grid.span()));
  pdu = format2(16, 2, 4, 0, 0);
  pdu.starting_prb = 7;
  CHECK_FALSE(codec->encode(pdu, slot, 0, {.harq_ack = small(bits_of(5, 4))}, grid.span()));
  CHECK(codec->decode(pdu, slot, 0, grid.span(), 0).detection == nr::Detection::absent);
}

TEST_CASE("PUCCH: every transmission of a foreign UE says what the foreign gNB read, and its silences are silent")
{
  const auto truth = load_truth("PUCCH");
  const auto recording = load_recording("foreign-attach-ul");
  if (!truth || !recording) return;
  auto demodulator = OfdmDemodulator::make(
      {.carrier = {.scs = nr::Scs::khz15, .num_prb = 52, .center = recording->tuned}, .rate = recording->rate});
  REQUIRE(demodulator);
  const auto format2_codec = std::make_unique<PucchFormat2>();
  ResourceGrid grid(1, 52);
  unsigned num_compared = 0;
  for (const TruthLine& line : *truth) {
    const std::size_t length = demodulator->timing().samples_per_slot();
    if (line.sample_start + length > recording->samples.size()) continue;
    const nr::Slot slot(nr::Scs::khz15, line.sfn, line.slot);
    demodulator->demodulate_slot(std::span(recording->samples).subspan(line.sample_start, length), 0, 0, grid.span());
    const auto [first_symbol, end_symbol] = line.range("symb");
    nr::PucchPdu pdu{.rnti = nr::Rnti(static_cast<std::uint16_t>(line.number("rnti"))),
                     .format = static_cast<std::uint8_t>(line.number("format")),
                     .bwp_crb = {0, 52},
                     .symbols = {first_symbol, end_symbol - first_symbol},
                     .hopping_id = 1,
                     .scrambling_id = 1,
                     .dmrs_scrambling_id = 1};
    CAPTURE(line.sfn);
    CAPTURE(line.slot);
    CAPTURE(line.what);
    nr::UciResult result;
    bool is_expected = true;
    if (pdu.format == 1) {
      pdu.starting_prb = line.number("prb1");
      if (line.text("prb2") != "na") pdu.second_hop_prb = line.number("prb2");
      pdu.initial_cyclic_shift = line.number("cs");
      pdu.time_domain_occ = line.number("occ");
      (line.has("sr") ? pdu.num_sr_bits : pdu.num_harq_ack_bits) = 1;
      is_expected = line.has("sr") ? line.text("sr") == "yes" : line.number("ack") != 2;  // 2: nothing heard
      result = decode_pucch_format1(pdu, slot, 0, grid.span(), 0);
    } else {
      pdu.starting_prb = line.range("prb").first;
      pdu.num_harq_ack_bits = line.has("ack") ? 1 : 0;
      pdu.num_csi_part1_bits = 4;
      result = format2_codec->decode(pdu, slot, 0, grid.span(), 0);
      CHECK(bits_of(result.uci.csi_part1) == Bits{1, 1, 1, 1});
    }
    REQUIRE((result.detection == nr::Detection::present) == is_expected);
    ++num_compared;
    if (!is_expected) continue;
    if (line.has("ack")) CHECK(bits_of(result.uci.harq_ack) == bits_of(line.number("ack"), 1));
    CHECK(std::abs(result.timing_offset_us) < 0.6F);  // the foreign UE moves by half a microsecond under way
    CHECK(result.snr_db > 15.0F);
  }
  CHECK(num_compared == truth->size());
}

}  // namespace ravi::phy
