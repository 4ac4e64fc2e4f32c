// ravi ue: a UE as a program of its own, on a radio.

#include "apps/command.h"
#include "apps/node_options.h"
#include "apps/quirks.h"
#include "apps/ue_node.h"
#include "apps/up_report.h"
#include "drivers/ip/tun.h"
#include "stack/ip/traffic.h"
#include "stack/rrc/derive_cell.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <random>
#include <thread>

namespace ravi::apps {
namespace {

constexpr std::chrono::milliseconds kPingInterval{100};
constexpr std::chrono::milliseconds kLeaving{300};       // of network time, for deregistration
constexpr std::chrono::milliseconds kLeavingWall{1000};  // of the user's, whatever the network does

struct UeOptions {
  NodeOptions node;
  std::vector<std::string> traffic;
  double uplink_mbps = 1.0;
  std::optional<std::string> tun;
  std::string network_namespace;
  [[nodiscard]] bool wants(const char* kind) const { return std::find(traffic.begin(), traffic.end(), kind) != traffic.end(); }
};

/// Built-in traffic or a TUN device; the pointer is for asking it.
struct UeEndpoint {
  std::unique_ptr<ip::Endpoint> endpoint;
  ip::Traffic* traffic = nullptr;
};

Result<UeEndpoint> endpoint_of(const UeOptions& options, const Ipv4& pool)
{
  if (options.tun) {
    auto tun = Tun::open({.name = options.tun->empty() ? "ravi-ue" : *options.tun, .network_namespace = options.network_namespace});
    if (!tun) return tl::unexpected(tun.error());
    return UeEndpoint{std::move(*tun), nullptr};
  }
  auto traffic = std::make_unique<ip::Traffic>(
      ip::TrafficConfig{.gateway = {pool[0], pool[1], 0, 1},
                        .ping = {.interval = kPingInterval, .count = std::numeric_limits<std::uint32_t>::max()},
                        .uplink = {.bits_per_second = options.uplink_mbps * 1e6, .packet_size = 1400}});
  traffic->want_ping(options.wants("ping"));
  traffic->want_uplink(options.wants("uplink"));
  ip::Traffic* const pointer = traffic.get();
  return UeEndpoint{std::move(traffic), pointer};
}

nr::Plmn home_of(const std::string& imsi, const nr::Plmn& cell)
{
  if (imsi.starts_with(cell.mcc + cell.mnc)) return cell;
  return {.mcc = imsi.substr(0, 3), .mnc = imsi.substr(3, 2)};
}

Result<UeNodeConfig> node_config(const config::NetworkConfig& config, const nr::Cell& cell)
{
  const config::UeSection& section = config.ue;
  const auto keys = keys_of(section.usim);
  if (!keys) return tl::unexpected(keys.error());
  const nr::Plmn home = home_of(section.usim.imsi, cell.plmn);
  const std::uint64_t seed = std::random_device{}();
  return UeNodeConfig{
      .ue = {.modem = {.rate = rate_for(section.radio, cell.bandwidth),
                       .selection = {.band = section.band.value_or(cell.band), .tuned = section.frequency.value_or(cell.downlink.center)},
                       .seed = seed},
             .nas = {.usim = {.home = home, .msin = section.usim.imsi.substr(home.mcc.size() + home.mnc.size()), .subscriber = *keys},
                     .random_seed = seed},
             .rrc = {.plmns = {home}, .seed = seed}},
      .scs = section.scs_khz ? (*section.scs_khz == 15 ? nr::Scs::khz15 : nr::Scs::khz30) : cell.downlink.scs};
}

/// The ladder as it is climbed, and what is lost and found again later.
class UeWatch {
public:
  explicit UeWatch(Journal& journal) : journal_(journal) {}

