// The loopback with a thread a node, as the program uses it: nothing is lost, repeated or shifted, nobody waits for ever.

#include "drivers/loopback/loopback.h"

#include <doctest/doctest.h>

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace ravi;

constexpr std::int64_t kTotal = 400'000;

/// Every node sends 2^(8 node) at each sample from its own `lead` on; what is heard must be the sum of the others'.
struct Member {
  std::unique_ptr<Radio> radio;
  float own = 0;
  std::size_t block = 0;
  std::int64_t lead = 0;
  std::int64_t num_wrong = 0;
};

void stream(Member& member, float expected)
{
  const std::vector<Cf32> sent(member.block, Cf32(member.own, 0));
  std::vector<Cf32> heard(member.block);
  std::int64_t next = 0;
  for (std::int64_t t = 0; t < kTotal;) {
    const RxResult result = member.radio->receive(std::span<Cf32>(heard));
    if (result.status == RxStatus::timeout) continue;
    if (result.status != RxStatus::ok || result.time != SampleTime(t)) ++member.num_wrong;
    for (std::size_t i = 0; i < heard.size(); ++i) {
      const std::int64_t at = t + static_cast<std::int64_t>(i);
      if (at >= 4000 && at < kTotal - 4000 && heard[i] != Cf32(expected, 0)) ++member.num_wrong;
    }
    t += static_cast<std::int64_t>(heard.size());
    for (next = std::max(next, t + member.lead - static_cast<std::int64_t>(member.block)); next < t + member.lead;) {
      const TxResult result_tx =
          member.radio->transmit(std::span<const Cf32>(sent), SampleTime(next), Burst::goes_on);
      if (result_tx.status == TxStatus::timeout) continue;
      if (result_tx.status != TxStatus::ok) ++member.num_wrong;
      next += static_cast<std::int64_t>(member.block);
    }
  }
  member.radio->stop();
}

}  // namespace

TEST_CASE("loopback threads: nodes with blocks of any size stay in step, sample for sample")
{
  LoopbackConfig config;
  config.sample_rate = SampleRate(1'000'000);
  config.ring = SampleCount(8192);
  for (const char* name : {"a", "b", "c"}) config.nodes.push_back({.name = name});
  auto air = LoopbackAir::create(config);
  REQUIRE(air);
  std::vector<Member> members(3);
  const std::size_t blocks[] = {1000, 777, 64};
  for (std::size_t n = 0; n < 3; ++n) {
    auto radio = (*air)->join(config.nodes[n].name);
    REQUIRE(radio);
    members[n] = {.radio = std::move(*radio), .own = static_cast<float>(1 << (8 * n)), .block = blocks[n],
                  .lead = static_cast<std::int64_t>(blocks[n])};
    REQUIRE(members[n].radio->start(SampleTime(0)));
  }
  const float all = 1 + 256 + 65536;
  {
    std::vector<std::jthread> threads;
    for (Member& member : members) threads.emplace_back([&member, all] { stream(member, all - member.own); });
  }
  for (const Member& member : members) CHECK(member.num_wrong == 0);
}

TEST_CASE("loopback threads: nodes that come and go without warning never stop or corrupt the one that stays")
{
  LoopbackConfig config;
  config.sample_rate = SampleRate(1'000'000);
  config.ring = SampleCount(4096);
  for (const char* name : {"stays", "x", "y"}) config.nodes.push_back({.name = name});
  auto air = LoopbackAir::create(config);
  REQUIRE(air);
  auto stays = (*air)->join("stays");
  REQUIRE(stays);
  REQUIRE((*stays)->start(SampleTime(0)));
  std::atomic<bool> is_over{false};
  std::atomic<int> num_visits{0};

  const auto visit = [&](const std::string& name, float value, unsigned seed) {
    std::mt19937 random(seed);
    const std::vector<Cf32> sent(256, Cf32(value, 0));
    std::vector<Cf32> heard(256);
    while (!is_over) {
      auto radio = (*air)->join(name);
      if (!radio || !(*radio)->start(SampleTime(0))) continue;
      const auto length = std::uniform_int_distribution<std::int64_t>(1, 20)(random);
      for (std::int64_t block = 0; block < length && !is_over; ++block) {
        static_cast<void>((*radio)->transmit(std::span<const Cf32>(sent), SampleTime(block * 256), Burst::goes_on));
        static_cast<void>((*radio)->receive(std::span<Cf32>(heard)));
      }
      ++num_visits;
    }
  };
  std::int64_t num_wrong = 0;
  std::int64_t num_loud = 0;
  {
    const std::jthread x(visit, "x", 1.0F, 1U);
    const std::jthread y(visit, "y", 2.0F, 2U);
    std::vector<Cf32> heard(300);
    for (int block = 0; block < 3000 || (num_visits < 100 && block < 1'000'000); ++block) {
      const RxResult result = (*stays)->receive(std::span<Cf32>(heard));
      if (result.status == RxStatus::timeout) continue;
      if (result.status != RxStatus::ok) ++num_wrong;
      for (const Cf32 sample : heard) {
        const float value = sample.real();
        if (value != 0 && value != 1 && value != 2 && value != 3) ++num_wrong;
        if (value != 0) ++num_loud;
      }
    }
    is_over = true;
    (*stays)->stop();
  }
  CHECK(num_wrong == 0);
  CHECK(num_loud > 0);
  CHECK(num_visits >= 100);
}

TEST_CASE("loopback threads: a waiting receive ends soon after stop, and times out while a present node is silent")
{
  LoopbackConfig config;
  config.sample_rate = SampleRate(1'000'000);
  config.nodes = {{.name = "a"}, {.name = "b"}};
  auto air = LoopbackAir::create(config);
  REQUIRE(air);
  auto a = (*air)->join("a");
  auto b = (*air)->join("b");
  REQUIRE((*a)->start(SampleTime(0)));
  REQUIRE((*b)->start(SampleTime(0)));
  std::vector<Cf32> heard(100);
  CHECK((*a)->receive(std::span<Cf32>(heard)).status == RxStatus::timeout);
  RxStatus last = RxStatus::ok;
  {
    const std::jthread waiting([&] {
      do last = (*a)->receive(std::span<Cf32>(heard)).status;
      while (last == RxStatus::timeout);
    });
    (*a)->stop();
  }
  CHECK(last == RxStatus::ended);
}
