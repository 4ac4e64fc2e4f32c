// Peers that come, go and come back.

#include "drivers/zmq/zmq_radio.h"

#include "tests/drivers/zmq/zmq_pair.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <thread>

using namespace ravi;
using namespace ravi::testing;

namespace {

using namespace std::chrono_literals;

/// The time of `them` at which `us` has time 0, taken from a block that holds samples; none: only zeros.
std::optional<std::int64_t> offset_of(const Node::Block& block)
{
  for (std::size_t i = 0; i < block.samples.size(); ++i) {
    const Cf32 sample = block.samples[i];
    if (sample == Cf32{}) continue;
    const std::int64_t sent_at = static_cast<std::int64_t>(sample.real()) - 1 +
                                 (static_cast<std::int64_t>(sample.imag()) - 1) * (1 << 20);
    return sent_at - (block.result.time.value() + static_cast<std::int64_t>(i));
  }
  return std::nullopt;
}

/// Whatever a block holds is in order: from its first sample that is not zero on, or zero from some sample on.
bool is_consistent(const Node::Block& block)
{
  const auto offset = offset_of(block);
  if (!offset) return true;
  return std::all_of(block.samples.begin(), block.samples.end(), [&](const Cf32& sample) {
    const std::int64_t index = block.result.time.value() + (&sample - block.samples.data()) + *offset;
    return sample == Cf32{} || sample == numbered(index);
  });
}

}  // namespace

TEST_CASE("ZMQ: a node that restarts, again and again, is back in step with one that stayed")
{
  for (const Transport transport : {Transport::tcp, Transport::ipc}) {
    Pair pair = open_pair(transport);
    REQUIRE(pair.a->start(SampleTime(0)).has_value());
    Node a(*pair.a, 1'000'000);
    ZmqConfig config;
    config.tx = pair.b->tx_endpoints();
    config.rx = pair.a->tx_endpoints();
    constexpr int kRestarts = 8;
    for (int restart = 0; restart <= kRestarts; ++restart) {
      if (restart > 0) {
        pair.b.reset();  // closes everything, as the end of a process does
        pair.b = open_or_fail(config);
      }
      REQUIRE(pair.b->start(SampleTime(0)).has_value());
      Node b(*pair.b, 12);
      b.wait();
      REQUIRE(b.blocks.size() == 12);
      CHECK(b.blocks[0].result.time == SampleTime(0));
      // What b hears last is what a sent, and a's time at the beginning of the link was a slot border.
      const auto offset = offset_of(b.blocks[11]);
      REQUIRE(offset.has_value());
      CHECK(*offset % kSlot == 0);
      for (const auto& block : b.blocks) CHECK(is_consistent(block));
    }
    a.is_to_stop = true;
    pair.a->stop();
    a.wait();
    SampleTime previous(-1);
    std::int64_t num_gaps = 0;
    for (const auto& block : a.blocks) {
      CHECK(block.result.time > previous);
      if (previous.value() >= 0) CHECK(block.result.time - previous == SampleCount(kSlot) + block.result.lost);
      num_gaps += block.result.lost.value() > 0 ? 1 : 0;
      previous = block.result.time;
      CHECK(is_consistent(block));
    }
    CHECK(num_gaps <= kRestarts);
    CHECK(pair.a->counters().reconnects >= kRestarts);
  }
}

TEST_CASE("ZMQ: after a restart both ends hear each other at the same instant")
{
  Pair pair = open_pair(Transport::tcp);
  REQUIRE(pair.a->start(SampleTime(0)).has_value());
  Node a(*pair.a, 1'000'000);
  ZmqConfig config;
  config.tx = pair.b->tx_endpoints();
  config.rx = pair.a->tx_endpoints();
  std::vector<std::optional<std::int64_t>> heard_by_b;
  for (int run = 0; run < 5; ++run) {
    if (run > 0) {
      pair.b.reset();
      pair.b = open_or_fail(config);
    }
    REQUIRE(pair.b->start(SampleTime(run * 1'000'000)).has_value());
    Node b(*pair.b, 10);
    b.wait();
    REQUIRE(b.blocks.size() == 10);
    heard_by_b.push_back(offset_of(b.blocks[9]));
    REQUIRE(heard_by_b.back().has_value());
  }
  a.is_to_stop = true;
  pair.a->stop();
  a.wait();
  // a's time less b's, once as b heard it and once as a did, must be the same: DL sample i and UL sample i belong together.
  for (std::size_t run = 0; run < 5; ++run) {
    const std::int64_t low = static_cast<std::int64_t>(run) * 1'000'000;
    bool is_heard = false;
    for (const auto& block : a.blocks) {
      const auto offset = offset_of(block);
      if (!offset) continue;
      const std::int64_t time_at_b = block.result.time.value() + *offset;
      if (time_at_b < low || time_at_b >= low + 1'000'000) continue;
      is_heard = true;
      CHECK(-*offset == *heard_by_b[run]);
    }
    CHECK(is_heard);
  }
}

