#include "radio/measure/waterfall.h"

#include "radio/realtime.h"
#include "tests/radio/measure/signals.h"
#include "tests/realtime_guard.h"

#include <doctest/doctest.h>

namespace ravi::measure {
namespace {

constexpr SampleRate kRate{1'000'000};
constexpr SegmentConfig kConfig{kRate, 64, Window::hann, 0.0};

}  // namespace

TEST_CASE("Waterfall: a tone that jumps half way shows in the right column of the right rows")
{
  Waterfall waterfall = Waterfall::make(kConfig, 64, 32).value();
  waterfall.add(testing::tone(64 * 20, 8.0 / 64.0, 1.0));
  waterfall.add(testing::tone(64 * 20, -16.0 / 64.0, 1.0));
  REQUIRE(waterfall.num_rows() == 40);
  CHECK(waterfall.row_duration().count() == doctest::Approx(64e-6));
  for (std::size_t row = 0; row < 40; ++row) {
    const std::size_t here = row < 20 ? (32 + 8) / 2 : (32 - 16) / 2;
    const std::size_t there = row < 20 ? (32 - 16) / 2 : (32 + 8) / 2;
    CHECK(waterfall.row(row)[here] > 0.1F);
    CHECK(waterfall.row(row)[there] < 1e-6F);
  }
}

TEST_CASE("Waterfall: memory is bounded whatever the length; merged rows keep their mean power and their time")
{
  Waterfall waterfall = Waterfall::make(kConfig, 16, 64).value();
  const std::vector<Cf32> quiet = testing::noise(64 * 512, 0.01, 1);
  const std::vector<Cf32> loud = testing::noise(64 * 512, 1.0, 2);
  waterfall.add(quiet);
  waterfall.add(loud);
  CHECK(waterfall.segments_per_row() == 128);
  REQUIRE(waterfall.num_rows() == 8);
  CHECK(waterfall.row_duration().count() == doctest::Approx(64e-6 * 128));
  for (std::size_t row = 0; row < 8; ++row) {
    double power = 0.0;
    for (const float value : waterfall.row(row)) power += static_cast<double>(value);
    CHECK(power == doctest::Approx(row < 4 ? 0.01 : 1.0).epsilon(0.08));
  }
}

TEST_CASE("Waterfall: shapes that do not fit are refused")
{
  CHECK_FALSE(Waterfall::make(kConfig, 0, 64).has_value());
  CHECK_FALSE(Waterfall::make(kConfig, 3, 64).has_value());
  CHECK_FALSE(Waterfall::make(kConfig, 16, 0).has_value());
  CHECK_FALSE(Waterfall::make(kConfig, 16, 63).has_value());
  CHECK_FALSE(Waterfall::make(kConfig, 16, 128).has_value());
  CHECK_FALSE(Waterfall::make({kRate, 15, Window::hann, 0.0}, 16, 15).has_value());
}

TEST_CASE("Waterfall: adding samples neither allocates nor locks, not even when rows merge")
{
  Waterfall waterfall = Waterfall::make(kConfig, 4, 8).value();
  const std::vector<Cf32> samples = testing::noise(64 * 100, 1.0, 1);
  testing::reset_realtime_violations();
  {
    const RealtimeScope scope;
    waterfall.add(samples);
  }
  CHECK(testing::realtime_violations().allocations == 0);
  CHECK(testing::realtime_violations().frees == 0);
  CHECK(testing::realtime_violations().locks == 0);
  CHECK(waterfall.segments_per_row() > 1);
}

}  // namespace ravi::measure
