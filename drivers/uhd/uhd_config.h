#pragma once
// The argument string of a USRP: which keys are ours, which are handed to UHD.

#include "drivers/hardware/hardware_config.h"
#include "radio/device_string.h"
#include "radio/result.h"

#include <chrono>
#include <map>
#include <string>

namespace ravi {

/// When `start` begins the stream: shortly, or at the next whole second of a PPS signal (so that several radios on one
/// PPS have the same time axis).
enum class UhdStart { now, pps };

/// One radio string, checked; see README.md for each key.
struct UhdConfig : HardwareConfig {
  std::string device_args;                         ///< for UHD: "type=b200,master_clock_rate=30720000"
  std::map<std::string, std::string> stream_args;  ///< for UHD's streamers: keys given as "stream.KEY"
  std::string otw = "sc16";                        ///< sample format between host and device: sc16, sc12, sc8
  std::string subdev_rx;                           ///< frontend selection, e.g. "A:A A:B"; empty: the device's default
  std::string subdev_tx;
  UhdStart start = UhdStart::now;
  std::chrono::nanoseconds lock_timeout = std::chrono::seconds(10);
};

/// Keys that are not ours pass through to UHD, except those that look like a misspelling of ours.
[[nodiscard]] Result<UhdConfig> parse_uhd(const DeviceString& device);

}  // namespace ravi
