#include "drivers/file/recording_source.h"

#include "radio/log.h"
#include "radio/quantity_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace ravi {
namespace {

constexpr std::size_t kRefill = 4096;
constexpr std::int64_t kLongestGap = std::int64_t{1} << 40U;  // five hours at 61.44 MS/s

/// `count` samples at `from` last as many at `to`, rounded down.
std::int64_t scale(std::int64_t count, SampleRate from, SampleRate to)
{
  __extension__ using Wide = __int128;
  return static_cast<std::int64_t>(static_cast<Wide>(count) * to.hz() / from.hz());
}

}  // namespace

Result<RecordingSource> RecordingSource::open(const SourceConfig& config)
{
  auto reader = recording::SigmfReader::open(config.name);
  if (!reader) return tl::unexpected<Error>(reader.error());
  RecordingSource source(*std::move(reader));
  source.is_looped_ = config.is_looped;
  if (auto chosen = source.choose_part(config); !chosen) return tl::unexpected<Error>(chosen.error());
  source.find_gaps();
  if (auto chosen = source.choose_rate(config); !chosen) return tl::unexpected<Error>(chosen.error());
  source.rewind();
  return source;
}

Result<void> RecordingSource::choose_part(const SourceConfig& config)
{
  const SampleCount all = reader_.length();
  if (config.offset < SampleCount(0) || config.offset >= all) {
    return fail(ErrorCode::bad_input, fmt::format("{} holds {} samples, so playing cannot begin at sample {}; choose a smaller offset",
                                                  paths().data, all.value(), config.offset.value()));
  }
  begin_ = config.offset;
  end_ = all;
  if (config.duration) {
    if (*config.duration <= SampleCount(0)) return fail(ErrorCode::bad_input, "a duration must be longer than 0");
    end_ = std::min(all, begin_ + std::min(*config.duration, all));
  }
  return {};
}

void RecordingSource::find_gaps()
{
  const std::vector<recording::SigmfCapture>& captures = meta().captures;
  for (std::size_t n = 1; n < captures.size(); ++n) {
    const recording::SigmfCapture& before = captures[n - 1];
    const recording::SigmfCapture& after = captures[n];
    if (!before.global_index || !after.global_index) continue;
    const SampleCount lost = (*after.global_index - *before.global_index) - (after.sample_start - before.sample_start);
    if (lost.value() > kLongestGap) {
      log_warning(fmt::format("{}: the gap of {} samples at sample {} is skipped", paths().meta, lost.value(), after.sample_start.value()));
    } else if (lost > SampleCount(0) && after.sample_start > begin_ && after.sample_start < end_) {
      gaps_.push_back({.position = after.sample_start, .lost = lost});
    }
  }
}

Result<void> RecordingSource::choose_rate(const SourceConfig& config)
{
  const SampleRate own = meta().sample_rate;
  rate_ = config.rate.value_or(own);
  length_ = SampleCount(scale((end_ - begin_).value(), own, rate_));
  if (rate_ == own) return {};
  if (rate_.hz() <= 0 || rate_.hz() > 100 * own.hz() || own.hz() > 100 * rate_.hz()) {
    return fail(ErrorCode::unsupported, fmt::format("{} was recorded at {} and cannot be played at {}; choose a rate within a factor of 100",
                                                    paths().data, to_text(own), to_text(rate_)));
  }
  if (!gaps_.empty()) {
    return fail(ErrorCode::unsupported, fmt::format("{} has gaps, so it is played only at its own rate, {}; leave rate= out, or choose a "
                                                    "part without one (first gap at sample {})",
                                                    paths().data, to_text(own), gaps_.front().position.value()));
  }
  for (std::size_t c = 0; c < meta().num_channels; ++c) {
    resamplers_.emplace_back(dsp::Resampler::Config{.in_rate = own, .out_rate = rate_});
  }
  unused_ = IqBuffer(meta().num_channels, kRefill);
  skipped_ = IqBuffer(1, kRefill);
  return {};
}

void RecordingSource::rewind() noexcept
{
  position_ = begin_;
  next_gap_ = 0;
  num_left_ = length_;
  unused_begin_ = unused_end_ = 0;
  for (dsp::Resampler& resampler : resamplers_) resampler.reset();
  if (!resamplers_.empty()) {
    const auto delay = static_cast<std::int64_t>(resamplers_.front().delay());
    num_to_skip_ = static_cast<std::size_t>(scale(delay, meta().sample_rate, rate_));
  }
}

Result<SourceBlock> RecordingSource::read(IqSpan out)
{
  return resamplers_.empty() ? read_plain(out) : read_resampled(out);
}

Result<SourceBlock> RecordingSource::read_plain(IqSpan out)
{
  SourceBlock block;
  while (block.num_samples < out.num_samples()) {
    if (position_ == end_) {
      if (!is_looped_) break;
      position_ = begin_;
      next_gap_ = 0;
    }
    if (next_gap_ < gaps_.size() && gaps_[next_gap_].position == position_) {
      if (block.num_samples > 0) break;  // the gap begins the next block
      block.lost = gaps_[next_gap_++].lost;
    }
    const SampleCount border = next_gap_ < gaps_.size() ? gaps_[next_gap_].position : end_;
    const auto count = std::min(out.num_samples() - block.num_samples, static_cast<std::size_t>((border - position_).value()));
    const auto done = reader_.read(position_, out.subspan(block.num_samples, count));
    if (!done) return tl::unexpected<Error>(done.error());
    block.num_samples += count;
    position_ += SampleCount(static_cast<std::int64_t>(count));
  }
  return block;
}

/// More input for the resamplers: the recording's, and after its end zeros to drive the last samples out.
Result<std::size_t> RecordingSource::refill()
{
  auto block = read_plain(unused_.span());
  if (!block) return tl::unexpected<Error>(block.error());
  if (block->num_samples < kRefill) fill_zero(unused_.span().subspan(block->num_samples, kRefill - block->num_samples));
  unused_begin_ = 0;
  unused_end_ = kRefill;
  return kRefill;
}

Result<SourceBlock> RecordingSource::read_resampled(IqSpan out)
{
  std::size_t wanted = out.num_samples();
  if (!is_looped_) wanted = std::min(wanted, static_cast<std::size_t>(num_left_.value()));
  SourceBlock block;
  while (block.num_samples < wanted) {
    if (unused_begin_ == unused_end_) {
      if (auto filled = refill(); !filled) return tl::unexpected<Error>(filled.error());
    }
    const bool is_skipping = num_to_skip_ > 0;
    const std::size_t room = is_skipping ? std::min(num_to_skip_, kRefill) : wanted - block.num_samples;
    dsp::Progress progress;
    for (std::size_t c = 0; c < resamplers_.size(); ++c) {  // all channels alike: one answer serves
      const std::span<const Cf32> in = unused_.channel(c).subspan(unused_begin_, unused_end_ - unused_begin_);
      const std::span<Cf32> to = is_skipping ? skipped_.channel().first(room) : out.channel(c).subspan(block.num_samples, room);
      progress = resamplers_[c].process(in, to);
    }
    unused_begin_ += progress.consumed;
    if (is_skipping) {
      num_to_skip_ -= progress.produced;
    } else {
      block.num_samples += progress.produced;
    }
  }
  num_left_ -= SampleCount(static_cast<std::int64_t>(block.num_samples));
  return block;
}

}  // namespace ravi
