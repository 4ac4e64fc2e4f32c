// ravi core: the core network as a program of its own. gNBs come over SCTP, their users' packets over GTP-U.

#include "apps/command.h"
#include "apps/core_setup.h"
#include "apps/node_options.h"
#include "apps/quirks.h"
#include "drivers/ip/n2_sctp.h"
#include "drivers/ip/n3_udp.h"
#include "drivers/ip/tun.h"
#include "stack/rrc/derive_cell.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <thread>

namespace ravi::apps {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::microseconds kTick{500};

struct CoreOptions {
  NodeOptions node;
  std::optional<std::string> tun;
  std::string network_namespace;
  double downlink_mbps = 0.0;
};

/// The core with the links that come and go.
class CoreProgram {
public:
  CoreProgram(const CoreOptions& options, const config::CoreSection& section, core::CoreConfig config, core::Subscribers subscribers)
    : options_(options), section_(section), journal_(options.node.is_json), core_(std::move(config), std::move(subscribers), system_rand())
  {
    core_.amf().clock = universal_time;
  }
  ~CoreProgram()
  {
    for (const auto& link : gnbs_) core_.detach_n2(*link);
  }
  CoreProgram(const CoreProgram&) = delete;
  CoreProgram& operator=(const CoreProgram&) = delete;

  [[nodiscard]] Result<void> open()
  {
    auto n3 = open_n3(section_.n3);
    if (!n3) return tl::unexpected(n3.error());
    n3_ = std::move(*n3);
    core_.attach_n3(*n3_);
    if (options_.tun) {
      auto tun = Tun::open({.name = options_.tun->empty() ? "ravi-core" : *options_.tun, .network_namespace = options_.network_namespace});
      if (!tun) return tl::unexpected(tun.error());
      tun_ = std::move(*tun);
      core_.attach_n6(*tun_);
      journal_.say(fmt::format("N6 at TUN device {}, {}", tun_->name(), to_text(core_gateway())));
    }
    auto listener = N2Listener::open({.sctp = section_.sctp,
                                      .listen = section_.n2,
                                      .udp_port = static_cast<std::uint16_t>(section_.udp_port),
                                      .log = [this](const std::string& line) { journal_.say(line); }});
    if (!listener) return tl::unexpected(listener.error());
    listener_ = std::move(*listener);
    journal_.say(fmt::format("N2 at {} by {}; N3 at {}; end with Ctrl-C", to_text(section_.n2), listener_->transport(),
                             to_text(IpEndpoint{section_.n3, kGtpuPort})));
    return {};
  }

  void run()
  {
    const auto begin = Clock::now();
    auto next_look = begin;
    while (!stop_requested().load()) {
      const auto now = Clock::now();
      if (options_.node.duration && now - begin >= *options_.node.duration) break;
      while (auto link = listener_->accept()) {
        core_.attach_n2(*link);
        gnbs_.push_back(std::move(link));
      }
      core_.run(now - begin);
      drop_lost();
      if (now >= next_look) {
        next_look = now + std::chrono::milliseconds(100);
        look(now - begin);
      }
      std::this_thread::sleep_for(kTick);
    }
  }

