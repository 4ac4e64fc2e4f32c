#include "drivers/uhd/uhd_config.h"

#include "radio/quantity_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace ravi {
namespace {

const std::vector<std::string_view> kOurKeys = with_hardware_keys({"otw", "subdev_rx", "subdev_tx", "start", "lock_timeout"});

/// Keys of UHD that are near enough to ours to be taken for a misspelling.
const std::vector<std::string_view> kUhdKeys{"type", "addr", "name", "serial", "clock_source", "time_source"};

Result<void> take_words(const DeviceString& device, UhdConfig& config)
{
  config.otw = device.get("otw").value_or(config.otw);
  if (auto known = check_word(device, "otw", config.otw, {"sc16", "sc12", "sc8"}); !known) return known;
  const std::string start = device.get("start").value_or("now");
  if (auto known = check_word(device, "start", start, {"now", "pps"}); !known) return known;
  config.start = start == "pps" ? UhdStart::pps : UhdStart::now;
  config.subdev_rx = device.get("subdev_rx").value_or("");
  config.subdev_tx = device.get("subdev_tx").value_or("");
  return {};
}

Result<void> take_lock_timeout(const DeviceString& device, UhdConfig& config)
{
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
    if (auto known = refuse_misspelled(device, key, kOurKeys, kUhdKeys); !known) return known;
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
  if (auto taken = take_hardware_config(device, config); !taken) return tl::unexpected(taken.error());
  for (const auto& take : {take_words, take_lock_timeout, take_passed_on}) {
    if (auto taken = take(device, config); !taken) return tl::unexpected(taken.error());
  }
  return config;
}

}  // namespace ravi
