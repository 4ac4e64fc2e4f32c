#include "drivers/soapy/soapy_config.h"

#include "radio/quantity_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace ravi {
namespace {

const std::vector<std::string_view> kOurKeys = with_hardware_keys({"format", "timestamps"});

/// Usual device keys that are near enough to ours to be taken for a misspelling.
const std::vector<std::string_view> kDeviceKeys{"driver", "type", "rx", "rate", "name", "serial", "label"};

Result<void> take_values(const DeviceString& device, SoapyConfig& config)
{
  config.format = device.get("format").value_or("");
  if (!config.format.empty()) {
    if (auto known = check_word(device, "format", config.format, {"CF32", "CS16", "CS8"}); !known) return known;
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
      if (auto known = refuse_misspelled(device, key, kOurKeys, kDeviceKeys); !known) return known;
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
  if (auto taken = take_hardware_config(device, config); !taken) return tl::unexpected(taken.error());
  for (const auto& take : {take_values, take_passed_on}) {
    if (auto taken = take(device, config); !taken) return tl::unexpected(taken.error());
  }
  return config;
}

}  // namespace ravi
