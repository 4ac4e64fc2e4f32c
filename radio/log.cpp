#include "radio/log.h"

#include <spdlog/spdlog.h>

namespace ravi {

// spdlog's template that formats is instantiated in no file: each would compile fmt's formatting anew.
void log_info(std::string_view text) { spdlog::info(text); }
void log_warning(std::string_view text) { spdlog::warn(text); }
void log_error(std::string_view text) { spdlog::error(text); }

}  // namespace ravi
