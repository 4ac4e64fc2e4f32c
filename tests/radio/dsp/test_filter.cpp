#include "radio/dsp/arithmetic.h"
#include "radio/dsp/filter.h"
#include "radio/realtime.h"
#include "tests/radio/dsp/signals.h"
#include "tests/radio/dsp/simd_targets.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <random>
#include <span>
#include <vector>

using namespace ravi;

namespace {

/// Power gain of taps at a frequency, dB.
double response_db(std::span<const float> taps, double frequency)
{
  std::complex<double> sum;
  for (std::size_t k = 0; k < taps.size(); ++k) {
    sum += static_cast<double>(taps[k]) * test::phasor(-frequency * static_cast<double>(k));
  }
  return test::to_db(std::norm(sum));
}

/// The definition of FIR filtering, in double.
std::vector<std::complex<double>> filter_slowly(std::span<const Cf32> in, std::span<const float> taps)
{
  std::vector<std::complex<double>> out(in.size());
  for (std::size_t n = 0; n < in.size(); ++n) {
    for (std::size_t k = 0; k < taps.size() && k <= n; ++k) {
      out[n] += std::complex<double>(in[n - k]) * static_cast<double>(taps[k]);
    }
  }
  return out;
}

double largest_error(std::span<const Cf32> got, std::span<const std::complex<double>> want)
{
  double error = 0.0;
  for (std::size_t i = 0; i < got.size(); ++i)
    error = std::max(error, std::abs(std::complex<double>(got[i]) - want[i]));
  return error;
}

}  // namespace

TEST_CASE("kaiser_window: I0 at the middle and the ends [values of scipy.signal.windows.kaiser(5, 8.6)]")
{
  CHECK(dsp::kaiser_window(8.6, 0.0) == doctest::Approx(1.0));
  CHECK(dsp::kaiser_window(8.6, 0.5) == doctest::Approx(0.34039362).epsilon(1e-7));
  CHECK(dsp::kaiser_window(8.6, -1.0) == doctest::Approx(0.00133251).epsilon(1e-5));
  CHECK(dsp::kaiser_window(8.6, 1.01) == 0.0);
}

TEST_CASE("design_kaiser: Kaiser's formulas [scipy.signal.kaiserord(80, 0.1) is 102 taps, beta 7.85726]")
{
  const dsp::KaiserDesign design = dsp::design_kaiser(Decibel(80.0), 0.05);
  CHECK(design.beta == doctest::Approx(7.85726));
  CHECK(design.num_taps == 103);
}

TEST_CASE("design_lowpass: keeps the pass band flat and the stop band down, as asked")
{
  for (const double rejection : {40.0, 60.0, 80.0, 100.0}) {
    for (const double passband : {0.05, 0.2, 0.4}) {
      CAPTURE(rejection);
      CAPTURE(passband);
      const double stopband = passband + 0.04;
      const auto taps = dsp::design_lowpass(passband, stopband, Decibel(rejection));
      CHECK(taps.size() % 2 == 1);
      CHECK(std::equal(taps.begin(), taps.end(), taps.rbegin()));
      const double ripple =  // twice Kaiser's, because the gain at 0 Hz, where it ripples too, is made 1
          20.0 * std::log10(1.0 + 2.0 * std::pow(10.0, -rejection / 20.0));
      for (double f = 0.0; f <= passband; f += 0.0017) REQUIRE(std::abs(response_db(taps, f)) < ripple);
      for (double f = stopband; f <= 0.5; f += 0.0017) REQUIRE(response_db(taps, f) < -rejection + 1.0);
    }
  }
}

