#pragma once
// A node of a `ravi air`, by name: `air:NAME@tcp://127.0.0.1:5550`.

#include "drivers/zmq/zmq_radio.h"
#include "radio/device_string.h"
#include "radio/radio.h"
#include "radio/result.h"
#include "radio/units.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>

namespace ravi {

/// Where a hub listens when nothing else is said.
inline constexpr const char* kDefaultHub = "tcp://127.0.0.1:5550";

struct AirRadioConfig {
  std::string node;
  std::string hub = kDefaultHub;
  SampleRate sample_rate{};                   ///< 0: the air's
  std::optional<Hertz> center_frequency;      ///< told to the hub, which refuses another than it expects
  std::string interface;                      ///< address of this machine that the hub can reach; empty: loopback, if the hub is there
  std::size_t ring_samples = 1 << 19;         ///< as in ZmqConfig
  std::optional<ZmqFormat> format;            ///< of the samples on the wire; none: what the air has for the node
  const std::atomic<bool>* stop = nullptr;    ///< while it waits for the hub: `join_air` gives up (`not_found`) once this is true
};

/// Joins the air: asks the hub what the node is, listens on free ports, and says hello. `not_found`: no hub there, or no
/// such node; `busy`: the node is taken; `bad_input`: rate or frequency is another than the air's. The radio then is a
/// ZmqRadio whose rate and, if it receives, whose time are the air's; it leaves the air when it is destroyed.
/// Waits up to 5 s for a hub that is not there yet.
/// When the hub goes, it says hello again once a second, until it is back; its time never goes back (a gap).
[[nodiscard]] Result<std::unique_ptr<ZmqRadio>> join_air(const AirRadioConfig& config);

/// `air:NAME@HUB` with rate=, freq=, interface=, format=cf32|sc16, ring= (samples); HUB may be left out. `stop`: see
/// AirRadioConfig.
[[nodiscard]] Result<std::unique_ptr<Radio>> open_air(const DeviceString& device, const std::atomic<bool>* stop = nullptr);

}  // namespace ravi
