#pragma once
// The sample positions of all nodes of an in-process air: who may write how far, who may read how far, who is there.
//
// Each node has one writer of `sent` at a time and one reader; positions only grow, on one axis common to all nodes. No
// mutex: a node that has nothing to wait for makes no system call. Sample memory itself lies elsewhere (loopback.cpp);
// these positions guard it.

#include "radio/time.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>

namespace ravi {

/// What a call does when the other nodes are not as far as it needs them to be.
enum class Waiting {
  blocks,   ///< sleeps, at most 100 ms
  returns,  ///< answers `timeout` at once: one thread can then step all nodes in a fixed order, bit for bit the same
};

/// Whether a node takes part in something: sends or receives at all.
struct NodeRole {
  bool sends = true;
  bool receives = true;
};

class Lockstep {
public:
  static constexpr std::size_t kMaxNodes = 16;
  static constexpr std::chrono::milliseconds kLongestWait{100};

  /// What one node has on the air: samples [begin, end); silence before and, where the node is absent, after.
  struct Sent {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    bool is_known = false;  ///< false: the node is starting, or has not come as far as was asked; ask again
  };

  Lockstep(std::int64_t ring_length, Waiting waiting) : ring_length_(ring_length), waiting_(waiting) {}

  [[nodiscard]] std::size_t num_nodes() const noexcept { return num_nodes_.load(std::memory_order_acquire); }
  [[nodiscard]] std::int64_t ring_length() const noexcept { return ring_length_; }

  // -- control ----------------------------------------------------------------------------------------------------------
  /// Adds an absent node; its index is the former `num_nodes()`, which is less than `kMaxNodes`.
  void add(NodeRole role);

  /// The node takes part from the returned position on, the first that nobody else has read yet. It must not take part.
  std::int64_t start(std::size_t node);

  /// The node no longer takes part: the others hear what it has sent, then silence. Any thread.
  void stop(std::size_t node) noexcept;

  [[nodiscard]] bool takes_part(std::size_t node) const noexcept { return nodes_[node].takes_part.load(); }

  // -- real time --------------------------------------------------------------------------------------------------------
  [[nodiscard]] std::int64_t sent(std::size_t node) const noexcept { return nodes_[node].sent.load(); }
  [[nodiscard]] std::int64_t received(std::size_t node) const noexcept { return nodes_[node].received.load(); }

  /// Between these two the ring memory the node reads stays as it is, even when the node is stopped meanwhile.
  /// `begin_read` answers false when the node does not take part; then nothing has begun.
  [[nodiscard]] bool begin_read(std::size_t node, std::int64_t end) noexcept;
  void end_read(std::size_t node, std::int64_t received) noexcept;

  /// Between these two only the caller writes the node's ring. `try_begin_write` answers false when another thread does.
  [[nodiscard]] bool try_begin_write(std::size_t node) noexcept;
  void end_write(std::size_t node, std::int64_t sent) noexcept;

  /// Whether ring memory up to `end` may be overwritten: every receiving node has read what lies one ring earlier.
  [[nodiscard]] bool has_room(std::int64_t end) const noexcept;

  /// A node that receives nothing itself says, before it asks `has_room`, from where on its ring will be valid, so that
  /// nodes that start now start after that.
  void claim_write(std::size_t node, std::int64_t begin) noexcept;

  /// What `node` has sent, once that reaches `end` or the node is absent.
  [[nodiscard]] Sent sent_up_to(std::size_t node, std::int64_t end) const noexcept;

  /// Somebody other than a node reads up to `end` (the emulator): nodes that start later start after it.
  void claim_all(std::int64_t end) noexcept { claimed_by_air_.store(end); }

  /// Lowest position all present sending nodes have reached; `limit` when nobody sends.
  [[nodiscard]] std::int64_t sent_by_all(std::int64_t limit) const noexcept;

  /// Waits until `is_ready()`; false after the longest wait (`blocks`) or at once (`returns`).
  template <class IsReady>
  [[nodiscard]] bool wait_until(IsReady is_ready) noexcept
  {
    if (is_ready()) return true;
    if (waiting_ == Waiting::returns) return false;
    const auto deadline = std::chrono::steady_clock::now() + kLongestWait;
    for (;;) {
      num_waiting_.fetch_add(1);
      const std::uint32_t seen = changes_.load();
      const bool is_now = is_ready();
      const bool goes_on = is_now || sleep_until_change(seen, deadline);
      num_waiting_.fetch_sub(1);
      if (is_now || !goes_on) return is_now || is_ready();
    }
  }

  /// Tells those who wait that a position has changed.
  void announce() noexcept;

private:
  struct alignas(64) Node {
    NodeRole role;
    std::atomic<std::uint32_t> version{0};   ///< odd while `start` runs: begin and positions are not to be believed
    std::atomic<bool> takes_part{false};
    std::atomic<bool> is_reading{false};
    std::atomic<bool> is_writing{false};
    std::atomic<std::int64_t> begin{0};      ///< where it last started
    std::atomic<std::int64_t> sent{0};       ///< end of what it has put on the air
    std::atomic<std::int64_t> claimed{0};    ///< end of what it has read or is waiting to read
    std::atomic<std::int64_t> received{0};   ///< end of what it has read
  };

  /// False once the deadline has passed.
  [[nodiscard]] bool sleep_until_change(std::uint32_t seen, std::chrono::steady_clock::time_point deadline) noexcept;

  std::int64_t ring_length_;
  Waiting waiting_;
  std::atomic<std::size_t> num_nodes_{0};
  std::array<Node, kMaxNodes> nodes_;
  std::atomic<std::int64_t> claimed_by_air_{0};
  alignas(64) std::atomic<std::uint32_t> changes_{0};
  std::atomic<std::uint32_t> num_waiting_{0};
  std::mutex start_mutex_;  ///< control calls only
};

}  // namespace ravi
