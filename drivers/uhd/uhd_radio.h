#pragma once
// USRPs (B2xx, X3xx, N3xx, X4xx) and whatever else UHD can open, as a Radio.

#include "radio/device_string.h"
#include "radio/found_device.h"
#include "radio/radio.h"
#include "radio/result.h"
#include "radio/transmit_permission.h"

#include <memory>
#include <vector>

namespace ravi {

/// Opens the device and locks its references. README.md lists the arguments. Without permission the transmitter is
/// never set up: `transmit` answers `disarmed`, transmit controls `refused`.
[[nodiscard]] Result<std::unique_ptr<Radio>> open_uhd(const DeviceString& device, TransmitPermission permission);

/// Devices UHD can find now; takes about a second. Devices that UHD would reach through SoapySDR are left to
/// list_soapy.
[[nodiscard]] std::vector<FoundDevice> list_uhd();

}  // namespace ravi
