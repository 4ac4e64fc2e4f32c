#include "config/air_config_yaml.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

using namespace ravi;
using namespace ravi::air;
using namespace ravi::config;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

const char* const kComplete = R"(
sample_rate: 11.52 MHz
block: 0.5 ms
seed: 42
pace: realtime
listen: tcp://127.0.0.1:22001
nodes:
  - name: gnb
    tx_ports: 2
    noise_floor: -70 dBFS
    center_frequency: 1.8425 GHz
  - name: ue
    tx_endpoints: tcp://127.0.0.1:2001
    rx_endpoints: [tcp://127.0.0.1:2100, "tcp://127.0.0.1:2101"]
links:
  - {from: gnb, to: ue, from_port: 1, to_port: 1, gain: -20 dB, delay: 1.5 us, snr: 20 dB, snr_reference: -10 dBFS,
     cfo: -300 Hz, drift: 250 ppb, drift_reserve: 2 ms, fading: {profile: tdl_c, delay_spread: 300 ns, doppler: 5 Hz}}
interferers:
  - {kind: chirp, to: ue, to_port: 1, level: -40 dBFS, frequency: -1 MHz, sweep_end: 1 MHz, sweep_time: 2 ms, start: 1 s, stop: 2 s}
faults:
  - {kind: late, from: gnb, from_port: 1, at: 3 s, length: 4}
  - {kind: drop, from: ue, probability: 0.25}
steps:
  - {at: 5 s, from: gnb, to: ue, from_port: 1, to_port: 1, gain: -60 dB, snr: 1 dB, cfo: 10 Hz, delay: 3 us}
)";

}  // namespace

TEST_CASE("air configuration: every key arrives in its field, in its unit")
{
  const auto config = parse_air_config(kComplete, "t");
  REQUIRE_MESSAGE(config, config.error().message);
  CHECK(config->sample_rate == SampleRate(11'520'000));
  CHECK(config->block.count() == doctest::Approx(0.5e-3));
  CHECK(config->seed == 42);
  CHECK(config->pace == Pace::realtime);
  CHECK(config->listen == "tcp://127.0.0.1:22001");
  REQUIRE(config->nodes.size() == 2);
  CHECK(config->nodes[0].num_tx_ports == 2);
  CHECK(config->nodes[0].num_rx_ports == 1);
  CHECK(*config->nodes[0].noise_floor == DbFs(-70));
  CHECK(config->nodes[0].center_frequency->value() == doctest::Approx(1.8425e9));
  CHECK(config->nodes[1].num_tx_ports == 1);
  CHECK(config->nodes[1].num_rx_ports == 2);
  CHECK(config->nodes[1].node_rx_endpoints[1] == "tcp://127.0.0.1:2101");
  REQUIRE(config->links.size() == 1);
  const LinkConfig& link = config->links[0];
  CHECK(link.from_port == 1);
  CHECK(link.gain == Decibel(-20));
  CHECK(link.delay.count() == doctest::Approx(1.5e-6));
  CHECK(*link.snr == Decibel(20));
  CHECK(link.snr_reference == DbFs(-10));
  CHECK(link.cfo == Hertz(-300));
  CHECK(link.drift_ppm == doctest::Approx(0.25));
  CHECK(link.drift_reserve.count() == doctest::Approx(2e-3));
  CHECK(link.fading.profile == FadingProfile::tdl_c);
  CHECK(link.fading.delay_spread.count() == doctest::Approx(300e-9));
  CHECK(config->interferers[0].kind == InterfererKind::chirp);
  CHECK(config->interferers[0].sweep_end == Hertz(1e6));
  CHECK(config->interferers[0].stop->count() == doctest::Approx(2));
  CHECK(config->faults[0].kind == FaultKind::late);
  CHECK(config->faults[0].length == 4);
  CHECK(config->faults[1].probability == doctest::Approx(0.25));
  CHECK(*config->steps[0].gain == Decibel(-60));
  CHECK(config->steps[0].delay->count() == doctest::Approx(3e-6));
}

TEST_CASE("air configuration: what is printed reads back as the same")
{
  const auto config = parse_air_config(kComplete, "t");
  REQUIRE(config);
  const std::string printed = to_yaml(*config);
  const auto again = parse_air_config(printed, "printed");
  REQUIRE_MESSAGE(again, again.error().message << "\n" << printed);
  CHECK(to_yaml(*again) == printed);
  CHECK(again->links[0].drift_ppm == doctest::Approx(config->links[0].drift_ppm));
  CHECK(again->nodes[1].node_rx_endpoints == config->nodes[1].node_rx_endpoints);
  CHECK(to_yaml(AirConfig{}) == "{}\n");
}

