// What becomes of a network over time: lost cells, restarts of either end, idle and back, the wrap of frame numbers, gaps. After
// each, packets flow again and nothing of the past is left.

#include "tests/stack/ue/network_bench.h"

#include "doctest/doctest.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace ravi {
namespace {

using testing::NetworkBench;
using testing::NetworkConfig;

NetworkConfig small_network(unsigned num_ues = 1)
{
  return {.intent = {.band = 3, .bandwidth = Hertz(5e6)}, .rate = SampleRate(7'680'000), .num_ues = num_ues};
}

/// Contexts of one attached UE and no more, everywhere.
void check_nothing_is_left(NetworkBench& network)
{
  CHECK(network.gnb->num_ues() == network.ues.size());
  const auto places = network.gnb->modem().scheduler().ues();
  CHECK(static_cast<std::size_t>(std::ranges::count_if(places, [](const auto& ue) { return ue.rnti.has_value(); })) == network.ues.size());
  CHECK(network.core->amf().ues().size() == network.ues.size());
  CHECK(network.core->upf().num_sessions() == network.ues.size());
}

void set_gain(NetworkBench& network, double gain_db)
{
  for (const auto& [from, to] : {std::pair("gnb", "ue0"), std::pair("ue0", "gnb")}) {
    REQUIRE(network.air->apply({.from = from, .to = to, .gain = Decibel(gain_db)}));
  }
}

/// Pings as a user does, one each 100 ms, until one is answered. The time that took; nothing: it was too long.
std::optional<unsigned> ms_until_answer(NetworkBench& network, unsigned max_ms)
{
  for (unsigned ms = 0; ms < max_ms; ms += 100) {
    if (network.ping(0, 1, 100) == 1) return ms + 100;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("network: a UE that loses the cell for seconds finds it again and keeps its address")
{
  NetworkBench network(small_network());
  REQUIRE(network.attach_all(1500));
  const auto address = network.ues[0]->status().address;
  REQUIRE(network.ping(0, 2, 200) == 2);
  set_gain(network, -100.0);
  network.run_ms(2500);
  CHECK(network.ues[0]->modem().counters().lost_cells == 1);
  CHECK(!network.ues[0]->has_bearer());
  set_gain(network, 0.0);
  const bool is_back = network.attach_all(3000);
  INFO(network.describe());
  REQUIRE(is_back);
  CHECK(network.ues[0]->status().address == address);
  CHECK(network.ping(0, 3, 200) == 3);
  network.run_ms(200);
  check_nothing_is_left(network);
}

TEST_CASE("network: a UE that went away for good is freed by the gNB")
{
  NetworkBench network(small_network());
  REQUIRE(network.attach_all(1500));
  network.ues[0].reset();
  network.run_ms(3500);
  CHECK(network.gnb->num_ues() == 0);
  CHECK(network.gnb->counters().lost_ues == 1);
}

TEST_CASE("network: the gNB goes away and comes back with frame number 0, and the UE with it")
{
  NetworkBench network(small_network());
  REQUIRE(network.attach_all(1500));
  network.stop_gnb();
  network.run_ms(1500);
  network.start_gnb();
  const bool is_back = network.attach_all(4000);
  INFO(network.describe());
  REQUIRE(is_back);
  CHECK(network.ping(0, 3, 200) == 3);
  network.run_ms(200);
  check_nothing_is_left(network);
}

TEST_CASE("network: the core ends at any moment of an attach and comes back knowing nothing")
{
  const char* const runs = std::getenv("RAVI_RUNS");
  const unsigned step_ms = runs != nullptr && std::atoi(runs) >= 100 ? 2 : 60;
  for (const unsigned off_ms : {20U, 1500U}) {
    unsigned longest = 0;
    for (unsigned end_ms = 50; end_ms < 230; end_ms += step_ms) {  // from the cell search to a while after the address
      CAPTURE(off_ms);
      CAPTURE(end_ms);
      NetworkBench network(small_network());
      network.run_ms(end_ms);
      network.stop_core();
      (void)ms_until_answer(network, off_ms);
      network.start_core();
      const auto took = ms_until_answer(network, 20'000);  // T3511 is 10 s, T3580 16 s
      INFO(network.describe());
      REQUIRE(took);
      longest = std::max(longest, *took);
      network.run_ms(200);
      check_nothing_is_left(network);
    }
    MESSAGE("core away for ", off_ms, " ms: a ping is answered at most ", longest, " ms after it is back");
  }
}

TEST_CASE("network: twenty lives of a UE at one gNB leave nothing behind")
{
  NetworkBench network(small_network());
  for (unsigned life = 0; life < 20; ++life) {
    CAPTURE(life);
    if (life > 0) network.start_ue(0);
    const bool is_attached = network.attach_all(2000);
    INFO(network.describe());
    REQUIRE(is_attached);
    CHECK(network.ping(0, 1, 200) == 1);
    network.run_ms(150);
    check_nothing_is_left(network);
  }
}

TEST_CASE("network: a UE that is switched off deregisters, connected or idle, and nothing is left of it [TS 24.501 §5.5.2.2]")
{
  NetworkConfig config = small_network();
  SUBCASE("connected") {}
  SUBCASE("idle") { config.change_gnb = [](gnb::GnbConfig& gnb) { gnb.inactivity = gnb::Time(100); }; }
  NetworkBench network(config);
  REQUIRE(network.attach_all(1500));
  network.run_ms(300);
  CHECK(network.ues[0]->nas().is_connected() == !config.change_gnb);
  REQUIRE(network.core->upf().num_sessions() == 1);
  network.ues[0]->switch_off();
  unsigned took_ms = 0;
  for (; took_ms < 300 && !network.ues[0]->has_left(); ++took_ms) network.run_ms(1);
  MESSAGE("switched off to let go: ", took_ms, " ms");
  CHECK(network.ues[0]->has_left());
  CHECK(!network.ues[0]->status().address);
  network.run_ms(100);
  CHECK(network.gnb->num_ues() == 0);
  CHECK(std::ranges::none_of(network.gnb->modem().scheduler().ues(), [](const auto& ue) { return ue.rnti.has_value(); }));
  CHECK(network.core->amf().ues().empty());
  CHECK(network.core->upf().num_sessions() == 0);
  CHECK(network.gnb->counters().lost_ues == 0);
  network.run_ms(500);  // and it stays away
  CHECK(network.core->amf().ues().empty());
  CHECK(network.gnb->counters().ues == (config.change_gnb ? 2 : 1));
}

TEST_CASE("network: the core deregisters a UE, and nothing is left of it [TS 24.501 §5.5.2.3]")
{
  NetworkBench network(small_network());
  REQUIRE(network.attach_all(1500));
  network.run_ms(50);
  REQUIRE(network.core->amf().deregister(NetworkBench::imsi(0)));
  network.run_ms(250);
  CHECK(network.ues[0]->nas().state() == nas::UeNas::State::deregistered);
  CHECK(!network.ues[0]->status().address);
  CHECK(network.gnb->num_ues() == 0);
  CHECK(network.core->amf().ues().empty());
  CHECK(network.core->upf().num_sessions() == 0);
}

TEST_CASE("network: an idle UE comes back with its own packet, and by service request")
{
  NetworkConfig config = small_network();
  config.change_gnb = [](gnb::GnbConfig& gnb) { gnb.inactivity = gnb::Time(200); };
  NetworkBench network(config);
  REQUIRE(network.attach_all(1500));
  network.run_ms(500);
  CHECK(network.gnb->num_ues() == 0);
  CHECK(!network.ues[0]->nas().is_connected());
  CHECK(network.core->upf().num_sessions() == 1);
  double rtt_ms = 0.0;
  CHECK(network.ping(0, 1, 400, &rtt_ms) == 1);
  MESSAGE("idle to the answer of a ping: ", rtt_ms, " ms");
  CHECK(network.ping(0, 2, 150) == 2);
  CHECK(network.gnb->counters().inactive_ues == 1);
}

TEST_CASE("network: idle UEs are paged when packets come for them, and get them [TS 38.304 §7.1, TS 23.502 §4.2.3.3]")
{
  NetworkConfig config{.intent = {.band = 3, .bandwidth = Hertz(10e6)}, .rate = SampleRate(11'520'000), .num_ues = 2};
  SUBCASE("FDD") {}
  SUBCASE("TDD")
  {
    config.intent = {.band = 78, .bandwidth = Hertz(20e6)};
    config.rate = SampleRate(23'040'000);
  }
  config.change_gnb = [](gnb::GnbConfig& gnb) { gnb.inactivity = gnb::Time(200); };
  NetworkBench network(std::move(config));
  REQUIRE_MESSAGE(network.attach_all(1500), network.describe());
  network.run_ms(500);
  REQUIRE(network.gnb->num_ues() == 0);
  for (const auto& ue : network.ues) {
    while (!ue->take_packet().empty()) {
    }
    REQUIRE(network.core->upf().start_downlink(*ue->status().address, 50e3, 1000, to_duration(network.time() - SampleTime(0), network.rate())));
  }
  unsigned waited_ms = 0;
  for (; waited_ms < 2000 && network.num_attached() < 2; waited_ms += 10) network.run_ms(10);
  MESSAGE("from the packet to the bearers of both: ", waited_ms, " ms, of a cycle of 1280 ms");
  REQUIRE_MESSAGE(network.num_attached() == 2, network.describe());
  network.run_ms(300);
  CHECK(network.gnb->counters().pages >= 2);
  for (const auto& ue : network.ues) {
    unsigned num_packets = 0;
    for (auto packet = ue->take_packet(); !packet.empty(); packet = ue->take_packet()) ++num_packets;
    CHECK(num_packets > waited_ms / 200);  // 160 ms apart; those that came first waited in the core
  }
}

TEST_CASE("network: a connected UE goes on over the wrap of the frame number and after gaps of either radio")
{
  NetworkBench network(small_network());
  REQUIRE(network.attach_all(1500));
  network.lose_ue_slots(0, 30);
  network.run_ms(100);
  CHECK(network.ping(0, 2, 200) == 2);
  network.lose_gnb_slots(30);
  network.run_ms(100);
  CHECK(network.ping(0, 2, 300) == 2);
  CHECK(network.gnb->counters().gaps == 1);
  while (network.seconds() < 10.6) network.run_ms(50);
  INFO(network.describe());
  CHECK(network.ping(0, 3, 200) == 3);
  while (network.seconds() < 16.0) network.run_ms(50);
  CHECK(network.ping(0, 3, 200) == 3);
  CHECK(network.ues[0]->modem().counters().lost_cells == 0);
  check_nothing_is_left(network);
}

}  // namespace ravi
