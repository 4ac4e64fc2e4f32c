#pragma once
// What a radio string says to the file driver.

#include "drivers/file/recording_source.h"
#include "radio/device_string.h"
#include "radio/recording/sample_format.h"
#include "radio/result.h"

#include <cstddef>
#include <optional>
#include <string>

namespace ravi {

enum class Pace {
  free,      ///< as fast as both ends go
  realtime,  ///< as fast as the samples' rate
};

struct FileConfig {
  std::optional<SourceConfig> source;  ///< the recording received from
  std::string tx;                      ///< the recording made; empty: none
  recording::SampleFormat tx_format = recording::SampleFormat::ci16_le;
  std::size_t num_tx_channels = 1;
  std::optional<SampleRate> tx_rate;  ///< `rate=` where nothing is received
  Pace pace = Pace::free;
};

/// `offset` and `duration` given as times are counted at the recording's rate, so its metadata are read here.
[[nodiscard]] Result<FileConfig> parse_file_config(const DeviceString& device);

/// "1000" samples, or "10 ms" at `rate`.
[[nodiscard]] Result<SampleCount> parse_samples_or_duration(std::string_view text, SampleRate rate);

}  // namespace ravi
