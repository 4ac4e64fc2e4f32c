#include "apps/spectrum_input.h"

#include "apps/command.h"
#include "radio/radio.h"
#include "radio/recording/sigmf_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace ravi::apps {
namespace {

Error no_such_channel(std::size_t channel, std::size_t num_channels)
{
  return {ErrorCode::bad_input, fmt::format("there is no channel {}: the input has {}, counted from 0", channel, num_channels)};
}

/// A stretch [position, end) of one channel of a recording, all at one center frequency.
struct RecordingInput {
  recording::SigmfReader reader;
  std::size_t channel = 0;
  std::int64_t position = 0;
  std::int64_t end = 0;
  std::size_t next_capture = 0;  ///< first that begins after `position`
  IqBuffer all_channels;

  /// Marks a gap where a capture begins at the position.
  void note_capture(InputBlock& block)
  {
    const auto& captures = reader.meta().captures;
    if (next_capture >= captures.size() || captures[next_capture].sample_start.value() != position) return;
    const auto& here = captures[next_capture];
    block.is_after_gap = true;
    if (next_capture > 0 && here.global_index && captures[next_capture - 1].global_index) {
      const auto& before = captures[next_capture - 1];
      const SampleCount elapsed = *here.global_index - *before.global_index;
      block.lost = std::max(SampleCount(0), elapsed - (here.sample_start - before.sample_start));
    }
    ++next_capture;
  }

  Result<InputBlock> read(std::span<Cf32> out)
  {
    InputBlock block;
    note_capture(block);
    const auto& captures = reader.meta().captures;
    std::int64_t stop = end;
    if (next_capture < captures.size()) stop = std::min(stop, captures[next_capture].sample_start.value());
    std::size_t count = std::min(out.size(), static_cast<std::size_t>(std::max<std::int64_t>(stop - position, 0)));
    count = std::min(count, all_channels.num_samples());
    if (count == 0) return block;
    const std::uint64_t not_finite_before = reader.num_not_finite();
    const auto num_read = reader.read(SampleCount(position), all_channels.span().first(count));
    if (!num_read) return tl::unexpected(num_read.error());
    copy(ConstIqSpan(all_channels.span()).channels(channel, 1).first(*num_read), IqSpan(out.first(*num_read)));
    position += static_cast<std::int64_t>(*num_read);
    block.num_samples = *num_read;
    block.num_not_finite = reader.num_not_finite() - not_finite_before;
    return block;
  }
};

Result<OpenedInput> open_recording(const InputOptions& options)
{
  const RadioOptions& radio = options.radio;
  if (radio.rate || radio.frequency || radio.gain || radio.bandwidth || radio.lo_offset || !radio.antenna.empty() ||
      !radio.clock.empty() || !radio.time.empty()) {
    return fail(ErrorCode::bad_input, fmt::format("{} is a recording: --rate, --freq, --gain and the like are for radios",
                                                  options.input));
  }
  auto reader = recording::SigmfReader::open(options.input);
  if (!reader) return tl::unexpected(reader.error());
  const recording::SigmfMeta& meta = reader->meta();
  if (options.channel >= meta.num_channels) return tl::unexpected(no_such_channel(options.channel, meta.num_channels));

  const std::int64_t start = to_samples(options.start, meta.sample_rate).value();
  const std::int64_t length = reader->length().value();
  if (start < 0 || start >= length) {
    return fail(ErrorCode::bad_input,
                length == 0 ? fmt::format("{} holds no samples", options.input)
                            : fmt::format("--start lies outside the recording, which is {} long",
                                          duration_text(to_seconds(SampleCount(length), meta.sample_rate))));
  }
  OpenedInput opened;
  SpectrumConditions& conditions = opened.conditions;
  std::int64_t end = length;
  if (options.duration) end = std::min(end, start + std::max<std::int64_t>(1, to_samples(*options.duration, meta.sample_rate).value()));

  std::size_t next_capture = 0;
  while (next_capture < meta.captures.size() && meta.captures[next_capture].sample_start.value() <= start) {
    conditions.center = meta.captures[next_capture++].frequency;
  }
  for (std::size_t k = next_capture; k < meta.captures.size() && meta.captures[k].sample_start.value() < end; ++k) {
    if (meta.captures[k].frequency == conditions.center) continue;
    end = meta.captures[k].sample_start.value();
    conditions.remarks.push_back(fmt::format("the center frequency changes after {}: measured up to there",
                                             duration_text(to_seconds(SampleCount(end), meta.sample_rate))));
  }
  if (meta.is_unfinished) conditions.remarks.emplace_back("the recording was not finished: measured is what was saved");
  conditions.source = options.input;
  conditions.description = meta.description;
  conditions.channel = options.channel;
  conditions.sample_rate = meta.sample_rate;
  conditions.start_s = to_seconds(SampleCount(start), meta.sample_rate);
  opened.num_samples = static_cast<std::uint64_t>(end - start);

  constexpr std::size_t kBlock = 65536;
  IqBuffer buffer(meta.num_channels, kBlock);
  auto state = std::make_shared<RecordingInput>(RecordingInput{.reader = std::move(*reader),
                                                               .channel = options.channel,
                                                               .position = start,
                                                               .end = end,
                                                               .next_capture = next_capture,
                                                               .all_channels = std::move(buffer)});
  opened.read = [state](std::span<Cf32> out) { return state->read(out); };
  return opened;
}

/// The next `remaining` samples of one channel of a started radio, after `skip` more.
struct RadioInput {
  std::unique_ptr<Radio> radio;
  std::size_t channel = 0;
  std::uint64_t skip = 0;
  std::uint64_t remaining = 0;
  IqBuffer all_channels;

