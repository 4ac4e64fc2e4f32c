#include "radio/air/check.h"

#include "radio/air/emulator.h"
#include "radio/air/tdl_tables.h"
#include "radio/device_string.h"
#include "radio/radio.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace ravi::air {
namespace {

constexpr std::size_t kMaxPorts = 8;
constexpr std::int64_t kMaxSampleRate = 1'000'000'000;
constexpr double kMaxBlockSeconds = 1.0;
constexpr double kMaxDriftPpm = 100.0;
constexpr double kMaxDelaySpread = 10e-6;
constexpr double kMaxDopplerOfRate = 1e-3;
constexpr double kMaxFadingSamples = 4096.0;
constexpr double kMaxSeconds = 1e7;
constexpr std::size_t kMaxFaultLength = 10'000;
constexpr std::size_t kMaxLateBlocks = 100;

/// Collects sentences, each said of one item ("link a -> b").
class Complaints {
public:
  void add(std::string_view item, std::string_view complaint)
  {
    list_.push_back(fmt::format("{}: {}", item, complaint));
  }

  void check_range(std::string_view item, std::string_view name, double value, double low, double high)
  {
    if (value >= low && value <= high) return;  // false for NaN
    add(item, fmt::format("{} is {}, but must lie between {} and {}", name, value, low, high));
  }

