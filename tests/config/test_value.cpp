#include "config/value.h"

#include <doctest/doctest.h>

using namespace ravi;
using namespace ravi::config;

TEST_CASE("durations: every unit, fractions of a nanosecond, and nonsense refused")
{
  CHECK(parse_seconds("1.5 us")->count() == doctest::Approx(1.5e-6));
  CHECK(parse_seconds("300ns")->count() == doctest::Approx(300e-9));
  CHECK(parse_seconds("0.25 ns")->count() == doctest::Approx(0.25e-9));
  CHECK(parse_seconds("7 ps")->count() == doctest::Approx(7e-12));
  CHECK(parse_seconds("2 ms")->count() == doctest::Approx(2e-3));
  CHECK(parse_seconds("3 min")->count() == doctest::Approx(180));
  CHECK(parse_seconds("1 h")->count() == doctest::Approx(3600));
  CHECK(parse_seconds("10 s")->count() == doctest::Approx(10));
  CHECK(parse_seconds("0.5")->count() == doctest::Approx(0.5));
  for (const char* text : {"", "s", "fast", "1 xs", "1 s s", "nan s", "inf"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_seconds(text));
  }
}

TEST_CASE("durations: what is printed reads back")
{
  for (const double seconds : {0.0, 1.0, 12.5, 2e-3, 33.5e-6, 1e-9, 0.125e-9, -4e-6}) {
    CAPTURE(seconds);
    const auto back = parse_seconds(config::to_text(Seconds(seconds)));
    REQUIRE(back);
    CHECK(back->count() == doctest::Approx(seconds).epsilon(1e-9));
  }
}
