#include "radio/quantity_text.h"

#include <doctest/doctest.h>

using namespace ravi;
using namespace std::chrono_literals;

TEST_CASE("quantities: units as people write them")
{
  CHECK(parse_frequency("20 MHz")->value() == doctest::Approx(20e6));
  CHECK(parse_frequency("3.5GHz")->value() == doctest::Approx(3.5e9));
  CHECK(parse_frequency("3512.64e6")->value() == doctest::Approx(3512.64e6));
  CHECK(parse_frequency(" -30 hz ")->value() == doctest::Approx(-30.0));
  CHECK(parse_sample_rate("30.72 MHz")->hz() == 30'720'000);
  CHECK(parse_sample_rate("23.04MS/s")->hz() == 23'040'000);
  CHECK(parse_sample_rate("11.52e6")->hz() == 11'520'000);
  CHECK(parse_decibel("40 dB")->value() == 40.0);
  CHECK(parse_decibel("-3.5")->value() == -3.5);
  CHECK(parse_dbfs("-12 dBFS")->value() == -12.0);
  CHECK(parse_dbm("-90dBm")->value() == -90.0);
  CHECK(*parse_duration("10 ms") == 10ms);
  CHECK(*parse_duration("1.5 us") == 1500ns);
  CHECK(*parse_duration("2 min") == 2min);
  CHECK(*parse_ppm("100 ppb") == doctest::Approx(0.1));
  CHECK(*parse_integer("-42") == -42);
  CHECK(*parse_yes_no("Yes"));
  CHECK_FALSE(*parse_yes_no("off"));
}

TEST_CASE("quantities: what is not one is refused")
{
  for (const char* text : {"", " ", "MHz", "20 MHzz", "20 dB", "nan", "inf", "1e999", "0x10", "1,5 MHz", "--3", "+-3"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_frequency(text));
  }
  for (const char* text : {"0", "-1 MHz", "0.5", "1.5", "1e13", "2 dB"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_sample_rate(text));
  }
  CHECK_FALSE(parse_duration("1e12 s"));
  CHECK_FALSE(parse_integer("1.5"));
  CHECK_FALSE(parse_integer("99999999999999999999"));
  CHECK_FALSE(parse_yes_no("maybe"));
  CHECK(parse_frequency("20 dB").error().message.find("GHz") != std::string::npos);
}

TEST_CASE("quantities: printed with the prefix that reads best")
{
  CHECK(to_text(Hertz(3'512'640'000.0)) == "3.51264 GHz");
  CHECK(to_text(Hertz(-30.0)) == "-30 Hz");
  CHECK(to_text(Hertz(0.0)) == "0 Hz");
  CHECK(to_text(SampleRate(61'440'000)) == "61.44 MS/s");
}
