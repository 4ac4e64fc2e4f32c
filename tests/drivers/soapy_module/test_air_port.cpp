#include "drivers/soapy_module/air_port.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

using namespace ravi;
using namespace std::chrono_literals;

namespace {

constexpr SampleRate kRate{2'000'000};  // blocks of 1000 samples

/// What the air does, seen from the test.
struct Air {
  struct Sent {
    SampleTime at;
    std::vector<Cf32> samples;
    Burst burst;
  };
  mutable std::mutex mutex;
  std::vector<Sent> sent;
  std::atomic<std::int64_t> lost_at = -1;  ///< a gap of 500 samples comes at the first block from here on
  std::atomic<bool> is_over = false;
  std::atomic<bool> is_absent = false;

  std::vector<Sent> all_sent() const
  {
    const std::lock_guard lock(mutex);
    return sent;
  }
};

/// A radio that is as fast as it is asked: sample values tell their own time.
class AirRadio final : public Radio {
public:
  AirRadio(Air& air, std::size_t num_rx, std::size_t num_tx) : air_(air), num_rx_(num_rx), num_tx_(num_tx) {}

  RadioDescription describe() const override
  {
    RadioDescription description;
    description.receive.resize(num_rx_);
    description.transmit.resize(num_tx_);
    return description;
  }
  Result<SampleRate> set_sample_rate(SampleRate rate) override { return rate; }
  Result<Tune> tune(Direction, std::size_t, const Tune& wish) override { return wish; }
  Result<Decibel> set_gain(Direction, std::size_t, Decibel gain) override { return gain; }
  Result<Hertz> set_bandwidth(Direction, std::size_t, Hertz bandwidth) override { return bandwidth; }
  Result<std::string> set_antenna(Direction, std::size_t, std::string_view name) override { return std::string(name); }
  Result<Reference> set_reference(const Reference& reference) override { return reference; }
  Result<bool> reference_locked() override { return true; }
  Result<void> start(SampleTime) override { return {}; }
  RxResult receive(IqSpan out) noexcept override
  {
    RxResult result{
        .status = RxStatus::ok, .time = next_, .num_samples = out.num_samples(), .lost = {}, .overflow = false};
    if (air_.is_over)
      return {.status = RxStatus::ended, .time = next_, .num_samples = 0, .lost = {}, .overflow = false};
    if (air_.is_absent) {
      std::this_thread::sleep_for(1ms);
      result.status = RxStatus::timeout;
      result.num_samples = 0;
      return result;
    }
    if (air_.lost_at >= 0 && next_.value() >= air_.lost_at) {
      air_.lost_at = -1;
      result.lost = SampleCount(500);
      result.time += result.lost;
    }
    for (std::size_t c = 0; c < out.num_channels(); ++c) {
      for (std::size_t i = 0; i < out.num_samples(); ++i) {
        out.channel(c)[i] = {static_cast<float>(result.time.value() + static_cast<std::int64_t>(i)),
                             static_cast<float>(c)};
      }
    }
    next_ = result.time + SampleCount(static_cast<std::int64_t>(out.num_samples()));
    return result;
  }
  TxResult transmit(ConstIqSpan in, SampleTime at, Burst burst) noexcept override
  {
    if (air_.is_absent) return {.status = TxStatus::timeout, .underflows = 0};
    const auto samples = in.channel(0);
    const std::lock_guard lock(air_.mutex);
    air_.sent.push_back({at, {samples.begin(), samples.end()}, burst});
    return {.status = TxStatus::ok, .underflows = 0};
  }
  void stop() noexcept override {}
  Peer peer() const noexcept override { return Peer::present; }
  RadioCounters counters() const noexcept override { return {}; }

private:
  Air& air_;
  std::size_t num_rx_;
  std::size_t num_tx_;
  SampleTime next_;
};

std::unique_ptr<AirPort> open(Air& air, AirPortConfig config = {})
{
  config.rate = kRate;
  return std::make_unique<AirPort>(std::make_unique<AirRadio>(air, config.num_rx_channels, config.num_tx_channels),
                                   config);
}

const AirPortConfig kFree{.rate = kRate, .pace = AirPace::free, .patience = 30s};

/// Reads until `count` samples came, all at their time and without a gap; gives the time of the first.
SampleTime read_all(AirPort& port, std::size_t count)
{
  IqBuffer buffer(1, 700);
  std::optional<SampleTime> first;
  std::size_t have = 0;
  while (have < count) {
    const auto result = port.read(buffer.span().first(std::min<std::size_t>(700, count - have)), 5s);
    REQUIRE(result.status == AirPort::ReadStatus::samples);
    first = first.value_or(result.time);
    REQUIRE(result.time == *first + SampleCount(static_cast<std::int64_t>(have)));
    for (std::size_t i = 0; i < result.num_samples; ++i) {
      REQUIRE(buffer.channel()[i].real() == static_cast<float>(result.time.value() + static_cast<std::int64_t>(i)));
    }
    have += result.num_samples;
  }
  return *first;
}

IqBuffer ramp(std::size_t count)
{
  IqBuffer buffer(1, count);
  for (std::size_t i = 0; i < count; ++i) buffer.channel()[i] = {static_cast<float>(i), 1.0F};
  return buffer;
}

}  // namespace

