// What an emulated air does to a signal, held against closed forms.

#include "radio/air/emulator.h"

#include "radio/air/fading.h"
#include "radio/air/interpolator.h"
#include "radio/air/link.h"
#include "radio/air/random.h"
#include "radio/realtime.h"
#include "tests/radio/air/air_runner.h"
#include "tests/realtime_guard.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <numbers>
#include <span>
#include <vector>

namespace {

using namespace ravi;
using namespace ravi::air;
using namespace ravi::air::testing;
using std::numbers::pi;

/// Delay in samples that a link shows, from the phases of two tones 0.001 cycles a sample apart (no ambiguity below
/// 500).
double measured_delay(const LinkConfig& link)
{
  double phase[2];
  const double frequency[2] = {0.1000, 0.1010};
  for (int i = 0; i < 2; ++i) {
    const std::unique_ptr<Emulator> air = make(one_link(link));
    const std::vector<Cf32> in = tone(12'000, frequency[i]);
    const std::vector<Cf32> out = run(*air, in);
    phase[i] = std::arg(product(std::span(in).subspan(2'000, 10'000), std::span(out).subspan(2'000, 10'000)));
  }
  const double turns = (phase[1] - phase[0]) / (2.0 * pi);
  return (turns - std::floor(turns)) / 0.001;
}

double slope_of_phase(std::span<const Cf32> got, std::span<const Cf32> sent)
{
  // Phase between the first and the last thousandth part, the whole turns from a coarse estimate of neighbours.
  const std::size_t n = got.size();
  std::complex<double> step = 0.0;
  std::vector<std::complex<double>> ratio(n);
  for (std::size_t i = 0; i < n; ++i) {
    ratio[i] = std::complex<double>(got[i].real(), got[i].imag()) *
               std::conj(std::complex<double>(sent[i].real(), sent[i].imag()));
  }
  // Doubling distances: each estimate fixes the next one's whole turns.
  double slope = 0.0;
  for (std::size_t distance = 1; distance < n; distance *= 2) {
    step = 0.0;
    for (std::size_t i = 0; i + distance < n; ++i) step += ratio[i + distance] * std::conj(ratio[i]);
    const auto span = static_cast<double>(distance);
    const double residual = std::remainder(std::arg(step) - slope * span, 2.0 * pi);
    slope += residual / span;
  }
  return slope / (2.0 * pi);  // cycles a sample
}

}  // namespace

TEST_CASE("air: a link without properties is a wire, to the bit")
{
  const std::unique_ptr<Emulator> air = make(one_link());
  const std::vector<Cf32> in = white(5'000, 1);
  CHECK(run(*air, in) == in);
  CHECK(air->now() == SampleTime(5'000));
}

TEST_CASE("air: gain changes the level by its decibels")
{
  for (const double gain_db : {-60.0, -3.0, 0.0, 6.0}) {
    const std::unique_ptr<Emulator> air = make(one_link({.gain = Decibel(gain_db)}));
    const std::vector<Cf32> in = white(5'000, 1);
    CHECK(power_db(run(*air, in)) - power_db(in) == doctest::Approx(gain_db).epsilon(1e-5));
  }
}

TEST_CASE("air: a delay of whole samples moves every sample exactly")
{
  for (const std::size_t delay : {1U, 7U, 1'000U, 3'000U}) {
    const std::unique_ptr<Emulator> air = make(one_link({.delay = samples(static_cast<double>(delay))}));
    const std::vector<Cf32> in = white(9'000, 2);
    const std::vector<Cf32> out = run(*air, in);
    CHECK(
        std::all_of(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(delay), [](Cf32 v) { return v == Cf32{}; }));
    CHECK(std::equal(out.begin() + static_cast<std::ptrdiff_t>(delay), out.end(), in.begin()));
  }
}

TEST_CASE("air: a delay of fractions of a sample is right to 0.001 sample, with the latency where it is short")
{
  for (const double delay : {0.25, 3.5, 15.999, 20.125, 100.0625, 250.75}) {
    CAPTURE(delay);
    const double latency = delay < 16.0 ? static_cast<double>(kFractionalLatency) : 0.0;
    CHECK(std::abs(measured_delay({.delay = samples(delay)}) - (delay + latency)) < 0.001);
  }
}

TEST_CASE("air: a delay of fractions of a sample leaves the amplitude alone up to 0.42 of the rate")
{
  for (const double frequency : {-0.42, -0.2, 0.0, 0.35, 0.42}) {
    const std::unique_ptr<Emulator> air = make(one_link({.delay = samples(20.5)}));
    const std::vector<Cf32> in = tone(4'000, frequency);
    const std::vector<Cf32> out = run(*air, in);
    CHECK(std::abs(power_db(std::span(out).subspan(100))) < 0.002);
  }
}

TEST_CASE("air: the noise of a link has its SNR below the reference, within 0.05 dB")
{
  for (const double snr_db : {-5.0, 0.0, 20.0}) {
    const LinkConfig link{.gain = Decibel(-7.0), .snr = Decibel(snr_db), .snr_reference = DbFs(-10.0)};
    const std::unique_ptr<Emulator> air = make(one_link(link));
    const std::unique_ptr<Emulator> quiet = make(one_link({.gain = Decibel(-7.0)}));
    const std::vector<Cf32> in = tone(400'000, 0.01, std::pow(10.0, -10.0 / 20.0));
    const std::vector<Cf32> with = run(*air, in);
    const std::vector<Cf32> without = run(*quiet, in);
    std::vector<Cf32> noise(with.size());
    for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = with[i] - without[i];
    CHECK(std::abs(power_db(without) - power_db(noise) - snr_db) < 0.05);
  }
}

TEST_CASE("air: a node's noise floor is heard with nobody there, adds to the links' noise, and can be changed")
{
  AirConfig config = one_link();
  config.nodes[1].noise_floor = DbFs(-50.0);
  const std::unique_ptr<Emulator> air = make(config);
  std::vector<Cf32> out(200'000);
  const std::span<const Cf32> nobody[] = {{}};
  const std::span<Cf32> rx[] = {out};
  air->process(out.size(), nobody, rx);
  CHECK(std::abs(power_db(out) + 50.0) < 0.05);

  REQUIRE(air->apply({.from = "a", .to = "b", .snr = Decibel(38.0)}));  // reference -12: -50 dBFS too
  air->process(out.size(), nobody, rx);
  CHECK(std::abs(power_db(out) + 50.0 - 10.0 * std::log10(2.0)) < 0.05);

  REQUIRE(air->set_noise_floor("b", DbFs(-20.0)));
  air->process(out.size(), nobody, rx);
  CHECK(std::abs(power_db(out) + 20.0) < 0.05);
  REQUIRE(air->set_noise_floor("b", std::nullopt));
  air->process(out.size(), nobody, rx);
  CHECK(std::abs(power_db(out) + 50.0) < 0.05);
  CHECK_FALSE(air->set_noise_floor("c", std::nullopt));
  CHECK_FALSE(air->set_noise_floor("b", DbFs(std::nan(""))));
}

TEST_CASE("air: a carrier offset is right to 0.001 Hz")
{
  for (const double cfo : {-123'456.789, -0.5, 12.5, 250'000.0}) {
    CAPTURE(cfo);
    const std::unique_ptr<Emulator> air = make(one_link({.cfo = Hertz(cfo)}));
    const std::vector<Cf32> in = tone(1 << 19, 0.01);
    const std::vector<Cf32> out = run(*air, in);
    CHECK(std::abs(slope_of_phase(out, in) * 1e6 - cfo) < 0.001);
    CHECK(std::abs(power_db(out)) < 1e-4);
  }
}

TEST_CASE("air: a fast transmitter clock raises a tone by its ppm, a slow one lowers it, over hours")
{
  for (const double ppm : {-100.0, -1.0, 0.5, 20.0, 100.0}) {
    CAPTURE(ppm);
    const std::unique_ptr<Emulator> air = make(one_link({.drift_ppm = ppm}));
    const std::vector<Cf32> in = tone(500'000, 0.2);  // drifts at most 50 of the 3600 samples of reserve
    const std::vector<Cf32> out = run(*air, in);
    const auto settled_in = std::span(in).subspan(10'000);
    const auto settled_out = std::span(out).subspan(10'000);
    CHECK(slope_of_phase(settled_out, settled_in) == doctest::Approx(0.2 * ppm * 1e-6).epsilon(1e-3));
    CHECK(std::abs(power_db(settled_out)) < 0.002);
    CHECK(air->counters().slips == 0);
  }
}

TEST_CASE("air: a drifting link starts where it is said to, and slips when its reserve is used up")
{
  // +100 ppm uses 100 samples of reserve in a million samples.
  const LinkConfig link{.delay = samples(40.0), .drift_ppm = 100.0, .drift_reserve = samples(100.0)};
  const std::unique_ptr<Emulator> air = make(one_link(link));
  const std::vector<Cf32> in = white(2'500'000, 3);
  const std::vector<Cf32> out = run(*air, in);
  CHECK(air->counters().slips == 2);
  const auto delay_around = [&](std::size_t at) {
    double best = 0.0;
    std::size_t found = 0;
    for (std::size_t delay = 0; delay < 300; ++delay) {
      const double match =
          std::abs(product(std::span(out).subspan(at, 1'000), std::span(in).subspan(at - delay, 1'000)));
      if (match > best) {
        best = match;
        found = delay;
      }
    }
    return static_cast<double>(found);
  };
  CHECK(delay_around(5'000) == doctest::Approx(139.5).epsilon(0.005));  // 40 + 100, less the 0.5 drifted so far
  CHECK(delay_around(495'000) == doctest::Approx(90.5).epsilon(0.01));
  CHECK(delay_around(995'000) == doctest::Approx(40.5).epsilon(0.02));
  CHECK(delay_around(1'005'000) == doctest::Approx(139.5).epsilon(0.005));  // slipped
}

TEST_CASE("air: the default reserve lasts an hour at 1 ppm, whatever the rate")
{
  const Interpolator interpolator;
  for (const std::int64_t hz : {1'920'000, 23'040'000, 122'880'000}) {
    const Link link({.drift_ppm = 1.0}, SampleRate(hz), {}, interpolator);
    const auto minute = static_cast<std::uint64_t>(60 * hz);
    CHECK(link.num_slips(59 * minute) == 0);
    CHECK(link.num_slips(61 * minute) == 1);
    CHECK(link.num_slips(24 * 60 * minute + minute) == 24);
  }
}

TEST_CASE("air: the mean response of a TDL link is the table's power delay profile [TS 38.901 §7.7.2]")
{
  // Impulses far apart, fast fading: each sees another channel. Delay spread 10 samples, so that taps stand apart.
  const LinkConfig link{
      .delay = samples(20.0),
      .fading = {.profile = FadingProfile::tdl_d, .delay_spread = samples(10.0), .doppler = Hertz(997.0)}};
  const std::unique_ptr<Emulator> air = make(one_link(link));
  constexpr std::size_t kPeriod = 500;
  constexpr std::size_t kImpulses = 4'000;
  std::vector<Cf32> in(kPeriod * kImpulses);
  for (std::size_t i = 0; i < in.size(); i += kPeriod) in[i] = {1.0F, 0.0F};
  const std::vector<Cf32> out = run(*air, in);
  std::vector<double> profile(kPeriod);
  for (std::size_t i = 0; i < out.size(); ++i) profile[i % kPeriod] += std::norm(out[i]) / kImpulses;
  double total = 0.0;
  for (const double p : profile) total += p;
  CHECK(std::abs(10.0 * std::log10(total)) < 0.1);
  const auto energy_near = [&](double delay) {
    double sum = 0.0;
    for (std::size_t i = 0; i < kPeriod; ++i)
      sum += std::abs(static_cast<double>(i) - 20.0 - delay) < 8.0 ? profile[i] : 0.0;
    return 10.0 * std::log10(sum / total);
  };
  const auto sum_db = [](std::initializer_list<double> powers_db) {
    double sum = 0.0;
    for (const double db : powers_db) sum += std::pow(10.0, db / 10.0);
    return 10.0 * std::log10(sum);
  };
  // Table 7.7.2-4, those rows that lie within 8 samples.
  CHECK(std::abs(energy_near(40.42) - -27.8) < 1.0);
  CHECK(std::abs(energy_near(79.37) - -23.6) < 1.0);
  CHECK(std::abs(energy_near(95.5) - sum_db({-24.8, -30.0})) < 1.0);
  CHECK(std::abs(energy_near(125.25) - -27.7) < 1.0);
  const double all_db =
      sum_db({-0.2, -13.5, -18.8, -21.0, -22.8, -17.9, -20.1, -21.9, -22.9, -27.8, -23.6, -24.8, -30.0, -27.7});
  CHECK(std::abs(energy_near(0.0) - (sum_db({-0.2, -13.5, -18.8, -21.0}) - all_db)) < 0.03);
}

TEST_CASE("air: a still TDL link is the sum of its taps, each delayed and weighted")
{
  // Independent: the same channel measured by an impulse, applied by direct convolution.
  const LinkConfig link{
      .fading = {.profile = FadingProfile::tdl_a, .delay_spread = samples(1.7), .doppler = Hertz(0.0)}};
  std::vector<Cf32> impulse(200);
  impulse[0] = {1.0F, 0.0F};
  const std::vector<Cf32> response = run(*make(one_link(link)), impulse);
  const std::vector<Cf32> in = white(3'000, 5);
  const std::vector<Cf32> out = run(*make(one_link(link)), in);
  double worst = 0.0;
  for (std::size_t n = 0; n < in.size(); ++n) {
    std::complex<double> want = 0.0;
    for (std::size_t k = 0; k < std::min(n + 1, response.size()); ++k) {
      want += std::complex<double>(response[k].real(), response[k].imag()) *
              std::complex<double>(in[n - k].real(), in[n - k].imag());
    }
    worst = std::max(worst, std::abs(want - std::complex<double>(out[n].real(), out[n].imag())));
  }
  CHECK(worst < 2e-6);
  CHECK(power(response) > 0.0);
}

TEST_CASE("air: between the instants at which they are computed, taps stay within -72 dB of the fading")
{
  // A constant through the link is the sum of the taps' gains, which the fading gives for every sample.
  for (const double doppler_hz : {5.0, 50.0, 400.0}) {
    const FadingConfig fading{
        .profile = FadingProfile::tdl_b, .delay_spread = samples(2.0), .doppler = Hertz(doppler_hz)};
    const AirConfig config = one_link({.fading = fading});
    const std::vector<Cf32> out = run(*make(config), tone(30'000, 0.0));
    Fading exact(fading, kRate, {.seed = config.seed, .index = 0, .purpose = Purpose::fading});
    std::vector<Cf32> gains(exact.num_taps());
    double worst = 0.0;
    for (std::size_t i = 1'000; i < out.size(); i += 7) {
      exact.gains(i, gains);
      Cf32 sum = 0.0F;
      for (const Cf32 gain : gains) sum += gain;
      worst = std::max(worst, static_cast<double>(std::abs(out[i] - sum)));
    }
    CAPTURE(doppler_hz);
    CHECK(20.0 * std::log10(worst) < -72.0);
  }
}

TEST_CASE("air: same seed, same bits however time is cut; another seed, other bits")
{
  AirConfig config =
      one_link({.gain = Decibel(-1.0),
                .delay = samples(3.3),
                .snr = Decibel(10.0),
                .cfo = Hertz(777.0),
                .drift_ppm = -13.0,
                .fading = {.profile = FadingProfile::tdl_c, .delay_spread = samples(1.5), .doppler = Hertz(70.0)}});
  config.nodes[1].noise_floor = DbFs(-40.0);
  config.interferers = {{.to = "b", .frequency = Hertz(1234.0), .start = samples(100.0)},
                        {.kind = InterfererKind::chirp,
                         .to = "b",
                         .frequency = Hertz(-1e5),
                         .sweep_end = Hertz(1e5),
                         .sweep_time = samples(777.0),
                         .start = samples(333.0),
                         .stop = samples(20'011.0)}};
  config.steps = {{.at = samples(7'001.0), .from = "a", .to = "b", .gain = Decibel(-5.0), .cfo = Hertz(-50.0)},
                  {.at = samples(12'345.0), .from = "a", .to = "b", .delay = samples(17.25)}};
  const std::vector<Cf32> in = white(30'000, 4);
  const std::vector<Cf32> whole = run(*make(config), in, {1'000});
  CHECK(run(*make(config), in, {1'000}) == whole);
  CHECK(run(*make(config), in, {1}) == whole);
  CHECK(run(*make(config), in, {7, 64, 129, 1'000, 31}) == whole);
  config.block = samples(30'000.0);
  CHECK(run(*make(config), in, {30'000}) == whole);
  config.seed = 2;
  CHECK(run(*make(config), in, {1'000}) != whole);
}

TEST_CASE("air: a receiver that is away for a while hears the same afterwards")
{
  const AirConfig config = one_link({.snr = Decibel(10.0),
                                     .cfo = Hertz(100.0),
                                     .fading = {.profile = FadingProfile::tdl_a, .delay_spread = samples(1.0)}});
  const std::vector<Cf32> in = white(9'000, 4);
  const std::vector<Cf32> whole = run(*make(config), in);
  const std::unique_ptr<Emulator> air = make(config);
  std::vector<Cf32> out(9'000);
  for (std::size_t at = 0; at < in.size(); at += 1'000) {
    const std::span<const Cf32> tx[] = {std::span(in).subspan(at, 1'000)};
    const std::span<Cf32> rx[] = {at >= 2'000 && at < 6'000 ? std::span<Cf32>{} : std::span(out).subspan(at, 1'000)};
    air->process(1'000, tx, rx);
  }
  CHECK(std::equal(out.begin() + 6'000, out.end(), whole.begin() + 6'000));
  CHECK(out[3'000] == Cf32{});
}

TEST_CASE("air: a node that leaves is silence once its last samples are through")
{
  const std::unique_ptr<Emulator> air = make(one_link({.delay = samples(1'500.5)}));
  const std::vector<Cf32> in = white(1'000, 4);
  std::vector<Cf32> out(4'000);
  for (std::size_t at = 0; at < out.size(); at += 1'000) {
    const std::span<const Cf32> tx[] = {at == 0 ? std::span<const Cf32>(in) : std::span<const Cf32>{}};
    const std::span<Cf32> rx[] = {std::span(out).subspan(at, 1'000)};
    air->process(1'000, tx, rx);
  }
  CHECK(power(std::span(out).first(1'480)) == 0.0);
  CHECK(power(std::span(out).subspan(1'501, 1'000)) == doctest::Approx(power(in)).epsilon(0.05));
  CHECK(power(std::span(out).subspan(2'600)) == 0.0);
}

TEST_CASE("air: every receive port hears the sum of its links; without links all hear all others at 0 dB")
{
  AirConfig config;
  config.sample_rate = kRate;
  config.nodes = {{.name = "a"}, {.name = "b"}, {.name = "c", .num_tx_ports = 2, .num_rx_ports = 2}};
  const std::unique_ptr<Emulator> air = make(config);
  REQUIRE(air->num_tx_ports() == 4);
  REQUIRE(air->num_rx_ports() == 4);
  CHECK(air->tx_port_index("c", 1) == 3);
  CHECK(air->rx_port_index("b", 0) == 1);
  CHECK_FALSE(air->rx_port_index("b", 1).has_value());
  CHECK_FALSE(air->tx_port_index("d", 0).has_value());
  CHECK(air->links().size() == 6);
  std::vector<std::vector<Cf32>> in;
  for (std::uint32_t i = 0; i < 4; ++i) in.push_back(white(500, i));
  std::vector<std::vector<Cf32>> out(4, std::vector<Cf32>(500));
  const std::span<const Cf32> tx[] = {in[0], in[1], in[2], in[3]};
  const std::span<Cf32> rx[] = {out[0], out[1], out[2], out[3]};
  air->process(500, tx, rx);
  for (std::size_t i = 0; i < 500; ++i) {
    REQUIRE(out[0][i] == in[1][i] + in[2][i]);
    REQUIRE(out[1][i] == in[0][i] + in[2][i]);
    REQUIRE(out[2][i] == in[0][i] + in[1][i]);
    REQUIRE(out[3][i] == Cf32{});
  }
}

TEST_CASE("air: a step changes the link at its very sample")
{
  AirConfig config = one_link();
  config.steps = {{.at = samples(1'234.0), .from = "a", .to = "b", .gain = Decibel(-20.0)},
                  {.at = samples(2'000.0), .from = "a", .to = "b", .delay = samples(5.0)}};
  const std::unique_ptr<Emulator> air = make(config);
  const std::vector<Cf32> in = white(4'000, 4);
  REQUIRE(air->apply({.at = samples(3'001.0), .from = "a", .to = "b", .gain = Decibel(0.0)}));
  CHECK(air->links()[0].gain == Decibel(0.0));
  const std::vector<Cf32> out = run(*air, in);
  const auto near = [](Cf32 a, Cf32 b) { return std::abs(a - b) < 1e-6F; };
  CHECK(out[1'233] == in[1'233]);
  CHECK(near(out[1'234], 0.1F * in[1'234]));
  CHECK(near(out[1'999], 0.1F * in[1'999]));
  CHECK(near(out[2'000], 0.1F * in[1'995]));
  CHECK(near(out[3'000], 0.1F * in[2'995]));
  CHECK(out[3'001] == in[2'996]);
  CHECK(air->links()[0].delay == samples(5.0));

  REQUIRE(air->apply({.at = samples(1.0), .from = "a", .to = "b", .gain = Decibel(-6.0)}));  // past: at once
  CHECK(air->links()[0].gain == Decibel(-6.0));
}

TEST_CASE("air: changing the carrier offset does not break the phase")
{
  AirConfig config = one_link({.cfo = Hertz(1'000.0)});
  config.steps = {{.at = samples(5'003.0), .from = "a", .to = "b", .cfo = Hertz(-2'000.0)},
                  {.at = samples(7'003.0), .from = "a", .to = "b", .cfo = Hertz(0.0)}};
  const std::vector<Cf32> out = run(*make(config), tone(10'000, 0.0));
  for (std::size_t i = 1; i < out.size(); ++i) {
    const double want = (i <= 5'003 ? 1e-3 : i <= 7'003 ? -2e-3 : 0.0) * 2.0 * pi;
    REQUIRE(std::abs(std::arg(std::complex<double>(out[i]) * std::conj(std::complex<double>(out[i - 1]))) - want) <
            1e-6);
  }
}

TEST_CASE("air: processing neither allocates nor locks")
{
  AirConfig config = one_link({.delay = samples(3.3),
                               .snr = Decibel(10.0),
                               .cfo = Hertz(777.0),
                               .drift_ppm = 13.0,
                               .fading = {.profile = FadingProfile::tdl_e, .delay_spread = samples(1.5)}});
  config.interferers = {{.to = "b"},
                        {.kind = InterfererKind::chirp, .to = "b", .sweep_end = Hertz(1e4)},
                        {.kind = InterfererKind::recording, .to = "b", .file = "x"}};
  for (const FaultKind kind : {FaultKind::drop, FaultKind::repeat, FaultKind::late, FaultKind::corrupt}) {
    config.faults.push_back({.kind = kind, .from = "a", .probability = 0.3, .length = 2});
  }
  config.steps = {{.at = samples(2'000.0), .from = "a", .to = "b", .gain = Decibel(-5.0), .delay = samples(9.0)}};
  const std::unique_ptr<Emulator> air = make(config, [](const std::string&) { return white(300, 1); });
  const std::vector<Cf32> in = white(5'000, 1);
  std::vector<Cf32> out(5'000);
  const auto before = ravi::testing::realtime_violations();
  {
    const RealtimeScope scope;
    for (std::size_t at = 0; at < in.size(); at += 500) {
      const std::span<const Cf32> tx[] = {std::span(in).subspan(at, 500)};
      const std::span<Cf32> rx[] = {std::span(out).subspan(at, 500)};
      air->process(500, tx, rx);
    }
  }
  const auto after = ravi::testing::realtime_violations();
  CHECK(after.allocations == before.allocations);
  CHECK(after.frees == before.frees);
  CHECK(power(out) > 0.0);
}

TEST_CASE("air: skipping ahead is the same as silence that long")
{
  AirConfig config = one_link({.delay = samples(700.5), .snr = Decibel(10.0), .cfo = Hertz(777.0)});
  config.steps = {{.at = samples(6000), .from = "a", .to = "b", .gain = Decibel(-3.0)}};
  const auto walks = make(config);
  const auto skips = make(config);
  const std::vector<Cf32> before = white(2500, 1);
  const std::vector<Cf32> after = white(2500, 2);
  CHECK(run(*walks, before) == run(*skips, before));
  const std::vector<std::span<const Cf32>> nobody(walks->num_tx_ports());
  const std::vector<std::span<Cf32>> no_one(walks->num_rx_ports());
  walks->process(100'000, nobody, no_one);
  skips->skip_to(walks->now());
  CHECK(skips->now() == walks->now());
  CHECK(run(*walks, after) == run(*skips, after));
}
