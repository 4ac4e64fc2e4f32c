#include "radio/air/fading.h"

#include "radio/air/interpolator.h"
#include "radio/air/tdl_tables.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <numbers>
#include <tuple>
#include <vector>

namespace {

using namespace ravi;
using namespace ravi::air;
using std::numbers::pi;

constexpr FadingProfile kProfiles[] = {FadingProfile::tdl_a, FadingProfile::tdl_b, FadingProfile::tdl_c,
                                       FadingProfile::tdl_d, FadingProfile::tdl_e,
                                       FadingProfile::tdla30, FadingProfile::tdlb100, FadingProfile::tdlc300};
constexpr SampleRate kRate(1'000'000);

Fading make(FadingProfile profile, double doppler_hz, std::uint64_t seed = 1, std::uint32_t index = 0)
{
  const FadingConfig config{
      .profile = profile, .delay_spread = std::chrono::duration<double>(100e-9), .doppler = Hertz(doppler_hz)};
  return Fading(config, kRate, {.seed = seed, .index = index, .purpose = Purpose::fading});
}

/// Gains at `count` times, `spacing` samples apart: [tap][time].
std::vector<std::vector<std::complex<double>>> observe(Fading& fading, std::size_t count, std::uint64_t spacing)
{
  std::vector<std::vector<std::complex<double>>> history(fading.num_taps());
  std::vector<Cf32> gains(fading.num_taps());
  for (std::size_t i = 0; i < count; ++i) {
    fading.gains(i * spacing, gains);
    for (std::size_t tap = 0; tap < gains.size(); ++tap)
      history[tap].emplace_back(gains[tap].real(), gains[tap].imag());
  }
  return history;
}

double mean_power(const std::vector<std::complex<double>>& values)
{
  double sum = 0.0;
  for (const auto& v : values) sum += std::norm(v);
  return sum / static_cast<double>(values.size());
}

std::complex<double> correlation(const std::vector<std::complex<double>>& a, const std::vector<std::complex<double>>& b,
                                 std::size_t lag = 0)
{
  std::complex<double> sum = 0.0;
  for (std::size_t i = 0; i + lag < a.size(); ++i) sum += a[i + lag] * std::conj(b[i]);
  return sum / static_cast<double>(a.size() - lag) / std::sqrt(mean_power(a) * mean_power(b));
}

/// RMS delay spread, in the table's unit; the line of sight is at 0.
double rms_delay(const TdlTable& table)
{
  double power = table.los_power_db ? to_power(Decibel(*table.los_power_db)) : 0.0;
  double first = 0.0;
  double second = 0.0;
  for (const TdlTap& tap : table.taps) {
    const double p = to_power(Decibel(tap.power_db));
    power += p;
    first += p * tap.delay;
    second += p * tap.delay * tap.delay;
  }
  return std::sqrt(second / power - (first / power) * (first / power));
}

}  // namespace

TEST_CASE("TDL: each table has 23, 23, 24, 13, 14 taps and an RMS delay spread of 1 [TS 38.901 §7.7.2]")
{
  const std::size_t num_taps[] = {23, 23, 24, 13, 14};
  for (std::size_t i = 0; i < 5; ++i) {
    CAPTURE(i);
    const TdlTable table = tdl_table(kProfiles[i]);
    CHECK(table.taps.size() == num_taps[i]);
    // The delays were normalized to this spread, so a wrong digit anywhere would show.
    CHECK(rms_delay(table) == doctest::Approx(1.0).epsilon(0.01));
  }
}

TEST_CASE("the profiles of conformance tests have twelve taps, their own RMS delay spread, and keep their delays [TS 38.101-4 §B.2.1]")
{
  const std::tuple<FadingProfile, double, double> expected[] = {
      {FadingProfile::tdla30, 30.0, 290.0}, {FadingProfile::tdlb100, 100.0, 480.0}, {FadingProfile::tdlc300, 300.0, 2595.0}};
  for (const auto& [profile, spread_ns, longest_ns] : expected) {
    const TdlTable table = tdl_table(profile);
    CHECK(table.taps.size() == 12);
    // Delays are rounded to 5 ns, so the spread is near its name and not on it; a wrong digit shows all the same.
    CHECK(rms_delay(table) == doctest::Approx(spread_ns).epsilon(0.04));
    const Fading fading = make(profile, 5.0);  // asked for 100 ns, at 1 MS/s
    CHECK(fading.max_delay() == doctest::Approx(longest_ns * 1e-3));
  }
}