  void report_end()
  {
    const core::AmfCounters& amf = core_.amf().counters();
    const core::UpfCounters& upf = core_.upf().counters();
    if (!options_.node.is_json) {
      fmt::print("core: {:.1f} s, {} registrations, {} authentications ({} failed), {} malformed\n", journal_.seconds(), amf.registrations,
                 amf.authentications, amf.authentication_failures, amf.malformed_ngap + amf.malformed_nas + upf.malformed);
      return;
    }
    nlohmann::ordered_json out{{"seconds", journal_.seconds()},
                               {"transport", listener_->transport()},
                               {"registrations", amf.registrations},
                               {"authentications", amf.authentications},
                               {"authentication_failures", amf.authentication_failures},
                               {"resynchronizations", amf.resynchronizations},
                               {"error_indications", amf.error_indications},
                               {"malformed", {{"ngap", amf.malformed_ngap}, {"nas", amf.malformed_nas}, {"gtpu", upf.malformed}}},
                               {"unexpected", amf.unexpected},
                               {"unknown_teid", upf.unknown_teid},
                               {"n3", {{"sent", n3_->counters().sent}, {"received", n3_->counters().received}, {"dropped", n3_->counters().dropped}}}};
    out["ues"] = nlohmann::ordered_json::array();
    for (const auto& [imsi, seen] : ues_) {
      out["ues"].push_back({{"supi", "imsi-" + imsi}, {"ipv4", seen.address ? to_text(*seen.address) : ""}, {"echoes", seen.traffic.echoes},
                            {"uplink_octets", seen.traffic.uplink.octets}, {"downlink_octets", seen.traffic.downlink.octets}});
    }
    fmt::print("{}\n", out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  }

private:
  struct SeenUe {
    bool is_registered = false;
    bool is_connected = false;
    std::optional<core::Ipv4> address;
    core::UeTraffic traffic;
  };

  [[nodiscard]] Ipv4 core_gateway() const { return {section_.pool[0], section_.pool[1], 0, 1}; }

  void drop_lost()
  {
    std::erase_if(gnbs_, [this](const auto& link) {
      if (link->is_up()) return false;
      core_.detach_n2(*link);
      return true;
    });
  }

  /// Says what has changed, and keeps the totals.
  void look(std::chrono::nanoseconds now)
  {
    const std::size_t num_gnbs = core_.amf().num_established_gnbs();
    if (num_gnbs != num_gnbs_) journal_.say(fmt::format("{} gNB{} set up", num_gnbs, num_gnbs == 1 ? "" : "s"));
    num_gnbs_ = num_gnbs;
    std::size_t num_connected = 0;
    std::set<std::string> registered;
    for (const auto& ue : core_.amf().ues()) {
      num_connected += ue.is_connected ? 1 : 0;
      if (ue.imsi.empty() || ue.state != core::Amf::UeState::registered) continue;
      registered.insert(ue.imsi);
      SeenUe& seen = ues_[ue.imsi];
      seen.is_registered = true;
      const auto address = core_.address(ue.imsi);
      if (address != seen.address) {
        journal_.say(address ? fmt::format("imsi-{}: session, {}", ue.imsi, to_text(*address)) : fmt::format("imsi-{}: no session", ue.imsi));
        if (address && options_.downlink_mbps > 0) (void)core_.upf().start_downlink(*address, options_.downlink_mbps * 1e6, 1400, now);
      }
      if (ue.is_connected != seen.is_connected) journal_.say(fmt::format("imsi-{}: {}", ue.imsi, ue.is_connected ? "connected" : "idle"));
      seen.address = address;
      seen.is_connected = ue.is_connected;
      if (address) seen.traffic = core_.upf().traffic(*address).value_or(seen.traffic);
    }
    for (auto& [imsi, seen] : ues_) {
      if (!seen.is_registered || registered.contains(imsi)) continue;
      journal_.say(fmt::format("imsi-{}: deregistered", imsi));
      seen = {.traffic = seen.traffic};
    }
    journal_.show(fmt::format("{:.0f} s  {} gNBs, {} UEs connected, {} sessions", journal_.seconds(), num_gnbs, num_connected, core_.upf().num_sessions()));
  }

  const CoreOptions& options_;
  const config::CoreSection& section_;
  Journal journal_;
  std::unique_ptr<ngap::N3Link> n3_;
  std::unique_ptr<Tun> tun_;
  std::unique_ptr<N2Listener> listener_;
  core::Core core_;
  std::vector<std::unique_ptr<ngap::N2Link>> gnbs_;
  std::size_t num_gnbs_ = 0;
  std::map<std::string, SeenUe> ues_;
};

int run_core(const CoreOptions& options)
{
  static_cast<void>(stop_requested());
  const auto config = load(options.node);
  if (!config) return report(config.error());
  const auto derived = rrc::derive_cell(config->cell);
  if (!derived) return report(derived.error());
  auto subscribers = open_subscribers(config->core);
  if (!subscribers) return report(subscribers.error());
  core::CoreConfig core = core_config(config->core, derived->cell);
  apply(config->quirks, core);
  CoreProgram program(options, config->core, core, std::move(*subscribers));
  if (auto opened = program.open(); !opened) return report(opened.error());
  program.run();
  program.report_end();
  return kDone;
}

}  // namespace

void add_core(CLI::App& ravi, Run& run)
{
  auto options = std::make_shared<CoreOptions>();
  CLI::App* command = ravi.add_subcommand("core", "Runs the 5G core for gNBs that come over N2 and N3");
  add_node_options(*command, options->node, HasRadio::no);
  command->add_option("--tun", options->tun, "users' packets to a TUN device of this name (default: built-in gateway)")
      ->expected(0, 1)
      ->default_str("ravi-core");
  command->add_option("--netns", options->network_namespace, "the network namespace of the TUN device");
  command->add_option("--downlink", options->downlink_mbps, "Mbit/s of test traffic to each UE with a session")->check(CLI::Range(0.0, 10'000.0));
  command->footer("Example: ravi core -c config/lab-zmq.yaml");
  command->callback([options, &run] { run = [options] { return run_core(*options); }; });
}

}  // namespace ravi::apps
