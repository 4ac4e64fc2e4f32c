#include "radio/realtime.h"

#include <fmt/format.h>

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

namespace ravi {

RealtimeGrant request_realtime(int priority)
{
  RealtimeGrant grant;
  sched_param parameters{};
  parameters.sched_priority = priority;
  const int fifo_error = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters);
  grant.has_fifo = fifo_error == 0;
  const int lock_error = mlockall(MCL_CURRENT | MCL_FUTURE) == 0 ? 0 : errno;
  grant.has_locked_memory = lock_error == 0;

  const auto part = [](const char* what, int error, const char* remedy) {
    return error == 0 ? fmt::format("{}: yes", what) : fmt::format("{}: no ({}; {})", what, std::strerror(error), remedy);
  };
  grant.text = fmt::format("real time: {}, {}",
                           part("SCHED_FIFO", fifo_error, "allow it with 'rtprio 99' in /etc/security/limits.conf"),
                           part("locked memory", lock_error, "allow it with 'memlock unlimited' in the same file"));
  return grant;
}

}  // namespace ravi
