#pragma once
// Samples to be sent, by the time at which they are: written slot by slot on the UE's own timing, taken out on the radio's.

#include "radio/iq.h"
#include "radio/time.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::ue {

/// A ring of the samples from the last one taken on. One thread; real time.
class TxTimeline {
public:
  explicit TxTimeline(std::size_t length) : ring_(length) {}

  /// Adds samples to what is there from `at` on. Those that were taken already are lost: false, and counted as late.
  bool add(SampleTime at, std::span<const Cf32> samples) noexcept
  {
    const std::int64_t end = at.value() + static_cast<std::int64_t>(samples.size());
    const bool is_in_time = at.value() >= taken_ && end <= taken_ + static_cast<std::int64_t>(ring_.size());
    if (!is_in_time) {
      ++num_late_;
      return false;
    }
    for (std::size_t i = 0; i < samples.size(); ++i) ring_[index(at.value() + static_cast<std::int64_t>(i))] += samples[i];
    return true;
  }

  /// Takes out [at, at + out.size()); what is jumped over is dropped.
  void take(SampleTime at, std::span<Cf32> out) noexcept
  {
    for (std::int64_t t = std::max(taken_, at.value() - static_cast<std::int64_t>(ring_.size())); t < at.value(); ++t) ring_[index(t)] = {};
    for (std::size_t i = 0; i < out.size(); ++i) {
      Cf32& sample = ring_[index(at.value() + static_cast<std::int64_t>(i))];
      out[i] = sample;
      sample = {};
    }
    taken_ = at.value() + static_cast<std::int64_t>(out.size());
  }

  [[nodiscard]] std::uint64_t num_late() const noexcept { return num_late_; }

private:
  [[nodiscard]] std::size_t index(std::int64_t time) const noexcept
  {
    const auto length = static_cast<std::int64_t>(ring_.size());
    return static_cast<std::size_t>((time % length + length) % length);
  }

  std::vector<Cf32> ring_;
  std::int64_t taken_ = 0;
  std::uint64_t num_late_ = 0;
};

}  // namespace ravi::ue
