#include "drivers/soapy/soapy_stream.h"

#include "radio/dsp/convert.h"
#include "radio/log.h"

#include <SoapySDR/Constants.h>
#include <fmt/format.h>
#include <SoapySDR/Device.hpp>
#include <SoapySDR/Errors.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace ravi {
namespace {

constexpr long kReceiveTimeoutUs = 100'000;
constexpr long kTransmitTimeoutUs = 100'000;
constexpr std::size_t kChunk = 16'384;  // samples converted at once
constexpr auto kLongestStart = std::chrono::seconds(3);  // from the start of a stream to its first packet
constexpr int kMostErrors = 100;        // in a row: then the device counts as lost

std::int64_t num(std::size_t count) { return static_cast<std::int64_t>(count); }

}  // namespace

SoapyStream::SoapyStream(SoapySDR::Device& device, SoapyStreamPlan plan)
    : HardwareStream("soapy"), device_(device), plan_(std::move(plan))
{
  const std::size_t count = plan_.channels.size();
  rx_buffers_.resize(count);
  tx_buffers_.resize(count);
  if (plan_.receive.name == "CS16") rx_sc16_ = AlignedBuffer<Sc16>(count, kChunk);
  if (plan_.receive.name == "CS8") rx_sc8_ = AlignedBuffer<Sc8>(count, kChunk);
  if (!plan_.is_armed) return;
  if (plan_.transmit.name != "CF32") tx_scaled_ = AlignedBuffer<Cf32>(1, kChunk);
  if (plan_.transmit.name == "CS16") tx_sc16_ = AlignedBuffer<Sc16>(count, kChunk);
  if (plan_.transmit.name == "CS8") tx_sc8_ = AlignedBuffer<Sc8>(count, kChunk);
}

SoapyStream::~SoapyStream()
{
  stop();
  try {
    if (rx_ != nullptr) device_.closeStream(rx_);
    if (tx_ != nullptr) device_.closeStream(tx_);
  } catch (const std::exception& error) {
    log_warning(fmt::format("soapy: closing the streams failed: {}", error.what()));
  }
}

void SoapyStream::set_up_streams()
{
  const SoapySDR::Kwargs args(plan_.stream_args.begin(), plan_.stream_args.end());
  if (rx_ == nullptr) rx_ = device_.setupStream(SOAPY_SDR_RX, plan_.receive.name, plan_.channels, args);
  if (tx_ == nullptr && plan_.is_armed) {
    tx_ = device_.setupStream(SOAPY_SDR_TX, plan_.transmit.name, plan_.channels, args);
  }
}

Result<void> SoapyStream::start(SampleTime first, SampleRate rate)
{
  set_up_streams();
  if (rx_ == nullptr || (plan_.is_armed && tx_ == nullptr)) {
    return fail(ErrorCode::unsupported, "soapy: the device has no stream for these channels");
  }
  rate_ = rate;
  has_origin_ = false;
  is_abrupt_ = false;
  num_errors_ = 0;
  prepare(first, plan_.channels.size(), kChunk);
  const int rx_code = device_.activateStream(rx_);
  const int tx_code = tx_ != nullptr ? device_.activateStream(tx_) : 0;
  if (rx_code != 0 || tx_code != 0) {
    return fail(ErrorCode::io, fmt::format("soapy: the stream does not start: {}",
                                           SoapySDR::errToStr(rx_code != 0 ? rx_code : tx_code)));
  }
  if (tx_ != nullptr) tx_chunk_ = std::clamp<std::size_t>(device_.getStreamMTU(tx_), 1, kChunk);
  set_running();
  auto begun = await_first_packet();
  if (!begun) stop();
  return begun;
}

/// The first packet's time is what the whole axis counts from.
Result<void> SoapyStream::await_first_packet()
{
  if (plan_.timestamps != TimestampSource::hardware) return {};
  const auto deadline = std::chrono::steady_clock::now() + kLongestStart;
  while (!has_origin_) {
    const Packet::Event event = receiver_.prime(*this);
    if (event == Packet::Event::failed || std::chrono::steady_clock::now() >= deadline) {
      return fail(ErrorCode::io, "soapy: the stream was started, but no samples come");
    }
    if (event == Packet::Event::samples && !has_origin_) {
      return fail(ErrorCode::unsupported, "soapy: the device's packets carry no time; receive without it: timestamps=no");
    }
  }
  return {};
}

// -- receiving --------------------------------------------------------------------------------------------------------

