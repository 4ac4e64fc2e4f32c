#include "stack/rlc/am.h"

#include "radio/realtime.h"
#include "tests/realtime_guard.h"
#include "tests/stack/rlc/channel.h"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <set>
#include <vector>

namespace ravi::rlc {
namespace {

using Bytes = std::vector<std::uint8_t>;
using test::number_of;
using test::numbered_sdu;

struct LossyRun {
  SnSize sn_size;
  double loss;
  std::size_t max_grant;
  std::uint32_t num_sdus;
  AmConfig config{};
};

/// Both ends send `num_sdus` to the other over a lossy, reordering channel with random grants; all must arrive, once, intact.
void run_lossy(const LossyRun& run, std::uint32_t seed)
{
  CAPTURE(seed);
  AmConfig config = run.config;
  config.sn_size = run.sn_size;
  config.max_retx_threshold = 255;
  config.capacity = {.queue_sdus = 256, .queue_octets = 1U << 18, .max_sdu_octets = 3000, .num_reassemblies = 16};
  AmEntity ends[2]{AmEntity(config), AmEntity(config)};
  test::Channel channels[2]{{seed, run.loss, 12}, {seed + 1000, run.loss, 12}};
  std::mt19937 random(seed + 5);
  std::array<std::uint32_t, 2> pushed{};
  std::array<std::set<std::uint32_t>, 2> received;
  const auto is_done = [&] {
    for (std::size_t end = 0; end < 2; ++end) {
      if (received[end].size() < run.num_sdus || ends[end].num_sdus() > 0) return false;
    }
    return true;
  };
  for (std::int64_t ms = 0; ms < 400'000 && !is_done(); ++ms) {
    const Time now(ms);
    for (std::size_t end = 0; end < 2; ++end) {
      ends[end].tick(now);
      while (pushed[end] < run.num_sdus &&
             ends[end].push(numbered_sdu(pushed[end], 4 + (pushed[end] * 7919U) % 2000), pushed[end])) {
        ++pushed[end];
      }
      Bytes grant(1 + random() % run.max_grant);
      const std::size_t before = ends[end].buffer_octets();
      const std::size_t written = ends[end].pull(grant, now);
      CHECK(written <= grant.size());
      CHECK((written == 0 || before > 0));
      if (written > 0) channels[end].send(std::span(grant).first(written), ms);
    }
    for (std::size_t end = 0; end < 2; ++end) {
      channels[end].run(ms, [&](const Bytes& pdu) {
        const auto sdu = ends[1 - end].receive(pdu, now);
        if (sdu.empty()) return;
        const std::uint32_t number = number_of(sdu);
        REQUIRE(Bytes(sdu.begin(), sdu.end()) == numbered_sdu(number, 4 + (number * 7919U) % 2000));
        CHECK(received[1 - end].insert(number).second);
      });
    }
  }
  CHECK(is_done());
  for (auto& end : ends) {
    CHECK(end.rx().malformed == 0);
    CHECK(end.buffer_octets() <= StatusWriter::kMinSize);  // at most a last report
    CHECK_FALSE(end.has_reached_max_retx());
  }
}

/// Everything that `from` has to send, in PDUs of up to `grant` octets.
std::vector<Bytes> pull_all(AmEntity& from, std::size_t grant, Time now)
{
  std::vector<Bytes> out;
  while (true) {
    Bytes pdu(grant);
    const std::size_t written = from.pull(pdu, now);
    if (written == 0) return out;
    pdu.resize(written);
    out.push_back(pdu);
  }
}

}  // namespace

TEST_CASE("AM: everything arrives once and intact through loss, reordering and any grant, with polls and status in between")
{
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    run_lossy({SnSize::bits12, 0.1, 1500, 300}, seed);
    run_lossy({SnSize::bits18, 0.3, 700, 150}, seed);
    run_lossy({SnSize::bits12, 0.0, 60, 60}, seed);
    run_lossy({SnSize::bits18, 0.2, 3000, 300, {.poll_pdu = 4, .poll_octets = 25'000, .t_status_prohibit = Time(10)}}, seed);
  }
}

TEST_CASE("AM: sequence numbers wrap, many times over")
{
  run_lossy({SnSize::bits12, 0.02, 3000, 9000, {.poll_pdu = 16}}, 77);
}

TEST_CASE("AM: an SDU that fits goes whole, the last PDU polls, and the status report clears it [TS 38.322 §5.3.3.2]")
{
  AmEntity a, b;
  REQUIRE(a.push(Bytes{1, 2, 3}));
  REQUIRE(a.push(Bytes{4, 5}));
  CHECK(a.buffer_octets() == 5);
  const auto pdus = pull_all(a, 100, Time(0));
  REQUIRE(pdus.size() == 2);
  CHECK(pdus[0] == Bytes{0x80, 0x00, 1, 2, 3});
  CHECK(pdus[1] == Bytes{0xC0, 0x01, 4, 5});
  CHECK(b.receive(pdus[0], Time(1)).size() == 3);
  CHECK(b.buffer_octets() == 0);
  CHECK(b.receive(pdus[1], Time(1)).size() == 2);
  CHECK(b.buffer_octets() == 3);
  const auto status = pull_all(b, 100, Time(1));
  REQUIRE(status.size() == 1);
  CHECK(status[0] == Bytes{0x00, 0x02, 0x00});
  CHECK(a.num_sdus() == 2);
  (void)a.receive(status[0], Time(2));
  CHECK(a.num_sdus() == 0);
}

TEST_CASE("AM: a poll behind a hole is answered when t-Reassembly gives the hole up, and the NACK brings it back [§5.3.4]")
{
  AmEntity a, b;
  for (std::uint8_t i = 0; i < 4; ++i) REQUIRE(a.push(Bytes{i, i, i}));
  const auto pdus = pull_all(a, 100, Time(0));
  REQUIRE(pdus.size() == 4);
  CHECK(b.receive(pdus[0], Time(0)).size() == 3);
  CHECK(b.receive(pdus[3], Time(0)).size() == 3);  // 1 and 2 are lost
  b.tick(Time(34));
  CHECK(b.buffer_octets() == 0);
  b.tick(Time(35));
  const auto status = pull_all(b, 100, Time(35));
  REQUIRE(status.size() == 1);
  // ACK_SN 4, NACK_SN 1 with a range of 2
  CHECK(status[0] == Bytes{0x00, 0x04, 0x80, 0x00, 0x12, 0x02});
  (void)a.receive(status[0], Time(36));
  CHECK(a.num_sdus() == 3);
  CHECK(a.buffer_octets() == 6);
  const auto again = pull_all(a, 100, Time(36));
  REQUIRE(again.size() == 2);
  CHECK(again[0] == Bytes{0x80, 0x01, 1, 1, 1});
  CHECK(again[1] == Bytes{0xC0, 0x02, 2, 2, 2});
  CHECK(a.tx().retransmissions == 2);
}

TEST_CASE("AM: a missing segment is named by its offsets and only it is sent again [TS 38.322 §5.3.2]")
{
  AmEntity a, b;
  Bytes sdu(30);
  for (std::size_t i = 0; i < sdu.size(); ++i) sdu[i] = static_cast<std::uint8_t>(i);
  REQUIRE(a.push(sdu));
  const auto pdus = pull_all(a, 14, Time(0));  // 12, 10, 8 octets
  REQUIRE(pdus.size() == 3);
  CHECK(b.receive(pdus[0], Time(0)).empty());
  CHECK(b.receive(pdus[2], Time(0)).empty());
  b.tick(Time(35));
  const auto status = pull_all(b, 100, Time(35));
  REQUIRE(status.size() == 1);
  CHECK(status[0] == Bytes{0x00, 0x01, 0x80, 0x00, 0x04, 0x00, 0x0C, 0x00, 0x15});
  (void)a.receive(status[0], Time(36));
  CHECK(a.buffer_octets() == 10);
  const auto again = pull_all(a, 9, Time(36));  // cut again
  REQUIRE(again.size() == 2);
  CHECK(b.receive(again[1], Time(37)).empty());
  const auto whole = b.receive(again[0], Time(37));
  CHECK(Bytes(whole.begin(), whole.end()) == sdu);
}

TEST_CASE("AM: a lost status is asked for again after t-PollRetransmit, and the threshold is told [TS 38.322 §5.3.3.4]")
{
  AmConfig config{.max_retx_threshold = 4, .capacity = kSrbCapacity};
  AmEntity a(config);
  REQUIRE(a.push(Bytes{9, 9}));
  CHECK(pull_all(a, 100, Time(0)).size() == 1);
  int sent_again = 0;
  for (std::int64_t ms = 1; ms < 1000 && !a.has_reached_max_retx(); ++ms) {
    a.tick(Time(ms));
    for (const Bytes& pdu : pull_all(a, 100, Time(ms))) {
      CHECK(pdu == Bytes{0xC0, 0x00, 9, 9});
      CHECK(ms % 45 == 0);
      ++sent_again;
    }
  }
  CHECK(a.has_reached_max_retx());
  CHECK(sent_again == 5);  // RETX_COUNT is 0 at the first
  a.reestablish();
  CHECK_FALSE(a.has_reached_max_retx());
  CHECK(a.buffer_octets() == 0);
}

TEST_CASE("AM: t-StatusProhibit holds the second report back")
{
  AmEntity a({.t_status_prohibit = Time(20), .capacity = kSrbCapacity});
  const Bytes first{0xC0, 0x00, 1}, second{0xC0, 0x01, 2};
  (void)a.receive(first, Time(0));
  CHECK(pull_all(a, 10, Time(0)).size() == 1);
  (void)a.receive(second, Time(5));
  CHECK(a.buffer_octets() == 0);
  CHECK(pull_all(a, 10, Time(5)).empty());
  a.tick(Time(20));
  CHECK(a.buffer_octets() == 3);
  CHECK(pull_all(a, 10, Time(20)) == std::vector<Bytes>{{0x00, 0x02, 0x00}});
}

TEST_CASE("AM: the transmitting window stalls after half the numbers, with a poll, and goes on when acknowledged")
{
  AmConfig config{.capacity = {.queue_sdus = 3000, .queue_octets = 100'000, .max_sdu_octets = 100, .num_reassemblies = 4}};
  AmEntity a(config), b(config);
  for (int i = 0; i < 2500; ++i) REQUIRE(a.push(Bytes{1}));
  const auto pdus = pull_all(a, 10, Time(0));
  REQUIRE(pdus.size() == 2048);
  CHECK((pdus.back()[0] & 0x40) != 0);
  for (const Bytes& pdu : pdus) CHECK(b.receive(pdu, Time(1)).size() == 1);
  for (const Bytes& pdu : pull_all(b, 10, Time(1))) (void)a.receive(pdu, Time(2));
  CHECK(pull_all(a, 10, Time(2)).size() == 452);
}

TEST_CASE("AM: an SDU can be taken back until its first octet has gone [TS 38.322 §5.4]")
{
  AmEntity a;
  REQUIRE(a.push(Bytes(10, 1), 1));
  REQUIRE(a.push(Bytes(10, 2), 2));
  REQUIRE(a.push(Bytes(10, 3), 3));
  Bytes pdu(7);
  CHECK(a.pull(pdu, Time(0)) == 7);
  CHECK_FALSE(a.discard(1));
  CHECK(a.discard(2));
  CHECK(a.buffer_octets() == 15);
  const auto rest = pull_all(a, 100, Time(0));
  REQUIRE(rest.size() == 2);
  CHECK(rest[1][1] == 1);  // the numbers have no hole
  CHECK(rest[1][2] == 3);
}

TEST_CASE("AM: a full queue refuses and counts; octets beyond 16 bits of offset are refused")
{
  AmEntity a({.capacity = {.queue_sdus = 4, .queue_octets = 200'000, .max_sdu_octets = 100, .num_reassemblies = 1}});
  CHECK_FALSE(a.push(Bytes(70'000)));
  for (int i = 0; i < 4; ++i) CHECK(a.push(Bytes(10)));
  CHECK_FALSE(a.push(Bytes(10)));
  CHECK(a.tx().sdus_refused == 2);
}

TEST_CASE("AM: random octets, truncations and mutated PDUs neither crash nor stop the bearer's own traffic")
{
  std::mt19937 random(9);
  for (const SnSize size : {SnSize::bits12, SnSize::bits18}) {
    AmConfig config{.sn_size = size, .capacity = {.queue_sdus = 64, .queue_octets = 20'000, .max_sdu_octets = 500, .num_reassemblies = 4}};
    AmEntity a(config), b(config);
    for (std::int64_t ms = 0; ms < 20'000; ++ms) {
      a.tick(Time(ms));
      b.tick(Time(ms));
      (void)a.push(numbered_sdu(static_cast<std::uint32_t>(ms), random() % 300), 0);
      Bytes grant(1 + random() % 300);
      grant.resize(a.pull(grant, Time(ms)));
      if (grant.empty()) continue;
      for (unsigned flips = random() % 4; flips > 0; --flips) grant[random() % grant.size()] ^= static_cast<std::uint8_t>(random());
      if (random() % 4 == 0) grant.resize(random() % grant.size());
      (void)b.receive(grant, Time(ms));
      Bytes noise(random() % 40);
      for (auto& octet : noise) octet = static_cast<std::uint8_t>(random());
      (void)a.receive(noise, Time(ms));
      Bytes status(random() % 60);
      (void)b.pull(status, Time(ms));
      (void)b.buffer_octets();
    }
    CHECK(a.tx().pdus > 100);
  }
}

TEST_CASE("AM: no call allocates or locks once the entity is made")
{
  AmEntity a({.sn_size = SnSize::bits18, .capacity = kSrbCapacity}), b({.sn_size = SnSize::bits18, .capacity = kSrbCapacity});
  const Bytes sdu(700, 3);
  Bytes pdu(300);
  std::mt19937 random(4);
  testing::reset_realtime_violations();
  {
    const RealtimeScope scope;
    for (std::int64_t ms = 0; ms < 500; ++ms) {
      (void)a.push(sdu);
      for (int i = 0; i < 4; ++i) {
        const std::size_t written = a.pull(pdu, Time(ms));
        if (written > 0 && random() % 5 != 0) (void)b.receive(std::span(pdu).first(written), Time(ms));
      }
      const std::size_t status = b.pull(pdu, Time(ms));
      if (status > 0) (void)a.receive(std::span(pdu).first(status), Time(ms));
      a.tick(Time(ms));
      b.tick(Time(ms));
    }
  }
  CHECK(testing::realtime_violations().allocations == 0);
  CHECK(testing::realtime_violations().locks == 0);
  CHECK(b.rx().sdus > 150);
  CHECK(a.tx().retransmissions > 20);
}

}  // namespace ravi::rlc
