// LDPC of the largest code block, one core: information bits a second. Arguments: 1024 x code rate.

#include "stack/phy/bit_packing.h"
#include "stack/phy/ldpc_decoder.h"
#include "stack/phy/ldpc_encoder.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <vector>

using namespace ravi;

namespace {

constexpr unsigned kZ = phy::kMaxLiftingSize;

struct Coded {
  phy::LdpcBlock block;
  std::vector<std::uint8_t> info;
  std::vector<std::uint8_t> codeword;
  std::vector<std::int8_t> llrs;
};

/// A full code block and its LLRs as QPSK gives them at es_n0_db.
Coded make_coded(nr::LdpcBaseGraph graph, double code_rate, double es_n0_db)
{
  std::mt19937 random(1);
  Coded coded;
  const unsigned k = phy::ldpc_shape(graph).num_info_columns * kZ;
  coded.block = {.graph = graph, .z = kZ, .num_info_bits = k};
  coded.info.resize(k);
  for (auto& bit : coded.info) bit = random() & 1U;
  const std::span message = std::span(coded.info).first(k - 24);
  phy::write_crc_bits(phy::Crc::crc24b, phy::crc_of_bits(phy::Crc::crc24b, message), std::span(coded.info).last(24));
  coded.codeword.resize(std::min<std::size_t>(phy::ldpc_code_length(graph, kZ), static_cast<std::size_t>(k / code_rate)));
  std::make_unique<phy::LdpcEncoder>()->encode(graph, kZ, coded.info, coded.codeword);
  const double noise_var = std::pow(10.0, -es_n0_db / 10.0);  // of each part, where its signal has power 1
  std::normal_distribution<double> noise(0.0, std::sqrt(noise_var));
  for (const std::uint8_t bit : coded.codeword) {
    const double y = (bit != 0 ? -1.0 : 1.0) + noise(random);
    coded.llrs.push_back(static_cast<std::int8_t>(std::lround(std::clamp(8.0 * 2.0 * y / noise_var, -120.0, 120.0))));
  }
  return coded;
}

void count_bits(benchmark::State& state, const Coded& coded)
{
  state.counters["Mbit/s"] = benchmark::Counter(static_cast<double>(coded.block.num_info_bits) * 1e-6,
                                                benchmark::Counter::kIsIterationInvariantRate);
}

void decode_loop(benchmark::State& state, Coded& coded)
{
  const auto decoder = std::make_unique<phy::LdpcDecoder>();
  std::vector<std::uint8_t> packed(coded.info.size() / 8);
  phy::LdpcResult result;
  for (auto _ : state) {
    result = decoder->decode(coded.block, coded.llrs, packed);
    benchmark::DoNotOptimize(packed.data());
  }
  count_bits(state, coded);
  state.counters["iterations"] = result.num_iterations;
  state.counters["ok"] = result.is_crc_ok ? 1.0 : 0.0;
}

/// Six iterations over every row that the rate has, whatever the block.
void bm_ldpc_decode_fixed(benchmark::State& state)
{
  Coded coded = make_coded(nr::LdpcBaseGraph::bg1, static_cast<double>(state.range(0)) / 1024, 10.0);
  coded.block.max_num_iterations = 6;
  coded.block.stops_early = false;
  decode_loop(state, coded);
}
BENCHMARK(bm_ldpc_decode_fixed)->Arg(341)->Arg(683)->Arg(922);

/// Early stop. Second argument: Es/N0 in dB, about 1 dB above what the rate needs.
void bm_ldpc_decode_early_stop(benchmark::State& state)
{
  Coded coded = make_coded(nr::LdpcBaseGraph::bg1, static_cast<double>(state.range(0)) / 1024,
                           static_cast<double>(state.range(1)));
  decode_loop(state, coded);
}
BENCHMARK(bm_ldpc_decode_early_stop)->Args({341, 0})->Args({683, 5})->Args({922, 9})->Args({922, 15});

void bm_ldpc_encode(benchmark::State& state)
{
  Coded coded = make_coded(nr::LdpcBaseGraph::bg1, static_cast<double>(state.range(0)) / 1024, 10.0);
  const auto encoder = std::make_unique<phy::LdpcEncoder>();
  for (auto _ : state) {
    encoder->encode(coded.block.graph, kZ, coded.info, coded.codeword);
    benchmark::DoNotOptimize(coded.codeword.data());
  }
  count_bits(state, coded);
}
BENCHMARK(bm_ldpc_encode)->Arg(341)->Arg(683)->Arg(922);

}  // namespace
