#include "apps/open_radio.h"

#include "apps/command.h"
#include "drivers/file/file_radio.h"
#include "drivers/zmq/air_radio.h"
#include "drivers/zmq/zmq_radio.h"
#include "radio/realtime.h"
#ifdef RAVI_HAS_SOAPY
#include "drivers/soapy/soapy_radio.h"
#endif
#ifdef RAVI_HAS_UHD
#include "drivers/uhd/uhd_radio.h"
#endif

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <vector>

namespace ravi::apps {
namespace {

constexpr int kRadioPriority = 49;  // above all ordinary threads, below the kernel's threaded interrupts, which have 50

const std::vector<std::string_view> kDrivers{"uhd", "soapy", "zmq", "air", "file"};

Result<void> apply_to_channel(Radio& radio, const RadioOptions& options, Direction direction, std::size_t channel,
                              OpenedRadio& opened)
{
  if (!options.antenna.empty()) {
    if (auto set = radio.set_antenna(direction, channel, options.antenna); !set) return tl::unexpected(set.error());
  }
  if (options.bandwidth) {
    if (auto set = radio.set_bandwidth(direction, channel, *options.bandwidth); !set) {
      return tl::unexpected(set.error());
    }
  }
  if (options.frequency) {
    const Tune wish{.center = *options.frequency, .lo_offset = options.lo_offset.value_or(Hertz(0)), .at = {}};
    auto tuned = radio.tune(direction, channel, wish);
    if (!tuned) return tl::unexpected(tuned.error());
    opened.frequency = tuned->center;
  }
  if (options.gain) {
    if (auto set = radio.set_gain(direction, channel, *options.gain); !set) return tl::unexpected(set.error());
  }
  return {};
}

}  // namespace

void add_radio_options(CLI::App& app, RadioOptions& options, Direction direction)
{
  app.add_option("--device", options.device, "radio, DRIVER:key=value,... (uhd, soapy, zmq, air, file)");
  add_adjustments(app, options, "--");
  if (direction == Direction::transmit) {
    app.add_flag("--i-am-licensed-to-transmit", options.is_licensed_to_transmit,
                 "arm the transmitter of a hardware radio: you hold a licence for what you send");
  }
}

void add_adjustments(CLI::App& app, RadioOptions& options, const std::string& prefix)
{
  add_quantity(app, prefix + "rate", options.rate, parse_sample_rate, "sample rate, e.g. 23.04MHz");
  add_quantity(app, prefix + "freq", options.frequency, parse_frequency, "center frequency, e.g. 3.5GHz");
  add_quantity(app, prefix + "lo-offset", options.lo_offset, parse_frequency, "local oscillator beside the center, e.g. 10MHz");
  add_quantity(app, prefix + "gain", options.gain, parse_decibel, "gain, e.g. 40dB");
  add_quantity(app, prefix + "bandwidth", options.bandwidth, parse_frequency, "analog filter bandwidth");
  app.add_option(prefix + "antenna", options.antenna, "antenna port, e.g. RX2");
  app.add_option(prefix + "clock", options.clock, "frequency reference: internal, external, gpsdo");
  app.add_option(prefix + "time", options.time, "time reference: internal, external, gpsdo");
}

bool is_radio_string(const std::string& input)
{
  const std::size_t colon = input.find(':');
  if (colon == std::string::npos || colon == 0) return false;
  const bool is_word = std::all_of(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
    return (std::islower(static_cast<unsigned char>(c)) != 0) || (std::isdigit(static_cast<unsigned char>(c)) != 0) || c == '_';
  });
  std::error_code ignored;
  return is_word && !std::filesystem::exists(input, ignored) && !std::filesystem::exists(input + ".sigmf-meta", ignored);
}

Result<std::unique_ptr<Radio>> open_radio(const DeviceString& device, [[maybe_unused]] TransmitPermission permission)
{
  if (device.driver == "file") return open_file(device);
  if (device.driver == "zmq") return open_zmq(device);
  if (device.driver == "air") return open_air(device, &stop_requested());
#ifdef RAVI_HAS_UHD
  if (device.driver == "uhd") return open_uhd(device, permission);
#endif
#ifdef RAVI_HAS_SOAPY
  if (device.driver == "soapy") return open_soapy(device, permission);
#endif
  if (device.driver == "uhd" || device.driver == "soapy") {
    return fail(ErrorCode::unsupported,
                fmt::format("this build has no {} driver: install Debian's {} and build again (scripts/setup.sh does)",
                            device.driver, device.driver == "uhd" ? "libuhd-dev" : "libsoapysdr-dev"));
  }
  const auto nearest = nearest_word(device.driver, kDrivers);
  return fail(ErrorCode::bad_input, fmt::format("no driver '{}'{}; drivers are {}", device.driver,
                                                nearest ? fmt::format(" (did you mean '{}'?)", *nearest) : "",
                                                fmt::join(kDrivers, ", ")));
}

Result<std::unique_ptr<Radio>> open_radio(const RadioOptions& options)
{
  const auto device = parse_device_string(options.device);
  if (!device) return tl::unexpected(device.error());
  return open_radio(*device, options.is_licensed_to_transmit ? TransmitPermission::licensed : TransmitPermission::none);
}

Result<OpenedRadio> open_and_tune(const RadioOptions& options, Direction direction)
{
  auto radio = open_radio(options);
  if (!radio) return tl::unexpected(radio.error());
  return adjust(*std::move(radio), options, direction);
}

Result<OpenedRadio> adjust(std::unique_ptr<Radio> radio, const RadioOptions& options, Direction direction)
{
  const RadioDescription description = radio->describe();
  if (direction == Direction::transmit && description.is_hardware && !options.is_licensed_to_transmit) {
    return fail(ErrorCode::refused,
                fmt::format("{} is a hardware radio and would go on the air: transmitting needs a licence; if yours covers "
                            "this, say so with --i-am-licensed-to-transmit",
                            description.name));
  }
  OpenedRadio opened{.radio = std::move(radio), .rate = {}, .frequency = {}};
  if (!options.clock.empty() || !options.time.empty()) {
    Reference reference;
    if (!options.clock.empty()) reference.clock = options.clock;
    if (!options.time.empty()) reference.time = options.time;
    if (auto set = opened.radio->set_reference(reference); !set) return tl::unexpected(set.error());
  }
  const SampleRate wish = options.rate.value_or(description.sample_rate);
  if (wish.hz() > 0) {
    auto rate = opened.radio->set_sample_rate(wish);
    if (!rate) return tl::unexpected(rate.error());
    opened.rate = *rate;
  }
  const auto& channels = direction == Direction::receive ? description.receive : description.transmit;
  for (std::size_t channel = 0; channel < channels.size(); ++channel) {
    if (auto applied = apply_to_channel(*opened.radio, options, direction, channel, opened); !applied) {
      return tl::unexpected(applied.error());
    }
  }
  return opened;
}

void request_realtime_for(const RadioDescription& radio)
{
  if (!radio.is_hardware) return;
  fmt::print(stderr, "{}: {}\n", radio.name, request_realtime(kRadioPriority).text);
}

}  // namespace ravi::apps
