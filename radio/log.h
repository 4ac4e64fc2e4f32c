#pragma once
// The program's log: short lines for people, never on the slot path, never a key. Where it goes and from which level on is
// decided in apps/main.cpp.

#include <string_view>

namespace ravi {

/// Any thread; not real-time. The text is written as it is: format it with fmt::format.
void log_info(std::string_view text);
void log_warning(std::string_view text);
void log_error(std::string_view text);

}  // namespace ravi
