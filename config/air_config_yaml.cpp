#include "config/air_config_yaml.h"

#include "config/air_config_tables.h"
#include "config/table.h"
#include "config/yaml_tree.h"
#include "radio/air/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <set>
#include <vector>

namespace ravi::config {
namespace {

using namespace ravi::air;

constexpr std::size_t kMostBytes = 1 << 20;

bool is_name(std::string_view text)
{
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), is_allowed);
}

/// What one field alone cannot tell: names that refer to each other, ports that exist, endpoints used twice.
class CrossCheck {
public:
  CrossCheck(const YamlNode& root, AirConfig& config, Faults& faults) : root_(root), config_(config), faults_(faults) {}

  void check()
  {
    check_nodes();
    for (std::size_t i = 0; i < config_.links.size(); ++i) {
      const LinkConfig& link = config_.links[i];
      check_ports(entry("links", i), link.from, link.from_port, link.to, link.to_port);
    }
    for (std::size_t i = 0; i < config_.interferers.size(); ++i) {
      const InterfererConfig& interferer = config_.interferers[i];
      const YamlNode& at = entry("interferers", i);
      check_receiver(at, interferer.to, interferer.to_port);
      if (interferer.kind == InterfererKind::recording && interferer.file.empty()) {
        faults_.push_back({at.line, "an interferer of kind 'recording' needs a 'file'"});
      }
      if (interferer.stop && *interferer.stop <= interferer.start) {
        faults_.push_back({at.line, "the interferer's 'stop' is not after its 'start'"});
      }
    }
    for (std::size_t i = 0; i < config_.faults.size(); ++i) {
      const YamlNode& at = entry("faults", i);
      check_sender(at, config_.faults[i].from, config_.faults[i].from_port);
      if (at.find("probability") == nullptr && at.find("at") == nullptr) {
        faults_.push_back({at.line, "a fault needs a 'probability' or 'at' (an instant)"});
      }
    }
    for (std::size_t i = 0; i < config_.steps.size(); ++i) {
      const StepConfig& step = config_.steps[i];
      const YamlNode& at = entry("steps", i);
      check_ports(at, step.from, step.from_port, step.to, step.to_port);
      if (!step.gain && !step.snr && !step.cfo && !step.delay) {
        faults_.push_back({at.line, "the step changes nothing: give gain, snr, cfo or delay"});
      }
    }
  }

private:
  [[nodiscard]] const YamlNode& entry(std::string_view list, std::size_t index) const
  {
    return root_.find(list)->children[index];
  }

  void check_nodes()
  {
    std::set<std::string> endpoints;
    for (std::size_t i = 0; i < config_.nodes.size(); ++i) {
      NodeConfig& node = config_.nodes[i];
      const YamlNode& at = entry("nodes", i);
      if (!node.name.empty() && !is_name(node.name)) {
        faults_.push_back({at.line, fmt::format("node name '{}': up to 64 letters, digits, - and _ only", node.name)});
      }
      for (std::size_t other = 0; other < i; ++other) {
        if (config_.nodes[other].name == node.name) {
          faults_.push_back({at.line, fmt::format("node '{}' is there twice (first in line {})", node.name,
                                                  entry("nodes", other).line)});
        }
      }
      take_ports(at, "tx", node.node_tx_endpoints, node.num_tx_ports);
      take_ports(at, "rx", node.node_rx_endpoints, node.num_rx_ports);
      if (node.node_tx_endpoints.empty() != node.node_rx_endpoints.empty() &&
          (node.node_tx_endpoints.empty() ? node.num_tx_ports : node.num_rx_ports) > 0) {
        faults_.push_back({at.line, fmt::format("foreign node '{}' has endpoints for one direction only: give the other "
                                                "as well, or set its number of ports to 0", node.name)});
      }
      for (const auto* list : {&node.node_tx_endpoints, &node.node_rx_endpoints}) {
        for (const std::string& endpoint : *list) {
          if (!endpoints.insert(endpoint).second) {
            faults_.push_back({at.line, fmt::format("endpoint {} is used twice", endpoint)});
          }
        }
      }
    }
  }

  /// The number of ports is that of the endpoints, unless it is given as well: then they must agree.
  void take_ports(const YamlNode& at, std::string_view direction, const std::vector<std::string>& endpoints,
                  std::size_t& num_ports)
  {
    if (endpoints.empty()) return;
    const bool is_given = at.find(fmt::format("{}_ports", direction)) != nullptr;
    if (is_given && num_ports != endpoints.size()) {
      faults_.push_back({at.line, fmt::format("{0}_ports is {1} but there are {2} {0}_endpoints", direction, num_ports,
                                              endpoints.size())});
    } else if (endpoints.size() > 8) {
      faults_.push_back({at.line, fmt::format("{} {}_endpoints: a node has at most 8 ports", endpoints.size(), direction)});
    }
    num_ports = endpoints.size();
  }

