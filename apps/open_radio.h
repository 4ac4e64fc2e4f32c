#pragma once
// From the radio string on a command line to an opened and adjusted radio: the one place that names the drivers.

#include "radio/device_string.h"
#include "radio/radio.h"
#include "radio/result.h"
#include "radio/transmit_permission.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <string>

namespace ravi::apps {

/// What the user asked of a radio; unset options leave the radio as it opens.
struct RadioOptions {
  std::string device;  ///< "DRIVER:key=value,..."
  std::optional<SampleRate> rate;
  std::optional<Hertz> frequency;
  std::optional<Hertz> lo_offset;
  std::optional<Decibel> gain;
  std::optional<Hertz> bandwidth;
  std::string antenna;
  std::string clock;
  std::string time;
  bool is_licensed_to_transmit = false;
};

/// What was really set.
struct OpenedRadio {
  std::unique_ptr<Radio> radio;
  SampleRate rate;
  Hertz frequency;
};

/// Adds --device --rate --freq --lo-offset --gain --bandwidth --antenna --clock --time; for `transmit` also
/// --i-am-licensed-to-transmit. `options` must outlive parsing.
void add_radio_options(CLI::App& app, RadioOptions& options, Direction direction);

/// Adds those from --rate to --time alone, under names that begin with `prefix`: "--", or "--input-" where a command has
/// two radios. `options` must outlive parsing.
void add_adjustments(CLI::App& app, RadioOptions& options, const std::string& prefix);

/// Whether the input of a command names a radio ("DRIVER:...") and not a recording: no file of that name is there.
[[nodiscard]] bool is_radio_string(const std::string& input);

/// Opens the radio; applies nothing. For programs that need to look first.
[[nodiscard]] Result<std::unique_ptr<Radio>> open_radio(const RadioOptions& options);
[[nodiscard]] Result<std::unique_ptr<Radio>> open_radio(const DeviceString& device, TransmitPermission permission);

/// Applies the options to every channel of `direction`. A hardware radio is refused for transmission without
/// --i-am-licensed-to-transmit; the error says so.
[[nodiscard]] Result<OpenedRadio> adjust(std::unique_ptr<Radio> radio, const RadioOptions& options, Direction direction);

/// Opens and adjusts.
[[nodiscard]] Result<OpenedRadio> open_and_tune(const RadioOptions& options, Direction direction);

/// A hardware radio: asks real time for the calling thread, which is to be the radio's, and says on standard error in one
/// line what was granted. A simulated radio waits for its thread, so for one nothing is asked.
void request_realtime_for(const RadioDescription& radio);

}  // namespace ravi::apps
