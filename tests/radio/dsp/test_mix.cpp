#include "radio/dsp/arithmetic.h"
#include "radio/dsp/fft.h"
#include "radio/dsp/filter.h"
#include "radio/dsp/mix.h"
#include "radio/realtime.h"
#include "tests/radio/dsp/signals.h"
#include "tests/radio/dsp/simd_targets.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

using namespace ravi;
using namespace ravi::literals;

namespace {

constexpr SampleRate kRate(30'720'000);

/// Power of the strongest line against the strongest outside of its surroundings, dB. Kaiser window: lines 140 dB deep.
double spurious_free_range_db(std::vector<Cf32> samples)
{
  const std::size_t n = samples.size();
  for (std::size_t i = 0; i < n; ++i) {
    const double x = (2.0 * static_cast<double>(i) - static_cast<double>(n - 1)) / static_cast<double>(n - 1);
    samples[i] *= static_cast<float>(dsp::kaiser_window(18.0, x));
  }
  dsp::Fft(n, dsp::FftDirection::forward, dsp::FftEffort::estimate).run(samples, samples);
  const auto by_power = [](Cf32 a, Cf32 b) { return std::norm(a) < std::norm(b); };
  const auto strongest = std::max_element(samples.begin(), samples.end(), by_power);
  const double carrier = std::norm(std::complex<double>(*strongest));
  std::rotate(samples.begin(), strongest, samples.end());
  const std::size_t guard = 16;  // bins on either side
  const auto spur = std::max_element(samples.begin() + guard, samples.end() - guard, by_power);
  return test::to_db(carrier / std::norm(std::complex<double>(*spur)));
}

}  // namespace

TEST_CASE("FrequencyShift: turns by exp(j 2 pi f n / rate), to a rounding of single precision")
{
  for (const double hertz : {0.0, 1.0, -1234.5, 7.68e6, -15.36e6, 15.36e6, 11'111'111.1, 40e6}) {
    CAPTURE(hertz);
    dsp::FrequencyShift shift(Hertz(hertz), kRate);
    std::vector<Cf32> out(5000, Cf32(1, 0));
    shift.process(out, out);
    double error = 0.0;
    for (std::size_t n = 0; n < out.size(); ++n) {
      const auto exact = test::phasor(hertz / 30.72e6 * static_cast<double>(n));
      error = std::max(error, std::abs(std::complex<double>(out[n]) - exact));
    }
    CHECK(error < 3e-7);
  }
}

TEST_CASE("FrequencyShift: the bits do not depend on the blocks or the instruction set")
{
  const auto in = test::noise(5000, 31);
  std::vector<Cf32> whole(in.size());
  dsp::FrequencyShift(123'456.7_Hz, kRate).process(in, whole);
  test::for_each_simd_target([&] {
    dsp::FrequencyShift shift(123'456.7_Hz, kRate);
    std::vector<Cf32> out = in;
    std::mt19937 random(32);
    for (std::size_t done = 0; done < in.size();) {
      const std::size_t n = std::min<std::size_t>(random() % 700, in.size() - done);
      const auto block = std::span(out).subspan(done, n);
      shift.process(block, block);
      done += n;
    }
    REQUIRE(out == whole);
  });
}

TEST_CASE("FrequencyShift: a shifted carrier has no spur above -100 dB")
{
  for (const double hertz : {1.0e6, -3'333'333.3, 12'345'678.9, 120'000.0 + 1e-3}) {
    CAPTURE(hertz);
    dsp::FrequencyShift shift(Hertz(hertz), kRate);
    std::vector<Cf32> out(1U << 16U, Cf32(1, 0));
    shift.process(out, out);
    const double range_db = spurious_free_range_db(out);
    MESSAGE("spurious-free range " << range_db << " dB at " << hertz << " Hz");
    CHECK(range_db > 100.0);
  }
}

TEST_CASE("FrequencyShift: after a day of samples the phase is still right")
{
  // 10 MHz / 30.72 MHz = 125/384 turns a sample, not exact in binary; the exact phase after n samples is 125 n mod 384.
  const std::uint64_t day = 30'720'000ULL * 86'400ULL;
  for (const double sign : {1.0, -1.0}) {
    dsp::FrequencyShift shift(Hertz(sign * 10e6), kRate);
    shift.skip(day + 5);
    std::vector<Cf32> out(1, Cf32(1, 0));
    shift.process(out, out);
    const auto exact = test::phasor(sign * static_cast<double>(125 * (day % 384 + 5) % 384) / 384.0);
    CHECK(std::abs(std::complex<double>(out[0]) - exact) < 1e-3);
  }
}

TEST_CASE("FrequencyShift: skipping samples equals running over them; a new frequency begins at the old phase")
{
  const auto in = test::noise(3000, 33);
  dsp::FrequencyShift running(1'000'000.3_Hz, kRate);
  dsp::FrequencyShift skipping(1'000'000.3_Hz, kRate);
  std::vector<Cf32> first(3000);
  std::vector<Cf32> second(2000);
  running.process(in, first);
  skipping.skip(1000);
  skipping.process(std::span(in).subspan(1000), second);
  for (std::size_t i = 0; i < second.size(); ++i) REQUIRE(std::abs(second[i] - first[1000 + i]) < 1e-6F);

  dsp::FrequencyShift changing(1.92_MHz, kRate);  // 1/16 turn a sample
  std::vector<Cf32> out(20, Cf32(1, 0));
  changing.process(std::span(out).first(10), std::span(out).first(10));
  changing.set_shift(-3.84_MHz);  // -1/8
  changing.process(std::span(out).subspan(10), std::span(out).subspan(10));
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(std::abs(std::complex<double>(out[i]) - test::phasor(static_cast<double>(i) / 16)) < 3e-7);
    CHECK(std::abs(std::complex<double>(out[10 + i]) - test::phasor(10.0 / 16 - static_cast<double>(i) / 8)) < 3e-7);
  }
}

TEST_CASE("FrequencyShift: neither allocates nor locks, retuning included")
{
  std::vector<Cf32> samples = test::noise(1000, 34);
  dsp::FrequencyShift shift(1_kHz, kRate);
  const RealtimeScope scope;
  shift.process(samples, samples);
  shift.set_shift(2_kHz);
  shift.skip(12);
  shift.process(samples, samples);
}