  [[nodiscard]] const NodeConfig* find_node(const YamlNode& at, const std::string& name)
  {
    if (name.empty()) return nullptr;  // a missing key has been reported
    std::vector<std::string_view> names;
    for (const NodeConfig& node : config_.nodes) {
      if (node.name == name) return &node;
      if (!node.name.empty()) names.push_back(node.name);
    }
    faults_.push_back({at.line, fmt::format("there is no node '{}'{}; nodes are {}", name, suggestion(name, names),
                                            fmt::join(names, ", "))});
    return nullptr;
  }

  void check_sender(const YamlNode& at, const std::string& name, std::size_t port)
  {
    const NodeConfig* node = find_node(at, name);
    if (node != nullptr && port >= node->num_tx_ports) {
      faults_.push_back({at.line, fmt::format("node '{}' has no transmit port {}: it has {}", name, port, node->num_tx_ports)});
    }
  }

  void check_receiver(const YamlNode& at, const std::string& name, std::size_t port)
  {
    const NodeConfig* node = find_node(at, name);
    if (node != nullptr && port >= node->num_rx_ports) {
      faults_.push_back({at.line, fmt::format("node '{}' has no receive port {}: it has {}", name, port, node->num_rx_ports)});
    }
  }

  void check_ports(const YamlNode& at, const std::string& from, std::size_t from_port, const std::string& to,
                   std::size_t to_port)
  {
    check_sender(at, from, from_port);
    check_receiver(at, to, to_port);
  }

  const YamlNode& root_;
  AirConfig& config_;
  Faults& faults_;
};

std::string message_of(std::string_view name, Faults faults)
{
  constexpr std::size_t kMostShown = 50;
  std::stable_sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) { return a.line < b.line; });
  std::string message;
  for (std::size_t i = 0; i < std::min(faults.size(), kMostShown); ++i) {
    const std::string line = faults[i].line == 0 ? std::string() : fmt::format(":{}", faults[i].line);
    message += fmt::format("{}{}{}: {}", i == 0 ? "" : "\n", name, line, faults[i].message);
  }
  if (faults.size() > kMostShown) message += fmt::format("\n... and {} more", faults.size() - kMostShown);
  return message;
}

}  // namespace

void read_air_config(const YamlNode& air, AirConfig& config, std::vector<Fault>& faults)
{
  const std::size_t num_before = faults.size();
  read_map(air_table(), air, config, faults);
  CrossCheck(air, config, faults).check();
  if (faults.size() > num_before) return;
  for (const std::string& fault : faults_of(config)) faults.push_back({air.line, fault});  // depends on several values
}

Result<AirConfig> parse_air_config(std::string_view text, std::string_view name)
{
  const auto root = parse_yaml(text, {.bytes = kMostBytes});
  if (!root) return fail(ErrorCode::bad_input, message_of(name, {root.error()}));
  AirConfig config;
  Faults faults;
  const YamlNode* const section = root->find("air");  // of a network's file
  read_air_config(section != nullptr ? *section : *root, config, faults);
  if (!faults.empty()) return fail(ErrorCode::bad_input, message_of(name, std::move(faults)));
  return config;
}

Result<AirConfig> load_air_config(const std::string& path)
{
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::bad_input, fmt::format("cannot read {}: is it there, and yours to read?", path));
  std::string text(kMostBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.empty() && file.bad()) return fail(ErrorCode::bad_input, fmt::format("cannot read {}", path));
  if (text.size() > kMostBytes) {
    return fail(ErrorCode::bad_input, fmt::format("{}: more than {} bytes is no configuration", path, kMostBytes));
  }
  return parse_air_config(text, path);
}

std::string to_yaml(const AirConfig& config)
{
  std::string text;
  for (const Field<AirConfig>& entry : air_table()) {
    if (const auto printed = entry.print(config)) text += fmt::format("{}: {}\n", entry.key, *printed);
  }
  return text.empty() ? "{}\n" : text;
}

std::string air_config_reference()
{
  return "A YAML file for 'ravi air --config FILE'. Values with a unit carry it: '20 MHz', '-60 dBFS', '1.5 us'.\n\n" +
         reference_text("Top level:", air_table()) + reference_text("\nnodes:", node_table()) +
         reference_text("\nlinks:", link_table()) + reference_text("\nlinks.fading:", fading_table()) +
         reference_text("\ninterferers:", interferer_table()) + reference_text("\nfaults:", fault_table()) +
         reference_text("\nsteps:", step_table());
}

}  // namespace ravi::config
