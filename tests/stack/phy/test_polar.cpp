#include "stack/phy/polar_code.h"
#include "stack/phy/polar_decoder.h"

#include "radio/realtime.h"
#include "stack/phy/crc.h"

#include <doctest/doctest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace ravi::phy {
namespace {

std::vector<std::uint8_t> random_bits(std::mt19937& random, std::size_t n)
{
  std::vector<std::uint8_t> bits(n);
  for (auto& bit : bits) bit = static_cast<std::uint8_t>(random() >> 9U & 1U);
  return bits;
}

/// A code that the standard allows, at random.
PolarCode random_code(std::mt19937& random)
{
  while (true) {
    const auto link = random() % 2 == 0 ? PolarLink::downlink : PolarLink::uplink;
    const unsigned k = link == PolarLink::downlink ? 36 + static_cast<unsigned>(random() % 129) : 18 + static_cast<unsigned>(random() % 300);
    const unsigned e = k + static_cast<unsigned>(random() % (random() % 2 == 0 ? 300 : 2000));
    if (const auto code = make_polar_code(k, e, link)) return *code;
  }
}

/// BPSK over AWGN; LLRs in eighths of a nat.
std::vector<std::int8_t> received(std::mt19937& random, const std::vector<std::uint8_t>& coded, double es_n0_db)
{
  const double noise_var = std::pow(10.0, -es_n0_db / 10.0) / 2.0;  // of the real part
  std::normal_distribution<double> noise(0.0, std::sqrt(noise_var));
  std::vector<std::int8_t> llrs;
  for (const std::uint8_t bit : coded) {
    const double y = (bit != 0 ? -1.0 : 1.0) + noise(random);
    llrs.push_back(static_cast<std::int8_t>(std::lround(std::clamp(8.0 * 2.0 * y / noise_var, -120.0, 120.0))));
  }
  return llrs;
}

}  // namespace

TEST_CASE("polar code: every legal K and E has K information bits and its parity bits, the impossible ones none")
{
  for (const PolarLink link : {PolarLink::downlink, PolarLink::uplink}) {
    for (unsigned k = 0; k <= 200; ++k) {
      for (unsigned e = 0; e <= 1200; e += 1 + e / 16) {
        const auto code = make_polar_code(k, e, link);
        if (!code) continue;
        unsigned information = 0, parity = 0;
        for (unsigned i = 0; i < code->length; ++i) {
          information += code->role[i] == PolarBit::information ? 1 : 0;
          parity += code->role[i] == PolarBit::parity ? 1 : 0;
        }
        REQUIRE(information == k);
        REQUIRE(parity == (link == PolarLink::uplink && k >= 18 && k <= 25 ? 3 : 0));
        REQUIRE(code->length >= 32);
        REQUIRE(code->length <= (link == PolarLink::downlink ? 512 : 1024));
      }
    }
  }
  CHECK_FALSE(make_polar_code(0, 100, PolarLink::uplink));
  CHECK_FALSE(make_polar_code(100, 99, PolarLink::uplink));
  CHECK_FALSE(make_polar_code(165, 864, PolarLink::downlink));
  CHECK_FALSE(make_polar_code(40, 8193, PolarLink::downlink));
  CHECK_FALSE(make_polar_code(4000000000U, 4000000000U, PolarLink::uplink));
  CHECK(make_polar_code(56, 864, PolarLink::downlink)->length == 512);
}

TEST_CASE("polar decoder: noise-free words come back first for every kind of code, and nothing is allocated")
{
  std::mt19937 random(10);
  PolarDecoder decoder;
  for (int run = 0; run < 600; ++run) {
    const PolarCode code = random_code(random);
    CAPTURE(code.num_bits);
    CAPTURE(code.num_coded_bits);
    const auto bits = random_bits(random, code.num_bits);
    std::vector<std::uint8_t> coded(code.num_coded_bits), decoded(code.num_bits);
    std::vector<std::int8_t> llrs(code.num_coded_bits);
    {
      const RealtimeScope realtime;
      const auto again = make_polar_code(code.num_bits, code.num_coded_bits, code.link);
      encode_polar(*again, bits, coded);
      for (std::size_t i = 0; i < coded.size(); ++i) llrs[i] = coded[i] != 0 ? -20 : 20;
      decoder.decode(*again, llrs);
      decoder.word(0, decoded);
    }
    REQUIRE(decoded == bits);
  }
}

