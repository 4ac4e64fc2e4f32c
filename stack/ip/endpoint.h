#pragma once
// The seam above a PDU session: who makes and takes its IP packets. Built-in traffic (traffic.h) or the kernel (a TUN device).

#include "stack/ip/ip_packet.h"

#include <chrono>
#include <optional>
#include <span>

namespace ravi::ip {

/// Network time: of the radio's samples.
using Time = std::chrono::nanoseconds;

/// Called slot by slot by the thread that runs the session; no call waits or allocates.
class Endpoint {
public:
  virtual ~Endpoint() = default;
  /// The session's address from now on; nothing: the session is gone.
  virtual void set_address(const std::optional<Ipv4>& address) noexcept = 0;
  /// The next packet to be sent; empty: none now. Valid until the next call.
  [[nodiscard]] virtual std::span<const std::uint8_t> next(Time now) noexcept = 0;
  /// The packet that `next` gave last found no room below: it was not sent. No more of them this slot.
  virtual void refused() noexcept = 0;
  /// A packet that arrived.
  virtual void deliver(std::span<const std::uint8_t> packet, Time now) noexcept = 0;
};

}  // namespace ravi::ip
