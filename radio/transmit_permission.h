#pragma once
// Transmitting is a privilege: whether a hardware radio may.

namespace ravi {

enum class TransmitPermission {
  none,      ///< the transmitter stays disarmed: `transmit` answers `disarmed`
  licensed,  ///< the user has said that a licence covers what will be sent
};

}  // namespace ravi
