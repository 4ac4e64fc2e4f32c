#include "apps/relay.h"

#include "apps/command.h"
#include "apps/open_radio.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace ravi::apps {
namespace {

constexpr auto kLongestSilence = std::chrono::seconds(5);  // without either radio taking or giving anything: given up
constexpr auto kPause = std::chrono::microseconds(500);    // of a radio that can wait for the feed

std::size_t block_length(SampleRate rate) { return static_cast<std::size_t>(std::clamp<std::int64_t>(rate.hz() / 200, 256, 32768)); }

}  // namespace

Relay::Relay(std::unique_ptr<Radio> radio, std::unique_ptr<SampleFeed> feed)
  : radio_(std::move(radio)),
    feed_(std::move(feed)),
    is_hardware_(radio_->describe().is_hardware),
    num_fed_(feed_->radio().describe().receive.size()),
    received_(radio_->describe().receive.size(), block_length(feed_->out_rate())),
    block_(radio_->describe().transmit.size(), block_length(feed_->out_rate()))
{
}

Result<void> Relay::run(const std::function<void()>& show)
{
  request_realtime_for(radio_->describe());
  if (auto started = radio_->start(SampleTime(0)); !started) return started;
  // Twice the lead: a radio that receives does so first, because a link only begins with that.
  if (receives()) next_ = SampleTime(0) + lead() + lead();
  const auto joined = keep_lead();
  if (!joined) return tl::unexpected(joined.error());
  if (auto started = feed_->start(); !started) return started;

  bool is_last = *joined == Step::ended;
  while (!is_last) {
    const auto step = keep_lead();
    if (!step) return tl::unexpected(step.error());
    if (*step == Step::ended) break;
    const auto count = fill_block();
    if (!count) return tl::unexpected(count.error());
    is_last = feed_->state() != FeedState::runs || stop_requested();
    if (auto sent = send_block(*count, is_last ? Burst::ends : Burst::goes_on); !sent) return sent;
    show();
  }
  const bool has_failed = feed_->state() == FeedState::failed;
  feed_->stop();
  if (auto sent = wait_until_sent(); !sent) return sent;
  radio_->stop();
  if (has_failed) return fail(ErrorCode::io, "the radio that receives failed; what it gave was sent");
  return {};
}

/// Receives until what comes next is no more than twice the lead ahead.
Result<Relay::Step> Relay::keep_lead()
{
  while (receives() && next_ >= received_until_ + lead() + lead() && !stop_requested()) {
    const auto step = receive_block();
    if (!step || *step == Step::ended) return step;
  }
  return Step::goes_on;
}

Result<Relay::Step> Relay::receive_block()
{
  const RxResult result = radio_->receive(received_.span());
  if (result.status == RxStatus::ended) return Step::ended;
  if (result.status == RxStatus::failed) return fail(ErrorCode::io, "the radio failed");
  if (result.status == RxStatus::ok) received_until_ = result.time + SampleCount(static_cast<std::int64_t>(result.num_samples));
  if (auto alive = check_alive(result.status == RxStatus::ok); !alive) return tl::unexpected(alive.error());
  return Step::goes_on;
}

/// A whole block, fewer samples at the end. A full one waits for what follows, to know whether it is the last.
Result<std::size_t> Relay::fill_block()
{
  const IqSpan fed = block_.span().channels(0, num_fed_);
  auto last_sample = std::chrono::steady_clock::now();
  std::size_t filled = 0;
  while (!stop_requested()) {
    const FeedState state = feed_->state();  // first: what is read next is then all there is
    const std::size_t count = feed_->read(fed.subspan(filled, fed.num_samples() - filled));
    filled += count;
    if (state != FeedState::runs || (filled == fed.num_samples() && feed_->has_more())) break;
    if (count == 0) {
      if (auto waited = wait_for_feed(); !waited) return tl::unexpected(waited.error());
    }
    const auto now = std::chrono::steady_clock::now();
    if (count > 0) last_sample = now;
    if (now - last_sample > kLongestSilence) {
      return fail(ErrorCode::io, "nothing was received for 5 s: is the other end running, is the device sending?");
    }
  }
  last_moved_ = std::chrono::steady_clock::now();  // the radio that sends was not asked meanwhile
  return filled;
}

/// A simulated radio waits. Hardware goes on: when the lead is half used up, what comes is sent later by as much.
Result<void> Relay::wait_for_feed()
{
  if (!is_hardware_ || !receives()) {
    std::this_thread::sleep_for(kPause);
    return {};
  }
  const auto step = receive_block();
  if (!step) return tl::unexpected(step.error());
  if (*step == Step::ended) return fail(ErrorCode::io, "the radio that sends has stopped");
  if (next_ >= received_until_ + lead()) return {};
  const SampleTime later = received_until_ + lead() + lead();
  if (totals_.sent > 0) {
    ++totals_.starved;
    feed_->take_off_gap(later - next_);
  }
  next_ = later;
  return {};
}

Result<void> Relay::send_block(std::size_t count, Burst burst)
{
  while (count > 0) {
    const TxResult result = radio_->transmit(block_.span().first(count), next_, burst);
    switch (result.status) {
      case TxStatus::ok:
        next_ += SampleCount(static_cast<std::int64_t>(count));
        totals_.sent += count;
        return check_alive(true);
      case TxStatus::late:  // what follows goes out later by as much
        ++totals_.lates;
        next_ = std::max(next_, received_until_) + lead();
        break;
      case TxStatus::timeout: ++totals_.timeouts; break;
      case TxStatus::disarmed: return fail(ErrorCode::refused, "the radio's transmitter is disarmed; see --i-am-licensed-to-transmit");
      case TxStatus::failed: return fail(ErrorCode::io, "the radio failed, or its disk is full");
    }
    if (stop_requested()) return {};
    if (auto alive = check_alive(false); !alive) return alive;
  }
  return {};
}

/// A radio that receives is kept going until the last sample has been on the air.
Result<void> Relay::wait_until_sent()
{
  while (receives() && totals_.sent > 0 && received_until_ < next_ && !stop_requested()) {
    const auto step = receive_block();
    if (!step) return tl::unexpected(step.error());
    if (*step == Step::ended) break;
  }
  return {};
}

Result<void> Relay::check_alive(bool has_moved)
{
  const auto now = std::chrono::steady_clock::now();
  if (has_moved) last_moved_ = now;
  if (now - last_moved_ <= kLongestSilence) return {};
  return fail(ErrorCode::io, "the radio took and gave nothing for 5 s: is the other end running?");
}

}  // namespace ravi::apps
