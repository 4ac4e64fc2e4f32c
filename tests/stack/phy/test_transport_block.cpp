#include "stack/phy/transport_block.h"
#include "radio/realtime.h"
#include "stack/phy/bit_packing.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <vector>

using namespace ravi;
using nr::LdpcBaseGraph;
using nr::Modulation;

namespace {

struct Coders {
  phy::SchEncoder encoder;
  phy::SchDecoder decoder;
};

std::vector<std::uint8_t> random_bytes(std::size_t n, std::mt19937& random)
{
  std::vector<std::uint8_t> bytes(n);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

/// LLRs of 8 units a nat, as if each bit were BPSK over white noise.
std::vector<std::int8_t> receive(std::span<const std::uint8_t> bits, double es_n0_db, std::mt19937& random)
{
  const double noise_var = std::pow(10.0, -es_n0_db / 10.0) / 2.0;
  std::normal_distribution<double> noise(0.0, std::sqrt(noise_var));
  std::vector<std::int8_t> llrs(bits.size());
  for (std::size_t i = 0; i < llrs.size(); ++i) {
    const double y = (bits[i] != 0 ? -1.0 : 1.0) + noise(random);
    llrs[i] = static_cast<std::int8_t>(std::lround(std::clamp(8.0 * 2.0 * y / noise_var, -120.0, 120.0)));
  }
  return llrs;
}

/// Coded bits for about the given code rate.
std::size_t coded_bits(unsigned tbs_bytes, double code_rate, Modulation modulation, unsigned num_layers = 1)
{
  const std::size_t unit = std::size_t{nr::bits_per_symbol(modulation)} * num_layers;
  return (static_cast<std::size_t>(8.0 * tbs_bytes / code_rate) / unit + 2) * unit;
}

}  // namespace

TEST_CASE("Segmentation by hand: one block, several blocks, the steps of K_b [TS 38.212 §5.2.2]")
{
  const auto bg1 = phy::segment(8424, LdpcBaseGraph::bg1).value();  // B = 8448: one full block
  CHECK(bg1.num_code_blocks == 1);
  CHECK(bg1.num_info_bits == 8448);
  CHECK(bg1.z == 384);
  CHECK(bg1.code_block_crc() == phy::Crc::crc24a);
  const auto two = phy::segment(8456, LdpcBaseGraph::bg1).value();  // a size of TS 38.214 §5.1.3.2; B = 8480
  CHECK(two.num_code_blocks == 2);
  CHECK(two.num_info_bits == 4264);  // (8480 + 48) / 2
  CHECK(two.z == 208);               // 22 x 208 = 4576; 22 x 192 = 4224 is too small
  CHECK(two.code_block_crc() == phy::Crc::crc24b);
  CHECK(two.num_payload_bits() == 4240);

  CHECK(phy::segment(24, LdpcBaseGraph::bg2)->z == 7);     // B = 40, K_b = 6
  CHECK(phy::segment(176, LdpcBaseGraph::bg2)->z == 32);   // B = 192, K_b = 6
  CHECK(phy::segment(184, LdpcBaseGraph::bg2)->z == 26);   // B = 200, K_b = 8
  CHECK(phy::segment(544, LdpcBaseGraph::bg2)->z == 72);   // B = 560, K_b = 8: 70 up to 72
  CHECK(phy::segment(552, LdpcBaseGraph::bg2)->z == 64);   // B = 568, K_b = 9
  CHECK(phy::segment(632, LdpcBaseGraph::bg2)->z == 72);   // B = 648, K_b = 10
  CHECK(phy::segment(3824, LdpcBaseGraph::bg2)->transport_block_crc == phy::Crc::crc16);
  CHECK(phy::segment(3840, LdpcBaseGraph::bg2)->transport_block_crc == phy::Crc::crc24a);
  CHECK_FALSE(phy::segment(8425, LdpcBaseGraph::bg1).has_value());  // 8449 bits into two blocks
  CHECK_FALSE(phy::segment(0, LdpcBaseGraph::bg1).has_value());
}

TEST_CASE("Coded bits are shared out so that the last blocks get the longer pieces [TS 38.212 §5.4.2.1]")
{
  // G = 100 symbols of 2 bits on 1 layer over 3 blocks: 33, 33, 34 symbols.
  CHECK(phy::code_block_length(200, 1, 2, 3, 0) == 66);
  CHECK(phy::code_block_length(200, 1, 2, 3, 1) == 66);
  CHECK(phy::code_block_length(200, 1, 2, 3, 2) == 68);
  CHECK(phy::code_block_length(240, 2, 4, 3, 2) == 80);
}

TEST_CASE("Transport blocks of many sizes, modulations and rates come back through a clean channel")
{
  auto coders = std::make_unique<Coders>();
  std::mt19937 random(31);
  phy::HarqSoftBuffer harq(20000);
  constexpr Modulation kModulations[] = {Modulation::pi2_bpsk, Modulation::qpsk, Modulation::qam16, Modulation::qam64, Modulation::qam256};
  for (const unsigned tbs_bits : {24U, 32U, 40U, 176U, 184U, 552U, 640U, 3824U, 3840U, 3976U, 8424U, 8456U, 16896U, 40976U, 98376U, 151608U}) {
    for (const unsigned graph : {1U, 2U}) {
      const Modulation modulation = kModulations[random() % 5];
      const unsigned num_layers = 1 + static_cast<unsigned>(random() % 2);
      const nr::SchConfig config = {.modulation = modulation, .tbs_bytes = tbs_bits / 8, .base_graph = static_cast<std::uint8_t>(graph)};
      CAPTURE(tbs_bits);
      CAPTURE(graph);
      if (!phy::segment(tbs_bits, static_cast<LdpcBaseGraph>(graph))) continue;
      const double rate = graph == 1 ? 0.4 + 0.05 * static_cast<double>(random() % 10) : 0.2 + 0.05 * static_cast<double>(random() % 10);
      const auto payload = random_bytes(config.tbs_bytes, random);
      std::vector<std::uint8_t> bits(coded_bits(config.tbs_bytes, rate * 0.9, modulation, num_layers));
      REQUIRE(coders->encoder.encode(payload, config, bits, num_layers));
      const auto llrs = receive(bits, 12.0, random);
      std::vector<std::uint8_t> got(payload.size());
      harq.clear();
      phy::SchResult result;
      {
        const RealtimeScope calm;
        result = coders->decoder.decode(llrs, config, harq, got, num_layers);
        static_cast<void>(coders->encoder.encode(payload, config, bits, num_layers));
      }
      REQUIRE(result.is_crc_ok);
      REQUIRE(result.num_failed_code_blocks == 0);
      REQUIRE(got == payload);
    }
  }
}

TEST_CASE("Retransmissions of other redundancy versions add up to what one alone cannot carry")
{
  auto coders = std::make_unique<Coders>();
  std::mt19937 random(32);
  for (const unsigned lbrm_bytes : {0U, 4000U}) {
    nr::SchConfig config = {.modulation = Modulation::qam16, .tbs_bytes = 3752, .base_graph = 1, .tbs_lbrm_bytes = lbrm_bytes};
    const auto payload = random_bytes(config.tbs_bytes, random);
    phy::HarqSoftBuffer harq(4000);
    std::vector<std::uint8_t> bits(coded_bits(config.tbs_bytes, 0.8, config.modulation));
    std::vector<std::uint8_t> got(payload.size());
    int num_sent = 0;
    phy::SchResult result;
    for (const unsigned rv : {0U, 2U, 3U, 1U, 0U, 2U}) {
      config.redundancy_version = static_cast<std::uint8_t>(rv);
      REQUIRE(coders->encoder.encode(payload, config, bits));
      result = coders->decoder.decode(receive(bits, -3.2, random), config, harq, got);
      ++num_sent;
      if (result.is_crc_ok) break;
    }
    CAPTURE(lbrm_bytes);
    CHECK(result.is_crc_ok);
    CHECK(num_sent >= 2);
    CHECK(num_sent <= 5);
    CHECK(got == payload);

    // Every version can be decoded by itself in a good channel, when the rate leaves it enough of the systematic bits.
    bits.resize(coded_bits(config.tbs_bytes, 0.4, config.modulation));
    for (const unsigned rv : {0U, 1U, 2U, 3U}) {
      config.redundancy_version = static_cast<std::uint8_t>(rv);
      harq.clear();
      REQUIRE(coders->encoder.encode(payload, config, bits));
      CHECK(coders->decoder.decode(receive(bits, 12.0, random), config, harq, got).is_crc_ok);
    }
  }
}

TEST_CASE("Code blocks decoded once are not decoded again, and only the missing ones are asked of the next transmission")
{
  auto coders = std::make_unique<Coders>();
  std::mt19937 random(33);
  const nr::SchConfig config = {.modulation = Modulation::qpsk, .tbs_bytes = 3752, .base_graph = 1};
  const auto payload = random_bytes(config.tbs_bytes, random);
  phy::HarqSoftBuffer harq(config.tbs_bytes);
  std::vector<std::uint8_t> bits(coded_bits(config.tbs_bytes, 0.5, config.modulation));
  REQUIRE(coders->encoder.encode(payload, config, bits));
  auto llrs = receive(bits, 15.0, random);
  const auto plan = phy::plan_sch(config, bits.size());
  REQUIRE(plan);
  REQUIRE(plan->blocks.num_code_blocks == 4);
  for (std::size_t i = 0; i < plan->block_length(0); ++i) llrs[i] = static_cast<std::int8_t>(random());  // block 0 lost
  std::vector<std::uint8_t> got(payload.size());
  const auto first = coders->decoder.decode(llrs, config, harq, got);
  CHECK_FALSE(first.is_crc_ok);
  CHECK(first.num_failed_code_blocks == 1);

  harq.clear();
  std::ranges::fill(std::span(llrs).first(plan->block_length(0)), std::int8_t{0});  // block 0 erased
  CHECK(coders->decoder.decode(llrs, config, harq, got).num_failed_code_blocks == 1);
  auto second = receive(bits, 15.0, random);
  std::ranges::fill(std::span(second).subspan(plan->block_length(0)), std::int8_t{0});  // only block 0 comes
  const auto result = coders->decoder.decode(second, config, harq, got);
  CHECK(result.is_crc_ok);
  CHECK(result.num_iterations <= 3);
  CHECK(got == payload);
}

TEST_CASE("One code block in BPSK goes out as it is: payload and CRC24A from bit 2 z on")
{
  auto coders = std::make_unique<Coders>();
  std::mt19937 random(34);
  const nr::SchConfig config = {.modulation = Modulation::pi2_bpsk, .tbs_bytes = 1053, .base_graph = 1};  // B = 8448
  const auto payload = random_bytes(config.tbs_bytes, random);
  std::vector<std::uint8_t> bits(9000);
  REQUIRE(coders->encoder.encode(payload, config, bits));
  std::vector<std::uint8_t> want(8448);
  phy::unpack_bits(payload, std::span(want).first(8424));
  phy::write_crc_bits(phy::Crc::crc24a, phy::crc_of_bytes(phy::Crc::crc24a, payload), std::span(want).last(24));
  CHECK(std::ranges::equal(std::span(bits).first(8448 - 768), std::span(want).subspan(768)));
}

TEST_CASE("A payload of zeros is decoded, an erased or random one is never taken for it")
{
  auto coders = std::make_unique<Coders>();
  std::mt19937 random(36);
  const nr::SchConfig config = {.modulation = Modulation::qpsk, .tbs_bytes = 1200, .base_graph = 1};
  phy::HarqSoftBuffer harq(config.tbs_bytes);
  const std::vector<std::uint8_t> payload(config.tbs_bytes, 0);
  for (const double rate : {0.2, 0.6, 0.9}) {
    std::vector<std::uint8_t> bits(coded_bits(config.tbs_bytes, rate, config.modulation));
    REQUIRE(coders->encoder.encode(payload, config, bits));
    std::vector<std::uint8_t> got(payload.size(), 0xFF);
    harq.clear();
    CHECK(coders->decoder.decode(receive(bits, rate == 0.2 ? -5.0 : 8.0, random), config, harq, got).is_crc_ok);
    CHECK(got == payload);
    harq.clear();
    CHECK_FALSE(coders->decoder.decode(std::vector<std::int8_t>(bits.size(), 0), config, harq, got).is_crc_ok);
  }
}

TEST_CASE("Impossible or foreign configurations are refused and change nothing")
{
  auto coders = std::make_unique<Coders>();
  phy::HarqSoftBuffer harq(100);
  const nr::SchConfig good = {.modulation = Modulation::qpsk, .tbs_bytes = 100, .base_graph = 2};
  std::vector<std::int8_t> llrs(2000, 50);
  std::vector<std::uint8_t> payload(100, 0x55);
  const auto refuses = [&](nr::SchConfig config, std::size_t num_llrs, std::size_t num_bytes) {
    const auto result = coders->decoder.decode(std::span(llrs).first(num_llrs), config, harq, std::span(payload).first(num_bytes));
    std::vector<std::uint8_t> bits(num_llrs);
    return result.num_code_blocks == 0 && !result.is_crc_ok;
  };
  CHECK_FALSE(refuses(good, 2000, 100));
  std::ranges::fill(payload, std::uint8_t{0x55});
  auto bad = good;
  bad.base_graph = 3;
  CHECK(refuses(bad, 2000, 100));
  bad = good;
  bad.redundancy_version = 4;
  CHECK(refuses(bad, 2000, 100));
  bad = good;
  bad.tbs_bytes = 0;
  CHECK(refuses(bad, 2000, 0));
  bad = good;
  bad.tbs_bytes = 0xFFFFFFFF;
  CHECK(refuses(bad, 2000, 100));
  CHECK(refuses(good, 1999, 100));
  CHECK(refuses(good, 0, 100));
  CHECK(refuses(good, 2000, 99));
  bad = good;
  bad.tbs_bytes = 101;
  payload.resize(101, 0x55);
  CHECK(refuses(bad, 2000, 101));  // larger than the soft buffer
  bad = good;
  bad.tbs_lbrm_bytes = 1;  // a buffer of 12 bits: still a code
  CHECK_FALSE(refuses(bad, 2000, 100));
  CHECK_FALSE(coders->encoder.encode(std::span(payload).first(99), good, std::span<std::uint8_t>()));
}

TEST_CASE("Random grants and LLRs neither crash nor pass the CRC")
{
  auto coders = std::make_unique<Coders>();
  std::mt19937 random(35);
  phy::HarqSoftBuffer harq(3000);
  std::vector<std::int8_t> llrs;
  std::vector<std::uint8_t> payload;
  constexpr Modulation kModulations[] = {Modulation::bpsk, Modulation::qpsk, Modulation::qam16, Modulation::qam64, Modulation::qam256};
  int num_decoded = 0;
  for (int round = 0; round < 300; ++round) {
    const nr::SchConfig config = {.modulation = kModulations[random() % 5],
                                  .tbs_bytes = 8 + static_cast<unsigned>(random() % 3000),
                                  .redundancy_version = static_cast<std::uint8_t>(random() % 4),
                                  .base_graph = static_cast<std::uint8_t>(1 + random() % 2),
                                  .tbs_lbrm_bytes = random() % 3 == 0 ? static_cast<unsigned>(random() % 2000) : 0U};
    llrs.resize(nr::bits_per_symbol(config.modulation) * (random() % 5000));
    for (auto& llr : llrs) llr = static_cast<std::int8_t>(random());
    payload.resize(config.tbs_bytes);
    if (random() % 2 == 0) harq.clear();
    const auto result = coders->decoder.decode(llrs, config, harq, payload, 1, 2);
    num_decoded += result.num_code_blocks > 0 ? 1 : 0;
    CHECK_FALSE(result.is_crc_ok);
  }
  CHECK(num_decoded > 100);
}
