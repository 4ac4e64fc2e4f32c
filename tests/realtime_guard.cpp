// Replaces operator new, operator delete and pthread_mutex_lock for a whole test program, so that work inside a
// RealtimeScope is caught in the act. Counting, not aborting: the test that looks says what was expected.

#include "tests/realtime_guard.h"

#include "radio/realtime.h"

#include <dlfcn.h>
#include <pthread.h>

#include <cstddef>
#include <cstdlib>
#include <new>

// ThreadSanitizer brings operator new and pthread_mutex_lock of its own and needs them: there nothing is counted.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RAVI_HAS_TSAN
#endif
#endif

namespace {

thread_local ravi::testing::RealtimeViolations violations_of_thread;

#ifndef RAVI_HAS_TSAN
void* allocate(std::size_t bytes, std::size_t alignment)
{
  if (ravi::RealtimeScope::is_active()) ++violations_of_thread.allocations;
  const std::size_t size = bytes == 0 ? 1 : bytes;
  void* memory = alignment <= alignof(std::max_align_t)
                     ? std::malloc(size)
                     : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void release(void* memory) noexcept
{
  if (memory != nullptr && ravi::RealtimeScope::is_active()) ++violations_of_thread.frees;
  std::free(memory);
}
#endif

}  // namespace

namespace ravi::testing {

RealtimeViolations realtime_violations() noexcept { return violations_of_thread; }
void reset_realtime_violations() noexcept { violations_of_thread = {}; }
#ifdef RAVI_HAS_TSAN
bool counts_violations() noexcept { return false; }
#else
bool counts_violations() noexcept { return true; }
#endif

}  // namespace ravi::testing

#ifndef RAVI_HAS_TSAN
void* operator new(std::size_t bytes) { return allocate(bytes, 0); }
void* operator new[](std::size_t bytes) { return allocate(bytes, 0); }
void* operator new(std::size_t bytes, std::align_val_t a) { return allocate(bytes, static_cast<std::size_t>(a)); }
void* operator new[](std::size_t bytes, std::align_val_t a) { return allocate(bytes, static_cast<std::size_t>(a)); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept  // std::stable_sort's
{
  try {
    return allocate(bytes, 0);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }

extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept
{
  using Lock = int (*)(pthread_mutex_t*);
  static const Lock system_lock = reinterpret_cast<Lock>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  if (ravi::RealtimeScope::is_active()) ++violations_of_thread.locks;
  return system_lock(mutex);
}
#endif
