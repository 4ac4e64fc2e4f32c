#pragma once
// The argument string of a SoapySDR device: which keys are ours, which are handed to the device.

#include "drivers/hardware/hardware_config.h"
#include "radio/device_string.h"
#include "radio/result.h"

#include <map>
#include <optional>
#include <string>

namespace ravi {

/// One radio string, checked; see README.md for each key.
struct SoapyConfig : HardwareConfig {
  std::map<std::string, std::string> device_args;  ///< for SoapySDR's make
  std::map<std::string, std::string> stream_args;  ///< "stream.KEY=value": for setupStream
  std::map<std::string, std::string> settings;     ///< "setting.NAME=value": for writeSetting
  std::string format;                  ///< CF32, CS16 or CS8; empty: the table's or the device's native one
  std::optional<bool> has_timestamps;  ///< "timestamps=yes|no": overrules the table
};

/// Keys that are not ours pass through to the device, except those that look like a misspelling of ours.
[[nodiscard]] Result<SoapyConfig> parse_soapy(const DeviceString& device);

}  // namespace ravi
