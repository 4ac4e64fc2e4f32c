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

constexpr std::size_t kMostPending = 64;
constexpr std::chrono::milliseconds kIgnored{500};
constexpr std::chrono::milliseconds kLinger{200};
constexpr std::chrono::milliseconds kStuck{5};

void copy_samples(std::span<const Cf32> from, Cf32* to)
{
  if (!from.empty()) std::memcpy(static_cast<void*>(to), from.data(), from.size_bytes());
}

}  // namespace

TxPort::TxPort(Stream& stream, TxLane& lane, std::size_t longest_message)
  : stream_(stream), lane_(lane), longest_message_(longest_message)
{
}

void TxPort::set_format(WireFormat format)
{
  format_ = format;
  scratch_.resize(format == WireFormat::sc16 ? longest_message_ : 0);
}

Result<void> TxPort::bind(Context& context, const std::string& endpoint)
{
  const auto opened =
      socket_.open(context, SocketKind::router, {.linger = kLinger, .max_message_bytes = 4096, .is_watched = true});
  if (!opened) return opened;
  if (auto bound = socket_.bind(endpoint); !bound) {
    close();
    return bound;
  }
  endpoint_ = socket_.last_endpoint();
  return {};
}

void TxPort::close() noexcept
{
  socket_.close();
  connections_.clear();
  next_client_.reset();
  forget_client();
}

void TxPort::forget_client()
{
  client_.reset();
  num_pending_ = 0;
  is_used_ = false;
  has_told_time_ = false;
  ignored_until_.reset();
  if (!next_client_) return;
  num_pending_ = next_client_->num_pending;
  client_ = std::exchange(next_client_, std::nullopt);
}

void TxPort::handle_events()
{
  while (const auto event = socket_.next_event()) {
    using Kind = Socket::Event::Kind;
    if (event->kind == Kind::accepted) connections_.insert(event->connection);
    if (event->kind != Kind::disconnected) continue;
    connections_.erase(event->connection);
    if (next_client_ && next_client_->connection == event->connection) next_client_.reset();
    if (!client_ || client_->connection != event->connection) continue;
    loss_ = std::max(loss_, is_used_ ? Loss::used : Loss::unused);
    forget_client();
  }
}

