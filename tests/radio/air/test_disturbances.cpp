// Interferers and faults of the emulated air.

#include "radio/air/emulator.h"
#include "tests/radio/air/air_runner.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <memory>
#include <numbers>
#include <span>
#include <vector>

namespace {

using namespace ravi;
using namespace ravi::air;
using namespace ravi::air::testing;
using std::numbers::pi;

constexpr std::size_t kBlock = 1'000;

std::vector<Cf32> only_interferer(const InterfererConfig& interferer, std::size_t count,
                                  const RecordingLoader& load = {})
{
  AirConfig config = one_link();
  config.interferers = {interferer};
  return run(*make(config, load), std::vector<Cf32>(count));
}

/// Block `i` of the input: all samples i + 1.
std::vector<Cf32> numbered_blocks(std::size_t count)
{
  std::vector<Cf32> in(count * kBlock);
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = {static_cast<float>(i / kBlock + 1), 0.0F};
  return in;
}

/// What number each block carries after the fault; -1: not the same throughout.
std::vector<int> blocks_after(const FaultConfig& fault, std::size_t count, EmulatorCounters* counters = nullptr)
{
  AirConfig config = one_link();
  config.faults = {fault};
  config.faults[0].from = std::string("a");
  const std::unique_ptr<Emulator> air = make(config);
  const std::vector<Cf32> out = run(*air, numbered_blocks(count));
  if (counters != nullptr) *counters = air->counters();
  std::vector<int> numbers;
  for (std::size_t block = 0; block < count; ++block) {
    const auto begin = out.begin() + static_cast<std::ptrdiff_t>(block * kBlock);
    const bool is_even = std::all_of(begin, begin + kBlock, [begin](Cf32 v) { return v == *begin; });
    numbers.push_back(is_even ? static_cast<int>(begin->real()) : -1);
  }
  return numbers;
}

}  // namespace

