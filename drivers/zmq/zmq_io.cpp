#include "drivers/zmq/zmq_io.h"

#include "radio/log.h"

#include <fmt/format.h>

#include <algorithm>

namespace ravi::zmq {
namespace {

constexpr std::chrono::milliseconds kLongestSleep{1000};
constexpr std::chrono::milliseconds kDrain{200};
/// How long the rest of what a peer sent may wait for room.
constexpr std::chrono::milliseconds kPatience{1000};
/// How long nobody is there before `Seek` is asked, and from one time to the next.
constexpr std::chrono::milliseconds kBetweenSeeks{1000};

}  // namespace

Io::Io(Stream& stream, std::size_t longest_message, Leftovers leftovers, std::string name)
  : stream_(stream), leftovers_(leftovers), name_(std::move(name))
{
  for (const auto& lane : stream_.tx) {
    tx_.push_back(std::make_unique<TxPort>(stream_, *lane, longest_message));
  }
}

Result<void> Io::bind(const std::vector<std::string>& endpoints, std::chrono::milliseconds patience)
{
  const auto deadline = Clock::now() + patience;
  for (std::size_t i = 0; i < tx_.size(); ++i) {
    auto bound = tx_[i]->bind(context_, endpoints[i]);
    while (!bound && bound.error().code == ErrorCode::busy && Clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      bound = tx_[i]->bind(context_, endpoints[i]);
    }
    if (bound) continue;
    for (const auto& port : tx_) port->close();
    return bound;
  }
  return {};
}

std::vector<std::string> Io::tx_endpoints() const
{
  std::vector<std::string> endpoints;
  for (const auto& port : tx_) endpoints.push_back(port->endpoint());
  return endpoints;
}

void Io::start(const Source& source)
{
  for (const auto& port : tx_) port->set_format(source.format);
  rx_.clear();
  for (std::size_t i = 0; i < source.rx_endpoints.size(); ++i) {
    rx_.push_back(std::make_unique<RxPort>(stream_, *stream_.rx[i], source.format, context_, source.rx_endpoints[i]));
  }
  stream_.is_stopping.store(false);
  is_redirected_.store(false);
  streaming_link_ = 0;
  tx_loss_ = Loss::none;
  ending_since_.reset();
  next_seek_.reset();
  thread_ = std::thread([this] { run(); });
}

void Io::redirect(const Source& source)
{
  {
    const std::lock_guard lock(redirect_mutex_);
    redirected_ = source;
  }
  is_redirected_.store(true);
  stream_.io_bell.ring();
}

void Io::follow_redirect()
{
  if (!is_redirected_.exchange(false)) return;
  const std::lock_guard lock(redirect_mutex_);
  connect_to(redirected_);
}

void Io::connect_to(const Source& source)
{
  const auto now = Clock::now();
  for (const auto& port : tx_) port->end_link(now);
  const LinkState link = stream_.link.load();
  if (link.phase != LinkPhase::absent) end_link(link, Loss::used);
  for (const auto& port : tx_) port->set_format(source.format);
  for (std::size_t i = 0; i < rx_.size(); ++i) {
    rx_[i]->set_format(source.format);
    rx_[i]->redirect(source.rx_endpoints[i]);
  }
}

void Io::seek_peer(Clock::time_point now)
{
  if (!seek_ || stream_.link.load().phase != LinkPhase::absent) {
    next_seek_.reset();
    return;
  }
  if (!next_seek_) next_seek_ = now + kBetweenSeeks;
  if (now < *next_seek_) return;
  if (const auto found = seek_(earliest_link())) connect_to(*found);
  next_seek_ = Clock::now() + kBetweenSeeks;
}

/// Behind everything that was sent, and received or still lies in the rings.
std::int64_t Io::earliest_link() const
{
  std::size_t num_queued = 0;
  for (const auto& lane : stream_.rx) {
    num_queued = std::max(num_queued, lane->samples.capacity() - lane->samples.room());
  }
  return stream_.tx_position.load() + static_cast<std::int64_t>(num_queued);
}

void Io::let_go(RxPort& port)
{
  if (seek_) {
    port.redirect({});
  } else {
    port.restart();
  }
}

void Io::stop() noexcept
{
  stream_.is_stopping.store(true);
  stream_.io_bell.ring();
  stream_.wake_callers();
  if (thread_.joinable()) thread_.join();
  for (const auto& port : tx_) port->close();
  for (const auto& port : rx_) port->close();
}

void Io::run()
{
  while (!stream_.is_stopping.load()) {
    if (step()) continue;
    stream_.io_needs.fetch_or(needs(), std::memory_order_acq_rel);
    if (!step()) sleep(kLongestSleep);
  }
  drain();
  stream_.link.store({stream_.link.load().number, LinkPhase::absent});
  stream_.wake_callers();
}

void Io::drain()
{
  const auto has_queued = [this] {
    return std::any_of(stream_.tx.begin(), stream_.tx.end(), [](const auto& lane) { return lane->blocks.available() > 0; });
  };
  const auto deadline = Clock::now() + kDrain;
  while (stream_.link.load().phase == LinkPhase::streaming && has_queued() && Clock::now() < deadline) {
    if (!step()) sleep(std::chrono::milliseconds(10));
  }
}

bool Io::step()
{
  const auto now = Clock::now();
  bool has_worked = false;
  follow_redirect();
  for (const auto& port : tx_) has_worked |= port->take_request();
  for (const auto& port : rx_) {
    port->handle_events(now);
    port->connect_if_due(now);
  }
  for (const auto& port : rx_) {
    if (port->needs_time()) has_worked |= port->take_reply();
  }
  update_link(now);
  seek_peer(now);
  if (streaming_link_ != 0) {
    bool has_queued = false;
    for (const auto& port : rx_) has_queued |= port->take_reply();
    if (has_queued) wake_receiver();
    has_worked |= has_queued;
  }
  if (ending_since_) return has_worked;
  for (const auto& port : rx_) port->send_request();
  if (streaming_link_ == 0) return has_worked;
  for (const auto& port : tx_) has_worked |= port->serve(streaming_link_);
  return has_worked;
}

void Io::update_link(Clock::time_point now)
{
  for (const auto& port : tx_) tx_loss_ = std::max(tx_loss_, port->take_loss());
  const LinkState link = stream_.link.load();
  switch (link.phase) {
    case LinkPhase::absent:
      for (const auto& port : rx_) {
        if (port->is_leaving()) let_go(*port);
      }
      if (!is_ready(now)) return;
      if (!rx_.empty()) stream_.told_time.store(rx_.front()->told_time());
      stream_.link.store({link.number + 1, LinkPhase::arrived});
      stream_.wake_callers();
      return;
    case LinkPhase::arrived:
      // If a caller begins the stream at this moment, the next look takes care of it.
      if (!is_ready(now)) static_cast<void>(stream_.link.change(link, {link.number, LinkPhase::absent}));
      return;
    case LinkPhase::streaming:
      if (streaming_link_ != link.number) begin_link(link);
      end_link_if_over(link, now);
      return;
  }
}

void Io::begin_link(LinkState link)
{
  log_info(fmt::format("zmq {}: the peer is there", name_));
  streaming_link_ = link.number;
  tx_loss_ = Loss::none;
  ending_since_.reset();
  const std::int64_t first = stream_.link_start.load(std::memory_order_acquire);
  for (const auto& port : tx_) port->begin_link(link.number, first);
  for (const auto& port : rx_) port->begin_link();
}

void Io::end_link_if_over(LinkState link, Clock::time_point now)
{
  Loss loss = tx_loss_;
  for (const auto& port : rx_) loss = std::max(loss, port->loss());
  // A connection that carried nothing yet may be replaced without anybody losing samples, unless it was all there is.
  const bool is_over = loss == Loss::used || (loss == Loss::unused && !is_used());
  if (!is_over) {
    tx_loss_ = Loss::none;
    for (const auto& port : rx_) {
      if (port->is_leaving() && !port->has_leftovers()) port->restart();
    }
    return;
  }
  if (!ending_since_) {
    ending_since_ = now;
    if (loss == Loss::used) {
      for (const auto& port : tx_) port->end_link(now);
    }
  }
  const bool has_leftovers = std::any_of(rx_.begin(), rx_.end(), [](const auto& port) { return port->has_leftovers(); });
  if (has_leftovers && leftovers_ == Leftovers::delivered && now < *ending_since_ + kPatience) return;
  end_link(link, loss);
}

void Io::end_link(LinkState link, Loss loss)
{
  log_info(fmt::format("zmq {}: the peer has left", name_));
  streaming_link_ = 0;
  tx_loss_ = Loss::none;
  ending_since_.reset();
  // A peer that lost samples has to begin anew: it learns that from us hanging up, if it has not noticed.
  if (loss == Loss::used) {
    for (const auto& port : rx_) let_go(*port);
  }
  stream_.link.store({link.number, LinkPhase::absent});
  stream_.wake_callers();
}

void Io::wake_receiver()
{
  const std::size_t wanted = stream_.rx_wanted.fetch_add(0, std::memory_order_acq_rel);
  if (wanted == 0) return;
  const bool is_enough = std::all_of(stream_.rx.begin(), stream_.rx.end(), [wanted](const auto& lane) {
    return lane->samples.capacity() - lane->samples.room() >= wanted;
  });
  if (is_enough) stream_.rx_bell.ring();
}

bool Io::is_ready(Clock::time_point now) const
{
  return std::all_of(tx_.begin(), tx_.end(), [now](const auto& port) { return port->is_ready(now); }) &&
         std::all_of(rx_.begin(), rx_.end(), [](const auto& port) { return port->is_ready(); });
}

bool Io::is_used() const
{
  return std::any_of(tx_.begin(), tx_.end(), [](const auto& port) { return port->is_used(); }) ||
         std::any_of(rx_.begin(), rx_.end(), [](const auto& port) { return port->is_used(); });
}

unsigned Io::needs() const
{
  unsigned needs = kNeedsBegin;
  if (std::any_of(tx_.begin(), tx_.end(), [](const auto& port) { return port->is_asked(); })) needs |= kNeedsSamples;
  if (std::any_of(rx_.begin(), rx_.end(), [](const auto& port) { return port->is_blocked(); })) needs |= kNeedsRoom;
  return needs;
}

void Io::sleep(std::chrono::milliseconds longest)
{
  std::vector<Readable> items{{nullptr, stream_.io_bell.descriptor()}};
  auto deadline = Clock::now() + longest;
  if (ending_since_) deadline = std::min(deadline, *ending_since_ + kPatience);
  deadline = std::min(deadline, next_seek_.value_or(deadline));
  for (const auto& port : tx_) {
    items.push_back({port->socket().handle(), -1});
    items.push_back({port->socket().event_handle(), -1});
    deadline = std::min(deadline, port->next_deadline().value_or(deadline));
  }
  for (const auto& port : rx_) {
    if (port->needs_time() || (port->socket().is_open() && streaming_link_ != 0 && !port->is_blocked())) {
      items.push_back({port->socket().handle(), -1});
    }
    if (port->socket().is_open()) items.push_back({port->socket().event_handle(), -1});
    deadline = std::min(deadline, port->next_deadline().value_or(deadline));
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  wait_readable(items, std::max(left, std::chrono::milliseconds(0)));
  stream_.io_bell.clear();
}

}  // namespace ravi::zmq