TEST_CASE("ZMQ: both ends restarting at random times never lock up")
{
  const std::string endpoint_a = free_ipc();
  const std::string endpoint_b = free_ipc();
  ZmqConfig config_a;
  config_a.tx = {endpoint_a};
  config_a.rx = {endpoint_b};
  ZmqConfig config_b;
  config_b.tx = {endpoint_b};
  config_b.rx = {endpoint_a};
  auto a = open_or_fail(config_a);
  auto b = open_or_fail(config_b);
  for (int round = 0; round < 12; ++round) {
    const auto started = a->start(SampleTime(0));
    REQUIRE_MESSAGE(started.has_value(), (started ? std::string{} : started.error().message));
    REQUIRE(b->start(SampleTime(0)).has_value());
    Node node_a(*a, 1'000'000, 4, 1000);
    Node node_b(*b, 1'000'000, 4, 1000);
    for (int i = 0; i < 5000 && (node_a.num_received < 20 || node_b.num_received < 20); ++i) {
      std::this_thread::sleep_for(1ms);
    }
    CHECK(node_a.num_received >= 20);
    CHECK(node_b.num_received >= 20);
    node_a.is_to_stop = true;
    node_b.is_to_stop = true;
    if (round % 3 != 0) a->stop();
    if (round % 3 != 1) b->stop();
    node_a.wait();
    node_b.wait();
    a->stop();
    b->stop();
  }
}

TEST_CASE("ZMQ: a node that stays while its peer stops and starts again goes on with it")
{
  Pair pair = open_pair(Transport::tcp);
  REQUIRE(pair.a->start(SampleTime(0)).has_value());
  Node a(*pair.a, 1'000'000);
  for (int round = 0; round < 3; ++round) {
    REQUIRE(pair.b->start(SampleTime(0)).has_value());
    Node b(*pair.b, 8);
    b.wait();
    CHECK(b.blocks.size() == 8);
    pair.b->stop();
    for (int i = 0; i < 1000 && pair.a->peer() == Peer::present; ++i) std::this_thread::sleep_for(1ms);
    CHECK(pair.a->peer() == Peer::absent);
  }
  a.is_to_stop = true;
  CHECK(pair.a->counters().reconnects == 2);
  pair.a->stop();
}

TEST_CASE("ZMQ: the hub's end returns at once while nobody is there, and takes a newcomer in at its own time")
{
  Pair pair = open_pair(Transport::ipc);
  ZmqConfig config;
  config.role = ZmqRole::hub;
  config.tx = {free_ipc()};
  config.rx = pair.b->tx_endpoints();
  auto hub = open_or_fail(config);
  REQUIRE(pair.b->set_rx_endpoints(hub->tx_endpoints()).has_value());
  REQUIRE(hub->start(SampleTime(0)).has_value());
  IqBuffer block(1, kSlot);
  IqBuffer echo(1, kSlot);
  const auto begin = std::chrono::steady_clock::now();
  std::int64_t now = 0;
  for (; now < 1000 * kSlot; now += kSlot) {
    hub->realign(SampleTime(now));
    CHECK(hub->receive(block.span()).status == RxStatus::timeout);
    CHECK(hub->transmit(block.span(), SampleTime(now), Burst::goes_on).status == TxStatus::timeout);
  }
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
  CHECK(hub->peer() == Peer::absent);

  for (int visit = 0; visit < 3; ++visit) {
    REQUIRE(pair.b->start(SampleTime(0)).has_value());
    Node b(*pair.b, 20);
    bool is_first = true;
    std::int64_t joined_at = 0;
    for (int i = 0; i < 20'000 && b.num_received < 20 && !b.has_ended; ++i) {
      hub->realign(SampleTime(now));
      const RxResult result = hub->receive(block.span());
      if (result.status == RxStatus::ok) {
        CHECK(result.time == SampleTime(now));
        if (is_first) joined_at = now;
        is_first = false;
        CHECK(hub->transmit(block.span(), SampleTime(now), Burst::goes_on).status == TxStatus::ok);
        now += kSlot;
      } else if (hub->peer() == Peer::absent) {
        now += kSlot;  // the hub's time goes on without the node
        std::this_thread::sleep_for(100us);
      }
    }
    b.wait();
    REQUIRE(b.blocks.size() == 20);
    CHECK(joined_at > 0);
    // The hub gave back what b sent, at the time b sent it.
    for (const auto& heard : b.blocks) CHECK(is_in_place(heard, 0, 4 * kSlot));
    pair.b->stop();
    for (int i = 0; i < 1000 && hub->peer() == Peer::present; ++i) {
      static_cast<void>(hub->receive(block.span()));
      std::this_thread::sleep_for(1ms);
    }
    CHECK(hub->peer() == Peer::absent);
  }
}

TEST_CASE("ZMQ: a radio can be sent to another peer while it runs")
{
  Pair pair = open_pair(Transport::tcp);
  Pair other = open_pair(Transport::tcp);
  REQUIRE(other.b->set_rx_endpoints(pair.a->tx_endpoints()).has_value());
  REQUIRE(pair.a->start(SampleTime(0)).has_value());
  Node a(*pair.a, 1'000'000);
  {
    REQUIRE(pair.b->start(SampleTime(0)).has_value());
    Node b(*pair.b, 10);
    b.wait();
    CHECK(b.blocks.size() == 10);
  }
  pair.b->stop();
  REQUIRE(pair.a->set_rx_endpoints(other.b->tx_endpoints()).has_value());
  REQUIRE(other.b->start(SampleTime(0)).has_value());
  {
    Node b(*other.b, 10);
    b.wait();
    REQUIRE(b.blocks.size() == 10);
    CHECK(offset_of(b.blocks[9]).has_value());
  }
  a.is_to_stop = true;
  pair.a->stop();
}
