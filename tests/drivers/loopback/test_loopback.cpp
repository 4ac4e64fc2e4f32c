// The loopback on one thread (`Waiting::returns`): every outcome is exact.

#include "drivers/loopback/loopback.h"
#include "radio/realtime.h"
#include "tests/realtime_guard.h"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <vector>

namespace {

using namespace ravi;

LoopbackConfig nodes_named(const std::vector<std::string>& names)
{
  LoopbackConfig config;
  config.sample_rate = SampleRate(1'000'000);
  config.ring = SampleCount(1024);
  config.waiting = Waiting::returns;
  for (const std::string& name : names) config.nodes.push_back({.name = name});
  return config;
}

std::shared_ptr<LoopbackAir> air_of(const LoopbackConfig& config)
{
  auto air = LoopbackAir::create(config);
  REQUIRE(air);
  return *air;
}

std::unique_ptr<Radio> joined(LoopbackAir& air, const std::string& name)
{
  auto radio = air.join(name);
  REQUIRE(radio);
  return std::move(*radio);
}

std::unique_ptr<Radio> started(LoopbackAir& air, const std::string& name, std::int64_t first = 0)
{
  auto radio = joined(air, name);
  REQUIRE(radio->start(SampleTime(first)));
  return radio;
}

/// Samples that say which node sent them and when.
std::vector<Cf32> numbered(int node, std::int64_t begin, std::size_t count)
{
  std::vector<Cf32> samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    samples[i] = Cf32(static_cast<float>(begin + static_cast<std::int64_t>(i)), static_cast<float>(node));
  }
  return samples;
}

TxStatus send(Radio& radio, const std::vector<Cf32>& samples, std::int64_t at)
{
  return radio.transmit(std::span<const Cf32>(samples), SampleTime(at), Burst::goes_on).status;
}

RxResult take(Radio& radio, std::vector<Cf32>& samples) { return radio.receive(std::span<Cf32>(samples)); }

const std::vector<Cf32> kSilence(64);

}  // namespace

TEST_CASE("loopback: what one node sends the other receives at the same sample time")
{
  auto air = air_of(nodes_named({"a", "b"}));
  auto a = started(*air, "a");
  auto b = started(*air, "b");
  const auto sent = numbered(1, 0, 100);
  REQUIRE(send(*a, sent, 0) == TxStatus::ok);
  std::vector<Cf32> heard(100);
  const RxResult result = take(*b, heard);
  CHECK(result.status == RxStatus::ok);
  CHECK(result.time == SampleTime(0));
  CHECK(result.num_samples == 100);
  CHECK(heard == sent);
  CHECK(a->counters().tx_samples == 100);
  CHECK(b->counters().rx_samples == 100);
  CHECK(a->peer() == Peer::present);
}

TEST_CASE("loopback: receiving sends zeros up to the end of what is received (rule A), so nobody waits for ever")
{
  auto air = air_of(nodes_named({"a", "b"}));
  auto a = started(*air, "a");
  auto b = started(*air, "b");
  std::vector<Cf32> heard(64, Cf32(9, 9));
  CHECK(take(*a, heard).status == RxStatus::timeout);  // b has not sent, but a's zeros are out now
  CHECK(take(*b, heard).status == RxStatus::ok);
  CHECK(heard == kSilence);
  CHECK(take(*a, heard).status == RxStatus::ok);
  CHECK(send(*a, numbered(1, 0, 64), 0) == TxStatus::late);
  CHECK(send(*a, numbered(1, 32, 64), 63) == TxStatus::late);  // partly late is wholly late
  CHECK(a->counters().lates == 2);
  CHECK(a->counters().tx_samples == 0);
}

TEST_CASE("loopback: a node whose padding is left to itself is not late after receiving the same samples")
{
  LoopbackConfig config = nodes_named({"hub", "node"});
  config.nodes[0].padding = Padding::by_sender;
  auto air = air_of(config);
  auto hub = started(*air, "hub");
  auto node = started(*air, "node");
  std::vector<Cf32> heard(64);
  CHECK(take(*node, heard).status == RxStatus::timeout);
  CHECK(take(*hub, heard).status == RxStatus::ok);
  const auto answer = numbered(1, 0, 64);
  CHECK(send(*hub, answer, 0) == TxStatus::ok);
  CHECK(take(*node, heard).status == RxStatus::ok);
  CHECK(heard == answer);
}

