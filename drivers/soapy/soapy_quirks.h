#pragma once
// What SoapySDR's interface does not say about the devices behind it: one table.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ravi {

/// Where the time of a received packet comes from.
enum class TimestampSource {
  hardware,  ///< counted by the device: gaps show, timed transmission is possible
  host,      ///< counted by the driver on the host, or nothing: gaps are invisible, timed transmission is not possible
  unknown,   ///< ask the running device (hasHardwareTime, and whether packets carry a time)
};

/// Sample format to ask of a direction, and the value that means full scale in it.
struct SoapyFormat {
  std::string_view name;  ///< "CF32", "CS16", "CS8"; empty: ask the device
  double full_scale = 1.0;
};

struct SoapyQuirks {
  std::string_view driver;  ///< SoapySDR's driver key; empty: any other device
  TimestampSource timestamps = TimestampSource::unknown;
  SoapyFormat receive;
  SoapyFormat transmit;
  std::optional<std::pair<std::string_view, std::string_view>>
      stream_arg;  ///< given to setupStream unless the user did
  bool is_half_duplex = false;
  std::string_view why_no_transmit;  ///< a sentence for the user; empty: no reason beyond the time stamps
};

/// The row of a driver key; the row for any other device where there is none. SoapyRemote: the row of the device behind
/// it, whose key is given as `remote_driver`.
[[nodiscard]] const SoapyQuirks& soapy_quirks(std::string_view driver, std::string_view remote_driver = {});

/// Every row, for tests and listings.
[[nodiscard]] const std::vector<SoapyQuirks>& all_soapy_quirks();

}  // namespace ravi
