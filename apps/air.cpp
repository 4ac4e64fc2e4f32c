// ravi air: the emulated air as a hub between programs. Foreign nodes come over plain ports, Ravi's own through the
// handshake; commands change links while it runs.

#include "apps/air_desk.h"
#include "apps/air_hub.h"
#include "apps/air_report.h"
#include "apps/air_setup.h"
#include "apps/command.h"
#include "apps/progress.h"
#include "config/air_config_yaml.h"
#include "drivers/zmq/handshake.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

namespace ravi::apps {
namespace {

using Clock = std::chrono::steady_clock;

struct AirOptions {
  std::string config_file;
  std::string listen;
  std::optional<std::uint64_t> seed;
  std::optional<std::chrono::nanoseconds> duration;
  std::string command;
  bool shows_reference = false;
  bool is_json = false;
};

/// Keeps the air from running ahead of the clock. After an idle time, or when it cannot keep up, it begins anew.
class RealtimePace {
public:
  explicit RealtimePace(SampleRate rate) : rate_(rate) {}

  void wait(SampleTime now)
  {
    const auto due = begin_ + to_duration(now - first_, rate_);
    const auto clock = Clock::now();
    if (clock - due > kLargestLag || due - clock > kLargestLag) {
      begin_ = clock;
      first_ = now;
    } else {
      std::this_thread::sleep_until(due);
    }
  }

private:
  static constexpr std::chrono::milliseconds kLargestLag{200};
  SampleRate rate_;
  Clock::time_point begin_{};
  SampleTime first_;
};

Result<air::AirConfig> config_of(const AirOptions& options)
{
  Result<air::AirConfig> config =
      options.config_file.empty() ? two_node_air() : config::load_air_config(options.config_file);
  if (!config) return config;
  if (options.seed) config->seed = *options.seed;
  if (!options.listen.empty()) config->listen = options.listen;
  return config;
}

void announce(const air::AirConfig& config, const std::string& listen)
{
  fmt::print(stderr, "air of {} nodes at {}; end with Ctrl-C\n", config.nodes.size(), to_text(config.sample_rate));
  for (const air::NodeConfig& node : config.nodes) {
    if (is_foreign(node)) {
      fmt::print(stderr, "  {}: foreign, transmits on {}, receives from {}\n", node.name,
                 fmt::join(node.node_tx_endpoints, " "), fmt::join(node.node_rx_endpoints, " "));
    } else {
      fmt::print(stderr, "  {}: --device air:{}@{}\n", node.name, node.name, listen);
    }
  }
}

/// Steps the hub until the user, or the duration, ends it.
void run_hub(air::Hub& hub, AirDesk& desk, const air::AirConfig& config, const AirOptions& options, Clock::time_point begin)
{
  constexpr std::chrono::milliseconds kIdle{2};
  constexpr std::chrono::milliseconds kStatusEvery{100};
  const std::atomic<bool>& stop = stop_requested();
  Progress progress;
  RealtimePace pace(config.sample_rate);
  auto next_status = begin;
  while (!stop.load()) {
    const auto clock = Clock::now();
    if (options.duration && clock - begin >= *options.duration) break;
    if (clock >= next_status) {
      next_status = clock + kStatusEvery;
      progress.show(std::nullopt, status_line(hub.status(), std::chrono::duration<double>(clock - begin).count()));
    }
    desk.serve();
    switch (hub.step()) {
      case air::HubStep::advanced:
        if (config.pace == air::Pace::realtime) pace.wait(hub.now());
        break;
      case air::HubStep::waiting:
        break;  // the radios have waited
      case air::HubStep::idle:
        std::this_thread::sleep_for(kIdle);
        break;
    }
  }
}

int run_air(const AirOptions& options)
{
  if (options.shows_reference) {
    fmt::print("{}", config::air_config_reference());
    return kDone;
  }
  const auto config = config_of(options);
  if (!config) return report(config.error());
  if (!options.command.empty()) {
    const auto answer = send_command(config->listen, options.command);
    if (!answer) return report(answer.error());
    fmt::print("{}\n", *answer);
    return kDone;
  }
  static_cast<void>(stop_requested());  // from here on Ctrl-C ends the air in order
  auto zmq_hub = open_zmq_hub(*config, interface_of(config->listen));
  if (!zmq_hub) return report(zmq_hub.error());
  auto desk = AirDesk::open(*config, *zmq_hub);  // after the cables: who is welcomed can connect
  if (!desk) return report(desk.error());
  announce(*config, (*desk)->address());

  const auto begin = Clock::now();
  run_hub(*zmq_hub->hub, **desk, *config, options, begin);
  zmq_hub->hub->stop();
  const double elapsed_s = std::chrono::duration<double>(Clock::now() - begin).count();
  const air::HubStatus status = zmq_hub->hub->status();
  if (options.is_json) {
    fmt::print("{}\n", summary_json(status, elapsed_s));
  } else {
    fmt::print("{}\n", summary_text(status, elapsed_s));
  }
  return kDone;
}

}  // namespace

void add_air(CLI::App& ravi, Run& run)
{
  auto options = std::make_shared<AirOptions>();
  CLI::App* command = ravi.add_subcommand("air", "Runs the emulated air that joins nodes, foreign programs included");
  command->add_option("-c,--config", options->config_file, "YAML file, of an air or with one under `air`; none: two nodes `a` and `b` at a distance");
  command->add_flag("--help-config", options->shows_reference, "print every key of the file, then end");
  command->add_option("--listen", options->listen, "where Ravi nodes and commands come, e.g. tcp://127.0.0.1:5550");
  command->add_option("--seed", options->seed, "of the air's randomness; the same seed gives the same samples");
  add_quantity(*command, "--duration", options->duration, parse_duration, "end after this time on the clock, e.g. 10s");
  command->add_option("--command", options->command,
                      "send a command to the air that runs at --listen, print its answer, end; 'help' lists them");
  command->add_flag("--json", options->is_json, "the summary as one JSON document on standard output");
  command->footer("Examples: ravi air --config config/air-srsue.yaml\n"
                  "          ravi air --command 'set link gnb ue gain -30 dB'");
  command->callback([options, &run] { run = [options] { return run_air(*options); }; });
}

}  // namespace ravi::apps
