// ravi gnb: a gNB as a program of its own, on a radio, with a core within it or elsewhere.

#include "apps/command.h"
#include "apps/core_setup.h"
#include "apps/gnb_node.h"
#include "apps/node_options.h"
#include "apps/quirks.h"
#include "drivers/ip/n2_sctp.h"
#include "drivers/ip/n3_udp.h"
#include "stack/rrc/derive_cell.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <set>
#include <thread>

namespace ravi::apps {
namespace {

Result<std::pair<CoreLinks, EmbeddedCore>> links_of(const config::NetworkConfig& config, const nr::Cell& cell, Journal& journal)
{
  if (!config.gnb.core) {
    auto subscribers = open_subscribers(config.core);
    if (!subscribers) return tl::unexpected(subscribers.error());
    core::CoreConfig core = core_config(config.core, cell);
    apply(config.quirks, core);
    auto embedded = embed_core(core, std::move(*subscribers), system_rand());
    embedded.second.core->amf().clock = universal_time;
    return embedded;
  }
  const config::AmfSection& amf = *config.gnb.core;
  auto n3 = open_n3(amf.bind);
  if (!n3) return tl::unexpected(n3.error());
  auto n2 = connect_n2({.sctp = amf.sctp,
                        .amf = amf.amf,
                        .bind = amf.bind,
                        .udp_port = static_cast<std::uint16_t>(amf.udp_port),
                        .log = [&journal](const std::string& line) { journal.say(line); }});
  if (!n2) return tl::unexpected(n2.error());
  return std::pair(CoreLinks{std::move(*n2), std::move(*n3)}, EmbeddedCore{});
}

/// Says what has changed since it looked last.
class GnbWatch {
public:
  explicit GnbWatch(Journal& journal) : journal_(journal) {}

