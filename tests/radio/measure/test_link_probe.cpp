#include "radio/measure/link_probe.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

using namespace ravi;
using namespace ravi::measure;

namespace {

constexpr SampleRate kRate(23'040'000);

struct Path {
  double gain_db = 0.0;
  double delay = 0.0;  ///< samples; whole, or fractional through the sequence's own spectrum
  double offset_hz = 0.0;
  double noise_dbfs = -300.0;
};

/// The probe delayed in frequency (exact for a periodic signal), scaled, turned, with noise. Written apart from the code
/// under test: a sum of the period's spectral lines.
std::vector<Cf32> received(const LinkProbe& probe, const Path& path, SampleTime at, std::size_t length)
{
  const std::size_t n_period = probe.period().size();
  std::vector<std::complex<double>> lines(n_period);
  for (std::size_t k = 0; k < n_period; ++k) {
    for (std::size_t n = 0; n < n_period; ++n) {
      const double angle = -2.0 * std::numbers::pi * static_cast<double>(k * n % n_period) / static_cast<double>(n_period);
      lines[k] += std::complex<double>(probe.period()[n]) * std::polar(1.0 / static_cast<double>(n_period), angle);
    }
  }
  std::vector<std::complex<double>> delayed(n_period);
  for (std::size_t n = 0; n < n_period; ++n) {
    for (std::size_t k = 0; k < n_period; ++k) {
      const double line = k <= n_period / 2 ? static_cast<double>(k) : static_cast<double>(k) - static_cast<double>(n_period);
      delayed[n] += lines[k] * std::polar(1.0, 2.0 * std::numbers::pi * line * (static_cast<double>(n) - path.delay) /
                                                   static_cast<double>(n_period));
    }
  }
  std::mt19937 random(5);
  std::normal_distribution<double> normal(0.0, std::sqrt(std::pow(10.0, path.noise_dbfs / 10.0) / 2.0));
  std::vector<Cf32> samples(length);
  for (std::size_t n = 0; n < length; ++n) {
    const std::int64_t time = at.value() + static_cast<std::int64_t>(n);
    const double angle = 2.0 * std::numbers::pi * path.offset_hz * static_cast<double>(time) / static_cast<double>(kRate.hz());
    const auto x = delayed[static_cast<std::size_t>(time) % n_period] * std::polar(std::pow(10.0, path.gain_db / 20.0), angle) +
                   std::complex<double>(normal(random), normal(random));
    samples[n] = Cf32(static_cast<float>(x.real()), static_cast<float>(x.imag()));
  }
  return samples;
}

}  // namespace

TEST_CASE("link probe: gain, delay, offset and SNR of a link are found, wherever the stretch begins")
{
  const LinkProbe probe(29, DbFs(-12));
  for (const Path path : {Path{}, Path{.gain_db = -33, .delay = 17, .offset_hz = 433, .noise_dbfs = -65},
                          Path{.gain_db = 4, .delay = 300.4, .offset_hz = -9000, .noise_dbfs = -38},
                          Path{.gain_db = -10, .delay = 1020.75, .noise_dbfs = -32}}) {
    const SampleTime at(123'456);
    const auto samples = received(probe, path, at, 40 * kProbePeriod + 7);
    const auto estimate = estimate_link(probe, samples, at, kRate);
    REQUIRE(estimate);
    CAPTURE(path.delay);
    CHECK(std::abs(estimate->gain.value() - path.gain_db) < 0.05);
    CHECK(std::abs(estimate->delay - path.delay) < 0.05);
    CHECK(std::abs(estimate->frequency_offset.value() - path.offset_hz) < 15.0);
    const double snr_db = -12.0 + path.gain_db - path.noise_dbfs;
    if (path.noise_dbfs > -200) CHECK(std::abs(estimate->snr.value() - snr_db) < 0.2);
    if (path.noise_dbfs < -200) CHECK(estimate->snr.value() > 80.0);
  }
}

TEST_CASE("link probe: noise, silence, another sender's probe or too few samples are no link")
{
  const LinkProbe probe(29, DbFs(-12));
  const LinkProbe other(30, DbFs(-12));
  const SampleTime at(0);
  CHECK_FALSE(estimate_link(probe, received(other, {}, at, 30 * kProbePeriod), at, kRate));
  CHECK_FALSE(estimate_link(probe, std::vector<Cf32>(30 * kProbePeriod), at, kRate));
  CHECK_FALSE(estimate_link(probe, received(probe, {}, at, 2 * kProbePeriod), at, kRate));
  CHECK_FALSE(estimate_link(probe, {}, at, kRate));
  CHECK_FALSE(estimate_link(probe, received(probe, {.gain_db = -80, .noise_dbfs = -30}, at, 30 * kProbePeriod), at, kRate));
}

TEST_CASE("link probe: what is sent depends on the time only, not on how it is cut")
{
  const LinkProbe probe(7, DbFs(-6));
  std::vector<Cf32> whole(5000);
  probe.send(SampleTime(777), whole);
  std::vector<Cf32> parts(5000);
  for (std::size_t n = 0; n < parts.size(); n += 123) {
    const std::size_t length = std::min<std::size_t>(123, parts.size() - n);
    probe.send(SampleTime(777 + static_cast<std::int64_t>(n)), std::span(parts).subspan(n, length));
  }
  CHECK(whole == parts);
  for (const Cf32 sample : whole) CHECK(std::norm(sample) == doctest::Approx(std::pow(10.0, -0.6)));
}
