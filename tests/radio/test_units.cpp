#include "radio/time.h"
#include "radio/units.h"

#include <doctest/doctest.h>

#include <concepts>

using namespace ravi;
using namespace ravi::literals;

namespace {
template <class A, class B>
concept Adds = requires(A a, B b) { a + b; };
}  // namespace

TEST_CASE("units: only sums with a meaning compile")
{
  static_assert(Adds<Hertz, Hertz>);
  static_assert(Adds<SampleTime, SampleCount>);
  static_assert(!Adds<SampleTime, SampleTime>);
  static_assert(!Adds<DbFs, DbFs>);
  static_assert(!Adds<Dbm, DbFs>);
  static_assert(!Adds<Hertz, Decibel>);
  static_assert(!std::convertible_to<Decibel, double>);
  static_assert(std::same_as<decltype(SampleTime{} - SampleTime{}), SampleCount>);
  static_assert(std::same_as<decltype(DbFs{} - DbFs{}), Decibel>);
  CHECK((3.5_MHz + 10_kHz).value() == doctest::Approx(3'510'000.0));
  CHECK(DbFs(-10) + 3_dB == DbFs(-7));
}

TEST_CASE("units: a gain becomes a ratio only on request, of power or of amplitude")
{
  CHECK(to_power(10_dB) == doctest::Approx(10.0));
  CHECK(to_amplitude(20_dB) == doctest::Approx(10.0));
  CHECK(power_to_decibel(2.0).value() == doctest::Approx(3.0103).epsilon(1e-5));
}

TEST_CASE("time: sample counts and durations convert exactly over decades")
{
  constexpr SampleRate rate(23'040'000);
  CHECK(to_samples(std::chrono::milliseconds(1), rate) == SampleCount(23'040));
  CHECK(to_duration(SampleCount(23'040), rate) == std::chrono::milliseconds(1));
  // Ten years: 7.3e15 samples times 1e9 would overflow 64 bits.
  const SampleCount ten_years(23'040'000LL * 86'400 * 3'653);
  CHECK(to_duration(ten_years, rate) == std::chrono::hours(24) * 3'653);
  CHECK(to_samples(std::chrono::hours(24) * 3'653, rate) == ten_years);
}

TEST_CASE("time: rounding is to the nearest, symmetric around zero")
{
  constexpr SampleRate rate(3);  // one sample is 333333333.33 ns
  CHECK(to_duration(SampleCount(1), rate).count() == 333'333'333);
  CHECK(to_duration(SampleCount(2), rate).count() == 666'666'667);
  CHECK(to_duration(SampleCount(-2), rate).count() == -666'666'667);
  CHECK(to_samples(std::chrono::nanoseconds(-500'000'000), rate) == SampleCount(-2));
}

TEST_CASE("time: the next border is at or after the instant, before zero too")
{
  constexpr SampleCount slot(100);
  CHECK(next_border(SampleTime(0), slot) == SampleTime(0));
  CHECK(next_border(SampleTime(1), slot) == SampleTime(100));
  CHECK(next_border(SampleTime(100), slot) == SampleTime(100));
  CHECK(next_border(SampleTime(-1), slot) == SampleTime(0));
  CHECK(next_border(SampleTime(-100), slot) == SampleTime(-100));
  CHECK(next_border(SampleTime(-101), slot) == SampleTime(-100));
}
