#include "radio/measure/psd.h"

#include "radio/realtime.h"
#include "tests/radio/measure/signals.h"
#include "tests/realtime_guard.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ravi::measure {
namespace {

using testing::noise;
using testing::tone;

constexpr SampleRate kRate{1'024'000};

Spectrum measure(std::span<const Cf32> samples, std::size_t fft_size, Window window)
{
  Psd psd = Psd::make({kRate, fft_size, window, default_overlap(window)}).value();
  psd.add(samples);
  return psd.spectrum();
}

double sum(const std::vector<float>& bins)
{
  return std::accumulate(bins.begin(), bins.end(), 0.0, [](double s, float b) { return s + static_cast<double>(b); });
}

}  // namespace

TEST_CASE("Window: noise bandwidths are those of Harris 1978, and the samples agree with the closed form")
{
  CHECK(noise_bandwidth_bins(Window::hann) == doctest::Approx(1.5));
  CHECK(noise_bandwidth_bins(Window::blackman_harris) == doctest::Approx(2.0044).epsilon(1e-4));
  CHECK(noise_bandwidth_bins(Window::flattop) == doctest::Approx(3.7702).epsilon(1e-4));
  for (const Window window : {Window::hann, Window::blackman_harris, Window::flattop}) {
    CAPTURE(to_text(window));
    CHECK(parse_window(to_text(window)) == window);
    const std::vector<float> w = make_window(window, 512);
    double total = 0.0;
    double energy = 0.0;
    for (const float value : w) {
      total += static_cast<double>(value);
      energy += static_cast<double>(value) * static_cast<double>(value);
    }
    CHECK(512.0 * energy / (total * total) == doctest::Approx(noise_bandwidth_bins(window)).epsilon(1e-5));
    CHECK(w[256] == doctest::Approx(1.0).epsilon(1e-5));
    CHECK(w[1] == doctest::Approx(w[511]).epsilon(1e-5));
  }
  CHECK_FALSE(parse_window("kaiser").has_value());
}

TEST_CASE("Window: the main lobe falls as the discrete transform of the window's samples does")
{
  for (const Window window : {Window::hann, Window::blackman_harris, Window::flattop}) {
    const std::vector<float> w = make_window(window, 1024);
    for (const double offset : {0.0, 0.13, 0.5, 0.9, 1.4}) {
      std::complex<double> at_offset;
      double at_zero = 0.0;
      for (std::size_t n = 0; n < w.size(); ++n) {
        at_offset += std::polar(static_cast<double>(w[n]), 2.0 * std::numbers::pi * offset * static_cast<double>(n) / 1024.0);
        at_zero += static_cast<double>(w[n]);
      }
      CAPTURE(to_text(window));
      CAPTURE(offset);
      CHECK(main_lobe_power(window, offset) == doctest::Approx(std::norm(at_offset) / (at_zero * at_zero)).epsilon(1e-4));
    }
  }
}

