#include "drivers/uhd/uhd_stream.h"

#include "drivers/uhd/uhd_clock.h"
#include "radio/log.h"

#include <fmt/format.h>
#include <uhd/stream.hpp>
#include <uhd/types/metadata.hpp>
#include <uhd/types/stream_cmd.hpp>
#include <uhd/usrp/multi_usrp.hpp>

#include <algorithm>
#include <chrono>
#include <exception>

namespace ravi {
namespace {

constexpr double kReceiveTimeout = 0.1;   // s, the most a receive call may wait
constexpr double kTransmitTimeout = 0.1;  // s
constexpr double kStartLead = 0.15;       // s from "now" to the first sample: time for the commands to reach the device
constexpr double kRestartLead = 0.02;     // s

uhd::stream_args_t stream_args(const UhdConfig& config)
{
  uhd::stream_args_t args("fc32", config.otw);
  args.channels = config.channels;
  for (const auto& [key, value] : config.stream_args) args.args[key] = value;
  return args;
}

std::int64_t num(std::size_t count) { return static_cast<std::int64_t>(count); }

}  // namespace

UhdStream::UhdStream(std::shared_ptr<uhd::usrp::multi_usrp> usrp, const UhdConfig& config,
                     TransmitPermission permission)
    : HardwareStream("uhd"),
      usrp_(std::move(usrp)),
      config_(config),
      is_armed_(permission == TransmitPermission::licensed && config.can_transmit),
      rx_buffers_(config.channels.size()),
      tx_buffers_(config.channels.size())
{
}

UhdStream::~UhdStream() { stop(); }

Result<void> UhdStream::start(SampleTime first, SampleRate rate)
{
  rate_ = rate;
  rx_.reset();  // a device may have one streamer a direction
  tx_.reset();
  rx_ = usrp_->get_rx_stream(stream_args(config_));
  tx_ = is_armed_ ? usrp_->get_tx_stream(stream_args(config_)) : nullptr;
  prepare(first, config_.channels.size(), std::max<std::size_t>(rx_->get_max_num_samps(), 1));

  uhd::time_spec_t origin;
  if (config_.start == UhdStart::pps) {
    if (auto aligned = align_to_pps(*usrp_); !aligned) return aligned;
    origin = uhd::time_spec_t(usrp_->get_time_last_pps().get_full_secs() + 1, 0.0);
  } else {
    if (usrp_->get_num_mboards() > 1) usrp_->set_time_unknown_pps(uhd::time_spec_t(0.0));
    // On a sample border counted from the device's time 0, which is exact in device ticks as well.
    const uhd::time_spec_t soon = usrp_->get_time_now() + uhd::time_spec_t(kStartLead);
    const double hz = static_cast<double>(rate.hz());
    origin = uhd::time_spec_t::from_ticks(soon.to_ticks(hz), hz);
  }
  origin_seconds_ = origin.get_full_secs();
  origin_fraction_ = origin.get_frac_secs();
  begin_receiving();
  set_running();
  if (tx_) events_ = std::jthread([this](const std::stop_token& stop) { read_events(stop); });
  return {};
}

void UhdStream::begin_receiving()
{
  uhd::stream_cmd_t command(uhd::stream_cmd_t::STREAM_MODE_START_CONTINUOUS);
  command.stream_now = false;
  command.time_spec = uhd::time_spec_t(origin_seconds_, origin_fraction_);
  rx_->issue_stream_cmd(command);
}

uhd::time_spec_t UhdStream::to_device_time(SampleTime time) const
{
  return uhd::time_spec_t(origin_seconds_, origin_fraction_) +
         uhd::time_spec_t::from_ticks((time - first_).value(), static_cast<double>(rate_.hz()));
}

Packet UhdStream::fetch(IqSpan out, SampleTime expected) noexcept
try {
  if (!is_running()) return {.event = Packet::Event::ended, .time = expected, .num_samples = 0};
  for (std::size_t c = 0; c < rx_buffers_.size(); ++c) rx_buffers_[c] = out.channel(c).data();
  uhd::rx_metadata_t metadata;
  const std::size_t count = rx_->recv(rx_buffers_, out.num_samples(), metadata, kReceiveTimeout);

  Packet packet{.event = Packet::Event::samples, .time = expected, .num_samples = count};
  switch (metadata.error_code) {
    case uhd::rx_metadata_t::ERROR_CODE_NONE:
      break;
    case uhd::rx_metadata_t::ERROR_CODE_TIMEOUT:
      packet.event = Packet::Event::timeout;
      break;
    case uhd::rx_metadata_t::ERROR_CODE_OVERFLOW:
      // Out of sequence: the network lost packets. Otherwise the host did not fetch in time.
      packet.event = metadata.out_of_sequence ? Packet::Event::damaged : Packet::Event::overflow;
      if (!metadata.out_of_sequence) ++overflows_;
      break;
    case uhd::rx_metadata_t::ERROR_CODE_LATE_COMMAND:
      return restart_late_stream();
    case uhd::rx_metadata_t::ERROR_CODE_BAD_PACKET:
      ++malformed_;
      packet.event = Packet::Event::damaged;
      break;
    case uhd::rx_metadata_t::ERROR_CODE_BROKEN_CHAIN:
    case uhd::rx_metadata_t::ERROR_CODE_ALIGNMENT:
      packet.event = Packet::Event::damaged;
      break;
  }
  if (count > 0)
    packet.event = Packet::Event::samples;  // an error that came with samples shows in the next packet's time
  if (metadata.has_time_spec) {
    const uhd::time_spec_t since = metadata.time_spec - uhd::time_spec_t(origin_seconds_, origin_fraction_);
    packet.time = first_ + SampleCount(since.to_ticks(static_cast<double>(rate_.hz())));
  }
  return packet;
} catch (const std::exception& error) {
  if (is_running()) log_error(fmt::format("uhd: receiving failed: {}", error.what()));
  return {.event = Packet::Event::failed, .time = expected, .num_samples = 0};
}

/// The start command reached the device after its time (a stalled host): begin a little later; the gap is reported.
Packet UhdStream::restart_late_stream()
{
  ++reconnects_;
  uhd::stream_cmd_t command(uhd::stream_cmd_t::STREAM_MODE_START_CONTINUOUS);
  command.stream_now = false;
  command.time_spec = usrp_->get_time_now() + uhd::time_spec_t(kRestartLead);
  rx_->issue_stream_cmd(command);
  return {.event = Packet::Event::damaged, .time = {}, .num_samples = 0};
}

TxResult UhdStream::transmit(ConstIqSpan in, SampleTime at, Burst burst) noexcept
{
  TxResult result{.status = TxStatus::disarmed, .underflows = new_underflows_.exchange(0, std::memory_order_relaxed)};
  if (is_armed_) result.status = send_unless_stopped([&] { return send(in, at, burst); });
  return result;
}

TxStatus UhdStream::send(ConstIqSpan in, SampleTime at, Burst burst)
{
  if (is_late(at)) return TxStatus::late;
  if (is_in_burst_ && at != tx_next_) end_burst();  // a pause in between: the device must not take it for an underflow
  for (std::size_t c = 0; c < tx_buffers_.size(); ++c) tx_buffers_[c] = in.channel(c).data();
  uhd::tx_metadata_t metadata;
  metadata.has_time_spec = true;
  metadata.time_spec = to_device_time(at);
  metadata.start_of_burst = !is_in_burst_;
  metadata.end_of_burst = burst == Burst::ends;
  const std::size_t count = tx_->send(tx_buffers_, in.num_samples(), metadata, kTransmitTimeout);
  tx_samples_ += count;
  is_in_burst_ = burst == Burst::goes_on;
  tx_next_ = at + SampleCount(num(count));
  if (count == in.num_samples()) return TxStatus::ok;
  end_burst();
  return TxStatus::timeout;
}

void UhdStream::end_burst()
{
  uhd::tx_metadata_t metadata;
  metadata.end_of_burst = true;
  tx_->send(tx_buffers_, 0, metadata, kTransmitTimeout);
  is_in_burst_ = false;
}

void UhdStream::read_events(const std::stop_token& stop) noexcept
{
  while (!stop.stop_requested()) {
    try {
      uhd::async_metadata_t event;
      if (!tx_->recv_async_msg(event, 0.1)) continue;
      switch (event.event_code) {
        case uhd::async_metadata_t::EVENT_CODE_UNDERFLOW:
        case uhd::async_metadata_t::EVENT_CODE_UNDERFLOW_IN_PACKET:
        case uhd::async_metadata_t::EVENT_CODE_SEQ_ERROR:           // samples lost on the way to the device:
        case uhd::async_metadata_t::EVENT_CODE_SEQ_ERROR_IN_BURST:  // it ran dry just the same
          ++underflows_;
          ++new_underflows_;
          break;
        case uhd::async_metadata_t::EVENT_CODE_TIME_ERROR:
          ++lates_;
          break;
        case uhd::async_metadata_t::EVENT_CODE_BURST_ACK:
          break;
        case uhd::async_metadata_t::EVENT_CODE_USER_PAYLOAD:
          std::this_thread::sleep_for(
              std::chrono::milliseconds(100));  // what UHD over SoapySDR says, without waiting, for
          break;                                // a device that reports nothing
      }
    } catch (const std::exception& error) {
      log_error(fmt::format("uhd: reading events failed: {}", error.what()));
      return;
    }
  }
}

void UhdStream::stop() noexcept
{
  if (!begin_stop()) return;
  try {
    rx_->issue_stream_cmd(uhd::stream_cmd_t(uhd::stream_cmd_t::STREAM_MODE_STOP_CONTINUOUS));
    if (tx_ && is_in_burst_) end_burst();
  } catch (const std::exception& error) {
    log_warning(fmt::format("uhd: stopping failed: {}", error.what()));
  }
  finish_stop();
  events_ = std::jthread();
}

RadioCounters UhdStream::counters() const noexcept
{
  RadioCounters totals = HardwareStream::counters();
  totals.reconnects = reconnects_;
  return totals;
}

}  // namespace ravi