TEST_CASE("Fir: is the convolution, whatever the blocks, the same bits on every instruction set, also in place")
{
  const auto in = test::noise(4000, 21);
  for (const std::size_t num_taps : {1U, 2U, 33U, 128U}) {
    CAPTURE(num_taps);
    const auto taps = test::real_noise(num_taps, 22);
    std::vector<Cf32> whole(in.size());
    dsp::Fir(taps).process(in, whole);
    CHECK(largest_error(whole, filter_slowly(in, taps)) < 2e-5);
    test::for_each_simd_target([&] {
      dsp::Fir fir(taps);
      std::vector<Cf32> out = in;
      std::mt19937 random(23);
      for (std::size_t done = 0; done < in.size();) {
        const std::size_t n = std::min<std::size_t>(random() % 700, in.size() - done);
        const auto block = std::span(out).subspan(done, n);
        fir.process(block, block);
        done += n;
      }
      REQUIRE(out == whole);
      fir.reset();
      fir.process(in, out);
      REQUIRE(out == whole);
    });
  }
}

TEST_CASE("Fir: delays by what it says")
{
  const auto taps = dsp::design_lowpass(0.2, 0.3, Decibel(60.0));
  dsp::Fir fir(taps);
  std::vector<Cf32> impulse(200);
  impulse[0] = 1.0F;
  fir.process(impulse, impulse);
  const auto peak =
      std::max_element(impulse.begin(), impulse.end(), [](Cf32 a, Cf32 b) { return std::norm(a) < std::norm(b); });
  CHECK(static_cast<double>(peak - impulse.begin()) == fir.delay());
}

TEST_CASE("Decimator: keeps every M-th sample of the filtered stream, whatever the blocks of input and output")
{
  const auto in = test::noise(5000, 24);
  for (const std::size_t factor : {1U, 2U, 5U, 16U, 50U}) {
    for (const std::size_t num_taps : {3U, 41U}) {
      CAPTURE(factor);
      CAPTURE(num_taps);
      const auto taps = test::real_noise(num_taps, 25);
      const auto slow = filter_slowly(in, taps);
      std::vector<std::complex<double>> want;
      for (std::size_t n = 0; n < slow.size(); n += factor) want.push_back(slow[n]);

      std::vector<Cf32> whole(want.size());
      CHECK(dsp::Decimator(factor, taps).process(in, whole) == dsp::Progress{in.size(), want.size()});
      CHECK(largest_error(whole, want) < 2e-5);

      test::for_each_simd_target([&] {
        dsp::Decimator decimator(factor, taps);
        std::vector<Cf32> out(want.size());
        std::mt19937 random(26);
        dsp::Progress sum;
        while (sum.consumed < in.size() || sum.produced < out.size()) {
          const std::size_t num_in = std::min<std::size_t>(random() % 900, in.size() - sum.consumed);
          const std::size_t num_out = std::min<std::size_t>(random() % 300, out.size() - sum.produced);
          const dsp::Progress step = decimator.process(std::span(in).subspan(sum.consumed, num_in),
                                                       std::span(out).subspan(sum.produced, num_out));
          sum.consumed += step.consumed;
          sum.produced += step.produced;
        }
        REQUIRE(out == whole);
      });
    }
  }
}

TEST_CASE("Decimator: its own design passes its band flat and folds nothing above -80 dB")
{
  const std::size_t factor = 4;
  const auto power_db = [&](double frequency) {
    dsp::Decimator decimator(factor, 0.4, Decibel(85.0));
    std::vector<Cf32> out(2000);
    decimator.process(test::tone(frequency, 8000), out);
    return test::to_db(dsp::mean_power(std::span(out).subspan(200)));
  };
  for (const double f : {0.0, 0.03, -0.07, 0.1}) CHECK(std::abs(power_db(f)) < 0.001);
  for (const double f : {0.126, -0.15, 0.25, 0.374, 0.49}) CHECK(power_db(f) < -80.0);
}

TEST_CASE("Fir, Decimator: neither allocate nor lock while they run")
{
  const auto taps = test::real_noise(20, 27);
  dsp::Fir fir(taps);
  dsp::Decimator decimator(3, taps);
  std::vector<Cf32> samples = test::noise(3000, 28);
  std::vector<Cf32> out(1000);
  const RealtimeScope scope;
  fir.process(samples, samples);
  CHECK(decimator.process(samples, out) == dsp::Progress{3000, 1000});
}
