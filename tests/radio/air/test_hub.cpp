// The hub over the in-process loopback, on one thread: every sample is exact.

#include "drivers/loopback/loopback.h"
#include "radio/air/hub.h"
#include "radio/air/hub_command.h"
#include "radio/realtime.h"
#include "tests/realtime_guard.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace ravi;
using namespace ravi::air;

AirConfig config_of(const std::vector<std::string>& names)
{
  AirConfig config;
  config.sample_rate = SampleRate(1'000'000);
  config.block = std::chrono::duration<double>(1e-3);  // 1000 samples
  for (const std::string& name : names) config.nodes.push_back({.name = name});
  return config;
}

/// A hub whose nodes hang on loopback cables, one a node.
struct Bench {
  explicit Bench(const AirConfig& config)
  {
    std::vector<HubEndpoint> endpoints;
    for (const NodeConfig& node : config.nodes) {
      LoopbackConfig cable;
      cable.sample_rate = config.sample_rate;
      cable.ring = SampleCount(16384);
      cable.waiting = Waiting::returns;
      cable.nodes = {{.name = "hub", .num_tx_ports = node.num_rx_ports, .num_rx_ports = node.num_tx_ports,
                      .padding = Padding::by_sender},
                     {.name = "node", .num_tx_ports = node.num_tx_ports, .num_rx_ports = node.num_rx_ports}};
      auto air = LoopbackAir::create(cable);
      REQUIRE(air);
      cables.push_back(*air);
      auto end = (*air)->join("hub");
      REQUIRE(end);
      endpoints.push_back({.radio = std::move(*end), .available = [cable_air = air->get()] { return cable_air->available("hub"); },
                           .realign = {}});
    }
    auto emulator = Emulator::create(config);
    REQUIRE_MESSAGE(emulator, emulator.error().message);
    auto created = Hub::create(config, std::move(*emulator), std::move(endpoints));
    REQUIRE_MESSAGE(created, created.error().message);
    hub = std::move(*created);
  }

  std::unique_ptr<Radio> attach(std::size_t node)
  {
    auto radio = cables[node]->join("node");
    REQUIRE(radio);
    REQUIRE((*radio)->start(SampleTime(0)));
    return std::move(*radio);
  }

  std::vector<std::shared_ptr<LoopbackAir>> cables;
  std::unique_ptr<Hub> hub;
};

/// A node that sends `next()` sample by sample and keeps what it hears.
struct Talker {
  std::unique_ptr<Radio> radio;
  std::size_t piece = 1000;
  float level = 0.5F;
  std::vector<Cf32> sent{};
  std::vector<Cf32> heard{};
  std::mt19937 random{1};

  /// Receives what has come, and has one piece more out than it has heard; false: nothing came.
  bool turn()
  {
    send();
    std::vector<Cf32> block(piece);
    const RxResult result = radio->receive(std::span<Cf32>(block));
    if (result.status != RxStatus::ok) return false;
    REQUIRE(result.time == SampleTime(static_cast<std::int64_t>(heard.size())));
    heard.insert(heard.end(), block.begin(), block.end());
    send();
    return true;
  }

  void send()
  {
    while (sent.size() < heard.size() + piece) {
      std::vector<Cf32> block(piece);
      for (Cf32& sample : block) {
        sample = {level * (static_cast<float>(random() % 2001) / 1000.0F - 1.0F), level};
      }
      const auto at = SampleTime(static_cast<std::int64_t>(sent.size()));
      REQUIRE(radio->transmit(std::span<const Cf32>(block), at, Burst::goes_on).status == TxStatus::ok);
      sent.insert(sent.end(), block.begin(), block.end());
    }
  }
};

double largest_difference(const std::vector<Cf32>& heard, const std::vector<Cf32>& sent, float gain,
                          std::size_t first_heard, std::size_t first_sent, std::size_t count)
{
  double largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    largest = std::max<double>(largest, std::abs(heard.at(first_heard + i) - gain * sent.at(first_sent + i)));
  }
  return largest;
}

}  // namespace

