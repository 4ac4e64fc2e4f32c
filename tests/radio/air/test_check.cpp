#include "radio/air/check.h"

#include "radio/air/emulator.h"
#include "tests/radio/air/air_runner.h"

#include <doctest/doctest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace {

using namespace ravi;
using namespace ravi::air;
using namespace ravi::air::testing;

const double kNan = std::numeric_limits<double>::quiet_NaN();
const double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("air: a configuration is refused with every fault named")
{
  AirConfig config;
  config.nodes = {{.name = "gnb"}, {.name = "ue1", .num_rx_ports = 9}, {.name = "ue1"}};
  config.links = {
      {.from = "gnb", .to = "ue2"}, {.from = "gnb", .to = "ue1"}, {.from = "gnb", .to = "ue1", .from_port = 3}};
  config.interferers = {{.kind = InterfererKind::recording, .to = "ue1"}};
  config.faults = {{.from = "gnb", .probability = 1.5}};
  config.steps = {{.from = "ue1", .to = "gnb", .gain = Decibel(1.0)}};
  const auto air = Emulator::create(config);
  REQUIRE_FALSE(air.has_value());
  CHECK(air.error().code == ErrorCode::bad_input);
  for (const char* part : {"there are two of this name", "9 receive ports", "no node 'ue2'; is 'ue1' meant?",
                           "no port 3", "names no file", "probability is 1.5", "no such link"}) {
    CAPTURE(part);
    CAPTURE(air.error().message);
    CHECK(air.error().message.find(part) != std::string::npos);
  }
}

TEST_CASE("air: each value out of its range is refused, and nothing else")
{
  const std::vector<std::function<void(AirConfig&)>> faults = {
      [](AirConfig& c) { c.sample_rate = SampleRate(0); },
      [](AirConfig& c) { c.block = std::chrono::duration<double>(0.0); },
      [](AirConfig& c) { c.block = std::chrono::duration<double>(kNan); },
      [](AirConfig& c) { c.nodes.clear(), c.links.clear(); },
      [](AirConfig& c) { c.nodes[0].name.clear(); },
      [](AirConfig& c) { c.nodes[0].num_tx_ports = 9; },
      [](AirConfig& c) { c.nodes[0].noise_floor = DbFs(kNan); },
      [](AirConfig& c) { c.links.push_back(c.links[0]); },
      [](AirConfig& c) { c.links[0].to_port = 1; },
      [](AirConfig& c) { c.links[0].gain = Decibel(kInfinity); },
      [](AirConfig& c) { c.links[0].snr = Decibel(kNan); },
      [](AirConfig& c) { c.links[0].snr_reference = DbFs(kNan); },
      [](AirConfig& c) { c.links[0].cfo = Hertz(600e3); },
      [](AirConfig& c) { c.links[0].delay = samples(-1.0); },
      [](AirConfig& c) { c.links[0].delay = std::chrono::duration<double>(1.5); },
      [](AirConfig& c) { c.links[0].drift_ppm = 101.0; },
      [](AirConfig& c) { c.links[0].drift_reserve = samples(0.0); },
      [](AirConfig& c) { c.links[0].fading = {.profile = FadingProfile::tdl_a, .doppler = Hertz(-1.0)}; },
      [](AirConfig& c) { c.links[0].fading = {.profile = FadingProfile::tdl_a, .doppler = Hertz(2'000.0)}; },
      [](AirConfig& c) { c.links[0].fading = {.profile = FadingProfile::tdl_a, .delay_spread = samples(11.0)}; },
      [](AirConfig& c) { c.interferers = {{.to = "b", .frequency = Hertz(kNan)}}; },
      [](AirConfig& c) { c.interferers = {{.to = "b", .start = samples(5.0), .stop = samples(4.0)}}; },
      [](AirConfig& c) { c.interferers = {{.kind = InterfererKind::chirp, .to = "b", .sweep_time = samples(0.0)}}; },
      [](AirConfig& c) { c.interferers = {{.kind = InterfererKind::chirp, .to = "b", .sweep_end = Hertz(1e7)}}; },
      [](AirConfig& c) { c.interferers = {{.to = "a"}}; },
      [](AirConfig& c) { c.faults = {{.from = "a", .length = 0}}; },
      [](AirConfig& c) { c.faults = {{.kind = FaultKind::late, .from = "a", .length = 101}}; },
      [](AirConfig& c) { c.faults = {{.from = "a", .at = samples(kNan)}}; },
      [](AirConfig& c) { c.faults = {{.from = "b"}}; },
      [](AirConfig& c) { c.steps = {{.from = "a", .to = "b"}}; },
      [](AirConfig& c) { c.steps = {{.at = samples(-1.0), .from = "a", .to = "b", .gain = Decibel(0.0)}}; },
      [](AirConfig& c) { c.steps = {{.from = "a", .to = "b", .delay = samples(kNan)}}; },
  };
  REQUIRE(faults_of(one_link()).empty());
  for (std::size_t i = 0; i < faults.size(); ++i) {
    AirConfig config = one_link();
    faults[i](config);
    CAPTURE(i);
    CHECK_FALSE(faults_of(config).empty());
    CHECK_FALSE(Emulator::create(config).has_value());
  }
}

TEST_CASE("air: a change while running is refused for an unknown link, a bad value, or a delay it has no memory for")
{
  const auto air = make(one_link({.delay = samples(20'000.0)}));
  CHECK_FALSE(air->apply({.from = "b", .to = "a", .gain = Decibel(0.0)}));
  CHECK_FALSE(air->apply({.from = "a", .to = "b"}));
  CHECK_FALSE(air->apply({.from = "a", .to = "b", .gain = Decibel(kNan)}));
  CHECK_FALSE(air->apply({.from = "a", .to = "b", .delay = samples(20'001.0)}));
  CHECK(air->apply({.from = "a", .to = "b", .delay = samples(20'000.0)}));
  CHECK(air->apply({.from = "a", .to = "b", .delay = samples(0.0)}));
  const auto near = make(one_link());
  CHECK(near->apply({.from = "a", .to = "b", .delay = std::chrono::duration<double>(9.9e-3)}));
  CHECK_FALSE(near->apply({.from = "a", .to = "b", .delay = std::chrono::duration<double>(10.1e-3)}));
}
