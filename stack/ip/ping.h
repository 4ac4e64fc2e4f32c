#pragma once
// Echo requests at an interval, and the round trip times of their answers in network time. RFC 792.

#include "stack/ip/endpoint.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <span>

namespace ravi::ip {

struct PingConfig {
  Ipv4 source{}, destination{};
  std::chrono::milliseconds interval{20};
  std::uint64_t count = 100;
  std::size_t data_size = 56;      ///< octets behind the ICMP header, 0..1400
  std::uint16_t identifier = 1;
};

struct PingReport {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;      ///< answers, each counted once
  Time rtt_min{0}, rtt_max{0}, rtt_sum{0};
  [[nodiscard]] double rtt_ms_avg() const
  {
    return received == 0 ? 0.0 : std::chrono::duration<double, std::milli>(rtt_sum).count() / static_cast<double>(received);
  }
};

class Ping {
public:
  /// An answer counts if it comes before so many further requests have gone out.
  static constexpr std::size_t kMaxOutstanding = 1024;

  Ping() = default;
  void start(const PingConfig& config, Time now) noexcept;
  void stop() noexcept { is_running_ = false; }

  /// A request that is due; empty: none now. Valid until the next call.
  [[nodiscard]] std::span<const std::uint8_t> next(Time now) noexcept;
  /// The last request was not sent: its turn comes again.
  void refused() noexcept;
  /// True: it was an answer to a request of ours.
  bool receive(const IpPacket& packet, Time now) noexcept;

  [[nodiscard]] const PingReport& report() const noexcept { return report_; }

private:
  struct Outstanding {
    std::uint64_t number = 0;
    Time sent{0};
    bool is_waiting = false;
  };

  PingConfig config_;
  bool is_running_ = false;
  Time next_{0};
  std::array<Outstanding, kMaxOutstanding> outstanding_{};
  std::array<std::uint8_t, 1500> packet_{};
  PingReport report_;
};

}  // namespace ravi::ip
