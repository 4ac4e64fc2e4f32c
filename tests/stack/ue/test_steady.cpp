// The slot path of a whole gNB and a whole UE, in a life from the search for a cell to deregistration and with traffic both ways: nothing
// is allocated, freed or locked.

#include "tests/realtime_guard.h"
#include "tests/stack/ue/network_bench.h"

#include "doctest/doctest.h"

namespace ravi {
namespace {

using testing::NetworkBench;

void fill_both_ways(NetworkBench& network, unsigned slots)
{
  const auto address = *network.ues[0]->status().address;
  const auto packet = testing::echo_request(address, {10, 45, 0, 1}, 0, 1372, 200);
  for (unsigned i = 0; i < slots; ++i) {
    while (network.ues[0]->send_packet(packet)) {
    }
    network.run(1);
    while (!network.ues[0]->take_packet().empty()) {
    }
  }
}

void check_slot_path()
{
  const testing::RealtimeViolations violations = testing::realtime_violations();
  CHECK(violations.allocations == 0);
  CHECK(violations.frees == 0);
  CHECK(violations.locks == 0);
}

/// Cell search, attach, pings, idle and back by a service request, the cell gone and found again, switched off.
void live(const rrc::CellIntent& intent, SampleRate rate)
{
  CAPTURE(intent.band);
  NetworkBench network({.intent = intent, .rate = rate, .change_gnb = [](gnb::GnbConfig& gnb) { gnb.inactivity = gnb::Time(300); }});
  testing::reset_realtime_violations();
  network.is_realtime = true;
  REQUIRE(network.attach_all(1500));
  CHECK(network.ping(0, 3, 200) == 3);
  network.run_ms(600);
  CHECK_FALSE(network.ues[0]->has_bearer());
  CHECK(network.ping(0, 3, 500) == 3);
  network.stop_gnb();
  network.run_ms(1500);
  CHECK_FALSE(network.ues[0]->modem().is_in_step());
  network.start_gnb();
  network.run_ms(800);
  CHECK(network.ping(0, 3, 500) == 3);
  network.ues[0]->switch_off();
  network.run_ms(300);
  CHECK(network.ues[0]->has_left());
  check_slot_path();
}

void run_steadily(const rrc::CellIntent& intent, SampleRate rate, std::uint8_t five_qi = 9)
{
  CAPTURE(intent.band);
  NetworkBench network({.intent = intent, .rate = rate, .change_core = [five_qi](core::CoreConfig& core) { core.smf.flow.five_qi = five_qi; }});
  REQUIRE(network.attach_all(1500));
  network.run_ms(50);
  REQUIRE(network.core->upf().start_downlink(*network.ues[0]->status().address, 100e6, 1400, to_duration(network.time() - SampleTime(0), rate)));
  fill_both_ways(network, 200);
  const gnb::UeStatistics before = network.gnb->ue_statistics()[0];
  testing::reset_realtime_violations();
  network.is_realtime = true;
  constexpr unsigned kSlots = 400;
  fill_both_ways(network, kSlots);
  check_slot_path();
  const gnb::UeStatistics after = network.gnb->ue_statistics()[0];
  const mac::LinkCounters downlink = after.downlink - before.downlink;
  const mac::LinkCounters uplink = after.uplink - before.uplink;
  MESSAGE("n", intent.band, ": new blocks in ", kSlots, " slots: downlink ", downlink.blocks, " (BLER ", downlink.bler(), ", MCS ",
          downlink.average_mcs(), "), uplink ", uplink.blocks, " (BLER ", uplink.bler(), ", MCS ", uplink.average_mcs(), ")");
  CHECK(downlink.octets > 100'000);
  CHECK(uplink.octets > 50'000);
}

}  // namespace

TEST_CASE("network: in a whole life no slot of gNB or UE allocates, frees or locks: FDD") { live({.band = 3, .bandwidth = Hertz(10e6)}, SampleRate(11'520'000)); }

TEST_CASE("network: in a whole life no slot of gNB or UE allocates, frees or locks: TDD")
{
  live({.band = 78, .bandwidth = Hertz(20e6)}, SampleRate(23'040'000));
}

TEST_CASE("network: with traffic both ways neither gNB nor UE allocates, frees or locks: FDD")
{
  run_steadily({.band = 3, .bandwidth = Hertz(10e6)}, SampleRate(11'520'000));
}

TEST_CASE("network: with traffic both ways neither gNB nor UE allocates, frees or locks: RLC UM, whose 5QI bears loss")
{
  run_steadily({.band = 3, .bandwidth = Hertz(10e6)}, SampleRate(11'520'000), 1);
}

TEST_CASE("network: with traffic both ways neither gNB nor UE allocates, frees or locks: TDD")
{
  run_steadily({.band = 78, .bandwidth = Hertz(20e6)}, SampleRate(23'040'000));
}

}  // namespace ravi
