// Looking for USRPs.

#include "drivers/uhd/uhd_log.h"
#include "drivers/uhd/uhd_radio.h"
#include "radio/log.h"

#include <fmt/format.h>
#include <uhd/device.hpp>

#include <exception>
#include <string>

namespace ravi {
namespace {

FoundDevice describe(const uhd::device_addr_t& address)
{
  FoundDevice found;
  const std::string type = address.get("type", "");
  const std::string product = address.get("product", type);
  found.serial = address.get("serial", "");
  const std::string name = address.get("name", "");
  found.description = fmt::format("{}{}", product, name.empty() ? "" : fmt::format(" '{}'", name));
  found.device = fmt::format("uhd:type={}", type);
  // A network device is found again by its address, one on USB by its serial number.
  if (address.has_key("addr")) {
    found.device += fmt::format(",addr={}", address.get("addr"));
  } else if (!found.serial.empty()) {
    found.device += fmt::format(",serial={}", found.serial);
  }
  return found;
}

}  // namespace

std::vector<FoundDevice> list_uhd()
{
  std::vector<FoundDevice> found;
  try {
    send_uhd_log_to_ours();
    for (const uhd::device_addr_t& address : uhd::device::find(uhd::device_addr_t(""), uhd::device::USRP)) {
      if (address.get("type", "") != "soapy") found.push_back(describe(address));
    }
  } catch (const std::exception& error) {
    log_warning(fmt::format("uhd: looking for devices failed: {}", error.what()));
  }
  return found;
}

}  // namespace ravi
