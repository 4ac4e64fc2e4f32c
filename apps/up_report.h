#pragma once
// What `ravi up` says at its end: each link as measured, beside what the air was told.

#include "apps/probe_node.h"
#include "radio/air/air_config.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ravi::apps {

/// What a link should measure as, and how near is near enough. None: not predictable (fading).
struct LinkExpectation {
  std::optional<Decibel> gain;
  std::optional<double> delay;  ///< samples
  std::optional<Hertz> frequency_offset;
  std::optional<Decibel> snr;
};

struct LinkReport {
  std::string from;
  std::string to;
  std::optional<measure::LinkEstimate> measured;
  LinkExpectation expected;
  std::vector<std::string> faults;  ///< what does not fit; empty: all is well
};

struct UpReport {
  bool is_ok = false;
  double real_time_factor = 0.0;  ///< time on the air over time on the clock
  double rate_msps = 0.0;         ///< samples a second that each node received
  SampleRate rate;
  double duration_s = 0.0;        ///< on the air
  std::uint64_t late_slots = 0;
  std::uint64_t gaps = 0;
  std::uint64_t seed = 0;
  std::vector<LinkReport> links;
};

/// `nodes`: the first two of the air, ended. elapsed_s: time on the clock.
[[nodiscard]] UpReport make_report(const air::AirConfig& config, const std::vector<std::unique_ptr<ProbeNode>>& nodes,
                                   double elapsed_s);
void print_report(const UpReport& report, bool is_json);

}  // namespace ravi::apps
