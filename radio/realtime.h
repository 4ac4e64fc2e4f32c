#pragma once
// Real-time behaviour of a thread: asking the system for it, and proving that the slot path stays calm.

#include <string>

namespace ravi {

/// While one lives, the current thread is on the slot path: it may not allocate, free or lock. In production this only
/// counts; the test programs replace `operator new` and `pthread_mutex_lock` by ones that fail (tests/realtime_guard.cpp).
class RealtimeScope {
public:
  RealtimeScope() noexcept { ++depth(); }
  ~RealtimeScope() { --depth(); }
  RealtimeScope(const RealtimeScope&) = delete;
  RealtimeScope& operator=(const RealtimeScope&) = delete;

  [[nodiscard]] static bool is_active() noexcept { return depth() > 0; }

private:
  static int& depth() noexcept
  {
    static thread_local int depth_of_thread = 0;
    return depth_of_thread;
  }
};

/// What the system granted.
struct RealtimeGrant {
  bool has_fifo = false;           ///< SCHED_FIFO
  bool has_locked_memory = false;  ///< mlockall
  std::string text;                ///< one plain line for the user: what was granted, and how to get the rest
};

/// Asks SCHED_FIFO at `priority` (1..99) for the calling thread and locks the process's memory. Never fails: says what it got.
[[nodiscard]] RealtimeGrant request_realtime(int priority);

}  // namespace ravi
