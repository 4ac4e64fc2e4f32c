// A whole network in one process, sample by sample: UE, air, gNB, core. From an unknown cell to an address and answered pings.

#include "tests/stack/ue/network_bench.h"

#include "doctest/doctest.h"

namespace ravi {
namespace {

void attach_and_ping(const rrc::CellIntent& intent, SampleRate rate)
{
  CAPTURE(intent.band);
  testing::NetworkBench network({.intent = intent,
                                 .rate = rate,
                                 .noise_floor_dbfs = -60.0,
                                 .change_ue = [](ue::UeConfig& ue, unsigned) { ue.modem.selection.ssb_frequency.reset(); }});  // a blind search
  REQUIRE_MESSAGE(network.attach_all(2000), network.describe());
  const ue::UeStatus& status = network.ues[0]->status();
  for (std::size_t rung = 0; rung < ue::kNumRungs; ++rung) {
    CAPTURE(rung);
    REQUIRE(status.reached[rung]);
  }
  const auto in_step = *status.reached[static_cast<std::size_t>(ue::Rung::cell_found)];
  const auto attached = *status.reached[static_cast<std::size_t>(ue::Rung::session)];
  MESSAGE("n", intent.band, ": attached ", (attached - in_step).count(), " ms of network time after the cell was found");
  CHECK((attached - in_step).count() < 300);
  CHECK(*status.address == nas::Ipv4{10, 45, 0, 2});

  constexpr unsigned kNumPings = 20;
  double sum_ms = 0.0;
  for (unsigned i = 0; i < kNumPings; ++i) {
    double rtt_ms = 0.0;
    CHECK(network.ping(0, 1, 200, &rtt_ms) == 1);
    sum_ms += rtt_ms;
    network.run_ms(1 + 7 * i % 20);  // at every phase of the scheduling request's period
  }
  MESSAGE("n", intent.band, ": round trip ", sum_ms / kNumPings, " ms of network time on average");
  CHECK(sum_ms / kNumPings <= 20.0);
}

/// Pings that do not wait for one another, at intervals that have no common period with scheduling requests, reports or RLC's timers.
void ping_at_every_phase(const rrc::CellIntent& intent, SampleRate rate)
{
  CAPTURE(intent.band);
  testing::NetworkBench network({.intent = intent, .rate = rate});
  REQUIRE_MESSAGE(network.attach_all(2000), network.describe());
  network.run_ms(50);
  for (const unsigned interval_ms : {7U, 20U, 23U, 41U}) {
    constexpr unsigned kNumPings = 40;
    const auto trips = network.ping_steadily(0, kNumPings, interval_ms);
    MESSAGE("n", intent.band, ", ", intent.bandwidth.value() / 1e6, " MHz, each ", interval_ms, " ms: round trip ", trips.average_ms,
            " ms on average, ", trips.max_ms, " at most");
    CHECK(trips.answers == kNumPings);
    CHECK(trips.average_ms <= 20.0);
    CHECK(trips.max_ms <= 40.0);
  }
}

/// Noise at both ends, against signals near -15 dBFS.
void set_snr(testing::NetworkBench& network, double snr_db)
{
  REQUIRE(network.air->set_noise_floor("gnb", DbFs(-15.0 - snr_db)));
  REQUIRE(network.air->set_noise_floor("ue0", DbFs(-15.0 - snr_db)));
}

}  // namespace

TEST_CASE("network: in an air that loses blocks a session in RLC AM loses hardly a packet, one in RLC UM some, and neither hangs")
{
  for (const std::uint8_t five_qi : {std::uint8_t{9}, std::uint8_t{7}}) {
    CAPTURE(five_qi);
    testing::NetworkBench network({.intent = {.band = 3, .bandwidth = Hertz(5e6)},
                                   .rate = SampleRate(7'680'000),
                                   .change_core = [five_qi](core::CoreConfig& core) { core.smf.flow.five_qi = five_qi; },
                                   .change_gnb = [](gnb::GnbConfig& gnb) { gnb.scheduler.max_transmissions = 1; }});
    REQUIRE_MESSAGE(network.attach_all(1500), network.describe());
    network.run_ms(50);
    CHECK(network.ping_steadily(0, 20, 23).answers == 20);
    set_snr(network, 14.0);
    constexpr unsigned kNumPings = 300;
    const auto lossy = network.ping_steadily(0, kNumPings, 7);
    INFO(network.describe());
    MESSAGE("5QI ", int{five_qi}, ": ", lossy.answers, " of ", kNumPings, " pings answered, round trip ", lossy.average_ms, " ms on average, ",
            lossy.max_ms, " at most");
    if (five_qi == 9) {
      CHECK(lossy.answers >= kNumPings * 99 / 100);  // what RLC cannot repeat within PDCP's t-Reordering is lost
    } else {
      CHECK(lossy.answers < kNumPings * 95 / 100);
      CHECK(lossy.answers > kNumPings / 2);
      CHECK(lossy.max_ms < 200.0);  // what is lost is waited for by t-Reassembly and t-Reordering only
    }
    set_snr(network, 60.0);
    network.run_ms(300);
    CHECK(network.ping_steadily(0, 20, 23).answers == 20);
    CHECK(network.gnb->counters().lost_ues == 0);
    CHECK(network.gnb->counters().ues == 1);
  }
}

TEST_CASE("network: round trips at every phase of scheduling requests and reports: FDD 10 MHz")
{
  ping_at_every_phase({.band = 3, .bandwidth = Hertz(10e6)}, SampleRate(11'520'000));
}

TEST_CASE("network: round trips at every phase of scheduling requests and reports: FDD 20 MHz")
{
  ping_at_every_phase({.band = 1, .bandwidth = Hertz(20e6)}, SampleRate(23'040'000));
}

TEST_CASE("network: round trips at every phase of scheduling requests and reports: TDD 20 MHz")
{
  ping_at_every_phase({.band = 78, .bandwidth = Hertz(20e6)}, SampleRate(23'040'000));
}

TEST_CASE("network: a UE attaches to gNB and core over samples, gets an address, and its ping is answered: FDD 10 MHz")
{
  attach_and_ping({.band = 3, .bandwidth = Hertz(10e6)}, SampleRate(11'520'000));
}

TEST_CASE("network: a UE attaches to gNB and core over samples, gets an address, and its ping is answered: TDD 20 MHz")
{
  attach_and_ping({.band = 78, .bandwidth = Hertz(20e6)}, SampleRate(23'040'000));
}

}  // namespace ravi