TEST_CASE("TDL-D and TDL-E have K factors of 13.3 dB and 22 dB and powers that sum to 0 dB [TS 38.901 §7.7.2]")
{
  for (const auto& [profile, k_db] : {std::pair{FadingProfile::tdl_d, 13.3}, std::pair{FadingProfile::tdl_e, 22.0}}) {
    const TdlTable table = tdl_table(profile);
    REQUIRE(table.los_power_db);
    CHECK(*table.los_power_db - table.taps[0].power_db == doctest::Approx(k_db));
    const double first = to_power(Decibel(*table.los_power_db)) + to_power(Decibel(table.taps[0].power_db));
    CHECK(std::abs(power_to_decibel(first).value()) < 0.01);  // the first tap is normalized to 0 dB
  }
}

TEST_CASE("fading: the mean power of every tap is that of the table, all together 0 dB")
{
  for (const FadingProfile profile : kProfiles) {
    CAPTURE(static_cast<int>(profile));
    const TdlTable table = tdl_table(profile);
    double total = table.los_power_db ? to_power(Decibel(*table.los_power_db)) : 0.0;
    for (const TdlTap& tap : table.taps) total += to_power(Decibel(tap.power_db));
    Fading fading = make(profile, 500.0);
    const auto history = observe(fading, 40'000, 1'777);  // 35'000 periods of the Doppler shift
    double sum = 0.0;
    for (std::size_t tap = 0; tap < history.size(); ++tap) {
      double want = to_power(Decibel(table.taps[tap].power_db));
      if (tap == 0 && table.los_power_db) want += to_power(Decibel(*table.los_power_db));
      const double got = mean_power(history[tap]);
      CHECK(power_to_decibel(got / (want / total)).value() == doctest::Approx(0.0).epsilon(0.15));
      CHECK(fading.delays()[tap] == doctest::Approx(table.taps[tap].delay * (table.is_in_ns ? 1e-3 : 0.1)));
      sum += got;
    }
    CHECK(sum == doctest::Approx(1.0).epsilon(0.02));
  }
}

