#include "apps/sample_feed.h"

#include "apps/open_radio.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace ravi::apps {
namespace {

constexpr std::size_t kMostGaps = 1024;  // waiting in the ring; of more the zeros are left out
constexpr std::size_t kRefill = 4096;
constexpr auto kPause = std::chrono::microseconds(500);  // of a receiving thread that waits for room

/// 5 ms of the radio, within what a call handles well.
std::size_t block_length(SampleRate rate) { return static_cast<std::size_t>(std::clamp<std::int64_t>(rate.hz() / 200, 256, 32768)); }

std::size_t ring_length(SampleRate rate, bool can_wait)
{
  const std::size_t short_one = 16 * block_length(rate);
  return can_wait ? short_one : std::max(short_one, static_cast<std::size_t>(rate.hz() / 4));
}

/// `count` samples at `from` last as many at `to`, rounded down.
std::int64_t scale(std::int64_t count, SampleRate from, SampleRate to)
{
  __extension__ using Wide = __int128;
  return static_cast<std::int64_t>(static_cast<Wide>(count) * to.hz() / from.hz());
}

}  // namespace

SampleFeed::SampleFeed(std::unique_ptr<Radio> radio, const Config& config)
  : radio_(std::move(radio)),
    config_(config),
    can_wait_(!radio_->describe().is_hardware),
    block_(radio_->describe().receive.size(), block_length(config.rate)),
    gaps_(kMostGaps)
{
  for (std::size_t c = 0; c < block_.num_channels(); ++c) {
    rings_.push_back(std::make_unique<SpscRing<Cf32>>(ring_length(config.rate, can_wait_)));
  }
  if (config.rate == config.out_rate) return;
  for (std::size_t c = 0; c < block_.num_channels(); ++c) {
    resamplers_.emplace_back(dsp::Resampler::Config{.in_rate = config.rate, .out_rate = config.out_rate});
  }
  num_to_skip_ = static_cast<std::size_t>(scale(static_cast<std::int64_t>(resamplers_.front().delay()), config.rate, config.out_rate));
  staged_ = IqBuffer(block_.num_channels(), kRefill);
  skipped_ = IqBuffer(1, kRefill);
}

SampleFeed::~SampleFeed() { stop(); }

Result<void> SampleFeed::start()
{
  if (auto started = radio_->start(SampleTime(0)); !started) return started;
  thread_ = std::jthread([this] { run(); });
  return {};
}

void SampleFeed::stop() noexcept
{
  is_stopping_.store(true, std::memory_order_relaxed);
  radio_->stop();
  if (thread_.joinable()) thread_.join();
}

// -- the receiving thread ---------------------------------------------------------------------------------------------

void SampleFeed::run()
{
  request_realtime_for(radio_->describe());
  std::int64_t left = config_.length ? config_.length->value() : INT64_MAX;
  while (left > 0 && !is_stopping_.load(std::memory_order_relaxed)) {
    const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(left, static_cast<std::int64_t>(block_.num_samples())));
    const RxResult result = radio_->receive(block_.span().first(wanted));
    if (result.status == RxStatus::ended) break;
    if (result.status == RxStatus::failed) return state_.store(FeedState::failed, std::memory_order_release);
    if (result.status != RxStatus::ok || result.num_samples == 0) continue;
    const std::uint64_t before = received_.fetch_add(result.num_samples, std::memory_order_relaxed);
    if (result.lost > SampleCount(0) && before > 0) {
      const Gap gap{.position = before - dropped_.load(std::memory_order_relaxed), .lost = result.lost.value()};
      num_gaps_.fetch_add(1, std::memory_order_relaxed);
      lost_.fetch_add(static_cast<std::uint64_t>(gap.lost), std::memory_order_relaxed);
      static_cast<void>(gaps_.write({&gap, 1}));
      left -= std::min(left, gap.lost);
    }
    if (!push(block_.span().first(result.num_samples))) {
      if (is_stopping_.load(std::memory_order_relaxed)) break;
      dropped_.fetch_add(result.num_samples, std::memory_order_relaxed);
    }
    left -= std::min(left, static_cast<std::int64_t>(result.num_samples));
  }
  state_.store(FeedState::ended, std::memory_order_release);
}

/// All of the block or, of a hardware radio that finds no room, nothing.
bool SampleFeed::push(ConstIqSpan samples) noexcept
{
  const auto has_room = [&] {
    return std::all_of(rings_.begin(), rings_.end(), [&](const auto& ring) { return ring->room() >= samples.num_samples(); });
  };
  while (!has_room()) {
    if (!can_wait_ || is_stopping_.load(std::memory_order_relaxed)) return false;
    std::this_thread::sleep_for(kPause);
  }
  for (std::size_t c = 0; c < rings_.size(); ++c) static_cast<void>(rings_[c]->write(samples.channel(c)));
  return true;
}

