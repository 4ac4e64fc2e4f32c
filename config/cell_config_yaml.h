#pragma once
// A cell's intent as YAML: the `cell:` map of a profile.

#include "config/yaml_tree.h"
#include "radio/result.h"
#include "stack/rrc/derive_cell.h"

#include <string>
#include <string_view>
#include <vector>

namespace ravi::config {

/// "n78" or "78", and "001-01" or "00101". What is wrong, for people; empty: nothing.
[[nodiscard]] std::string read_band(const std::string& text, unsigned& band);
[[nodiscard]] std::string read_plmn(const std::string& text, nr::Plmn& plmn);

/// Reads the map under `cell`; faults are appended. For loaders of files with more in them.
void read_cell_intent(const YamlNode& cell, rrc::CellIntent& intent, std::vector<Fault>& faults);

/// A text whose only key is `cell`. All faults are in one message, one a line, as of the other loaders; whether the intent can be is
/// rrc::derive_cell's to say.
[[nodiscard]] Result<rrc::CellIntent> parse_cell_config(std::string_view text, std::string_view name);
/// Reads a file of at most 1 MiB.
[[nodiscard]] Result<rrc::CellIntent> load_cell_config(const std::string& path);

/// Every key with its meaning, range, unit and default.
[[nodiscard]] std::string cell_config_reference();

}  // namespace ravi::config
