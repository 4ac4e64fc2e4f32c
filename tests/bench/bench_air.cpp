// Speed of the emulated air. Counters are samples a second of each link: with two links running on the one core, so
// `items_per_second` is what each node can send and receive at once.

#include "radio/air/emulator.h"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <vector>

namespace {

using namespace ravi;
using namespace ravi::air;

constexpr std::size_t kBlock = 23'040;

/// Two nodes that hear each other through equal links.
AirConfig two_nodes(const LinkConfig& link)
{
  AirConfig config;
  config.nodes = {{.name = "gnb"}, {.name = "ue"}};
  config.links = {link, link};
  config.links[0].from = config.links[1].to = "gnb";
  config.links[0].to = config.links[1].from = "ue";
  return config;
}

void run(benchmark::State& state, const LinkConfig& link)
{
  const Result<std::unique_ptr<Emulator>> air = Emulator::create(two_nodes(link));
  if (!air) return state.SkipWithError(air.error().message.c_str());
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0F, 0.2F);
  std::vector<Cf32> sent(kBlock);
  for (Cf32& sample : sent) sample = {normal(random), normal(random)};
  std::vector<Cf32> heard0(kBlock);
  std::vector<Cf32> heard1(kBlock);
  const std::span<const Cf32> tx[] = {sent, sent};
  const std::span<Cf32> rx[] = {heard0, heard1};
  for (auto _ : state) {
    (*air)->process(kBlock, tx, rx);
    benchmark::DoNotOptimize(heard0.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(kBlock) * state.iterations());
}

LinkConfig faded(FadingProfile profile, double delay_spread_s)
{
  return {
      .snr = Decibel(20.0),
      .fading = {
          .profile = profile, .delay_spread = std::chrono::duration<double>(delay_spread_s), .doppler = Hertz(100.0)}};
}

void BM_AirWire(benchmark::State& state) { run(state, {}); }
BENCHMARK(BM_AirWire);

void BM_AirAwgn(benchmark::State& state) { run(state, {.snr = Decibel(20.0)}); }
BENCHMARK(BM_AirAwgn);

void BM_AirAwgnFractionalDelayCfo(benchmark::State& state)
{
  run(state, {.delay = std::chrono::duration<double>(1.23e-6), .snr = Decibel(20.0), .cfo = Hertz(1234.5)});
}
BENCHMARK(BM_AirAwgnFractionalDelayCfo);

/// The twelve taps of conformance tests, 290 ns long.
void BM_AirAwgnTdla30(benchmark::State& state) { run(state, faded(FadingProfile::tdla30, 0.0)); }
BENCHMARK(BM_AirAwgnTdla30);

/// The same, 2.6 us long.
void BM_AirAwgnTdlc300(benchmark::State& state) { run(state, faded(FadingProfile::tdlc300, 0.0)); }
BENCHMARK(BM_AirAwgnTdlc300);

/// 13 taps, 30 ns: a filter of 42 samples.
void BM_AirAwgnTdlD30(benchmark::State& state) { run(state, faded(FadingProfile::tdl_d, 30e-9)); }
BENCHMARK(BM_AirAwgnTdlD30);

/// 23 taps, 30 ns: a filter of 40 samples.
void BM_AirAwgnTdlA30(benchmark::State& state) { run(state, faded(FadingProfile::tdl_a, 30e-9)); }
BENCHMARK(BM_AirAwgnTdlA30);

/// 24 taps, 300 ns: a filter of 93 samples.
void BM_AirAwgnTdlC300(benchmark::State& state) { run(state, faded(FadingProfile::tdl_c, 300e-9)); }
BENCHMARK(BM_AirAwgnTdlC300);

/// 13 taps, 300 ns: a filter of 120 samples.
void BM_AirAwgnTdlD300(benchmark::State& state) { run(state, faded(FadingProfile::tdl_d, 300e-9)); }
BENCHMARK(BM_AirAwgnTdlD300);

/// Everything a link can do.
void BM_AirAwgnTdlC300CfoDrift(benchmark::State& state)
{
  LinkConfig link = faded(FadingProfile::tdl_c, 300e-9);
  link.cfo = Hertz(350.0);
  link.drift_ppm = 1.0;
  run(state, link);
}
BENCHMARK(BM_AirAwgnTdlC300CfoDrift);

}  // namespace
