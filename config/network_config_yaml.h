#pragma once
// A network's configuration as YAML.

#include "config/network_config.h"
#include "radio/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace ravi::config {

/// Reads `text`; `name` stands before the line number of every fault, as in the other loaders; all faults are in one message.
/// `settings`: "cell.bandwidth=40 MHz" and the like, each in place of what the text says.
[[nodiscard]] Result<NetworkConfig> parse_network_config(std::string_view text, std::string_view name,
                                                         const std::vector<std::string>& settings = {});
/// Reads a file of at most 1 MiB.
[[nodiscard]] Result<NetworkConfig> load_network_config(const std::string& path, const std::vector<std::string>& settings = {});

/// Every key with its meaning, range, unit and default.
[[nodiscard]] std::string network_config_reference();

}  // namespace ravi::config
