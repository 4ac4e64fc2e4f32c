// The loopback through an emulated air.

#include "drivers/loopback/loopback.h"

#include <doctest/doctest.h>

#include <random>
#include <thread>
#include <vector>

namespace {

using namespace ravi;

air::AirConfig two_nodes()
{
  air::AirConfig config;
  config.sample_rate = SampleRate(1'000'000);
  config.block = std::chrono::duration<double>(1e-3);
  config.nodes = {{.name = "a"}, {.name = "b"}};
  config.links.push_back({.from = "a", .to = "b", .gain = Decibel(-20.0), .delay = std::chrono::microseconds(5)});
  config.links.push_back({.from = "b", .to = "a", .gain = Decibel(0.0)});
  return config;
}

std::shared_ptr<LoopbackAir> emulated(const air::AirConfig& air_config, Waiting waiting)
{
  auto emulator = air::Emulator::create(air_config);
  REQUIRE(emulator);
  LoopbackConfig config;
  config.sample_rate = air_config.sample_rate;
  config.ring = SampleCount(8192);
  config.waiting = waiting;
  for (const auto& node : air_config.nodes) {
    config.nodes.push_back(
        {.name = node.name, .num_tx_ports = node.num_tx_ports, .num_rx_ports = node.num_rx_ports});
  }
  auto air = LoopbackAir::create(config, std::move(*emulator));
  REQUIRE(air);
  return *air;
}

std::unique_ptr<Radio> started(LoopbackAir& air, const std::string& name)
{
  auto radio = air.join(name);
  REQUIRE(radio);
  REQUIRE((*radio)->start(SampleTime(0)));
  return std::move(*radio);
}

}  // namespace

TEST_CASE("loopback emulated: the link's gain and delay arrive exactly")
{
  auto air = emulated(two_nodes(), Waiting::returns);
  auto a = started(*air, "a");
  auto b = started(*air, "b");
  std::vector<Cf32> sent(1000);
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = Cf32(static_cast<float>(i), 1);
  REQUIRE(a->transmit(std::span<const Cf32>(sent), SampleTime(0), Burst::goes_on).status == TxStatus::ok);
  std::vector<Cf32> heard(700);
  CHECK(a->receive(std::span<Cf32>(heard)).status == RxStatus::timeout);
  REQUIRE(b->receive(std::span<Cf32>(heard)).status == RxStatus::ok);
  for (std::size_t i = 0; i < 5; ++i) CHECK(std::abs(heard[i]) == 0);
  for (std::size_t i = 5; i < heard.size(); ++i) REQUIRE(std::abs(heard[i] - 0.1F * sent[i - 5]) < 1e-4F);
  REQUIRE(a->receive(std::span<Cf32>(heard)).status == RxStatus::ok);
  CHECK(heard == std::vector<Cf32>(700));
}

TEST_CASE("loopback emulated: nodes come and go; NaN is counted and does not spread")
{
  auto air = emulated(two_nodes(), Waiting::returns);
  auto b = started(*air, "b");
  std::vector<Cf32> heard(777);
  for (int i = 0; i < 50; ++i) REQUIRE(b->receive(std::span<Cf32>(heard)).status == RxStatus::ok);
  for (int visit = 0; visit < 5; ++visit) {
    auto a = started(*air, "a");
    std::vector<Cf32> sent(777, Cf32(10, 0));
    sent[3] = Cf32(std::numeric_limits<float>::quiet_NaN(), 0);
    REQUIRE(a->transmit(std::span<const Cf32>(sent), SampleTime(0), Burst::goes_on).status == TxStatus::ok);
    REQUIRE(b->receive(std::span<Cf32>(heard)).status == RxStatus::ok);
    CHECK(std::abs(heard[4]) == 0);
    CHECK(std::abs(heard[5] - Cf32(1, 0)) < 1e-6F);
    CHECK(std::abs(heard[8]) == 0);
    CHECK(a->counters().not_finite == 1);
    a->stop();
    REQUIRE(b->receive(std::span<Cf32>(heard)).status == RxStatus::ok);
    CHECK(std::abs(heard[4] - Cf32(1, 0)) < 1e-6F);  // still on its way when a left
    CHECK(std::abs(heard[5]) == 0);
  }
}

TEST_CASE("loopback emulated: two threads hear, bit for bit, what one thread stepping both nodes hears")
{
  air::AirConfig config = two_nodes();
  config.links[0].snr = Decibel(10.0);
  config.links[1].snr = Decibel(20.0);
  const std::size_t blocks[] = {500, 320};
  constexpr std::int64_t kTotal = 64'000;
  const auto run_node = [&](Radio& radio, std::size_t block, std::vector<Cf32>& all, bool is_alone) {
    const auto received = static_cast<std::int64_t>(all.size());
    if (received >= kTotal) return true;
    std::vector<Cf32> samples(block, Cf32(0.25F, -0.25F));
    // One block ahead; a timeout is retried with the next call, a late block was sent before.
    static_cast<void>(radio.transmit(std::span<const Cf32>(samples), SampleTime(received), Burst::goes_on));
    if (radio.receive(std::span<Cf32>(samples)).status == RxStatus::ok) {
      all.insert(all.end(), samples.begin(), samples.end());
    }
    return is_alone && static_cast<std::int64_t>(all.size()) >= kTotal;
  };

  std::vector<Cf32> stepped[2];
  {
    auto air = emulated(config, Waiting::returns);
    auto a = started(*air, "a");
    auto b = started(*air, "b");
    for (int i = 0; i < 100'000 && (stepped[0].size() < kTotal || stepped[1].size() < kTotal); ++i) {
      if (run_node(*a, blocks[0], stepped[0], false)) a->stop();
      if (run_node(*b, blocks[1], stepped[1], false)) b->stop();
    }
  }
  std::vector<Cf32> threaded[2];
  {
    auto air = emulated(config, Waiting::blocks);
    auto a = started(*air, "a");
    auto b = started(*air, "b");
    const std::jthread thread_a([&] { while (!run_node(*a, blocks[0], threaded[0], true)) {} });
    const std::jthread thread_b([&] { while (!run_node(*b, blocks[1], threaded[1], true)) {} });
  }
  REQUIRE(stepped[0].size() >= kTotal);
  CHECK(stepped[0] == threaded[0]);
  CHECK(stepped[1] == threaded[1]);
}

TEST_CASE("loopback emulated: an emulator made for other nodes is refused")
{
  auto emulator = air::Emulator::create(two_nodes());
  REQUIRE(emulator);
  LoopbackConfig config;
  config.nodes = {{.name = "a"}};
  const auto air = LoopbackAir::create(config, std::move(*emulator));
  CHECK(air.error().code == ErrorCode::bad_input);
}