TEST_CASE("air: a tone interferer has its frequency and level, between its start and stop")
{
  const std::vector<Cf32> out = only_interferer({.kind = InterfererKind::tone,
                                                 .to = "b",
                                                 .level = DbFs(-23.0),
                                                 .frequency = Hertz(-125'000.0),
                                                 .start = samples(1'003.0),
                                                 .stop = samples(7'001.0)},
                                                10'000);
  CHECK(power(std::span(out).first(1'003)) == 0.0);
  CHECK(power(std::span(out).subspan(7'001)) == 0.0);
  const auto on = std::span(out).subspan(1'003, 5'998);
  CHECK(power_db(on) == doctest::Approx(-23.0).epsilon(1e-4));
  const std::vector<Cf32> want = tone(on.size(), -0.125);
  CHECK(std::norm(product(on, want)) / (power(on) * static_cast<double>(on.size() * on.size())) ==
        doctest::Approx(1.0));
}

TEST_CASE("air: a chirp sweeps in straight lines, again and again, its phase unbroken")
{
  const std::vector<Cf32> out = only_interferer({.kind = InterfererKind::chirp,
                                                 .to = "b",
                                                 .level = DbFs(0.0),
                                                 .frequency = Hertz(-100'000.0),
                                                 .sweep_end = Hertz(300'000.0),
                                                 .sweep_time = samples(4'000.0)},
                                                12'000);
  double worst = 0.0;
  for (std::size_t i = 0; i + 1 < out.size(); ++i) {
    const double turns =
        std::arg(std::complex<double>(out[i + 1]) * std::conj(std::complex<double>(out[i]))) / (2.0 * pi);
    const double want = -0.1 + 0.4 * static_cast<double>(i % 4'000) / 4'000.0;
    worst = std::max(worst, std::abs(turns - want));
  }
  CHECK(worst < 1e-6);
}

TEST_CASE("air: a recording plays in a loop, from its start, at its gain, shifted")
{
  const std::vector<Cf32> recording = white(300, 9);
  const auto load = [&](const std::string& file) -> Result<std::vector<Cf32>> {
    CHECK(file == "jammer");
    return recording;
  };
  InterfererConfig interferer{
      .kind = InterfererKind::recording, .to = "b", .level = DbFs(-6.0), .file = "jammer", .start = samples(50.0)};
  const std::vector<Cf32> out = only_interferer(interferer, 2'000, load);
  const auto gain = static_cast<float>(std::pow(10.0, -6.0 / 20.0));
  for (std::size_t i = 50; i < out.size(); ++i) REQUIRE(std::abs(out[i] - gain * recording[(i - 50) % 300]) < 1e-6F);
  CHECK(power(std::span(out).first(50)) == 0.0);

  interferer.frequency = Hertz(10'000.0);
  const std::vector<Cf32> shifted = only_interferer(interferer, 2'000, load);
  const std::vector<Cf32> turn = tone(2'000, 0.01);
  for (std::size_t i = 50; i < out.size(); ++i) REQUIRE(std::abs(shifted[i] - out[i] * turn[i - 50]) < 1e-5F);
}

TEST_CASE("air: a recording that cannot be read, is empty or holds a NaN is refused")
{
  AirConfig config = one_link();
  config.interferers = {{.kind = InterfererKind::recording, .to = "b", .file = "jammer"}};
  CHECK_FALSE(Emulator::create(config).has_value());
  CHECK_FALSE(Emulator::create(config, [](const std::string&) { return std::vector<Cf32>(); }).has_value());
  CHECK_FALSE(Emulator::create(config, [](const std::string&) {
                return std::vector<Cf32>{{0.0F, std::nanf("")}};
              }).has_value());
  const auto refused = Emulator::create(config, [](const std::string&) -> Result<std::vector<Cf32>> {
    return fail(ErrorCode::not_found, "no such file");
  });
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::not_found);
}

TEST_CASE("air: a dropped block is silence, for as many blocks as it is long")
{
  EmulatorCounters counters;
  CHECK(blocks_after({.kind = FaultKind::drop, .at = samples(2'500.0), .length = 2}, 6, &counters) ==
        std::vector<int>{1, 2, 0, 0, 5, 6});
  CHECK(counters.dropped_blocks == 2);
}

TEST_CASE("air: a repeated block is the last good one again")
{
  EmulatorCounters counters;
  CHECK(blocks_after({.kind = FaultKind::repeat, .at = samples(2'000.0), .length = 2}, 6, &counters) ==
        std::vector<int>{1, 2, 2, 2, 5, 6});
  CHECK(counters.repeated_blocks == 2);
  CHECK(blocks_after({.kind = FaultKind::repeat, .at = samples(0.0)}, 3) == std::vector<int>{0, 2, 3});
}

TEST_CASE("air: a late block leaves silence and comes in the place of a later one")
{
  EmulatorCounters counters;
  CHECK(blocks_after({.kind = FaultKind::late, .at = samples(1'999.0), .length = 3}, 7, &counters) ==
        std::vector<int>{1, 0, 3, 4, 2, 6, 7});
  CHECK(counters.late_blocks == 1);
  // Every block late by one: the stream, one block later.
  CHECK(blocks_after({.kind = FaultKind::late, .probability = 1.0, .length = 1}, 5) == std::vector<int>{0, 1, 2, 3, 4});
}

TEST_CASE("air: a corrupt block differs in one stretch, stays finite and within full scale")
{
  AirConfig config = one_link();
  config.faults = {{.kind = FaultKind::corrupt, .from = "a", .probability = 0.5}};
  const std::unique_ptr<Emulator> air = make(config);
  const std::vector<Cf32> in(100 * kBlock, Cf32{2.0F, 0.0F});
  const std::vector<Cf32> out = run(*air, in);
  std::size_t num_corrupt = 0;
  for (std::size_t block = 0; block < 100; ++block) {
    std::size_t edges = 0;
    std::size_t wrong = 0;
    for (std::size_t i = block * kBlock; i < (block + 1) * kBlock; ++i) {
      const bool is_wrong = out[i] != in[i];
      if (is_wrong) REQUIRE((std::abs(out[i].real()) <= 1.0F && std::abs(out[i].imag()) <= 1.0F));
      wrong += is_wrong ? 1 : 0;
      if (i > block * kBlock && is_wrong != (out[i - 1] != in[i - 1])) ++edges;
    }
    CHECK(edges <= 2);
    num_corrupt += wrong > 0 ? 1 : 0;
  }
  CHECK(num_corrupt == air->counters().corrupted_blocks);
  CHECK(num_corrupt > 30);
  CHECK(num_corrupt < 70);
}

TEST_CASE("air: faults strike with their probability, the same for the same seed")
{
  EmulatorCounters counters;
  const FaultConfig fault{.kind = FaultKind::drop, .probability = 0.1};
  const std::vector<int> first = blocks_after(fault, 2'000, &counters);
  CHECK(counters.dropped_blocks > 140);  // 200 +- 13
  CHECK(counters.dropped_blocks < 260);
  CHECK(blocks_after(fault, 2'000) == first);
}
