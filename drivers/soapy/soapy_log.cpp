#include "drivers/soapy/soapy_log.h"

#include "radio/log.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <SoapySDR/Logger.hpp>

namespace ravi {
namespace {

void log(const SoapySDRLogLevel level, const char* message)
{
  switch (level) {
    case SOAPY_SDR_FATAL:
    case SOAPY_SDR_CRITICAL:
    case SOAPY_SDR_ERROR:
      return log_error(fmt::format("soapy: {}", message));
    case SOAPY_SDR_WARNING:
      return log_warning(fmt::format("soapy: {}", message));
    case SOAPY_SDR_NOTICE:
    case SOAPY_SDR_INFO:
      return log_info(fmt::format("soapy: {}", message));
    case SOAPY_SDR_DEBUG:
      return spdlog::debug(fmt::format("soapy: {}", message));
    // "SSI" are single letters for overflow and underflow from the streaming threads: those events are counted instead.
    case SOAPY_SDR_TRACE:
    case SOAPY_SDR_SSI:
      return;
  }
}

}  // namespace

void send_soapy_log_to_ours() { SoapySDR::registerLogHandler(&log); }

}  // namespace ravi
