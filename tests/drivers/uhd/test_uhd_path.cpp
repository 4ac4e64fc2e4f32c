// drivers/uhd -> UHD -> Debian's uhd-soapysdr -> our plugin -> fronthaul: the driver for real, without hardware.

#include "drivers/uhd/uhd_radio.h"
#include "tests/drivers/soapy/device_path.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

using namespace ravi;

namespace {

const std::string kNear = "tcp://127.0.0.1:2340";  // + channel: where the plugin's port transmits
const std::string kFar = "tcp://127.0.0.1:2341";

/// UHD reaches SoapySDR only with Debian's uhd-soapysdr; without it these cases have nothing to run on.
bool has_uhd_soapysdr()
{
  for (const char* folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"}) {
    if (std::filesystem::exists(std::string(folder) + "/uhd/modules/libsoapySupport.so")) return true;
  }
  MESSAGE("skipped: Debian's uhd-soapysdr is not installed");
  return false;
}

Result<std::unique_ptr<Radio>> open(const std::string& extra, TransmitPermission permission, int num_channels = 1)
{
  setenv("SOAPY_SDR_PLUGIN_PATH", RAVI_SOAPY_PLUGINS, 1);  // before SoapySDR looks for the first time
  setenv("SOAPY_SDR_ROOT", RAVI_SOAPY_PLUGINS, 1);
  std::string text = "uhd:type=soapy,driver=ravi,rate=1.92 MHz,patience=10 s";
  for (int c = 0; c < num_channels; ++c) {
    text += ",tx_port" + std::to_string(c) + "=" + kNear + std::to_string(c);
    text += ",rx_port" + std::to_string(c) + "=" + kFar + std::to_string(c);
  }
  return open_uhd(*parse_device_string(text + extra), permission);
}

}  // namespace

TEST_CASE("uhd: a whole path receives and transmits each sample at its time")
{
  if (!has_uhd_soapysdr()) return;
  const test::FarEnd far_end(kFar, kNear);
  auto radio = open("", TransmitPermission::licensed);
  REQUIRE_MESSAGE(radio.has_value(), radio.error().message);
  test::check_both_ways(**radio, far_end);
}

TEST_CASE("uhd: two channels of a path stay in step")
{
  if (!has_uhd_soapysdr()) return;
  const test::FarEnd far_end(kFar, kNear, 2);
  auto radio = open(",channels=0:1", TransmitPermission::licensed, 2);
  REQUIRE_MESSAGE(radio.has_value(), radio.error().message);
  test::check_both_ways(**radio, far_end);
}

TEST_CASE("uhd: without permission a path sends nothing and says why")
{
  if (!has_uhd_soapysdr()) return;
  const test::FarEnd far_end(kFar, kNear);
  auto radio = open("", TransmitPermission::none);
  REQUIRE_MESSAGE(radio.has_value(), radio.error().message);
  test::check_disarmed(**radio, far_end);
}

TEST_CASE("uhd: start=pps begins on a whole second of the device")
{
  if (!has_uhd_soapysdr()) return;
  const test::FarEnd far_end(kFar, kNear);
  auto radio = open(",start=pps", TransmitPermission::none);
  REQUIRE_MESSAGE(radio.has_value(), radio.error().message);
  REQUIRE((*radio)->set_sample_rate(test::kPathRate).has_value());
  const auto started = (*radio)->start(SampleTime(0));
  REQUIRE_MESSAGE(started.has_value(), started.error().message);
  SampleTime next;
  const std::int64_t origin = test::receive_and_check(**radio, SampleTime(0), 5, next);
  CHECK(origin > 0);
  CHECK(origin % test::kPathRate.hz() == 0);  // the emulated air's PPS comes with each second of its own time
}

TEST_CASE("uhd: controls answer what was set and refuse what cannot be")
{
  if (!has_uhd_soapysdr()) return;
  const test::FarEnd far_end(kFar, kNear);
  auto opened = open(",clock=internal,time=internal,antenna_rx=AIR,antenna_tx=AIR", TransmitPermission::licensed);
  REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
  Radio& radio = **opened;
  CHECK(radio.describe().driver == "uhd");
  CHECK(radio.describe().is_hardware);
  CHECK(radio.describe().receive.at(0).antennas == std::vector<std::string>{"AIR"});
  CHECK(radio.tune(Direction::receive, 0, {.center = Hertz(3.5e9), .lo_offset = {}, .at = {}})->center == Hertz(3.5e9));
  CHECK(
      radio.tune(Direction::receive, 0, {.center = Hertz(3.5e9), .lo_offset = {}, .at = SampleTime(9)}).error().code ==
      ErrorCode::bad_input);  // no stream yet: no times
  CHECK(radio.set_gain(Direction::transmit, 0, Decibel(-6))->value() == doctest::Approx(-6));
  CHECK(radio.set_gain(Direction::receive, 3, Decibel(0)).error().code == ErrorCode::bad_input);
  CHECK(radio.set_bandwidth(Direction::receive, 0, Hertz(1e6))->value() == doctest::Approx(1.92e6));
  CHECK(radio.set_antenna(Direction::receive, 0, "RX2").error().code == ErrorCode::bad_input);
  CHECK(radio.set_reference({.clock = "gpsdo", .time = "internal"}).error().code == ErrorCode::unsupported);
  CHECK(radio.reference_locked().value());
  CHECK(radio.start(SampleTime(0)).error().code == ErrorCode::bad_input);           // no rate yet
  CHECK(radio.set_sample_rate(SampleRate(30'720'000)).value() == test::kPathRate);  // the air has one rate
  REQUIRE(radio.start(SampleTime(0)).has_value());
  CHECK(radio.start(SampleTime(0)).error().code == ErrorCode::busy);
  CHECK(radio.set_bandwidth(Direction::receive, 0, Hertz(1e6)).error().code == ErrorCode::busy);
  CHECK(radio.tune(Direction::receive, 0, {.center = Hertz(2e9), .lo_offset = {}, .at = SampleTime(5000)})->center ==
        Hertz(2e9));
  radio.stop();
  radio.stop();
  REQUIRE(radio.start(SampleTime(77)).has_value());
  SampleTime next;
  test::receive_and_check(radio, SampleTime(77), 10, next);
}

TEST_CASE("uhd: what cannot be opened is refused with a reason")
{
  if (!has_uhd_soapysdr()) return;
  const test::FarEnd far_end(kFar, kNear);
  CHECK(open(",channels=3", TransmitPermission::none).error().code == ErrorCode::bad_input);
  CHECK(open(",antenna_rx=TX/RX", TransmitPermission::none).error().code == ErrorCode::bad_input);
  CHECK(open(",clock=external", TransmitPermission::none).error().code == ErrorCode::unsupported);
  CHECK(open_uhd(*parse_device_string("uhd:type=b200,serial=NOSUCH"), TransmitPermission::none).error().code ==
        ErrorCode::not_found);
}
