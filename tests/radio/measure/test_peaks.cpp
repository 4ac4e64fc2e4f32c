#include "radio/measure/peaks.h"

#include "tests/radio/measure/signals.h"

#include <doctest/doctest.h>

#include <cmath>

namespace ravi::measure {
namespace {

constexpr SampleRate kRate{1'024'000};  // bins of an FFT of 1024 are 1 kHz wide

Spectrum measure(std::span<const Cf32> samples, Window window = Window::hann)
{
  Psd psd = Psd::make({kRate, 1024, window, default_overlap(window)}).value();
  psd.add(samples);
  return psd.spectrum();
}

}  // namespace

TEST_CASE("Peaks: a tone's frequency and level are exact at a bin's center and anywhere between")
{
  for (const Window window : {Window::hann, Window::blackman_harris, Window::flattop}) {
    for (const double offset : {0.0, 0.1, 0.25, 0.49, 0.5, -0.3}) {
      CAPTURE(to_text(window));
      CAPTURE(offset);
      std::vector<Cf32> samples = testing::tone(65536, (200.0 + offset) / 1024.0, 0.1);
      testing::add_to(samples, testing::noise(samples.size(), 1e-10, 1));
      const std::vector<Peak> peaks = find_peaks(measure(samples, window));
      REQUIRE(peaks.size() >= 1);
      CHECK(std::abs(peaks[0].frequency.value() - (200'000.0 + 1000.0 * offset)) < 1.0);
      CHECK(std::abs(peaks[0].level.value() + 20.0) < 0.01);
    }
  }
}

TEST_CASE("Peaks: two tones 60 dB apart are both found, the stronger first")
{
  std::vector<Cf32> samples = testing::tone(1 << 17, 100.3 / 1024.0, 0.5);
  testing::add_to(samples, testing::tone(samples.size(), -250.7 / 1024.0, 0.0005));
  testing::add_to(samples, testing::noise(samples.size(), 1e-9, 2));
  const std::vector<Peak> peaks = find_peaks(measure(samples, Window::blackman_harris));
  REQUIRE(peaks.size() == 2);
  CHECK(peaks[0].frequency.value() == doctest::Approx(100'300.0).epsilon(1e-5));
  CHECK(std::abs(peaks[0].level.value() + 6.0206) < 0.01);
  CHECK(peaks[1].frequency.value() == doctest::Approx(-250'700.0).epsilon(1e-5));
  CHECK(std::abs(peaks[1].level.value() + 66.0206) < 0.1);
  CHECK(peaks[0].prominence.value() > 60.0);
  CHECK(peaks[0].above_median.value() > 60.0);
}

TEST_CASE("Peaks: noise alone has none, with many averages, few, or one")
{
  for (const std::size_t count : {std::size_t{1024}, std::size_t{4096}, std::size_t{1} << 18U}) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      CAPTURE(count);
      CHECK(find_peaks(measure(testing::noise(count, 1.0, seed))).empty());
    }
  }
}

TEST_CASE("Peaks: at most as many as asked for")
{
  std::vector<Cf32> samples = testing::noise(1 << 16, 1e-8, 2);
  for (int k = -7; k <= 7; ++k) testing::add_to(samples, testing::tone(samples.size(), k * 50.0 / 1024.0, 0.02));
  CHECK(find_peaks(measure(samples), {.max_peaks = 100}).size() == 15);
  CHECK(find_peaks(measure(samples), {.max_peaks = 4}).size() == 4);
}

TEST_CASE("Peaks: silence, one bin, and no spectrum have none")
{
  CHECK(find_peaks(Spectrum{}).empty());
  CHECK(find_peaks(measure(std::vector<Cf32>(4096))).empty());
  Spectrum one;
  one.mean = {1.0F};
  one.num_segments = 1;
  CHECK(find_peaks(one).empty());
}

}  // namespace ravi::measure
