#include "stack/phy/bit_packing.h"
#include "stack/phy/ldpc_decoder.h"
#include "stack/phy/ldpc_encoder.h"

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

struct Point {
  LdpcBaseGraph graph;
  unsigned z;
  double code_rate;
  double es_n0_db;  ///< BPSK
};

/// Block error rate with the given number of code blocks and at most 12 iterations.
double block_error_rate(const Point& point, int num_blocks)
{
  const auto encoder = std::make_unique<phy::LdpcEncoder>();
  const auto decoder = std::make_unique<phy::LdpcDecoder>();
  std::mt19937 random(41);
  const unsigned k = phy::ldpc_shape(point.graph).num_info_columns * point.z;
  const std::size_t n = std::min<std::size_t>(phy::ldpc_code_length(point.graph, point.z), static_cast<std::size_t>(k / point.code_rate));
  std::normal_distribution<float> noise(0.0F, static_cast<float>(std::sqrt(0.5 * std::pow(10.0, -point.es_n0_db / 10.0))));
  const float llr_scale = 8.0F * 4.0F * static_cast<float>(std::pow(10.0, point.es_n0_db / 10.0));  // 8 units a nat
  std::vector<std::uint8_t> bits(k);
  std::vector<std::uint8_t> codeword(n);
  std::vector<std::int8_t> llrs(n);
  std::vector<std::uint8_t> want((k + 7) / 8);
  std::vector<std::uint8_t> got(want.size());
  int num_errors = 0;
  for (int i = 0; i < num_blocks; ++i) {
    for (auto& bit : bits) bit = random() & 1U;
    const std::span message = std::span(bits).first(k - 24);
    phy::write_crc_bits(phy::Crc::crc24b, phy::crc_of_bits(phy::Crc::crc24b, message), std::span(bits).last(24));
    phy::pack_bits(bits, want);
    encoder->encode(point.graph, point.z, bits, codeword);
    for (std::size_t bit = 0; bit < n; ++bit) {
      const float y = (codeword[bit] != 0 ? -1.0F : 1.0F) + noise(random);
      llrs[bit] = static_cast<std::int8_t>(std::lround(std::clamp(llr_scale * y, -120.0F, 120.0F)));
    }
    const auto result =
      decoder->decode({.graph = point.graph, .z = point.z, .num_info_bits = k, .max_num_iterations = 12}, llrs, got);
    if (!result.is_crc_ok || got != want) ++num_errors;
  }
  return static_cast<double>(num_errors) / num_blocks;
}

}  // namespace

TEST_CASE("Block error rate stays within a few tenths of a decibel of an independent floating-point sum-product decoder")
{
  // That decoder (numpy, flooding, 20 iterations, written from the tables alone, 60 blocks a point) has a BLER of 0.1 at
  // -1.8 dB on the first and at -1.6 dB on the second. The others hold what was measured, against a later change for the worse.
  CHECK(block_error_rate({LdpcBaseGraph::bg1, 64, 1.0 / 2, -1.5}, 150) < 0.1);
  CHECK(block_error_rate({LdpcBaseGraph::bg2, 64, 1.0 / 2, -1.35}, 150) < 0.1);
  CHECK(block_error_rate({LdpcBaseGraph::bg2, 128, 1.0 / 5, -6.2}, 80) < 0.1);
  CHECK(block_error_rate({LdpcBaseGraph::bg1, 384, 1.0 / 3, -3.9}, 30) < 0.1);
  CHECK(block_error_rate({LdpcBaseGraph::bg1, 384, 8.0 / 9, 3.4}, 60) < 0.1);
}

TEST_CASE("Below the Shannon limit nothing is decoded: the error rate is not simply zero")
{
  CHECK(block_error_rate({LdpcBaseGraph::bg1, 64, 1.0 / 2, -3.5}, 20) > 0.9);
  CHECK(block_error_rate({LdpcBaseGraph::bg2, 64, 1.0 / 2, -3.5}, 20) > 0.9);
}
