// `ravi up` from within: the network it runs, what it says of failures, and that an inline run repeats.

#include "apps/explain_failure.h"
#include "apps/network.h"
#include "apps/up_report.h"
#include "config/profiles.h"
#include "stack/rrc/derive_cell.h"

#include "doctest/doctest.h"

#include <string>

namespace ravi::apps {
namespace {

using namespace std::chrono_literals;

NetworkConfig config_of(const std::string& profile, std::size_t num_ues = 1)
{
  NetworkConfig config{.cell = rrc::derive_cell(config::load_profile(profile).value()).value().cell,
                       .rate = SampleRate(profile == "fdd-n3-10mhz" ? 11'520'000 : 23'040'000),
                       .air = clean_air(num_ues),
                       .is_inline = true};
  for (std::size_t n = 0; n < num_ues; ++n) config.ues.push_back(example_ue(n));
  return config;
}

UpReport run(const NetworkConfig& config)
{
  auto network = Network::make(config);
  REQUIRE(network);
  REQUIRE((*network)->start());
  while ((*network)->advance()) {
  }
  UpReport up{.profile = "test", .config = config, .result = (*network)->result()};
  up.failures = explain_failures(config, up.result);
  return up;
}

/// The report without what a clock has a say in.
nlohmann::ordered_json repeatable(const UpReport& up)
{
  auto json = to_json(up);
  for (const char* key : {"real_time_factor", "whole_real_time_factor", "cpu_cores"}) CHECK(json.erase(key) == 1);
  return json;
}

air::LinkConfig& link(NetworkConfig& config, const std::string& from)
{
  for (air::LinkConfig& one : config.air.links) {
    if (one.from == from) return one;
  }
  FAIL("no such link");
  return config.air.links.front();
}

}  // namespace

TEST_CASE("network: two UEs attach, ping and carry traffic both ways, in one thread")
{
  NetworkConfig config = config_of("fdd-n3-10mhz", 2);
  config.duration = 1500ms;
  const UpReport up = run(config);
  for (const Failure& failure : up.failures) MESSAGE(failure.imsi, " ", failure.rung, ": ", failure.cause);
  CHECK(up.is_ok());
  REQUIRE(up.result.ues.size() == 2);
  CHECK(up.result.ues[0].imsi == "001010123456780");
  CHECK(up.result.ues[1].imsi == "001010123456781");
  CHECK(up.result.ues[0].status.address != up.result.ues[1].status.address);
  const auto json = to_json(up);
  CHECK(json["verdict"] == "ok");
  for (const auto& ue : json["ues"]) {
    CHECK(ue["attached"] == true);
    CHECK(ue["attach_ms"] < 300.0);
    CHECK(ue["ping"]["sent"] == ue["ping"]["received"]);
    CHECK(ue["ping"]["rtt_ms_avg"] <= 20.0);
    CHECK(ue["downlink"]["goodput_mbps"] > 5.0);
    CHECK(ue["uplink"]["goodput_mbps"] > 5.0);
    CHECK(ue["downlink"]["bler"] < 0.2);
    CHECK(ue["uplink"]["mcs_avg"] > 15.0);
  }
}

TEST_CASE("network: inline, the same seed gives the same bits, fading and faults included; another seed gives others")
{
  NetworkConfig config = config_of("fdd-n3-10mhz");
  config.duration = 1s;
  for (air::LinkConfig& one : config.air.links) {
    one.snr = Decibel(22.0);
    one.fading = {.profile = air::FadingProfile::tdl_c, .delay_spread = std::chrono::duration<double>(100e-9), .doppler = Hertz(5.0)};
  }
  config.air.faults = {{.kind = air::FaultKind::drop, .from = "gnb", .probability = 0.002},
                       {.kind = air::FaultKind::corrupt, .from = "ue", .probability = 0.002}};
  const auto once = repeatable(run(config));
  CHECK(once == repeatable(run(config)));
  CHECK(once["digest"].get<std::string>().size() == 16);
  config.seed = config.air.seed = 2;
  CHECK(once["digest"] != repeatable(run(config))["digest"]);
}

TEST_CASE("network: without a downlink the cell is not found, and the air's missing link is named")
{
  NetworkConfig config = config_of("fdd-n3-10mhz");
  config.duration = 500ms;
  std::erase_if(config.air.links, [](const air::LinkConfig& one) { return one.from == "gnb"; });
  const UpReport up = run(config);
  REQUIRE(up.failures.size() == 1);
  CHECK(up.failures[0].rung == "cell found");
  CHECK(up.failures[0].cause.find("no SS/PBCH block") != std::string::npos);
  CHECK(up.failures[0].advice.find("no link from gnb to ue") != std::string::npos);
  const auto json = to_json(up);
  CHECK(json["verdict"] == "failed");
  CHECK(json["failures"][0]["supi"] == "imsi-001010123456780");
  CHECK(json["ues"][0]["attached"] == false);
  CHECK(json["ues"][0]["attach_ms"].is_null());
}

TEST_CASE("network: with an uplink too weak random access fails, and the link's SNR is named")
{
  NetworkConfig config = config_of("fdd-n3-10mhz");
  config.duration = 800ms;
  link(config, "ue").snr = Decibel(-40.0);
  const UpReport up = run(config);
  REQUIRE_FALSE(up.failures.empty());
  CHECK(up.failures[0].rung == "random access");
  CHECK(up.failures[0].advice.find("-40 dB") != std::string::npos);
}

TEST_CASE("network: a UE with another key than the subscriber's is stopped by authentication")
{
  NetworkConfig config = config_of("fdd-n3-10mhz");
  config.duration = 800ms;
  config.ues[0].subscriber.k = *core::parse_key("ffffffffffffffffffffffffffffffff");
  const UpReport up = run(config);
  REQUIRE_FALSE(up.failures.empty());
  CHECK(up.failures[0].rung == "authenticated");
  CHECK(up.failures[0].cause.find("the same keys") != std::string::npos);
  CHECK_FALSE(up.is_ok());
}

TEST_CASE("network: what cannot be is refused with what to change")
{
  NetworkConfig config = config_of("fdd-n3-10mhz");
  config.air.nodes[1].name = std::string("b");
  CHECK(Network::make(config).error().message.find("no node 'ue'") != std::string::npos);
  config = config_of("fdd-n3-10mhz");
  config.fronthaul = Fronthaul::zmq;
  CHECK(Network::make(config).error().message.find("inline") != std::string::npos);
  config = config_of("fdd-n3-10mhz", 9);
  CHECK(Network::make(config).error().message.find("1 to 8 UEs") != std::string::npos);
  config = config_of("fdd-n3-10mhz");
  config.rate = SampleRate(1'920'000);
  CHECK_FALSE(Network::make(config));
}

TEST_CASE("peak rate: FDD is one full transport block a slot each way; TDD has its slots' share")
{
  const auto peak_of = [](const std::string& profile) {
    const NetworkConfig config = config_of(profile);
    nr::UeConfig ue;
    ue.pdsch_dmrs_additional_position = ue.pusch_dmrs_additional_position = 2;
    return peak_rate(config.cell, ue);
  };
  const PeakRate fdd = peak_of("fdd-n1-20mhz");
  const PeakRate tdd = peak_of("tdd-n78-20mhz");
  // 51 PRBs in 2000 slots/s against 106 in 1000; of ten slots seven are downlink and part of one, two are uplink.
  CHECK(tdd.downlink_bps / fdd.downlink_bps == doctest::Approx(0.72 * 102.0 / 106.0).epsilon(0.05));
  CHECK(tdd.uplink_bps / fdd.uplink_bps == doctest::Approx(0.2 * 102.0 / 106.0).epsilon(0.05));
}

}  // namespace ravi::apps
