#include "drivers/hardware/hardware_control.h"

#include <fmt/format.h>

#include <algorithm>

namespace ravi {

Result<std::size_t> device_channel(const HardwareConfig& config, const RadioDescription& description, TransmitPermission permission,
                                   Direction direction, std::size_t channel)
{
  const bool is_receive = direction == Direction::receive;
  const std::size_t count = (is_receive ? description.receive : description.transmit).size();
  if (channel >= count) {
    return fail(ErrorCode::bad_input, fmt::format("{} radio: no {} channel {}; it has {}", description.driver,
                                                  is_receive ? "receive" : "transmit", channel, count));
  }
  if (!is_receive && permission == TransmitPermission::none) {
    return fail(ErrorCode::refused, fmt::format("{}: the transmitter is disarmed and left alone; transmitting needs a licence: "
                                                "if yours covers this, say so with --i-am-licensed-to-transmit",
                                                description.name));
  }
  return config.channels[channel];
}

Result<void> refuse_while_running(std::string_view driver, bool is_running, std::string_view what)
{
  if (!is_running) return {};
  return fail(ErrorCode::busy, fmt::format("{}: {} cannot change while samples stream; stop first", driver, what));
}

Result<void> check_antenna(const RadioDescription& description, Direction direction, std::size_t channel, std::string_view antenna)
{
  const auto& known = (direction == Direction::receive ? description.receive : description.transmit)[channel].antennas;
  if (std::find(known.begin(), known.end(), antenna) != known.end()) return {};
  return fail(ErrorCode::bad_input, fmt::format("{} has no antenna '{}' here; it has {}", description.name, antenna, fmt::join(known, ", ")));
}

Result<void> set_antennas(Radio& radio, const HardwareConfig& config, bool is_armed)
{
  for (std::size_t channel = 0; channel < config.channels.size(); ++channel) {
    if (!config.antenna_rx.empty()) {
      if (auto set = radio.set_antenna(Direction::receive, channel, config.antenna_rx); !set) return tl::unexpected(set.error());
    }
    if (!config.antenna_tx.empty() && is_armed) {
      if (auto set = radio.set_antenna(Direction::transmit, channel, config.antenna_tx); !set) return tl::unexpected(set.error());
    }
  }
  return {};
}

}  // namespace ravi
