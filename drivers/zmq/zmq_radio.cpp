#include "drivers/zmq/zmq_radio.h"

#include "drivers/zmq/zmq_io.h"
#include "drivers/zmq/zmq_socket.h"
#include "drivers/zmq/zmq_stream.h"
#include "radio/quantity_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <exception>
#include <limits>
#include <utility>

namespace ravi {
namespace {

using zmq::Clock;
using zmq::LinkPhase;
using zmq::LinkState;

constexpr std::chrono::milliseconds kLongestWait{100};
/// How long `start` after `stop` waits for the system to let go of our own endpoints.
constexpr std::chrono::milliseconds kRebindPatience{2000};
constexpr std::size_t kMostPorts = 8;
constexpr Range<Decibel> kGain{Decibel(-100.0), Decibel(100.0)};
constexpr Range<Hertz> kFrequency{Hertz(0.0), Hertz(1e12)};

zmq::WireFormat wire_format(ZmqFormat format)
{
  return format == ZmqFormat::sc16 ? zmq::WireFormat::sc16 : zmq::WireFormat::cf32;
}

zmq::LinkTime link_time(const ZmqConfig& config)
{
  if (config.time == ZmqTime::own) return zmq::LinkTime::counted;
  if (config.role == ZmqRole::hub) return zmq::LinkTime::told;
  return config.rx.empty() ? zmq::LinkTime::counted : zmq::LinkTime::learned;
}

/// to = from * amplitude.
void copy_scaled(std::span<const Cf32> from, float amplitude, std::span<Cf32> to) noexcept
{
  if (from.empty()) return;
  if (amplitude == 1.0F) {
    std::memcpy(static_cast<void*>(to.data()), from.data(), from.size_bytes());
    return;
  }
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = Cf32(from[i].real() * amplitude, from[i].imag() * amplitude);
}

Result<void> check_config(const ZmqConfig& config)
{
  if (config.tx.empty() && config.rx.empty()) {
    return fail(ErrorCode::bad_input, "zmq radio: neither tx= nor rx= is given; write "
                                      "zmq:tx=tcp://127.0.0.1:2000,rx=tcp://127.0.0.1:2001");
  }
  if (config.tx.size() > kMostPorts || config.rx.size() > kMostPorts) {
    return fail(ErrorCode::bad_input, "zmq radio: more than 8 ports in one direction");
  }
  if (config.message_samples == 0 || config.message_samples > zmq::kLongestSent || config.ring_samples == 0) {
    return fail(ErrorCode::bad_input, "zmq radio: message must be 1 to 614400 samples, and ring more than none");
  }
  std::vector<std::string> seen;
  for (const auto* endpoints : {&config.tx, &config.rx}) {
    for (const std::string& endpoint : *endpoints) {
      if (endpoint.empty() && endpoints == &config.rx) continue;
      if (auto checked = zmq::check_endpoint(endpoint); !checked) return checked;
      if (!endpoint.ends_with(":*") && std::find(seen.begin(), seen.end(), endpoint) != seen.end()) {
        return fail(ErrorCode::bad_input, fmt::format("zmq radio: {} is given twice; tx is where this node listens, "
                                                      "rx where its peer does",
                                                      endpoint));
      }
      seen.push_back(endpoint);
    }
  }
  return {};
}

}  // namespace

struct ZmqRadio::Parts {
  explicit Parts(const ZmqConfig& config)
    : stream(config.tx.size(), config.rx.size(), config.ring_samples, link_time(config)),
      io(stream, config.message_samples,
         config.role == ZmqRole::node ? zmq::Io::Leftovers::delivered : zmq::Io::Leftovers::dropped, config.name)
  {
  }
  zmq::Stream stream;
  zmq::Io io;
};

Result<std::unique_ptr<ZmqRadio>> ZmqRadio::open(const ZmqConfig& given)
{
  if (auto checked = check_config(given); !checked) return tl::unexpected(checked.error());
  ZmqConfig config = given;
  if (config.name.empty()) config.name = fmt::format("{}", fmt::join(config.tx.empty() ? config.rx : config.tx, " "));
  try {
    auto parts = std::make_unique<Parts>(config);
    if (auto bound = parts->io.bind(config.tx, std::chrono::milliseconds(0)); !bound) {
      return tl::unexpected(bound.error());
    }
    return std::unique_ptr<ZmqRadio>(new ZmqRadio(config, std::move(parts)));
  } catch (const std::exception& e) {
    return fail(ErrorCode::io, fmt::format("zmq radio: {}", e.what()));
  }
}

ZmqRadio::ZmqRadio(const ZmqConfig& config, std::unique_ptr<Parts> parts)
  : config_(config),
    is_rate_given_(config.sample_rate.hz() > 0),
    tx_endpoints_(parts->io.tx_endpoints()),
    rx_endpoints_(config.rx),
    format_(config.format),
    parts_(std::move(parts)),
    realigned_(std::numeric_limits<std::int64_t>::min())
{
}

ZmqRadio::~ZmqRadio() { stop(); }

Result<void> ZmqRadio::set_rx_endpoints(const std::vector<std::string>& endpoints, std::optional<ZmqFormat> format)
{
  if (endpoints.size() != config_.rx.size()) {
    return fail(ErrorCode::bad_input, fmt::format("zmq radio: {} receive ports, but {} addresses to receive from",
                                                  config_.rx.size(), endpoints.size()));
  }
  ZmqConfig changed = config_;
  changed.rx = endpoints;
  if (auto checked = check_config(changed); !checked) return checked;
  const std::lock_guard lock(control_mutex_);
  rx_endpoints_ = endpoints;
  format_ = format.value_or(format_);
  if (is_started_.load()) parts_->io.redirect({rx_endpoints_, wire_format(format_)});
  return {};
}

void ZmqRadio::set_seek(Seek seek)
{
  parts_->io.set_seek([this, seek = std::move(seek)](std::int64_t reached) -> std::optional<zmq::Source> {
    const bool has_own_time = parts_->stream.link_time != zmq::LinkTime::learned;
    // One more than reached: whoever listens sees that something is missing.
    const SampleTime earliest =
        has_own_time || reached == 0 ? SampleTime(0) : next_border(SampleTime(reached + 1), SampleCount(slot_length_));
    auto found = seek(earliest, parts_->stream.is_stopping);
    if (!found || found->rx_endpoints.size() != config_.rx.size()) return std::nullopt;
    return zmq::Source{std::move(found->rx_endpoints), wire_format(found->format)};
  });
}

// -- control ------------------------------------------------------------------------------------------------------------

RadioDescription ZmqRadio::describe() const
{
  const ChannelLimits limits{.frequency = kFrequency,
                             .gain = kGain,
                             .bandwidth = {config_.sample_rate.bandwidth(), config_.sample_rate.bandwidth()},
                             .antennas = {}};
  return {.driver = "zmq",
          .name = config_.name,
          .sample_rate = config_.sample_rate,
          .is_hardware = false,
          .has_timestamps = true,
          .receive = std::vector(config_.rx.size(), limits),
          .transmit = std::vector(config_.tx.size(), limits)};
}

Result<void> ZmqRadio::check_channel(Direction direction, std::size_t channel) const
{
  const std::size_t count = direction == Direction::receive ? config_.rx.size() : config_.tx.size();
  if (channel < count) return {};
  return fail(ErrorCode::bad_input, fmt::format("zmq radio {}: no {} channel {}; it has {}", config_.name,
                                                direction == Direction::receive ? "receive" : "transmit", channel,
                                                count));
}

Result<SampleRate> ZmqRadio::set_sample_rate(SampleRate rate)
{
  if (is_started_.load()) return fail(ErrorCode::busy, "zmq radio: stop it before its sample rate is changed");
  if (rate.hz() <= 0) return fail(ErrorCode::bad_input, "zmq radio: a sample rate must be above zero");
  if (is_rate_given_ && rate != config_.sample_rate) {
    return fail(ErrorCode::bad_input, fmt::format("{}: runs at {}, not {}", config_.name, to_text(config_.sample_rate),
                                                  to_text(rate)));
  }
  config_.sample_rate = rate;
  return rate;
}

Result<Tune> ZmqRadio::tune(Direction direction, std::size_t channel, const Tune& tune)
{
  if (auto checked = check_channel(direction, channel); !checked) return tl::unexpected(checked.error());
  if (tune.at) return fail(ErrorCode::unsupported, "zmq radio: no timed commands; samples carry no frequency");
  // Nothing on the wire depends on it: the center is what both ends agree it is, and there is no oscillator to move.
  return Tune{.center = std::clamp(tune.center, kFrequency.low, kFrequency.high), .lo_offset = Hertz(0.0), .at = {}};
}

Result<Decibel> ZmqRadio::set_gain(Direction direction, std::size_t channel, Decibel gain)
{
  if (auto checked = check_channel(direction, channel); !checked) return tl::unexpected(checked.error());
  if (std::isnan(gain.value())) return fail(ErrorCode::bad_input, "zmq radio: a gain must be a number");
  const Decibel set = std::clamp(gain, kGain.low, kGain.high);
  const auto amplitude = static_cast<float>(to_amplitude(set));
  zmq::Stream& stream = parts_->stream;
  (direction == Direction::receive ? stream.rx[channel]->amplitude : stream.tx[channel]->amplitude).store(amplitude);
  return set;
}

Result<Hertz> ZmqRadio::set_bandwidth(Direction direction, std::size_t channel, Hertz)
{
  if (auto checked = check_channel(direction, channel); !checked) return tl::unexpected(checked.error());
  if (config_.sample_rate.hz() == 0) return fail(ErrorCode::bad_input, "zmq radio: set a sample rate first");
  return config_.sample_rate.bandwidth();
}

Result<std::string> ZmqRadio::set_antenna(Direction, std::size_t, std::string_view)
{
  return fail(ErrorCode::unsupported, "zmq radio: it has no antennas to choose from");
}

Result<Reference> ZmqRadio::set_reference(const Reference& reference)
{
  if (reference.clock == "internal" && reference.time == "internal") return reference;
  return fail(ErrorCode::unsupported, "zmq radio: its samples are its only clock; reference must be internal");
}

Result<bool> ZmqRadio::reference_locked() { return true; }

Result<void> ZmqRadio::start(SampleTime first)
{
  const std::lock_guard lock(control_mutex_);
  if (is_started_.load()) return fail(ErrorCode::busy, fmt::format("zmq radio {}: already started", config_.name));
  if (config_.sample_rate.hz() <= 0) return fail(ErrorCode::bad_input, "zmq radio: set a sample rate before start");
  try {
    if (!is_bound_) {
      if (auto bound = parts_->io.bind(tx_endpoints_, kRebindPatience); !bound) return bound;
    }
    is_bound_ = true;
    const std::int64_t hz = config_.sample_rate.hz();
    slot_length_ = hz % 1000 == 0 ? hz / 1000 : 1;
    is_first_link_ = true;
    // A time that the hub tells later counts from nowhere else.
    const std::int64_t begin = parts_->stream.link_time == zmq::LinkTime::learned ? 0 : first.value();
    rx_position_ = begin;
    lost_ = 0;
    realigned_ = std::numeric_limits<std::int64_t>::min();
    parts_->stream.tx_position.reset(begin);
    parts_->io.start({rx_endpoints_, wire_format(format_)});
  } catch (const std::exception& e) {
    return fail(ErrorCode::io, fmt::format("zmq radio: {}", e.what()));
  }
  is_started_.store(true);
  return {};
}

void ZmqRadio::stop() noexcept
{
  const std::lock_guard lock(control_mutex_);
  if (!is_started_.exchange(false)) return;
  parts_->io.stop();
  is_bound_ = false;
}

// -- real time ----------------------------------------------------------------------------------------------------------

void ZmqRadio::begin_link(LinkState arrived, std::int64_t earliest) noexcept
{
  zmq::Stream& stream = parts_->stream;
  for (const auto& lane : stream.rx) lane->samples.consume(lane->samples.available());
  const std::int64_t first = stream.tx_position.raise_to(earliest);
  stream.link_start.store(first, std::memory_order_release);
  if (!stream.link.change(arrived, {arrived.number, LinkPhase::streaming})) return;
  if (!is_first_link_) counts_.reconnects.fetch_add(1, std::memory_order_relaxed);
  const bool is_lost = !is_first_link_ || stream.link_time != zmq::LinkTime::learned;
  if (is_lost) lost_ += first - rx_position_;
  is_first_link_ = false;
  rx_position_ = first;
  stream.provide(zmq::kNeedsBegin);
}

std::int64_t ZmqRadio::next_link_start() const noexcept
{
  const zmq::Stream& stream = parts_->stream;
  const std::int64_t earliest = std::max(rx_position_, stream.tx_position.load());
  if (stream.link_time == zmq::LinkTime::learned && stream.told_time.load() >= earliest) return stream.told_time.load();
  if (realigned_ >= earliest) return realigned_;
  return is_first_link_ ? earliest : next_border(SampleTime(earliest), SampleCount(slot_length_)).value();
}

RxResult ZmqRadio::receive(IqSpan out) noexcept
{
  zmq::Stream& stream = parts_->stream;
  const bool keeps_rule_a = config_.role == ZmqRole::node && !stream.tx.empty();
  RxResult result{.time = SampleTime(rx_position_)};
  if (stream.rx.empty() || out.num_channels() != stream.rx.size()) {
    result.status = RxStatus::failed;
    return result;
  }
  const std::size_t count = std::min(out.num_samples(), stream.rx[0]->samples.capacity());
  std::optional<Clock::time_point> deadline;
  for (;;) {
    if (!is_started_.load(std::memory_order_relaxed) || stream.is_stopping.load(std::memory_order_relaxed)) {
      result.status = RxStatus::ended;
      break;
    }
    const LinkState link = stream.link.load();
    // What the last peer sent before it left comes before anything of the next.
    const bool may_have_rest = config_.role == ZmqRole::node && !is_first_link_;
    if (link.phase == LinkPhase::streaming && keeps_rule_a) {
      stream.tx_position.raise_to(rx_position_ + static_cast<std::int64_t>(count));
      stream.provide(zmq::kNeedsSamples);
    }
    if ((link.phase == LinkPhase::streaming || may_have_rest) && has_samples(count)) {
      result = deliver(out.first(count));
      break;
    }
    if (link.phase == LinkPhase::arrived) {
      begin_link(link, next_link_start());
      continue;
    }
    if (link.phase == LinkPhase::absent && config_.role == ZmqRole::hub) break;
    // Say what is wanted, look once more, then sleep.
    if (!deadline) {
      deadline = Clock::now() + kLongestWait;
      stream.rx_wanted.exchange(count, std::memory_order_acq_rel);
      continue;
    }
    if (Clock::now() >= *deadline) break;
    stream.rx_bell.wait_until(*deadline);
  }
  if (deadline) stream.rx_wanted.exchange(0, std::memory_order_acq_rel);
  return result;
}

std::size_t ZmqRadio::available() const noexcept
{
  const auto& lanes = parts_->stream.rx;
  std::size_t fewest = lanes.empty() ? 0 : lanes.front()->samples.available();
  for (const auto& lane : lanes) fewest = std::min(fewest, lane->samples.available());
  return fewest;
}

bool ZmqRadio::has_samples(std::size_t count) const noexcept
{
  const auto& lanes = parts_->stream.rx;
  return std::all_of(lanes.begin(), lanes.end(),
                     [count](const auto& lane) { return lane->samples.available() >= count; });
}

RxResult ZmqRadio::deliver(IqSpan out) noexcept
{
  zmq::Stream& stream = parts_->stream;
  for (std::size_t port = 0; port < stream.rx.size(); ++port) {
    zmq::RxLane& lane = *stream.rx[port];
    const float amplitude = lane.amplitude.load(std::memory_order_relaxed);
    const auto samples = lane.samples.peek(out.num_samples());
    const std::span<Cf32> to = out.channel(port);
    copy_scaled(samples.first, amplitude, to.first(samples.first.size()));
    copy_scaled(samples.second, amplitude, to.subspan(samples.first.size()));
    lane.samples.consume(out.num_samples());
  }
  stream.provide(zmq::kNeedsRoom);
  const RxResult result{.status = RxStatus::ok,
                        .time = SampleTime(rx_position_),
                        .num_samples = out.num_samples(),
                        .lost = SampleCount(lost_),
                        .overflow = false};
  rx_position_ += static_cast<std::int64_t>(out.num_samples());
  if (config_.role == ZmqRole::node) stream.tx_position.raise_to(rx_position_);
  counts_.rx_samples.fetch_add(out.num_samples(), std::memory_order_relaxed);
  counts_.lost_samples.fetch_add(static_cast<std::uint64_t>(lost_), std::memory_order_relaxed);
  lost_ = 0;
  return result;
}

TxResult ZmqRadio::transmit(ConstIqSpan in, SampleTime at, Burst) noexcept
{
  zmq::Stream& stream = parts_->stream;
  TxResult result{.status = TxStatus::timeout};
  if (stream.tx.empty() || in.num_channels() != stream.tx.size() ||
      in.num_samples() > stream.tx[0]->samples.capacity()) {
    result.status = TxStatus::failed;
    return result;
  }
  std::optional<Clock::time_point> deadline;
  for (;;) {
    if (!is_started_.load(std::memory_order_relaxed) || stream.is_stopping.load(std::memory_order_relaxed)) {
      result.status = TxStatus::failed;
      break;
    }
    const LinkState link = stream.link.load();
    if (link.phase == LinkPhase::arrived && stream.rx.empty()) {
      begin_link(link, std::max(at.value(), stream.tx_position.load()));
      continue;
    }
    if (link.phase == LinkPhase::streaming) {
      if (at.value() < stream.tx_position.load() || has_room(in.num_samples())) {
        result = send(in, at.value(), link.number);
        break;
      }
    } else if (!stream.rx.empty() || config_.role == ZmqRole::hub) {
      break;
    }
    if (!deadline) {
      deadline = Clock::now() + kLongestWait;
      stream.tx_wanted.exchange(1, std::memory_order_acq_rel);
      continue;
    }
    if (Clock::now() >= *deadline) break;
    stream.tx_bell.wait_until(*deadline);
  }
  if (deadline) stream.tx_wanted.exchange(0, std::memory_order_acq_rel);
  return result;
}

bool ZmqRadio::has_room(std::size_t count) const noexcept
{
  const auto& lanes = parts_->stream.tx;
  return std::all_of(lanes.begin(), lanes.end(), [count](const auto& lane) {
    return lane->samples.room() >= count && lane->blocks.room() >= 1;
  });
}

TxResult ZmqRadio::send(ConstIqSpan in, std::int64_t at, std::uint64_t link) noexcept
{
  zmq::Stream& stream = parts_->stream;
  const auto length = static_cast<std::int64_t>(in.num_samples());
  if (length == 0) return {.status = TxStatus::ok};
  // Samples first, unpublished: the time between claiming and queueing is short then.
  if (at >= stream.tx_position.load()) {
    for (std::size_t port = 0; port < stream.tx.size(); ++port) {
      zmq::TxLane& lane = *stream.tx[port];
      const float amplitude = lane.amplitude.load(std::memory_order_relaxed);
      const auto to = lane.samples.reserve(in.num_samples());
      const std::span<const Cf32> from = in.channel(port);
      copy_scaled(from.first(to.first.size()), amplitude, to.first);
      copy_scaled(from.subspan(to.first.size()), amplitude, to.second);
    }
  }
  if (!stream.tx_position.claim(at, at + length)) {
    counts_.lates.fetch_add(1, std::memory_order_relaxed);
    return {.status = TxStatus::late};
  }
  const zmq::QueuedBlock block{.link = link, .begin = at, .length = length};
  for (const auto& lane : stream.tx) {
    lane->samples.publish(in.num_samples());
    static_cast<void>(lane->blocks.write({&block, 1}));
  }
  stream.tx_position.finish_claim();
  stream.provide(zmq::kNeedsSamples);
  counts_.tx_samples.fetch_add(in.num_samples(), std::memory_order_relaxed);
  return {.status = TxStatus::ok};
}

// -- any thread ---------------------------------------------------------------------------------------------------------

Peer ZmqRadio::peer() const noexcept
{
  return parts_->stream.link.load().phase == LinkPhase::absent ? Peer::absent : Peer::present;
}

RadioCounters ZmqRadio::counters() const noexcept
{
  const auto value = [](const std::atomic<std::uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  const zmq::Stream& stream = parts_->stream;
  return {.rx_samples = value(counts_.rx_samples),
          .tx_samples = value(counts_.tx_samples),
          .lates = value(counts_.lates),
          .lost_samples = value(counts_.lost_samples),
          .malformed = value(stream.malformed),
          .not_finite = value(stream.not_finite),
          .saturated = value(stream.saturated),
          .reconnects = value(counts_.reconnects)};
}

}  // namespace ravi
