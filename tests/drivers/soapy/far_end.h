#pragma once
// The far end of a plain fronthaul for tests of a device path: sends a known signal, keeps what it receives.

#include "drivers/zmq/zmq_radio.h"
#include "radio/iq.h"
#include "radio/radio.h"
#include "radio/result.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace ravi::test {

/// Sample `index` of the known signal of a channel: pseudo-random steps of 1/4096 up to 1/8, exact in every format.
inline Cf32 signal(std::int64_t index, std::size_t channel = 0)
{
  std::uint64_t x = static_cast<std::uint64_t>(index) * 0x9E3779B97F4A7C15ULL + (channel + 1) * 0xD1B54A32D192ED03ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  const auto step = [](std::uint64_t bits) {
    return static_cast<float>(static_cast<int>(bits & 1023) - 512) / 4096.0F;
  };
  return {step(x >> 10), step(x >> 40)};
}

/// Runs on threads of its own from construction to destruction: one sends whatever is asked for, one takes whatever
/// comes.
class FarEnd {
public:
  static constexpr std::size_t kBlock = 1920;

  FarEnd(const std::string& transmits_at, const std::string& receives_from, std::size_t num_channels = 1)
      : received_(num_channels)
  {
    ZmqConfig transmits;
    ZmqConfig receives;
    transmits.ring_samples = 1 << 16;
    for (std::size_t c = 0; c < num_channels; ++c) {
      transmits.tx.push_back(transmits_at + std::to_string(c));
      receives.rx.push_back(receives_from + std::to_string(c));
    }
    tx_ = opened(transmits);
    rx_ = opened(receives);
    sender_ = std::jthread([this](const std::stop_token& stop) { send(stop); });
    receiver_ = std::jthread([this](const std::stop_token& stop) { receive(stop); });
  }
  ~FarEnd()
  {
    sender_ = std::jthread();
    receiver_ = std::jthread();
    tx_->stop();
    rx_->stop();
  }
  FarEnd(const FarEnd&) = delete;
  FarEnd& operator=(const FarEnd&) = delete;

  /// Samples received of a channel, at least `count`, waiting for them; fewer where they do not come. The first is the
  /// link's first.
  std::vector<Cf32> received(std::size_t count, std::size_t channel = 0) const
  {
    for (int i = 0; i < 500; ++i) {
      {
        const std::lock_guard lock(mutex_);
        if (received_[channel].size() >= count) return received_[channel];
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return received_[channel];
  }

private:
  static std::unique_ptr<ZmqRadio> opened(ZmqConfig config)
  {
    config.sample_rate = SampleRate(1'920'000);
    auto radio = ZmqRadio::open(config);
    if (!radio) throw std::runtime_error(radio.error().message);
    if (auto started = (*radio)->start(SampleTime(0)); !started) throw std::runtime_error(started.error().message);
    return std::move(*radio);
  }

  void send(const std::stop_token& stop)
  {
    IqBuffer out(received_.size(), kBlock);
    std::int64_t next = 0;
    while (!stop.stop_requested()) {
      for (std::size_t c = 0; c < received_.size(); ++c) {
        for (std::size_t i = 0; i < kBlock; ++i) out.channel(c)[i] = signal(next + static_cast<std::int64_t>(i), c);
      }
      if (tx_->transmit(out.span(), SampleTime(next), Burst::goes_on).status == TxStatus::ok) next += kBlock;
    }
  }

  void receive(const std::stop_token& stop)
  {
    IqBuffer in(received_.size(), kBlock);
    while (!stop.stop_requested()) {
      const RxResult result = rx_->receive(in.span());
      const std::lock_guard lock(mutex_);
      for (std::size_t c = 0; c < received_.size(); ++c) {
        const auto samples = in.channel(c).first(result.num_samples);
        received_[c].insert(received_[c].end(), samples.begin(), samples.end());
      }
    }
  }

  std::unique_ptr<ZmqRadio> tx_;
  std::unique_ptr<ZmqRadio> rx_;
  mutable std::mutex mutex_;
  std::vector<std::vector<Cf32>> received_;
  std::jthread sender_;
  std::jthread receiver_;
};

/// Where in the known signal the samples lie; none: nowhere in its first ten million.
inline std::optional<std::int64_t> find_signal(std::span<const Cf32> samples)
{
  for (std::int64_t begin = 0; begin < 10'000'000; ++begin) {
    std::size_t i = 0;
    while (i < samples.size() && samples[i] == signal(begin + static_cast<std::int64_t>(i))) ++i;
    if (i == samples.size()) return begin;
  }
  return std::nullopt;
}

}  // namespace ravi::test
