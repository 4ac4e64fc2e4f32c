#pragma once
// Test traffic one way: a source of numbered datagrams at a rate, and the sink that counts them.

#include "stack/ip/endpoint.h"

#include <array>
#include <cstdint>
#include <span>

namespace ravi::ip {

struct UdpSourceConfig {
  Ipv4 source{}, destination{};
  double bits_per_second = 1e6;    ///< of IP packets
  std::size_t packet_size = 1400;  ///< octets of IP, kMinTrafficPacket..1500
};

class UdpSource {
public:
  /// Packets let fall when more than so many are due at once.
  static constexpr std::uint64_t kMaxBurst = 256;

  /// False: a value outside its range; the source stays as it was.
  bool start(const UdpSourceConfig& config, Time now) noexcept;
  void stop() noexcept { is_running_ = false; }
  [[nodiscard]] bool is_running() const noexcept { return is_running_; }

  /// A packet that is due; empty: none now. Valid until the next call.
  [[nodiscard]] std::span<const std::uint8_t> next(Time now) noexcept;
  /// The last packet was not sent: its turn comes again.
  void refused() noexcept;
  [[nodiscard]] std::uint64_t num_sent() const noexcept { return number_; }

private:
  UdpSourceConfig config_;
  bool is_running_ = false;
  double packets_per_second_ = 0.0;
  Time begin_{0};
  std::uint64_t num_due_ = 0;      ///< sent, and let fall
  std::uint64_t number_ = 0;       ///< of the next packet
  std::array<std::uint8_t, 1500> packet_{};
};

struct UdpSinkReport {
  std::uint64_t packets = 0;
  std::uint64_t octets = 0;        ///< of IP
  std::uint64_t lost = 0;          ///< gaps in the numbers, as far as they did not close
};

class UdpSink {
public:
  /// False: no datagram of test traffic. A number 0 begins a new run.
  bool receive(const IpPacket& packet) noexcept;
  [[nodiscard]] const UdpSinkReport& report() const noexcept { return report_; }

private:
  UdpSinkReport report_;
  std::uint64_t next_number_ = 0;
};

}  // namespace ravi::ip
