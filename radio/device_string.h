#pragma once
// The one string that names a radio everywhere: `DRIVER:key=value,key=value`.

#include "radio/result.h"
#include "radio/units.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ravi {

/// A parsed radio string. `uhd:type=b200,clock=gpsdo` has driver "uhd" and two arguments; a part without `=` is the
/// target (`air:ue1@tcp://127.0.0.1:5550`, `file:capture.sigmf-meta,loop=yes`).
struct DeviceString {
  std::string driver;
  std::string target;
  std::map<std::string, std::string, std::less<>> arguments;

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const;
  /// Fails (`bad_input`) when an argument is not in `known`: names it, and the nearest known one.
  [[nodiscard]] Result<void> allow_only(const std::vector<std::string_view>& known) const;
};

/// Refuses: a driver that is empty or has characters other than [a-z0-9_], a key given twice, an empty key, a second
/// target. A value may hold any character but a comma; wrapped in double quotes it may hold commas too.
[[nodiscard]] Result<DeviceString> parse_device_string(std::string_view text);

/// The word of `known` that needs the fewest edits to become `word`, if that is at most a third of its length.
[[nodiscard]] std::optional<std::string_view> nearest_word(std::string_view word,
                                                           const std::vector<std::string_view>& known);

}  // namespace ravi
