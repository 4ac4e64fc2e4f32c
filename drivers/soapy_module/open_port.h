#pragma once
// From the arguments of a SoapySDR program to a port of the emulated air.

#include "drivers/soapy_module/air_port.h"
#include "radio/result.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ravi {

using PortArguments = std::map<std::string, std::string>;

/// Ports that can be opened now, each as the arguments that open it. Answers within 300 ms; empty where there is no
/// hub.
[[nodiscard]] std::vector<PortArguments> find_ports(const PortArguments& arguments);

/// An opened port, running.
struct OpenedPort {
  std::unique_ptr<AirPort> port;
  AirPortConfig config;
  std::string name;  ///< for people
};

[[nodiscard]] Result<OpenedPort> open_port(const PortArguments& arguments);

}  // namespace ravi