  void look(const GnbNodeStatus& status)
  {
    if (status.has_core != has_core_) journal_.say(status.has_core ? "NG set up: the cell serves" : "NG lost: UEs are released");
    has_core_ = status.has_core;
    std::set<unsigned> connected;
    double downlink = 0, uplink = 0;
    for (const gnb::UeStatistics& ue : status.ues) {
      if (ue.has_session) connected.insert(ue.rnti.value());
      downlink += static_cast<double>(ue.downlink.octets);
      uplink += static_cast<double>(ue.uplink.octets);
    }
    for (const unsigned rnti : connected) {
      if (!connected_.contains(rnti)) journal_.say(fmt::format("UE {:#06x}: session", rnti));
    }
    for (const unsigned rnti : connected_) {
      if (!connected.contains(rnti)) journal_.say(fmt::format("UE {:#06x}: gone", rnti));
    }
    connected_ = std::move(connected);
    journal_.show(fmt::format("{:.1f} s on the air, {} x real time  core {}  {} UEs  {:.1f} MB down, {:.1f} MB up",
                              std::chrono::duration<double>(status.time).count(), fmt::format("{:.2f}", std::chrono::duration<double>(status.time).count() / std::max(journal_.seconds(), 0.001)),
                              status.has_core ? "up" : "down", status.ues.size(), downlink / 1e6, uplink / 1e6));
  }

private:
  Journal& journal_;
  bool has_core_ = false;
  std::set<unsigned> connected_;
};

void print_end(const NodeOptions& options, GnbNode& node, const Journal& journal)
{
  const GnbNodeStatus& status = node.status();
  const SlotLoopCounters loop = node.node().counters();
  if (!options.is_json) {
    fmt::print("gnb: {:.1f} s on the air in {:.1f} s, {} connections, {} UEs lost, {} late slots, {} gaps\n",
               std::chrono::duration<double>(status.time).count(), journal.seconds(), status.gnb.ues, status.gnb.lost_ues, loop.late_slots, loop.gaps);
    return;
  }
  nlohmann::ordered_json out{{"seconds", journal.seconds()},
                             {"network_seconds", std::chrono::duration<double>(status.time).count()},
                             {"has_core", status.has_core},
                             {"lates", loop.late_slots},
                             {"gaps", loop.gaps},
                             {"connections", status.gnb.ues},
                             {"rejected", status.gnb.rejected},
                             {"lost_ues", status.gnb.lost_ues},
                             {"preambles", status.modem.preambles},
                             {"pages", status.gnb.pages},
                             {"uplink_packets", status.gnb.uplink_packets},
                             {"downlink_packets", status.gnb.downlink_packets},
                             {"dropped_packets", status.gnb.dropped_packets}};
  out["ues"] = nlohmann::ordered_json::array();
  for (const gnb::UeStatistics& ue : status.ues) {
    out["ues"].push_back({{"rnti", ue.rnti.value()}, {"has_session", ue.has_session}, {"cqi", ue.cqi}, {"uplink_snr_db", ue.uplink_snr_db},
                          {"downlink_bler", ue.downlink.bler()}, {"uplink_bler", ue.uplink.bler()}, {"downlink_mcs", ue.downlink.average_mcs()},
                          {"uplink_mcs", ue.uplink.average_mcs()}});
  }
  fmt::print("{}\n", out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

int run_gnb(const NodeOptions& options)
{
  static_cast<void>(stop_requested());
  const auto config = load(options);
  if (!config) return report(config.error());
  const auto derived = rrc::derive_cell(config->cell);
  if (!derived) return report(derived.error());
  const nr::Cell& cell = derived->cell;
  const SampleRate rate = rate_for(config->gnb.radio, cell.bandwidth);
  Journal journal(options.is_json);
  journal.say(fmt::format("gNB {}: n{}, {} at {}, PCI {}, {}; end with Ctrl-C", config->gnb.id, cell.band, to_text(cell.bandwidth),
                          to_text(cell.downlink.center), cell.pci.value(), to_text(rate)));
  auto links = links_of(*config, cell, journal);  // first: a core that comes to stay is there before the UEs
  if (!links) return report(links.error());
  auto radio = open_duplex(config->gnb.radio, rate, {.receive = cell.uplink.center, .transmit = cell.downlink.center}, options);
  if (!radio && stop_requested().load()) return kDone;
  if (!radio) return report(radio.error());
  journal.say(fmt::format("radio: {}", (*radio)->describe().name));
  const RadioDescription description = (*radio)->describe();
  gnb::GnbConfig gnb{.cell = cell,
                     .rate = rate,
                     .lead = config->gnb.lead,
                     .rrc = {.um_five_qis = config->gnb.um_five_qis},
                     .ngap = {.gnb_id = config->gnb.id, .name = config->gnb.name}};
  if (config->gnb.csi == config::CsiReports::none) gnb.ue.csi_period_ms.reset();
  if (config->gnb.inactivity) gnb.inactivity = std::chrono::duration_cast<gnb::Time>(*config->gnb.inactivity);
  apply(config->quirks, gnb);
  auto node = GnbNode::make({.gnb = gnb}, std::move(*radio), std::move(links->first), std::move(links->second));
  if (!node) return report(node.error());
  if (auto started = (*node)->node().start_radio(); !started) return report(started.error());
  (*node)->node().start_thread();
  GnbWatch watch(journal);
  while (!stop_requested().load() && !(*node)->node().has_ended()) {
    if (options.duration && journal.seconds() >= std::chrono::duration<double>(*options.duration).count()) break;
    watch.look((*node)->status());
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  (*node)->node().stop();
  (*node)->node().wait();
  print_end(options, **node, journal);
  return (*node)->node().has_failed() ? report({ErrorCode::io, "the radio was lost"}) : static_cast<int>(kDone);
}

}  // namespace

void add_gnb(CLI::App& ravi, Run& run)
{
  auto options = std::make_shared<NodeOptions>();
  CLI::App* command = ravi.add_subcommand("gnb", "Runs a gNB on a radio");
  add_node_options(*command, *options, HasRadio::yes);
  command->footer("Example: ravi gnb -c config/lab-zmq.yaml");
  command->callback([options, &run] { run = [options] { return run_gnb(*options); }; });
}

}  // namespace ravi::apps
