#include "drivers/file/file_config.h"

#include "radio/quantity_text.h"
#include "radio/recording/sigmf_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace ravi {
namespace {

Result<std::size_t> parse_channels(const std::string& text)
{
  const auto count = parse_integer(text);
  if (!count || *count < 1 || *count > static_cast<std::int64_t>(recording::kMaxChannels)) {
    return fail(ErrorCode::bad_input, fmt::format("file radio: channels={} must be 1 to {}", text, recording::kMaxChannels));
  }
  return static_cast<std::size_t>(*count);
}

Result<Pace> parse_pace(const std::string& text)
{
  if (text == "free") return Pace::free;
  if (text == "realtime") return Pace::realtime;
  return fail(ErrorCode::bad_input, fmt::format("file radio: pace={} must be free or realtime", text));
}

Result<SourceConfig> parse_source(const DeviceString& device)
{
  SourceConfig source{.name = device.target, .offset = {}, .duration = {}, .rate = {}};
  const auto reader = recording::SigmfReader::open(device.target);
  if (!reader) return tl::unexpected<Error>(reader.error());
  const SampleRate own_rate = reader->meta().sample_rate;
  if (const auto text = device.get("offset")) {
    const auto offset = parse_samples_or_duration(*text, own_rate);
    if (!offset) return tl::unexpected<Error>(offset.error());
    source.offset = *offset;
  }
  if (const auto text = device.get("duration")) {
    const auto duration = parse_samples_or_duration(*text, own_rate);
    if (!duration) return tl::unexpected<Error>(duration.error());
    source.duration = *duration;
  }
  if (const auto text = device.get("loop")) {
    const auto is_looped = parse_yes_no(*text);
    if (!is_looped) return tl::unexpected<Error>(is_looped.error());
    source.is_looped = *is_looped;
  }
  return source;
}

Result<void> parse_transmit(const DeviceString& device, FileConfig& config)
{
  if (const auto text = device.get("format")) {
    const auto format = recording::parse_sample_format(*text);
    if (!format) return tl::unexpected<Error>(format.error());
    if (!recording::is_writable(*format)) {
      return fail(ErrorCode::unsupported, fmt::format("file radio: format={} is not written; choose cf32, ci16 or ci8", *text));
    }
    config.tx_format = *format;
  }
  if (const auto text = device.get("channels")) {
    const auto count = parse_channels(*text);
    if (!count) return tl::unexpected<Error>(count.error());
    config.num_tx_channels = *count;
  }
  return {};
}

}  // namespace

Result<SampleCount> parse_samples_or_duration(std::string_view text, SampleRate rate)
{
  if (const auto count = parse_integer(text)) {
    if (*count >= 0) return SampleCount(*count);
  } else if (const auto duration = parse_duration(text); duration && duration->count() >= 0) {
    return to_samples(*duration, rate);
  }
  return fail(ErrorCode::bad_input, fmt::format("'{}' is neither a number of samples nor a time such as 10ms", text));
}

Result<FileConfig> parse_file_config(const DeviceString& device)
{
  if (auto known = device.allow_only({"loop", "offset", "duration", "rate", "tx", "format", "channels", "pace"}); !known) {
    return tl::unexpected<Error>(known.error());
  }
  FileConfig config;
  config.tx = device.get("tx").value_or("");
  if (device.target.empty() && config.tx.empty()) {
    return fail(ErrorCode::bad_input, "file radio: name a recording to receive from, file:PATH, or one to make, file:tx=PATH");
  }
  if (!device.target.empty()) {
    auto source = parse_source(device);
    if (!source) return tl::unexpected<Error>(source.error());
    config.source = *std::move(source);
  }
  if (const auto text = device.get("rate")) {
    const auto rate = parse_sample_rate(*text);
    if (!rate) return tl::unexpected<Error>(rate.error());
    (config.source ? config.source->rate : config.tx_rate) = *rate;
  }
  if (const auto text = device.get("pace")) {
    const auto pace = parse_pace(*text);
    if (!pace) return tl::unexpected<Error>(pace.error());
    config.pace = *pace;
  }
  if (auto parsed = parse_transmit(device, config); !parsed) return tl::unexpected<Error>(parsed.error());
  return config;
}

}  // namespace ravi
