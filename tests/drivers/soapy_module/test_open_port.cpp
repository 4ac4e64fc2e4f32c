#include "drivers/soapy_module/open_port.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <tuple>
#include <vector>

using namespace ravi;

TEST_CASE("open port: arguments of a plain fronthaul find it without asking anybody")
{
  const auto found =
      find_ports({{"tx_port", "tcp://127.0.0.1:23500"}, {"rx_port", "tcp://127.0.0.1:23501"}, {"rate", "1e6"}});
  REQUIRE(found.size() == 1);
  CHECK(found[0].at("driver") == "ravi");
  CHECK(found[0].at("tx_port") == "tcp://127.0.0.1:23500");
}

TEST_CASE("open port: a hub that is not there is no device, quickly")
{
  const auto begin = std::chrono::steady_clock::now();
  CHECK(find_ports({{"hub", "tcp://127.0.0.1:23599"}}).empty());
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(300));
}

TEST_CASE("open port: what cannot be is refused and named")
{
  const PortArguments good{
      {"tx_port", "tcp://127.0.0.1:23500"}, {"rx_port", "tcp://127.0.0.1:23501"}, {"rate", "1 MHz"}};
  for (const auto& [key, value, word] :
       std::vector<std::tuple<std::string, std::string, std::string>>{{"pace", "fast", "realtime or free"},
                                                                      {"patience", "long", "long"},
                                                                      {"patience", "-1 s", "between"},
                                                                      {"rate", "-1", "rate"},
                                                                      {"rate", "", "rate"},
                                                                      {"tx_port", "nonsense", "nonsense"},
                                                                      {"rx_port1", "tcp://127.0.0.1:23502", "rx"}}) {
    const std::string changed = key;
    CAPTURE(changed);
    PortArguments bad = good;
    bad[changed] = value;
    const auto opened = open_port(bad);
    REQUIRE(!opened.has_value());
    CHECK_MESSAGE(opened.error().message.find(word) != std::string::npos, opened.error().message);
  }
}
