#pragma once
// The tables of `air::AirConfig` and its parts. A new parameter is one line in its struct and one here.

#include "config/table.h"
#include "radio/air/air_config.h"

namespace ravi::config {

[[nodiscard]] const Table<air::NodeConfig>& node_table();
[[nodiscard]] const Table<air::FadingConfig>& fading_table();
[[nodiscard]] const Table<air::LinkConfig>& link_table();
[[nodiscard]] const Table<air::InterfererConfig>& interferer_table();
[[nodiscard]] const Table<air::FaultConfig>& fault_table();
[[nodiscard]] const Table<air::StepConfig>& step_table();
[[nodiscard]] const Table<air::AirConfig>& air_table();

}  // namespace ravi::config
