#pragma once
// The built-in endpoint of a UE, which needs no root: pings the gateway, sends test traffic to it, counts what comes from it.

#include "radio/latest.h"
#include "stack/ip/endpoint.h"
#include "stack/ip/ping.h"
#include "stack/ip/udp_flow.h"

#include <atomic>
#include <optional>
#include <span>

namespace ravi::ip {

struct TrafficConfig {
  Ipv4 gateway{10, 45, 0, 1};
  PingConfig ping;                 ///< addresses are filled in
  UdpSourceConfig uplink;          ///< addresses are filled in
};

struct TrafficReport {
  Time time{0};                    ///< of this report
  PingReport ping;
  std::uint64_t sent = 0;          ///< datagrams of the uplink
  UdpSinkReport downlink;
};

/// What is wanted may be said, and the report be read, from one other thread at any time; it takes effect with the next slot.
class Traffic final : public Endpoint {
public:
  explicit Traffic(const TrafficConfig& config) : config_(config) {}

  // -- any one thread
  void want_ping(bool is_wanted) noexcept { wants_ping_.store(is_wanted); }
  void want_uplink(bool is_wanted) noexcept { wants_uplink_.store(is_wanted); }
  [[nodiscard]] const TrafficReport& report() noexcept { return latest_.read(); }

  // -- the session's thread
  void set_address(const std::optional<Ipv4>& address) noexcept override;
  [[nodiscard]] std::span<const std::uint8_t> next(Time now) noexcept override;
  void refused() noexcept override;
  void deliver(std::span<const std::uint8_t> packet, Time now) noexcept override;

private:
  void start_and_stop(Time now) noexcept;

  TrafficConfig config_;
  std::atomic<bool> wants_ping_{false};
  std::atomic<bool> wants_uplink_{false};
  std::optional<Ipv4> address_;
  bool is_pinging_ = false;
  bool was_ping_ = false;          ///< the last packet given out
  Ping ping_;
  UdpSource uplink_;
  UdpSink downlink_;
  Latest<TrafficReport> latest_;
};

}  // namespace ravi::ip
