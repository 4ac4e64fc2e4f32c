// The vector kernels, in samples a second on one core. Signals of 8192 samples stay in a second-level cache.

#include "radio/dsp/arithmetic.h"
#include "radio/dsp/convert.h"
#include "radio/dsp/fft.h"
#include "radio/dsp/filter.h"
#include "radio/dsp/mix.h"
#include "radio/dsp/resample.h"
#include "radio/iq.h"
#include "radio/units.h"

#include <benchmark/benchmark.h>
#include <fftw3.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <vector>

namespace {

using namespace ravi;

constexpr std::size_t kLength = 8192;

IqBuffer make_noise(std::size_t n)
{
  std::mt19937 random(1);
  std::normal_distribution<float> gaussian(0.0F, 0.1F);
  IqBuffer out(1, n);
  for (Cf32& x : out.channel()) x = {gaussian(random), gaussian(random)};
  return out;
}

/// Runs `work` on kLength samples an iteration, which read and write `bytes_per_sample`.
template <class Work>
void run(benchmark::State& state, std::size_t bytes_per_sample, const Work& work)
{
  for (auto _ : state) {
    work();
    benchmark::ClobberMemory();
  }
  const auto samples = state.iterations() * static_cast<std::int64_t>(kLength);
  state.SetItemsProcessed(samples);
  state.SetBytesProcessed(samples * static_cast<std::int64_t>(bytes_per_sample));
}

/// What memory allows at best: as many bytes read and written as cf32 -> sc16 does, 12 a sample.
void copy_of_same_bytes(benchmark::State& state)
{
  AlignedBuffer<Sc16> from(1, kLength * 3 / 2);
  AlignedBuffer<Sc16> to(1, kLength * 3 / 2);
  run(state, 12, [&] { std::memcpy(to.channel().data(), from.channel().data(), from.channel().size_bytes()); });
}
BENCHMARK(copy_of_same_bytes);

void cf32_to_sc16(benchmark::State& state)
{
  const IqBuffer in = make_noise(kLength);
  AlignedBuffer<Sc16> out(1, kLength);
  run(state, 12, [&] { benchmark::DoNotOptimize(dsp::to_sc16(in.channel(), out.channel())); });
}
BENCHMARK(cf32_to_sc16);

/// A tenth of the components beyond full scale: the slow side of the branch.
void cf32_to_sc16_clipping(benchmark::State& state)
{
  IqBuffer in = make_noise(kLength);
  dsp::scale(in.channel(), 6.0F, in.channel());
  AlignedBuffer<Sc16> out(1, kLength);
  run(state, 12, [&] { benchmark::DoNotOptimize(dsp::to_sc16(in.channel(), out.channel())); });
}
BENCHMARK(cf32_to_sc16_clipping);

void sc16_to_cf32(benchmark::State& state)
{
  AlignedBuffer<Sc16> in(1, kLength);
  IqBuffer out(1, kLength);
  run(state, 12, [&] { dsp::to_cf32(in.channel(), out.channel()); });
}
BENCHMARK(sc16_to_cf32);

void cf32_to_sc8(benchmark::State& state)
{
  const IqBuffer in = make_noise(kLength);
  AlignedBuffer<Sc8> out(1, kLength);
  run(state, 10, [&] { benchmark::DoNotOptimize(dsp::to_sc8(in.channel(), out.channel())); });
}
BENCHMARK(cf32_to_sc8);

void sc8_to_cf32(benchmark::State& state)
{
  AlignedBuffer<Sc8> in(1, kLength);
  IqBuffer out(1, kLength);
  run(state, 10, [&] { dsp::to_cf32(in.channel(), out.channel()); });
}
BENCHMARK(sc8_to_cf32);

void zero_not_finite(benchmark::State& state)
{
  IqBuffer samples = make_noise(kLength);
  run(state, 8, [&] { benchmark::DoNotOptimize(dsp::zero_not_finite(samples.channel())); });
}
BENCHMARK(zero_not_finite);

void add_scaled_complex(benchmark::State& state)
{
  const IqBuffer in = make_noise(kLength);
  IqBuffer out(1, kLength);
  run(state, 24, [&] { dsp::add_scaled(in.channel(), Cf32(1e-9F, 1e-9F), out.channel()); });
}
BENCHMARK(add_scaled_complex);

void multiply_conjugate(benchmark::State& state)
{
  const IqBuffer a = make_noise(kLength);
  IqBuffer out(1, kLength);
  run(state, 24, [&] { dsp::multiply_conjugate(a.channel(), a.channel(), out.channel()); });
}
BENCHMARK(multiply_conjugate);

void mean_power(benchmark::State& state)
{
  const IqBuffer in = make_noise(kLength);
  run(state, 8, [&] { benchmark::DoNotOptimize(dsp::mean_power(in.channel())); });
}
BENCHMARK(mean_power);

void dot_conjugate(benchmark::State& state)
{
  const IqBuffer in = make_noise(kLength);
  run(state, 16, [&] { benchmark::DoNotOptimize(dsp::dot_conjugate(in.channel(), in.channel())); });
}
BENCHMARK(dot_conjugate);

void frequency_shift(benchmark::State& state)
{
  const IqBuffer in = make_noise(kLength);
  IqBuffer out(1, kLength);
  dsp::FrequencyShift shift(Hertz(12345.6), SampleRate(30'720'000));
  run(state, 16, [&] { shift.process(in.channel(), out.channel()); });
}
BENCHMARK(frequency_shift);

/// FIR of `range` taps.
void fir(benchmark::State& state)
{
  const IqBuffer in = make_noise(kLength);
  IqBuffer out(1, kLength);
  dsp::Fir filter(std::vector<float>(static_cast<std::size_t>(state.range(0)), 0.01F));
  run(state, 16, [&] { filter.process(in.channel(), out.channel()); });
}
BENCHMARK(fir)->Arg(16)->Arg(64)->Arg(128);

/// Decimation by `range`; samples of the input.
void decimator(benchmark::State& state)
{
  const IqBuffer in = make_noise(kLength);
  IqBuffer out(1, kLength);
  dsp::Decimator filter(static_cast<std::size_t>(state.range(0)), 0.4, Decibel(80.0));
  run(state, 16, [&] { benchmark::DoNotOptimize(filter.process(in.channel(), out.channel())); });
}
BENCHMARK(decimator)->Arg(2)->Arg(4)->Arg(16);

/// From one rate to another, in kHz; samples of the input.
void resampler(benchmark::State& state)
{
  const IqBuffer in = make_noise(kLength);
  IqBuffer out(1, 6 * kLength);
  dsp::Resampler resample({.in_rate = SampleRate(state.range(0)), .out_rate = SampleRate(state.range(1))});
  run(state, 16, [&] { benchmark::DoNotOptimize(resample.process(in.channel(), out.channel())); });
}
BENCHMARK(resampler)->Args({30720, 23040})->Args({23040, 30720})->Args({61440, 11520})->Args({30'720'000, 30'723'072});

void run_fft(benchmark::State& state, std::size_t offset)
{
  const auto size = static_cast<std::size_t>(state.range(0));
  const IqBuffer in = make_noise(size + 1);
  IqBuffer out(1, size + 1);
  const dsp::Fft fft(size, dsp::FftDirection::forward);
  for (auto _ : state) {
    fft.run(in.channel().subspan(offset, size), out.channel().subspan(offset, size));
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void fft_aligned(benchmark::State& state) { run_fft(state, 0); }
BENCHMARK(fft_aligned)->Arg(512)->Arg(1024)->Arg(1536)->Arg(2048)->Arg(4096);

void fft_not_aligned(benchmark::State& state) { run_fft(state, 1); }
BENCHMARK(fft_not_aligned)->Arg(512)->Arg(1024)->Arg(1536)->Arg(2048)->Arg(4096);

/// FFTW by itself, to see what Fft costs on top.
void fft_of_fftw(benchmark::State& state)
{
  const auto size = static_cast<std::size_t>(state.range(0));
  IqBuffer in = make_noise(size);
  IqBuffer out(1, size);
  auto* const from = reinterpret_cast<fftwf_complex*>(in.channel().data());
  auto* const to = reinterpret_cast<fftwf_complex*>(out.channel().data());
  const fftwf_plan plan = fftwf_plan_dft_1d(static_cast<int>(size), from, to, FFTW_FORWARD, FFTW_MEASURE);
  for (auto _ : state) {
    fftwf_execute(plan);
    benchmark::ClobberMemory();
  }
  fftwf_destroy_plan(plan);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(fft_of_fftw)->Arg(512)->Arg(1024)->Arg(1536)->Arg(2048)->Arg(4096);

}  // namespace