TEST_CASE("loopback: a gap before a transmission is silence")
{
  auto air = air_of(nodes_named({"a", "b"}));
  auto a = started(*air, "a");
  auto b = started(*air, "b");
  const auto sent = numbered(1, 40, 24);
  REQUIRE(send(*a, sent, 40) == TxStatus::ok);
  std::vector<Cf32> heard(64);
  REQUIRE(take(*b, heard).status == RxStatus::ok);
  CHECK(std::vector<Cf32>(heard.begin(), heard.begin() + 40) == std::vector<Cf32>(40));
  CHECK(std::vector<Cf32>(heard.begin() + 40, heard.end()) == sent);
}

TEST_CASE("loopback: three nodes each hear the sum of the other two, port by port")
{
  LoopbackConfig config = nodes_named({"a", "b", "c"});
  config.nodes[0].num_rx_ports = 2;
  config.nodes[1].num_tx_ports = 2;
  auto air = air_of(config);
  auto a = started(*air, "a");
  auto b = started(*air, "b");
  auto c = started(*air, "c");
  IqBuffer of_b(2, 8);
  for (std::size_t i = 0; i < 8; ++i) {
    of_b.channel(0)[i] = Cf32(1, 0);
    of_b.channel(1)[i] = Cf32(0, 5);
  }
  const std::vector<Cf32> of_a(8, Cf32(10, 0));
  const std::vector<Cf32> of_c(8, Cf32(100, 0));
  REQUIRE(send(*a, of_a, 0) == TxStatus::ok);
  REQUIRE(b->transmit(of_b.span(), SampleTime(0), Burst::goes_on).status == TxStatus::ok);
  REQUIRE(send(*c, of_c, 0) == TxStatus::ok);
  IqBuffer at_a(2, 8);
  REQUIRE(a->receive(at_a.span()).status == RxStatus::ok);
  std::vector<Cf32> at_b(8);
  std::vector<Cf32> at_c(8);
  REQUIRE(take(*b, at_b).status == RxStatus::ok);
  REQUIRE(take(*c, at_c).status == RxStatus::ok);
  for (std::size_t i = 0; i < 8; ++i) {
    CHECK(at_a.channel(0)[i] == Cf32(101, 0));
    CHECK(at_a.channel(1)[i] == Cf32(0, 5));  // only b has a second port
    CHECK(at_b[i] == Cf32(110, 0));
    CHECK(at_c[i] == Cf32(11, 0));
  }
}

TEST_CASE("loopback: a node alone hears silence and is held up by nobody")
{
  auto air = air_of(nodes_named({"a", "b"}));
  auto a = started(*air, "a");
  std::vector<Cf32> heard(64, Cf32(1, 1));
  for (int i = 0; i < 100; ++i) REQUIRE(take(*a, heard).status == RxStatus::ok);
  CHECK(heard == kSilence);
  CHECK(a->peer() == Peer::absent);
}

TEST_CASE("loopback: a node that leaves is heard to its last sample and then silent; the others go on")
{
  auto air = air_of(nodes_named({"a", "b"}));
  auto a = started(*air, "a");
  auto b = started(*air, "b");
  const auto last_words = numbered(1, 0, 20);
  REQUIRE(send(*a, last_words, 0) == TxStatus::ok);
  a->stop();
  a->stop();
  CHECK(send(*a, last_words, 20) == TxStatus::failed);
  std::vector<Cf32> heard(64, Cf32(9, 9));
  CHECK(take(*a, heard).status == RxStatus::ended);
  REQUIRE(take(*b, heard).status == RxStatus::ok);
  CHECK(std::vector<Cf32>(heard.begin(), heard.begin() + 20) == last_words);
  CHECK(std::vector<Cf32>(heard.begin() + 20, heard.end()) == std::vector<Cf32>(44));
  REQUIRE(take(*b, heard).status == RxStatus::ok);
  CHECK(heard == kSilence);
}

TEST_CASE("loopback: a node that comes later, or again, is in step from its first sample on, on its own time axis")
{
  auto air = air_of(nodes_named({"a", "b"}));
  auto b = started(*air, "b");
  std::vector<Cf32> heard(64);
  for (int i = 0; i < 37; ++i) REQUIRE(take(*b, heard).status == RxStatus::ok);
  for (int round = 0; round < 3; ++round) {
    auto a = started(*air, "a", 1000);
    const auto up = numbered(1, 1000, 64);
    REQUIRE(send(*a, up, 1000) == TxStatus::ok);
    const auto down = numbered(2, 37 * 64 + round * 64, 64);
    REQUIRE(send(*b, down, 37 * 64 + round * 64) == TxStatus::ok);
    const RxResult result = take(*a, heard);
    REQUIRE(result.status == RxStatus::ok);
    CHECK(result.time == SampleTime(1000));
    CHECK(heard == down);
    REQUIRE(take(*b, heard).status == RxStatus::ok);
    CHECK(heard == up);
  }
}

