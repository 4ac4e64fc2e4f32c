#include "drivers/hardware/hardware_config.h"

#include "radio/quantity_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace ravi {
namespace {

constexpr std::size_t kMostChannels = 16;

bool has(const std::vector<std::string_view>& words, std::string_view word) { return std::find(words.begin(), words.end(), word) != words.end(); }

Result<std::vector<std::size_t>> parse_channels(const std::string& driver, std::string_view text)
{
  std::vector<std::size_t> channels;
  while (true) {
    const std::size_t colon = text.find(':');
    const auto index = parse_integer(text.substr(0, colon));
    const bool is_index = index && *index >= 0 && *index < static_cast<std::int64_t>(kMostChannels);
    if (!is_index || std::count(channels.begin(), channels.end(), static_cast<std::size_t>(*index)) != 0) {
      return fail(ErrorCode::bad_input, fmt::format("{} radio: channels= needs different numbers from 0 to {} separated by colons, like 0:1",
                                                    driver, kMostChannels - 1));
    }
    channels.push_back(static_cast<std::size_t>(*index));
    if (colon == std::string_view::npos) return channels;
    text.remove_prefix(colon + 1);
  }
}

Result<std::vector<std::size_t>> parse_num_channels(const std::string& driver, std::string_view text)
{
  const auto count = parse_integer(text);
  if (!count || *count < 1 || *count > static_cast<std::int64_t>(kMostChannels)) {
    return fail(ErrorCode::bad_input, fmt::format("{} radio: num_channels={} is not a number from 1 to {}", driver, text, kMostChannels));
  }
  std::vector<std::size_t> channels(static_cast<std::size_t>(*count));
  for (std::size_t i = 0; i < channels.size(); ++i) channels[i] = i;
  return channels;
}

Result<void> take_channels(const DeviceString& device, HardwareConfig& config)
{
  const auto list = device.get("channels");
  const auto count = device.get("num_channels");
  if (list && count) {
    return fail(ErrorCode::bad_input, fmt::format("{} radio: give channels= or num_channels=, not both", device.driver));
  }
  if (!list && !count) return {};
  auto channels = list ? parse_channels(device.driver, *list) : parse_num_channels(device.driver, *count);
  if (!channels) return tl::unexpected(channels.error());
  config.channels = std::move(*channels);
  return {};
}

}  // namespace

std::vector<std::string_view> with_hardware_keys(std::vector<std::string_view> own)
{
  own.insert(own.begin(), {"channels", "num_channels", "clock", "time", "antenna_rx", "antenna_tx", "lo_offset", "tx"});
  return own;
}

Result<void> take_hardware_config(const DeviceString& device, HardwareConfig& config)
{
  if (auto taken = take_channels(device, config); !taken) return taken;
  config.clock = device.get("clock");
  config.time = device.get("time");
  config.antenna_rx = device.get("antenna_rx").value_or("");
  config.antenna_tx = device.get("antenna_tx").value_or("");
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
  return {};
}

Result<void> refuse_misspelled(const DeviceString& device, std::string_view key, const std::vector<std::string_view>& ours,
                               const std::vector<std::string_view>& theirs)
{
  const auto nearest = nearest_word(key, ours);
  if (!nearest || has(ours, key) || has(theirs, key)) return {};
  return fail(ErrorCode::bad_input, fmt::format("{} radio: unknown argument '{}' (did you mean '{}'?)", device.driver, key, *nearest));
}

Result<void> check_word(const DeviceString& device, std::string_view key, std::string_view value, const std::vector<std::string_view>& known)
{
  if (has(known, value)) return {};
  return fail(ErrorCode::bad_input, fmt::format("{} radio: {}={} is unknown; it can be {}", device.driver, key, value, fmt::join(known, ", ")));
}

}  // namespace ravi
