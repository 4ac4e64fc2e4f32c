#include "radio/measure/statistics.h"

#include "radio/realtime.h"
#include "tests/radio/measure/signals.h"
#include "tests/realtime_guard.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace ravi::measure {
namespace {

SampleStatistics measure(std::span<const Cf32> samples)
{
  SampleStatistics statistics;
  statistics.add(samples);
  return statistics;
}

/// What a receiver with this imbalance makes of the samples.
std::vector<Cf32> unbalance(std::vector<Cf32> samples, double gain_db, double phase_deg)
{
  const double gain = std::pow(10.0, gain_db / 20.0);
  const double phase = phase_deg * std::numbers::pi / 180.0;
  for (Cf32& s : samples) {
    const double i = static_cast<double>(s.real());
    const double q = gain * (static_cast<double>(s.imag()) * std::cos(phase) + i * std::sin(phase));
    s = Cf32(static_cast<float>(i), static_cast<float>(q));
  }
  return samples;
}

}  // namespace

TEST_CASE("Statistics: a tone has its power, no crest, no DC")
{
  const SampleStatistics s = measure(testing::tone(64'000, 0.1, 0.5));
  CHECK(s.num_samples() == 64'000);
  CHECK(s.mean_power().value() == doctest::Approx(-6.0206).epsilon(1e-5));
  CHECK(s.peak_power().value() == doctest::Approx(-6.0206).epsilon(1e-5));
  CHECK(std::abs(s.crest_factor().value().value()) < 1e-4);
  CHECK(s.dc_level().value() < -120.0);
  CHECK(s.num_full_scale() == 0);
}

TEST_CASE("Statistics: two equal tones have a crest factor of 3.01 dB")
{
  std::vector<Cf32> samples = testing::tone(100'000, 0.01, 0.25);
  testing::add_to(samples, testing::tone(100'000, 0.013, 0.25));
  const SampleStatistics s = measure(samples);
  CHECK(s.mean_power().value() == doctest::Approx(-9.0309).epsilon(1e-4));
  CHECK(s.crest_factor().value().value() == doctest::Approx(3.0103).epsilon(1e-4));
}

TEST_CASE("Statistics: Gaussian noise exceeds its mean power by 10 log10(-ln p) dB with probability p")
{
  const SampleStatistics s = measure(testing::noise(2'000'000, 0.02, 77));
  for (const double p : {0.5, 0.1, 0.01, 0.001, 0.0001}) {
    CAPTURE(p);
    const double deviation_db = 10.0 / std::log(10.0) / (-std::log(p) * std::sqrt(p * 2e6));
    CHECK(std::abs(s.exceeded_with(p).value().value() - 10.0 * std::log10(-std::log(p))) < 0.02 + 4.0 * deviation_db);
  }
  CHECK_FALSE(s.exceeded_with(1e-6).has_value());
}

TEST_CASE("Statistics: a DC offset is measured with its phase, noise around it or not")
{
  std::vector<Cf32> samples = testing::noise(1'000'000, 1e-4, 5);
  for (Cf32& sample : samples) sample += Cf32(0.003F, -0.004F);
  const SampleStatistics s = measure(samples);
  CHECK(s.dc_offset().real() == doctest::Approx(0.003).epsilon(0.02));
  CHECK(s.dc_offset().imag() == doctest::Approx(-0.004).epsilon(0.02));
  CHECK(s.dc_level().value() == doctest::Approx(-46.02).epsilon(0.002));
}

TEST_CASE("Statistics: an injected IQ imbalance is found, and with it the image rejection")
{
  struct Case {
    double gain_db;
    double phase_deg;
    double rejection_db;  // 10 log10 of (1 + 2 g cos + g^2) / (1 - 2 g cos + g^2), computed apart
  };
  for (const Case& c : {Case{1.0, 0.0, 24.807}, Case{0.0, 5.0, 27.197}, Case{-0.5, 2.0, 29.436}, Case{0.1, -1.0, 39.624}}) {
    CAPTURE(c.gain_db);
    CAPTURE(c.phase_deg);
    const double g = std::pow(10.0, c.gain_db / 20.0);
    const double cosine = std::cos(c.phase_deg * std::numbers::pi / 180.0);
    CHECK(10.0 * std::log10((1 + 2 * g * cosine + g * g) / (1 - 2 * g * cosine + g * g)) ==
          doctest::Approx(c.rejection_db).epsilon(0.002));
    for (const std::vector<Cf32>& signal : {testing::tone(100'000, 0.123, 0.3), testing::noise(1'000'000, 0.1, 3)}) {
      std::vector<Cf32> received = unbalance(signal, c.gain_db, c.phase_deg);
      for (Cf32& sample : received) sample += Cf32(0.05F, 0.02F);  // DC must not disturb
      const IqImbalance found = measure(received).iq_imbalance().value();
      CHECK(std::abs(found.gain.value() - c.gain_db) < 0.03);
      CHECK(std::abs(found.phase_deg - c.phase_deg) < 0.2);
      CHECK(std::abs(found.image_rejection.value() - c.rejection_db) < 1.5);
    }
    const IqImbalance exact = measure(unbalance(testing::tone(100'000, 0.25, 0.3), c.gain_db, c.phase_deg)).iq_imbalance().value();
    CHECK(exact.image_rejection.value() == doctest::Approx(c.rejection_db).epsilon(0.002));
  }
}

TEST_CASE("Statistics: the imbalance of balanced noise is chance, distributed as the stated limit says")
{
  double mean_image = 0.0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const IqImbalance found = measure(testing::noise(10'000, 1.0, seed)).iq_imbalance().value();
    CHECK(found.limit.value() == doctest::Approx(10.0 * std::log10(20'000.0 / 6.2)).epsilon(0.01));
    CHECK_FALSE(found.is_resolved());
    mean_image += to_power(-found.image_rejection) / 50.0;
  }
  CHECK(mean_image == doctest::Approx(1.0 / 20'000.0).epsilon(0.4));
}

TEST_CASE("Statistics: bursts, a narrow band, and silence leave fewer independent samples to judge the image by")
{
  std::vector<Cf32> samples = testing::noise(100'000, 1.0, 4);
  const double steady = measure(samples).iq_imbalance().value().limit.value();
  CHECK(measure(samples).iq_imbalance(0.1).value().limit.value() == doctest::Approx(steady - 10.0));
  std::fill(samples.begin() + 5'000, samples.end(), Cf32());
  CHECK(std::abs(measure(samples).iq_imbalance().value().limit.value() - (steady - 13.0)) < 0.3);
}

TEST_CASE("Statistics: a level that is silence has no place on the CCDF")
{
  std::vector<Cf32> samples = testing::tone(1'000, 0.1, 0.5);
  samples.resize(10'000);
  CHECK_FALSE(measure(samples).exceeded_with(0.5).has_value());
  CHECK(measure(samples).exceeded_with(0.05).value().value() == doctest::Approx(10.0).epsilon(0.007));
}

TEST_CASE("Statistics: figures do not depend on how the stream is cut into blocks, NaN and full scale included")
{
  std::vector<Cf32> samples = testing::noise(5'000, 0.1, 8);
  samples[700] = Cf32(std::numeric_limits<float>::quiet_NaN(), 0.0F);
  samples[1'100] = Cf32(1.0F, 0.0F);
  const SampleStatistics whole = measure(samples);
  SampleStatistics single;
  for (const Cf32& sample : samples) single.add(std::span(&sample, 1));
  CHECK(whole.num_samples() == 4'999);
  CHECK(single.num_samples() == whole.num_samples());
  CHECK(single.num_not_finite() == whole.num_not_finite());
  CHECK(single.num_full_scale() == whole.num_full_scale());
  CHECK(single.peak_power().value() == whole.peak_power().value());
  CHECK(single.mean_power().value() == doctest::Approx(whole.mean_power().value()).epsilon(1e-6));
  CHECK(single.dc_offset().real() == doctest::Approx(whole.dc_offset().real()).epsilon(1e-5));
  CHECK(single.exceeded_with(0.1).value().value() == doctest::Approx(whole.exceeded_with(0.1).value().value()).epsilon(1e-5));
  CHECK(single.iq_imbalance().value().gain.value() == doctest::Approx(whole.iq_imbalance().value().gain.value()).epsilon(1e-4));
}

TEST_CASE("Statistics: full scale is counted by samples")
{
  const std::vector<Cf32> samples = {{1.0F, 0.0F}, {0.0F, -1.0F}, {1.0F, 1.0F}, {0.9F, 0.9F}, {0.99951F, 0.0F}, {0.0F, 0.9994F}};
  CHECK(measure(samples).num_full_scale() == 4);
}

TEST_CASE("Statistics: nothing, silence, one sample and NaN give no figures or right ones")
{
  const SampleStatistics empty = measure({});
  CHECK(std::isinf(empty.mean_power().value()));
  CHECK(std::isinf(empty.dc_level().value()));
  CHECK_FALSE(empty.crest_factor().has_value());
  CHECK_FALSE(empty.exceeded_with(0.5).has_value());
  CHECK_FALSE(empty.iq_imbalance().has_value());

  const SampleStatistics silent = measure(std::vector<Cf32>(1000));
  CHECK(std::isinf(silent.peak_power().value()));
  CHECK_FALSE(silent.crest_factor().has_value());
  CHECK_FALSE(silent.exceeded_with(0.5).has_value());
  CHECK_FALSE(silent.iq_imbalance().has_value());

  const SampleStatistics one = measure(std::vector<Cf32>{{0.5F, 0.5F}});
  CHECK(one.crest_factor().value().value() == doctest::Approx(0.0));
  CHECK_FALSE(one.iq_imbalance().has_value());

  std::vector<Cf32> samples(1000, Cf32(0.5F, 0.0F));
  samples[10] = Cf32(std::numeric_limits<float>::quiet_NaN(), 0.0F);
  samples[20] = Cf32(0.0F, -std::numeric_limits<float>::infinity());
  samples[30] = Cf32(1e30F, 0.0F);
  const SampleStatistics some = measure(samples);
  CHECK(some.num_not_finite() == 3);
  CHECK(some.num_samples() == 997);
  CHECK(some.mean_power().value() == doctest::Approx(-6.0206).epsilon(1e-5));
  CHECK_FALSE(some.iq_imbalance().has_value());  // I alone, and constant
}

TEST_CASE("Statistics: adding samples neither allocates nor locks")
{
  SampleStatistics statistics;
  const std::vector<Cf32> samples = testing::noise(5000, 1.0, 5);
  testing::reset_realtime_violations();
  {
    const RealtimeScope scope;
    statistics.add(samples);
  }
  CHECK(testing::realtime_violations().allocations == 0);
  CHECK(testing::realtime_violations().frees == 0);
  CHECK(testing::realtime_violations().locks == 0);
}

}  // namespace ravi::measure
