#include "drivers/uhd/uhd_config.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace ravi;

namespace {

Result<UhdConfig> parse(const std::string& text)
{
  const auto device = parse_device_string(text);
  if (!device) return tl::unexpected(device.error());
  return parse_uhd(*device);
}

}  // namespace

TEST_CASE("uhd string: an empty one is the first device with working defaults")
{
  const auto config = parse("uhd:");
  REQUIRE(config.has_value());
  CHECK(config->device_args.empty());
  CHECK(config->otw == "sc16");
  CHECK(config->channels == std::vector<std::size_t>{0});
  CHECK(!config->clock.has_value());
  CHECK(config->start == UhdStart::now);
  CHECK(config->can_transmit);
  CHECK(config->lock_timeout == std::chrono::seconds(10));
}

TEST_CASE("uhd string: our keys are taken, the others go to UHD in order")
{
  const auto config = parse(
      "uhd:type=b200,serial=31A2B4,clock=gpsdo,time=external,otw=sc12,subdev_rx=A:A A:B,subdev_tx=A:B,"
      "channels=1:0,antenna_rx=RX2,antenna_tx=TX/RX,lo_offset=10 MHz,start=pps,tx=no,lock_timeout=1 min,"
      "master_clock_rate=30.72 MHz,num_recv_frames=512,stream.spp=1000");
  REQUIRE_MESSAGE(config.has_value(), config.error().message);
  CHECK(config->device_args == "master_clock_rate=30720000,num_recv_frames=512,serial=31A2B4,type=b200");
  CHECK(config->stream_args == std::map<std::string, std::string>{{"spp", "1000"}});
  CHECK(config->clock == "gpsdo");
  CHECK(config->time == "external");
  CHECK(config->otw == "sc12");
  CHECK(config->subdev_rx == "A:A A:B");
  CHECK(config->subdev_tx == "A:B");
  CHECK(config->channels == std::vector<std::size_t>{1, 0});
  CHECK(config->antenna_rx == "RX2");
  CHECK(config->antenna_tx == "TX/RX");
  CHECK(config->lo_offset == Hertz(10e6));
  CHECK(config->start == UhdStart::pps);
  CHECK(!config->can_transmit);
  CHECK(config->lock_timeout == std::chrono::minutes(1));
}

TEST_CASE("uhd string: num_channels counts from 0")
{
  CHECK(parse("uhd:num_channels=3")->channels == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("uhd string: what cannot be is refused and named")
{
  for (const auto& [bad, word] :
       std::vector<std::pair<std::string, std::string>>{{"uhd:clok=gpsdo", "did you mean 'clock'"},
                                                        {"uhd:chanels=0", "did you mean 'channels'"},
                                                        {"uhd:b200", "'b200'"},
                                                        {"uhd:otw=sc32", "sc16, sc12, sc8"},
                                                        {"uhd:start=later", "now, pps"},
                                                        {"uhd:tx=maybe", "maybe"},
                                                        {"uhd:channels=0:0", "different numbers"},
                                                        {"uhd:channels=", "different numbers"},
                                                        {"uhd:channels=0:", "different numbers"},
                                                        {"uhd:channels=16", "different numbers"},
                                                        {"uhd:channels=-1", "different numbers"},
                                                        {"uhd:num_channels=0", "1 to 16"},
                                                        {"uhd:num_channels=17", "1 to 16"},
                                                        {"uhd:num_channels=2,channels=0", "not both"},
                                                        {"uhd:lo_offset=10 dB", "unit"},
                                                        {"uhd:lock_timeout=2 h", "1 h"},
                                                        {"uhd:lock_timeout=-1 s", "0 s"},
                                                        {"uhd:master_clock_rate=fast", "fast"},
                                                        {"uhd:master_clock_rate=0", "above 0"}}) {
    const std::string text = bad;
    CAPTURE(text);
    const auto config = parse(text);
    REQUIRE(!config.has_value());
    CHECK(config.error().code == ErrorCode::bad_input);
    CHECK_MESSAGE(config.error().message.find(word) != std::string::npos, config.error().message);
  }
}

TEST_CASE("uhd string: UHD's own words near ours pass")
{
  CHECK(parse("uhd:type=x300,addr=192.168.10.2,second_addr=192.168.20.2,time_source=gpsdo,clock_source=gpsdo")
            ->device_args.find("second_addr=192.168.20.2") != std::string::npos);
}

TEST_CASE("uhd string: truncations and random bytes never crash")
{
  const std::string whole =
      "uhd:type=b200,clock=gpsdo,channels=0:1,lo_offset=10 MHz,otw=sc8,start=pps,tx=no,stream.spp=100";
  for (std::size_t length = 0; length <= whole.size(); ++length) (void)parse(whole.substr(0, length));
  std::mt19937 random(5);
  for (int i = 0; i < 5000; ++i) {
    std::string text = whole;
    for (int flips = 0; flips < 3; ++flips) text[random() % text.size()] = static_cast<char>(random() % 256);
    (void)parse(text);
  }
}
