#include "drivers/loopback/lockstep.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <ctime>

namespace ravi {

// Why a start cannot be missed: a reader publishes how far it wants to read (`claimed`) and then looks at the nodes; a
// starting node makes its version odd and then looks at the claims. All of these are sequentially consistent, so either
// the reader sees the node starting (and waits a moment), or the node sees the claim (and starts after it).
//
// Why ring memory is never overwritten while read: a writer goes no further than one ring beyond what every present
// receiver, itself included, has read; and a node that starts does so at or after every present node's claim.

void Lockstep::add(NodeRole role)
{
  const std::size_t index = num_nodes_.load();
  assert(index < kMaxNodes);
  nodes_[index].role = role;
  num_nodes_.store(index + 1, std::memory_order_release);
}

std::int64_t Lockstep::start(std::size_t index)
{
  const std::lock_guard lock(start_mutex_);
  Node& node = nodes_[index];
  node.version.fetch_add(1);
  std::int64_t begin = std::max(node.sent.load(), claimed_by_air_.load());
  for (std::size_t n = 0; n < num_nodes(); ++n) begin = std::max(begin, nodes_[n].claimed.load());
  node.begin.store(begin);
  node.sent.store(begin);
  node.claimed.store(begin);
  node.received.store(begin);
  node.takes_part.store(true);
  node.version.fetch_add(1);
  announce();
  return begin;
}

void Lockstep::stop(std::size_t node) noexcept
{
  nodes_[node].takes_part.store(false);
  announce();
}

bool Lockstep::begin_read(std::size_t index, std::int64_t end) noexcept
{
  Node& node = nodes_[index];
  node.is_reading.store(true);
  if (!node.takes_part.load()) {
    node.is_reading.store(false);
    return false;
  }
  if (node.claimed.load() < end) node.claimed.store(end);
  return true;
}

void Lockstep::end_read(std::size_t index, std::int64_t received) noexcept
{
  Node& node = nodes_[index];
  node.received.store(received);
  node.is_reading.store(false);
  announce();
}

bool Lockstep::try_begin_write(std::size_t node) noexcept
{
  return !nodes_[node].is_writing.exchange(true);
}

void Lockstep::end_write(std::size_t index, std::int64_t sent) noexcept
{
  nodes_[index].sent.store(sent);
  nodes_[index].is_writing.store(false);
  announce();
}

bool Lockstep::has_room(std::int64_t end) const noexcept
{
  for (std::size_t n = 0; n < num_nodes(); ++n) {
    const Node& node = nodes_[n];
    if (!node.role.receives) continue;
    if (node.version.load() % 2 == 1) return false;
    if (!node.takes_part.load() && !node.is_reading.load()) continue;
    if (end - ring_length_ > node.received.load()) return false;
  }
  return true;
}

void Lockstep::claim_write(std::size_t index, std::int64_t begin) noexcept
{
  Node& node = nodes_[index];
  if (node.role.receives || node.claimed.load() >= begin) return;
  node.claimed.store(begin);
}

Lockstep::Sent Lockstep::sent_up_to(std::size_t index, std::int64_t end) const noexcept
{
  const Node& node = nodes_[index];
  const std::uint32_t version = node.version.load();
  if (version % 2 == 1) return {};
  const bool is_there = node.takes_part.load();
  const Sent sent{node.begin.load(), node.sent.load(), true};
  if (node.version.load() != version) return {};
  if (is_there && node.role.sends && sent.end < end) return {};
  return sent;
}

std::int64_t Lockstep::sent_by_all(std::int64_t limit) const noexcept
{
  std::int64_t lowest = limit;
  for (std::size_t n = 0; n < num_nodes(); ++n) {
    const Node& node = nodes_[n];
    if (!node.role.sends) continue;
    if (node.version.load() % 2 == 1) return 0;
    if (node.takes_part.load()) lowest = std::min(lowest, node.sent.load());
  }
  return lowest;
}

void Lockstep::announce() noexcept
{
  if (waiting_ == Waiting::returns) return;
  changes_.fetch_add(1);
  if (num_waiting_.load() == 0) return;
  ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&changes_), FUTEX_WAKE_PRIVATE,
            std::numeric_limits<int>::max(), nullptr, nullptr, 0);
}

bool Lockstep::sleep_until_change(std::uint32_t seen, std::chrono::steady_clock::time_point deadline) noexcept
{
  const auto left = deadline - std::chrono::steady_clock::now();
  if (left <= left.zero()) return false;
  const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
  const std::timespec timeout{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&changes_), FUTEX_WAIT_PRIVATE, seen, &timeout, nullptr, 0);
  return true;
}

}  // namespace ravi
