#pragma once
// The latest value one thread has said, for one other thread to read: neither ever waits.

#include <array>
#include <atomic>
#include <cstdint>

namespace ravi {

/// One writer, one reader. A value is copied in whole; values that nobody read in time are lost. T copies without allocating.
template <class T>
class Latest {
public:
  /// The writer's thread.
  void write(const T& value) noexcept
  {
    slots_[back_] = value;
    back_ = static_cast<std::uint8_t>(middle_.exchange(static_cast<std::uint8_t>(back_ | kIsNew), std::memory_order_acq_rel) & kIndex);
  }

  /// The reader's thread. Valid until the next call; T{} before the first write.
  [[nodiscard]] const T& read() noexcept
  {
    if ((middle_.load(std::memory_order_relaxed) & kIsNew) != 0) {
      front_ = static_cast<std::uint8_t>(middle_.exchange(front_, std::memory_order_acq_rel) & kIndex);
    }
    return slots_[front_];
  }

private:
  static constexpr std::uint8_t kIndex = 3;
  static constexpr std::uint8_t kIsNew = 4;

  std::array<T, 3> slots_{};
  std::uint8_t back_ = 0;                 ///< the writer's
  std::atomic<std::uint8_t> middle_{1};
  std::uint8_t front_ = 2;                ///< the reader's
};

}  // namespace ravi
