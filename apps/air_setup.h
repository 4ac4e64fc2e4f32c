#pragma once
// From a configuration to a running emulated air within this process, and the radios of its nodes.

#include "drivers/loopback/lockstep.h"
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

/// Nodes `gnb` and `ue`, or `ue0`, `ue1`, ..., that hear each other well, as two_node_air's do: path loss, delay, oscillators that
/// differ, and noise that the highest modulation stands.
[[nodiscard]] air::AirConfig clean_air(std::size_t num_ues);

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

/// `waiting`: of the loopback's radios.
[[nodiscard]] Result<RunningAir> start_air(const air::AirConfig& config, Fronthaul fronthaul, Waiting waiting = Waiting::blocks);

}  // namespace ravi::apps
