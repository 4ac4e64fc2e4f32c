#pragma once
// The emulated air as a hub over ZeroMQ: what `ravi air` runs, and `ravi up --fronthaul zmq`.

#include "drivers/zmq/zmq_radio.h"
#include "radio/air/air_config.h"
#include "radio/air/hub.h"
#include "radio/result.h"

#include <memory>
#include <string>
#include <vector>

namespace ravi::apps {

/// The hub's ends of the cables are its ZmqRadios, one a node in the configuration's order; `hub` owns them.
struct ZmqHub {
  std::unique_ptr<air::Hub> hub;
  std::vector<ZmqRadio*> radios;
};

/// Whether a node speaks on plain ports, without a handshake.
[[nodiscard]] bool is_foreign(const air::NodeConfig& node);
/// What the configuration has for the samples on the node's cable.
[[nodiscard]] ZmqFormat format_of(const air::NodeConfig& node);

/// Opens the hub's end of every node's cable: a foreign node's endpoints as configured; for a Ravi node free ports of
/// `interface` (an address of this machine, or `*`), which the handshake gives out.
[[nodiscard]] Result<ZmqHub> open_zmq_hub(const air::AirConfig& config, const std::string& interface);

}  // namespace ravi::apps