TEST_CASE("loopback: a sender is held one ring ahead of the slowest receiver, and nothing is lost")
{
  auto air = air_of(nodes_named({"a", "b"}));
  auto a = started(*air, "a");
  auto b = started(*air, "b");
  std::int64_t sent = 0;
  while (send(*a, numbered(1, sent, 64), sent) == TxStatus::ok) sent += 64;
  CHECK(sent == 1024);
  CHECK(send(*a, numbered(1, sent, 64), sent) == TxStatus::timeout);
  std::vector<Cf32> heard(512);
  for (std::int64_t t = 0; t < 1024; t += 512) {
    REQUIRE(take(*b, heard).status == RxStatus::ok);
    CHECK(heard == numbered(1, t, 512));
  }
  CHECK(send(*a, numbered(1, sent, 64), sent) == TxStatus::timeout);  // a itself has received nothing yet
  REQUIRE(take(*a, heard).status == RxStatus::ok);
  CHECK(send(*a, numbered(1, sent, 64), sent) == TxStatus::ok);
}

TEST_CASE("loopback: one that only sends and one that only receives")
{
  LoopbackConfig config = nodes_named({"source", "sink"});
  config.nodes[0].num_rx_ports = 0;
  config.nodes[1].num_tx_ports = 0;
  auto air = air_of(config);
  auto source = started(*air, "source");
  for (std::int64_t t = 0; t < 6400; t += 64) REQUIRE(send(*source, numbered(1, t, 64), t) == TxStatus::ok);
  auto sink = started(*air, "sink");
  std::vector<Cf32> heard(64);
  CHECK(take(*sink, heard).status == RxStatus::ok);  // what the ring still holds
  std::int64_t sent = 6400;
  while (send(*source, numbered(1, sent, 64), sent) == TxStatus::ok) sent += 64;
  std::int64_t last = 0;
  while (take(*sink, heard).status == RxStatus::ok) last = static_cast<std::int64_t>(heard[63].real());
  CHECK(last == sent - 1);
}

TEST_CASE("loopback: random sending, receiving, coming and going agrees with a simple model")
{
  std::mt19937 random(20240607);
  const auto draw = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  for (int round = 0; round < 20; ++round) {
    constexpr std::size_t kNodes = 3;
    constexpr std::size_t kLongest = 200'000;
    auto air = air_of(nodes_named({"a", "b", "c"}));
    struct Model {
      std::unique_ptr<Radio> radio;
      std::vector<Cf32> on_air = std::vector<Cf32>(kLongest);
      std::int64_t sent = 0;
      std::int64_t received = 0;
    };
    std::array<Model, kNodes> nodes;
    for (std::size_t n = 0; n < kNodes; ++n) nodes[n].radio = started(*air, std::string(1, static_cast<char>('a' + n)));
    std::size_t num_received = 0;
    for (int step = 0; step < 1500; ++step) {
      const auto n = static_cast<std::size_t>(draw(0, kNodes - 1));
      Model& node = nodes[n];
      const int count = draw(1, 400);
      if (draw(0, 2) == 0) {
        const std::int64_t at = node.sent + draw(-5, 60);
        const auto block = numbered(static_cast<int>(n) + 1, at, static_cast<std::size_t>(count));
        const TxStatus status = send(*node.radio, block, at);
        CHECK((status == TxStatus::late) == (at < node.sent));
        if (status != TxStatus::ok) continue;
        std::copy(block.begin(), block.end(), node.on_air.begin() + at);
        node.sent = at + count;
      } else {
        std::vector<Cf32> heard(static_cast<std::size_t>(count));
        const std::int64_t begin = node.received;
        const RxResult result = take(*node.radio, heard);
        const bool has_room = std::min({nodes[0].received, nodes[1].received, nodes[2].received}) + 1024 >= begin + count;
        if (has_room) node.sent = std::max(node.sent, begin + count);
        if (result.status != RxStatus::ok) continue;
        node.received += count;
        ++num_received;
        CHECK(result.time == SampleTime(begin));
        std::vector<Cf32> expected(heard.size());
        for (std::size_t other = 0; other < kNodes; ++other) {
          if (other == n) continue;
          for (std::size_t i = 0; i < heard.size(); ++i) {
            expected[i] += nodes[other].on_air[static_cast<std::size_t>(begin) + i];
          }
        }
        REQUIRE(heard == expected);
      }
    }
    CHECK(num_received > 50);
  }
}

