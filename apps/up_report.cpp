#include "apps/up_report.h"

#include "radio/air/emulator.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace ravi::apps {
namespace {

/// Nearness that a stretch of 64 probe periods reaches at 20 dB SNR with a wide margin.
constexpr double kGainTolerance = 0.5;     // dB
constexpr double kDelayTolerance = 0.1;    // samples
constexpr double kOffsetTolerance = 20.0;  // Hz
constexpr double kSnrTolerance = 1.0;      // dB

/// The link the configuration has between two nodes' first ports; without any links in it, 0 dB.
std::optional<air::LinkConfig> configured_link(const air::AirConfig& config, const std::string& from,
                                               const std::string& to)
{
  if (config.links.empty()) return air::LinkConfig{.from = from, .to = to};
  const auto found = std::find_if(config.links.begin(), config.links.end(), [&](const air::LinkConfig& link) {
    return link.from == from && link.to == to && link.from_port == 0 && link.to_port == 0;
  });
  if (found == config.links.end()) return std::nullopt;
  return *found;
}

LinkExpectation expectation(const air::AirConfig& config, const air::LinkConfig& link, DbFs sent)
{
  LinkExpectation expected;
  const bool is_steady = link.fading.profile == air::FadingProfile::none && link.drift_ppm == 0.0;
  const bool is_disturbed = !config.interferers.empty() || !config.faults.empty() || !config.steps.empty();
  if (!is_steady || is_disturbed) return expected;
  const double delay = link.delay.count() * static_cast<double>(config.sample_rate.hz());
  const bool is_whole = std::abs(delay - std::round(delay)) < 1e-9 * std::max(1.0, delay);
  // What a fractional delay adds when it is short is the emulator's stated latency.
  const auto latency = static_cast<double>(air::kFractionalLatency);
  expected.gain = link.gain;
  expected.delay = is_whole || delay >= latency ? delay : delay + latency;
  expected.delay = std::fmod(*expected.delay, static_cast<double>(measure::kProbePeriod));
  expected.frequency_offset = link.cfo;
  const auto to = std::find_if(config.nodes.begin(), config.nodes.end(), [&](const auto& n) { return n.name == link.to; });
  if (link.snr && !(to != config.nodes.end() && to->noise_floor)) {
    expected.snr = *link.snr + (sent - link.snr_reference);
  }
  return expected;
}

void compare(std::vector<std::string>& faults, std::string_view what, std::string_view unit, double measured,
             double expected, double tolerance)
{
  if (std::abs(measured - expected) <= tolerance) return;
  faults.push_back(fmt::format("{} {:.2f} {unit} instead of {:.2f} {unit}", what, measured, expected, fmt::arg("unit", unit)));
}

void find_faults(LinkReport& link)
{
  if (!link.measured) {
    link.faults.push_back("nothing heard: is there a link in the air file, and is its SNR above -10 dB?");
    return;
  }
  const measure::LinkEstimate& measured = *link.measured;
  const LinkExpectation& expected = link.expected;
  if (expected.gain) compare(link.faults, "gain", "dB", measured.gain.value(), expected.gain->value(), kGainTolerance);
  if (expected.delay) compare(link.faults, "delay", "samples", measured.delay, *expected.delay, kDelayTolerance);
  if (expected.frequency_offset) {
    compare(link.faults, "offset", "Hz", measured.frequency_offset.value(), expected.frequency_offset->value(),
            kOffsetTolerance);
  }
  if (expected.snr) compare(link.faults, "SNR", "dB", measured.snr.value(), expected.snr->value(), kSnrTolerance);
}

std::string beside(double measured, const std::optional<double>& expected, int decimals)
{
  if (!expected) return fmt::format("{:.{}f}", measured, decimals);
  return fmt::format("{:.{}f} ({:.{}f})", measured, decimals, *expected, decimals);
}

template <class T>
std::optional<double> value_of(const std::optional<T>& quantity)
{
  if (!quantity) return std::nullopt;
  return quantity->value();
}

void print_text(const UpReport& up)
{
  fmt::print("{:.2f} s of air at {:.2f} MS/s, seed {}: {:.1f} x real time, {:.1f} MS/s a node; {} late slots, {} gaps\n\n",
             up.duration_s, static_cast<double>(up.rate.hz()) / 1e6, up.seed, up.real_time_factor, up.rate_msps,
             up.late_slots, up.gaps);
  fmt::print("{:<12} {:>18} {:>22} {:>20} {:>16}\n", "link", "gain dB", "delay samples", "offset Hz", "SNR dB");
  for (const LinkReport& link : up.links) {
    const std::string name = fmt::format("{} -> {}", link.from, link.to);
    if (!link.measured) {
      fmt::print("{:<12} nothing heard\n", name);
    } else {
      const measure::LinkEstimate& m = *link.measured;
      fmt::print("{:<12} {:>18} {:>22} {:>20} {:>16}\n", name, beside(m.gain.value(), value_of(link.expected.gain), 2),
                 beside(m.delay, link.expected.delay, 2),
                 beside(m.frequency_offset.value(), value_of(link.expected.frequency_offset), 1),
                 beside(m.snr.value(), value_of(link.expected.snr), 1));
    }
    for (const std::string& fault : link.faults) fmt::print("{:<12} {}\n", "", fault);
  }
  fmt::print("\nmeasured by each receiver from the samples; in parentheses what the air was told to do\n");
  fmt::print("verdict: {}\n", up.is_ok ? "ok" : "not ok");
}

void print_json(const UpReport& up)
{
  using Json = nlohmann::ordered_json;
  Json document{{"verdict", up.is_ok ? "ok" : "failed"},
                {"real_time_factor", up.real_time_factor},
                {"sample_rate_hz", up.rate.hz()},
                {"duration_s", up.duration_s},
                {"seed", up.seed},
                {"lates", up.late_slots},
                {"gaps", up.gaps},
                {"links", Json::array()}};
  const auto or_null = [](const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); };
  for (const LinkReport& link : up.links) {
    Json entry{{"from", link.from}, {"to", link.to}, {"heard", link.measured.has_value()}};
    if (link.measured) {
      entry["measured"] = {{"gain_db", link.measured->gain.value()},
                           {"delay_samples", link.measured->delay},
                           {"offset_hz", link.measured->frequency_offset.value()},
                           {"snr_db", link.measured->snr.value()}};
    }
    entry["expected"] = {{"gain_db", or_null(value_of(link.expected.gain))},
                         {"delay_samples", or_null(link.expected.delay)},
                         {"offset_hz", or_null(value_of(link.expected.frequency_offset))},
                         {"snr_db", or_null(value_of(link.expected.snr))}};
    entry["faults"] = link.faults;
    document["links"].push_back(std::move(entry));
  }
  fmt::print("{}\n", document.dump(2));
}

}  // namespace

