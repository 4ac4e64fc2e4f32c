#include "drivers/hardware/hardware_stream.h"

#include "radio/log.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

namespace ravi {

void HardwareStream::prepare(SampleTime first, std::size_t num_channels, std::size_t longest_packet)
{
  first_ = first;
  receiver_ = PacketReceiver(num_channels, longest_packet, first);
  rx_frontier_ = first.value();
  is_in_burst_ = false;
}

RxResult HardwareStream::receive(IqSpan out) noexcept
{
  if (!is_running()) return {.status = RxStatus::ended, .time = {}, .num_samples = 0, .lost = {}, .overflow = false};
  const RxResult result = receiver_.receive(*this, out);
  if (result.num_samples > 0) {
    rx_samples_ += result.num_samples;
    lost_samples_ += static_cast<std::uint64_t>(result.lost.value());
    rx_frontier_.store(receiver_.expected().value(), std::memory_order_relaxed);
  }
  return result;
}

bool HardwareStream::is_late(SampleTime at) noexcept
{
  const bool is_overlap = is_in_burst_ && at < tx_next_;
  if (!is_overlap && at.value() >= rx_frontier_.load(std::memory_order_relaxed)) return false;
  ++lates_;
  return true;
}

bool HardwareStream::begin_stop() noexcept
{
  if (!is_running_.exchange(false, std::memory_order_acq_rel)) return false;
  while (is_transmitting_.test_and_set(std::memory_order_acquire)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return true;
}

void HardwareStream::log_send_failure(const std::exception& error) const noexcept
{
  log_error(fmt::format("{}: transmitting failed: {}", driver_, error.what()));
}

RadioCounters HardwareStream::counters() const noexcept
{
  RadioCounters totals;
  totals.rx_samples = rx_samples_;
  totals.tx_samples = tx_samples_;
  totals.overflows = overflows_;
  totals.underflows = underflows_;
  totals.lates = lates_;
  totals.lost_samples = lost_samples_;
  totals.malformed = malformed_;
  return totals;
}

}  // namespace ravi
