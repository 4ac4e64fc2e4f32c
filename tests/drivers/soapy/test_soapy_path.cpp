// drivers/soapy -> SoapySDR -> our plugin -> fronthaul: the driver for real, without hardware.

#include "drivers/soapy/soapy_radio.h"
#include "tests/drivers/soapy/device_path.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <string>

using namespace ravi;

namespace {

const std::string kNear = "tcp://127.0.0.1:2330";  // + channel: where the plugin's port transmits
const std::string kFar = "tcp://127.0.0.1:2331";

Result<std::unique_ptr<Radio>> open(const std::string& extra, TransmitPermission permission, int num_channels = 1)
{
  setenv("SOAPY_SDR_PLUGIN_PATH", RAVI_SOAPY_PLUGINS, 1);  // before SoapySDR looks for the first time
  setenv("SOAPY_SDR_ROOT", RAVI_SOAPY_PLUGINS, 1);
  std::string text = "soapy:driver=ravi,rate=1.92 MHz,patience=10 s";
  for (int c = 0; c < num_channels; ++c) {
    text += ",tx_port" + std::to_string(c) + "=" + kNear + std::to_string(c);
    text += ",rx_port" + std::to_string(c) + "=" + kFar + std::to_string(c);
  }
  return open_soapy(*parse_device_string(text + extra), permission);
}

}  // namespace

TEST_CASE("soapy: a whole path receives and transmits each sample at its time")
{
  for (const std::string extra : {"", ",format=CS16"}) {
    CAPTURE(extra);
    const test::FarEnd far_end(kFar, kNear);
    auto radio = open(extra, TransmitPermission::licensed);
    REQUIRE_MESSAGE(radio.has_value(), radio.error().message);
    if (extra.empty()) {
      test::check_both_ways(**radio, far_end);
    } else {
      // Integers hold multiples of 1/32767: near, not equal. The times are the same business.
      REQUIRE((*radio)->set_sample_rate(test::kPathRate).has_value());
      REQUIRE((*radio)->start(SampleTime(0)).has_value());
      IqBuffer buffer(1, 500);
      RxResult result;
      do result = (*radio)->receive(buffer.span());
      while (result.status == RxStatus::timeout);
      REQUIRE(result.status == RxStatus::ok);
      for (Cf32& sample : buffer.channel()) {
        sample = {std::round(sample.real() * 4096) / 4096, std::round(sample.imag() * 4096) / 4096};
      }
      CHECK(test::find_signal(buffer.channel().first(32)).has_value());
    }
  }
}

TEST_CASE("soapy: two channels of a path stay in step")
{
  const test::FarEnd far_end(kFar, kNear, 2);
  auto radio = open(",num_channels=2", TransmitPermission::licensed, 2);
  REQUIRE_MESSAGE(radio.has_value(), radio.error().message);
  test::check_both_ways(**radio, far_end);
}

TEST_CASE("soapy: without permission a path sends nothing and says why")
{
  const test::FarEnd far_end(kFar, kNear);
  auto radio = open("", TransmitPermission::none);
  REQUIRE_MESSAGE(radio.has_value(), radio.error().message);
  test::check_disarmed(**radio, far_end);
}

TEST_CASE("soapy: controls answer what was set and refuse what cannot be")
{
  const test::FarEnd far_end(kFar, kNear);
  auto opened = open("", TransmitPermission::licensed);
  REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
  Radio& radio = **opened;
  CHECK(radio.describe().driver == "soapy");
  CHECK(radio.describe().is_hardware);
  CHECK(radio.describe().has_timestamps);
  CHECK(radio.describe().receive.at(0).antennas == std::vector<std::string>{"AIR"});
  CHECK(radio.tune(Direction::receive, 0, {.center = Hertz(3.5e9), .lo_offset = {}, .at = {}})->center == Hertz(3.5e9));
  CHECK(
      radio.tune(Direction::receive, 0, {.center = Hertz(3.5e9), .lo_offset = {}, .at = SampleTime(9)}).error().code ==
      ErrorCode::unsupported);
  CHECK(radio.set_gain(Direction::transmit, 0, Decibel(-6))->value() == doctest::Approx(-6));
  CHECK(radio.set_gain(Direction::receive, 0, Decibel(1000))->value() == doctest::Approx(60));
  CHECK(radio.set_gain(Direction::receive, 0, Decibel(0))->value() == doctest::Approx(0));
  CHECK(radio.set_gain(Direction::receive, 3, Decibel(0)).error().code == ErrorCode::bad_input);
  CHECK(radio.set_antenna(Direction::receive, 0, "AIR").value() == "AIR");
  CHECK(radio.set_antenna(Direction::receive, 0, "RX2").error().code == ErrorCode::bad_input);
  CHECK(radio.set_reference({.clock = "internal", .time = "internal"}).has_value());
  CHECK(radio.set_reference({.clock = "gpsdo", .time = "internal"}).error().code == ErrorCode::unsupported);
  CHECK(radio.reference_locked().value());
  CHECK(radio.start(SampleTime(0)).error().code == ErrorCode::bad_input);  // no rate yet
  CHECK(radio.set_sample_rate(SampleRate(0)).error().code == ErrorCode::bad_input);
  CHECK(radio.set_sample_rate(SampleRate(30'720'000)).value() == test::kPathRate);  // the air has one rate
  REQUIRE(radio.start(SampleTime(0)).has_value());
  CHECK(radio.start(SampleTime(0)).error().code == ErrorCode::busy);
  CHECK(radio.set_sample_rate(test::kPathRate).error().code == ErrorCode::busy);
  radio.stop();
  radio.stop();
  REQUIRE(radio.start(SampleTime(77)).has_value());
  SampleTime next;
  test::receive_and_check(radio, SampleTime(77), 10, next);
}

TEST_CASE("soapy: what cannot be opened is refused with a reason")
{
  const test::FarEnd far_end(kFar, kNear);
  CHECK(open(",num_channels=2", TransmitPermission::none).error().code == ErrorCode::bad_input);
  CHECK(open(",setting.bias=yes", TransmitPermission::none).has_value());  // the device lists none: taken on trust
  CHECK(open(",format=CS8", TransmitPermission::none).error().code == ErrorCode::unsupported);
  CHECK(open(",clock=external", TransmitPermission::none).error().code == ErrorCode::unsupported);
  CHECK(open_soapy(*parse_device_string("soapy:driver=nosuch"), TransmitPermission::none).error().code ==
        ErrorCode::not_found);
}

TEST_CASE("soapy: a device without time stamps only receives, and says so")
{
  const test::FarEnd far_end(kFar, kNear);
  auto opened = open(",timestamps=no", TransmitPermission::licensed);
  REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
  Radio& radio = **opened;
  CHECK(!radio.describe().has_timestamps);
  CHECK(radio.describe().transmit.empty());
  const auto tuned = radio.tune(Direction::transmit, 0, {.center = Hertz(1e9), .lo_offset = {}, .at = {}});
  REQUIRE(!tuned.has_value());
  CHECK(tuned.error().code == ErrorCode::unsupported);
  CHECK(tuned.error().message.find("time stamps") != std::string::npos);
  REQUIRE(radio.set_sample_rate(test::kPathRate).has_value());
  REQUIRE(radio.start(SampleTime(10)).has_value());
  SampleTime next;
  test::receive_and_check(radio, SampleTime(10), 10, next);  // times are counted
  IqBuffer burst(1, 10);
  CHECK(radio.transmit(burst.span(), next + SampleCount(5000), Burst::ends).status == TxStatus::disarmed);
}
