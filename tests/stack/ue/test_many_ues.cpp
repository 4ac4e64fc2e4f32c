// Several UEs in one cell: all get in, even at the same moment and with the same preambles, and share it fairly.

#include "tests/stack/ue/network_bench.h"

#include "doctest/doctest.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace ravi {
namespace {

using testing::NetworkBench;

const rrc::CellIntent kFdd5{.band = 3, .bandwidth = Hertz(5e6)};
const SampleRate kFdd5Rate(7'680'000);

/// Packets of a protocol nobody answers, as fast as the bearer takes them.
void flood_uplink(ue::Ue& ue)
{
  auto packet = testing::echo_request(*ue.status().address, {10, 45, 0, 1}, 0, 1372, 200);
  while (ue.has_bearer() && ue.send_packet(packet)) {
  }
}

struct Shares {
  std::vector<double> downlink_mbps, uplink_mbps;
};

/// Both directions full for `ms` after a while of settling.
Shares full_traffic(NetworkBench& network, double downlink_bps, unsigned ms)
{
  for (const auto& ue : network.ues) {
    REQUIRE(network.core->upf().start_downlink(*ue->status().address, downlink_bps, 1400, to_duration(network.time() - SampleTime(0), kFdd5Rate)));
  }
  std::vector<std::uint64_t> received(network.ues.size());
  const auto run = [&](unsigned slots) {
    for (unsigned i = 0; i < slots; ++i) {
      for (const auto& ue : network.ues) flood_uplink(*ue);
      network.run(1);
      for (std::size_t n = 0; n < network.ues.size(); ++n) {
        for (auto packet = network.ues[n]->take_packet(); !packet.empty(); packet = network.ues[n]->take_packet()) received[n] += packet.size();
      }
    }
  };
  run(300);
  std::ranges::fill(received, 0);
  std::vector<std::uint64_t> sent;
  for (const auto& ue : network.ues) sent.push_back(network.core->upf().traffic(*ue->status().address)->uplink.octets);
  run(ms);
  Shares shares;
  for (std::size_t n = 0; n < network.ues.size(); ++n) {
    const auto octets = network.core->upf().traffic(*network.ues[n]->status().address)->uplink.octets - sent[n];
    shares.downlink_mbps.push_back(8e-3 * static_cast<double>(received[n]) / ms);
    shares.uplink_mbps.push_back(8e-3 * static_cast<double>(octets) / ms);
  }
  return shares;
}

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

}  // namespace

TEST_CASE("network: four UEs attach at once, all ping, and share the cell fairly in both directions")
{
  NetworkBench network({.intent = kFdd5, .rate = kFdd5Rate, .num_ues = 4});
  const bool has_all = network.attach_all(1500);
  INFO(network.describe());
  REQUIRE(has_all);
  std::set<nas::Ipv4> addresses;
  for (unsigned n = 0; n < 4; ++n) {
    addresses.insert(*network.ues[n]->status().address);
    double rtt_ms = 0.0;
    CHECK(network.ping(n, 3, 200, &rtt_ms) == 3);
    CHECK(rtt_ms < 25.0);
  }
  CHECK(addresses.size() == 4);
  const Shares shares = full_traffic(network, 20e6, 600);
  for (unsigned n = 0; n < 4; ++n) {
    MESSAGE("UE ", n, ": downlink ", shares.downlink_mbps[n], " Mbit/s, uplink ", shares.uplink_mbps[n], " Mbit/s");
    CHECK(shares.downlink_mbps[n] > 0.8 * sum(shares.downlink_mbps) / 4);
    CHECK(shares.uplink_mbps[n] > 0.8 * sum(shares.uplink_mbps) / 4);
  }
  MESSAGE("together: downlink ", sum(shares.downlink_mbps), " Mbit/s, uplink ", sum(shares.uplink_mbps), " Mbit/s");
  CHECK(sum(shares.downlink_mbps) > 8.0);
  CHECK(sum(shares.uplink_mbps) > 8.0);
  const gnb::UeStatisticsList statistics = network.gnb->ue_statistics();
  REQUIRE(statistics.size() == 4);
  for (const gnb::UeStatistics& ue : statistics) {
    MESSAGE("UE ", ue.rnti.value(), ": CQI ", ue.cqi, ", MCS ", ue.downlink.average_mcs(), " ", ue.uplink.average_mcs(), ", BLER ",
            ue.downlink.bler(), " ", ue.uplink.bler(), ", residual ", ue.downlink.residual_bler(), " ", ue.uplink.residual_bler());
    CHECK(ue.is_connected);
    CHECK(ue.downlink.residual_bler() < 0.01);
    CHECK(ue.uplink.residual_bler() < 0.01);
  }
}

TEST_CASE("network: eight UEs with four preambles between them collide, contention is resolved, and all get in")
{
  rrc::CellIntent intent = kFdd5;
  intent.num_preambles = 4;
  NetworkBench network({.intent = intent, .rate = kFdd5Rate, .num_ues = 8, .seed = 2});
  const bool has_all = network.attach_all(12'000);
  MESSAGE(network.num_attached(), " attached after ", network.seconds(), " s; preambles heard ", network.gnb->modem().counters().preambles,
          ", refused ", network.gnb->modem().counters().refused_preambles);
  INFO(network.describe());
  REQUIRE(has_all);
  for (unsigned n = 0; n < 8; ++n) CHECK(network.ping(n, 1, 300) == 1);
  CHECK(network.gnb->num_ues() == 8);
}

TEST_CASE("network: sixteen UEs")
{
  NetworkBench network({.intent = kFdd5, .rate = kFdd5Rate, .num_ues = 16, .seed = 3});
  const bool has_all = network.attach_all(5000);
  MESSAGE(network.num_attached(), " attached after ", network.seconds(), " s");
  INFO(network.describe());
  REQUIRE(has_all);
  for (unsigned n = 0; n < 16; n += 5) CHECK(network.ping(n, 1, 300) == 1);
}

}  // namespace ravi
