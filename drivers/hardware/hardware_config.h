#pragma once
// What the radio strings of all hardware drivers have in common.

#include "radio/device_string.h"
#include "radio/result.h"
#include "radio/units.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ravi {

/// The common keys of one radio string, checked.
struct HardwareConfig {
  std::vector<std::size_t> channels{0};  ///< "channels=0:1" or "num_channels=2"
  std::optional<std::string> clock;      ///< clock source; none: as the device wakes up
  std::optional<std::string> time;       ///< time source
  std::string antenna_rx;                ///< empty: the device's default
  std::string antenna_tx;
  Hertz lo_offset{};         ///< for every tune that does not give its own
  bool can_transmit = true;  ///< "tx=no": the transmitter is not even looked at
};

/// The keys read by `take_hardware_config`, and a driver's own after them.
[[nodiscard]] std::vector<std::string_view> with_hardware_keys(std::vector<std::string_view> own);

[[nodiscard]] Result<void> take_hardware_config(const DeviceString& device, HardwareConfig& config);

/// Refuses a key that is none of `ours` but looks like a misspelling of one; `theirs` are usual keys of the device that
/// are near enough to ours to be taken for it.
[[nodiscard]] Result<void> refuse_misspelled(const DeviceString& device, std::string_view key, const std::vector<std::string_view>& ours,
                                             const std::vector<std::string_view>& theirs);

/// Refuses a value that is none of `known`.
[[nodiscard]] Result<void> check_word(const DeviceString& device, std::string_view key, std::string_view value,
                                      const std::vector<std::string_view>& known);

}  // namespace ravi
