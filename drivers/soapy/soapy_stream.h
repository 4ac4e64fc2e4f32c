#pragma once
// The streaming half of a SoapySDR device: both streams, sample conversion, the map between device time and sample
// time, the event counters.

#include "drivers/hardware/hardware_stream.h"
#include "drivers/soapy/soapy_config.h"
#include "drivers/soapy/soapy_quirks.h"
#include "radio/iq.h"
#include "radio/packet_receiver.h"
#include "radio/radio.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace SoapySDR {
class Device;
class Stream;
}  // namespace SoapySDR

namespace ravi {

/// What a stream of one direction carries.
struct SoapyStreamFormat {
  std::string name;  ///< "CF32", "CS16" or "CS8"
  double full_scale = 1.0;
};

/// How `SoapyStream` is to run.
struct SoapyStreamPlan {
  SoapyStreamFormat receive;
  SoapyStreamFormat transmit;
  std::vector<std::size_t> channels;
  std::map<std::string, std::string> stream_args;
  TimestampSource timestamps = TimestampSource::hardware;
  bool is_armed = false;  ///< sets the transmitter up
};

/// One from the opening of the device to its end; started and stopped any number of times.
class SoapyStream final : public HardwareStream {
public:
  SoapyStream(SoapySDR::Device& device, SoapyStreamPlan plan);
  ~SoapyStream();

  // Control thread. Exceptions of the device pass through.
  [[nodiscard]] Result<void> start(SampleTime first, SampleRate rate);

  // Real time.
  [[nodiscard]] TxResult transmit(ConstIqSpan in, SampleTime at, Burst burst) noexcept;

  // Any thread.
  void stop() noexcept;
  [[nodiscard]] RadioCounters counters() const noexcept;

private:
  Packet fetch(IqSpan out, SampleTime expected) noexcept override;
  Packet read(IqSpan out, SampleTime expected);
  Packet packet_of_error(int code, SampleTime expected);
  SampleTime sample_time(int flags, long long time_ns, SampleTime expected);
  void convert_received(IqSpan out, std::size_t count) noexcept;
  TxStatus send(ConstIqSpan in, SampleTime at, Burst burst);
  std::size_t write_chunk(ConstIqSpan in, SampleTime at, bool ends);
  void convert_to_send(ConstIqSpan in) noexcept;
  void read_events();
  void set_up_streams();
  Result<void> await_first_packet();

  SoapySDR::Device& device_;
  const SoapyStreamPlan plan_;
  SoapySDR::Stream* rx_ = nullptr;
  SoapySDR::Stream* tx_ = nullptr;  ///< null: receives only, or disarmed
  std::size_t tx_chunk_ = 0;        ///< samples written at once

  // The time axis: the device's tick `origin_`, counted in samples, is sample time `first_`. Known from the first
  // packet on.
  SampleRate rate_;
  std::atomic<std::int64_t> origin_ = 0;
  std::atomic<bool> has_origin_ = false;

  // Receiving thread.
  std::vector<void*> rx_buffers_;
  AlignedBuffer<Sc16> rx_sc16_;
  AlignedBuffer<Sc8> rx_sc8_;
  bool is_abrupt_ = false;  ///< the packet before ended with an overflow
  int num_errors_ = 0;      ///< in a row

  // Transmitting thread.
  std::vector<const void*> tx_buffers_;
  AlignedBuffer<Cf32> tx_scaled_;
  AlignedBuffer<Sc16> tx_sc16_;
  AlignedBuffer<Sc8> tx_sc8_;
  bool has_events_ = true;  ///< the device reports events
  std::uint32_t new_underflows_ = 0;
  std::atomic<std::uint64_t> saturated_ = 0;
};

}  // namespace ravi
