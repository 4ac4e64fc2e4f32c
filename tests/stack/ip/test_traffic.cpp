#include "stack/ip/traffic.h"

#include "radio/realtime.h"

#include "doctest/doctest.h"

#include <memory>
#include <thread>
#include <vector>

namespace ravi::ip {
namespace {

using namespace std::chrono_literals;

constexpr Ipv4 kUe{10, 45, 0, 2};
constexpr Ipv4 kGateway{10, 45, 0, 1};

std::vector<std::uint8_t> reply_to(std::span<const std::uint8_t> request)
{
  std::vector<std::uint8_t> out(1500);
  out.resize(write_echo_reply(*read_ipv4(request), out));
  return out;
}

}  // namespace

TEST_CASE("ping: as many requests as asked for, at the interval; round trips of the answers; a second answer counts for nothing")
{
  Ping ping;
  ping.start({.source = kUe, .destination = kGateway, .interval = 20ms, .count = 3}, 1s);
  std::vector<Time> sent;
  for (Time now = 1s; now < 2s; now += 1ms) {
    const auto request = ping.next(now);
    if (request.empty()) continue;
    sent.push_back(now);
    const auto answer = reply_to(request);
    if (sent.size() == 2) continue;  // lost
    CHECK(ping.receive(*read_ipv4(answer), now + (sent.size() == 1 ? 5ms : 9ms)));
    CHECK_FALSE(ping.receive(*read_ipv4(answer), now + 10ms));
  }
  CHECK(sent == std::vector<Time>{1s, 1s + 20ms, 1s + 40ms});
  CHECK(ping.report().sent == 3);
  CHECK(ping.report().received == 2);
  CHECK(ping.report().rtt_min == 5ms);
  CHECK(ping.report().rtt_max == 9ms);
  CHECK(ping.report().rtt_ms_avg() == doctest::Approx(7.0));
}

TEST_CASE("ping: a request that found no room is sent again, with its number")
{
  Ping ping;
  ping.start({.source = kUe, .destination = kGateway}, 0s);
  REQUIRE_FALSE(ping.next(0s).empty());
  ping.refused();
  CHECK(ping.report().sent == 0);
  const auto again = reply_to(ping.next(1ms));
  CHECK(read_echo_reply(*read_ipv4(again))->sequence_number == 0);
  CHECK(ping.receive(*read_ipv4(again), 4ms));
  CHECK(ping.report().rtt_min == 3ms);
}

TEST_CASE("UDP flow: the source keeps its rate, the sink counts octets and what is missing")
{
  UdpSource source;
  CHECK_FALSE(source.start({.source = kUe, .destination = kGateway, .bits_per_second = 12e6, .packet_size = 1501}, 0s));
  CHECK_FALSE(source.start({.source = kUe, .destination = kGateway, .bits_per_second = 12e6, .packet_size = 43}, 0s));
  REQUIRE(source.start({.source = kUe, .destination = kGateway, .bits_per_second = 12e6, .packet_size = 1500}, 0s));
  UdpSink sink;
  std::uint64_t number = 0;
  for (Time now = 0s; now <= 1s; now += 1ms) {
    for (auto packet = source.next(now); !packet.empty(); packet = source.next(now)) {
      if (number++ % 10 != 3) CHECK(sink.receive(*read_ipv4(packet)));
    }
  }
  CHECK(number == 1000);
  CHECK(sink.report().packets == 900);
  CHECK(sink.report().octets == 900 * 1500);
  CHECK(sink.report().lost == 100);
}

TEST_CASE("UDP flow: a source whose packets find no room loses no number, and does not make up for more than a burst")
{
  UdpSource source;
  REQUIRE(source.start({.source = kUe, .destination = kGateway, .bits_per_second = 8e6, .packet_size = 1000}, 0s));
  for (Time now = 1ms; now < 1s; now += 1ms) {
    REQUIRE_FALSE(source.next(now).empty());
    source.refused();
  }
  CHECK(source.num_sent() == 0);
  std::uint64_t count = 0;
  while (!source.next(1s).empty()) ++count;
  CHECK(count == UdpSource::kMaxBurst);
}

TEST_CASE("built-in traffic: does what is wanted while there is an address, and allocates nothing")
{
  const auto traffic = std::make_unique<Traffic>(TrafficConfig{.gateway = kGateway, .ping = {.count = 5}, .uplink = {.bits_per_second = 4e6}});
  traffic->want_ping(true);
  CHECK(traffic->next(1s).empty());
  traffic->set_address(kUe);
  std::vector<std::uint8_t> answer(1500);
  UdpSource downlink;
  REQUIRE(downlink.start({.source = kGateway, .destination = kUe, .bits_per_second = 1e6}, 1s));
  {
    const RealtimeScope scope;
    for (Time now = 1s; now < 2s; now += 1ms) {
      if (now == Time(1s + 500ms)) traffic->want_uplink(true);
      for (auto packet = traffic->next(now); !packet.empty(); packet = traffic->next(now)) {
        const std::size_t size = write_echo_reply(*read_ipv4(packet), answer);
        if (size > 0) traffic->deliver(std::span(answer).first(size), now + 3ms);
      }
      for (auto packet = downlink.next(now); !packet.empty(); packet = downlink.next(now)) traffic->deliver(packet, now);
    }
  }
  (void)traffic->next(2s);
  const TrafficReport& report = traffic->report();
  CHECK(report.ping.sent == 5);
  CHECK(report.ping.received == 5);
  CHECK(report.ping.rtt_max == 3ms);
  CHECK(report.sent > 170);
  CHECK(report.sent < 190);
  CHECK(report.downlink.packets > 80);
  CHECK(report.downlink.lost == 0);
}

TEST_CASE("latest value: what is read was written whole, and nothing older follows")
{
  struct Pair {
    std::uint64_t a = 0, b = 0;
  };
  const auto latest = std::make_unique<Latest<Pair>>();
  std::atomic<bool> is_done{false};
  std::thread writer([&] {
    for (std::uint64_t i = 1; i <= 200'000; ++i) latest->write({i, ~i});
    is_done.store(true);
  });
  std::uint64_t last = 0;
  bool is_whole = true, is_ordered = true;
  while (last != 200'000) {
    const bool was_done = is_done.load();
    const Pair& pair = latest->read();
    if (pair.a != 0) is_whole = is_whole && pair.b == ~pair.a;
    is_ordered = is_ordered && pair.a >= last;
    last = pair.a;
    if (was_done && last != 200'000) break;
  }
  writer.join();
  CHECK(is_whole);
  CHECK(is_ordered);
  CHECK(last == 200'000);
}

}  // namespace ravi::ip
