#include "stack/phy/ldpc_decoder.h"
#include "radio/realtime.h"
#include "stack/phy/bit_packing.h"
#include "stack/phy/ldpc_decoder_reference.h"
#include "stack/phy/ldpc_encoder.h"
#include "tests/radio/dsp/simd_targets.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <vector>

using namespace ravi;
using nr::LdpcBaseGraph;

namespace {

constexpr LdpcBaseGraph kGraphs[] = {LdpcBaseGraph::bg1, LdpcBaseGraph::bg2};

/// A random code block with its CRC, fillers and codeword.
struct Coded {
  phy::LdpcBlock block;
  std::vector<std::uint8_t> info;      ///< K' bits packed
  std::vector<std::uint8_t> codeword;  ///< N bits, one a byte
};

Coded make_coded(LdpcBaseGraph graph, unsigned z, unsigned num_info_bits, std::uint_fast32_t seed)
{
  static const auto encoder = std::make_unique<phy::LdpcEncoder>();
  std::mt19937 random(seed);
  Coded coded;
  const phy::Crc crc = num_info_bits > 100 ? phy::Crc::crc24b : phy::Crc::crc6;
  coded.block = {.graph = graph, .z = z, .num_info_bits = num_info_bits, .crc = crc};
  std::vector<std::uint8_t> bits(std::size_t{phy::ldpc_shape(graph).num_info_columns} * z);
  const std::span message = std::span(bits).first(num_info_bits - phy::crc_length(crc));
  for (auto& bit : message) bit = random() & 1U;
  phy::write_crc_bits(crc, phy::crc_of_bits(crc, message), std::span(bits).subspan(message.size(), phy::crc_length(crc)));
  coded.info.resize((num_info_bits + 7) / 8);
  phy::pack_bits(std::span(bits).first(num_info_bits), coded.info);
  coded.codeword.resize(phy::ldpc_code_length(graph, z));
  encoder->encode(graph, z, bits, coded.codeword);
  return coded;
}

/// BPSK over white Gaussian noise: LLRs of 8 units a nat.
std::vector<std::int8_t> receive(std::span<const std::uint8_t> codeword, double es_n0_db, std::mt19937& random)
{
  const double noise_var = std::pow(10.0, -es_n0_db / 10.0) / 2.0;
  std::normal_distribution<double> noise(0.0, std::sqrt(noise_var));
  std::vector<std::int8_t> llrs(codeword.size());
  for (std::size_t i = 0; i < llrs.size(); ++i) {
    const double y = (codeword[i] != 0 ? -1.0 : 1.0) + noise(random);
    llrs[i] = static_cast<std::int8_t>(std::lround(std::clamp(8.0 * 2.0 * y / noise_var, -120.0, 120.0)));
  }
  return llrs;
}

}  // namespace

TEST_CASE("The decoder finds every code block again in noise that the code can bear, at every lifting size")
{
  const auto decoder = std::make_unique<phy::LdpcDecoder>();
  std::mt19937 random(11);
  for (const LdpcBaseGraph graph : kGraphs) {
    for (const phy::LiftingSize size : phy::kLiftingSizes) {
      const unsigned k = phy::ldpc_shape(graph).num_info_columns * size.z;
      for (const unsigned num_info_bits : {k, k - std::min(k / 3, 3 * unsigned{size.z} + 1)}) {
        const Coded coded = make_coded(graph, size.z, num_info_bits, random());
        CAPTURE(size.z);
        CAPTURE(num_info_bits);
        const auto llrs = receive(coded.codeword, 3.0, random);
        std::vector<std::uint8_t> info(coded.info.size());
        phy::LdpcResult result;
        {
          const RealtimeScope calm;
          result = decoder->decode(coded.block, llrs, info);
        }
        REQUIRE(result.is_crc_ok);
        REQUIRE(info == coded.info);
        REQUIRE(result.num_iterations <= 5);
      }
    }
  }
}

TEST_CASE("The decoder gives the reference's bits on every instruction set, at every lifting size")
{
  const auto decoder = std::make_unique<phy::LdpcDecoder>();
  test::for_each_simd_target([&] {
    std::mt19937 random(12);
    for (const LdpcBaseGraph graph : kGraphs) {
      for (const phy::LiftingSize size : phy::kLiftingSizes) {
        const unsigned k = phy::ldpc_shape(graph).num_info_columns * size.z;
        const unsigned num_info_bits = k - static_cast<unsigned>(random() % (k / 3));
        Coded coded = make_coded(graph, size.z, num_info_bits, random());
        auto llrs = receive(coded.codeword, -4.0 + static_cast<double>(random() % 8), random);
        if (random() % 4 == 0) std::ranges::generate(llrs, [&] { return static_cast<std::int8_t>(random()); });
        llrs.resize(1 + random() % llrs.size());
        coded.block.max_num_iterations = 3;
        coded.block.stops_early = random() % 2 == 0;
        std::vector<std::uint8_t> info(coded.info.size());
        std::vector<std::uint8_t> want(coded.info.size());
        const auto result = decoder->decode(coded.block, llrs, info);
        const auto wanted = phy::reference::decode(coded.block, llrs, want);
        CAPTURE(size.z);
        REQUIRE(info == want);
        REQUIRE(result.is_crc_ok == wanted.is_crc_ok);
        REQUIRE(result.num_iterations == wanted.num_iterations);
      }
    }
  });
}
