// In-process loopback: one node sends slots, the other receives them. Samples a second, and bytes moved by the two copies
// (into the ring, out of the ring: 8 bytes read and 8 written each).

#include "drivers/loopback/loopback.h"

#include <benchmark/benchmark.h>

#include <atomic>
#include <thread>
#include <vector>

namespace {

using namespace ravi;

struct Pair {
  std::shared_ptr<LoopbackAir> air;
  std::unique_ptr<Radio> a;
  std::unique_ptr<Radio> b;
};

Pair make_pair(Waiting waiting, std::int64_t ring)
{
  LoopbackConfig config;
  config.sample_rate = SampleRate(61'440'000);
  config.nodes = {{.name = "a"}, {.name = "b"}};
  config.ring = SampleCount(ring);
  config.waiting = waiting;
  Pair pair;
  pair.air = *LoopbackAir::create(config);
  pair.a = *pair.air->join("a");
  pair.b = *pair.air->join("b");
  static_cast<void>(pair.a->start(SampleTime(0)).has_value());
  static_cast<void>(pair.b->start(SampleTime(0)).has_value());
  return pair;
}

void count(benchmark::State& state, std::size_t slot, int num_directions)
{
  const auto samples = static_cast<double>(state.iterations()) * static_cast<double>(slot) * num_directions;
  state.counters["samples/s"] = benchmark::Counter(samples, benchmark::Counter::kIsRate);
  state.counters["bytes/s"] = benchmark::Counter(samples * 32, benchmark::Counter::kIsRate);
}

/// One thread steps both nodes; both send and both receive, so each iteration carries two slots.
void loopback_one_thread(benchmark::State& state)
{
  const auto slot = static_cast<std::size_t>(state.range(0));
  Pair pair = make_pair(Waiting::returns, state.range(1));
  std::vector<Cf32> samples(slot, Cf32(0.1F, 0.2F));
  std::vector<Cf32> heard(slot);
  std::int64_t t = 0;
  bool is_ok = true;
  for (auto _ : state) {
    is_ok &= pair.a->transmit(std::span<const Cf32>(samples), SampleTime(t), Burst::goes_on).status == TxStatus::ok;
    is_ok &= pair.b->transmit(std::span<const Cf32>(samples), SampleTime(t), Burst::goes_on).status == TxStatus::ok;
    is_ok &= pair.a->receive(std::span<Cf32>(heard)).status == RxStatus::ok;
    is_ok &= pair.b->receive(std::span<Cf32>(heard)).status == RxStatus::ok;
    t += state.range(0);
  }
  if (!is_ok) state.SkipWithError("the stream broke");
  count(state, slot, 2);
}

/// A thread a node, each sending one slot ahead of what it receives: the ping-pong of a gNB and a UE.
void loopback_two_threads(benchmark::State& state)
{
  const auto slot = static_cast<std::size_t>(state.range(0));
  Pair pair = make_pair(Waiting::blocks, state.range(1));
  const auto step = [slot](Radio& radio, std::vector<Cf32>& samples, std::int64_t& t) {
    while (true) {
      const TxStatus status = radio.transmit(std::span<const Cf32>(samples), SampleTime(t), Burst::goes_on).status;
      if (status != TxStatus::timeout) break;
    }
    RxStatus status = RxStatus::timeout;
    while (status == RxStatus::timeout) status = radio.receive(std::span<Cf32>(samples)).status;
    t += static_cast<std::int64_t>(slot);
    return status == RxStatus::ok;
  };
  std::jthread other([&pair, slot, step](const std::stop_token& stop) {
    std::vector<Cf32> samples(slot);
    std::int64_t t = 0;
    while (!stop.stop_requested() && step(*pair.b, samples, t)) {}
  });
  std::vector<Cf32> samples(slot);
  std::int64_t t = 0;
  bool is_ok = true;
  for (auto _ : state) is_ok &= step(*pair.a, samples, t);
  pair.b->stop();
  if (!is_ok) state.SkipWithError("the stream broke");
  count(state, slot, 2);
}

BENCHMARK(loopback_one_thread)
    ->ArgNames({"slot", "ring"})
    ->Args({11520, 1 << 18})->Args({23040, 1 << 18})->Args({61440, 1 << 18})->Args({61440, 1 << 20});
BENCHMARK(loopback_two_threads)
    ->ArgNames({"slot", "ring"})->UseRealTime()
    ->Args({11520, 1 << 18})->Args({23040, 1 << 18})->Args({61440, 1 << 18});

}  // namespace