  [[nodiscard]] std::vector<std::string> take() { return std::move(list_); }

private:
  std::vector<std::string> list_;
};

const NodeConfig* find_node(const AirConfig& config, std::string_view name)
{
  const auto found = std::find_if(config.nodes.begin(), config.nodes.end(),
                                  [name](const NodeConfig& node) { return node.name == name; });
  return found == config.nodes.end() ? nullptr : &*found;
}

void check_port(Complaints& complaints, std::string_view item, const AirConfig& config, std::string_view node_name,
                std::size_t port, Direction direction)
{
  const NodeConfig* node = find_node(config, node_name);
  if (node == nullptr) {
    std::vector<std::string_view> known;
    for (const NodeConfig& other : config.nodes) known.push_back(other.name);
    const std::optional<std::string_view> nearest = nearest_word(node_name, known);
    complaints.add(item, fmt::format("there is no node '{}'{}", node_name,
                                     nearest ? fmt::format("; is '{}' meant?", *nearest) : std::string()));
    return;
  }
  const std::size_t num_ports = direction == Direction::transmit ? node->num_tx_ports : node->num_rx_ports;
  if (port < num_ports) return;
  complaints.add(
      item, fmt::format("node '{}' has {} {} port{}, so there is no port {}", node_name, num_ports,
                        direction == Direction::transmit ? "transmit" : "receive", num_ports == 1 ? "" : "s", port));
}

void check_nodes(Complaints& complaints, const AirConfig& config)
{
  if (config.nodes.empty()) complaints.add("nodes", "there are none");
  for (std::size_t i = 0; i < config.nodes.size(); ++i) {
    const NodeConfig& node = config.nodes[i];
    const std::string item = fmt::format("node '{}'", node.name);
    if (node.name.empty()) complaints.add(fmt::format("node {}", i), "has no name");
    if (find_node(config, node.name) != &node) complaints.add(item, "there are two of this name");
    if (node.num_tx_ports > kMaxPorts)
      complaints.add(item, fmt::format("{} transmit ports, but at most {}", node.num_tx_ports, kMaxPorts));
    if (node.num_rx_ports > kMaxPorts)
      complaints.add(item, fmt::format("{} receive ports, but at most {}", node.num_rx_ports, kMaxPorts));
    if (node.noise_floor)
      complaints.check_range(item, "noise floor (dBFS)", node.noise_floor->value(), -kMaxDb, kMaxDb);
  }
}

void check_values(Complaints& complaints, std::string_view item, const AirConfig& config, const StepConfig& values)
{
  const double nyquist = static_cast<double>(config.sample_rate.hz()) / 2.0;
  if (values.gain) complaints.check_range(item, "gain (dB)", values.gain->value(), -kMaxDb, kMaxDb);
  if (values.snr) complaints.check_range(item, "SNR (dB)", values.snr->value(), -kMaxDb, kMaxDb);
  if (values.cfo) complaints.check_range(item, "carrier offset (Hz)", values.cfo->value(), -nyquist, nyquist);
  if (values.delay) complaints.check_range(item, "delay (s)", values.delay->count(), 0.0, kMaxDelay.count());
}

std::string link_name(std::string_view from, std::size_t from_port, std::string_view to, std::size_t to_port)
{
  return fmt::format("link {}/{} -> {}/{}", from, from_port, to, to_port);
}

void check_fading(Complaints& complaints, std::string_view item, const AirConfig& config, const FadingConfig& fading)
{
  if (fading.profile == FadingProfile::none) return;
  const auto rate = static_cast<double>(config.sample_rate.hz());
  complaints.check_range(item, "delay spread (s)", fading.delay_spread.count(), 0.0, kMaxDelaySpread);
  complaints.check_range(item, "Doppler (Hz)", fading.doppler.value(), 0.0, rate * kMaxDopplerOfRate);
  double longest = 0.0;
  for (const TdlTap& tap : tdl_table(fading.profile).taps) longest = std::max(longest, tap.delay);
  const double samples = longest * tdl_delay_unit(fading).count() * rate;
  if (samples > kMaxFadingSamples) {
    complaints.add(item, fmt::format("the profile is {:.0f} samples long, but at most {:.0f}; lower the delay spread",
                                     samples, kMaxFadingSamples));
  }
}

void check_links(Complaints& complaints, const AirConfig& config)
{
  for (std::size_t i = 0; i < config.links.size(); ++i) {
    const LinkConfig& link = config.links[i];
    const std::string item = link_name(link.from, link.from_port, link.to, link.to_port);
    check_port(complaints, item, config, link.from, link.from_port, Direction::transmit);
    check_port(complaints, item, config, link.to, link.to_port, Direction::receive);
    const auto is_same = [&](const LinkConfig& other) {
      return other.from == link.from && other.to == link.to && other.from_port == link.from_port &&
             other.to_port == link.to_port;
    };
    if (std::any_of(config.links.begin(), config.links.begin() + static_cast<std::ptrdiff_t>(i), is_same)) {
      complaints.add(item, "is there twice");
    }
    check_values(complaints, item, config, {.gain = link.gain, .snr = link.snr, .cfo = link.cfo, .delay = link.delay});
    complaints.check_range(item, "SNR reference (dBFS)", link.snr_reference.value(), -kMaxDb, kMaxDb);
    complaints.check_range(item, "drift (ppm)", link.drift_ppm, -kMaxDriftPpm, kMaxDriftPpm);
    const double shortest_reserve =
        config.sample_rate.hz() > 0 ? 16.0 / static_cast<double>(config.sample_rate.hz()) : 0.0;
    complaints.check_range(item, "drift reserve (s)", link.drift_reserve.count(), shortest_reserve, kMaxDelay.count());
    check_fading(complaints, item, config, link.fading);
  }
}

void check_interferers(Complaints& complaints, const AirConfig& config)
{
  const double nyquist = static_cast<double>(config.sample_rate.hz()) / 2.0;
  for (std::size_t i = 0; i < config.interferers.size(); ++i) {
    const InterfererConfig& interferer = config.interferers[i];
    const std::string item = fmt::format("interferer {}", i);
    check_port(complaints, item, config, interferer.to, interferer.to_port, Direction::receive);
    complaints.check_range(item, "level (dB)", interferer.level.value(), -kMaxDb, kMaxDb);
    complaints.check_range(item, "frequency (Hz)", interferer.frequency.value(), -nyquist, nyquist);
    complaints.check_range(item, "start (s)", interferer.start.count(), 0.0, kMaxSeconds);
    if (interferer.stop)
      complaints.check_range(item, "stop (s)", interferer.stop->count(), interferer.start.count(), kMaxSeconds);
    if (interferer.kind == InterfererKind::chirp) {
      complaints.check_range(item, "end of the sweep (Hz)", interferer.sweep_end.value(), -nyquist, nyquist);
      complaints.check_range(item, "time of a sweep (s)", interferer.sweep_time.count(), 1e-6, 60.0);
    }
    if (interferer.kind == InterfererKind::recording && interferer.file.empty()) complaints.add(item, "names no file");
  }
}

void check_faults(Complaints& complaints, const AirConfig& config)
{
  for (std::size_t i = 0; i < config.faults.size(); ++i) {
    const FaultConfig& fault = config.faults[i];
    const std::string item = fmt::format("fault {}", i);
    check_port(complaints, item, config, fault.from, fault.from_port, Direction::transmit);
    complaints.check_range(item, "probability", fault.probability, 0.0, 1.0);
    if (fault.at) complaints.check_range(item, "time (s)", fault.at->count(), 0.0, kMaxSeconds);
    const std::size_t longest = fault.kind == FaultKind::late ? kMaxLateBlocks : kMaxFaultLength;
    if (fault.length < 1 || fault.length > longest) {
      complaints.add(item, fmt::format("length is {} blocks, but must lie between 1 and {}", fault.length, longest));
    }
  }
}

void check_step(Complaints& complaints, const StepConfig& step, const AirConfig& config,
                const std::vector<LinkConfig>& links)
{
  const std::string item = fmt::format("step of {}", link_name(step.from, step.from_port, step.to, step.to_port));
  const bool is_known = std::any_of(links.begin(), links.end(), [&](const LinkConfig& link) {
    return link.from == step.from && link.to == step.to && link.from_port == step.from_port &&
           link.to_port == step.to_port;
  });
  if (!is_known) complaints.add(item, "there is no such link");
  complaints.check_range(item, "time (s)", step.at.count(), 0.0, kMaxSeconds);
  if (!step.gain && !step.snr && !step.cfo && !step.delay) complaints.add(item, "changes nothing");
  check_values(complaints, item, config, step);
}

}  // namespace

