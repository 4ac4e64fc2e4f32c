#include "drivers/soapy_module/air_port.h"

#include <algorithm>
#include <utility>

namespace ravi {
namespace {

constexpr std::size_t kMostEvents = 1024;
constexpr auto kLongestLag = std::chrono::milliseconds(100);  ///< behind real time: then real time is counted afresh

std::int64_t num(std::size_t count) { return static_cast<std::int64_t>(count); }

/// Half a millisecond, so that a program that answers a slot one slot later is in time.
std::size_t block_length(SampleRate rate)
{
  return static_cast<std::size_t>(std::clamp<std::int64_t>(rate.hz() / 2000, 64, 65'536));
}

}  // namespace

AirPort::AirPort(std::unique_ptr<Radio> radio, const AirPortConfig& config)
    : radio_(std::move(radio)),
      config_(config),
      block_length_(ravi::block_length(config.rate)),
      queue_capacity_(std::max<std::size_t>(16 * block_length_, static_cast<std::size_t>(config.rate.hz() / 10))),
      anchor_(Clock::now()),
      arriving_(config.num_rx_channels, block_length_),
      block_(config.num_rx_channels, block_length_),
      thread_([this](const std::stop_token& stop) { run(stop); })
{
}

AirPort::~AirPort()
{
  thread_.request_stop();
  {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }
  thread_.join();
  radio_->stop();
}

SampleTime AirPort::now() const
{
  const std::lock_guard lock(mutex_);
  return now_;
}

bool AirPort::await_air(std::chrono::nanoseconds timeout)
{
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [this] { return now_ > SampleTime(0) || has_failed_; }) && !has_failed_;
}

bool AirPort::has_failed() const
{
  const std::lock_guard lock(mutex_);
  return has_failed_;
}

// -- the thread -------------------------------------------------------------------------------------------------------

void AirPort::run(const std::stop_token& stop)
{
  std::unique_lock lock(mutex_);
  while (await_turn(lock, stop)) {
    const SampleTime end = now_ + SampleCount(num(block_length_));
    send_queued(lock, end);
    publish(advance(lock, end));
  }
}

/// Waits until the air may advance by one block. False: stop.
bool AirPort::await_turn(std::unique_lock<std::mutex>& lock, const std::stop_token& stop)
{
  while (!stop.stop_requested()) {
    const Clock::time_point present = Clock::now();
    const SampleTime end = now_ + SampleCount(num(block_length_));
    const bool is_reading = is_waiting_for_reader(present);
    if (has_failed_) {
      changed_.wait(lock);
    } else if (is_reading && !is_wanted_) {
      changed_.wait_until(lock, last_read_ + config_.patience);
    } else if (is_waiting_for_writer(present)) {
      changed_.wait_until(lock, last_write_ + config_.patience);
    } else if (is_reading && config_.pace == AirPace::free) {
      anchor_ = present;
      anchor_time_ = end;
      return true;
    } else {
      const Clock::time_point due = anchor_ + to_duration(end - anchor_time_, config_.rate);
      if (present >= due) {
        if (present - due > kLongestLag) {
          anchor_ = present;
          anchor_time_ = end;
        }
        return true;
      }
      changed_.wait_until(lock, due);
    }
  }
  return false;
}

/// The air stands still for a program that receives, until its patience is over.
bool AirPort::is_waiting_for_reader(Clock::time_point when) const
{
  const bool has_begun = is_receiving_ && now_ + SampleCount(num(block_length_)) > rx_start_;
  return has_begun && !is_draining_ && when - last_read_ < config_.patience;
}

/// And for one that only transmits and is in the middle of a burst.
bool AirPort::is_waiting_for_writer(Clock::time_point when) const
{
  const bool is_running_dry = is_in_burst_ && queue_.empty() && burst_next_ < now_ + SampleCount(num(block_length_));
  return is_running_dry && !is_receiving_ && !is_starved_ && !is_draining_ && when - last_write_ < config_.patience;
}

/// Lets the radio run up to `end`. A port that only transmits is its own clock: it sends zeros where nothing was
/// queued.
RxResult AirPort::advance(std::unique_lock<std::mutex>& lock, SampleTime end)
{
  const SampleTime begin = now_;
  const SampleTime sent = std::max(tx_sent_, begin);
  lock.unlock();
  RxResult result;
  if (config_.num_rx_channels > 0) {
    result = radio_->receive(arriving_.span());
  } else {
    result = {.status = RxStatus::ok, .time = begin, .num_samples = block_length_, .lost = {}, .overflow = false};
    if (sent < end) {
      const IqBuffer zeros(config_.num_tx_channels, static_cast<std::size_t>((end - sent).value()));
      const TxResult padded = radio_->transmit(zeros.span(), sent, Burst::goes_on);
      if (padded.status == TxStatus::failed) result.status = RxStatus::failed;
      if (padded.status == TxStatus::timeout) result.status = RxStatus::timeout;
    }
  }
  lock.lock();
  return result;
}

void AirPort::publish(const RxResult& result)
{
  if (result.status == RxStatus::failed || result.status == RxStatus::ended) has_failed_ = true;
  if (result.status == RxStatus::ok && result.num_samples > 0) {
    anchor_time_ += std::max(result.time - now_, SampleCount(0));  // what the air's time jumped, nobody waits for
    now_ = result.time + SampleCount(num(result.num_samples));
    if (is_receiving_ && result.lost > SampleCount(0)) is_overflow_ = true;
    const auto skipped = static_cast<std::size_t>(std::max<std::int64_t>(0, (rx_start_ - result.time).value()));
    if (is_receiving_ && skipped < result.num_samples) {
      const Clock::time_point present = Clock::now();
      if (block_begin_ < block_end_) {
        is_overflow_ = true;  // nobody fetched it
      } else {
        last_read_ = present;
      }
      std::swap(arriving_, block_);
      block_begin_ = skipped;
      block_end_ = result.num_samples;
      block_time_ = result.time + SampleCount(num(skipped));
      is_wanted_ = false;
    }
  }
  changed_.notify_all();
}

/// Hands the radio everything that is due before `end`.
void AirPort::send_queued(std::unique_lock<std::mutex>& lock, SampleTime end)
{
  while (!queue_.empty()) {
    const std::optional<SampleTime> at = place(queue_.front());
    if (at && *at >= end) return;
    Chunk chunk = std::move(queue_.front());
    queue_.pop_front();
    num_queued_ -= chunk.samples.num_samples();
    changed_.notify_all();
    if (!at) continue;
    is_sending_ = true;
    lock.unlock();
    const TxResult sent = radio_->transmit(chunk.samples.span(), *at, chunk.burst);
    lock.lock();
    is_sending_ = false;
    if (sent.status == TxStatus::timeout) {  // nobody at the other end: the air stands still, and so does the queue
      num_queued_ += chunk.samples.num_samples();
      queue_.push_front(std::move(chunk));
      return;
    }
    note_sent(chunk, *at, sent.status);
  }
  if (is_in_burst_ && burst_next_ < end && !is_starved_) {
    add_event(EventKind::underflow, burst_next_);
    is_starved_ = true;
  }
}

/// When the chunk goes on the air; none: dropped, because its time, or that of its burst's beginning, has passed.
std::optional<SampleTime> AirPort::place(const Chunk& chunk)
{
  if (chunk.at) {
    is_dropping_burst_ = *chunk.at < now_;
    if (is_dropping_burst_) add_event(EventKind::late, *chunk.at);
    is_in_burst_ = is_in_burst_ && !is_dropping_burst_;
  }
  if (is_dropping_burst_) {
    is_dropping_burst_ = chunk.burst == Burst::goes_on;
    return std::nullopt;
  }
  if (chunk.at) return chunk.at;
  return is_in_burst_ ? std::max(burst_next_, now_) : now_;
}

void AirPort::note_sent(const Chunk& chunk, SampleTime at, TxStatus status)
{
  if (status != TxStatus::ok) {
    if (status == TxStatus::late) add_event(EventKind::late, at);
    has_failed_ = has_failed_ || status == TxStatus::failed;
    is_in_burst_ = false;
    return;
  }
  burst_next_ = at + SampleCount(num(chunk.samples.num_samples()));
  tx_sent_ = burst_next_;
  is_in_burst_ = chunk.burst == Burst::goes_on;
  is_starved_ = false;
  if (!is_in_burst_) add_event(EventKind::burst_sent, burst_next_);
}

void AirPort::add_event(EventKind kind, SampleTime time)
{
  if (events_.size() >= kMostEvents) events_.pop_front();
  events_.push_back({.kind = kind, .time = time});
}

// -- the program's calls ----------------------------------------------------------------------------------------------

void AirPort::begin_receiving(std::optional<SampleTime> start, std::size_t count)
{
  const std::lock_guard lock(mutex_);
  is_late_ = start && *start < now_;
  is_receiving_ = !is_late_;
  rx_start_ = start.value_or(now_);
  rx_remaining_ = count > 0 ? std::optional(count) : std::nullopt;
  is_overflow_ = false;
  is_wanted_ = false;
  block_begin_ = block_end_ = 0;
  last_read_ = Clock::now();
  changed_.notify_all();
}

void AirPort::end_receiving()
{
  const std::lock_guard lock(mutex_);
  is_receiving_ = false;
  is_late_ = false;
  block_begin_ = block_end_ = 0;
  changed_.notify_all();
}

AirPort::ReadResult AirPort::read(IqSpan out, std::chrono::nanoseconds timeout)
{
  std::unique_lock lock(mutex_);
  last_read_ = Clock::now();
  const Clock::time_point deadline = last_read_ + timeout;
  ReadResult result;
  if (std::exchange(is_late_, false)) {
    result.status = ReadStatus::late;
    return result;
  }
  while (block_begin_ == block_end_) {
    if (has_failed_) {
      result.status = ReadStatus::failed;
      return result;
    }
    is_wanted_ = is_receiving_;
    changed_.notify_all();
    if (changed_.wait_until(lock, deadline) == std::cv_status::timeout && block_begin_ == block_end_) return result;
  }
  last_read_ = Clock::now();
  result.time = block_time_;
  if (std::exchange(is_overflow_, false)) {
    result.status = ReadStatus::overflow;
    return result;
  }
  std::size_t count = std::min(out.num_samples(), block_end_ - block_begin_);
  if (rx_remaining_) count = std::min(count, *rx_remaining_);
  copy(block_.span().subspan(block_begin_, count), out.first(count));
  block_begin_ += count;
  block_time_ += SampleCount(num(count));
  if (rx_remaining_) {
    *rx_remaining_ -= count;
    result.ends_burst = *rx_remaining_ == 0;
    if (result.ends_burst) {
      is_receiving_ = false;
      block_begin_ = block_end_ = 0;
    }
  }
  result.status = ReadStatus::samples;
  result.num_samples = count;
  return result;
}

std::size_t AirPort::write(ConstIqSpan in, std::optional<SampleTime> at, Burst ends, std::chrono::nanoseconds timeout)
{
  const Clock::time_point deadline = Clock::now() + timeout;
  std::unique_lock lock(mutex_);
  std::size_t taken = 0;
  while (taken < in.num_samples()) {
    const std::size_t room = queue_capacity_ - std::min(queue_capacity_, num_queued_);
    const std::size_t count = std::min({in.num_samples() - taken, block_length_, room});
    if (count == 0) {
      if (has_failed_ || changed_.wait_until(lock, deadline) == std::cv_status::timeout) break;
      continue;
    }
    Chunk chunk{.at = {}, .samples = IqBuffer(in.num_channels(), count), .burst = Burst::goes_on};
    if (at && taken == 0) chunk.at = at;
    copy(in.subspan(taken, count), chunk.samples.span());
    taken += count;
    if (taken == in.num_samples()) chunk.burst = ends;
    num_queued_ += count;
    queue_.push_back(std::move(chunk));
    last_write_ = Clock::now();
    changed_.notify_all();
  }
  return taken;
}

void AirPort::end_burst()
{
  const std::lock_guard lock(mutex_);
  if (!queue_.empty()) {
    queue_.back().burst = Burst::ends;
  } else if (is_in_burst_) {
    is_in_burst_ = false;
    add_event(EventKind::burst_sent, burst_next_);
  }
  changed_.notify_all();
}

void AirPort::drain(std::chrono::nanoseconds extra)
{
  std::unique_lock lock(mutex_);
  if (queue_.empty() && !is_sending_ && tx_sent_ == SampleTime(0)) return;  // nothing was ever sent
  SampleTime last = std::max(now_, tx_sent_);
  for (const Chunk& chunk : queue_) {
    if (chunk.at) last = std::max(last, *chunk.at);
    last += SampleCount(num(chunk.samples.num_samples()));
  }
  const Clock::time_point deadline = Clock::now() + to_duration(last - now_, config_.rate) + extra;
  is_draining_ = true;
  changed_.notify_all();
  // A few blocks more, because the other end may fetch what it is sent a little later than it sends.
  const SampleCount margin(4 * num(block_length_));
  while ((!queue_.empty() || is_sending_ || now_ < tx_sent_ + margin) && !has_failed_) {
    if (changed_.wait_until(lock, deadline) == std::cv_status::timeout) break;
  }
  is_draining_ = false;
}

std::optional<AirPort::Event> AirPort::next_event(std::chrono::nanoseconds timeout)
{
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [this] { return !events_.empty(); });
  if (events_.empty()) return std::nullopt;
  const Event event = events_.front();
  events_.pop_front();
  return event;
}

}  // namespace ravi
