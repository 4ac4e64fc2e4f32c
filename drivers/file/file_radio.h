#pragma once
// The file driver: a SigMF recording as a radio that receives, and one that is made by what is transmitted.

#include "radio/device_string.h"
#include "radio/radio.h"
#include "radio/result.h"

#include <memory>

namespace ravi {

/// `file:PATH,loop=yes,offset=SAMPLES,duration=10ms,rate=23.04MHz,tx=PATH,format=ci16,channels=1,pace=realtime`; see
/// drivers/file/README.md. At least one of PATH (received from) and tx= (made anew by `start`) is given.
[[nodiscard]] Result<std::unique_ptr<Radio>> open_file(const DeviceString& device);

}  // namespace ravi
