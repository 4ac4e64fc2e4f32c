#pragma once
// Makes receive calls out of a device's time-stamped packets: fills the caller's buffer, finds gaps by comparing time
// stamps, and keeps what came after a gap for the next call.

#include "radio/iq.h"
#include "radio/radio.h"
#include "radio/time.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace ravi {

/// What one fetch from a device brought.
struct Packet {
  enum class Event {
    samples,   ///< `num_samples` samples from `time` on
    timeout,   ///< nothing came
    overflow,  ///< the host was too slow; samples are missing before the next packet
    damaged,   ///< something was lost or unusable on the way; the next packet tells by its time what
    ended,     ///< the stream is over
    failed,    ///< the device is lost
  };
  Event event = Event::timeout;
  SampleTime time;
  std::size_t num_samples = 0;
};

/// The device's side. Real time, from the receiving thread.
class PacketSource {
public:
  /// Writes at most `out.num_samples()` samples, contiguous in time. `expected`: the time that follows the last packet,
  /// for devices that do not measure it.
  virtual Packet fetch(IqSpan out, SampleTime expected) noexcept = 0;

protected:
  ~PacketSource() = default;
};

/// One receiving thread; construction allocates, `receive` does not.
class PacketReceiver {
public:
  PacketReceiver() = default;

  /// `longest_packet`: samples fetched at once behind a packet that came short, > 0.
  PacketReceiver(std::size_t num_channels, std::size_t longest_packet, SampleTime first)
      : held_(num_channels, longest_packet), expected_(first)
  {
  }

  /// Time of the sample that should come next.
  [[nodiscard]] SampleTime expected() const noexcept { return expected_; }

  /// Fetches the first packet and keeps it for `receive`: a device whose times are known only from its packets is asked
  /// once before anybody needs them. Not real time.
  [[nodiscard]] Packet::Event prime(PacketSource& source) noexcept
  {
    const Packet packet = source.fetch(held_.span(), expected_);
    if (packet.event != Packet::Event::samples) return packet.event;
    hold(packet);
    return packet.event;
  }

  [[nodiscard]] RxResult receive(PacketSource& source, IqSpan out) noexcept
  {
    RxResult result{.status = RxStatus::ok, .time = expected_, .num_samples = 0, .lost = {}, .overflow = false};
    if (num_held_ > 0) take_held(out, result);
    int tries = 0;
    while (result.num_samples < out.num_samples() && num_held_ == 0) {
      const Packet packet = fetch(source, out, result.num_samples);
      if (packet.event == Packet::Event::samples) {
        append(packet, out, result);
        continue;
      }
      if (packet.event == Packet::Event::overflow) is_overflow_ = true;
      const bool is_hiccup = packet.event == Packet::Event::overflow || packet.event == Packet::Event::damaged;
      if (is_hiccup && result.num_samples == 0 && ++tries < kMostHiccups) continue;
      if (result.num_samples == 0) result.status = status_of(packet.event);
      break;
    }
    return result;
  }

private:
  static constexpr int kMostHiccups = 16;  ///< in one call, so that a storm of events cannot hold the caller

  static RxStatus status_of(Packet::Event event) noexcept
  {
    if (event == Packet::Event::ended) return RxStatus::ended;
    return event == Packet::Event::failed ? RxStatus::failed : RxStatus::timeout;
  }

  /// The first packet goes straight into `out`. Later ones take the way over `held_`, because only their time tells
  /// whether they belong into this call.
  Packet fetch(PacketSource& source, IqSpan out, std::size_t filled) noexcept
  {
    if (filled == 0) return source.fetch(out, expected_);
    const std::size_t most = std::min(out.num_samples() - filled, held_.num_samples());
    return source.fetch(held_.span().first(most), expected_);
  }

  void append(const Packet& packet, IqSpan out, RxResult& result) noexcept
  {
    if (packet.num_samples == 0) return;
    if (result.num_samples == 0) {
      mark_gap(packet.time, result);
    } else if (packet.time != expected_) {
      hold(packet);
      return;
    } else {
      copy(held_.span().first(packet.num_samples), out.subspan(result.num_samples, packet.num_samples));
    }
    result.num_samples += packet.num_samples;
    expected_ = packet.time + SampleCount(static_cast<std::int64_t>(packet.num_samples));
  }

  void hold(const Packet& packet) noexcept
  {
    num_held_ = packet.num_samples;
    held_begin_ = 0;
    held_time_ = packet.time;
  }

  void mark_gap(SampleTime time, RxResult& result) noexcept
  {
    result.time = time;
    result.lost = std::max(SampleCount(0), time - expected_);
    result.overflow = is_overflow_;
    is_overflow_ = false;
  }

  void take_held(IqSpan out, RxResult& result) noexcept
  {
    const std::size_t count = std::min(num_held_, out.num_samples());
    mark_gap(held_time_, result);
    copy(held_.span().subspan(held_begin_, count), out.first(count));
    result.num_samples = count;
    num_held_ -= count;
    held_begin_ += count;
    held_time_ += SampleCount(static_cast<std::int64_t>(count));
    expected_ = held_time_;
  }

  IqBuffer held_;  ///< the packet that came after a gap
  std::size_t held_begin_ = 0;
  std::size_t num_held_ = 0;
  SampleTime held_time_;
  SampleTime expected_;
  bool is_overflow_ = false;  ///< the next gap is the host's doing
};

}  // namespace ravi
