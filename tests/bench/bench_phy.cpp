// Control channels and modulation on one core: microseconds a decoded word, LLRs a second.

#include "radio/iq.h"
#include "stack/phy/dci_coding.h"
#include "stack/phy/modulation.h"
#include "stack/phy/scrambling.h"
#include "stack/phy/short_block.h"
#include "stack/phy/uci.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace {

using namespace ravi;
using namespace ravi::phy;

std::vector<std::uint8_t> random_bits(std::mt19937& random, std::size_t n)
{
  std::vector<std::uint8_t> bits(n);
  for (auto& bit : bits) bit = static_cast<std::uint8_t>(random() >> 9U & 1U);
  return bits;
}

/// QPSK over AWGN.
std::vector<std::int8_t> receive(std::mt19937& random, const std::vector<std::uint8_t>& coded, double snr_db)
{
  const auto noise_var = static_cast<float>(std::pow(10.0, -snr_db / 10.0));
  std::normal_distribution<float> noise(0.0F, std::sqrt(noise_var / 2.0F));
  std::vector<Cf32> symbols(coded.size() / 2);
  map_symbols(coded, nr::Modulation::qpsk, symbols);
  for (Cf32& symbol : symbols) symbol += Cf32(noise(random), noise(random));
  std::vector<std::int8_t> llrs(coded.size());
  demap(symbols, noise_var, nr::Modulation::qpsk, llrs);
  return llrs;
}

/// A DCI of 39 bits (K = 63) on range(0) CCEs; range(1): SNR in dB, or noise alone at -100.
void decode_dci_candidate(benchmark::State& state)
{
  std::mt19937 random(1);
  const auto coded_bits = 108 * static_cast<unsigned>(state.range(0));
  const auto code = make_dci_code(39, coded_bits);
  const std::array rntis = {nr::Rnti(0x4601), nr::kSiRnti};
  std::vector<std::vector<std::int8_t>> received;
  for (int i = 0; i < 64; ++i) {
    std::vector<std::uint8_t> coded(coded_bits);
    encode_dci(*code, random_bits(random, 39), rntis[0], coded);
    received.push_back(receive(random, coded, static_cast<double>(state.range(1))));
  }
  PolarDecoder decoder;
  std::vector<std::uint8_t> dci(39);
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(decode_dci(decoder, *code, received[i++ % received.size()], rntis, dci));
  state.counters["N"] = code->length;
}
BENCHMARK(decode_dci_candidate)->ArgsProduct({{1, 2, 4, 8, 16}, {10, 0, -100}})->Unit(benchmark::kMicrosecond);

void make_code(benchmark::State& state)
{
  for (auto _ : state) benchmark::DoNotOptimize(make_dci_code(39, 432));
}
BENCHMARK(make_code)->Unit(benchmark::kMicrosecond);

void encode_dci_432(benchmark::State& state)
{
  std::mt19937 random(2);
  const auto code = make_dci_code(39, 432);
  const auto dci = random_bits(random, 39);
  std::vector<std::uint8_t> coded(432);
  for (auto _ : state) encode_dci(*code, dci, nr::Rnti(1), coded);
}
BENCHMARK(encode_dci_432)->Unit(benchmark::kMicrosecond);

/// UCI of range(0) bits on range(1), noise alone: the dearest case.
void decode_uci(benchmark::State& state)
{
  std::mt19937 random(3);
  UciCodec codec;
  std::vector<std::uint8_t> bits(static_cast<std::size_t>(state.range(0)));
  const auto llrs = receive(random, random_bits(random, static_cast<std::size_t>(state.range(1))), 0.0);
  for (auto _ : state) benchmark::DoNotOptimize(codec.decode(llrs, nr::Modulation::qpsk, {}, bits));
}
BENCHMARK(decode_uci)->Args({4, 64})->Args({11, 64})->Args({20, 128})->Args({200, 800})->Unit(benchmark::kMicrosecond);

/// range(0): modulation order; range(1): 1 with a noise variance a symbol.
void demap_symbols(benchmark::State& state)
{
  constexpr std::size_t kSymbols = 3168;  // 264 PRB
  std::mt19937 random(4);
  std::normal_distribution<float> gaussian(0.0F, 0.7F);
  std::vector<Cf32> symbols(kSymbols);
  for (Cf32& symbol : symbols) symbol = {gaussian(random), gaussian(random)};
  const std::vector<float> noise(kSymbols, 0.01F);
  const auto modulation = static_cast<nr::Modulation>(state.range(0));
  std::vector<std::int8_t> llrs(kSymbols * bits_per_symbol(modulation));
  for (auto _ : state) {
    if (state.range(1) != 0) demap(symbols, noise, modulation, llrs);
    else demap(symbols, 0.01F, modulation, llrs);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(llrs.size()));
}
BENCHMARK(demap_symbols)->ArgsProduct({{2, 4, 6, 8}, {0, 1}});

void map_bits(benchmark::State& state)
{
  std::mt19937 random(5);
  const auto modulation = static_cast<nr::Modulation>(state.range(0));
  const auto bits = random_bits(random, std::size_t{3168} * bits_per_symbol(modulation));
  std::vector<Cf32> symbols(3168);
  for (auto _ : state) {
    map_symbols(bits, modulation, symbols);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(bits.size()));
}
BENCHMARK(map_bits)->Arg(2)->Arg(4)->Arg(6)->Arg(8);

void descramble_llrs(benchmark::State& state)
{
  std::vector<std::int8_t> llrs(25344, 10);
  for (auto _ : state) {
    descramble(llrs, 12345, llrs);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(llrs.size()));
}
BENCHMARK(descramble_llrs);

void scramble_bits(benchmark::State& state)
{
  std::vector<std::uint8_t> bits(25344, 1);
  for (auto _ : state) {
    scramble(bits, 12345, bits);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(bits.size()));
}
BENCHMARK(scramble_bits);

}  // namespace