// -- the reading thread -----------------------------------------------------------------------------------------------

std::size_t SampleFeed::available() noexcept
{
  std::size_t fewest = rings_.front()->available();
  for (const auto& ring : rings_) fewest = std::min(fewest, ring->available());
  return fewest;
}

bool SampleFeed::has_more() noexcept { return silence_ > 0 || staged_begin_ < staged_end_ || available() > 0; }

FeedState SampleFeed::state() noexcept
{
  const FeedState state = state_.load(std::memory_order_acquire);  // first: then nothing comes after
  if (state != FeedState::ended) return state;
  const bool is_resampled = resamplers_.empty() || produced_ == scale(taken_, config_.rate, config_.out_rate);
  return silence_ == 0 && available() == 0 && is_resampled ? FeedState::ended : FeedState::runs;
}

void SampleFeed::begin_gap() noexcept
{
  Gap gap{};
  static_cast<void>(gaps_.read({&gap, 1}));
  const std::int64_t saved = std::min(owed_, gap.lost);
  owed_ -= saved;
  silence_ = gap.lost - saved;
}

void SampleFeed::take_off_gap(SampleCount count) noexcept { owed_ += scale(count.value(), config_.out_rate, config_.rate); }

/// At the radio's rate, gaps as zeros.
std::size_t SampleFeed::take(IqSpan out) noexcept
{
  std::size_t filled = 0;
  while (filled < out.num_samples()) {
    const std::size_t room = out.num_samples() - filled;
    if (silence_ > 0) {
      const auto count = static_cast<std::size_t>(std::min<std::int64_t>(silence_, static_cast<std::int64_t>(room)));
      fill_zero(out.subspan(filled, count));
      silence_ -= static_cast<std::int64_t>(count);
      filled += count;
      continue;
    }
    std::size_t count = std::min(available(), room);  // first: the gaps before these samples are then there as well
    const auto gap = gaps_.peek(1);
    if (!gap.empty() && gap.first[0].position == position_ && count > 0) {
      begin_gap();
      continue;
    }
    if (!gap.empty()) count = static_cast<std::size_t>(std::min<std::uint64_t>(count, gap.first[0].position - position_));
    if (count == 0) break;
    for (std::size_t c = 0; c < rings_.size(); ++c) static_cast<void>(rings_[c]->read(out.channel(c).subspan(filled, count)));
    position_ += count;
    filled += count;
  }
  taken_ += static_cast<std::int64_t>(filled);
  return filled;
}

/// More input for the resamplers; after the end zeros, which drive the last samples out.
std::size_t SampleFeed::refill() noexcept
{
  const bool is_over = state_.load(std::memory_order_acquire) == FeedState::ended;
  staged_begin_ = 0;
  staged_end_ = take(staged_.span());
  if (staged_end_ == 0 && is_over) {
    fill_zero(staged_.span());
    staged_end_ = kRefill;
  }
  return staged_end_;
}

std::size_t SampleFeed::read_resampled(IqSpan out) noexcept
{
  std::size_t filled = 0;
  while (filled < out.num_samples()) {
    if (staged_begin_ == staged_end_ && refill() == 0) break;
    const bool is_skipping = num_to_skip_ > 0;
    // The zeros after the end give no output of their own.
    const std::int64_t left = scale(taken_, config_.rate, config_.out_rate) - produced_;
    const std::size_t room = is_skipping ? std::min(num_to_skip_, kRefill)
                                         : std::min(out.num_samples() - filled, static_cast<std::size_t>(left));
    if (room == 0) break;
    dsp::Progress progress;
    for (std::size_t c = 0; c < resamplers_.size(); ++c) {  // all channels alike: one answer serves
      const std::span<const Cf32> in = staged_.channel(c).subspan(staged_begin_, staged_end_ - staged_begin_);
      progress = resamplers_[c].process(in, is_skipping ? skipped_.channel().first(room) : out.channel(c).subspan(filled, room));
    }
    staged_begin_ += progress.consumed;
    if (is_skipping) {
      num_to_skip_ -= progress.produced;
    } else {
      filled += progress.produced;
      produced_ += static_cast<std::int64_t>(progress.produced);
    }
  }
  return filled;
}

std::size_t SampleFeed::read(IqSpan out) noexcept { return resamplers_.empty() ? take(out) : read_resampled(out); }

FeedCounters SampleFeed::counters() const noexcept
{
  return {.received = received_.load(std::memory_order_relaxed),
          .gaps = num_gaps_.load(std::memory_order_relaxed),
          .lost = lost_.load(std::memory_order_relaxed),
          .dropped = dropped_.load(std::memory_order_relaxed)};
}

}  // namespace ravi::apps
