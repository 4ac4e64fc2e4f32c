// Looking for SoapySDR devices.

#include "drivers/soapy/soapy_log.h"
#include "drivers/soapy/soapy_radio.h"
#include "radio/log.h"

#include <fmt/format.h>
#include <SoapySDR/Device.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <string>

namespace ravi {
namespace {

/// Keys that tell one device from another of the same driver.
constexpr std::array kIdentity{"serial", "remote", "hub", "node", "uri", "index", "device_id"};

FoundDevice describe(const SoapySDR::Kwargs& args)
{
  const auto value = [&args](const std::string& key) {
    const auto at = args.find(key);
    return at == args.end() ? std::string() : at->second;
  };
  FoundDevice found;
  found.serial = value("serial");
  found.description = value("label").empty() ? value("driver") : value("label");
  found.device = fmt::format("soapy:driver={}", value("driver"));
  for (const char* key : kIdentity) {
    std::string text = value(key);
    if (text.empty()) continue;
    if (text.find(',') != std::string::npos) text = fmt::format("\"{}\"", text);
    found.device += fmt::format(",{}={}", key, text);
  }
  return found;
}

}  // namespace

std::vector<FoundDevice> list_soapy()
{
  std::vector<FoundDevice> found;
  try {
    send_soapy_log_to_ours();
    for (const SoapySDR::Kwargs& args : SoapySDR::Device::enumerate()) found.push_back(describe(args));
  } catch (const std::exception& error) {
    log_warning(fmt::format("soapy: looking for devices failed: {}", error.what()));
  }
  return found;
}

}  // namespace ravi
