#include "apps/explain_failure.h"

#include <fmt/format.h>

#include <algorithm>

namespace ravi::apps {
namespace {

struct Words {
  std::string cause;
  std::string advice;
};

/// The air's path from the gNB to a UE or back; null: its file has paths, but not this one.
const air::LinkConfig* link_of(const air::AirConfig& air, bool is_downlink)
{
  const auto found = std::find_if(air.links.begin(), air.links.end(), [&](const air::LinkConfig& link) {
    return (is_downlink ? link.from : link.to) == "gnb";
  });
  return found == air.links.end() ? nullptr : &*found;
}

/// What the air's configuration says about a direction in which nothing is heard.
std::string advice_for_link(const air::AirConfig& air, bool is_downlink)
{
  const char* const path = is_downlink ? "gnb to ue" : "ue to gnb";
  if (air.links.empty()) return fmt::format("look at faults and interferers of the air, which has no links of its own ({})", path);
  const air::LinkConfig* const link = link_of(air, is_downlink);
  if (link == nullptr) return fmt::format("the air has no link from {}: add one", path);
  if (link->snr && link->snr->value() < 5.0) {
    return fmt::format("the air's link from {} has an SNR of {:.0f} dB: raise it above 5 dB", path, link->snr->value());
  }
  return fmt::format("look at gain, SNR, fading, steps and faults of the air's link from {}", path);
}

Words explain_cell(const NetworkConfig& config, const UeNodeStatus& status)
{
  const std::string trouble(status.trouble.data());
  const std::string searches = fmt::format("{} searches of band n{}", status.modem.searches, config.cell.band);
  if (status.modem.searches == 0) return {"no search was finished: the run is too short", "a longer --duration"};
  if (trouble.find("SS/PBCH") != std::string::npos) {
    return {fmt::format("no SS/PBCH block in {}: the downlink does not reach the UE", searches), advice_for_link(config.air, true)};
  }
  return {fmt::format("{}: {}", searches, trouble), advice_for_link(config.air, true)};
}

Words explain_random_access(const NetworkConfig& config, const NetworkResult& result)
{
  if (result.gnb.modem.refused_preambles > 0) {
    return {fmt::format("the gNB turned {} preambles away for want of room", result.gnb.modem.refused_preambles), "fewer UEs"};
  }
  if (result.gnb.modem.preambles == 0) {
    return {"the gNB heard no preamble: the uplink does not reach it", advice_for_link(config.air, false)};
  }
  return {fmt::format("the gNB heard {} preambles, but no connection began: its answers or Msg3 are lost", result.gnb.modem.preambles),
          advice_for_link(config.air, false)};
}

Words explain_authentication(const NetworkResult& result)
{
  if (!result.gnb.has_core) return {"the gNB has no core", "is the core running, and does NG setup succeed?"};
  if (result.amf.authentication_failures > 0) {
    return {"the UE and the core do not have the same keys: the challenge failed",
            "compare K and OPc of the UE with the subscriber's (ravi subscribers list shows who is there)"};
  }
  if (result.amf.authentications == 0) {
    return {"the core gave no challenge that was answered: it may not know the subscriber",
            "add the subscriber with its keys (ravi subscribers add)"};
  }
  return {"the UE's answer to the challenge did not come to an end", "a longer --duration, a better link"};
}

Words explain_rung(const NetworkConfig& config, const NetworkResult& result, const UeNodeStatus& status, ue::Rung rung)
{
  const std::string trouble(status.trouble.data());
  const std::string beside = trouble.empty() ? "" : fmt::format(" ({})", trouble);
  switch (rung) {
    case ue::Rung::cell_found:
      return explain_cell(config, status);
    case ue::Rung::random_access:
      return explain_random_access(config, result);
    case ue::Rung::connected:
      return {fmt::format("no RRC connection: {} began at the gNB, {} were turned away{}", result.gnb.gnb.ues, result.gnb.gnb.rejected, beside),
              "fewer UEs, or a better link"};
    case ue::Rung::authenticated:
      return explain_authentication(result);
    case ue::Rung::security:
      return {fmt::format("security was not agreed upon: {} messages failed their integrity check at the core, {} at the UE{}",
                          result.amf.integrity_failures, status.nas.integrity_failures, beside),
              "do UE and core allow a common algorithm?"};
    case ue::Rung::registered:
      return {fmt::format("the registration was not completed{}", beside), "does the core serve the cell's PLMN and tracking area?"};
    case ue::Rung::session:
      return {fmt::format("no PDU session{}", beside), "does the subscriber's DNN and slice suit the UE?"};
  }
  return {};
}

std::optional<Failure> explain_traffic(const NetworkConfig& config, const UeResult& ue)
{
  const ip::PingReport& ping = ue.ping;
  if (config.traffic.has_ping && (ping.sent == 0 || ping.received < ping.sent)) {
    return Failure{ue.imsi, "ping", fmt::format("{} of {} pings were answered", ping.received, ping.sent),
                   ping.sent == 0 ? "a longer --duration" : "look at the air's SNR, fading and faults"};
  }
  if (config.traffic.has_downlink && ue.downlink.packets == 0) {
    return Failure{ue.imsi, "downlink", "no packet of the downlink's test traffic arrived", "a longer --duration, or a better link"};
  }
  if (config.traffic.has_uplink && ue.uplink.packets == 0) {
    return Failure{ue.imsi, "uplink", "no packet of the uplink's test traffic arrived", "a longer --duration, or a better link"};
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(ue::Rung rung)
{
  switch (rung) {
    case ue::Rung::cell_found:
      return "cell found";
    case ue::Rung::random_access:
      return "random access";
    case ue::Rung::connected:
      return "RRC connected";
    case ue::Rung::authenticated:
      return "authenticated";
    case ue::Rung::security:
      return "security";
    case ue::Rung::registered:
      return "registered";
    case ue::Rung::session:
      return "session";
  }
  return "";
}

std::optional<ue::Rung> first_missing(const UeNodeStatus& status)
{
  for (std::size_t rung = 0; rung < ue::kNumRungs; ++rung) {
    if (!status.reached[rung]) return static_cast<ue::Rung>(rung);
  }
  return std::nullopt;
}

std::vector<Failure> explain_failures(const NetworkConfig& config, const NetworkResult& result)
{
  std::vector<Failure> failures;
  if (result.has_failed) failures.push_back({"", "radio", "a radio was lost", "the log says why"});
  for (const UeResult& ue : result.ues) {
    if (const auto missing = first_missing(ue.status)) {
      Words words = explain_rung(config, result, ue.status, *missing);
      failures.push_back({ue.imsi, std::string(name_of(*missing)), std::move(words.cause), std::move(words.advice)});
    } else if (!ue.is_attached()) {
      failures.push_back({ue.imsi, "session", fmt::format("the session was there and is gone ({})", ue.status.trouble.data()),
                          "look at the air's steps and faults"});
    } else if (auto failure = explain_traffic(config, ue)) {
      failures.push_back(std::move(*failure));
    }
  }
  if (result.lates > 0 || result.gaps > 0) {
    failures.push_back({"", "timing", fmt::format("{} slots or transmissions were made too late, {} gaps in the samples", result.lates, result.gaps),
                        "nodes of a simulated air wait for each other, so this should not be: please report it"});
  }
  return failures;
}

}  // namespace ravi::apps
