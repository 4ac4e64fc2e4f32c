#pragma once
// What the streams of all hardware drivers have in common: running or not, how far both directions are, what happened.

#include "radio/iq.h"
#include "radio/packet_receiver.h"
#include "radio/radio.h"
#include "radio/time.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>

namespace ravi {

/// The base of a driver's stream, which adds `fetch` and its own way of sending. Started and stopped any number of times.
class HardwareStream : protected PacketSource {
public:
  HardwareStream(const HardwareStream&) = delete;
  HardwareStream& operator=(const HardwareStream&) = delete;

  [[nodiscard]] bool is_running() const noexcept { return is_running_.load(std::memory_order_acquire); }
  [[nodiscard]] RxResult receive(IqSpan out) noexcept;  ///< real time

  /// Any thread. A driver adds what it counts itself.
  [[nodiscard]] RadioCounters counters() const noexcept;

protected:
  /// `driver` names it in the log.
  explicit HardwareStream(const char* driver) : driver_(driver) {}
  ~HardwareStream() = default;

  // Control thread.
  void prepare(SampleTime first, std::size_t num_channels, std::size_t longest_packet);
  void set_running() noexcept { is_running_.store(true, std::memory_order_release); }

  /// Ends the stream: no `transmit` is under way and none begins until `finish_stop`. False: it did not run. Any thread.
  [[nodiscard]] bool begin_stop() noexcept;
  void finish_stop() noexcept { is_transmitting_.clear(std::memory_order_release); }

  /// Transmitting thread: the answer of `send`, `failed` where it throws, or the stream is being stopped.
  template <class Send>
  TxStatus send_unless_stopped(const Send& send) noexcept
  {
    TxStatus status = TxStatus::failed;
    if (is_transmitting_.test_and_set(std::memory_order_acquire)) return status;  // being stopped
    if (is_running()) {
      try {
        status = send();
      } catch (const std::exception& error) {
        log_send_failure(error);
      }
    }
    is_transmitting_.clear(std::memory_order_release);
    return status;
  }

  /// Transmitting thread: `at` lies in what was sent or received already; counted.
  [[nodiscard]] bool is_late(SampleTime at) noexcept;

  PacketReceiver receiver_;   ///< receiving thread
  SampleTime first_;          ///< time of the first received sample
  bool is_in_burst_ = false;  ///< transmitting thread
  SampleTime tx_next_;        ///< transmitting thread: where the burst goes on

  std::atomic<std::uint64_t> tx_samples_ = 0;
  std::atomic<std::uint64_t> overflows_ = 0;
  std::atomic<std::uint64_t> underflows_ = 0;
  std::atomic<std::uint64_t> lates_ = 0;
  std::atomic<std::uint64_t> malformed_ = 0;

private:
  void log_send_failure(const std::exception& error) const noexcept;

  const char* driver_;
  std::atomic<bool> is_running_ = false;
  std::atomic_flag is_transmitting_ = ATOMIC_FLAG_INIT;  ///< held by `transmit`; `begin_stop` waits for it
  std::atomic<std::int64_t> rx_frontier_ = 0;  ///< time after the newest received sample: the device is at least there
  std::atomic<std::uint64_t> rx_samples_ = 0;
  std::atomic<std::uint64_t> lost_samples_ = 0;
};

}  // namespace ravi
