#include "drivers/soapy/soapy_log.h"

#include <spdlog/spdlog.h>
#include <SoapySDR/Logger.hpp>

namespace ravi {
namespace {

void log(const SoapySDRLogLevel level, const char* message)
{
  switch (level) {
    case SOAPY_SDR_FATAL:
    case SOAPY_SDR_CRITICAL:
      return spdlog::critical("soapy: {}", message);
    case SOAPY_SDR_ERROR:
      return spdlog::error("soapy: {}", message);
    case SOAPY_SDR_WARNING:
      return spdlog::warn("soapy: {}", message);
    case SOAPY_SDR_NOTICE:
    case SOAPY_SDR_INFO:
      return spdlog::info("soapy: {}", message);
    case SOAPY_SDR_DEBUG:
      return spdlog::debug("soapy: {}", message);
    // "SSI" are single letters for overflow and underflow from the streaming threads: those events are counted instead.
    case SOAPY_SDR_TRACE:
    case SOAPY_SDR_SSI:
      return;
  }
}

}  // namespace

void send_soapy_log_to_ours() { SoapySDR::registerLogHandler(&log); }

}  // namespace ravi
