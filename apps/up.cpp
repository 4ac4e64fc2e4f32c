// ravi up: a whole network on this machine. gNB, core and UEs in one process over an emulated air; a ladder of what has happened,
// live figures, and a verdict.

#include "apps/air_setup.h"
#include "apps/command.h"
#include "apps/network.h"
#include "apps/peak_rate.h"
#include "apps/progress.h"
#include "apps/up_report.h"
#include "config/air_config_yaml.h"
#include "config/profiles.h"
#include "stack/rrc/derive_cell.h"
#include "stack/rrc/derive_ue_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace ravi::apps {
namespace {

using namespace std::chrono_literals;

constexpr auto kShortest = std::chrono::nanoseconds(1s);

struct UpOptions {
  std::string profile = "fdd-n3-10mhz";
  std::size_t num_ues = 0;                 ///< 0: as many as the air has
  std::optional<std::chrono::nanoseconds> duration;
  std::vector<std::string> traffic{"ping", "downlink", "uplink"};
  std::string fronthaul = "loopback";
  std::string air_file;
  std::string pcap_folder;
  unsigned five_qi = 9;
  std::optional<std::uint64_t> seed;
  bool is_inline = false;
  bool is_json = false;
};

/// The smallest of the usual rates that holds the channel.
SampleRate rate_for(const nr::Cell& cell)
{
  for (const std::int64_t rate : {5'760'000, 7'680'000, 11'520'000, 15'360'000, 23'040'000, 30'720'000, 46'080'000, 61'440'000}) {
    if (static_cast<double>(rate) >= cell.bandwidth.value()) return SampleRate(rate);
  }
  return SampleRate(122'880'000);
}

std::size_t num_ues_of(const air::AirConfig& air)
{
  const auto is_ue = [](const air::NodeConfig& node) { return node.name.starts_with("ue"); };
  return static_cast<std::size_t>(std::count_if(air.nodes.begin(), air.nodes.end(), is_ue));
}

Result<NetworkConfig> network_of(const UpOptions& options)
{
  const auto intent = config::load_profile(options.profile);
  if (!intent) return tl::unexpected(intent.error());
  const auto derived = rrc::derive_cell(*intent);
  if (!derived) return fail(derived.error().code, fmt::format("{}: {}", options.profile, derived.error().message));
  NetworkConfig network{.cell = derived->cell, .rate = rate_for(derived->cell)};
  if (options.air_file.empty()) {
    network.air = clean_air(std::max<std::size_t>(options.num_ues, 1));
  } else {
    auto air = config::load_air_config(options.air_file);
    if (!air) return tl::unexpected(air.error());
    network.air = std::move(*air);
  }
  network.seed = options.seed.value_or(network.air.seed);
  network.air.seed = network.seed;
  const std::size_t num_ues = options.num_ues > 0 ? options.num_ues : std::max<std::size_t>(num_ues_of(network.air), 1);
  for (std::size_t n = 0; n < num_ues; ++n) network.ues.push_back(example_ue(n));
  const auto wants = [&](const char* kind) { return std::find(options.traffic.begin(), options.traffic.end(), kind) != options.traffic.end(); };
  network.traffic = {.has_ping = wants("ping"), .has_downlink = wants("downlink"), .has_uplink = wants("uplink")};
  network.five_qi = static_cast<std::uint8_t>(options.five_qi);
  network.fronthaul = options.fronthaul == "zmq" ? Fronthaul::zmq : Fronthaul::loopback;
  network.is_inline = options.is_inline;
  network.duration = options.duration.value_or(5s);
  if (network.duration < kShortest) return fail(ErrorCode::bad_input, "--duration must be at least 1 s: an attach and some traffic");
  return network;
}

/// Prints each rung once it has been reached.
class Ladder {
public:
  explicit Ladder(std::size_t num_ues) : printed_(num_ues, 0) {}

