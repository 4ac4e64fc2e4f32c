#pragma once
// A timer that runs on the network time given to it; nothing happens by itself.

#include <chrono>
#include <optional>

namespace ravi::rlc {

/// Network time since the start of the cell.
using Time = std::chrono::milliseconds;

class Timer {
public:
  void start(Time now, Time duration) noexcept { end_ = now + duration; }
  void stop() noexcept { end_.reset(); }
  [[nodiscard]] bool is_running() const noexcept { return end_.has_value(); }
  /// True once when the time has come; the timer is then stopped.
  [[nodiscard]] bool expires(Time now) noexcept
  {
    if (!end_ || now < *end_) return false;
    end_.reset();
    return true;
  }

private:
  std::optional<Time> end_;
};

}  // namespace ravi::rlc
