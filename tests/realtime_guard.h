#pragma once
// Lets a test see what the slot path did: while a RealtimeScope lives on a thread, an allocation, a free or a mutex lock
// made by that thread is counted here, and the first of each kind is described.

#include <cstdint>

namespace ravi::testing {

struct RealtimeViolations {
  std::uint64_t allocations = 0;  ///< operator new, new[], malloc family through new
  std::uint64_t frees = 0;
  std::uint64_t locks = 0;  ///< pthread_mutex_lock, whatever took it
};

/// What the calling thread has done within RealtimeScopes since the last `reset_realtime_violations`.
[[nodiscard]] RealtimeViolations realtime_violations() noexcept;
void reset_realtime_violations() noexcept;
/// False under ThreadSanitizer, whose own operator new and pthread_mutex_lock have to stay: all counts are zero there.
[[nodiscard]] bool counts_violations() noexcept;

}  // namespace ravi::testing
