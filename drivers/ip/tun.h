#pragma once
// A TUN device as the endpoint of IP packets, so that `ping` and `iperf3` work over a session. Linux; needs root or CAP_NET_ADMIN.

#include "drivers/ip/ip_endpoint.h"
#include "radio/result.h"
#include "stack/ip/endpoint.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace ravi {

struct TunConfig {
  std::string name = "ravi";          ///< of the device, at most 15 characters
  std::string network_namespace;      ///< of `ip netns`; empty: this process's
  unsigned prefix_length = 16;        ///< of the subnet routed through it
  unsigned mtu = 1400;
};

struct TunCounters {
  std::uint64_t sent = 0;       ///< to the kernel
  std::uint64_t received = 0;   ///< from the kernel
  std::uint64_t dropped = 0;    ///< the kernel had no room, or no IPv4
};

/// The device is there as long as this is. It is up while it has an address.
class Tun final : public ip::Endpoint {
public:
  [[nodiscard]] static Result<std::unique_ptr<Tun>> open(const TunConfig& config);
  ~Tun() override;
  Tun(const Tun&) = delete;
  Tun& operator=(const Tun&) = delete;

  void set_address(const std::optional<ip::Ipv4>& address) noexcept override;
  [[nodiscard]] std::span<const std::uint8_t> next(ip::Time now) noexcept override;
  void refused() noexcept override { is_refused_ = true; }
  void deliver(std::span<const std::uint8_t> packet, ip::Time now) noexcept override;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const TunCounters& counters() const noexcept { return counters_; }

private:
  Tun(const TunConfig& config, std::string name, int device, int control);

  TunConfig config_;
  std::string name_;
  int device_;
  int control_;                     ///< a socket of the device's namespace
  std::optional<ip::Ipv4> address_;
  std::array<std::uint8_t, 2048> packet_{};
  std::size_t size_ = 0;            ///< of the packet given out last
  bool is_refused_ = false;         ///< it is to be given out again
  TunCounters counters_;
};

}  // namespace ravi
