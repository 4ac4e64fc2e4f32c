#include "radio/device_string.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ravi {
namespace {

bool is_word(std::string_view text)
{
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
}

/// The text up to the next comma outside double quotes; removes it and the comma from `rest`.
std::string take_part(std::string_view& rest)
{
  std::string part;
  bool is_quoted = false;
  std::size_t at = 0;
  for (; at < rest.size() && (is_quoted || rest[at] != ','); ++at) {
    if (rest[at] == '"') {
      is_quoted = !is_quoted;
    } else {
      part += rest[at];
    }
  }
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return part;
}

std::size_t edit_distance(std::string_view a, std::string_view b)
{
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

/// Adds one part of the argument list; empty parts are the caller's to skip.
Result<void> add_part(DeviceString& device, const std::string& part, std::string_view whole)
{
  const std::size_t equals = part.find('=');
  const std::string key = part.substr(0, equals);
  // "tcp://host:1?x=y" before any "key=" is a target, so the text before '=' must look like a key.
  if (equals == std::string::npos || !is_word(key)) {
    if (equals == 0) return fail(ErrorCode::bad_input, fmt::format("radio string '{}': a value without a key", whole));
    if (!device.target.empty()) {
      return fail(ErrorCode::bad_input,
                  fmt::format("radio string '{}': '{}' is not KEY=VALUE and '{}' is already what it opens", whole, part,
                              device.target));
    }
    device.target = part;
    return {};
  }
  if (!device.arguments.emplace(key, part.substr(equals + 1)).second) {
    return fail(ErrorCode::bad_input, fmt::format("radio string '{}': '{}' is given twice", whole, key));
  }
  return {};
}

}  // namespace

std::optional<std::string> DeviceString::get(std::string_view key) const
{
  const auto found = arguments.find(key);
  if (found == arguments.end()) return std::nullopt;
  return found->second;
}

Result<void> DeviceString::allow_only(const std::vector<std::string_view>& known) const
{
  for (const auto& [key, value] : arguments) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const auto nearest = nearest_word(key, known);
    return fail(ErrorCode::bad_input,
                fmt::format("{} radio: unknown argument '{}'{}; it knows: {}", driver, key,
                            nearest ? fmt::format(" (did you mean '{}'?)", *nearest) : "", fmt::join(known, ", ")));
  }
  return {};
}

Result<DeviceString> parse_device_string(std::string_view text)
{
  constexpr std::size_t kLongest = 4096;
  if (text.size() > kLongest) return fail(ErrorCode::bad_input, "radio string longer than 4096 characters");
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
    return fail(ErrorCode::bad_input, "radio string holds a control character");
  }
  DeviceString device;
  const std::size_t colon = text.find(':');
  device.driver = std::string(text.substr(0, colon));
  const bool is_driver = !device.driver.empty() && std::all_of(device.driver.begin(), device.driver.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!is_driver) {
    return fail(ErrorCode::bad_input,
                fmt::format("'{}' does not begin with a driver; a radio is named DRIVER:key=value,key=value, for example "
                            "uhd:type=b200 or air:ue1@tcp://127.0.0.1:5550",
                            text));
  }
  std::string_view rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  if (std::count(rest.begin(), rest.end(), '"') % 2 != 0) {
    return fail(ErrorCode::bad_input, fmt::format("radio string '{}': a double quote is not closed", text));
  }
  while (!rest.empty()) {
    const std::string part = take_part(rest);
    if (part.empty()) continue;
    if (auto added = add_part(device, part, text); !added) return tl::unexpected(added.error());
  }
  return device;
}

std::optional<std::string_view> nearest_word(std::string_view word, const std::vector<std::string_view>& known)
{
  std::optional<std::string_view> nearest;
  std::size_t fewest = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    const std::size_t edits = edit_distance(word, candidate);
    if (edits < fewest) {
      fewest = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace ravi