UpReport make_report(const air::AirConfig& config, const std::vector<std::unique_ptr<ProbeNode>>& nodes, double elapsed_s)
{
  UpReport up;
  up.rate = config.sample_rate;
  up.seed = config.seed;
  up.duration_s = static_cast<double>(nodes[0]->counters().slots) / 1e3;
  up.real_time_factor = up.duration_s / elapsed_s;
  up.rate_msps = up.real_time_factor * static_cast<double>(config.sample_rate.hz()) / 1e6;
  for (const auto& node : nodes) {
    up.late_slots += node->counters().late_slots;
    up.gaps += node->counters().gaps;
  }
  up.is_ok = up.late_slots == 0 && up.gaps == 0;
  for (std::size_t n = 0; n < 2; ++n) {
    const ProbeNode& from = *nodes[n];
    const ProbeNode& to = *nodes[1 - n];
    const auto configured = configured_link(config, from.name(), to.name());
    if (!configured) continue;
    LinkReport link{.from = from.name(), .to = to.name(), .measured = to.heard(from)};
    link.expected = expectation(config, *configured, from.probe().level());
    find_faults(link);
    up.is_ok = up.is_ok && link.faults.empty();
    up.links.push_back(std::move(link));
  }
  up.is_ok = up.is_ok && !up.links.empty();
  return up;
}

void print_report(const UpReport& report, bool is_json)
{
  if (is_json) {
    print_json(report);
  } else {
    print_text(report);
  }
}

}  // namespace ravi::apps
