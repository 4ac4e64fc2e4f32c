#include "drivers/soapy/soapy_quirks.h"

#include <algorithm>

namespace ravi {
namespace {

using enum TimestampSource;

/// From the public sources of each SoapySDR module, read in 2026; a row is changed when a module changes.
const std::vector<SoapyQuirks>& rows()
{
  static const std::vector<SoapyQuirks> table{
      // LimeSuite SoapyLMS7: 12-bit samples in 16, device counter in every packet. Its float path clips nowhere and
      // converts on its own thread, so we take the integers.
      {.driver = "lime", .timestamps = hardware, .receive = {"CS16", 2048}, .transmit = {"CS16", 2048}},
      // SoapyBladeRF: without meta=meta two-channel streams come without times.
      {.driver = "bladerf",
       .timestamps = hardware,
       .receive = {"CS16", 2048},
       .transmit = {"CS16", 2048},
       .stream_arg = {{"meta", "meta"}}},
      // SoapyHackRF: sets no time on any packet; one direction at a time.
      {.driver = "hackrf",
       .timestamps = host,
       .receive = {"CS8", 128},
       .transmit = {"CS8", 128},
       .is_half_duplex = true,
       .why_no_transmit =
           "a HackRF has no time stamps and cannot receive while it transmits, so nothing can be sent at a "
           "stated time"},
      // SoapyRTLSDR: has a time on every packet, but counts it on the host.
      {.driver = "rtlsdr",
       .timestamps = host,
       .receive = {"CS8", 128},
       .transmit = {},
       .why_no_transmit = "an RTL-SDR has no transmitter"},
      // SoapyPlutoSDR: no times. Received integers are aligned to the low bits, transmitted ones to the high bits.
      {.driver = "plutosdr",
       .timestamps = host,
       .receive = {"CS16", 2048},
       .transmit = {"CS16", 32768},
       .why_no_transmit =
           "SoapyPlutoSDR gives no time stamps, so nothing can be sent at a stated time (with a module and "
           "firmware that do, say timestamps=yes)"},
      // libxtrx: floats are scaled by the library; integers have another full scale each way.
      {.driver = "xtrx", .timestamps = hardware, .receive = {"CF32", 1}, .transmit = {"CF32", 1}},
      // SoapyRemote: converts on the client; what times it carries depends on the device behind it.
      {.driver = "remote", .timestamps = unknown, .receive = {"CF32", 1}, .transmit = {"CF32", 1}},
      // SoapyUHD (the opposite of uhd-soapysdr): UHD's times.
      {.driver = "uhd", .timestamps = hardware, .receive = {"CF32", 1}, .transmit = {"CF32", 1}},
      // drivers/soapy_module: the sample count of the emulated air.
      {.driver = "ravi", .timestamps = hardware, .receive = {"CF32", 1}, .transmit = {"CF32", 1}},
      // Any other device.
      {.driver = "", .timestamps = unknown, .receive = {}, .transmit = {}},
  };
  return table;
}

}  // namespace

const std::vector<SoapyQuirks>& all_soapy_quirks() { return rows(); }

const SoapyQuirks& soapy_quirks(std::string_view driver, std::string_view remote_driver)
{
  const auto find = [](std::string_view key) {
    return std::find_if(rows().begin(), rows().end(), [&](const SoapyQuirks& row) { return row.driver == key; });
  };
  const bool is_remote = driver == "remote";
  if (is_remote && !remote_driver.empty()) {
    // Formats are SoapyRemote's business; only a device known to have no times is worth its own row.
    const auto behind = find(remote_driver);
    if (behind != rows().end() && behind->timestamps == host) return *behind;
  }
  const auto row = find(driver);
  return row != rows().end() ? *row : rows().back();
}

}  // namespace ravi
