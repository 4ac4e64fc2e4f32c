#pragma once
// Any device with a SoapySDR module as a Radio.

#include "radio/device_string.h"
#include "radio/found_device.h"
#include "radio/radio.h"
#include "radio/result.h"
#include "radio/transmit_permission.h"

#include <memory>
#include <vector>

namespace ravi {

/// Opens the first device that matches. README.md lists the arguments. Without permission the transmitter is never set
/// up: `transmit` answers `disarmed`, transmit controls `refused`. A device without true time stamps only receives.
[[nodiscard]] Result<std::unique_ptr<Radio>> open_soapy(const DeviceString& device, TransmitPermission permission);

/// Devices SoapySDR can find now.
[[nodiscard]] std::vector<FoundDevice> list_soapy();

}  // namespace ravi
