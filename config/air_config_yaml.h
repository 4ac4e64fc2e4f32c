#pragma once
// The emulated air's configuration as YAML: reading, printing, and the reference page.

#include "config/yaml_tree.h"
#include "radio/air/air_config.h"
#include "radio/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace ravi::config {

/// Reads a map of an air's keys, for loaders of files with more in them; faults are appended.
void read_air_config(const YamlNode& air, air::AirConfig& config, std::vector<Fault>& faults);

/// Reads `text`, an air's keys or a map of them under `air`; `name` stands before the line number of every fault. All faults are in one message, one a line:
/// "air.yaml:7: unknown key 'gian' (did you mean 'gain'?)".
[[nodiscard]] Result<air::AirConfig> parse_air_config(std::string_view text, std::string_view name);

/// Reads a file of at most 1 MiB.
[[nodiscard]] Result<air::AirConfig> load_air_config(const std::string& path);

/// YAML that `parse_air_config` reads back as the same configuration; what is at its default is left out.
[[nodiscard]] std::string to_yaml(const air::AirConfig& config);

/// Every key with its meaning, range, unit and default.
[[nodiscard]] std::string air_config_reference();

}  // namespace ravi::config