bool TxPort::take_request()
{
  handle_events();
  // Three frames: who asks, nothing, and a request whose content does not matter (it may be empty).
  std::array<Frame, 3> frames;
  std::size_t num_frames = 0;
  bool has_more = true;
  for (Frame extra; has_more; ++num_frames) {
    Frame& frame = num_frames < frames.size() ? frames[num_frames] : extra;
    if (!socket_.receive(frame)) return num_frames > 0;
    has_more = frame.has_more();
  }
  if (num_frames != frames.size() || frames[1].size() != 0) {
    stream_.malformed.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  const std::span<std::byte> identity = frames[0].bytes();
  Client client{.identity = std::string(reinterpret_cast<const char*>(identity.data()), identity.size()),
                .connection = frames[2].connection(),
                .num_pending = 1};
  // What happened to connections before this request came is among the events by now.
  handle_events();
  if (client.connection < 0 || connections_.contains(client.connection)) add_request(std::move(client));
  return true;
}

void TxPort::add_request(Client&& client)
{
  if (client_ && client == *client_) {
    if (num_pending_ < kMostPending) {
      ++num_pending_;
    } else {
      stream_.malformed.fetch_add(1, std::memory_order_relaxed);
    }
  } else if (!client_ || ignored_until_) {
    client_ = std::move(client);
    num_pending_ = 1;
    ignored_until_.reset();
  } else if (next_client_ && client == *next_client_) {
    next_client_->num_pending = std::min(next_client_->num_pending + 1, kMostPending);
  } else {
    log_warning(fmt::format("zmq: a second receiver asks for samples at {}; it waits until the first has left", endpoint_));
    next_client_ = std::move(client);
  }
}

bool TxPort::is_ready(Clock::time_point now) const
{
  return client_ && num_pending_ > 0 && (!ignored_until_ || now >= *ignored_until_);
}

std::optional<Clock::time_point> TxPort::next_deadline() const
{
  if (is_stuck_) return Clock::now() + kStuck;
  return client_ && num_pending_ > 0 ? ignored_until_ : std::nullopt;
}

Loss TxPort::take_loss() { return std::exchange(loss_, Loss::none); }

void TxPort::begin_link(std::uint64_t link, std::int64_t first)
{
  drop_stale_blocks(link);
  position_ = first;
  is_used_ = false;
  has_told_time_ = false;
  ignored_until_.reset();
}

void TxPort::end_link(Clock::time_point now)
{
  if (client_ && is_used_) ignored_until_ = now + kIgnored;
  is_used_ = false;
}

void TxPort::drop_stale_blocks(std::uint64_t link)
{
  for (auto next = lane_.blocks.peek(1); !next.empty() && next.first[0].link != link; next = lane_.blocks.peek(1)) {
    lane_.samples.consume(static_cast<std::size_t>(next.first[0].length - num_taken_));
    num_taken_ = 0;
    lane_.blocks.consume(1);
  }
}

std::int64_t TxPort::end_of_stream(std::uint64_t link)
{
  // The position is read before the queue: every block claimed before it is then visible.
  const std::optional<std::int64_t> settled = stream_.tx_position.settled();
  drop_stale_blocks(link);
  const auto blocks = lane_.blocks.peek(TxLane::kBlocks);
  std::int64_t end = position_;
  if (!blocks.empty()) {
    const QueuedBlock& last = blocks.second.empty() ? blocks.first.back() : blocks.second.back();
    end = last.begin + last.length;
  }
  return settled ? std::max(end, *settled) : end;
}

/// The first frame of a reply. False: the client takes nothing now (`is_stuck_`), or is gone.
bool TxPort::address_reply()
{
  const SendStatus addressed = socket_.send(std::as_bytes(std::span(client_->identity)), More::yes);
  is_stuck_ = addressed == SendStatus::would_block;
  if (addressed == SendStatus::ok) return true;
  if (is_stuck_) return false;
  loss_ = std::max(loss_, is_used_ ? Loss::used : Loss::unused);
  forget_client();
  return false;
}

/// Three frames instead of two: nothing, the time of the first sample (64 bits, little-endian), no samples.
bool TxPort::tell_time()
{
  if (!address_reply()) return !is_stuck_;
  const std::int64_t time = position_;
  if (socket_.send({}, More::yes) != SendStatus::ok ||
      socket_.send(std::as_bytes(std::span(&time, 1)), More::yes) != SendStatus::ok ||
      socket_.send({}, More::no) != SendStatus::ok) {
    log_error(fmt::format("zmq: the time could not be told at {}", endpoint_));
  }
  has_told_time_ = true;
  --num_pending_;
  return true;
}

bool TxPort::serve(std::uint64_t link)
{
  if (!client_ || num_pending_ == 0) return false;
  if (stream_.link_time == LinkTime::told && !has_told_time_) return tell_time();
  const auto available = static_cast<std::size_t>(end_of_stream(link) - position_);
  const std::size_t count = std::min(available, longest_message_);
  if (count == 0) return false;
  Frame body;
  if (!body.resize(count * bytes_per_sample(format_))) return false;
  if (!address_reply()) return !is_stuck_;
  fill(body.bytes(), count);
  if (socket_.send({}, More::yes) != SendStatus::ok || socket_.send(body) != SendStatus::ok) {
    log_error(fmt::format("zmq: a reply at {} could not be sent", endpoint_));
  }
  position_ += static_cast<std::int64_t>(count);
  --num_pending_;
  is_used_ = true;
  if (stream_.tx_wanted.fetch_add(0, std::memory_order_acq_rel) != 0) stream_.tx_bell.ring();
  return true;
}

void TxPort::fill(std::span<std::byte> bytes, std::size_t count)
{
  if (format_ == WireFormat::cf32) {
    // A frame of this size is memory of its own, aligned for anything.
    fill(std::span(reinterpret_cast<Cf32*>(bytes.data()), count));
    return;
  }
  const std::span<Cf32> samples = std::span(scratch_).first(count);
  fill(samples);
  const std::size_t clipped = dsp::to_sc16(samples, std::span(reinterpret_cast<Sc16*>(bytes.data()), count));
  stream_.saturated.fetch_add(clipped, std::memory_order_relaxed);
}

void TxPort::fill(std::span<Cf32> out)
{
  std::int64_t position = position_;
  while (!out.empty()) {
    auto next = lane_.blocks.peek(1);
    std::size_t count = out.size();
    if (next.empty() || next.first[0].begin > position) {
      if (!next.empty()) count = std::min(count, static_cast<std::size_t>(next.first[0].begin - position));
      std::fill_n(out.begin(), count, Cf32{});
    } else {
      const QueuedBlock block = next.first[0];
      count = std::min(count, static_cast<std::size_t>(block.length - num_taken_));
      copy_block(block, out.first(count));
    }
    position += static_cast<std::int64_t>(count);
    out = out.subspan(count);
  }
}

void TxPort::copy_block(const QueuedBlock& block, std::span<Cf32> out)
{
  const auto samples = lane_.samples.peek(out.size());
  copy_samples(samples.first, out.data());
  copy_samples(samples.second, out.data() + samples.first.size());
  lane_.samples.consume(out.size());
  num_taken_ += static_cast<std::int64_t>(out.size());
  if (num_taken_ < block.length) return;
  num_taken_ = 0;
  lane_.blocks.consume(1);
}

}  // namespace ravi::zmq
