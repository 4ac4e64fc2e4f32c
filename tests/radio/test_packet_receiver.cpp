#include "radio/packet_receiver.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <vector>

using namespace ravi;

namespace {

using Event = Packet::Event;

/// Plays a list of packets. Sample values tell their own time; a packet longer than what is asked for comes in parts.
class Script final : public PacketSource {
public:
  explicit Script(std::vector<Packet> packets) : packets_(packets.begin(), packets.end()) {}

  Packet fetch(IqSpan out, SampleTime) noexcept override
  {
    if (packets_.empty()) return {.event = Event::timeout, .time = {}, .num_samples = 0};
    Packet& front = packets_.front();
    Packet packet = front;
    packet.num_samples = std::min(front.num_samples, out.num_samples());
    for (std::size_t c = 0; c < out.num_channels(); ++c) {
      for (std::size_t i = 0; i < packet.num_samples; ++i) {
        out.channel(c)[i] = {static_cast<float>(front.time.value() + static_cast<std::int64_t>(i)),
                             static_cast<float>(c)};
      }
    }
    front.num_samples -= packet.num_samples;
    front.time += SampleCount(static_cast<std::int64_t>(packet.num_samples));
    if (front.num_samples == 0) packets_.pop_front();
    return packet;
  }

private:
  std::deque<Packet> packets_;
};

Packet samples(std::int64_t time, std::size_t count)
{
  return {.event = Event::samples, .time = SampleTime(time), .num_samples = count};
}
Packet event(Event what) { return {.event = what, .time = {}, .num_samples = 0}; }

void check_values(const RxResult& result, IqBuffer& buffer)
{
  for (std::size_t c = 0; c < buffer.num_channels(); ++c) {
    for (std::size_t i = 0; i < result.num_samples; ++i) {
      const Cf32 wish(static_cast<float>(result.time.value() + static_cast<std::int64_t>(i)), static_cast<float>(c));
      REQUIRE(buffer.channel(c)[i] == wish);
    }
  }
}

}  // namespace

TEST_CASE("packet receiver: packets of any length fill calls of any length")
{
  Script script({samples(100, 7), samples(107, 1), samples(108, 30), samples(138, 12)});
  PacketReceiver receiver(2, 8, SampleTime(100));
  IqBuffer buffer(2, 25);
  for (const std::int64_t time : {100, 125}) {
    const RxResult result = receiver.receive(script, buffer.span());
    CHECK(result.status == RxStatus::ok);
    CHECK(result.time == SampleTime(time));
    CHECK(result.num_samples == 25);
    CHECK(result.lost == SampleCount(0));
    check_values(result, buffer);
  }
  CHECK(receiver.receive(script, buffer.span()).status == RxStatus::timeout);
}

TEST_CASE("packet receiver: a gap ends a call, and the next one begins behind it with what is missing")
{
  Script script({samples(0, 10), event(Event::overflow), samples(60, 10), samples(70, 10)});
  PacketReceiver receiver(1, 16, SampleTime(0));
  IqBuffer buffer(1, 20);
  const RxResult before = receiver.receive(script, buffer.span());
  CHECK(before.num_samples == 10);
  CHECK(before.lost == SampleCount(0));
  const RxResult after = receiver.receive(script, buffer.span());
  CHECK(after.time == SampleTime(60));
  CHECK(after.num_samples == 20);
  CHECK(after.lost == SampleCount(50));
  CHECK(after.overflow);
  check_values(after, buffer);
}

TEST_CASE("packet receiver: a gap nobody announced is found by the time alone, and what came behind it is kept")
{
  Script script({samples(0, 10), samples(13, 6), samples(19, 30)});
  PacketReceiver receiver(1, 16, SampleTime(0));
  IqBuffer buffer(1, 20);
  CHECK(receiver.receive(script, buffer.span()).num_samples == 10);
  const RxResult held = receiver.receive(script, buffer.span().first(4));
  CHECK(held.time == SampleTime(13));
  CHECK(held.num_samples == 4);
  CHECK(held.lost == SampleCount(3));
  CHECK(!held.overflow);
  check_values(held, buffer);
  const RxResult rest = receiver.receive(script, buffer.span());
  CHECK(rest.time == SampleTime(17));
  CHECK(rest.lost == SampleCount(0));
  check_values(rest, buffer);
}

TEST_CASE("packet receiver: damage in the stream is skipped, and a storm of it ends the call")
{
  Script script({event(Event::damaged), event(Event::damaged), samples(5, 20)});
  PacketReceiver receiver(1, 16, SampleTime(0));
  IqBuffer buffer(1, 20);
  const RxResult result = receiver.receive(script, buffer.span());
  CHECK(result.lost == SampleCount(5));
  CHECK(result.num_samples == 20);
  Script storm(std::vector<Packet>(1000, event(Event::overflow)));
  CHECK(receiver.receive(storm, buffer.span()).status == RxStatus::timeout);
}

TEST_CASE("packet receiver: the end and the loss of a device are told when nothing is left")
{
  for (const auto& [what, status] :
       {std::pair(Event::ended, RxStatus::ended), std::pair(Event::failed, RxStatus::failed)}) {
    Script script({samples(0, 5), event(what), event(what)});
    PacketReceiver receiver(1, 16, SampleTime(0));
    IqBuffer buffer(1, 20);
    CHECK(receiver.receive(script, buffer.span()).num_samples == 5);
    CHECK(receiver.receive(script, buffer.span()).status == status);
  }
}

TEST_CASE("packet receiver: whatever the packets, times never overlap and lost plus delivered is all there was")
{
  std::mt19937 random(11);
  for (int run = 0; run < 200; ++run) {
    std::vector<Packet> packets;
    std::int64_t time = 0;
    for (int i = 0; i < 100; ++i) {
      if (random() % 8 == 0) time += random() % 50;
      if (random() % 16 == 0) packets.push_back(event(random() % 2 == 0 ? Event::overflow : Event::damaged));
      const std::size_t count = 1 + random() % 40;
      packets.push_back(samples(time, count));
      time += static_cast<std::int64_t>(count);
    }
    Script script(packets);
    PacketReceiver receiver(1, 1 + random() % 40, SampleTime(0));
    IqBuffer buffer(1, 64);
    SampleTime next(0);
    for (RxResult result; true;) {
      result = receiver.receive(script, buffer.span().first(1 + random() % 64));
      if (result.status != RxStatus::ok) break;
      REQUIRE(result.num_samples > 0);
      REQUIRE(result.time == next + result.lost);
      check_values(result, buffer);
      next = result.time + SampleCount(static_cast<std::int64_t>(result.num_samples));
    }
    CHECK(next == SampleTime(time));
  }
}

TEST_CASE("packet receiver: a packet fetched ahead is the first that is received")
{
  Script script({samples(40, 10), samples(50, 10)});
  PacketReceiver receiver(1, 16, SampleTime(40));
  CHECK(receiver.prime(script) == Event::samples);
  IqBuffer buffer(1, 15);
  const RxResult result = receiver.receive(script, buffer.span());
  CHECK(result.time == SampleTime(40));
  CHECK(result.num_samples == 15);
  CHECK(result.lost == SampleCount(0));
  check_values(result, buffer);
  Script nothing({});
  CHECK(PacketReceiver(1, 16, SampleTime(0)).prime(nothing) == Event::timeout);
}
