#include "stack/pdcp/radio_bearer.h"

#include "radio/realtime.h"
#include "tests/realtime_guard.h"

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace ravi::pdcp {
namespace {

/// Both ends of a DRB whose queues hold four SDUs.
struct Link {
  Config config{.bearer = Bearer::drb_am, .identity = 1, .sn_size = SnSize::bits18, .max_sdu_octets = 1500, .num_stored = 16};
  rlc::AmConfig rlc{.sn_size = rlc::SnSize::bits18, .capacity = {.queue_sdus = 4, .queue_octets = 8192}};
  RadioBearer gnb{config, rlc, security::Direction::downlink};
  RadioBearer ue{config, rlc, security::Direction::uplink};
  std::array<std::uint8_t, 800> pdu{};

  /// One PDU of at most 800 octets each way; SDUs that arrived at the UE are counted, and must follow one another.
  void exchange(Time now)
  {
    const auto down = std::span(pdu).first(gnb.pull(pdu, now));
    if (!down.empty()) (void)ue.receive(down, now);
    while (const auto sdu = ue.next()) {
      is_in_order = is_in_order && sdu->count == num_received;
      ++num_received;
    }
    const auto up = std::span(pdu).first(ue.pull(pdu, now));
    if (!up.empty()) (void)gnb.receive(up, now);
    gnb.tick(now);
    ue.tick(now);
  }

  unsigned num_received = 0;
  bool is_in_order = true;
};

}  // namespace

TEST_CASE("Radio bearer: an SDU refused by a full queue takes no COUNT, so that nothing waits for it at the far end")
{
  Link link;
  const std::vector<std::uint8_t> sdu(1400, 7);
  unsigned num_sent = 0;
  for (int ms = 0; ms < 1000; ++ms) {
    while (link.gnb.send(sdu, Time(ms))) ++num_sent;
    link.exchange(Time(ms));
  }
  CHECK(link.gnb.rlc_tx().sdus_refused == 1000);
  CHECK(link.gnb.tx().tx_next() == num_sent);
  CHECK(link.num_received > 300);
  CHECK(num_sent - link.num_received <= 4);
  CHECK(link.is_in_order);
  CHECK(link.ue.rx().counters().reordering_expired == 0);
}

TEST_CASE("Radio bearer: both directions allocate nothing and lock nothing, ciphering in force")
{
  Link link;
  const security::Key128 key{};
  for (RadioBearer* end : {&link.gnb, &link.ue}) {
    end->tx().activate_ciphering(security::CipheringAlgorithm::nea2, key);
    end->rx().activate_ciphering(security::CipheringAlgorithm::nea2, key);
  }
  const std::vector<std::uint8_t> sdu(1400, 7);
  testing::reset_realtime_violations();
  {
    const RealtimeScope scope;
    for (int ms = 0; ms < 100; ++ms) {
      (void)link.gnb.send(sdu, Time(ms));
      (void)link.ue.send(sdu, Time(ms));
      link.exchange(Time(ms));
    }
  }
  CHECK(testing::realtime_violations().allocations == 0);
  CHECK(testing::realtime_violations().frees == 0);
  CHECK(testing::realtime_violations().locks == 0);
  CHECK(link.num_received > 20);
}

}  // namespace ravi::pdcp