TEST_CASE("air configuration: all faults come together, each with its line and what to do")
{
  const auto config = parse_air_config("sample_rate: 11.52 parsecs\n"
                                       "sead: 4\n"
                                       "nodes:\n"
                                       "  - name: gnb\n"
                                       "  - nam: ue\n"
                                       "links:\n"
                                       "  - {from: gnb, to: eu, gain: 900 dB}\n"
                                       "  - {from: gnb, to: gnb, to_port: 3, fading: {profile: tdl_x}}\n"
                                       "pace: fast\n",
                                       "my.yaml");
  REQUIRE_FALSE(config);
  CHECK(config.error().code == ErrorCode::bad_input);
  const std::string& message = config.error().message;
  CAPTURE(message);
  CHECK(has(message, "my.yaml:1: 'sample_rate': '11.52 parsecs'"));
  CHECK(has(message, "my.yaml:2: unknown key 'sead' (did you mean 'seed'?)"));
  CHECK(has(message, "my.yaml:5: unknown key 'nam' (did you mean 'name'?)"));
  CHECK(has(message, "my.yaml:5: 'name' is missing"));
  CHECK(has(message, "my.yaml:7: there is no node 'eu'"));
  CHECK(has(message, "my.yaml:7: 'gain': 900 dB is outside -200 dB to 200 dB; the nearest valid value is 200 dB"));
  CHECK(has(message, "my.yaml:8: node 'gnb' has no receive port 3"));
  CHECK(has(message, "my.yaml:8: 'profile': 'tdl_x' is none of none, tdl_a"));
  CHECK(has(message, "my.yaml:9: 'pace': 'fast' is none of free, realtime"));
  CHECK(message.find("my.yaml:1:") < message.find("my.yaml:9:"));
}

TEST_CASE("air configuration: contradictions between keys are faults")
{
  const auto fault_of = [](const std::string& text) {
    const auto config = parse_air_config(text, "t");
    return config ? std::string("accepted") : config.error().message;
  };
  const std::string nodes = "nodes: [{name: a}, {name: b}]\n";
  CHECK(has(fault_of("nodes: [{name: a}, {name: a}]"), "twice"));
  CHECK(has(fault_of("nodes: [{name: 'a b'}]"), "letters"));
  CHECK(has(fault_of("seed: 1\nseed: 2"), "given twice"));
  CHECK(has(fault_of("nodes: [{name: a, tx_ports: 2, tx_endpoints: x, rx_endpoints: y}]"), "tx_ports is 2"));
  CHECK(has(fault_of("nodes: [{name: a, tx_endpoints: x}]"), "one direction only"));
  CHECK(has(fault_of("nodes: [{name: a, tx_endpoints: x, rx_endpoints: x}]"), "used twice"));
  CHECK(has(fault_of(nodes + "faults: [{kind: drop, from: a}]"), "'probability' or 'at'"));
  CHECK(has(fault_of(nodes + "steps: [{at: 1 s, from: a, to: b}]"), "changes nothing"));
  CHECK(has(fault_of(nodes + "interferers: [{kind: recording, to: a}]"), "needs a 'file'"));
  CHECK(has(fault_of(nodes + "interferers: [{kind: tone, to: a, start: 2 s, stop: 1 s}]"), "not after"));
  CHECK(has(fault_of("nodes: {name: a}"), "must be a list"));
  CHECK(has(fault_of("nodes: [a]"), "expected 'key: value'"));
  CHECK(has(fault_of("- 1"), "expected 'key: value'"));
  CHECK(has(fault_of("seed: -1"), "negative"));
  CHECK(has(fault_of("seed: [1]"), "not a list"));
  CHECK(fault_of("nodes: [{name: a, tx_endpoints: x, rx_ports: 0}]") == "accepted");
  CHECK(has(fault_of(""), "nodes: there are none"));
}

TEST_CASE("air configuration: every example file loads")
{
  std::size_t num_files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(RAVI_CONFIG_FOLDER)) {
    const std::string path = entry.path().string();
    if (entry.path().extension() != ".yaml" || !entry.path().filename().string().starts_with("air-")) continue;
    CAPTURE(path);
    const auto config = load_air_config(path);
    REQUIRE_MESSAGE(config, config.error().message);
    CHECK(config->nodes.size() >= 2);
    ++num_files;
  }
  CHECK(num_files >= 5);
  const auto srsue = load_air_config(std::string(RAVI_CONFIG_FOLDER) + "/air-srsue.yaml");
  CHECK(srsue->sample_rate == SampleRate(11'520'000));
  CHECK(srsue->nodes[1].node_tx_endpoints.at(0) == "tcp://127.0.0.1:2001");
  CHECK_FALSE(load_air_config("/nonexistent/air.yaml"));
  CHECK_FALSE(load_air_config(RAVI_CONFIG_FOLDER));  // a folder
}

TEST_CASE("air configuration: the reference page names every key with range and default")
{
  const std::string page = air_config_reference();
  for (const char* part : {"sample_rate", "drift_reserve", "tdl_a, tdl_b", "-200 dB to 200 dB", "default 23.04 MS/s",
                           "required", "nodes:", "links.fading:", "probability"}) {
    CAPTURE(part);
    CHECK(has(page, part));
  }
}

TEST_CASE("air configuration: every truncation and many byte flips of a file end in a configuration or a fault")
{
  const std::string text = kComplete;
  for (std::size_t length = 0; length <= text.size(); ++length) {
    static_cast<void>(parse_air_config(std::string_view(text).substr(0, length), "t").has_value());
  }
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    std::string changed = text;
    for (int flip = 0; flip < 3; ++flip) changed[random() % changed.size()] = static_cast<char>(random() & 0xFF);
    const auto config = parse_air_config(changed, "t");
    if (!config) CHECK(!config.error().message.empty());
  }
}
