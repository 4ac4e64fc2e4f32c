#pragma once
// What a search for radios answers with: one entry a device, ready to be opened.

#include <string>

namespace ravi {

struct FoundDevice {
  std::string device;       ///< the radio string that opens it, e.g. "uhd:type=b200,serial=31A2B4"
  std::string description;  ///< for people, e.g. "B210"
  std::string serial;       ///< empty: the device has none
};

}  // namespace ravi