TEST_CASE("hub: what one node sends the other hears at the same sample, through the link's gain")
{
  AirConfig config = config_of({"a", "b"});
  config.links.push_back({.from = "a", .to = "b", .gain = Decibel(-20)});
  config.links.push_back({.from = "b", .to = "a", .gain = Decibel(-6.020599913)});
  Bench bench(config);
  Talker a{.radio = bench.attach(0)};
  Talker b{.radio = bench.attach(1), .random = std::mt19937(2)};
  for (int i = 0; i < 200; ++i) {
    a.turn();
    b.turn();
    static_cast<void>(bench.hub->step());
  }
  REQUIRE(a.heard.size() >= 100'000);
  REQUIRE(b.heard.size() >= 100'000);
  CHECK(largest_difference(b.heard, a.sent, 0.1F, 0, 0, 100'000) < 1e-6);
  CHECK(largest_difference(a.heard, b.sent, 0.5F, 0, 0, 100'000) < 1e-6);
  const HubStatus status = bench.hub->status();
  CHECK(status.nodes[0].is_present);
  CHECK(status.nodes[0].from_node >= 100'000);
  CHECK(status.nodes[1].to_node >= 100'000);
  CHECK(status.nodes[0].level->value() == doctest::Approx(10 * std::log10(0.25 + 0.25 / 3)).epsilon(0.02));
}

TEST_CASE("hub: with nobody there time stands still; alone a node hears silence; who comes is in step at once")
{
  Bench bench(config_of({"a", "b"}));
  for (int i = 0; i < 10; ++i) CHECK(bench.hub->step() == HubStep::idle);
  CHECK(bench.hub->now() == SampleTime(0));
  Talker a{.radio = bench.attach(0)};
  while (a.heard.size() < 5000) {
    a.turn();
    static_cast<void>(bench.hub->step());
  }
  for (const Cf32 sample : a.heard) REQUIRE(sample == Cf32{});
  for (unsigned visit = 0; visit < 4; ++visit) {
    Talker b{.radio = bench.attach(1), .random = std::mt19937(10 + visit)};
    const std::size_t offset = a.heard.size();
    while (b.heard.size() < 5000) {
      a.turn();
      b.turn();
      static_cast<void>(bench.hub->step());
    }
    // Where b's first sample falls on a's axis is found once, by search; from there on all must agree, both ways.
    std::size_t start = offset;
    while (start < a.heard.size() && a.heard[start] == Cf32{}) ++start;
    REQUIRE(start + 3000 < a.heard.size());
    CHECK(largest_difference(a.heard, b.sent, 1.0F, start, 0, 3000) == 0);
    CHECK(largest_difference(b.heard, a.sent, 1.0F, 0, start, 3000) == 0);
    b.radio->stop();
    const std::size_t left_at = a.heard.size();
    while (a.heard.size() < left_at + 8000) {
      a.turn();
      static_cast<void>(bench.hub->step());
    }
    for (std::size_t i = left_at + 4000; i < a.heard.size(); ++i) REQUIRE(a.heard[i] == Cf32{});
    CHECK_FALSE(bench.hub->status().nodes[1].is_present);
  }
}

TEST_CASE("hub: nodes that work in shorter pieces than its block do not wait for ever, and hear the same samples")
{
  AirConfig config = config_of({"a", "b"});
  config.links.push_back({.from = "a", .to = "b", .gain = Decibel(0)});
  config.links.push_back({.from = "b", .to = "a", .gain = Decibel(0)});
  for (const std::size_t piece : {std::size_t{500}, std::size_t{137}, std::size_t{40}}) {
    CAPTURE(piece);
    Bench bench(config);
    Talker a{.radio = bench.attach(0)};
    Talker b{.radio = bench.attach(1), .piece = piece, .random = std::mt19937(2)};
    for (int i = 0; i < 100'000 && (a.heard.size() < 20'000 || b.heard.size() < 20'000); ++i) {
      a.turn();
      b.turn();
      static_cast<void>(bench.hub->step());
    }
    REQUIRE(a.heard.size() >= 20'000);
    REQUIRE(b.heard.size() >= 20'000);
    CHECK(largest_difference(b.heard, a.sent, 1.0F, 0, 0, 20'000) == 0);
    CHECK(largest_difference(a.heard, b.sent, 1.0F, 0, 0, 20'000) == 0);
  }
}

TEST_CASE("hub: a node that stops sending but stays holds time; the others go on when it does")
{
  Bench bench(config_of({"a", "b"}));
  Talker a{.radio = bench.attach(0)};
  Talker b{.radio = bench.attach(1)};
  for (int i = 0; i < 20; ++i) {
    a.turn();
    b.turn();
    static_cast<void>(bench.hub->step());
  }
  for (int i = 0; i < 100; ++i) {
    a.turn();
    static_cast<void>(bench.hub->step());
  }
  const SampleTime held = bench.hub->now();
  for (int i = 0; i < 100; ++i) {
    a.turn();
    CHECK(bench.hub->step() == HubStep::waiting);
  }
  CHECK(bench.hub->now() == held);
  CHECK(bench.hub->status().waits_for == "b");
  for (int i = 0; i < 3000; ++i) {
    a.turn();
    b.turn();
    static_cast<void>(bench.hub->step());
  }
  CHECK(bench.hub->now() - held > SampleCount(50'000));
  CHECK(bench.hub->status().step == 1000);
  const std::size_t count = std::min(a.heard.size(), b.heard.size());
  CHECK(largest_difference(b.heard, a.sent, 1.0F, 0, 0, count) == 0);
}

TEST_CASE("hub: the same seed gives the same bits, however the nodes cut their time; another seed gives others")
{
  const auto heard_with = [](std::uint64_t seed, std::size_t piece) {
    AirConfig config = config_of({"a", "b"});
    config.seed = seed;
    config.nodes[1].noise_floor = DbFs(-40);
    config.links.push_back({.from = "a", .to = "b", .gain = Decibel(-10), .delay = std::chrono::nanoseconds(700),
                            .fading = {.profile = FadingProfile::tdl_a}});
    Bench bench(config);
    Talker a{.radio = bench.attach(0)};
    Talker b{.radio = bench.attach(1), .piece = piece};
    while (b.heard.size() < 12'000) {
      a.turn();
      b.turn();
      static_cast<void>(bench.hub->step());
    }
    b.heard.resize(12'000);
    return b.heard;
  };
  const auto once = heard_with(5, 1000);
  CHECK(once == heard_with(5, 1000));
  CHECK(once == heard_with(5, 333));
  CHECK(once != heard_with(6, 1000));
}

TEST_CASE("hub: one that only sends, one that only listens, and ports that differ")
{
  AirConfig config = config_of({"source", "sink"});
  config.nodes[0].num_tx_ports = 2;
  config.nodes[0].num_rx_ports = 0;
  config.nodes[1].num_tx_ports = 0;
  config.links.push_back({.from = "source", .to = "sink", .from_port = 1});
  Bench bench(config);
  auto source = bench.attach(0);
  auto sink = bench.attach(1);
  IqBuffer block(2, 1000);
  for (std::size_t i = 0; i < 1000; ++i) block.channel(1)[i] = Cf32(static_cast<float>(i), 1);
  std::vector<Cf32> heard(1000);
  std::size_t num_heard = 0;
  std::int64_t sent = 0;
  for (int i = 0; i < 100; ++i) {
    if (source->transmit(block.span(), SampleTime(sent), Burst::goes_on).status == TxStatus::ok) sent += 1000;
    static_cast<void>(bench.hub->step());
    if (sink->receive(std::span<Cf32>(heard)).status != RxStatus::ok) continue;
    ++num_heard;
    for (std::size_t k = 0; k < 1000; ++k) REQUIRE(heard[k] == block.channel(1)[k]);
  }
  CHECK(num_heard >= 90);
}

TEST_CASE("hub: a NaN is counted, silenced, and reaches nobody")
{
  Bench bench(config_of({"a", "b"}));
  Talker a{.radio = bench.attach(0), .level = 1.0F};
  Talker b{.radio = bench.attach(1), .level = std::numeric_limits<float>::quiet_NaN()};
  for (int i = 0; i < 20; ++i) {
    a.turn();
    b.turn();
    static_cast<void>(bench.hub->step());
  }
  REQUIRE(a.heard.size() > 5000);
  for (const Cf32 sample : a.heard) REQUIRE(sample == Cf32{});
  CHECK(bench.hub->status().nodes[1].not_finite >= a.heard.size());
}

TEST_CASE("hub: a step neither allocates nor locks")
{
  AirConfig config = config_of({"a", "b"});
  config.nodes[0].noise_floor = DbFs(-50);
  Bench bench(config);
  Talker a{.radio = bench.attach(0)};
  Talker b{.radio = bench.attach(1)};
  std::uint64_t allocations = 0;
  std::uint64_t locks = 0;
  int advanced = 0;
  for (int i = 0; i < 50; ++i) {
    a.turn();
    if (i > 20) b.turn();
    testing::reset_realtime_violations();
    {
      const RealtimeScope scope;
      advanced += bench.hub->step() == HubStep::advanced ? 1 : 0;
    }
    allocations += static_cast<std::uint64_t>(testing::realtime_violations().allocations);
    locks += static_cast<std::uint64_t>(testing::realtime_violations().locks);
  }
  CHECK(advanced > 20);
  CHECK(allocations == 0);
  CHECK(locks == 0);
}

TEST_CASE("hub commands: change links, noise and strike blocks from the next block on")
{
  AirConfig config = config_of({"a", "b"});
  config.links.push_back({.from = "a", .to = "b"});
  Bench bench(config);
  Talker a{.radio = bench.attach(0)};
  Talker b{.radio = bench.attach(1)};
  const auto run_blocks = [&](std::size_t count) {
    const std::size_t wanted = b.heard.size() + count * 1000;
    while (b.heard.size() < wanted) {
      a.turn();
      static_cast<void>(bench.hub->step());
      b.turn();
    }
  };
  const auto next = [&] { return static_cast<std::size_t>(bench.hub->now().value()); };
  run_blocks(2);
  std::size_t at = next();
  CHECK(execute(*bench.hub, "set link a b gain -20 dB"));
  run_blocks(3);
  CHECK(largest_difference(b.heard, a.sent, 1.0F, 0, 0, at) == 0);
  CHECK(largest_difference(b.heard, a.sent, 0.1F, at, at, 1000) < 1e-6);
  REQUIRE(execute(*bench.hub, "set link a b gain 0dB"));
  run_blocks(1);

  at = next();
  CHECK(execute(*bench.hub, "fault a drop 3"));
  run_blocks(6);
  for (std::size_t i = 0; i < 3000; ++i) REQUIRE(b.heard[at + i] == Cf32{});
  CHECK(largest_difference(b.heard, a.sent, 1.0F, at + 3000, at + 3000, 1000) == 0);
  CHECK(bench.hub->status().faults.dropped_blocks == 3);

  at = next();
  CHECK(execute(*bench.hub, "fault a:0 repeat"));
  run_blocks(4);
  CHECK(largest_difference(b.heard, a.sent, 1.0F, at + 1000, at, 1000) == 0);
  CHECK(largest_difference(b.heard, a.sent, 1.0F, at + 2000, at + 2000, 1000) == 0);

  at = next();
  CHECK(execute(*bench.hub, "fault a late 2"));
  run_blocks(5);
  CHECK(largest_difference(b.heard, a.sent, 0.0F, at, at, 1000) == 0);
  CHECK(largest_difference(b.heard, a.sent, 1.0F, at + 2000, at, 1000) == 0);

  at = next();
  CHECK(execute(*bench.hub, "set noise b -20 dBFS"));
  REQUIRE(execute(*bench.hub, "set link a b gain -200 dB"));
  run_blocks(20);
  double power = 0;
  for (std::size_t i = 0; i < 10'000; ++i) power += std::norm(b.heard[at + 1000 + i]);
  CHECK(10 * std::log10(power / 10'000) == doctest::Approx(-20).epsilon(0.02));
  CHECK(execute(*bench.hub, "set noise b off"));
  const auto links = execute(*bench.hub, "links");
  REQUIRE(links);
  CHECK(links->find("a:0 -> b:0  gain -200 dB") != std::string::npos);
  CHECK(execute(*bench.hub, "status")->find("a: present") != std::string::npos);
  CHECK(execute(*bench.hub, "help"));
}

TEST_CASE("hub commands: anything else is refused, and changes nothing")
{
  AirConfig config = config_of({"a", "b"});
  config.links.push_back({.from = "a", .to = "b"});
  Bench bench(config);
  const auto fault_of = [&](std::string_view command) {
    const auto answer = execute(*bench.hub, command);
    return answer ? std::string("accepted") : answer.error().message;
  };
  CHECK(fault_of("stauts").find("did you mean 'status'") != std::string::npos);
  for (const char* command : {"", " ", "status now", "set", "set link", "set link a b gain", "set link a b gain loud",
                              "set link a b gain -20 dBm", "set link a x gain -20 dB", "set link a:9 b gain 1 dB",
                              "set link a b volume 3", "set link a b gain 3 dB at noon", "set link a b delay -1 us",
                              "set link a b delay 5 s", "set noise x -3 dBFS", "set noise a", "set noise a loud",
                              "fault a", "fault a explode", "fault a drop 0", "fault a drop -1", "fault a drop 1000000000",
                              "fault x drop", "fault a:1 drop", "fault a late 5000", "set gain 3", "set link a b gain nan dB"}) {
    CAPTURE(command);
    CHECK(fault_of(command) != "accepted");
  }
  CHECK(fault_of(std::string(5000, 'x')) != "accepted");
  std::mt19937 random(3);
  for (int round = 0; round < 5000; ++round) {
    std::string text = "set link a b gain -20 dB at 3 s";
    for (int flip = 0; flip < 3; ++flip) text[random() % text.size()] = static_cast<char>(random() & 0xFF);
    static_cast<void>(fault_of(text));
  }
}

TEST_CASE("hub: radios that do not fit the nodes are refused")
{
  CHECK_FALSE(Hub::create(config_of({"a", "b"}), std::move(*Emulator::create(config_of({"a", "b"}))), {}));
  LoopbackConfig cable;
  cable.sample_rate = SampleRate(1'000'000);
  cable.nodes = {{.name = "hub", .num_tx_ports = 2}, {.name = "node"}};
  auto air = LoopbackAir::create(cable);
  std::vector<HubEndpoint> endpoints;
  endpoints.push_back({.radio = std::move(*(*air)->join("hub")), .available = [] { return std::size_t{0}; }, .realign = {}});
  const auto hub = Hub::create(config_of({"a"}), std::move(*Emulator::create(config_of({"a"}))), std::move(endpoints));
  REQUIRE_FALSE(hub);
  CHECK(hub.error().message.find("node 'a'") != std::string::npos);
}
