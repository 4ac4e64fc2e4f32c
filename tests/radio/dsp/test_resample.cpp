#include "radio/dsp/arithmetic.h"
#include "radio/dsp/resample.h"
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
#include <string>
#include <vector>

using namespace ravi;
using dsp::Progress;
using dsp::Resampler;

namespace {

struct Ratio {
  std::string name;
  std::int64_t in = 0;
  std::int64_t out = 0;
};

const Ratio kRatios[] = {
    {"30.72 to 23.04 MHz", 30'720'000, 23'040'000},
    {"23.04 to 30.72 MHz", 23'040'000, 30'720'000},
    {"61.44 to 11.52 MHz", 61'440'000, 11'520'000},
    {"11.52 to 61.44 MHz", 11'520'000, 61'440'000},
    {"1 to pi", 1'000'000'000, 3'141'592'654},
    {"pi to 1", 3'141'592'654, 1'000'000'000},
    {"1 to 1", 1, 1},
    {"+100 ppm", 30'720'000, 30'723'072},
    {"-100 ppm", 30'720'000, 30'716'928},
    {"56 to 30.72 MHz", 56'000'000, 30'720'000},
    {"golden, close", 1'618'033'989, 1'618'033'988},
};

double ratio_of(const Ratio& r) { return static_cast<double>(r.in) / static_cast<double>(r.out); }

std::uint64_t num_outputs(const Ratio& r, std::uint64_t num_inputs)
{
  return static_cast<std::uint64_t>(std::ceil(static_cast<long double>(num_inputs) * static_cast<long double>(r.out) /
                                              static_cast<long double>(r.in)));
}

struct ToneResult {
  double gain_db = 0.0;
  double residue_db = 0.0;  ///< all that is not the tone: images, aliases, noise, timing
  double phase_error = 0.0;  ///< radians, against the delay stated
};

/// Resamples a tone and compares it with the same tone at the output's instants. Frequency in cycles an input sample.
ToneResult resample_tone(const Ratio& r, double frequency)
{
  Resampler resampler({.in_rate = SampleRate(r.in), .out_rate = SampleRate(r.out)});
  const auto in = test::tone(frequency, 6000);
  std::vector<Cf32> out(num_outputs(r, in.size()));
  REQUIRE(resampler.process(in, out) == Progress{in.size(), out.size()});
  const auto settled = static_cast<std::size_t>(2.0 * resampler.delay() / ratio_of(r)) + 1;
  std::complex<double> gain;
  for (std::size_t m = settled; m < out.size(); ++m) {
    const double t = static_cast<double>(m) * ratio_of(r) - resampler.delay();
    gain += std::complex<double>(out[m]) * std::conj(test::phasor(frequency * t));
  }
  const auto count = static_cast<double>(out.size() - settled);
  gain /= count;
  ToneResult result;
  result.gain_db = test::to_db(std::norm(gain));
  double residue = 0.0;
  for (std::size_t m = settled; m < out.size(); ++m) {
    const double t = static_cast<double>(m) * ratio_of(r) - resampler.delay();
    residue += std::norm(std::complex<double>(out[m]) - gain * test::phasor(frequency * t));
  }
  result.residue_db = test::to_db(residue / count);
  result.phase_error = std::arg(gain);
  return result;
}

}  // namespace

TEST_CASE("Resampler: the pass band is flat within 0.01 dB, in time, and free of images and aliases by 80 dB")
{
  double worst_residue_db = -300.0;
  double worst_gain_db = 0.0;
  for (const Ratio& r : kRatios) {
    CAPTURE(r.name);
    const double lower = std::min(1.0, 1.0 / ratio_of(r));  // lower rate, in cycles an input sample
    for (const double f : {0.0, 0.013, -0.1, 0.2377, -0.31, 0.38, -0.42, 0.42}) {
      CAPTURE(f);
      const ToneResult result = resample_tone(r, f * lower);
      CHECK(std::abs(result.gain_db) < 0.01);
      CHECK(result.residue_db < -80.0);
      CHECK(std::abs(result.phase_error) < 1e-5);
      worst_residue_db = std::max(worst_residue_db, result.residue_db);
      worst_gain_db = std::max(worst_gain_db, std::abs(result.gain_db));
    }
  }
  MESSAGE("worst image or alias " << worst_residue_db << " dB, worst gain error " << worst_gain_db << " dB");
}