  void show(const NetworkResult& now, Progress& progress)
  {
    for (std::size_t n = 0; n < now.ues.size(); ++n) {
      const UeNodeStatus& status = now.ues[n].status;
      while (printed_[n] < ue::kNumRungs && status.reached[printed_[n]]) {
        progress.finish();
        const std::string who = now.ues.size() > 1 ? fmt::format("ue{} ", n) : "";
        fmt::print("{}{}\n", who, ladder_line(status, static_cast<ue::Rung>(printed_[n]++)));
        std::fflush(stdout);
      }
    }
  }

private:
  std::vector<std::size_t> printed_;
};

std::string live_line(const NetworkResult& now, Phase phase)
{
  const std::string text = fmt::format("{:.2f} x real time, {:.1f} cores", now.real_time_factor, now.cpu_cores);
  if (phase == Phase::attach || now.ues.empty()) return text + "  attaching";
  if (phase == Phase::ping) {
    const ip::PingReport& ping = now.ues.front().ping;
    return text + fmt::format("  ping {}/{}, {:.1f} ms", ping.received, ping.sent, ping.rtt_ms_avg());
  }
  FlowResult downlink, uplink;
  for (const UeResult& ue : now.ues) {
    downlink.goodput_bps += ue.downlink.goodput_bps;
    downlink.link += ue.downlink.link;
    uplink.goodput_bps += ue.uplink.goodput_bps;
    uplink.link += ue.uplink.link;
  }
  const auto words = [](const char* name, const FlowResult& flow) {
    return fmt::format("  {} {:.1f} Mbit/s BLER {:.0f} % MCS {:.0f}", name, flow.goodput_bps / 1e6, 100.0 * flow.link.bler(),
                       flow.link.average_mcs());
  };
  return text + words("DL", downlink) + words("UL", uplink) + fmt::format("  CQI {}", now.ues.front().status.statistics.cqi);
}

/// Until the network's end. True: the user stopped it.
bool watch(Network& network, const NetworkConfig& config, bool is_json)
{
  const std::atomic<bool>& stop = stop_requested();
  Progress progress;
  Ladder ladder(config.ues.size());
  auto next = std::chrono::steady_clock::now();
  bool is_stopped = false;
  while (network.advance()) {
    if (stop.load() && !is_stopped) {
      is_stopped = true;
      network.stop();
    }
    if (const auto now = std::chrono::steady_clock::now(); now >= next) {
      next = now + 100ms;
      const NetworkResult result = network.result();
      if (!is_json) ladder.show(result, progress);
      progress.show(std::chrono::duration<double>(result.time) / config.duration, live_line(result, network.phase()));
    }
  }
  if (!is_json) ladder.show(network.result(), progress);
  return is_stopped;
}

std::filesystem::path pcap_file(const UpOptions& options) { return std::filesystem::path(options.pcap_folder) / "ravi.pcapng"; }

void finish(pcap::Capture& capture, const UpOptions& options)
{
  capture.finish();
  const pcap::CaptureCounters counters = capture.counters();
  if (!options.is_json) fmt::print("\n{} packets in {}\n", counters.packets, pcap_file(options).string());
  if (counters.dropped > 0) fmt::print(stderr, "pcap: {} packets found no room and are missing\n", counters.dropped);
  if (counters.has_failed) fmt::print(stderr, "pcap: the file could not be written to its end; is the disk full?\n");
}

int run_up(const UpOptions& options)
{
  auto config = network_of(options);
  if (!config) return report(config.error());
  std::unique_ptr<pcap::Capture> capture;
  if (!options.pcap_folder.empty()) {
    auto opened = pcap::Capture::open({.file = pcap_file(options), .duplex = config->cell.duplex});
    if (!opened) return report(opened.error());
    capture = std::move(*opened);
    config->capture = capture.get();
  }
  auto network = Network::make(*config);
  if (!network) return report(network.error());
  UpReport up{.profile = options.profile, .config = *config};
  if (const auto ue = rrc::derive_ue_config(config->cell, nr::Rnti(1), 0)) up.peak = peak_rate(config->cell, *ue);
  if (!options.is_json) fmt::print("{}\n\n", headline(up));
  if (auto started = (*network)->start(); !started) return report(started.error());
  up.is_stopped = watch(**network, *config, options.is_json);
  up.result = (*network)->result();
  if (capture) finish(*capture, options);
  up.failures = explain_failures(*config, up.result);
  if (options.is_json) {
    fmt::print("{}\n", to_json(up).dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  } else {
    fmt::print("\n{}", to_text(up));
  }
  return up.is_ok() ? kDone : kAnswerIsNo;
}

}  // namespace

void add_up(CLI::App& ravi, Run& run)
{
  auto options = std::make_shared<UpOptions>();
  CLI::App* command = ravi.add_subcommand("up", "Runs a whole network on this machine and ends with a verdict");
  command->add_option("--profile", options->profile, "a profile's name, or a file with a cell in it")->capture_default_str();
  command->add_option("--ues", options->num_ues, "how many UEs (default: those of the air, 1)")
      ->check(CLI::Range(std::size_t{1}, Network::kMaxUes));
  add_quantity(*command, "--duration", options->duration, parse_duration, "network time, e.g. 10s (default 5s)");
  command->add_option("--traffic", options->traffic, "of ping, downlink, uplink, with commas between; or none")
      ->delimiter(',')
      ->check(CLI::IsMember({"ping", "downlink", "uplink", "none"}))
      ->capture_default_str();
  command->add_option("--fronthaul", options->fronthaul, "how the nodes reach the air")
      ->check(CLI::IsMember({"loopback", "zmq"}))
      ->capture_default_str();
  command->add_option("--air", options->air_file, "YAML of an emulated air with nodes gnb and ue, or ue0, ue1, ... (default: a clean one)");
  command->add_option("--five-qi", options->five_qi, "5QI of the sessions: 1, 2, 7 and others that bear loss go over RLC UM")
      ->check(CLI::Range(1, 255))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "of all randomness (default: the air's)");
  command->add_option("--pcap", options->pcap_folder, "folder for ravi.pcapng: MAC, RRC, NAS, NGAP and GTP-U for Wireshark");
  command->add_flag("--inline", options->is_inline, "all in one thread: the same seed gives the same bits");
  command->add_flag("--json", options->is_json, "one JSON document on standard output");
  command->footer("Example: ravi up --profile tdd-n78-20mhz --ues 2 --duration 10s\nExit status 1: the network did not do what it should.");
  command->callback([options, &run] { run = [options] { return run_up(*options); }; });
}

}  // namespace ravi::apps