  void look(const UeNodeStatus& status, const ip::TrafficReport* traffic)
  {
    while (rung_ < ue::kNumRungs && status.reached[rung_]) journal_.say(ladder_line(status, static_cast<ue::Rung>(rung_++)));
    if (was_in_step_ && !status.is_in_step) journal_.say("cell lost; looking for it again");
    if (status.address != address_ && rung_ == ue::kNumRungs) {
      if (!status.address) journal_.say("session lost");
      else if (had_address_) journal_.say(fmt::format("session again, {}", ravi::to_text(*status.address)));
      had_address_ = had_address_ || status.address;
      address_ = status.address;
    }
    const std::string trouble = status.trouble.data();
    if (!trouble.empty() && trouble != trouble_) journal_.say("trouble: " + trouble);
    trouble_ = trouble;
    was_in_step_ = status.is_in_step;
    std::string line = fmt::format("{:.1f} s on the air  ", std::chrono::duration<double>(status.time).count());
    line += status.is_in_step ? fmt::format("PCI {}  SNR {:.0f} dB  CQI {}  {:.1f} MB down, {:.1f} MB up", status.pci, status.statistics.snr_db, status.statistics.cqi,
                                            static_cast<double>(status.statistics.downlink.octets) / 1e6, static_cast<double>(status.statistics.uplink.octets) / 1e6)
                              : fmt::format("looking for a cell ({} searches)", status.modem.searches);
    if (traffic != nullptr && traffic->ping.sent > 0) line += fmt::format("  ping {}/{}, {:.1f} ms", traffic->ping.received, traffic->ping.sent, traffic->ping.rtt_ms_avg());
    journal_.show(line);
  }

private:
  Journal& journal_;
  std::size_t rung_ = 0;
  bool was_in_step_ = false;
  bool had_address_ = false;
  std::optional<nas::Ipv4> address_;
  std::string trouble_;
};

nlohmann::ordered_json flow_json(const mac::LinkCounters& link)
{
  return {{"octets", link.octets}, {"bler", link.bler()}, {"mcs_avg", link.average_mcs()}, {"lost_blocks", link.lost}};
}

/// Tells the network that the UE goes, and waits a little until it is let go. False: it was not.
bool leave(UeNode& node)
{
  const auto since = node.status().time;
  const auto end = std::chrono::steady_clock::now() + kLeavingWall;
  node.switch_off();
  while (!node.status().has_left && !node.node().has_ended() && node.status().time < since + kLeaving && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return node.status().has_left;
}

/// `status`: before it left.
void print_end(const NodeOptions& options, const std::string& imsi, UeNode& node, const UeNodeStatus& status, const ip::TrafficReport* traffic,
               const Journal& journal)
{
  const SlotLoopCounters loop = node.node().counters();
  if (!options.is_json) {
    fmt::print("ue imsi-{}: {:.1f} s on the air in {:.1f} s, {}, {} late slots, {} gaps\n", imsi, std::chrono::duration<double>(status.time).count(),
               journal.seconds(), status.address ? "address " + ravi::to_text(*status.address) : "no session", loop.late_slots, loop.gaps);
    if (traffic != nullptr && traffic->ping.sent > 0) {
      fmt::print("ping: {} of {} answered, round trip {:.1f} ms on average\n", traffic->ping.received, traffic->ping.sent, traffic->ping.rtt_ms_avg());
    }
    return;
  }
  nlohmann::ordered_json out{{"seconds", journal.seconds()},
                             {"network_seconds", std::chrono::duration<double>(status.time).count()},
                             {"supi", "imsi-" + imsi},
                             {"attached", status.address.has_value()},
                             {"ipv4", status.address ? nlohmann::ordered_json(ravi::to_text(*status.address)) : nlohmann::ordered_json(nullptr)},
                             {"deregistered", node.status().has_left},
                             {"lates", loop.late_slots},
                             {"gaps", loop.gaps},
                             {"searches", status.modem.searches},
                             {"snr_db", status.statistics.snr_db},
                             {"downlink", flow_json(status.statistics.downlink)},
                             {"uplink", flow_json(status.statistics.uplink)}};
  const auto& found = status.reached[static_cast<std::size_t>(ue::Rung::cell_found)];
  const auto& session = status.reached[static_cast<std::size_t>(ue::Rung::session)];
  out["attach_ms"] = found && session ? nlohmann::ordered_json((*session - *found).count()) : nlohmann::ordered_json(nullptr);
  if (traffic != nullptr) {
    const ip::PingReport& ping = traffic->ping;
    out["ping"] = {{"sent", ping.sent}, {"received", ping.received}, {"rtt_ms_avg", ping.rtt_ms_avg()},
                   {"rtt_ms_max", std::chrono::duration<double, std::milli>(ping.rtt_max).count()}};
    out["test_traffic"] = {{"sent", traffic->sent}, {"received", traffic->downlink.packets}, {"received_octets", traffic->downlink.octets}, {"lost", traffic->downlink.lost}};
  }
  fmt::print("{}\n", out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

int run_ue(const UeOptions& options)
{
  static_cast<void>(stop_requested());
  const auto config = load(options.node);
  if (!config) return report(config.error());
  const auto derived = rrc::derive_cell(config->cell);
  if (!derived) return report(derived.error());
  auto ue_config = node_config(*config, derived->cell);
  if (!ue_config) return report(ue_config.error());
  apply(config->quirks, ue_config->ue);
  Journal journal(options.node.is_json);
  journal.say(fmt::format("UE imsi-{}: n{} at {}, {}; end with Ctrl-C", config->ue.usim.imsi, ue_config->ue.modem.selection.band,
                          to_text(ue_config->ue.modem.selection.tuned), to_text(ue_config->ue.modem.rate)));
  auto endpoint = endpoint_of(options, config->core.pool);
  if (!endpoint) return report(endpoint.error());
  const Hertz downlink = ue_config->ue.modem.selection.tuned;
  const Hertz uplink = downlink + (derived->cell.uplink.center - derived->cell.downlink.center);
  auto radio = open_duplex(config->ue.radio, ue_config->ue.modem.rate, {.receive = downlink, .transmit = uplink}, options.node);
  if (!radio && stop_requested().load()) return kDone;
  if (!radio) return report(radio.error());
  journal.say(fmt::format("radio: {}", (*radio)->describe().name));
  ip::Traffic* const traffic = endpoint->traffic;
  UeNode node(*ue_config, std::move(*radio), std::move(endpoint->endpoint));
  if (auto started = node.node().start_radio(); !started) return report(started.error());
  node.node().start_thread();
  UeWatch watch(journal);
  while (!stop_requested().load() && !node.node().has_ended()) {
    if (options.node.duration && journal.seconds() >= std::chrono::duration<double>(*options.node.duration).count()) break;
    watch.look(node.status(), traffic != nullptr ? &traffic->report() : nullptr);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  const UeNodeStatus status = node.status();
  watch.look(status, traffic != nullptr ? &traffic->report() : nullptr);
  if (status.is_in_step) journal.say(leave(node) ? "deregistered" : "gone without the network's answer");
  node.node().stop();
  node.node().wait();
  print_end(options.node, config->ue.usim.imsi, node, status, traffic != nullptr ? &traffic->report() : nullptr, journal);
  if (node.node().has_failed()) return report({ErrorCode::io, "the radio was lost"});
  return status.address ? kDone : kAnswerIsNo;
}

}  // namespace

void add_ue(CLI::App& ravi, Run& run)
{
  auto options = std::make_shared<UeOptions>();
  CLI::App* command = ravi.add_subcommand("ue", "Runs a UE on a radio");
  add_node_options(*command, options->node, HasRadio::yes);
  command->add_option("--traffic", options->traffic, "built-in traffic, of ping, uplink, with commas between; answers and downlink are always counted")
      ->delimiter(',')
      ->check(CLI::IsMember({"ping", "uplink", "none"}));
  command->add_option("--uplink-rate", options->uplink_mbps, "Mbit/s of the built-in uplink")->check(CLI::Range(0.001, 10'000.0))->capture_default_str();
  command->add_option("--tun", options->tun, "packets from and to a TUN device of this name, in place of built-in traffic")
      ->expected(0, 1)
      ->default_str("ravi-ue");
  command->add_option("--netns", options->network_namespace, "the network namespace of the TUN device");
  command->footer("Example: ravi ue -c config/lab-zmq.yaml --traffic ping\nExit status 1: it had no session at the end.");
  command->callback([options, &run] { run = [options] { return run_ue(*options); }; });
}

}  // namespace ravi::apps
