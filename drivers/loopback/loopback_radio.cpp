#include "drivers/loopback/loopback_radio.h"

#include "drivers/loopback/loopback_air.h"
#include "radio/dsp/convert.h"
#include "radio/quantity_text.h"

#include <fmt/format.h>

namespace ravi {
namespace {

Result<void> check_channel(std::string_view node, std::size_t channel, std::size_t num_channels)
{
  if (channel < num_channels) return {};
  return fail(ErrorCode::bad_input, fmt::format("loopback node '{}' has no channel {}", node, channel));
}

tl::unexpected<Error> no_such_control(std::string_view what)
{
  return fail(ErrorCode::unsupported, fmt::format("a loopback radio has no {}", what));
}

}  // namespace

LoopbackRadio::LoopbackRadio(std::shared_ptr<LoopbackAir> air, std::size_t node)
  : air_(std::move(air)), node_(node), ports_(*air_->nodes_[node]), lockstep_(air_->lockstep_)
{
}

LoopbackRadio::~LoopbackRadio()
{
  LoopbackRadio::stop();
  const std::lock_guard lock(air_->control_mutex_);
  ports_.is_joined = false;
}

RadioDescription LoopbackRadio::describe() const
{
  ChannelLimits limits;
  limits.frequency = {Hertz(0.0), Hertz(1e12)};
  RadioDescription description;
  description.driver = "loopback";
  description.name = fmt::format("loopback node {}", ports_.config.name);
  description.receive.assign(ports_.config.num_rx_ports, limits);
  description.transmit.assign(ports_.config.num_tx_ports, limits);
  return description;
}

Result<SampleRate> LoopbackRadio::set_sample_rate(SampleRate rate)
{
  if (takes_part()) return fail(ErrorCode::busy, "the sample rate cannot change while the radio runs");
  if (rate.hz() <= 0) return fail(ErrorCode::bad_input, "a sample rate is more than 0");
  std::int64_t common = 0;
  if (air_->rate_hz_.compare_exchange_strong(common, rate.hz()) || common == rate.hz()) return rate;
  return fail(ErrorCode::bad_input, fmt::format("all nodes of a loopback run at one rate, here {}, not {}",
                                                to_text(SampleRate(common)), to_text(rate)));
}

Result<Tune> LoopbackRadio::tune(Direction direction, std::size_t channel, const Tune& tune)
{
  const std::size_t num_channels =
      direction == Direction::receive ? ports_.config.num_rx_ports : ports_.config.num_tx_ports;
  if (auto known = check_channel(ports_.config.name, channel, num_channels); !known) {
    return tl::unexpected(known.error());
  }
  if (tune.at) return no_such_control("timed tuning");
  return Tune{.center = tune.center, .lo_offset = Hertz(0.0), .at = {}};  // baseband only: any carrier is as good
}

Result<Decibel> LoopbackRadio::set_gain(Direction, std::size_t, Decibel) { return no_such_control("gain"); }

Result<Hertz> LoopbackRadio::set_bandwidth(Direction, std::size_t, Hertz) { return no_such_control("analog filter"); }

Result<std::string> LoopbackRadio::set_antenna(Direction, std::size_t, std::string_view)
{
  return no_such_control("choice of antennas");
}

Result<Reference> LoopbackRadio::set_reference(const Reference& reference)
{
  if (reference.clock == "internal" && reference.time == "internal") return reference;
  return no_such_control("external reference");
}

Result<bool> LoopbackRadio::reference_locked() { return true; }

Result<void> LoopbackRadio::start(SampleTime first)
{
  if (takes_part()) return fail(ErrorCode::busy, "the radio already runs");
  if (air_->rate_hz_.load() == 0) return fail(ErrorCode::bad_input, "set a sample rate before starting the radio");
  // The offset is stored before anybody can use it: real-time calls on this radio come after `start`.
  offset_.store(lockstep_.start(node_) - first.value());
  return {};
}

void LoopbackRadio::stop() noexcept
{
  if (takes_part()) lockstep_.stop(node_);
}

bool LoopbackRadio::takes_part() const noexcept { return lockstep_.takes_part(node_); }

bool LoopbackRadio::fits(std::size_t num_samples) const noexcept
{
  return static_cast<std::int64_t>(num_samples) <= lockstep_.ring_length() / 2;
}

RxResult LoopbackRadio::receive(IqSpan out) noexcept
{
  const std::int64_t begin = lockstep_.received(node_);
  const std::int64_t end = begin + static_cast<std::int64_t>(out.num_samples());
  RxResult result{.status = RxStatus::failed, .time = SampleTime(begin - offset_.load())};
  if (out.num_channels() != ports_.config.num_rx_ports || !fits(out.num_samples())) return result;
  if (!lockstep_.begin_read(node_, end)) {
    result.status = RxStatus::ended;
    return result;
  }
  const bool is_padded = ports_.config.padding == Padding::by_sender || pad_up_to(end);
  const bool is_ready =
      is_padded && lockstep_.wait_until([&] { return !takes_part() || air_->hears_all(node_, end); });
  if (is_ready && takes_part()) {
    air_->mix(node_, begin, out);
    result.status = RxStatus::ok;
    result.num_samples = out.num_samples();
    counts_.rx_samples.fetch_add(out.num_samples(), std::memory_order_relaxed);
  } else {
    result.status = takes_part() ? RxStatus::timeout : RxStatus::ended;
  }
  lockstep_.end_read(node_, result.status == RxStatus::ok ? end : begin);
  return result;
}

/// Waits for room up to `end` and takes the node's ring; `ok` is to be followed by `Lockstep::end_write`.
TxStatus LoopbackRadio::begin_write(std::int64_t end) noexcept
{
  bool is_ours = false;
  const bool is_ready = lockstep_.wait_until([&] {
    if (!takes_part()) return true;
    is_ours = air_->has_room_to_send(end) && lockstep_.try_begin_write(node_);
    return is_ours;
  });
  if (is_ours) return TxStatus::ok;
  return is_ready ? TxStatus::failed : TxStatus::timeout;
}

/// Rule A. False: the ring has no room for the padding yet.
bool LoopbackRadio::pad_up_to(std::int64_t end) noexcept
{
  if (ports_.config.num_tx_ports == 0 || lockstep_.sent(node_) >= end) return true;
  if (begin_write(end) != TxStatus::ok) return false;
  const std::int64_t sent = lockstep_.sent(node_);
  if (sent < end) write({}, sent, end, end);
  lockstep_.end_write(node_, std::max(sent, end));
  return true;
}

TxResult LoopbackRadio::transmit(ConstIqSpan in, SampleTime at, Burst) noexcept
{
  if (in.num_channels() != ports_.config.num_tx_ports || !fits(in.num_samples())) return {};
  const std::int64_t begin = at.value() + offset_.load();
  const std::int64_t end = begin + static_cast<std::int64_t>(in.num_samples());
  if (!takes_part()) return {};
  if (begin < lockstep_.sent(node_)) {
    counts_.lates.fetch_add(1, std::memory_order_relaxed);
    return {.status = TxStatus::late};
  }
  lockstep_.claim_write(node_, end - lockstep_.ring_length());
  if (const TxStatus status = begin_write(end); status != TxStatus::ok) return {.status = status};
  const std::int64_t sent = lockstep_.sent(node_);  // a receive of the same node may have padded meanwhile
  if (begin < sent) {
    lockstep_.end_write(node_, sent);
    counts_.lates.fetch_add(1, std::memory_order_relaxed);
    return {.status = TxStatus::late};
  }
  write(in, sent, begin, end);
  lockstep_.end_write(node_, end);
  counts_.tx_samples.fetch_add(in.num_samples(), std::memory_order_relaxed);
  return {.status = TxStatus::ok};
}

/// Zeros in [from, begin), then `in` up to `end`. The caller has begun the write.
void LoopbackRadio::write(ConstIqSpan in, std::int64_t from, std::int64_t begin, std::int64_t end) noexcept
{
  for (std::size_t port = 0; port < ports_.config.num_tx_ports; ++port) {
    for (std::int64_t at = std::max(from, begin - lockstep_.ring_length()); at < begin;) {
      const std::span<Cf32> gap = ports_.sent.at(port, at, begin);
      fill_zero(gap);
      at += static_cast<std::int64_t>(gap.size());
    }
    for (std::int64_t at = begin; at < end;) {
      const std::span<Cf32> target = ports_.sent.at(port, at, end);
      copy(in.channel(port).subspan(static_cast<std::size_t>(at - begin), target.size()), target);
      if (air_->emulation_ != nullptr) {
        counts_.not_finite.fetch_add(dsp::zero_not_finite(target), std::memory_order_relaxed);
      }
      at += static_cast<std::int64_t>(target.size());
    }
  }
}

Peer LoopbackRadio::peer() const noexcept
{
  for (std::size_t n = 0; n < lockstep_.num_nodes(); ++n) {
    if (n != node_ && lockstep_.takes_part(n)) return Peer::present;
  }
  return Peer::absent;
}

RadioCounters LoopbackRadio::counters() const noexcept
{
  RadioCounters counters;
  counters.rx_samples = counts_.rx_samples.load(std::memory_order_relaxed);
  counters.tx_samples = counts_.tx_samples.load(std::memory_order_relaxed);
  counters.lates = counts_.lates.load(std::memory_order_relaxed);
  counters.not_finite = counts_.not_finite.load(std::memory_order_relaxed);
  return counters;
}

}  // namespace ravi
