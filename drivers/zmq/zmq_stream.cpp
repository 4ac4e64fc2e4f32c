#include "drivers/zmq/zmq_stream.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace ravi::zmq {

Doorbell::Doorbell() : descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))
{
  if (descriptor_ < 0) throw std::runtime_error("no file descriptor left for an eventfd");
}

Doorbell::~Doorbell() { close(descriptor_); }

void Doorbell::ring() noexcept
{
  const std::uint64_t one = 1;
  // Fails only when 2^64 - 2 rings are pending, which is also rung.
  [[maybe_unused]] const auto written = write(descriptor_, &one, sizeof(one));
}

void Doorbell::clear() noexcept
{
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read_bytes = read(descriptor_, &count, sizeof(count));
}

void Doorbell::wait_until(std::chrono::steady_clock::time_point deadline) noexcept
{
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd item{descriptor_, POLLIN, 0};
  if (left.count() > 0) poll(&item, 1, static_cast<int>(left.count()));
  clear();
}

std::int64_t TransmitPosition::raise_to(std::int64_t position) noexcept
{
  std::int64_t packed = packed_.load(std::memory_order_acquire);
  while (packed >> 1 < position) {
    if (packed_.compare_exchange_weak(packed, position * 2 + (packed & 1), std::memory_order_acq_rel)) return position;
  }
  return packed >> 1;
}

bool TransmitPosition::claim(std::int64_t begin, std::int64_t end) noexcept
{
  std::int64_t packed = packed_.load(std::memory_order_acquire);
  while (packed >> 1 <= begin) {
    if (packed_.compare_exchange_weak(packed, end * 2 + 1, std::memory_order_acq_rel)) return true;
  }
  return false;
}

Stream::Stream(std::size_t num_tx, std::size_t num_rx, std::size_t ring_samples, LinkTime time) : link_time(time)
{
  for (std::size_t i = 0; i < num_tx; ++i) tx.push_back(std::make_unique<TxLane>(ring_samples));
  for (std::size_t i = 0; i < num_rx; ++i) rx.push_back(std::make_unique<RxLane>(ring_samples));
}

void Stream::wake_callers() noexcept
{
  rx_bell.ring();
  tx_bell.ring();
}

}  // namespace ravi::zmq
