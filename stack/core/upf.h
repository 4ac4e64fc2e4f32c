#pragma once
// The user plane function: tunnels of PDU sessions on N3, and the built-in endpoints on N6, which need no root: a gateway that
// answers pings, a source and a sink of UDP traffic. TS 23.501 §6.2.3, TS 29.281.

#include "stack/ip/endpoint.h"
#include "stack/ip/ip_packet.h"
#include "stack/ip/udp_flow.h"
#include "stack/ngap/messages.h"
#include "stack/ngap/n3_link.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace ravi::core {

using ip::Ipv4;

struct UpfCounters {
  std::uint64_t malformed = 0;          ///< no GTP-U or no IPv4
  std::uint64_t unknown_teid = 0;       ///< answered by an error indication
  std::uint64_t spoofed = 0;            ///< uplink packets with somebody else's source address
  std::uint64_t unroutable = 0;         ///< for no address that is here
  std::uint64_t buffer_overflows = 0;   ///< downlink for an idle UE beyond what is kept
  std::uint64_t error_indications = 0;  ///< received
};

struct PacketCount {
  std::uint64_t packets = 0;
  std::uint64_t octets = 0;   ///< of IP
};

/// One UE's traffic. `sunk` is uplink test traffic to the gateway; `lost` the gaps in its numbers, as far as they did not close.
struct UeTraffic {
  PacketCount uplink;
  PacketCount downlink;
  PacketCount sunk;
  std::uint64_t lost = 0;
  std::uint64_t echoes = 0;   ///< pings answered
};

/// One thread. Forwarding and the source allocate nothing, but for packets kept for an idle UE.
class Upf {
public:
  using Time = std::chrono::nanoseconds;
  static constexpr std::size_t kKeptForIdle = 32;       ///< packets a session

  explicit Upf(const Ipv4& gateway) : gateway_(gateway) {}

  /// `link` outlives this, or a null pointer comes before it goes.
  void attach(ngap::N3Link* link) { link_ = link; }
  /// What is for no UE goes to `endpoint` in place of the built-in gateway, and what it gives goes to UEs; its address is the
  /// gateway's. It outlives this, or a null pointer comes before it goes.
  void attach_n6(ip::Endpoint* endpoint);
  /// Receives uplink and sends what the sources owe at `now`.
  void run(Time now) noexcept;

  // -- N4: called by the SMF
  /// The uplink end of a new tunnel for `ue`.
  [[nodiscard]] ngap::Tunnel open(const Ipv4& ue, std::uint8_t qfi);
  /// Where its downlink goes from now on; what was kept for it is sent. Empty: the UE is idle, keep packets.
  void set_downlink(const Ipv4& ue, const std::optional<ngap::Tunnel>& gnb);
  void close(const Ipv4& ue);
  /// Idle UEs that downlink came for since the last call.
  [[nodiscard]] std::vector<Ipv4> take_wanted();

  // -- N6
  /// A packet for a UE, from the built-in endpoints or elsewhere. False: dropped and counted.
  bool send_downlink(std::span<const std::uint8_t> packet) noexcept;
  /// UDP from the gateway to `ue` at `bits_per_second` of IP packets of `packet_size` octets (44..1500). Replaces an earlier one.
  /// False: no such UE, or a size outside its range.
  bool start_downlink(const Ipv4& ue, double bits_per_second, std::size_t packet_size, Time now);
  void stop_downlink(const Ipv4& ue);

  [[nodiscard]] std::optional<UeTraffic> traffic(const Ipv4& ue) const;
  [[nodiscard]] const UpfCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t num_sessions() const { return sessions_.size(); }

private:
  struct Session {
    Ipv4 ue{};
    std::uint8_t qfi = 1;
    std::uint32_t teid = 0;
    std::optional<ngap::Tunnel> gnb;
    std::deque<std::vector<std::uint8_t>> kept;
    bool is_wanted = false;
    ip::UdpSource source;
    ip::UdpSink sink;
    UeTraffic traffic;              ///< but for the sink's
  };

  void receive(const ngap::N3Datagram& datagram) noexcept;
  void receive_uplink(Session& session, std::span<const std::uint8_t> packet) noexcept;
  void answer(Session& session, const ip::IpPacket& packet) noexcept;
  bool forward(Session& session, std::span<const std::uint8_t> packet) noexcept;
  [[nodiscard]] Session* find(const Ipv4& ue) noexcept;

  Ipv4 gateway_;
  ngap::N3Link* link_ = nullptr;
  ip::Endpoint* n6_ = nullptr;
  Time now_{0};
  std::unordered_map<std::uint32_t, Session> sessions_;          ///< by the UE's address
  std::unordered_map<std::uint32_t, std::uint32_t> ue_of_teid_;
  std::uint32_t next_teid_ = 1;
  UpfCounters counters_;
  std::array<std::uint8_t, ngap::kMaxDatagram> datagram_{};      ///< being sent
  std::array<std::uint8_t, ngap::kMaxDatagram> packet_{};        ///< being made
};

}  // namespace ravi::core
