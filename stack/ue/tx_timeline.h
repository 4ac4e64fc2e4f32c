#pragma once
// Samples to be sent, by the time at which they are: written slot by slot on the UE's own timing, taken out on the radio's.

#include "radio/iq.h"
#include "radio/time.h"

#include <algorithm>
#include <cstdint>
#include <functional>
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
    for_each_run(at.value(), samples.size(), [&](std::span<Cf32> run, std::size_t begin) {
      std::transform(run.begin(), run.end(), samples.begin() + static_cast<std::ptrdiff_t>(begin), run.begin(), std::plus<>());
    });
    return true;
  }

  /// Takes out [at, at + out.size()); what is jumped over is dropped.
  void take(SampleTime at, std::span<Cf32> out) noexcept
  {
    const std::int64_t first = std::max(taken_, at.value() - static_cast<std::int64_t>(ring_.size()));
    if (first < at.value()) {
      for_each_run(first, static_cast<std::size_t>(at.value() - first), [](std::span<Cf32> run, std::size_t) { std::ranges::fill(run, Cf32{}); });
    }
    for_each_run(at.value(), out.size(), [&](std::span<Cf32> run, std::size_t begin) {
      std::ranges::copy(run, out.begin() + static_cast<std::ptrdiff_t>(begin));
      std::ranges::fill(run, Cf32{});
    });
    taken_ = at.value() + static_cast<std::int64_t>(out.size());
  }

  [[nodiscard]] std::uint64_t num_late() const noexcept { return num_late_; }

private:
  /// Calls visit(run, begin) for the stretches of the ring, two at most, that hold the `count` samples from `time` on; `begin`: how
  /// many came before.
  template <class Visit>
  void for_each_run(std::int64_t time, std::size_t count, const Visit& visit) noexcept
  {
    const auto length = static_cast<std::int64_t>(ring_.size());
    auto at = static_cast<std::size_t>((time % length + length) % length);
    for (std::size_t begin = 0; begin < count; at = 0) {
      const std::size_t n = std::min(count - begin, ring_.size() - at);
      visit(std::span(ring_).subspan(at, n), begin);
      begin += n;
    }
  }

  std::vector<Cf32> ring_;
  std::int64_t taken_ = 0;
  std::uint64_t num_late_ = 0;
};

}  // namespace ravi::ue
