#include "drivers/soapy/soapy_config.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace ravi;

namespace {

Result<SoapyConfig> parse(const std::string& text)
{
  const auto device = parse_device_string(text);
  if (!device) return tl::unexpected(device.error());
  return parse_soapy(*device);
}

using Map = std::map<std::string, std::string>;

}  // namespace

TEST_CASE("soapy string: keys of ours, of the device, of the stream, settings, and of a remote device are told apart")
{
  const auto config = parse(
      "soapy:driver=lime,serial=0009060B00471B22,clock=external,channels=1:0,antenna_rx=LNAW,"
      "antenna_tx=BAND1,format=CS16,lo_offset=-1 MHz,tx=no,timestamps=yes,setting.SKIP_CAL=true,"
      "stream.bufferLength=32768,remote.driver=lime,remote=tcp://10.0.0.2:55132");
  REQUIRE_MESSAGE(config.has_value(), config.error().message);
  CHECK(config->device_args == Map{{"driver", "lime"},
                                   {"serial", "0009060B00471B22"},
                                   {"remote:driver", "lime"},
                                   {"remote", "tcp://10.0.0.2:55132"}});
  CHECK(config->settings == Map{{"SKIP_CAL", "true"}});
  CHECK(config->stream_args == Map{{"bufferLength", "32768"}});
  CHECK(config->clock == "external");
  CHECK(!config->time.has_value());
  CHECK(config->channels == std::vector<std::size_t>{1, 0});
  CHECK(config->antenna_rx == "LNAW");
  CHECK(config->antenna_tx == "BAND1");
  CHECK(config->format == "CS16");
  CHECK(config->lo_offset == Hertz(-1e6));
  CHECK(!config->can_transmit);
  CHECK(config->has_timestamps == true);
}

TEST_CASE("soapy string: what cannot be is refused and named")
{
  for (const auto& [bad, word] :
       std::vector<std::pair<std::string, std::string>>{{"soapy:lime", "'lime'"},
                                                        {"soapy:formats=CS16", "did you mean 'format'"},
                                                        {"soapy:antena_rx=A", "did you mean 'antenna_rx'"},
                                                        {"soapy:format=CS12", "CF32, CS16, CS8"},
                                                        {"soapy:channels=a", "different numbers"},
                                                        {"soapy:num_channels=99", "1 to 16"},
                                                        {"soapy:num_channels=1,channels=0", "not both"},
                                                        {"soapy:tx=tcp://1", "tcp://1"},
                                                        {"soapy:timestamps=perhaps", "perhaps"},
                                                        {"soapy:lo_offset=x", "x"}}) {
    const std::string text = bad;
    CAPTURE(text);
    const auto config = parse(text);
    REQUIRE(!config.has_value());
    CHECK(config.error().code == ErrorCode::bad_input);
    CHECK_MESSAGE(config.error().message.find(word) != std::string::npos, config.error().message);
  }
}

TEST_CASE("soapy string: truncations and random bytes never crash")
{
  const std::string whole =
      "soapy:driver=lime,channels=0:1,lo_offset=10 MHz,format=CS8,tx=no,setting.a=b,stream.c=d,remote.e=f";
  for (std::size_t length = 0; length <= whole.size(); ++length) (void)parse(whole.substr(0, length));
  std::mt19937 random(6);
  for (int i = 0; i < 5000; ++i) {
    std::string text = whole;
    for (int flips = 0; flips < 3; ++flips) text[random() % text.size()] = static_cast<char>(random() % 256);
    (void)parse(text);
  }
}
