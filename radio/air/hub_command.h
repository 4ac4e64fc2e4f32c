#pragma once
// Changes to a running hub as text, one command a line: what `ravi air --command` sends.

#include "radio/air/hub.h"
#include "radio/result.h"

#include <string>
#include <string_view>

namespace ravi::air {

/// Carries out one command and returns the answer for the user; a change is in force from the hub's next block on.
/// Refuses (`bad_input`, naming the word) what is not exactly one of the forms of `hub_command_help`.
[[nodiscard]] Result<std::string> execute(Hub& hub, std::string_view command);

/// The forms, one a line.
[[nodiscard]] std::string_view hub_command_help();

/// One line a node and link, for people.
[[nodiscard]] std::string describe(const HubStatus& status);

}  // namespace ravi::air
