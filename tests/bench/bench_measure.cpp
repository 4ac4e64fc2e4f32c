// How much the spectrum figures cost, beside the bare FFT they contain.

#include "radio/dsp/fft.h"
#include "radio/measure/psd.h"
#include "radio/measure/statistics.h"
#include "radio/measure/waterfall.h"

#include <benchmark/benchmark.h>

#include <random>
#include <vector>

namespace {

using namespace ravi;

constexpr std::size_t kBlock = 65536;

std::vector<Cf32> noise()
{
  std::mt19937_64 random(1);
  std::normal_distribution<float> normal(0.0F, 0.1F);
  std::vector<Cf32> samples(kBlock);
  for (Cf32& sample : samples) {
    const float i = normal(random);
    sample = Cf32(i, normal(random));
  }
  return samples;
}

void count_samples(benchmark::State& state)
{
  state.counters["samples"] = benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(kBlock),
                                                 benchmark::Counter::kIsRate);
}

void bare_fft(benchmark::State& state)
{
  const auto size = static_cast<std::size_t>(state.range(0));
  const dsp::Fft fft(size, dsp::FftDirection::forward);
  const std::vector<Cf32> samples = noise();
  std::vector<Cf32> out(size);
  for (auto _ : state) {
    for (std::size_t at = 0; at + size <= kBlock; at += size) fft.run(std::span(samples).subspan(at, size), out);
    benchmark::DoNotOptimize(out.data());
  }
  count_samples(state);
}

/// Second argument: overlap in percent; at 50 there are two FFTs a sample.
void welch(benchmark::State& state)
{
  const measure::SegmentConfig config{SampleRate(30'720'000), static_cast<std::size_t>(state.range(0)),
                                      measure::Window::hann, static_cast<double>(state.range(1)) / 100.0};
  auto psd = measure::Psd::make(config).value();
  const std::vector<Cf32> samples = noise();
  for (auto _ : state) psd.add(samples);
  count_samples(state);
}

void waterfall(benchmark::State& state)
{
  const measure::SegmentConfig config{SampleRate(30'720'000), 1024, measure::Window::hann, 0.0};
  auto matrix = measure::Waterfall::make(config, 1024, 1024).value();
  const std::vector<Cf32> samples = noise();
  for (auto _ : state) matrix.add(samples);
  count_samples(state);
}

void sample_statistics(benchmark::State& state)
{
  measure::SampleStatistics statistics;
  const std::vector<Cf32> samples = noise();
  for (auto _ : state) statistics.add(samples);
  count_samples(state);
}

BENCHMARK(bare_fft)->Arg(1024)->Arg(4096);
BENCHMARK(welch)->ArgsProduct({{1024, 4096}, {0, 50}});
BENCHMARK(waterfall);
BENCHMARK(sample_statistics);

}  // namespace
