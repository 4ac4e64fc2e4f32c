#include "radio/measure/band.h"

#include "tests/radio/measure/signals.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace ravi::measure {
namespace {

constexpr SampleRate kRate{1'000'000};

/// A made-up spectrum: `power(bin)` for each of `size` bins.
template <class Power>
Spectrum spectrum_of(std::size_t size, Power power)
{
  Spectrum s;
  s.sample_rate = SampleRate(static_cast<std::int64_t>(size));  // bins 1 Hz wide
  s.num_segments = 1000;
  s.effective_averages = 1000.0;
  for (std::size_t k = 0; k < size; ++k) s.mean.push_back(static_cast<float>(power(k)));
  s.max = s.mean;
  s.min = s.mean;
  return s;
}

Spectrum measure(std::span<const Cf32> samples, std::size_t fft_size = 1024)
{
  Psd psd = Psd::make({kRate, fft_size, Window::hann, 0.5}).value();
  psd.add(samples);
  return psd.spectrum();
}

/// Noise of unit power that fills [-width/2, width/2] of the sample rate evenly: many tones of one strength and random
/// phase, 1/65536 of the rate apart.
std::vector<Cf32> rectangular_noise(double width, std::uint64_t seed)
{
  constexpr std::size_t kPeriod = 65536;
  dsp::Fft fft(kPeriod, dsp::FftDirection::backward, dsp::FftEffort::estimate);
  std::vector<Cf32> bins(kPeriod);
  const auto half = static_cast<std::size_t>(width * kPeriod / 2.0);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<float> phase(-3.14159265F, 3.14159265F);
  for (std::size_t k = 0; k < half; ++k) {
    bins[k] = std::polar(1.0F, phase(random));
    bins[kPeriod - 1 - k] = std::polar(1.0F, phase(random));
  }
  fft.run(bins, bins);
  const float scale = 1.0F / std::sqrt(static_cast<float>(2 * half));
  for (Cf32& sample : bins) sample *= scale;
  std::vector<Cf32> out;
  for (int k = 0; k < 4; ++k) out.insert(out.end(), bins.begin(), bins.end());
  return out;
}

}  // namespace

TEST_CASE("Channel power: bins cut by an edge count by the part inside, and bands add up to the whole")
{
  const Spectrum s = spectrum_of(16, [](std::size_t k) { return static_cast<double>(k + 1); });
  // Bin 8 is at 0 Hz and covers -0.5 .. 0.5 Hz.
  CHECK(band_power(s, {Hertz(-0.5), Hertz(0.5)}) == doctest::Approx(9.0));
  CHECK(band_power(s, {Hertz(0.0), Hertz(0.5)}) == doctest::Approx(4.5));
  CHECK(band_power(s, {Hertz(-0.25), Hertz(1.0)}) == doctest::Approx(0.75 * 9.0 + 0.5 * 10.0));
  CHECK(band_power(s, {Hertz(0.1), Hertz(0.2)}) == doctest::Approx(0.9));
  CHECK(band_power(s, s.span()) == doctest::Approx(16.0 * 17.0 / 2.0));
  CHECK(band_power(s, {Hertz(-1e9), Hertz(1e9)}) == doctest::Approx(136.0));
  double sum = 0.0;
  for (int k = 0; k < 160; ++k) sum += band_power(s, {Hertz(-8.0 + 0.1 * k), Hertz(-8.0 + 0.1 * (k + 1))});
  CHECK(sum == doctest::Approx(136.0));
}

TEST_CASE("Channel power: the bin at minus half the rate counts half at either end of the span")
{
  const Spectrum s = spectrum_of(16, [](std::size_t k) { return k == 0 ? 1.0 : 0.0; });
  CHECK(band_power(s, {Hertz(-8.0), Hertz(-7.0)}) == doctest::Approx(0.5));
  CHECK(band_power(s, {Hertz(7.0), Hertz(8.0)}) == doctest::Approx(0.5));
}

TEST_CASE("Channel power: nothing in an empty, reversed or outside band, nor without a spectrum")
{
  const Spectrum s = spectrum_of(16, [](std::size_t) { return 1.0; });
  CHECK(band_power(s, {Hertz(1.0), Hertz(1.0)}) == 0.0);
  CHECK(band_power(s, {Hertz(2.0), Hertz(1.0)}) == 0.0);
  CHECK(band_power(s, {Hertz(20.0), Hertz(30.0)}) == 0.0);
  CHECK(band_power(s, {Hertz(std::nan("")), Hertz(1.0)}) == 0.0);
  CHECK(band_power(Spectrum{}, {Hertz(0.0), Hertz(1.0)}) == 0.0);
  CHECK(std::isinf(channel_power(s, {Hertz(20.0), Hertz(30.0)}).value()));
}

