#include "apps/air_hub.h"

#include "apps/air_setup.h"

#include <fmt/format.h>

#include <utility>

namespace ravi::apps {
namespace {

/// The hub's end of one node's cable: it sends what the node receives, and receives what the node sends.
ZmqConfig cable_of(const air::NodeConfig& node, SampleRate rate, const std::string& interface)
{
  ZmqConfig cable{.role = ZmqRole::hub, .sample_rate = rate, .name = fmt::format("air, node {}", node.name)};
  cable.format = format_of(node);
  cable.tx = node.node_rx_endpoints;
  cable.rx = node.node_tx_endpoints;
  if (is_foreign(node)) return cable;
  cable.time = ZmqTime::of_hub;
  cable.tx.assign(node.num_rx_ports, fmt::format("tcp://{}:*", interface));
  cable.rx.assign(node.num_tx_ports, std::string());  // told by the handshake
  return cable;
}

}  // namespace

bool is_foreign(const air::NodeConfig& node)
{
  return !node.node_tx_endpoints.empty() || !node.node_rx_endpoints.empty();
}

ZmqFormat format_of(const air::NodeConfig& node)
{
  return node.format == air::CableFormat::sc16 ? ZmqFormat::sc16 : ZmqFormat::cf32;
}

Result<ZmqHub> open_zmq_hub(const air::AirConfig& config, const std::string& interface)
{
  auto emulator = make_emulator(config);
  if (!emulator) return tl::unexpected(emulator.error());
  std::vector<ZmqRadio*> radios;
  std::vector<air::HubEndpoint> endpoints;
  for (const air::NodeConfig& node : config.nodes) {
    auto radio = ZmqRadio::open(cable_of(node, config.sample_rate, interface));
    if (!radio) {
      return fail(radio.error().code, fmt::format("node '{}': {}", node.name, radio.error().message));
    }
    ZmqRadio* const end = radio->get();
    radios.push_back(end);
    endpoints.push_back({.radio = std::move(*radio),
                         .available = [end] { return end->available(); },
                         .realign = [end](SampleTime time) { end->realign(time); }});
  }
  auto hub = air::Hub::create(config, std::move(*emulator), std::move(endpoints));
  if (!hub) return tl::unexpected(hub.error());
  return ZmqHub{.hub = std::move(*hub), .radios = std::move(radios)};
}

}  // namespace ravi::apps
