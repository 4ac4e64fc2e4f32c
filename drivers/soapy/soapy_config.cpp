#include "drivers/soapy/soapy_config.h"

#include "radio/quantity_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace ravi {
namespace {

constexpr std::size_t kMostChannels = 16;

const std::vector<std::string_view> kOurKeys{"channels",   "num_channels", "clock",     "time", "antenna_rx",
                                             "antenna_tx", "format",       "lo_offset", "tx",   "timestamps"};

/// Usual device keys that are near enough to ours to be taken for a misspelling.
const std::vector<std::string_view> kDeviceKeys{"driver", "type", "rx", "rate", "name", "serial", "label"};

Result<std::vector<std::size_t>> parse_channels(std::string_view text)
{
  std::vector<std::size_t> channels;
  while (true) {
    const std::size_t colon = text.find(':');
    const auto index = parse_integer(text.substr(0, colon));
    const bool is_index = index && *index >= 0 && *index < static_cast<std::int64_t>(kMostChannels);
    if (!is_index || std::count(channels.begin(), channels.end(), static_cast<std::size_t>(*index)) != 0) {
      return fail(
          ErrorCode::bad_input,
          fmt::format("soapy radio: channels= needs different numbers from 0 to {} separated by colons, like 0:1",
                      kMostChannels - 1));
    }
    channels.push_back(static_cast<std::size_t>(*index));
    if (colon == std::string_view::npos) return channels;
    text.remove_prefix(colon + 1);
  }
}

Result<void> take_channels(const DeviceString& device, SoapyConfig& config)
{
  const auto list = device.get("channels");
  const auto count = device.get("num_channels");
  if (list && count) return fail(ErrorCode::bad_input, "soapy radio: give channels= or num_channels=, not both");
  if (list) {
    auto channels = parse_channels(*list);
    if (!channels) return tl::unexpected(channels.error());
    config.channels = std::move(*channels);
  }
  if (!count) return {};
  const auto number = parse_integer(*count);
  if (!number || *number < 1 || *number > static_cast<std::int64_t>(kMostChannels)) {
    return fail(ErrorCode::bad_input,
                fmt::format("soapy radio: num_channels={} is not a number from 1 to {}", *count, kMostChannels));
  }
  config.channels.resize(static_cast<std::size_t>(*number));
  for (std::size_t i = 0; i < config.channels.size(); ++i) config.channels[i] = i;
  return {};
}

Result<void> take_values(const DeviceString& device, SoapyConfig& config)
{
  config.clock = device.get("clock");
  config.time = device.get("time");
  config.antenna_rx = device.get("antenna_rx").value_or("");
  config.antenna_tx = device.get("antenna_tx").value_or("");
  config.format = device.get("format").value_or("");
  if (!config.format.empty() && config.format != "CF32" && config.format != "CS16" && config.format != "CS8") {
    return fail(ErrorCode::bad_input,
                fmt::format("soapy radio: format={} is unknown; it can be CF32, CS16, CS8", config.format));
  }
  if (const auto text = device.get("lo_offset")) {
    const auto offset = parse_frequency(*text);
    if (!offset) return tl::unexpected(offset.error());
    config.lo_offset = *offset;
  }
  if (const auto text = device.get("tx")) {
    const auto yes = parse_yes_no(*text);
    if (!yes) return tl::unexpected(yes.error());
    config.can_transmit = *yes;
  }
  if (const auto text = device.get("timestamps")) {
    const auto yes = parse_yes_no(*text);
    if (!yes) return tl::unexpected(yes.error());
    config.has_timestamps = *yes;
  }
  return {};
}

Result<void> take_passed_on(const DeviceString& device, SoapyConfig& config)
{
  constexpr std::string_view kSetting = "setting.";
  constexpr std::string_view kStream = "stream.";
  constexpr std::string_view kRemote = "remote.";
  for (const auto& [key, value] : device.arguments) {
    if (std::find(kOurKeys.begin(), kOurKeys.end(), key) != kOurKeys.end()) continue;
    if (key.starts_with(kSetting)) {
      config.settings[key.substr(kSetting.size())] = value;
    } else if (key.starts_with(kStream)) {
      config.stream_args[key.substr(kStream.size())] = value;
    } else if (key.starts_with(kRemote)) {
      config.device_args["remote:" + key.substr(kRemote.size())] = value;  // a radio string's keys hold no colon
    } else {
      const bool is_usual = std::find(kDeviceKeys.begin(), kDeviceKeys.end(), key) != kDeviceKeys.end();
      if (const auto nearest = nearest_word(key, kOurKeys); nearest && !is_usual) {
        return fail(ErrorCode::bad_input,
                    fmt::format("soapy radio: unknown argument '{}' (did you mean '{}'?)", key, *nearest));
      }
      config.device_args[key] = value;
    }
  }
  return {};
}

}  // namespace

Result<SoapyConfig> parse_soapy(const DeviceString& device)
{
  if (!device.target.empty()) {
    return fail(ErrorCode::bad_input,
                fmt::format("soapy radio: '{}' is not KEY=VALUE; a device is named by arguments such as "
                            "driver=lime",
                            device.target));
  }
  SoapyConfig config;
  for (const auto& take : {take_channels, take_values, take_passed_on}) {
    if (auto taken = take(device, config); !taken) return tl::unexpected(taken.error());
  }
  return config;
}

}  // namespace ravi