TEST_CASE("loopback: sending and receiving neither allocate nor lock")
{
  auto air = air_of(nodes_named({"a", "b"}));
  auto a = started(*air, "a");
  auto b = started(*air, "b");
  const auto block = numbered(1, 0, 64);
  std::vector<Cf32> heard(64);
  testing::reset_realtime_violations();
  {
    const RealtimeScope scope;
    for (std::int64_t t = 0; t < 6400; t += 64) {
      CHECK_UNARY(send(*a, block, t) == TxStatus::ok);
      CHECK_UNARY(take(*b, heard).status == RxStatus::ok);
      CHECK_UNARY(take(*a, heard).status == RxStatus::ok);
    }
  }
  const auto violations = testing::realtime_violations();
  CHECK(violations.allocations == 0);
  CHECK(violations.locks == 0);
}

TEST_CASE("loopback: what cannot be is refused with a reason")
{
  CHECK_FALSE(LoopbackAir::create(nodes_named({"a", "a"})));
  CHECK_FALSE(LoopbackAir::create(nodes_named({""})));
  LoopbackConfig no_ports = nodes_named({"a"});
  no_ports.nodes[0].num_rx_ports = no_ports.nodes[0].num_tx_ports = 0;
  CHECK_FALSE(LoopbackAir::create(no_ports));
  LoopbackConfig short_ring = nodes_named({"a"});
  short_ring.ring = SampleCount(-1);
  CHECK_FALSE(LoopbackAir::create(short_ring));
  CHECK_FALSE(LoopbackAir::create(nodes_named(std::vector<std::string>(17, "x"))));

  auto air = air_of(nodes_named({"a", "b"}));
  CHECK(air->join("c").error().code == ErrorCode::not_found);
  auto a = joined(*air, "a");
  CHECK(air->join("a").error().code == ErrorCode::busy);
  CHECK(a->set_sample_rate(SampleRate(2'000'000)).error().code == ErrorCode::bad_input);
  CHECK(a->set_sample_rate(SampleRate(1'000'000)));
  CHECK(a->set_gain(Direction::receive, 0, Decibel(3)).error().code == ErrorCode::unsupported);
  CHECK(a->tune(Direction::receive, 0, {.center = Hertz(1e9)})->center == Hertz(1e9));
  CHECK(a->tune(Direction::receive, 1, {.center = Hertz(1e9)}).error().code == ErrorCode::bad_input);
  std::vector<Cf32> samples(600);
  CHECK(take(*a, samples).status == RxStatus::failed);  // longer than half the ring
  samples.resize(10);
  CHECK(take(*a, samples).status == RxStatus::ended);   // not started
  REQUIRE(a->start(SampleTime(0)));
  CHECK(a->start(SampleTime(0)).error().code == ErrorCode::busy);
  a.reset();
  CHECK(air->join("a"));
}

TEST_CASE("loopback: radio strings join airs by name")
{
  const auto open = [](const std::string& text) {
    const auto device = parse_device_string(text);
    REQUIRE(device);
    return open_loopback(*device);
  };
  auto a = open("loopback:a@test");
  auto b = open("loopback:b@test");
  auto elsewhere = open("loopback:b@other,ports=2");
  REQUIRE(a);
  REQUIRE(b);
  REQUIRE(elsewhere);
  CHECK((*elsewhere)->describe().receive.size() == 2);
  CHECK((*a)->start(SampleTime(0)).error().code == ErrorCode::bad_input);  // nobody has said a rate
  REQUIRE((*a)->set_sample_rate(SampleRate(1'000'000)));
  CHECK((*b)->set_sample_rate(SampleRate(2'000'000)).error().code == ErrorCode::bad_input);
  REQUIRE((*a)->start(SampleTime(0)));
  REQUIRE((*b)->start(SampleTime(0)));
  const auto sent = numbered(1, 0, 64);
  REQUIRE(send(**a, sent, 0) == TxStatus::ok);
  std::vector<Cf32> heard(64);
  REQUIRE(take(**b, heard).status == RxStatus::ok);
  CHECK(heard == sent);
  CHECK(open("loopback:a@test").error().code == ErrorCode::busy);
  CHECK(open("loopback:").error().code == ErrorCode::bad_input);
  CHECK(open("loopback:a@test,gain=3").error().code == ErrorCode::bad_input);
  CHECK(open("loopback:c@test,ports=9").error().code == ErrorCode::bad_input);
}
