#include "apps/air_desk.h"

#include "apps/air_hub.h"
#include "apps/air_setup.h"
#include "drivers/zmq/air_radio.h"
#include "radio/air/hub.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace ravi;
using namespace ravi::apps;

namespace {

constexpr SampleRate kRate{1'000'000};
constexpr std::int64_t kBlock = 1000;
constexpr float kStep = 1.0F / 32767.0F;  // of sc16

/// Two nodes that hear each other at 0 dB after whole samples: `a` over cf32, `b` over sc16.
air::AirConfig exact_air()
{
  air::AirConfig config;
  config.sample_rate = kRate;
  config.listen = "tcp://127.0.0.1:*";
  config.nodes = {{.name = "a"}, {.name = "b", .format = air::CableFormat::sc16}};
  config.links = {{.from = "a", .to = "b", .delay = std::chrono::duration<double>(7e-6)},
                  {.from = "b", .to = "a", .delay = std::chrono::duration<double>(3e-6)}};
  return config;
}

/// A running `ravi air`, in a thread.
class Air {
public:
  explicit Air(const air::AirConfig& config) : config_(config)
  {
    auto hub = open_zmq_hub(config_, "127.0.0.1");
    REQUIRE(hub.has_value());
    hub_ = std::move(*hub);
    auto desk = AirDesk::open(config_, hub_);
    REQUIRE_MESSAGE(desk.has_value(), (desk ? std::string{} : desk.error().message));
    desk_ = std::move(*desk);
    thread_ = std::thread([this] { run(); });
  }
  ~Air()
  {
    is_to_stop_ = true;
    thread_.join();
    hub_.hub->stop();
  }
  [[nodiscard]] const std::string& address() const { return desk_->address(); }

private:
  void run()
  {
    while (!is_to_stop_) {
      desk_->serve();
      if (hub_.hub->step() == air::HubStep::idle) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  air::AirConfig config_;
  ZmqHub hub_;
  std::unique_ptr<AirDesk> desk_;
  std::atomic<bool> is_to_stop_{false};
  std::thread thread_;
};

/// What a node sends at a time: different from node to node, and never twice the same within 2^20 samples.
Cf32 signal(std::uint32_t node, std::int64_t time)
{
  const auto x = static_cast<std::uint32_t>(time) * 2'654'435'761U + node * 97'531U;
  const auto part = [](std::uint32_t bits) { return static_cast<float>(bits & 0xFFFFU) / 65'536.0F * 1.8F - 0.9F; };
  return {part(x >> 16), part(x ^ (x >> 9))};
}

struct Heard {
  std::vector<std::int64_t> times;  ///< of each sample
  std::vector<Cf32> samples;
  std::int64_t lost = 0;
};

/// A node: sends `signal` four blocks ahead, until `is_over`.
Heard run_node(Radio& radio, std::uint32_t node, const std::function<bool(SampleTime)>& is_over)
{
  Heard heard;
  IqBuffer rx(1, kBlock);
  IqBuffer tx(1, kBlock);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < deadline) {
    const RxResult result = radio.receive(rx.span());
    if (result.status == RxStatus::timeout) continue;
    if (result.status != RxStatus::ok) break;
    heard.lost += result.lost.value();
    for (std::size_t i = 0; i < result.num_samples; ++i) {
      heard.times.push_back(result.time.value() + static_cast<std::int64_t>(i));
      heard.samples.push_back(rx.channel()[i]);
    }
    if (is_over(result.time)) break;
    const SampleTime at = result.time + SampleCount(4 * kBlock);
    for (std::size_t i = 0; i < tx.num_samples(); ++i) {
      tx.channel()[i] = signal(node, at.value() + static_cast<std::int64_t>(i));
    }
    static_cast<void>(radio.transmit(tx.span(), at, Burst::goes_on));
  }
  return heard;
}

std::unique_ptr<ZmqRadio> join(const std::string& node, const std::string& hub, std::optional<ZmqFormat> format = {})
{
  auto radio = join_air({.node = node, .hub = hub, .format = format});
  REQUIRE_MESSAGE(radio.has_value(), (radio ? std::string{} : radio.error().message));
  return std::move(*radio);
}

/// How many samples are those of `node`, `delay` later by the listener's own time; silence does not count. No sample may
/// be anything else by more than `tolerance`.
std::int64_t count_in_place(const Heard& heard, std::uint32_t node, std::int64_t delay, float tolerance)
{
  std::int64_t count = 0;
  std::int64_t num_wrong = 0;
  for (std::size_t i = 0; i < heard.samples.size(); ++i) {
    if (heard.samples[i] == Cf32{}) continue;
    const Cf32 error = heard.samples[i] - signal(node, heard.times[i] - delay);
    const bool is_right = std::max(std::abs(error.real()), std::abs(error.imag())) <= tolerance;
    ++(is_right ? count : num_wrong);
  }
  CHECK(num_wrong == 0);
  return count;
}

}  // namespace

TEST_CASE("Air: nodes that join at different times count the same time, over cf32 and sc16")
{
  const Air air(exact_air());
  auto a = join("a", air.address());
  REQUIRE(a->start(SampleTime(0)).has_value());
  std::atomic<std::int64_t> now_a{0};
  std::atomic<bool> is_b_done{false};
  Heard by_a;
  std::thread thread([&] {
    by_a = run_node(*a, 1, [&](SampleTime time) {
      now_a = time.value();
      return is_b_done.load();
    });
  });
  for (const ZmqFormat format : {ZmqFormat::cf32, ZmqFormat::sc16}) {
    CAPTURE(static_cast<int>(format));
    const std::int64_t before = now_a + 50 * kBlock;  // a has been there for a while, alone
    while (now_a < before) std::this_thread::yield();
    // The first visit asks for cf32; the second takes what the configuration has: sc16.
    auto b = join("b", air.address(), format == ZmqFormat::cf32 ? std::optional(format) : std::nullopt);
    REQUIRE(b->start(SampleTime(0)).has_value());
    std::int64_t joined = -1;
    const Heard by_b = run_node(*b, 2, [&](SampleTime time) {
      if (joined < 0) joined = time.value();
      return time.value() > joined + 100 * kBlock;
    });
    CHECK(joined >= before - kBlock);
    CHECK(by_b.lost == 0);
    const float tolerance = format == ZmqFormat::sc16 ? 0.51F * kStep : 0.0F;
    CHECK(count_in_place(by_b, 1, 7, tolerance) >= 90 * kBlock);
    const auto is_whole = [](Cf32 sample) {
      return std::abs(sample.real() / kStep - std::round(sample.real() / kStep)) < 0.01F;
    };
    const bool is_quantized = std::all_of(by_b.samples.begin(), by_b.samples.end(), is_whole);
    CHECK(is_quantized == (format == ZmqFormat::sc16));
  }
  is_b_done = true;
  thread.join();
  CHECK(by_a.lost == 0);
  CHECK(count_in_place(by_a, 2, 3, 0.51F * kStep) >= 150 * kBlock);
}

TEST_CASE("Air: nodes join a hub that is started anew by themselves, and go on in time")
{
  air::AirConfig config = exact_air();
  config.nodes[1].format = air::CableFormat::cf32;
  auto air = std::make_unique<Air>(config);
  config.listen = air->address();
  std::vector<std::unique_ptr<ZmqRadio>> radios;
  std::vector<Heard> heard(2);
  std::array<std::atomic<std::int64_t>, 2> now{};
  std::atomic<bool> is_over{false};
  std::vector<std::thread> threads;
  for (std::uint32_t n = 0; n < 2; ++n) {
    radios.push_back(join(config.nodes[n].name, config.listen));
    REQUIRE(radios[n]->start(SampleTime(0)).has_value());
  }
  for (std::uint32_t n = 0; n < 2; ++n) {
    threads.emplace_back([&, n] {
      heard[n] = run_node(*radios[n], n, [&](SampleTime time) {
        now[n] = time.value();
        return is_over.load();
      });
    });
  }
  const auto wait_for = [&now](std::int64_t time) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    while ((now[0] < time || now[1] < time) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return std::max(now[0].load(), now[1].load());
  };
  std::int64_t reached = wait_for(100 * kBlock);
  for (int restart = 0; restart < 2; ++restart) {
    air.reset();
    air = std::make_unique<Air>(config);
    reached = wait_for(reached + 200 * kBlock);
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  for (std::uint32_t n = 0; n < 2; ++n) {
    CHECK(radios[n]->counters().reconnects == 2);
    CHECK(heard[n].lost > 0);
    CHECK(heard[n].lost < 4'000'000);
    CHECK(std::is_sorted(heard[n].times.begin(), heard[n].times.end()));
    // One time for both again, at least for most of what they heard after the second restart.
    CHECK(count_in_place(heard[n], 1 - n, n == 0 ? 3 : 7, 0.0F) > 350 * kBlock);
  }
}