  ~RadioInput()
  {
    if (radio) radio->stop();
  }

  Result<InputBlock> read(std::span<Cf32> out)
  {
    constexpr int kMaxTimeouts = 50;  // of about 100 ms
    InputBlock block;
    for (int timeouts = 0; timeouts < kMaxTimeouts && !stop_requested();) {
      const std::uint64_t wanted = skip > 0 ? skip : remaining;
      const std::size_t count = std::min({out.size(), all_channels.num_samples(), static_cast<std::size_t>(wanted)});
      if (count == 0) return block;
      const RxResult received = radio->receive(all_channels.span().first(count));
      if (received.status == RxStatus::ended) return block;
      if (received.status == RxStatus::failed) return fail(ErrorCode::io, "the radio failed while receiving");
      if (received.status == RxStatus::timeout || received.num_samples == 0) {
        ++timeouts;
        continue;
      }
      timeouts = 0;
      if (skip > 0) {
        skip -= received.num_samples;
        continue;
      }
      copy(ConstIqSpan(all_channels.span()).channels(channel, 1).first(received.num_samples),
           IqSpan(out.first(received.num_samples)));
      remaining -= received.num_samples;
      block.num_samples = received.num_samples;
      block.lost = received.lost;
      block.is_after_gap = received.lost.value() > 0;
      return block;
    }
    if (stop_requested()) return block;
    return fail(ErrorCode::io, "nothing was received for 5 s: is the other end running, is the device sending?");
  }
};

Result<OpenedInput> open_radio_input(const InputOptions& options)
{
  RadioOptions radio_options = options.radio;
  radio_options.device = options.input;
  auto tuned = open_and_tune(radio_options, Direction::receive);
  if (!tuned) return tl::unexpected(tuned.error());
  if (tuned->rate.hz() <= 0) return fail(ErrorCode::bad_input, "a radio needs --rate, e.g. --rate 23.04MHz");
  const RadioDescription description = tuned->radio->describe();
  if (options.channel >= description.receive.size()) {
    return tl::unexpected(no_such_channel(options.channel, description.receive.size()));
  }
  constexpr std::size_t kBlock = 16384;
  auto state = std::make_shared<RadioInput>();
  state->channel = options.channel;
  state->all_channels = IqBuffer(description.receive.size(), kBlock);
  state->skip = static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_samples(options.start, tuned->rate).value()));
  const std::chrono::nanoseconds duration = options.duration.value_or(std::chrono::seconds(1));
  state->remaining = static_cast<std::uint64_t>(std::max<std::int64_t>(1, to_samples(duration, tuned->rate).value()));
  state->radio = std::move(tuned->radio);
  if (auto started = state->radio->start(SampleTime(0)); !started) return tl::unexpected(started.error());

  OpenedInput opened;
  opened.conditions.source = options.input;
  opened.conditions.description = description.name;
  opened.conditions.channel = options.channel;
  opened.conditions.sample_rate = tuned->rate;
  if (options.radio.frequency) opened.conditions.center = tuned->frequency;
  opened.conditions.start_s = to_seconds(SampleCount(static_cast<std::int64_t>(state->skip)), tuned->rate);
  opened.num_samples = state->remaining;
  opened.read = [state](std::span<Cf32> out) { return state->read(out); };
  return opened;
}

}  // namespace

Result<OpenedInput> open_input(const InputOptions& options)
{
  if (options.duration && options.duration->count() <= 0) {
    return fail(ErrorCode::bad_input, "--duration must be above 0");
  }
  if (options.start.count() < 0) return fail(ErrorCode::bad_input, "--start must not be negative");
  return is_radio_string(options.input) ? open_radio_input(options) : open_recording(options);
}

}  // namespace ravi::apps
