#include "apps/up_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace ravi::apps {
namespace {

std::string to_text(const nas::Ipv4& address) { return fmt::format("{}.{}.{}.{}", address[0], address[1], address[2], address[3]); }

double ms(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

/// From the cell found to the session.
std::optional<double> attach_ms(const UeNodeStatus& status)
{
  const auto& from = status.reached[static_cast<std::size_t>(ue::Rung::cell_found)];
  const auto& to = status.reached[static_cast<std::size_t>(ue::Rung::session)];
  if (!from || !to) return std::nullopt;
  return ms(*to - *from);
}

double sum_of(const NetworkResult& result, FlowResult UeResult::* flow)
{
  double sum = 0.0;
  for (const UeResult& ue : result.ues) sum += (ue.*flow).goodput_bps;
  return sum;
}

double share(double part, double whole) { return whole > 0.0 ? part / whole : 0.0; }

double rounded(double value, double step) { return std::round(value / step) * step; }

nlohmann::ordered_json json_of(const FlowResult& flow)
{
  return {{"goodput_mbps", flow.goodput_bps / 1e6},
          {"bler", flow.link.bler()},
          {"mcs_avg", flow.link.average_mcs()},
          {"residual_bler", flow.link.residual_bler()},
          {"blocks", flow.link.blocks},
          {"packets", flow.packets}};
}

nlohmann::ordered_json json_of(const UeResult& ue, const TrafficChoice& traffic)
{
  nlohmann::ordered_json json{{"supi", "imsi-" + ue.imsi}, {"attached", ue.is_attached()}};
  const auto attach = attach_ms(ue.status);
  json["attach_ms"] = attach ? nlohmann::ordered_json(*attach) : nullptr;
  json["ipv4"] = ue.status.address ? nlohmann::ordered_json(to_text(*ue.status.address)) : nullptr;
  if (traffic.has_ping) {
    json["ping"] = {{"sent", ue.ping.sent},
                    {"received", ue.ping.received},
                    {"rtt_ms_avg", rounded(ue.ping.rtt_ms_avg(), 1e-3)},
                    {"rtt_ms_min", ms(ue.ping.rtt_min)},
                    {"rtt_ms_max", ms(ue.ping.rtt_max)}};
  }
  if (traffic.has_downlink) json["downlink"] = json_of(ue.downlink);
  if (traffic.has_uplink) json["uplink"] = json_of(ue.uplink);
  json["deregistered"] = ue.has_left;
  nlohmann::ordered_json ladder;
  for (std::size_t rung = 0; rung < ue::kNumRungs; ++rung) {
    std::string name(name_of(static_cast<ue::Rung>(rung)));
    std::replace(name.begin(), name.end(), ' ', '_');
    const auto& reached = ue.status.reached[rung];
    ladder[name + "_ms"] = reached ? nlohmann::ordered_json(reached->count()) : nullptr;
  }
  json["ladder"] = std::move(ladder);
  json["snr_db"] = rounded(static_cast<double>(ue.status.statistics.snr_db), 0.1);
  json["cfo_hz"] = rounded(static_cast<double>(ue.status.statistics.cfo_hz), 0.1);
  json["cqi"] = ue.status.statistics.cqi;
  return json;
}

std::string flow_line(const char* name, const FlowResult& flow, double peak_bps)
{
  return fmt::format("  {:<10} {:6.2f} Mbit/s, {:.0f} % of the cell's peak of {:.2f}; BLER {:.1f} %, MCS {:.1f}\n", name, flow.goodput_bps / 1e6,
                     100.0 * share(flow.goodput_bps, peak_bps), peak_bps / 1e6, 100.0 * flow.link.bler(), flow.link.average_mcs());
}

std::string ue_text(const UpReport& report, const UeResult& ue)
{
  std::string text = fmt::format("imsi-{}\n", ue.imsi);
  const auto attach = attach_ms(ue.status);
  if (!attach || !ue.is_attached()) return text + "  not attached\n";
  text += fmt::format("  {:<10} {:.0f} ms after the cell was found, as {}\n", "attached", *attach, to_text(*ue.status.address));
  const TrafficChoice& traffic = report.config.traffic;
  if (traffic.has_ping) {
    text += fmt::format("  {:<10} {}/{} answered, RTT {:.1f} ms on average, {:.1f} to {:.1f} ms\n", "ping", ue.ping.received, ue.ping.sent,
                        ue.ping.rtt_ms_avg(), ms(ue.ping.rtt_min), ms(ue.ping.rtt_max));
  }
  if (traffic.has_downlink) text += flow_line("downlink", ue.downlink, report.peak.downlink_bps);
  if (traffic.has_uplink) text += flow_line("uplink", ue.uplink, report.peak.uplink_bps);
  return text;
}

}  // namespace

std::string headline(const UpReport& report)
{
  const nr::Cell& cell = report.config.cell;
  return fmt::format("{}: n{} {}, {:.0f} MHz, {} PRB of {} kHz, {:.2f} MS/s; {} UE{}, {}{}, seed {}", report.profile, cell.band,
                     cell.duplex == nr::Duplex::tdd ? "TDD" : "FDD", cell.bandwidth.value() / 1e6, cell.downlink.num_prb,
                     static_cast<int>(nr::spacing(cell.downlink.scs).value() / 1e3), static_cast<double>(report.config.rate.hz()) / 1e6,
                     report.config.ues.size(), report.config.ues.size() == 1 ? "" : "s",
                     report.config.fronthaul == Fronthaul::zmq ? "ZeroMQ" : "loopback", report.config.is_inline ? " inline" : "",
                     report.config.seed);
}

std::string ladder_line(const UeNodeStatus& status, ue::Rung rung)
{
  std::string detail;
  if (rung == ue::Rung::cell_found) {
    detail = fmt::format("PCI {}, SNR {:.0f} dB, offset {:+.0f} Hz", status.pci, static_cast<double>(status.statistics.snr_db),
                         static_cast<double>(status.statistics.cfo_hz));
  }
  if (rung == ue::Rung::session && status.address) detail = to_text(*status.address);
  const auto& reached = status.reached[static_cast<std::size_t>(rung)];
  return fmt::format("  {:>6} ms  {:<14} {}", reached ? reached->count() : 0, name_of(rung), detail);
}

std::string to_text(const UpReport& report)
{
  const NetworkResult& result = report.result;
  std::string text;
  for (const UeResult& ue : result.ues) text += ue_text(report, ue);
  text += fmt::format("{:.2f} s of network time, {:.2f} x real time{}; {:.1f} cores busy; {} late, {} gaps\n", ms(result.time) / 1e3,
                      result.real_time_factor,
                      result.traffic_time.count() > 0 ? fmt::format(" under traffic ({:.2f} over all)", result.whole_real_time_factor) : "",
                      result.cpu_cores, result.lates, result.gaps);
  for (const Failure& failure : report.failures) {
    text += fmt::format("\n{}{}: {}\n  try: {}\n", failure.imsi.empty() ? "" : "imsi-" + failure.imsi + ": ", failure.rung, failure.cause,
                        failure.advice);
  }
  return text + fmt::format("\nverdict: {}\n", report.is_stopped ? "stopped" : (report.is_ok() ? "ok" : "failed"));
}

nlohmann::ordered_json to_json(const UpReport& report)
{
  const NetworkResult& result = report.result;
  nlohmann::ordered_json json{{"verdict", report.is_stopped ? "stopped" : (report.is_ok() ? "ok" : "failed")},
                              {"profile", report.profile},
                              {"real_time_factor", rounded(result.real_time_factor, 1e-3)},
                              {"lates", result.lates}};
  json["ues"] = nlohmann::ordered_json::array();
  for (const UeResult& ue : result.ues) json["ues"].push_back(json_of(ue, report.config.traffic));
  json["failures"] = nlohmann::ordered_json::array();
  for (const Failure& failure : report.failures) {
    json["failures"].push_back({{"supi", failure.imsi.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json("imsi-" + failure.imsi)},
                                {"rung", failure.rung},
                                {"cause", failure.cause},
                                {"try", failure.advice}});
  }
  const double downlink = sum_of(result, &UeResult::downlink);
  const double uplink = sum_of(result, &UeResult::uplink);
  json["peak_mbps"] = {{"downlink", report.peak.downlink_bps / 1e6}, {"uplink", report.peak.uplink_bps / 1e6}};
  json["share_of_peak"] = {{"downlink", share(downlink, report.peak.downlink_bps)}, {"uplink", share(uplink, report.peak.uplink_bps)}};
  json["fronthaul"] = report.config.fronthaul == Fronthaul::zmq ? "zmq" : "loopback";
  json["seed"] = report.config.seed;
  json["duration_s"] = ms(result.time) / 1e3;
  json["traffic_s"] = ms(result.traffic_time) / 1e3;
  json["gaps"] = result.gaps;
  if (report.config.is_inline) json["digest"] = fmt::format("{:016x}", result.digest);
  json["whole_real_time_factor"] = rounded(result.whole_real_time_factor, 1e-3);
  json["cpu_cores"] = rounded(result.cpu_cores, 1e-2);
  return json;
}

}  // namespace ravi::apps
