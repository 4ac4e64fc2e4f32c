#pragma once
// The one way two threads hand each other data on the real-time path: a bounded ring, one producer and one consumer.

#include "radio/iq.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

namespace ravi {

/// Elements of a ring in order: where they run over the end of its memory, the second span holds the rest.
template <class T>
struct RingSpan {
  std::span<T> first;
  std::span<T> second;

  [[nodiscard]] std::size_t size() const noexcept { return first.size() + second.size(); }
  [[nodiscard]] bool empty() const noexcept { return first.empty(); }
};

/// Bounded queue of trivially copyable elements between exactly one producer thread and one consumer thread, without
/// locks, allocation or system calls. It never waits: what does not fit stays with the producer.
///
/// Producer: `reserve`, fill what it gave, `publish`. Consumer: `peek`, use what it gave, `consume`.
/// What the producer did before `publish` is seen by the consumer after `peek`; what the consumer did before `consume` by
/// the producer after `reserve`.
template <class T>
class SpscRing {
  static_assert(std::is_trivially_copyable_v<T>);

public:
  /// Room for at least `capacity` elements, rounded up to a power of two; all memory is taken and touched here.
  explicit SpscRing(std::size_t capacity)
    : mask_(std::bit_ceil(std::max<std::size_t>(capacity, 1)) - 1), memory_(1, mask_ + 1)
  {
  }
  SpscRing(const SpscRing&) = delete;
  SpscRing& operator=(const SpscRing&) = delete;

  [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }

  // -- producer -------------------------------------------------------------------------------------------------------
  /// Elements that can be reserved now.
  [[nodiscard]] std::size_t room() noexcept
  {
    seen_head_ = head_.load(std::memory_order_acquire);
    return capacity() - (tail_.load(std::memory_order_relaxed) - seen_head_);
  }

  /// Memory for the next min(count, room()) elements. Reserving twice without publishing gives the same memory.
  [[nodiscard]] RingSpan<T> reserve(std::size_t count) noexcept
  {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (capacity() - (tail - seen_head_) < count) count = std::min(count, room());
    return at(tail, count);
  }

  /// Hands the first `count` reserved elements to the consumer.
  void publish(std::size_t count) noexcept
  {
    tail_.store(tail_.load(std::memory_order_relaxed) + count, std::memory_order_release);
  }

  /// All of `elements`, or false and none of them.
  [[nodiscard]] bool write(std::span<const T> elements) noexcept
  {
    const RingSpan<T> to = reserve(elements.size());
    if (to.size() < elements.size()) return false;
    copy_elements(elements.first(to.first.size()), to.first);
    copy_elements(elements.subspan(to.first.size()), to.second);
    publish(elements.size());
    return true;
  }

  // -- consumer -------------------------------------------------------------------------------------------------------
  /// Elements that can be peeked at now.
  [[nodiscard]] std::size_t available() noexcept
  {
    seen_tail_ = tail_.load(std::memory_order_acquire);
    return seen_tail_ - head_.load(std::memory_order_relaxed);
  }

  /// The next min(count, available()) elements; they stay in the ring.
  [[nodiscard]] RingSpan<const T> peek(std::size_t count) noexcept
  {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (seen_tail_ - head < count) count = std::min(count, available());
    const RingSpan<T> span = at(head, count);
    return {span.first, span.second};
  }

  /// Gives the memory of the first `count` peeked elements back to the producer.
  void consume(std::size_t count) noexcept
  {
    head_.store(head_.load(std::memory_order_relaxed) + count, std::memory_order_release);
  }

  /// Fills all of `elements`, or returns false and takes none.
  [[nodiscard]] bool read(std::span<T> elements) noexcept
  {
    const RingSpan<const T> from = peek(elements.size());
    if (from.size() < elements.size()) return false;
    copy_elements(from.first, elements.first(from.first.size()));
    copy_elements(from.second, elements.subspan(from.first.size()));
    consume(elements.size());
    return true;
  }

private:
  [[nodiscard]] RingSpan<T> at(std::size_t position, std::size_t count) noexcept
  {
    const std::span<T> all = memory_.channel();
    const std::size_t begin = position & mask_;
    const std::size_t until_end = std::min(count, capacity() - begin);
    return {all.subspan(begin, until_end), all.first(count - until_end)};
  }

  static void copy_elements(std::span<const T> from, std::span<T> to) noexcept
  {
    if (!from.empty()) std::memcpy(static_cast<void*>(to.data()), from.data(), from.size_bytes());
  }

  // Positions count up for ever and wrap with std::size_t; each side keeps the last it saw of the other's, so that most
  // calls touch no memory the other side writes.
  std::size_t mask_;
  AlignedBuffer<T> memory_;
  alignas(64) std::atomic<std::size_t> tail_{0};  ///< written by the producer
  std::size_t seen_head_ = 0;
  alignas(64) std::atomic<std::size_t> head_{0};  ///< written by the consumer
  std::size_t seen_tail_ = 0;
};

}  // namespace ravi
