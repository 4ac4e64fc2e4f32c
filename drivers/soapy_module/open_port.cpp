#include "drivers/soapy_module/open_port.h"

#include "drivers/zmq/air_radio.h"
#include "drivers/zmq/handshake.h"
#include "drivers/zmq/zmq_radio.h"
#include "radio/device_string.h"
#include "radio/log.h"
#include "radio/quantity_text.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace ravi {
namespace {

std::string value_of(const PortArguments& arguments, const std::string& key, std::string_view otherwise = {})
{
  const auto found = arguments.find(key);
  return found == arguments.end() ? std::string(otherwise) : found->second;
}

/// Arguments that name a plain fronthaul instead of a node of a hub: tx_port, tx_port0, rx_port1, ...
bool is_plain(const PortArguments& arguments)
{
  for (const auto& [key, value] : arguments) {
    if (key.starts_with("tx_port") || key.starts_with("rx_port")) return true;
  }
  return false;
}

/// tx_port0=... of a SoapySDR program is tx0=... of a zmq radio.
DeviceString plain_radio(const PortArguments& arguments)
{
  DeviceString device{.driver = "zmq", .target = {}, .arguments = {}};
  for (const auto& [key, value] : arguments) {
    const bool is_port = key.starts_with("tx_port") || key.starts_with("rx_port");
    if (is_port) device.arguments[key.substr(0, 2) + key.substr(7)] = value;
    if (key == "format") device.arguments[key] = value;
  }
  return device;
}

Result<AirPortConfig> parse_timing(const PortArguments& arguments)
{
  AirPortConfig config;
  const std::string pace = value_of(arguments, "pace", "realtime");
  if (pace != "realtime" && pace != "free") {
    return fail(ErrorCode::bad_input, fmt::format("pace={} is unknown; it can be realtime or free", pace));
  }
  config.pace = pace == "free" ? AirPace::free : AirPace::realtime;
  const auto patience = parse_duration(value_of(arguments, "patience", "1 s"));
  if (!patience) return tl::unexpected(patience.error());
  if (*patience < std::chrono::nanoseconds(0) || *patience > std::chrono::hours(1)) {
    return fail(ErrorCode::bad_input, "patience= must lie between 0 s and 1 h");
  }
  config.patience = *patience;
  return config;
}

Result<std::unique_ptr<Radio>> open_plain(const PortArguments& arguments, SampleRate& rate)
{
  const auto wish = parse_sample_rate(value_of(arguments, "rate", "?"));
  if (!wish)
    return fail(ErrorCode::bad_input, "a plain fronthaul (tx_port=, rx_port=) also needs rate=, its sample rate");
  auto radio = open_zmq(plain_radio(arguments));
  if (!radio) return radio;
  const auto set = (*radio)->set_sample_rate(*wish);
  if (!set) return tl::unexpected(set.error());
  rate = *set;
  return radio;
}

/// The hub asked for; else the one of the environment, so that a program that knows nothing of hubs finds it.
std::string hub_of(const PortArguments& arguments)
{
  const char* environment = std::getenv("RAVI_AIR");
  return value_of(arguments, "hub", environment != nullptr && *environment != '\0' ? environment : kDefaultHub);
}

Result<std::unique_ptr<Radio>> open_node(const PortArguments& arguments, SampleRate& rate)
{
  const std::string node = value_of(arguments, "node");
  if (node.empty()) return fail(ErrorCode::bad_input, "which node of the air? Say node=NAME, or tx_port= and rx_port=");
  AirRadioConfig config{.node = node, .hub = hub_of(arguments), .interface = value_of(arguments, "interface")};
  const auto list = list_nodes(config.hub, std::chrono::milliseconds(1000));
  if (!list) return tl::unexpected(list.error());
  config.sample_rate = rate = list->sample_rate;
  auto radio = join_air(config);
  if (!radio) return tl::unexpected(radio.error());
  return std::unique_ptr<Radio>(std::move(*radio));
}

}  // namespace

std::vector<PortArguments> find_ports(const PortArguments& arguments)
{
  PortArguments found = arguments;
  found["driver"] = "ravi";
  if (is_plain(arguments)) {
    found["label"] = "Ravi fronthaul";
    return {std::move(found)};
  }
  const std::string hub = hub_of(arguments);
  const auto list = list_nodes(hub, std::chrono::milliseconds(200));
  if (!list) return {};
  const std::string wanted = value_of(arguments, "node");
  std::vector<PortArguments> ports;
  for (const ListedNode& node : list->nodes) {
    if (node.is_foreign || node.is_taken || (!wanted.empty() && node.name != wanted)) continue;
    found["hub"] = hub;
    found["node"] = node.name;
    found["label"] = fmt::format("Ravi air node {} at {}", node.name, to_text(list->sample_rate));
    ports.push_back(found);
  }
  return ports;
}

Result<OpenedPort> open_port(const PortArguments& arguments)
{
  auto config = parse_timing(arguments);
  if (!config) return tl::unexpected(config.error());
  auto radio = is_plain(arguments) ? open_plain(arguments, config->rate) : open_node(arguments, config->rate);
  if (!radio) return tl::unexpected(radio.error());
  const RadioDescription description = (*radio)->describe();
  config->num_rx_channels = description.receive.size();
  config->num_tx_channels = description.transmit.size();
  if (auto started = (*radio)->start(SampleTime(0)); !started) return tl::unexpected(started.error());
  OpenedPort opened{
      .port = std::make_unique<AirPort>(std::move(*radio), *config), .config = *config, .name = description.name};
  // A program that opens a device expects its time to run from then on.
  constexpr auto kLongestWait = std::chrono::seconds(1);
  if (!opened.port->await_air(kLongestWait)) {
    log_warning(fmt::format("{}: nobody at the other end yet; its time stands still until then", opened.name));
  }
  return opened;
}

}  // namespace ravi
