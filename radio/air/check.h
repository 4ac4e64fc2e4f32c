#pragma once
// Whether a configuration of the air makes sense.

#include "radio/air/air_config.h"

#include <string>
#include <vector>

namespace ravi::air {

/// Gains, ratios and levels lie between minus and plus this.
inline constexpr double kMaxDb = 200.0;

/// Every fault of a configuration, one sentence each; none: it can be run.
[[nodiscard]] std::vector<std::string> faults_of(const AirConfig& config);

/// Every fault of a step for that configuration's links.
[[nodiscard]] std::vector<std::string> faults_of(const StepConfig& step, const AirConfig& config);

/// The links of a configuration; where it names none: each node to each other one, port to same port, as they are.
[[nodiscard]] std::vector<LinkConfig> links_of(const AirConfig& config);

}  // namespace ravi::air
