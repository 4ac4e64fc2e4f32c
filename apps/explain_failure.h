#pragma once
// Why a network did not do what it should: the first broken rung of a UE, its likely cause, and what to try.

#include "apps/network.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ravi::apps {

struct Failure {
  std::string imsi;    ///< empty: of the whole network
  std::string rung;    ///< "cell found", ..., "ping", "downlink", "uplink", "timing"
  std::string cause;   ///< what is known, and what that points to
  std::string advice;
};

[[nodiscard]] std::string_view name_of(ue::Rung rung);
/// The first that the UE has not reached; nothing: it stands on the top.
[[nodiscard]] std::optional<ue::Rung> first_missing(const UeNodeStatus& status);

/// All that is not as it should be, each UE's first broken rung only. Empty: all is well.
[[nodiscard]] std::vector<Failure> explain_failures(const NetworkConfig& config, const NetworkResult& result);

}  // namespace ravi::apps