TEST_CASE("polar decoder: every CPU generation's kernels give the same list, also of pure noise and extreme LLRs")
{
  std::mt19937 random(11);
  const std::int64_t supported = hwy::SupportedTargets();
  PolarDecoder decoder;
  for (int run = 0; run < 60; ++run) {
    const PolarCode code = random_code(random);
    std::vector<std::int8_t> llrs(code.num_coded_bits);
    const int range = run % 2 == 0 ? 127 : 5;
    for (auto& llr : llrs) llr = static_cast<std::int8_t>(static_cast<int>(random() % static_cast<unsigned>(2 * range + 1)) - range);
    std::vector<std::vector<std::uint8_t>> first;
    for (std::int64_t targets = supported; targets != 0; targets &= targets - 1) {
      hwy::SetSupportedTargetsForTest(targets & -targets);
      decoder.decode(code, llrs);
      std::vector<std::vector<std::uint8_t>> words(PolarDecoder::kListSize, std::vector<std::uint8_t>(code.num_bits));
      for (unsigned rank = 0; rank < words.size(); ++rank) decoder.word(rank, words[rank]);
      if (first.empty()) first = words;
      REQUIRE(words == first);
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

/// Words of K bits with a CRC24C that a list decoding loses, of `runs`.
unsigned count_losses(unsigned k, unsigned e, double es_n0_db, unsigned runs)
{
  std::mt19937 random(12);
  PolarDecoder decoder;
  const auto code = make_polar_code(k, e, PolarLink::downlink);
  REQUIRE(code);
  unsigned losses = 0;
  for (unsigned run = 0; run < runs; ++run) {
    auto bits = random_bits(random, k);
    write_crc_bits(Crc::crc24c, crc_of_bits(Crc::crc24c, std::span(bits).first(k - 24)), std::span(bits).last(24));
    std::vector<std::uint8_t> coded(e), word(k);
    encode_polar(*code, bits, coded);
    decoder.decode(*code, received(random, coded, es_n0_db));
    bool is_found = false;
    for (unsigned rank = 0; rank < PolarDecoder::kListSize && !is_found; ++rank) {
      decoder.word(rank, word);
      is_found = crc_of_bits(Crc::crc24c, word) == 0;
    }
    losses += word != bits ? 1 : 0;
  }
  return losses;
}

TEST_CASE("polar decoder: block error rate in AWGN lies between what is possible and 0.7 dB above it")
{
  // SNR a coded bit (BPSK, Es/N0) for a block error rate of 1 %, from the normal approximation for the binary-input AWGN
  // channel (Polyanskiy, Poor, Verdu 2010, with 0.5 log2 n), computed apart from this code. `least`: of the message without
  // its CRC, which no decoder beats. `whole`: of message and CRC; a list of eight spends part of the CRC on choosing.
  struct Point {
    unsigned k, e;
    double least, whole;
  };
  for (const Point& point : {Point{64, 108, -2.55, 0.04}, Point{64, 216, -6.13, -4.14}, Point{64, 432, -9.41, -7.62}}) {
    CAPTURE(point.e);
    const unsigned above = count_losses(point.k, point.e, point.whole + 0.7, 2000);
    const unsigned below = count_losses(point.k, point.e, point.least, 200);
    MESSAGE("K=", point.k, " E=", point.e, ": ", above, " of 2000 lost at ", point.whole + 0.7, " dB, ",
            count_losses(point.k, point.e, point.whole, 2000), " of 2000 at ", point.whole, " dB");
    CHECK(above <= 20);
    CHECK(below > 20);
  }
}

}  // namespace ravi::phy