TEST_CASE("Channel power: noise of -20 dBFS in a quarter of the span holds a quarter of the power")
{
  const Spectrum s = measure(testing::noise(1 << 20, 0.01, 9));
  CHECK(channel_power(s, s.span()).value() == doctest::Approx(-20.0).epsilon(0.001));
  CHECK(channel_power(s, {Hertz(50e3), Hertz(300e3)}).value() == doctest::Approx(-26.0206).epsilon(0.002));
}

TEST_CASE("Occupied bandwidth: a flat rectangle of B has 99 % of its power in 0.99 B")
{
  for (const double width : {0.2, 0.5, 0.8}) {
    CAPTURE(width);
    const Spectrum s = measure(rectangular_noise(width, 4));
    const Band band = occupied_bandwidth(s).value();
    CHECK(band.width().value() == doctest::Approx(0.99 * width * 1e6).epsilon(0.004));
    CHECK(std::abs(band.center().value()) < 1500.0);
    CHECK(occupied_bandwidth(s, 0.5).value().width().value() == doctest::Approx(0.5 * width * 1e6).epsilon(0.02));
    const XDbBandwidth x = x_db_bandwidth(s, Decibel(26.0)).value();
    CHECK_FALSE(x.reaches_span_edge);
    CHECK(std::abs(x.band.width().value() - width * 1e6) < 4.0 * s.bin_width().value());  // two bins a side
    CHECK(std::abs(channel_power(s, {Hertz(-width * 0.55e6), Hertz(width * 0.55e6)}).value()) < 0.05);
  }
}

TEST_CASE("Occupied bandwidth: white noise fills 99 % of the span")
{
  const Spectrum s = measure(testing::noise(1 << 18, 1.0, 21));
  CHECK(occupied_bandwidth(s).value().width().value() == doctest::Approx(0.99e6).epsilon(0.002));
  CHECK(x_db_bandwidth(s, Decibel(26.0)).value().reaches_span_edge);
}

TEST_CASE("Occupied bandwidth: edges are interpolated within bins")
{
  const Spectrum s = spectrum_of(100, [](std::size_t k) { return k >= 40 && k < 60 ? 1.0 : 0.0; });
  const Band band = occupied_bandwidth(s, 0.99).value();
  CHECK(band.low.value() == doctest::Approx(-10.5 + 0.1));
  CHECK(band.high.value() == doctest::Approx(9.5 - 0.1));
}

TEST_CASE("x-dB bandwidth: slopes straight in dB are crossed exactly")
{
  // A triangle in dB: 10 dB a bin down from bin 50.
  const Spectrum s =
      spectrum_of(100, [](std::size_t k) { return std::pow(10.0, -std::abs(static_cast<double>(k) - 50.0)); });
  const XDbBandwidth x = x_db_bandwidth(s, Decibel(26.0)).value();
  CHECK(x.band.low.value() == doctest::Approx(-2.6).epsilon(1e-5));
  CHECK(x.band.high.value() == doctest::Approx(2.6).epsilon(1e-5));
}

TEST_CASE("Bandwidths: silence has none")
{
  const Spectrum silent = spectrum_of(64, [](std::size_t) { return 0.0; });
  CHECK_FALSE(occupied_bandwidth(silent).has_value());
  CHECK_FALSE(x_db_bandwidth(silent, Decibel(26.0)).has_value());
  CHECK_FALSE(occupied_bandwidth(Spectrum{}).has_value());
  CHECK_FALSE(x_db_bandwidth(Spectrum{}, Decibel(26.0)).has_value());
  CHECK(std::isinf(noise_floor(Spectrum{}).dbfs_per_hz));
  CHECK(std::isinf(noise_floor(silent).dbfs_per_hz));
}

TEST_CASE("Noise floor: unbiased for white noise, with few averages and with many")
{
  for (const std::size_t count : {std::size_t{8192}, std::size_t{1} << 16U, std::size_t{1} << 20U}) {
    CAPTURE(count);
    double sum = 0.0;
    constexpr int kRuns = 8;
    for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
      sum += noise_floor(measure(testing::noise(count, 1e-4, seed), 2048)).dbfs_per_hz / kRuns;
    }
    CHECK(std::abs(sum - (-40.0 - 60.0)) < 0.08);  // -40 dBFS over 1 MHz
  }
}

TEST_CASE("Noise floor: a signal over half of the span does not lift it much")
{
  std::vector<Cf32> samples = rectangular_noise(0.5, 8);
  testing::add_to(samples, testing::noise(samples.size(), 1e-4, 3));
  CHECK(std::abs(noise_floor(measure(samples)).dbfs_per_hz + 100.0) < 0.5);
}

}  // namespace ravi::measure