std::vector<LinkConfig> links_of(const AirConfig& config)
{
  if (!config.links.empty()) return config.links;
  std::vector<LinkConfig> links;
  for (const NodeConfig& from : config.nodes) {
    for (const NodeConfig& to : config.nodes) {
      if (&from == &to) continue;
      for (std::size_t port = 0; port < std::min(from.num_tx_ports, to.num_rx_ports); ++port) {
        links.push_back({.from = from.name, .to = to.name, .from_port = port, .to_port = port});
      }
    }
  }
  return links;
}

std::vector<std::string> faults_of(const AirConfig& config)
{
  Complaints complaints;
  if (config.sample_rate.hz() < 1 || config.sample_rate.hz() > kMaxSampleRate) {
    complaints.add("sample rate",
                   fmt::format("is {} Hz, but must lie between 1 and {}", config.sample_rate.hz(), kMaxSampleRate));
  }
  complaints.check_range("block", "its length (s)", config.block.count(), 1e-9, kMaxBlockSeconds);
  check_nodes(complaints, config);
  check_links(complaints, config);
  check_interferers(complaints, config);
  check_faults(complaints, config);
  const std::vector<LinkConfig> links = links_of(config);
  for (const StepConfig& step : config.steps) check_step(complaints, step, config, links);
  return complaints.take();
}

std::vector<std::string> faults_of(const StepConfig& step, const AirConfig& config)
{
  Complaints complaints;
  check_step(complaints, step, config, links_of(config));
  return complaints.take();
}

}  // namespace ravi::air
