#include "drivers/uhd/uhd_config.h"

#include "radio/quantity_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace ravi {
namespace {

constexpr std::size_t kMostChannels = 16;

const std::vector<std::string_view> kOurKeys{"clock",    "time",         "otw",         "subdev_rx",  "subdev_tx",
                                             "channels", "num_channels", "antenna_rx",  "antenna_tx", "lo_offset",
                                             "start",    "tx",           "lock_timeout"};

/// Keys of UHD that are near enough to ours to be taken for a misspelling.
const std::vector<std::string_view> kUhdKeys{"type", "addr", "name", "serial", "clock_source", "time_source"};

Result<std::vector<std::size_t>> parse_channels(std::string_view text)
{
  std::vector<std::size_t> channels;
  while (true) {
    const std::size_t colon = text.find(':');
    const auto index = parse_integer(text.substr(0, colon));
    const bool is_index = index && *index >= 0 && *index < static_cast<std::int64_t>(kMostChannels);
    if (!is_index || std::count(channels.begin(), channels.end(), static_cast<std::size_t>(*index)) != 0) {
      return fail(ErrorCode::bad_input,
                  fmt::format("uhd radio: channels= needs different numbers from 0 to {} separated by colons, like 0:1",
                              kMostChannels - 1));
    }
    channels.push_back(static_cast<std::size_t>(*index));
    if (colon == std::string_view::npos) return channels;
    text.remove_prefix(colon + 1);
  }
}

Result<std::vector<std::size_t>> parse_num_channels(std::string_view text)
{
  const auto count = parse_integer(text);
  if (!count || *count < 1 || *count > static_cast<std::int64_t>(kMostChannels)) {
    return fail(ErrorCode::bad_input,
                fmt::format("uhd radio: num_channels={} is not a number from 1 to {}", text, kMostChannels));
  }
  std::vector<std::size_t> channels(static_cast<std::size_t>(*count));
  for (std::size_t i = 0; i < channels.size(); ++i) channels[i] = i;
  return channels;
}

Result<void> check_word(std::string_view key, std::string_view value, const std::vector<std::string_view>& known)
{
  if (std::find(known.begin(), known.end(), value) != known.end()) return {};
  return fail(ErrorCode::bad_input,
              fmt::format("uhd radio: {}={} is unknown; it can be {}", key, value, fmt::join(known, ", ")));
}

Result<void> take_channels(const DeviceString& device, UhdConfig& config)
{
  const auto list = device.get("channels");
  const auto count = device.get("num_channels");
  if (list && count) {
    return fail(ErrorCode::bad_input, "uhd radio: give channels= or num_channels=, not both");
  }
  if (!list && !count) return {};
  auto channels = list ? parse_channels(*list) : parse_num_channels(*count);
  if (!channels) return tl::unexpected(channels.error());
  config.channels = std::move(*channels);
  return {};
}

Result<void> take_words(const DeviceString& device, UhdConfig& config)
{
  config.clock = device.get("clock");
  config.time = device.get("time");
  config.otw = device.get("otw").value_or(config.otw);
  if (auto known = check_word("otw", config.otw, {"sc16", "sc12", "sc8"}); !known) return known;
  const std::string start = device.get("start").value_or("now");
  if (auto known = check_word("start", start, {"now", "pps"}); !known) return known;
  config.start = start == "pps" ? UhdStart::pps : UhdStart::now;
  config.subdev_rx = device.get("subdev_rx").value_or("");
  config.subdev_tx = device.get("subdev_tx").value_or("");
  config.antenna_rx = device.get("antenna_rx").value_or("");
  config.antenna_tx = device.get("antenna_tx").value_or("");
  return {};
}

Result<void> take_quantities(const DeviceString& device, UhdConfig& config)
{
  if (const auto text = device.get("tx")) {
    const auto yes = parse_yes_no(*text);
    if (!yes) return tl::unexpected(yes.error());
    config.can_transmit = *yes;
  }
  if (const auto text = device.get("lo_offset")) {
    const auto offset = parse_frequency(*text);
    if (!offset) return tl::unexpected(offset.error());
    config.lo_offset = *offset;
  }
  if (const auto text = device.get("lock_timeout")) {
    const auto timeout = parse_duration(*text);
    if (!timeout) return tl::unexpected(timeout.error());
    if (*timeout < std::chrono::nanoseconds(0) || *timeout > std::chrono::hours(1)) {
      return fail(ErrorCode::bad_input, "uhd radio: lock_timeout= must lie between 0 s and 1 h");
    }
    config.lock_timeout = *timeout;
  }
  return {};
}

/// UHD reads a plain number where we allow "30.72 MHz".
Result<std::string> value_for_uhd(const std::string& key, const std::string& value)
{
  if (key != "master_clock_rate") return value;
  const auto rate = parse_frequency(value);
  if (!rate) return tl::unexpected(rate.error());
  if (rate->value() <= 0) return fail(ErrorCode::bad_input, "uhd radio: master_clock_rate= must be above 0");
  return fmt::format("{:.17g}", rate->value());
}

Result<void> take_passed_on(const DeviceString& device, UhdConfig& config)
{
  constexpr std::string_view kStream = "stream.";
  for (const auto& [key, value] : device.arguments) {
    if (std::find(kOurKeys.begin(), kOurKeys.end(), key) != kOurKeys.end()) continue;
    if (key.starts_with(kStream)) {
      config.stream_args[key.substr(kStream.size())] = value;
      continue;
    }
    const bool is_uhd = std::find(kUhdKeys.begin(), kUhdKeys.end(), key) != kUhdKeys.end();
    if (const auto nearest = nearest_word(key, kOurKeys); nearest && !is_uhd) {
      return fail(ErrorCode::bad_input,
                  fmt::format("uhd radio: unknown argument '{}' (did you mean '{}'?)", key, *nearest));
    }
    auto passed = value_for_uhd(key, value);
    if (!passed) return tl::unexpected(passed.error());
    config.device_args += fmt::format("{}{}={}", config.device_args.empty() ? "" : ",", key, *passed);
  }
  return {};
}

}  // namespace

Result<UhdConfig> parse_uhd(const DeviceString& device)
{
  if (!device.target.empty()) {
    return fail(ErrorCode::bad_input,
                fmt::format("uhd radio: '{}' is not KEY=VALUE; a USRP is named by arguments such as "
                            "type=b200 or addr=192.168.10.2",
                            device.target));
  }
  UhdConfig config;
  for (const auto& take : {take_channels, take_words, take_quantities, take_passed_on}) {
    if (auto taken = take(device, config); !taken) return tl::unexpected(taken.error());
  }
  return config;
}

}  // namespace ravi