TEST_CASE("Resampler: images of the upper band edge are 80 dB down when it interpolates")
{
  for (const Ratio& r : kRatios) {
    if (r.out < 2 * r.in) continue;
    CAPTURE(r.name);
    for (const double f : {0.44, -0.47, 0.499}) CHECK(resample_tone(r, f).residue_db < -80.0);
  }
}

TEST_CASE("Resampler: what does not fit the lower rate is 80 dB down")
{
  double worst_db = -300.0;
  for (const Ratio& r : kRatios) {
    const double lower = 1.0 / ratio_of(r);
    for (double f = 0.5 * lower; f < 0.5; f += 0.013) {
      CAPTURE(r.name);
      CAPTURE(f);
      Resampler resampler({.in_rate = SampleRate(r.in), .out_rate = SampleRate(r.out)});
      const auto in = test::tone(f, 4000);
      std::vector<Cf32> out(num_outputs(r, in.size()));
      resampler.process(in, out);
      const auto settled = static_cast<std::size_t>(2.0 * resampler.delay() * lower) + 1;
      const double power_db = test::to_db(dsp::mean_power(std::span(out).subspan(settled)));
      CHECK(power_db < -80.0);
      worst_db = std::max(worst_db, power_db);
    }
  }
  MESSAGE("worst alias " << worst_db << " dB");
}

TEST_CASE("Resampler: the bits do not depend on the blocks of input and output, nor on the instruction set")
{
  const auto in = test::noise(6000, 41);
  for (const Ratio& r : kRatios) {
    CAPTURE(r.name);
    const Resampler::Config config{.in_rate = SampleRate(r.in), .out_rate = SampleRate(r.out)};
    std::vector<Cf32> whole(num_outputs(r, in.size()));
    Resampler(config).process(in, whole);
    test::for_each_simd_target([&] {
      Resampler resampler(config);
      std::vector<Cf32> out(whole.size());
      std::mt19937 random(42);
      Progress sum;
      while (sum.consumed < in.size() || sum.produced < out.size()) {
        const std::size_t num_in = std::min<std::size_t>(random() % 1500, in.size() - sum.consumed);
        const std::size_t num_out = std::min<std::size_t>(random() % 1500, out.size() - sum.produced);
        const Progress step = resampler.process(std::span(in).subspan(sum.consumed, num_in),
                                                std::span(out).subspan(sum.produced, num_out));
        REQUIRE(step.consumed <= num_in);
        REQUIRE(step.produced <= num_out);
        sum.consumed += step.consumed;
        sum.produced += step.produced;
      }
      REQUIRE(out == whole);
    });
  }
}

TEST_CASE("Resampler: n inputs give ceil(n out / in) outputs, exactly, and the tone is in time after millions")
{
  const Ratio r{"0.1 ppm", 10'000'000, 10'000'001};
  Resampler resampler({.in_rate = SampleRate(r.in), .out_rate = SampleRate(r.out)});
  const double frequency = 0.25;
  const auto in = test::tone(frequency, 4000);  // whole turns: can be repeated
  std::vector<Cf32> out(4001);
  std::uint64_t consumed = 0;
  std::uint64_t produced = 0;
  Progress last;
  for (int i = 0; i < 1000; ++i) {
    last = resampler.process(in, out);
    consumed += last.consumed;
    produced += last.produced;
    REQUIRE(last.consumed == in.size());
    REQUIRE(produced == num_outputs(r, consumed));
  }
  CHECK(produced == 4'000'001);  // ceil(4'000'000.4)
  const double t = static_cast<double>(produced - 1) * ratio_of(r) - resampler.delay();
  CHECK(std::abs(std::complex<double>(out[last.produced - 1]) - test::phasor(frequency * t)) < 1e-4);
}

TEST_CASE("Resampler: starts anew after reset")
{
  const auto in = test::noise(1000, 43);
  Resampler resampler({.in_rate = SampleRate(5), .out_rate = SampleRate(7)});
  std::vector<Cf32> first(1400);
  std::vector<Cf32> second(1400);
  resampler.process(std::span(in).first(333), first);
  resampler.reset();
  resampler.process(in, first);
  resampler.reset();
  resampler.process(in, second);
  CHECK(first == second);
}

TEST_CASE("Resampler: neither allocates nor locks while it runs")
{
  const auto in = test::noise(3000, 44);
  std::vector<Cf32> out(3001);
  Resampler resampler({.in_rate = SampleRate(30'720'000), .out_rate = SampleRate(30'723'072)});
  const RealtimeScope scope;
  CHECK(resampler.process(in, out) == Progress{3000, 3001});
}