TEST_CASE("air port: a program that reads gets every sample, and the air waits for it")
{
  Air air;
  const auto port = open(air, kFree);
  port->begin_receiving({}, 0);
  const SampleTime first = read_all(*port, 50'300);
  CHECK(port->now() - first <= SampleCount(51'000));  // not more than the block it reads from
  read_all(*port, 100);
}

TEST_CASE("air port: reception begins at its time and ends after its number")
{
  Air air;
  const auto port = open(air, kFree);
  const SampleTime start = port->now() + SampleCount(40'123);
  port->begin_receiving(start, 1500);
  CHECK(read_all(*port, 1499) == start);
  IqBuffer buffer(1, 10);
  const auto last = port->read(buffer.span(), 1s);
  CHECK(last.num_samples == 1);
  CHECK(last.ends_burst);
  CHECK(port->read(buffer.span(), 1ms).status == AirPort::ReadStatus::timeout);
}

TEST_CASE("air port: reception from the past is late, once")
{
  Air air;
  const auto port = open(air);
  REQUIRE(port->await_air(5s));
  port->begin_receiving(SampleTime(0), 0);
  IqBuffer buffer(1, 10);
  CHECK(port->read(buffer.span(), 1s).status == AirPort::ReadStatus::late);
  CHECK(port->read(buffer.span(), 1ms).status == AirPort::ReadStatus::timeout);
}

TEST_CASE("air port: the air goes on without a program that does not read, and says so")
{
  Air air;
  AirPortConfig config = kFree;
  config.patience = 5ms;
  const auto port = open(air, config);
  port->begin_receiving({}, 0);
  const SampleTime first = read_all(*port, 1000);
  while (port->now() - first < SampleCount(20'000)) std::this_thread::sleep_for(1ms);
  IqBuffer buffer(1, 100);
  AirPort::ReadResult result;
  do result = port->read(buffer.span(), 1s);
  while (result.status == AirPort::ReadStatus::samples);
  CHECK(result.status == AirPort::ReadStatus::overflow);
  CHECK(port->read(buffer.span(), 1s).time > first + SampleCount(2000));
}

TEST_CASE("air port: samples lost in the air are an overflow before the gap")
{
  Air air;
  const auto port = open(air, kFree);
  port->begin_receiving({}, 0);
  const SampleTime first = read_all(*port, 1000);
  air.lost_at = first.value() + 1000;
  IqBuffer buffer(1, 1000);
  CHECK(port->read(buffer.span(), 1s).status == AirPort::ReadStatus::overflow);
  CHECK(port->read(buffer.span(), 1s).time == first + SampleCount(1500));
}

TEST_CASE("air port: bursts are sent at their times, a burst without time at once, what follows right behind")
{
  Air air;
  const auto port = open(air, kFree);
  const SampleTime at = port->now() + SampleCount(30'000);
  const IqBuffer samples = ramp(2500);
  CHECK(port->write(samples.span(), at, Burst::goes_on, 1s) == 2500);
  CHECK(port->write(samples.span().first(10), {}, Burst::ends, 1s) == 10);
  CHECK(port->write(samples.span().first(5), {}, Burst::ends, 1s) == 5);
  port->drain(5s);
  const auto sent = air.all_sent();
  REQUIRE(sent.size() == 5);  // 1000, 1000, 500, 10, 5
  SampleTime next = at;
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(sent[i].at == next);
    next += SampleCount(static_cast<std::int64_t>(sent[i].samples.size()));
  }
  CHECK(sent[1].samples[0] == Cf32(1000, 1));
  CHECK(sent[3].burst == Burst::ends);
  CHECK(sent[4].at >= next - SampleCount(1000));  // a new burst: as soon as it can be
  const auto first_end = port->next_event(1s);
  REQUIRE(first_end.has_value());
  CHECK(first_end->kind == AirPort::EventKind::burst_sent);
  CHECK(first_end->time == at + SampleCount(2510));
}

TEST_CASE("air port: a burst whose beginning is late is dropped to its end, and the next one is not")
{
  Air air;
  const auto port = open(air, kFree);
  while (port->now() < SampleTime(5000)) std::this_thread::sleep_for(1ms);
  const IqBuffer samples = ramp(100);
  REQUIRE(port->write(samples.span(), SampleTime(0), Burst::goes_on, 1s) > 0);
  REQUIRE(port->write(samples.span(), {}, Burst::ends, 1s) > 0);
  const SampleTime at = port->now() + SampleCount(20'000);
  REQUIRE(port->write(samples.span(), at, Burst::ends, 1s) > 0);
  port->drain(5s);
  const auto sent = air.all_sent();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].at == at);
  CHECK(port->next_event(1s)->kind == AirPort::EventKind::late);
  CHECK(port->next_event(1s)->kind == AirPort::EventKind::burst_sent);
  CHECK(!port->next_event(0s).has_value());
}

TEST_CASE("air port: a burst that runs dry is an underflow, told once")
{
  Air air;
  AirPortConfig config = kFree;
  config.patience = 5ms;
  const auto port = open(air, config);
  REQUIRE(port->write(ramp(300).span(), {}, Burst::goes_on, 1s) > 0);
  CHECK(port->next_event(5s)->kind == AirPort::EventKind::underflow);
  CHECK(!port->next_event(20ms).has_value());
}

TEST_CASE("air port: a full queue takes what fits and gives up after the time-out")
{
  Air air;
  const auto port = open(air, kFree);
  const IqBuffer samples = ramp(kRate.hz());
  const std::size_t taken = port->write(samples.span(), port->now() + SampleCount(100 * kRate.hz()), Burst::ends, 10ms);
  CHECK(taken == static_cast<std::size_t>(kRate.hz() / 10));
}

TEST_CASE("air port: a port that only transmits sends zeros where nothing is queued")
{
  Air air;
  AirPortConfig config = kFree;
  config.num_rx_channels = 0;
  const auto port = open(air, config);
  const SampleTime at = SampleTime(10'500);
  REQUIRE(port->write(ramp(700).span(), at, Burst::ends, 1s) > 0);
  while (port->now() < SampleTime(15'000)) std::this_thread::sleep_for(1ms);
  SampleTime next(0);
  for (const Air::Sent& sent : air.all_sent()) {
    CHECK(sent.at >= next);
    if (sent.at != next) CHECK(sent.at == at);  // what lies before the burst in its block is the radio's to pad
    if (sent.at == at) CHECK(sent.samples[1] == Cf32(1, 1));
    next = sent.at + SampleCount(static_cast<std::int64_t>(sent.samples.size()));
  }
}

TEST_CASE("air port: an absent air stands still and loses nothing, and a lost one fails every call")
{
  Air air;
  air.is_absent = true;
  const auto port = open(air, kFree);
  CHECK(!port->await_air(10ms));
  port->begin_receiving({}, 0);
  IqBuffer buffer(1, 10);
  CHECK(port->read(buffer.span(), 5ms).status == AirPort::ReadStatus::timeout);
  CHECK(port->write(ramp(100).span(), {}, Burst::ends, 1s) == 100);
  air.is_absent = false;
  CHECK(read_all(*port, 2000) == SampleTime(0));
  CHECK(air.all_sent().size() == 1);
  air.is_over = true;
  AirPort::ReadResult result;
  do result = port->read(buffer.span(), 1s);
  while (result.status == AirPort::ReadStatus::samples);
  CHECK(result.status == AirPort::ReadStatus::failed);
  CHECK(port->has_failed());
}
