#include "apps/air_desk.h"

#include "radio/air/hub_command.h"
#include "radio/quantity_text.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <utility>

namespace ravi::apps {
namespace {

Result<void> check_ports(const air::NodeConfig& node, const Hello& hello)
{
  if (hello.tx_endpoints.size() == node.num_tx_ports && hello.num_rx_ports == node.num_rx_ports) return {};
  return fail(ErrorCode::bad_input,
              fmt::format("node '{}' has {} transmit and {} receive ports in this air, not {} and {}", node.name,
                          node.num_tx_ports, node.num_rx_ports, hello.tx_endpoints.size(), hello.num_rx_ports));
}

Result<void> check_frequencies(const air::AirConfig& config, const air::NodeConfig& node, const Hello& hello)
{
  if (hello.sample_rate.hz() != 0 && hello.sample_rate != config.sample_rate) {
    return fail(ErrorCode::bad_input, fmt::format("this air runs at {}, not {}", to_text(config.sample_rate),
                                                  to_text(hello.sample_rate)));
  }
  constexpr double kSame = 0.5;  // Hz
  if (node.center_frequency && hello.center_frequency &&
      std::abs((*node.center_frequency - *hello.center_frequency).value()) > kSame) {
    return fail(ErrorCode::bad_input, fmt::format("node '{}' of this air is at {}, not {}", node.name,
                                                  to_text(*node.center_frequency), to_text(*hello.center_frequency)));
  }
  return {};
}

}  // namespace

std::string interface_of(const std::string& endpoint)
{
  constexpr std::string_view kTcp = "tcp://";
  const std::size_t colon = endpoint.rfind(':');
  if (!endpoint.starts_with(kTcp) || colon <= kTcp.size()) return "127.0.0.1";
  return endpoint.substr(kTcp.size(), colon - kTcp.size());
}

Result<std::unique_ptr<AirDesk>> AirDesk::open(const air::AirConfig& config, ZmqHub& hub)
{
  auto server = HandshakeServer::open(config.listen);
  if (!server) return tl::unexpected(server.error());
  return std::unique_ptr<AirDesk>(new AirDesk(config, hub, std::move(*server)));
}

AirDesk::AirDesk(const air::AirConfig& config, ZmqHub& hub, std::unique_ptr<HandshakeServer> server)
  : config_(config), hub_(hub), server_(std::move(server))
{
  answers_.hello = [this](const Hello& hello) { return welcome(hello); };
  answers_.list = [this] { return list(); };
  answers_.command = [this](std::string_view text) { return air::execute(*hub_.hub, text); };
}

Result<Welcome> AirDesk::welcome(const Hello& hello)
{
  for (std::size_t n = 0; n < config_.nodes.size(); ++n) {
    const air::NodeConfig& node = config_.nodes[n];
    if (node.name != hello.node) continue;
    if (is_foreign(node)) {
      return fail(ErrorCode::bad_input, fmt::format("node '{}' of this air is for a foreign program on plain ports", node.name));
    }
    ZmqRadio& cable = *hub_.radios[n];
    if (cable.peer() == Peer::present) {
      return fail(ErrorCode::busy, fmt::format("node '{}' of this air is taken by another program", node.name));
    }
    if (auto fits = check_ports(node, hello); !fits) return tl::unexpected(fits.error());
    if (auto fits = check_frequencies(config_, node, hello); !fits) return tl::unexpected(fits.error());
    const ZmqFormat format = hello.format.value_or(format_of(node));
    if (auto set = cable.set_rx_endpoints(hello.tx_endpoints, format); !set) return tl::unexpected(set.error());
    hub_.hub->expect(n, hello.earliest);
    return Welcome{.sample_rate = config_.sample_rate, .format = format, .rx_endpoints = cable.tx_endpoints()};
  }
  return fail(ErrorCode::not_found, fmt::format("this air has no node '{}'", hello.node));
}

NodeList AirDesk::list() const
{
  NodeList list{.sample_rate = config_.sample_rate, .nodes = {}};
  for (std::size_t n = 0; n < config_.nodes.size(); ++n) {
    const air::NodeConfig& node = config_.nodes[n];
    list.nodes.push_back({.name = node.name,
                          .num_tx_ports = node.num_tx_ports,
                          .num_rx_ports = node.num_rx_ports,
                          .is_taken = hub_.radios[n]->peer() == Peer::present,
                          .is_foreign = is_foreign(node),
                          .center_frequency = node.center_frequency});
  }
  return list;
}

}  // namespace ravi::apps
