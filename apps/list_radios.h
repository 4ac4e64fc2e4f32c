#pragma once
// Every radio that can be opened now, driver by driver.

#include "radio/found_device.h"

#include <string>
#include <vector>

namespace ravi::apps {

struct DriverListing {
  std::string name;         ///< the word before the colon
  std::string description;
  std::string if_none;      ///< what to tell the user when `devices` is empty
  bool is_available = true; ///< false: left out of this build
  std::vector<FoundDevice> devices;
};

/// Asks each driver; may take a few seconds where UHD looks through the network. `hub`: address of a `ravi air`.
[[nodiscard]] std::vector<DriverListing> list_radios(const std::string& hub);

}  // namespace ravi::apps
