#pragma once
// What `ravi up` says at its end: for people, or as one JSON document.

#include "apps/explain_failure.h"
#include "apps/network.h"
#include "apps/peak_rate.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace ravi::apps {

struct UpReport {
  std::string profile;
  NetworkConfig config;
  PeakRate peak;
  NetworkResult result;
  std::vector<Failure> failures;
  bool is_stopped = false;   ///< by the user, before its end
  [[nodiscard]] bool is_ok() const { return failures.empty() && !is_stopped; }
};

/// One line on what is run, with its numbers.
[[nodiscard]] std::string headline(const UpReport& report);
/// One line of the ladder: when, which rung, and what is known with it.
[[nodiscard]] std::string ladder_line(const UeNodeStatus& status, ue::Rung rung);
[[nodiscard]] std::string to_text(const UpReport& report);
/// Times are network time; an inline run repeats all but the real-time factors and `cpu_cores`.
[[nodiscard]] nlohmann::ordered_json to_json(const UpReport& report);

}  // namespace ravi::apps
