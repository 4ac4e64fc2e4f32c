#include "drivers/uhd/uhd_log.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <uhd/utils/log.hpp>
#include <uhd/utils/log_add.hpp>

#include <mutex>

namespace ravi {
namespace {

spdlog::level::level_enum level_of(uhd::log::severity_level level)
{
  switch (level) {
    case uhd::log::trace:
      return spdlog::level::trace;
    case uhd::log::debug:
      return spdlog::level::debug;
    case uhd::log::info:
      return spdlog::level::info;
    case uhd::log::warning:
      return spdlog::level::warn;
    case uhd::log::error:
      return spdlog::level::err;
    default:
      return spdlog::level::critical;
  }
}

}  // namespace

void send_uhd_log_to_ours()
{
  static std::once_flag once;
  std::call_once(once, [] {
    uhd::log::set_console_level(uhd::log::off);
    uhd::log::add_logger("ravi", [](const uhd::log::logging_info& entry) {
      spdlog::log(level_of(entry.verbosity), fmt::format("uhd {}: {}", entry.component, entry.message));
    });
    uhd::log::set_logger_level("ravi", uhd::log::info);
  });
}

}  // namespace ravi