Packet SoapyStream::fetch(IqSpan out, SampleTime expected) noexcept
try {
  if (!is_running()) return {.event = Packet::Event::ended, .time = expected, .num_samples = 0};
  if (is_abrupt_) {
    is_abrupt_ = false;
    ++overflows_;
    return {.event = Packet::Event::overflow, .time = expected, .num_samples = 0};
  }
  return read(out.first(std::min(out.num_samples(), kChunk)), expected);
} catch (const std::exception& error) {
  if (is_running()) log_error(fmt::format("soapy: receiving failed: {}", error.what()));
  return {.event = Packet::Event::failed, .time = expected, .num_samples = 0};
}

Packet SoapyStream::read(IqSpan out, SampleTime expected)
{
  for (std::size_t c = 0; c < rx_buffers_.size(); ++c) {
    if (plan_.receive.name == "CS16") {
      rx_buffers_[c] = rx_sc16_.channel(c).data();
    } else if (plan_.receive.name == "CS8") {
      rx_buffers_[c] = rx_sc8_.channel(c).data();
    } else {
      rx_buffers_[c] = out.channel(c).data();
    }
  }
  int flags = 0;
  long long time_ns = 0;
  const int code = device_.readStream(rx_, rx_buffers_.data(), out.num_samples(), flags, time_ns, kReceiveTimeoutUs);
  if (code <= 0) return packet_of_error(code, expected);
  num_errors_ = 0;
  is_abrupt_ = (flags & SOAPY_SDR_END_ABRUPT) != 0;
  const auto count = static_cast<std::size_t>(code);
  convert_received(out, count);
  return {.event = Packet::Event::samples, .time = sample_time(flags, time_ns, expected), .num_samples = count};
}

Packet SoapyStream::packet_of_error(int code, SampleTime expected)
{
  Packet packet{.event = Packet::Event::damaged, .time = expected, .num_samples = 0};
  if (code == 0 || code == SOAPY_SDR_TIMEOUT) {
    packet.event = Packet::Event::timeout;
    return packet;
  }
  if (code == SOAPY_SDR_OVERFLOW) {
    ++overflows_;
    packet.event = Packet::Event::overflow;
    return packet;
  }
  if (code == SOAPY_SDR_CORRUPTION) ++malformed_;
  if (code == SOAPY_SDR_NOT_SUPPORTED || ++num_errors_ >= kMostErrors) {
    log_error(fmt::format("soapy: receiving failed: {}", SoapySDR::errToStr(code)));
    packet.event = Packet::Event::failed;
  }
  return packet;
}

/// A packet's time on our axis. Nanoseconds round to the one sample they mean at any rate below 500 MS/s.
SampleTime SoapyStream::sample_time(int flags, long long time_ns, SampleTime expected)
{
  if (plan_.timestamps != TimestampSource::hardware || (flags & SOAPY_SDR_HAS_TIME) == 0) return expected;
  const std::int64_t tick = to_samples(std::chrono::nanoseconds(time_ns), rate_).value();
  if (!has_origin_.load(std::memory_order_relaxed)) {
    origin_.store(tick, std::memory_order_relaxed);
    has_origin_.store(true, std::memory_order_release);
  }
  return first_ + SampleCount(tick - origin_.load(std::memory_order_relaxed));
}

void SoapyStream::convert_received(IqSpan out, std::size_t count) noexcept
{
  if (plan_.receive.name == "CF32") return;
  const bool is_sc16 = plan_.receive.name == "CS16";
  const float scale =
      (is_sc16 ? dsp::kSc16FullScale : dsp::kSc8FullScale) / static_cast<float>(plan_.receive.full_scale);
  for (std::size_t c = 0; c < out.num_channels(); ++c) {
    const std::span<Cf32> samples = out.channel(c).first(count);
    if (is_sc16) {
      dsp::to_cf32(rx_sc16_.channel(c).first(count), samples);
    } else {
      dsp::to_cf32(rx_sc8_.channel(c).first(count), samples);
    }
    for (Cf32& sample : samples) sample *= scale;
  }
}

// -- transmitting -----------------------------------------------------------------------------------------------------

TxResult SoapyStream::transmit(ConstIqSpan in, SampleTime at, Burst burst) noexcept
{
  if (!plan_.is_armed) return {.status = TxStatus::disarmed, .underflows = 0};
  const TxStatus status = send_unless_stopped([&] {
    const TxStatus sent = send(in, at, burst);
    if (has_events_) read_events();
    return sent;
  });
  return {.status = status, .underflows = std::exchange(new_underflows_, 0)};
}

