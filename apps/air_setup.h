#pragma once
// From a configuration to a running emulated air within this process, and the radios of its nodes.

#include "radio/air/air_config.h"
#include "radio/air/emulator.h"
#include "radio/radio.h"
#include "radio/result.h"

#include <functional>
#include <memory>
#include <string>

namespace ravi::apps {

/// Two nodes, `a` and `b`, some hundred meters apart: path loss, delay, noise, and oscillators that differ a little.
[[nodiscard]] air::AirConfig two_node_air();

/// The emulator of a configuration; interferers' recordings are read, resampled to the air's rate and kept in memory (up
/// to 64 Mi samples each).
[[nodiscard]] Result<std::unique_ptr<air::Emulator>> make_emulator(const air::AirConfig& config);

/// How nodes reach the air.
enum class Fronthaul {
  loopback,  ///< within the process
  zmq,       ///< over ZeroMQ and a hub, as separate programs would
};

/// An air that runs until this is destroyed. `join(n)` gives the radio of the configuration's node n.
struct RunningAir {
  std::function<Result<std::unique_ptr<Radio>>(std::size_t)> join;
  std::shared_ptr<void> runs;  ///< what the air is made of
};

[[nodiscard]] Result<RunningAir> start_air(const air::AirConfig& config, Fronthaul fronthaul);

}  // namespace ravi::apps
