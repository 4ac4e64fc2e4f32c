#pragma once
// What the controls of all hardware drivers have in common: what they refuse, and in which words.

#include "drivers/hardware/hardware_config.h"
#include "radio/radio.h"
#include "radio/result.h"
#include "radio/transmit_permission.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace ravi {

/// The device's channel behind one of ours; refuses what does not exist, and the transmitter without permission.
[[nodiscard]] Result<std::size_t> device_channel(const HardwareConfig& config, const RadioDescription& description, TransmitPermission permission,
                                                 Direction direction, std::size_t channel);

/// Most controls wait for `stop`. `what`: "the antenna".
[[nodiscard]] Result<void> refuse_while_running(std::string_view driver, bool is_running, std::string_view what);

/// Refuses an antenna that the channel does not have; names those it has.
[[nodiscard]] Result<void> check_antenna(const RadioDescription& description, Direction direction, std::size_t channel, std::string_view antenna);

/// The antennas of the radio string on every channel; transmit antennas only where the transmitter is armed.
[[nodiscard]] Result<void> set_antennas(Radio& radio, const HardwareConfig& config, bool is_armed);

}  // namespace ravi