TEST_CASE("fading: the autocorrelation of a Rayleigh tap is J0(2 pi fd tau), up to fd tau = 4")
{
  const double doppler_hz = 200.0;
  const std::uint64_t spacing = 250;  // fd tau = 0.05 a step
  Fading fading = make(FadingProfile::tdl_a, doppler_hz);
  const auto history = observe(fading, 100'000, spacing);
  for (const std::size_t tap : {std::size_t{0}, std::size_t{1}, std::size_t{22}}) {
    double worst = 0.0;
    for (std::size_t lag = 0; lag <= 80; ++lag) {
      const double want = std::cyl_bessel_j(0.0, 2.0 * pi * doppler_hz * static_cast<double>(lag * spacing) / 1e6);
      worst = std::max(worst, std::abs(correlation(history[tap], history[tap], lag) - want));
    }
    CAPTURE(tap);
    CHECK(worst < 0.03);
  }
}

TEST_CASE("fading: nothing of the Doppler spectrum lies beyond fd, and half of it beyond fd / sqrt(2)")
{
  // Jakes: the power between f1 and f2 is (asin(f2/fd) - asin(f1/fd)) / pi; asin(0.7071) is a quarter of pi.
  const double doppler_hz = 200.0;
  Fading fading = make(FadingProfile::tdl_b, doppler_hz);
  constexpr std::size_t kCount = 4096;
  const auto history = observe(fading, kCount, 2'000);  // 500 Hz of observation rate
  double total = 0.0;
  double outside = 0.0;
  double high = 0.0;
  for (std::size_t tap = 0; tap < 4; ++tap) {
    for (std::size_t bin = 0; bin < kCount; bin += 4) {
      std::complex<double> sum = 0.0;
      for (std::size_t i = 0; i < kCount; ++i) {
        const double window = 0.5 - 0.5 * std::cos(2.0 * pi * static_cast<double>(i) / kCount);
        const auto turns = static_cast<double>((bin * i) % kCount) / kCount;
        sum += history[tap][i] * window * std::polar(1.0, -2.0 * pi * turns);
      }
      const double f =
          (bin < kCount / 2 ? static_cast<double>(bin) : static_cast<double>(bin) - kCount) / kCount * 500.0;
      total += std::norm(sum);
      if (std::abs(f) > doppler_hz + 1.0) outside += std::norm(sum);
      if (std::abs(f) > doppler_hz * std::numbers::sqrt2 / 2.0) high += std::norm(sum);
    }
  }
  CHECK(outside / total < 1e-4);
  CHECK(high / total == doctest::Approx(0.5).epsilon(0.15));
}

TEST_CASE("fading: a Rayleigh tap has Rayleigh moments and fades as deep as often as it should")
{
  // A time average over one realization's tones, then an average over realizations.
  double kurtosis = 0.0;
  std::size_t deep = 0;
  std::size_t count = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Fading fading = make(FadingProfile::tdl_c, 300.0, seed);
    const auto history = observe(fading, 4'000, 7'919);
    for (const auto& tap : history) {
      const double power = mean_power(tap);
      double fourth = 0.0;
      for (const auto& v : tap) {
        fourth += std::norm(v) * std::norm(v);
        deep += std::norm(v) < 0.01 * power ? 1 : 0;  // 20 dB below the mean: 1 - exp(-0.01)
      }
      kurtosis += fourth / static_cast<double>(tap.size()) / power / power;
      count += tap.size();
    }
  }
  CHECK(kurtosis / (20.0 * 24.0) == doctest::Approx(2.0 - 1.0 / 32.0).epsilon(0.01));
  CHECK(static_cast<double>(deep) / static_cast<double>(count) == doctest::Approx(1.0 - std::exp(-0.01)).epsilon(0.05));
}

TEST_CASE("fading: the line of sight turns at 0.7 of the maximum Doppler shift [TS 38.901 §7.7.2]")
{
  const double doppler_hz = 100.0;
  Fading fading = make(FadingProfile::tdl_e, doppler_hz);
  const auto history = observe(fading, 20'000, 500);
  std::complex<double> sum = 0.0;
  for (std::size_t i = 0; i < history[0].size(); ++i) {
    sum += history[0][i] * std::polar(1.0, -2.0 * pi * 0.7 * doppler_hz * static_cast<double>(i) * 500.0 / 1e6);
  }
  const double los_power = std::norm(sum / static_cast<double>(history[0].size()));
  const double rest = mean_power(history[0]) - los_power;
  CHECK(power_to_decibel(los_power / rest).value() == doctest::Approx(22.0).epsilon(0.02));
}

TEST_CASE("fading: taps, links and seeds are independent")
{
  Fading first = make(FadingProfile::tdl_a, 900.0, 1, 0);
  Fading other_link = make(FadingProfile::tdl_a, 900.0, 1, 1);
  Fading other_seed = make(FadingProfile::tdl_a, 900.0, 2, 0);
  const auto a = observe(first, 150'000, 500);
  const auto b = observe(other_link, 150'000, 500);
  const auto c = observe(other_seed, 150'000, 500);
  for (std::size_t tap = 0; tap < a.size(); ++tap) {
    CHECK(std::abs(correlation(a[tap], b[tap])) < 0.05);
    CHECK(std::abs(correlation(a[tap], c[tap])) < 0.05);
    CHECK(std::abs(correlation(a[tap], a[(tap + 1) % a.size()])) < 0.05);
  }
}

TEST_CASE("fading: gains depend on the time alone")
{
  Fading fading = make(FadingProfile::tdl_d, 50.0);
  Fading same = make(FadingProfile::tdl_d, 50.0);
  std::vector<Cf32> first(fading.num_taps());
  std::vector<Cf32> again(fading.num_taps());
  fading.gains(123'456'789'012, first);
  same.gains(5, again);
  same.gains(123'456'789'012, again);
  CHECK(first == again);
}

TEST_CASE("fading: without Doppler the taps stand still")
{
  Fading fading = make(FadingProfile::tdl_c, 0.0);
  std::vector<Cf32> first(fading.num_taps());
  std::vector<Cf32> later(fading.num_taps());
  fading.gains(0, first);
  fading.gains(1'000'000'000, later);
  CHECK(first == later);
}

TEST_CASE("the interpolator is within -74 dB of the ideal delay up to 0.42 of the sample rate")
{
  const Interpolator interpolator;
  double worst = 0.0;
  for (int step = 0; step < 50; ++step) {
    const double fraction = step / 50.0 + 0.0001234;
    const Interpolator::Taps taps = interpolator.taps(fraction);
    for (double f = -0.42; f <= 0.42; f += 0.01) {
      std::complex<double> response = 0.0;
      for (std::size_t k = 0; k < taps.size(); ++k) {
        response += static_cast<double>(taps[k]) * std::polar(1.0, -2.0 * pi * f * static_cast<double>(k));
      }
      const auto ideal = std::polar(1.0, -2.0 * pi * f * (static_cast<double>(Interpolator::kCenter) + fraction));
      worst = std::max(worst, std::abs(response - ideal));
    }
  }
  CHECK(20.0 * std::log10(worst) < -74.0);
}
