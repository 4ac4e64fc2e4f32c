#pragma once
// From the configuration's `core` to a core network: in the gNB's process, or in one of its own.

#include "config/network_config.h"
#include "radio/result.h"
#include "stack/core/core.h"
#include "stack/nr/cell.h"

namespace ravi::apps {

/// PLMN and TAC are the cell's where `core` names none.
[[nodiscard]] core::CoreConfig core_config(const config::CoreSection& section, const nr::Cell& cell);
/// The file's subscribers, with the configuration's users added that are not there yet.
[[nodiscard]] Result<core::Subscribers> open_subscribers(const config::CoreSection& section);
/// This machine's time and time zone, for the core to tell UEs.
[[nodiscard]] nas::UniversalTime universal_time();
/// From the system's source of randomness.
[[nodiscard]] core::RandSource system_rand();

}  // namespace ravi::apps
