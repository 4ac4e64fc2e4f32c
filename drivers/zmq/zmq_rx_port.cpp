#include "drivers/zmq/zmq_ports.h"
#include "radio/dsp/convert.h"
#include "radio/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace ravi::zmq {
namespace {

constexpr std::chrono::milliseconds kBetweenAttempts{50};
constexpr int kFailuresBeforeWarning = 5;
/// Larger messages than any node sends are looked at and counted; a peer that announces more than this is cut off.
constexpr std::int64_t kMostBytes = 64 << 20;
/// Samples converted at a time: stays in the cache.
constexpr std::size_t kPiece = 8192;

}  // namespace

RxPort::RxPort(Stream& stream, RxLane& lane, WireFormat format, Context& context, std::string endpoint)
  : stream_(stream),
    lane_(lane),
    format_(format),
    context_(context),
    endpoint_(std::move(endpoint)),
    scratch_(kPiece)
{
  restart();
}

void RxPort::restart()
{
  disconnect(Clock::time_point{});
  partial_.clear();
  is_used_ = false;
}

void RxPort::redirect(const std::string& endpoint)
{
  endpoint_ = endpoint;
  restart();
}

void RxPort::disconnect(Clock::time_point next_attempt) noexcept
{
  socket_.close();
  is_connected_ = false;
  is_leaving_ = false;
  is_reply_due_ = false;
  told_time_.reset();
  next_attempt_.reset();
  if (!endpoint_.empty()) next_attempt_ = next_attempt;
}

Loss RxPort::loss() const
{
  if (!is_leaving_) return Loss::none;
  return is_used_ ? Loss::used : Loss::unused;
}

std::optional<Clock::time_point> RxPort::next_deadline() const { return next_attempt_; }

void RxPort::connect_if_due(Clock::time_point now)
{
  if (!next_attempt_ || now < *next_attempt_) return;
  next_attempt_.reset();
  const auto opened = socket_.open(context_, SocketKind::dealer, {.max_message_bytes = kMostBytes, .is_watched = true});
  if (!opened || !socket_.connect(endpoint_)) disconnect(now + kBetweenAttempts);
}

void RxPort::send_request()
{
  if (!is_connected_ || is_leaving_ || is_reply_due_) return;
  constexpr std::byte kRequest{0xFF};
  is_reply_due_ = socket_.send({}, More::yes) == SendStatus::ok && socket_.send({&kRequest, 1}, More::no) == SendStatus::ok;
}

void RxPort::handle_events(Clock::time_point now)
{
  while (const auto event = socket_.next_event()) {
    using Kind = Socket::Event::Kind;
    switch (event->kind) {
      case Kind::connected:
        is_connected_ = true;
        num_failed_handshakes_ = 0;
        break;
      case Kind::handshake_failed:
        // Once or twice it may be a peer that was just leaving.
        if (++num_failed_handshakes_ == kFailuresBeforeWarning) {
          log_warning(fmt::format("zmq: what listens at {} does not answer as a transmit port does", endpoint_));
        }
        return disconnect(now + kBetweenAttempts);
      case Kind::connect_failed:
        return disconnect(now + kBetweenAttempts);
      case Kind::disconnected:
        is_leaving_ = true;
        break;
      case Kind::accepted:
        break;
    }
  }
}

bool RxPort::receive_body(Frame& body)
{
  // Two frames: nothing, and the samples. Three: nothing, a time, no samples.
  std::array<Frame, 3> frames;
  std::size_t num_frames = 0;
  bool has_more = true;
  for (Frame extra; has_more; ++num_frames) {
    Frame& frame = num_frames < frames.size() ? frames[num_frames] : extra;
    if (!socket_.receive(frame)) break;
    has_more = frame.has_more();
  }
  if (num_frames == 0) return false;
  const bool is_asked_for = std::exchange(is_reply_due_, false);
  if (is_asked_for && num_frames == 3 && frames[0].size() == 0 && frames[2].size() == 0 && take_time(frames[1])) return true;
  body.take(frames[1]);
  // A reply without samples is one: GNU Radio sends it when it has none at the moment.
  const std::size_t sample_bytes = bytes_per_sample(format_);
  const bool is_sane = body.size() % sample_bytes == 0 && body.size() <= kLongestReceived * sample_bytes;
  if (num_frames != 2 || frames[0].size() != 0 || !is_asked_for || !is_sane || needs_time()) {
    stream_.malformed.fetch_add(1, std::memory_order_relaxed);
    body.clear();
  }
  return true;
}

bool RxPort::take_time(Frame& frame)
{
  std::int64_t time = 0;
  if (stream_.link_time != LinkTime::learned || frame.size() != sizeof(time)) return false;
  std::memcpy(&time, frame.bytes().data(), sizeof(time));
  if (time < 0 || time > kLatestTime) return false;
  if (told_time_) {  // the hub has begun anew, so shall we
    is_leaving_ = true;
    is_used_ = true;
  }
  told_time_ = time;
  return true;
}

bool RxPort::take_reply()
{
  if (is_blocked()) return queue_partial();
  if (!is_connected_) return false;
  Frame body;
  if (!receive_body(body)) return false;
  if (body.size() == 0) return true;
  is_used_ = true;
  partial_.take(body);
  num_partial_done_ = 0;
  queue_partial();
  return true;
}

bool RxPort::queue_partial()
{
  const std::size_t sample_bytes = bytes_per_sample(format_);
  std::size_t num_queued = 0;
  while (num_partial_done_ < partial_.size()) {
    const std::span<const std::byte> left = partial_.bytes().subspan(num_partial_done_);
    const std::span<Cf32> room = lane_.samples.reserve(std::min(kPiece, left.size() / sample_bytes)).first;
    if (room.empty()) break;
    const std::span<const std::byte> piece = left.first(room.size() * sample_bytes);
    stream_.not_finite.fetch_add(convert(piece, room), std::memory_order_relaxed);
    lane_.samples.publish(room.size());
    num_partial_done_ += piece.size();
    num_queued += room.size();
  }
  if (num_partial_done_ == partial_.size()) partial_.clear();
  return num_queued > 0;
}

std::size_t RxPort::convert(std::span<const std::byte> bytes, std::span<Cf32> out)
{
  // Short messages lie anywhere in memory: copied, not viewed.
  if (format_ == WireFormat::cf32) {
    std::memcpy(static_cast<void*>(out.data()), bytes.data(), bytes.size());
    return dsp::zero_not_finite(out);
  }
  const std::span<Sc16> samples = std::span(scratch_).first(out.size());
  std::memcpy(static_cast<void*>(samples.data()), bytes.data(), bytes.size());
  dsp::to_cf32(samples, out);
  return 0;
}

}  // namespace ravi::zmq