TxStatus SoapyStream::send(ConstIqSpan in, SampleTime at, Burst burst)
{
  if (is_late(at)) return TxStatus::late;
  std::size_t sent = 0;
  while (sent < in.num_samples()) {
    const std::size_t count = std::min(tx_chunk_, in.num_samples() - sent);
    const bool ends = burst == Burst::ends && sent + count == in.num_samples();
    const std::size_t written = write_chunk(in.subspan(sent, count), at + SampleCount(num(sent)), ends);
    if (written == 0) break;
    sent += written;
  }
  tx_samples_ += sent;
  tx_next_ = at + SampleCount(num(sent));
  const bool is_whole = sent == in.num_samples();
  is_in_burst_ = burst == Burst::goes_on && is_whole;
  return is_whole ? TxStatus::ok : TxStatus::timeout;
}

/// Samples taken of one chunk; 0: the device took none in time.
std::size_t SoapyStream::write_chunk(ConstIqSpan in, SampleTime at, bool ends)
{
  convert_to_send(in);
  const std::int64_t tick = origin_.load(std::memory_order_relaxed) + (at - first_).value();
  int flags = SOAPY_SDR_HAS_TIME | (ends ? SOAPY_SDR_END_BURST : 0);
  const int code = device_.writeStream(tx_, tx_buffers_.data(), in.num_samples(), flags,
                                       to_duration(SampleCount(tick), rate_).count(), kTransmitTimeoutUs);
  if (code == SOAPY_SDR_TIME_ERROR) ++lates_;
  return code > 0 ? static_cast<std::size_t>(code) : 0;
}

/// Points `tx_buffers_` at what the device takes: the samples themselves, or integers made of them.
void SoapyStream::convert_to_send(ConstIqSpan in) noexcept
{
  for (std::size_t c = 0; c < in.num_channels(); ++c) {
    const std::span<const Cf32> samples = in.channel(c);
    tx_buffers_[c] = samples.data();
    if (plan_.transmit.name == "CF32") continue;
    const bool is_sc16 = plan_.transmit.name == "CS16";
    const float largest = is_sc16 ? dsp::kSc16FullScale : dsp::kSc8FullScale;
    // Our full scale becomes the device's; 2048 and 32768 are one past the largest integer there is.
    const float scale = std::min(1.0F, (static_cast<float>(plan_.transmit.full_scale) - 1.0F) / largest);
    const std::span<Cf32> scaled = tx_scaled_.channel().first(samples.size());
    std::uint64_t clipped = 0;
    const auto clip = [&clipped](float x) {
      const float kept = std::clamp(x, -1.0F, 1.0F);
      clipped += kept == x ? 0 : 1;
      return kept;
    };
    for (std::size_t i = 0; i < samples.size(); ++i) {
      scaled[i] = Cf32(clip(samples[i].real()) * scale, clip(samples[i].imag()) * scale);
    }
    saturated_ += clipped;
    if (is_sc16) {
      dsp::to_sc16(scaled, tx_sc16_.channel(c).first(samples.size()));
      tx_buffers_[c] = tx_sc16_.channel(c).data();
    } else {
      dsp::to_sc8(scaled, tx_sc8_.channel(c).first(samples.size()));
      tx_buffers_[c] = tx_sc8_.channel(c).data();
    }
  }
}

/// Takes the events that wait, without waiting for more.
void SoapyStream::read_events()
{
  constexpr int kMostEvents = 8;
  for (int i = 0; i < kMostEvents; ++i) {
    std::size_t channels = 0;
    int flags = 0;
    long long time_ns = 0;
    const int code = device_.readStreamStatus(tx_, channels, flags, time_ns, 0);
    if (code == SOAPY_SDR_TIMEOUT) return;
    if (code == SOAPY_SDR_NOT_SUPPORTED) {
      has_events_ = false;
      return;
    }
    if (code == SOAPY_SDR_TIME_ERROR) ++lates_;
    if (code == SOAPY_SDR_UNDERFLOW) {
      ++underflows_;
      ++new_underflows_;
    }
  }
}

// -- any thread -------------------------------------------------------------------------------------------------------

void SoapyStream::stop() noexcept
{
  if (!begin_stop()) return;
  try {
    device_.deactivateStream(rx_);
    if (tx_ != nullptr) device_.deactivateStream(tx_);
  } catch (const std::exception& error) {
    log_warning(fmt::format("soapy: stopping failed: {}", error.what()));
  }
  finish_stop();
}

RadioCounters SoapyStream::counters() const noexcept
{
  RadioCounters totals = HardwareStream::counters();
  totals.saturated = saturated_;
  return totals;
}

}  // namespace ravi