TEST_CASE("Psd: a tone at a bin's center shows its own level there, and its power in the sum of the bins")
{
  for (const Window window : {Window::hann, Window::blackman_harris, Window::flattop}) {
    CAPTURE(to_text(window));
    const Spectrum s = measure(tone(65536, 100.0 / 1024.0, 0.5), 1024, window);
    const std::size_t bin = 512 + 100;
    CHECK(s.frequency(bin).value() == doctest::Approx(100'000.0));
    CHECK(s.bin_dbfs(static_cast<double>(s.mean[bin])).value() == doctest::Approx(-6.0206).epsilon(1e-5));
    CHECK(sum(s.mean) == doctest::Approx(0.25).epsilon(1e-5));
    CHECK(s.bin_dbfs(static_cast<double>(s.max[bin])).value() == doctest::Approx(-6.0206).epsilon(1e-5));
    CHECK(s.bin_dbfs(static_cast<double>(s.min[bin])).value() == doctest::Approx(-6.0206).epsilon(1e-5));
    CHECK(s.mean[512 - 100] < 1e-11F);  // no image
  }
}

TEST_CASE("Psd: a negative frequency is below the center")
{
  const Spectrum s = measure(tone(8192, -100.0 / 1024.0, 1.0), 1024, Window::hann);
  CHECK(std::distance(s.mean.begin(), std::max_element(s.mean.begin(), s.mean.end())) == 512 - 100);
}

TEST_CASE("Psd: white noise is flat, sums to its power, and its bins spread as the effective averages say")
{
  const std::vector<Cf32> samples = noise(1 << 19, 0.01, 7);
  const Spectrum s = measure(samples, 256, Window::hann);
  CHECK(sum(s.mean) == doctest::Approx(testing::mean_power(samples)).epsilon(2e-3));
  CHECK(s.num_segments == (1 << 19) / 128 - 1);
  const double mean = sum(s.mean) / 256.0;
  double variance = 0.0;
  for (const float bin : s.mean) variance += std::pow(static_cast<double>(bin) / mean - 1.0, 2.0) / 256.0;
  CHECK(1.0 / variance == doctest::Approx(s.effective_averages).epsilon(0.25));
  CHECK(s.effective_averages < static_cast<double>(s.num_segments));
  CHECK(s.effective_averages > 0.9 * static_cast<double>(s.num_segments));
  for (std::size_t k = 0; k < s.size(); ++k) {
    REQUIRE(s.min[k] < s.mean[k]);
    REQUIRE(s.mean[k] < s.max[k]);
  }
}

TEST_CASE("Psd: the result does not depend on how the stream is cut into blocks")
{
  const std::vector<Cf32> samples = noise(10'000, 1.0, 3);
  const Spectrum whole = measure(samples, 128, Window::blackman_harris);
  Psd psd = Psd::make({kRate, 128, Window::blackman_harris, 0.75}).value();
  std::mt19937_64 random(11);
  for (std::size_t at = 0; at < samples.size();) {
    const std::size_t count = std::min<std::size_t>(random() % 300, samples.size() - at);
    psd.add(std::span(samples).subspan(at, count));
    at += count;
  }
  const Spectrum cut = psd.spectrum();
  CHECK(cut.num_segments == whole.num_segments);
  CHECK(cut.mean == whole.mean);
  CHECK(cut.max == whole.max);
  CHECK(cut.min == whole.min);
}

TEST_CASE("Psd: no segment spans a gap")
{
  Psd psd = Psd::make({kRate, 64, Window::hann, 0.5}).value();
  const std::vector<Cf32> samples = noise(63, 1.0, 1);
  for (int k = 0; k < 10; ++k) {
    psd.add(samples);
    psd.restart();
  }
  CHECK(psd.num_segments() == 0);
}

TEST_CASE("Psd: input shorter than a segment leaves a spectrum of zeros, nothing undefined")
{
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{63}}) {
    Psd psd = Psd::make({kRate, 64, Window::hann, 0.5}).value();
    psd.add(noise(count, 1.0, 1));
    const Spectrum s = psd.spectrum();
    CHECK(s.num_segments == 0);
    CHECK(sum(s.mean) == 0.0);
    CHECK(sum(s.max) == 0.0);
    CHECK(sum(s.min) == 0.0);
  }
}

TEST_CASE("Psd: segments with NaN or infinity are left out whole and counted; the rest stays right")
{
  std::vector<Cf32> samples = tone(64 * 16, 4.0 / 64.0, 1.0);
  samples[64 * 5 + 3] = Cf32(std::numeric_limits<float>::quiet_NaN(), 0.0F);
  samples[64 * 9] = Cf32(0.0F, std::numeric_limits<float>::infinity());
  samples[64 * 11] = Cf32(1e30F, 0.0F);  // its square is not finite
  Psd psd = Psd::make({kRate, 64, Window::hann, 0.0}).value();
  psd.add(samples);
  CHECK(psd.num_not_finite() >= 2);
  CHECK(psd.num_segments() + psd.num_not_finite() == 16);
  CHECK(sum(psd.spectrum().mean) == doctest::Approx(1.0).epsilon(1e-4));
}

TEST_CASE("Psd: what cannot be measured is refused with the reason")
{
  CHECK_FALSE(Psd::make({SampleRate(0), 64, Window::hann, 0.5}).has_value());
  CHECK_FALSE(Psd::make({kRate, 0, Window::hann, 0.5}).has_value());
  CHECK_FALSE(Psd::make({kRate, 65, Window::hann, 0.5}).has_value());
  CHECK_FALSE(Psd::make({kRate, std::size_t{1} << 40U, Window::hann, 0.5}).has_value());
  CHECK_FALSE(Psd::make({kRate, 64, Window::hann, 1.0}).has_value());
  CHECK_FALSE(Psd::make({kRate, 64, Window::hann, std::nan("")}).has_value());
  CHECK(Psd::make({kRate, 64, Window::hann, 2.0}).error().message.find("overlap") != std::string::npos);
}

TEST_CASE("Psd: adding samples neither allocates nor locks")
{
  Psd psd = Psd::make({kRate, 256, Window::hann, 0.5}).value();
  const std::vector<Cf32> samples = noise(5000, 1.0, 5);
  testing::reset_realtime_violations();
  {
    const RealtimeScope scope;
    psd.add(samples);
    psd.restart();
    psd.add(samples);
    psd.reset();
  }
  CHECK(testing::realtime_violations().allocations == 0);
  CHECK(testing::realtime_violations().frees == 0);
  CHECK(testing::realtime_violations().locks == 0);
}

}  // namespace ravi::measure
