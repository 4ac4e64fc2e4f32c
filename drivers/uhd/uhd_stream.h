#pragma once
// The streaming half of a USRP: both streamers, the map between device time and sample time, the event counters.

#include "drivers/hardware/hardware_stream.h"
#include "drivers/uhd/uhd_config.h"
#include "radio/packet_receiver.h"
#include "radio/radio.h"
#include "radio/transmit_permission.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace uhd {
class rx_streamer;
class tx_streamer;
class time_spec_t;
namespace usrp {
class multi_usrp;
}
}  // namespace uhd

namespace ravi {

/// One from the opening of the device to its end; started and stopped any number of times.
class UhdStream final : public HardwareStream {
public:
  UhdStream(std::shared_ptr<uhd::usrp::multi_usrp> usrp, const UhdConfig& config, TransmitPermission permission);
  ~UhdStream();

  // Control thread. UHD's exceptions pass through.
  [[nodiscard]] Result<void> start(SampleTime first, SampleRate rate);
  [[nodiscard]] uhd::time_spec_t to_device_time(SampleTime time) const;  ///< of the running stream

  // Real time.
  [[nodiscard]] TxResult transmit(ConstIqSpan in, SampleTime at, Burst burst) noexcept;

  // Any thread.
  void stop() noexcept;
  [[nodiscard]] RadioCounters counters() const noexcept;

private:
  Packet fetch(IqSpan out, SampleTime expected) noexcept override;
  Packet restart_late_stream();
  TxStatus send(ConstIqSpan in, SampleTime at, Burst burst);
  void end_burst();
  void read_events(const std::stop_token& stop) noexcept;
  void begin_receiving();

  const std::shared_ptr<uhd::usrp::multi_usrp> usrp_;
  const UhdConfig config_;
  const bool is_armed_;
  std::shared_ptr<uhd::rx_streamer> rx_;
  std::shared_ptr<uhd::tx_streamer> tx_;  ///< null: receives only, or disarmed

  // The time axis: device time `origin` is sample time `first_`.
  std::int64_t origin_seconds_ = 0;
  double origin_fraction_ = 0.0;
  SampleRate rate_;

  std::vector<void*> rx_buffers_;                        // receiving thread
  std::vector<const void*> tx_buffers_;                  // transmitting thread
  std::atomic<std::uint32_t> new_underflows_ = 0;
  std::atomic<std::uint64_t> reconnects_ = 0;
  std::jthread events_;
};

}  // namespace ravi
