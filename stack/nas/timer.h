#pragma once
// A procedure's timer in the caller's time.

#include <chrono>
#include <optional>

namespace ravi::nas {

class Timer {
public:
  using Time = std::chrono::milliseconds;

  void start(Time now, Time duration) { deadline_ = now + duration; }
  void stop() { deadline_.reset(); }
  [[nodiscard]] bool is_running() const { return deadline_.has_value(); }
  /// True once, when its time has come.
  [[nodiscard]] bool expire(Time now)
  {
    if (!deadline_ || now < *deadline_) return false;
    deadline_.reset();
    return true;
  }

private:
  std::optional<Time> deadline_;
};

}  // namespace ravi::nas
