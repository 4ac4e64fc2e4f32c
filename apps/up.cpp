// ravi up: a network on this machine. Two nodes exchange a known signal through the emulated air; each says what it made
// of the link, which is held against what the air was told to do.

#include "apps/air_setup.h"
#include "apps/command.h"
#include "apps/probe_node.h"
#include "apps/progress.h"
#include "apps/up_report.h"
#include "config/air_config_yaml.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <thread>

namespace ravi::apps {
namespace {

constexpr DbFs kSentLevel(-12.0);
constexpr std::int64_t kLead = 4;  // slots

struct UpOptions {
  std::string air_file;
  std::string fronthaul = "loopback";
  std::optional<std::chrono::nanoseconds> duration;
  std::uint64_t seed = 0;
  bool has_seed = false;
  bool is_json = false;
};

/// The air asked for: a file's, or two nodes at a distance.
Result<air::AirConfig> air_of(const UpOptions& options)
{
  Result<air::AirConfig> config = options.air_file.empty() ? two_node_air() : config::load_air_config(options.air_file);
  if (!config) return config;
  if (options.has_seed) config->seed = options.seed;
  if (config->nodes.size() < 2 || config->nodes[0].num_tx_ports != 1 || config->nodes[0].num_rx_ports != 1 ||
      config->nodes[1].num_tx_ports != 1 || config->nodes[1].num_rx_ports != 1) {
    return fail(ErrorCode::bad_input, "`ravi up` needs an air whose first two nodes have one port each way");
  }
  return config;
}

/// Waits for both nodes, showing how far they are. False: the user asked to stop.
bool watch(const std::vector<std::unique_ptr<ProbeNode>>& nodes, std::int64_t num_slots)
{
  const std::atomic<bool>& stop = stop_requested();
  Progress progress;
  const auto begin = std::chrono::steady_clock::now();
  while (!nodes[0]->has_ended() || !nodes[1]->has_ended()) {
    if (stop.load()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const auto slots = static_cast<double>(nodes[0]->counters().slots);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    progress.show(slots / static_cast<double>(num_slots),
                  fmt::format("{:.2f} s of samples, {:.1f} x real time", slots / 1e3, slots / 1e3 / elapsed.count()));
  }
  return true;
}

int run_up(const UpOptions& options)
{
  const Result<air::AirConfig> config = air_of(options);
  if (!config) return report(config.error());
  const auto duration = options.duration.value_or(std::chrono::seconds(2));
  const std::int64_t num_slots = duration / std::chrono::milliseconds(1);
  if (num_slots < ProbeNode::shortest_run(config->sample_rate)) {
    return report({ErrorCode::bad_input, fmt::format("--duration must be at least {} ms at this sample rate",
                                                     ProbeNode::shortest_run(config->sample_rate))});
  }
  const Fronthaul kind = options.fronthaul == "zmq" ? Fronthaul::zmq : Fronthaul::loopback;
  Result<RunningAir> air = start_air(*config, kind);
  if (!air) return report(air.error());

  std::vector<std::unique_ptr<ProbeNode>> nodes;
  for (std::size_t n = 0; n < 2; ++n) {
    auto radio = air->join(n);
    if (!radio) return report(radio.error());
    nodes.push_back(std::make_unique<ProbeNode>(ProbeNodeConfig{.name = config->nodes[n].name,
                                                                .root = 25 + 4 * n,
                                                                .level = kSentLevel,
                                                                .rate = config->sample_rate,
                                                                .num_slots = num_slots,
                                                                .lead = kLead},
                                                std::move(*radio)));
  }
  const auto begin = std::chrono::steady_clock::now();
  // In lockstep nobody moves until every radio has started, so that a loopback air begins for all at the same sample.
  // Over ZeroMQ a node may come a little later, but on the hub's time.
  for (const auto& node : nodes) {
    if (auto started = node->start_radio(); !started) return report(started.error());
  }
  for (const auto& node : nodes) node->start_thread();
  const bool is_complete = watch(nodes, num_slots);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  for (const auto& node : nodes) node->stop();
  for (const auto& node : nodes) node->wait();
  if (!is_complete) return report({ErrorCode::io, "stopped before the end"});

  const UpReport up_report = make_report(*config, nodes, elapsed.count());
  print_report(up_report, options.is_json);
  return up_report.is_ok ? kDone : kAnswerIsNo;
}

}  // namespace

void add_up(CLI::App& ravi, Run& run)
{
  auto options = std::make_shared<UpOptions>();
  CLI::App* command = ravi.add_subcommand("up", "Runs a whole network on this machine and ends with a verdict");
  command->add_option("--air", options->air_file, "YAML of the emulated air; none: two nodes at a distance, with noise");
  command->add_option("--fronthaul", options->fronthaul, "how the nodes reach the air")
      ->check(CLI::IsMember({"loopback", "zmq"}))
      ->capture_default_str();
  add_quantity(*command, "--duration", options->duration, parse_duration, "time on the air, e.g. 10s (default 2s)");
  command->add_option_function<std::uint64_t>(
      "--seed",
      [options](std::uint64_t seed) {
        options->seed = seed;
        options->has_seed = true;
      },
      "of the air's randomness; the same seed gives the same samples");
  command->add_flag("--json", options->is_json, "one JSON document on standard output");
  command->footer("Example: ravi up --fronthaul zmq --duration 5s\nExit status 1: a link was not what it should be.");
  command->callback([options, &run] { run = [options] { return run_up(*options); }; });
}

}  // namespace ravi::apps
