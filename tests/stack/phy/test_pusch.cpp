#include "stack/phy/pusch.h"

#include "radio/realtime.h"
#include "stack/nr/dmrs.h"
#include "stack/nr/mcs.h"
#include "stack/nr/pucch_resource.h"
#include "stack/nr/tbs.h"
#include "stack/phy/ofdm.h"
#include "tests/stack/phy/foreign_recording.h"
#include "tests/stack/phy/foreign_truth.h"

#include <cmath>
#include <memory>
#include <numbers>
#include <random>

namespace ravi::phy {
namespace {

constexpr unsigned kNumPrb = 52;
const nr::Carrier kCarrier{.scs = nr::Scs::khz15, .num_prb = kNumPrb};

nr::PuschPdu pusch(nr::PrbRange prb, unsigned mcs_index, unsigned num_harq_ack, unsigned num_csi, unsigned num_cdm_groups = 2)
{
  nr::PuschPdu pdu{.rnti = nr::Rnti(0x4601), .bwp_crb = {0, kNumPrb}, .prb = prb, .symbols = {0, 14}, .data_scrambling_id = 3};
  pdu.dmrs = {.symbols = *nr::pusch_dmrs_symbols({.symbols = pdu.symbols}),
              .scrambling_id = 3,
              .num_cdm_groups_without_data = num_cdm_groups};
  const nr::Mcs mcs = *nr::mcs(nr::McsTable::qam64, mcs_index);
  const unsigned num_re = nr::num_re_for_tbs(prb.count, 14, nr::dmrs_re_per_prb(nr::DmrsType::type1, 3, num_cdm_groups));
  const unsigned tbs = nr::transport_block_bits(num_re, mcs);
  pdu.sch = {.modulation = mcs.modulation,
             .tbs_bytes = tbs / 8,
             .base_graph = static_cast<std::uint8_t>(nr::ldpc_base_graph(tbs, mcs))};
  pdu.uci = {.num_harq_ack_bits = num_harq_ack,
             .num_csi_part1_bits = num_csi,
             .beta_offset_harq_ack = *nr::beta_offset_harq_ack(9),
             .beta_offset_csi1 = *nr::beta_offset_csi(9)};
  return pdu;
}

nr::SmallBits random_bits(unsigned count, std::mt19937& random)
{
  nr::SmallBits bits;
  for (unsigned b = 0; b < count; ++b) (void)bits.push_back(static_cast<std::uint8_t>(random() & 1U));
  return bits;
}

bool same(const nr::SmallBits& a, const nr::SmallBits& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

void disturb(GridSpan grid, float noise_var, float delay_us, std::mt19937& random)
{
  std::normal_distribution<float> normal(0.0F, std::sqrt(noise_var / 2.0F));
  for (unsigned l = 0; l < nr::kSymbolsPerSlot; ++l) {
    for (std::size_t k = 0; k < grid.num_subcarriers(); ++k) {
      const double turns = -15e3 * static_cast<double>(k) * delay_us * 1e-6;
      grid(0, l)[k] = grid(0, l)[k] * Cf32(std::polar(0.3, 2 * std::numbers::pi * turns + 0.7)) + Cf32(normal(random), normal(random));
    }
  }
}

}  // namespace

TEST_CASE("PUSCH: transport block and UCI of every size come through together")
{
  std::mt19937 random(11);
  PuschCodec codec(kNumPrb);
  const nr::Slot slot(nr::Scs::khz15, 5, 3);
  for (const auto& sizes : {std::pair(0U, 0U), {1U, 0U}, {2U, 0U}, {1U, 4U}, {0U, 4U}, {5U, 0U}, {13U, 4U}, {30U, 12U}}) {
    const unsigned num_harq_ack = sizes.first;
    const unsigned num_csi = sizes.second;
    for (const unsigned mcs : {0U, 12U, 27U}) {
      for (const unsigned num_cdm_groups : {1U, 2U}) {
        const nr::PuschPdu pdu = pusch({7, 31}, mcs, num_harq_ack, num_csi, num_cdm_groups);
        std::vector<std::uint8_t> payload(pdu.sch.tbs_bytes);
        for (auto& byte : payload) byte = static_cast<std::uint8_t>(random());
        const nr::Uci uci{.harq_ack = random_bits(num_harq_ack, random), .csi_part1 = random_bits(num_csi, random)};
        ResourceGrid grid(1, kNumPrb);
        REQUIRE(codec.encode(pdu, payload, uci, kCarrier, slot, grid.span()));
        disturb(grid.span(), mcs == 27 ? 1e-5F : 1e-3F, 0.8F, random);
        HarqSoftBuffer harq(pdu.sch.tbs_bytes);
        std::vector<std::uint8_t> received(payload.size());
        PuschResult result;
        {
          const RealtimeScope scope;
          result = codec.decode(pdu, kCarrier, slot, 0, grid.span(), harq, received);
        }
        CAPTURE(num_harq_ack);
        CAPTURE(num_csi);
        CAPTURE(mcs);
        CAPTURE(num_cdm_groups);
        CHECK(result.sch.is_crc_ok);
        CHECK(received == payload);
        CHECK(same(result.uci.uci.harq_ack, uci.harq_ack));
        CHECK(same(result.uci.uci.csi_part1, uci.csi_part1));
        CHECK(std::abs(result.sch.timing_offset_us - 0.8F) < 0.1F);
      }
    }
  }
}

TEST_CASE("PUSCH: UCI is where and as much as TS 38.212 §6.2.7 and §6.3.2.4 say")
{
  // Worked by hand: 4 PRBs, 14 symbols, DM-RS in 2, 7, 11 without data: 48 x 11 = 528 elements, QPSK.
  nr::PuschPdu pdu = pusch({0, 4}, 9, 1, 4);
  PuschMultiplex multiplex(kNumPrb);
  constexpr unsigned kCodeBlockBits = 1000;
  pdu.uci.beta_offset_harq_ack = 20.0F;
  pdu.uci.beta_offset_csi1 = 5.0F;
  REQUIRE(multiplex.lay_out(pdu, kCodeBlockBits));
  CHECK(multiplex.num_bits() == 48 * 11 * 2);
  CHECK(multiplex.num_harq_ack_bits() == 2 * 11);      // ceil(1 * 20 * 528 / 1000) = 11 elements, punctured
  CHECK(multiplex.num_csi_part1_bits() == 2 * 11);     // ceil(4 * 5 * 528 / 1000)
  CHECK(multiplex.num_sch_bits() == 2 * (528 - 11));
  // 22 elements are reserved (two bits) in symbol 3, every second one; HARQ-ACK takes every second of those; CSI begins in symbol 0.
  std::vector<std::uint8_t> sch(multiplex.num_sch_bits(), 0), ack(22, 1), csi(22, 7), out(multiplex.num_bits());
  multiplex.multiplex(sch, ack, csi, out);
  std::vector<std::size_t> ack_elements, csi_elements;
  for (std::size_t e = 0; e < out.size() / 2; ++e) {
    if (out[2 * e] == 1) ack_elements.push_back(e);
    if (out[2 * e] == 7) csi_elements.push_back(e);
  }
  REQUIRE(ack_elements.size() == 11);
  REQUIRE(csi_elements.size() == 11);
  for (std::size_t i = 0; i < 11; ++i) {
    CHECK(ack_elements[i] == 2 * 48 + 4 * i);  // symbol 3 is the third with data; d = 2 of the reserved ones, themselves d = 2
    CHECK(csi_elements[i] == 4 * i);           // d = floor(48 / 11)
  }
  // Asking for more than alpha allows is cut; an impossible one refused.
  pdu.uci.alpha_scaling = 0.5F;
  pdu.uci.num_harq_ack_bits = 8;
  pdu.uci.beta_offset_harq_ack = 126.0F;
  pdu.uci.num_csi_part1_bits = 0;
  REQUIRE(multiplex.lay_out(pdu, kCodeBlockBits));
  CHECK(multiplex.num_harq_ack_bits() == 2 * 216);     // ceil(0.5 * 48 * 9): symbols from 3 on
  pdu.symbols = {10, 6};
  CHECK_FALSE(multiplex.lay_out(pdu, kCodeBlockBits));
}

TEST_CASE("PUSCH: PDUs that are impossible give no reading outside and no CRC")
{
  PuschCodec codec(kNumPrb);
  ResourceGrid grid(1, kNumPrb);
  HarqSoftBuffer harq(1000);
  std::vector<std::uint8_t> payload(1000);
  const nr::Slot slot(nr::Scs::khz15, 0, 0);
  const nr::PuschPdu good = pusch({0, 4}, 5, 1, 0);
  std::vector<nr::PuschPdu> bad(7, good);
  bad[0].prb = {50, 4};
  bad[1].prb = {0, 0};
  bad[2].symbols = {5, 14};
  bad[3].dmrs.symbols = 0;
  bad[4].dmrs.port = 9;
  bad[5].sch.tbs_bytes = 0;
  bad[6].uci.num_harq_ack_bits = 5000;
  for (const nr::PuschPdu& pdu : bad) {
    const auto result = codec.decode(pdu, kCarrier, slot, 0, grid.span(), harq, std::span(payload).first(pdu.sch.tbs_bytes));
    CHECK_FALSE(result.sch.is_crc_ok);
  }
}

TEST_CASE("PUSCH: every transmission of a foreign UE decodes, with the UCI the foreign gNB read")
{
  const auto truth = load_truth("PUSCH");
  const auto recording = load_recording("foreign-attach-ul");
  if (!truth || !recording) return;
  auto demodulator = OfdmDemodulator::make(
      {.carrier = {.scs = nr::Scs::khz15, .num_prb = kNumPrb, .center = recording->tuned}, .rate = recording->rate});
  REQUIRE(demodulator);
  PuschCodec codec(kNumPrb);
  ResourceGrid grid(1, kNumPrb);
  HarqSoftBuffer harq(8000);
  for (const TruthLine& line : *truth) {
    const std::size_t length = demodulator->timing().samples_per_slot();
    REQUIRE(line.sample_start + length <= recording->samples.size());
    demodulator->demodulate_slot(std::span(recording->samples).subspan(line.sample_start, length), 0, 0, grid.span());
    const auto [begin, end] = line.range("prb");
    nr::PuschPdu pdu = pusch({begin, end - begin}, 0, line.has("ack") ? 1 : 0, line.has("csi1") ? 4 : 0);
    pdu.dmrs.scrambling_id = pdu.data_scrambling_id = 1;
    pdu.sch.modulation = line.text("mod") == "64QAM" ? nr::Modulation::qam64 : nr::Modulation::qpsk;
    pdu.sch.tbs_bytes = line.number("tbs");
    const unsigned tbs = 8 * pdu.sch.tbs_bytes;
    const double rate = tbs / (156.0 * pdu.prb.count * nr::bits_per_symbol(pdu.sch.modulation));
    pdu.sch.base_graph = tbs <= 292 || (tbs <= 3824 && rate <= 0.67) || rate <= 0.25 ? 2 : 1;
    pdu.uci.beta_offset_harq_ack = *nr::beta_offset_harq_ack(11);
    pdu.uci.beta_offset_csi1 = *nr::beta_offset_csi(13);
    std::vector<std::uint8_t> payload(pdu.sch.tbs_bytes);
    const PuschResult result =
        codec.decode(pdu, kCarrier, nr::Slot(nr::Scs::khz15, line.sfn, line.slot), 0, grid.span(), harq, payload);
    CAPTURE(line.sfn);
    CAPTURE(line.slot);
    CAPTURE(line.what);
    CHECK(result.sch.is_crc_ok);
    CHECK(std::abs(result.sch.timing_offset_us) < 0.6F);
    if (line.has("ack")) {
      REQUIRE(result.uci.uci.harq_ack.size() == 1);
      CHECK(result.uci.uci.harq_ack[0] == line.number("ack"));
    }
    if (line.has("csi1")) {
      REQUIRE(result.uci.uci.csi_part1.size() == 4);
      CHECK(std::count(result.uci.uci.csi_part1.begin(), result.uci.uci.csi_part1.end(), 1) == 4);
    }
  }
  MESSAGE(truth->size(), " transmissions compared");
}

}  // namespace ravi::phy
