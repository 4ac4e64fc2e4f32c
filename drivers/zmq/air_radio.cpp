#include "drivers/zmq/air_radio.h"

#include "drivers/zmq/handshake.h"
#include "radio/log.h"
#include "radio/quantity_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ravi {
namespace {

constexpr std::chrono::milliseconds kHubPatience{5000};  // a hub started a moment before, on a busy machine
constexpr std::chrono::milliseconds kWelcomePatience{1000};

constexpr std::string_view kLoopback = "127.0.0.1";

bool is_on_this_machine(const std::string& hub)
{
  return hub.starts_with("ipc://") || hub.find("//127.") != std::string::npos || hub.find("//localhost:") != std::string::npos ||
         hub.find("//[::1]") != std::string::npos;
}

/// The address that the node's transmit ports listen on.
Result<std::string> listening_interface(const AirRadioConfig& config)
{
  if (!config.interface.empty()) return config.interface;
  if (is_on_this_machine(config.hub)) return std::string(kLoopback);
  return fail(ErrorCode::bad_input,
              fmt::format("the hub {} is on another machine: say at which address of this one it can reach the node, e.g. "
                          "air:{}@{},interface=192.168.1.7",
                          config.hub, config.node, config.hub));
}

Result<ListedNode> find_node(const AirRadioConfig& config, const NodeList& list)
{
  std::vector<std::string_view> free;
  for (const ListedNode& node : list.nodes) {
    if (node.name == config.node && node.is_foreign) {
      return fail(ErrorCode::bad_input, fmt::format("node '{}' of the air is for a foreign program on plain ports; open them "
                                                    "with zmq:tx=...,rx=...",
                                                    node.name));
    }
    if (node.name == config.node) return node;
    if (!node.is_foreign && !node.is_taken) free.push_back(node.name);
  }
  return fail(ErrorCode::not_found, fmt::format("the air at {} has no node '{}'; free: {}", config.hub, config.node,
                                                free.empty() ? "none" : fmt::format("{}", fmt::join(free, ", "))));
}

/// The hub has gone, or was started anew: asks whether it takes the node back.
std::optional<ZmqSource> join_again(const std::string& hub, Hello hello, SampleTime earliest, const std::atomic<bool>& stop)
{
  hello.earliest = earliest;
  const auto welcome = say_hello(hub, hello, std::chrono::milliseconds(200), &stop);
  if (!welcome || welcome->sample_rate != hello.sample_rate) return std::nullopt;
  log_info(fmt::format("node {}: joins the air at {} again", hello.node, hub));
  return ZmqSource{.rx_endpoints = welcome->rx_endpoints, .format = welcome->format};
}

}  // namespace

Result<std::unique_ptr<ZmqRadio>> join_air(const AirRadioConfig& config)
{
  const auto interface = listening_interface(config);
  if (!interface) return tl::unexpected(interface.error());
  const auto list = list_nodes(config.hub, kHubPatience, config.stop);
  if (!list) return tl::unexpected(list.error());
  const auto node = find_node(config, *list);
  if (!node) return tl::unexpected(node.error());
  const SampleRate rate = config.sample_rate.hz() > 0 ? config.sample_rate : list->sample_rate;
  if (rate != list->sample_rate) {
    return fail(ErrorCode::bad_input, fmt::format("the air at {} runs at {}, not {}: set that rate, or none", config.hub,
                                                  to_text(list->sample_rate), to_text(rate)));
  }
  // The radio listens before the hub is told where; the hub's own ports are known only from its answer.
  ZmqConfig radio_config{.time = ZmqTime::of_hub, .sample_rate = rate, .ring_samples = config.ring_samples};
  radio_config.name = fmt::format("node {} of the air at {}", config.node, config.hub);
  radio_config.tx.assign(node->num_tx_ports, fmt::format("tcp://{}:*", *interface));
  radio_config.rx.assign(node->num_rx_ports, std::string());
  auto radio = ZmqRadio::open(radio_config);
  if (!radio) return radio;
  const Hello hello{.node = config.node,
                    .sample_rate = rate,
                    .center_frequency = config.center_frequency,
                    .num_rx_ports = node->num_rx_ports,
                    .tx_endpoints = (*radio)->tx_endpoints(),
                    .format = config.format,
                    .earliest = {}};
  const auto welcome = say_hello(config.hub, hello, kWelcomePatience, config.stop);
  if (!welcome) return tl::unexpected(welcome.error());
  if (welcome->rx_endpoints.size() != node->num_rx_ports) {
    return fail(ErrorCode::io, fmt::format("the hub at {} answered with {} endpoints for {} receive ports", config.hub,
                                           welcome->rx_endpoints.size(), node->num_rx_ports));
  }
  if (auto set = (*radio)->set_rx_endpoints(welcome->rx_endpoints, welcome->format); !set) {
    return tl::unexpected(set.error());
  }
  (*radio)->set_seek([hub = config.hub, hello](SampleTime earliest, const std::atomic<bool>& stop) {
    return join_again(hub, hello, earliest, stop);
  });
  return radio;
}

Result<std::unique_ptr<Radio>> open_air(const DeviceString& device, const std::atomic<bool>* stop)
{
  if (auto allowed = device.allow_only({"rate", "freq", "interface", "format", "ring"}); !allowed) {
    return tl::unexpected(allowed.error());
  }
  AirRadioConfig config;
  config.stop = stop;
  const std::size_t at = device.target.find('@');
  config.node = device.target.substr(0, at);
  if (at != std::string::npos) config.hub = device.target.substr(at + 1);
  if (config.node.empty()) {
    return fail(ErrorCode::bad_input, "air radio: which node? Write air:NAME@tcp://127.0.0.1:5550, e.g. air:a");
  }
  if (const auto text = device.get("rate")) {
    const auto rate = parse_sample_rate(*text);
    if (!rate) return tl::unexpected(rate.error());
    config.sample_rate = *rate;
  }
  if (const auto text = device.get("freq")) {
    const auto frequency = parse_frequency(*text);
    if (!frequency) return tl::unexpected(frequency.error());
    config.center_frequency = *frequency;
  }
  if (const auto text = device.get("format")) {
    const auto format = parse_zmq_format(*text);
    if (!format) return tl::unexpected(format.error());
    config.format = *format;
  }
  if (const auto text = device.get("ring")) {
    const auto samples = parse_integer(*text);
    constexpr std::int64_t kLargest = 1 << 26;
    if (!samples || *samples < 1024 || *samples > kLargest) {
      return fail(ErrorCode::bad_input, fmt::format("air radio: ring={}: must be 1024 to {} samples", *text, kLargest));
    }
    config.ring_samples = static_cast<std::size_t>(*samples);
  }
  config.interface = device.get("interface").value_or("");
  auto radio = join_air(config);
  if (!radio) return tl::unexpected(radio.error());
  return std::unique_ptr<Radio>(std::move(*radio));
}

}  // namespace ravi
