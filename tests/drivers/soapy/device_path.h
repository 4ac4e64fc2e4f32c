#pragma once
// What every driver of a hardware radio must do, checked against the known far end of a device path without hardware.

#include "radio/radio.h"
#include "tests/drivers/soapy/far_end.h"

#include <doctest/doctest.h>

#include <vector>

namespace ravi::test {

inline constexpr SampleRate kPathRate{1'920'000};
inline constexpr std::size_t kPathBlock = 960;

/// Receives `num_blocks` and checks each sample against the far end's signal; gives the far end's index of `first`.
inline std::int64_t receive_and_check(Radio& radio, SampleTime first, std::size_t num_blocks, SampleTime& next)
{
  IqBuffer buffer(radio.describe().receive.size(), kPathBlock);
  std::optional<std::int64_t> offset;  // of the far end's index to our sample time
  next = first;
  std::size_t wrong = 0;
  for (std::size_t block = 0; block < num_blocks;) {
    const RxResult result = radio.receive(buffer.span());
    if (result.status == RxStatus::timeout) continue;
    REQUIRE(result.status == RxStatus::ok);
    CHECK(result.time == next);
    CHECK(result.lost == SampleCount(0));
    if (!offset) {
      const auto found = find_signal(buffer.channel().first(32));
      REQUIRE(found.has_value());
      offset = *found - result.time.value();
    }
    for (std::size_t c = 0; c < buffer.num_channels(); ++c) {
      for (std::size_t i = 0; i < result.num_samples; ++i) {
        const auto at = result.time.value() + static_cast<std::int64_t>(i) + *offset;
        wrong += buffer.channel(c)[i] == signal(at, c) ? 0 : 1;
      }
    }
    next = result.time + SampleCount(static_cast<std::int64_t>(result.num_samples));
    ++block;
  }
  CHECK(wrong == 0);
  return *offset + first.value();
}

/// Receives and transmits with times: every received sample is right; a burst sent at time T is the far end's sample
/// T + constant, with the same constant as on reception; silence around it; a burst in the past is refused.
inline void check_both_ways(Radio& radio, const FarEnd& far_end)
{
  const SampleTime first(4000);
  REQUIRE(radio.set_sample_rate(kPathRate).value() == kPathRate);
  REQUIRE(radio.start(first).has_value());
  SampleTime next;
  const std::int64_t origin = receive_and_check(radio, first, 50, next);

  const std::size_t num_channels = radio.describe().transmit.size();
  IqBuffer burst(num_channels, 3000);
  for (std::size_t c = 0; c < num_channels; ++c) {
    for (std::size_t i = 0; i < 3000; ++i) burst.channel(c)[i] = 2.0F * signal(static_cast<std::int64_t>(i), c + 7);
  }
  const SampleTime at = next + SampleCount(10'000);
  CHECK(radio.transmit(burst.span().first(1000), at, Burst::goes_on).status == TxStatus::ok);
  CHECK(radio.transmit(burst.span().subspan(1000, 2000), at + SampleCount(1000), Burst::ends).status == TxStatus::ok);
  CHECK(radio.transmit(burst.span().first(100), next - SampleCount(500), Burst::ends).status == TxStatus::late);

  const SampleTime again = next;
  CHECK(receive_and_check(radio, again, 30, next) - again.value() == origin - first.value());
  const auto begin = static_cast<std::size_t>((at - first).value() + origin);
  for (std::size_t c = 0; c < num_channels; ++c) {
    const std::vector<Cf32> heard = far_end.received(begin + 5000, c);
    REQUIRE(heard.size() >= begin + 5000);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < 3000; ++i) wrong += heard[begin + i] == burst.channel(c)[i] ? 0 : 1;
    for (std::size_t i = 0; i < begin; ++i) wrong += heard[i] == Cf32() ? 0 : 1;
    for (std::size_t i = begin + 3000; i < begin + 5000; ++i) wrong += heard[i] == Cf32() ? 0 : 1;
    CHECK(wrong == 0);
  }
  CHECK(radio.counters().tx_samples == 3000);
  CHECK(radio.counters().rx_samples == 80 * kPathBlock);
  CHECK(radio.counters().overflows == 0);
  CHECK(radio.counters().lates == 1);
  CHECK(radio.counters().lost_samples == 0);
  radio.stop();
  IqBuffer rest(num_channels, 10);
  CHECK(radio.receive(rest.span()).status == RxStatus::ended);
  CHECK(radio.transmit(rest.span(), next, Burst::ends).status == TxStatus::failed);
}

/// Without permission nothing is sent, and every transmit control says why.
inline void check_disarmed(Radio& radio, const FarEnd& far_end)
{
  REQUIRE(radio.set_sample_rate(kPathRate).has_value());
  REQUIRE(radio.start(SampleTime(0)).has_value());
  SampleTime next;
  receive_and_check(radio, SampleTime(0), 20, next);
  IqBuffer burst(1, 500);
  for (Cf32& sample : burst.channel()) sample = {0.5F, 0.5F};
  CHECK(radio.transmit(burst.span(), next + SampleCount(5000), Burst::ends).status == TxStatus::disarmed);
  const auto tuned = radio.tune(Direction::transmit, 0, {.center = Hertz(1e9), .lo_offset = {}, .at = {}});
  REQUIRE(!tuned.has_value());
  CHECK(tuned.error().code == ErrorCode::refused);
  CHECK(tuned.error().message.find("--i-am-licensed-to-transmit") != std::string::npos);
  CHECK(!radio.set_gain(Direction::transmit, 0, Decibel(3)).has_value());
  receive_and_check(radio, next, 20, next);
  radio.stop();
  for (const Cf32& sample : far_end.received(30'000)) REQUIRE(sample == Cf32());
}

}  // namespace ravi::test
