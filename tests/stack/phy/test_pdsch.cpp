#include "stack/phy/pdsch.h"

#include "doctest/doctest.h"
#include "radio/realtime.h"
#include "stack/nr/dmrs.h"
#include "stack/nr/mcs.h"
#include "stack/nr/tbs.h"

#include <bit>
#include <cmath>
#include <complex>
#include <numbers>
#include <random>
#include <vector>

namespace ravi::phy {
namespace {

constexpr nr::Carrier kCarrier{.scs = nr::Scs::khz15, .num_prb = 106, .offset_to_carrier = 3};

nr::PdschPdu make_pdu(unsigned mcs_index, nr::McsTable table, nr::PrbRange prb, nr::SymbolRange symbols, unsigned additional)
{
  const auto mcs = nr::mcs(table, mcs_index);
  nr::PdschPdu pdu{.rnti = nr::Rnti(0x4601), .bwp_crb = {5, 100}, .prb = prb, .symbols = symbols};
  pdu.dmrs.symbols = nr::pdsch_dmrs_symbols({.symbols = symbols, .additional_position = additional}).value();
  pdu.dmrs.scrambling_id = 41;
  pdu.sch.modulation = mcs->modulation;
  pdu.sch.target_code_rate = mcs->code_rate_x2048 / 2U;
  const unsigned num_re = nr::num_re_for_tbs(prb.count, symbols.count, 12U * static_cast<unsigned>(std::popcount(pdu.dmrs.symbols)));
  const unsigned bits = nr::transport_block_bits(num_re, *mcs);
  pdu.sch.tbs_bytes = bits / 8;
  pdu.sch.base_graph = static_cast<std::uint8_t>(nr::ldpc_base_graph(bits, *mcs));
  pdu.data_scrambling_id = 500;
  return pdu;
}

/// A channel: delay, carrier offset and noise.
void pass(GridSpan grid, float delay_us, float cfo_hz, float noise_var, std::mt19937& random)
{
  std::normal_distribution<float> noise(0.0F, std::sqrt(noise_var / 2.0F));
  for (unsigned symbol = 0; symbol < nr::kSymbolsPerSlot; ++symbol) {
    const std::span<Cf32> row = grid(0, symbol);
    for (std::size_t k = 0; k < row.size(); ++k) {
      const double turns = 0.3 - static_cast<double>(k) * 15e3 * static_cast<double>(delay_us) * 1e-6 +
                           static_cast<double>(cfo_hz) * symbol * 1e-3 / 14.0;
      row[k] *= std::polar(0.5F, static_cast<float>(2.0 * std::numbers::pi * turns));
      row[k] += Cf32(noise(random), noise(random));
    }
  }
}

std::vector<std::uint8_t> random_bytes(std::size_t count, std::mt19937& random)
{
  std::vector<std::uint8_t> bytes(count);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

TEST_CASE("PDSCH: a transport block comes through delay, offset and noise at every modulation, in real time")
{
  std::mt19937 random(7);
  PdschCodec codec(106);
  HarqSoftBuffer harq(20'000);
  struct {
    unsigned mcs;
    nr::McsTable table;
    float snr_db;
  } constexpr kCases[] = {{2, nr::McsTable::qam64, 2.0F},   {9, nr::McsTable::qam64, 8.0F},    {14, nr::McsTable::qam64, 13.0F},
                          {22, nr::McsTable::qam64, 19.0F}, {22, nr::McsTable::qam256, 30.0F}};
  for (const auto& c : kCases) {
    for (const nr::PrbRange prb : {nr::PrbRange{0, 100}, nr::PrbRange{60, 1}, nr::PrbRange{92, 8}}) {
      for (const unsigned additional : {0U, 1U, 2U, 3U}) {
        CAPTURE(c.mcs);
        CAPTURE(prb.count);
        CAPTURE(additional);
        nr::PdschPdu pdu = make_pdu(c.mcs, c.table, prb, {2, 12}, additional);
        pdu.reserved.push_back({.crb = {20, 20}, .symbols = 0x003C});
        pdu.reserved.push_back({.crb = {0, 110}, .symbols = 1U << 8, .subcarriers = 0x0F0});
        const auto sent = random_bytes(pdu.sch.tbs_bytes, random);
        std::vector<std::uint8_t> received(sent.size());
        const nr::Slot slot(nr::Scs::khz15, 3, 7);
        ResourceGrid grid(1, 106);
        {
          const RealtimeScope realtime;
          REQUIRE(codec.encode(pdu, sent, kCarrier, slot, 0, grid.span()));
        }
        const float cfo_hz = additional == 0 ? 0.0F : 150.0F;
        pass(grid.span(), 0.7F, cfo_hz, 0.25F * std::pow(10.0F, -(c.snr_db + (prb.count == 1 ? 4.0F : 0.0F)) / 10.0F), random);
        nr::SchResult result;
        {
          const RealtimeScope realtime;
          result = codec.decode(pdu, kCarrier, slot, 0, grid.span(), harq, received);
        }
        CHECK(result.is_crc_ok);
        CHECK(received == sent);
        if (prb.count == 100) {
          CHECK(std::abs(result.timing_offset_us - 0.7F) < 0.1F);
          CHECK(std::abs(result.cfo_hz - cfo_hz) < 25.0F);
          CHECK(std::abs(result.snr_db - c.snr_db) < 1.5F);
        }
      }
    }
  }
}

TEST_CASE("PDSCH: reserved elements stay untouched, and the DM-RS is 3 dB stronger")
{
  std::mt19937 random(8);
  PdschCodec codec(106);
  nr::PdschPdu pdu = make_pdu(5, nr::McsTable::qam64, {10, 30}, {1, 13}, 2);
  pdu.reserved.push_back({.crb = {20, 21}, .symbols = 0x003C});
  ResourceGrid grid(1, 106);
  REQUIRE(codec.encode(pdu, random_bytes(pdu.sch.tbs_bytes, random), kCarrier, nr::Slot(nr::Scs::khz15, 0, 0), 0, grid.span()));
  unsigned num_data = 0;
  for (unsigned symbol = 0; symbol < nr::kSymbolsPerSlot; ++symbol) {
    for (unsigned k = 0; k < 106 * 12; ++k) {
      const Cf32 element = grid.span()(0, symbol)[k];
      const unsigned crb = k / 12 + 3;
      const bool is_inside = crb >= 15 && crb < 45 && symbol >= 1;
      const bool is_dmrs = (pdu.dmrs.symbols >> symbol & 1U) != 0;
      const bool is_reserved = !is_dmrs && crb >= 20 && crb < 41 && symbol >= 2 && symbol < 6;
      if (!is_inside || is_reserved || (is_dmrs && k % 2 == 1)) {
        REQUIRE(element == Cf32{});
      } else {
        REQUIRE(std::norm(element) == doctest::Approx(is_dmrs ? 2.0 : 1.0).epsilon(0.001));
        if (!is_dmrs) ++num_data;
      }
    }
  }
  CHECK(num_data == num_pdsch_elements(pdu, kCarrier));
}

TEST_CASE("PDSCH: interleaved virtual resource blocks lie where TS 38.211 §7.3.1.6 says")
{
  // 48 blocks in bundles of two: 24 bundles, f(j) = (j mod 2) 12 + j / 2.
  const PdschAllocation even{.first_crb = 5, .vrb = {0, 48}, .bundle_size = 2, .num_bundles = 24};
  const unsigned expected[] = {0, 1, 24, 25, 2, 3, 26, 27, 4, 5};
  for (unsigned i = 0; i < 10; ++i) CHECK(even.crb(i) == 5 + expected[i]);
  CHECK(even.crb(47) == 5 + 47);
  for (const unsigned size : {2U, 4U}) {
    for (unsigned phase = 0; phase < size; ++phase) {
      for (unsigned count = 1; count < 60; ++count) {
        const PdschAllocation at{.vrb = {0, count}, .bundle_size = size, .bundle_phase = phase,
                                 .num_bundles = (count + phase + size - 1) / size};
        std::vector<bool> seen(count);
        for (unsigned i = 0; i < count; ++i) {
          REQUIRE(at.crb(i) < count);
          CHECK_FALSE(seen[at.crb(i)]);
          seen[at.crb(i)] = true;
        }
      }
    }
  }
}

TEST_CASE("PDSCH: an interleaved transport block comes through, around reserved elements too")
{
  std::mt19937 random(17);
  PdschCodec codec(106);
  HarqSoftBuffer harq(20'000);
  for (const unsigned bundle : {2U, 4U}) {
    for (const nr::PrbRange prb : {nr::PrbRange{0, 100}, nr::PrbRange{17, 1}, nr::PrbRange{50, 7}, nr::PrbRange{93, 7}}) {
      nr::PdschPdu pdu = make_pdu(8, nr::McsTable::qam64, prb, {2, 12}, 2);
      pdu.vrb_bundle_size = static_cast<std::uint8_t>(bundle);
      pdu.reserved.push_back({.crb = {0, 110}, .symbols = 1U << 8, .subcarriers = 0x0F0});
      const auto sent = random_bytes(pdu.sch.tbs_bytes, random);
      std::vector<std::uint8_t> received(sent.size());
      const nr::Slot slot(nr::Scs::khz15, 3, 7);
      ResourceGrid grid(1, 106);
      nr::SchResult result;
      {
        const RealtimeScope realtime;
        REQUIRE(codec.encode(pdu, sent, kCarrier, slot, 0, grid.span()));
      }
      pass(grid.span(), 0.5F, 80.0F, 0.25F * std::pow(10.0F, -1.3F), random);
      {
        const RealtimeScope realtime;
        result = codec.decode(pdu, kCarrier, slot, 0, grid.span(), harq, received);
      }
      CHECK(result.is_crc_ok);
      CHECK(received == sent);
    }
  }
}

TEST_CASE("PDSCH: two failed receptions combine to one that succeeds")
{
  std::mt19937 random(9);
  PdschCodec codec(106);
  HarqSoftBuffer harq(20'000);
  nr::PdschPdu pdu = make_pdu(16, nr::McsTable::qam64, {0, 50}, {2, 12}, 1);
  const auto sent = random_bytes(pdu.sch.tbs_bytes, random);
  std::vector<std::uint8_t> received(sent.size());
  const nr::Slot slot(nr::Scs::khz15, 3, 7);
  bool is_ok[2]{};
  for (unsigned n = 0; n < 2; ++n) {
    ResourceGrid grid(1, 106);
    pdu.sch.redundancy_version = n == 0 ? 0 : 2;
    pdu.is_new_data = n == 0;
    REQUIRE(codec.encode(pdu, sent, kCarrier, slot, 0, grid.span()));
    pass(grid.span(), 0.0F, 0.0F, 0.25F * std::pow(10.0F, -0.75F), random);
    is_ok[n] = codec.decode(pdu, kCarrier, slot, 0, grid.span(), harq, received).is_crc_ok;
  }
  CHECK_FALSE(is_ok[0]);
  CHECK(is_ok[1]);
  CHECK(received == sent);
}

TEST_CASE("PDSCH: impossible allocations are refused, random PDUs do no harm")
{
  std::mt19937 random(10);
  PdschCodec codec(106);
  HarqSoftBuffer harq(20'000);
  ResourceGrid grid(1, 106);
  const nr::Slot slot(nr::Scs::khz15, 0, 0);
  nr::PdschPdu pdu = make_pdu(5, nr::McsTable::qam64, {0, 50}, {2, 12}, 1);
  auto payload = random_bytes(pdu.sch.tbs_bytes, random);
  pdu.prb = {60, 50};  // beyond the bandwidth part
  CHECK_FALSE(codec.encode(pdu, payload, kCarrier, slot, 0, grid.span()));
  pdu.prb = {0, 50};
  pdu.bwp_crb.begin = 0;  // below the carrier
  CHECK_FALSE(codec.encode(pdu, payload, kCarrier, slot, 0, grid.span()));
  pdu.bwp_crb.begin = 5;
  CHECK_FALSE(codec.encode(pdu, std::span(payload).first(3), kCarrier, slot, 0, grid.span()));
  const auto below = [&random](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  for (unsigned trial = 0; trial < 3000; ++trial) {
    nr::PdschPdu wild = pdu;
    wild.prb = {below(120), below(120)};
    wild.symbols = {below(16), below(16)};
    wild.vrb_bundle_size = static_cast<std::uint8_t>(below(5));
    wild.dmrs.symbols = static_cast<std::uint16_t>(random());
    wild.dmrs.port = below(6);
    wild.dmrs.num_cdm_groups_without_data = below(4);
    wild.dmrs.reference_crb = below(10);
    wild.sch.modulation = trial % 2 == 0 ? nr::Modulation::qpsk : nr::Modulation::qam256;
    wild.sch.tbs_bytes = below(2000);
    wild.sch.base_graph = static_cast<std::uint8_t>(random() % 4);
    wild.sch.redundancy_version = static_cast<std::uint8_t>(random() % 6);
    std::vector<std::uint8_t> block(wild.sch.tbs_bytes);
    (void)codec.encode(wild, block, kCarrier, slot, 0, grid.span());
    (void)codec.decode(wild, kCarrier, slot, 0, grid.span(), harq, block);
  }
}

}  // namespace
}  // namespace ravi::phy
