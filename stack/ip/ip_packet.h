#pragma once
// The little of IP that the built-in endpoints speak: IPv4 headers (RFC 791), ICMP echo (RFC 792), UDP (RFC 768).

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ravi::ip {

using Ipv4 = std::array<std::uint8_t, 4>;

inline constexpr std::size_t kIpv4HeaderOctets = 20;
inline constexpr std::size_t kUdpHeaderOctets = 8;
inline constexpr std::uint16_t kTrafficPort = 5001;  ///< UDP port of test traffic

enum class IpProtocol : std::uint8_t { icmp = 1, tcp = 6, udp = 17 };

struct IpPacket {
  Ipv4 source{};
  Ipv4 destination{};
  std::uint8_t protocol = 0;
  bool is_fragment = false;
  std::span<const std::uint8_t> payload;  ///< behind the header, as long as the header says
};
/// Empty: not IPv4, shorter than it says, or a wrong header checksum.
[[nodiscard]] std::optional<IpPacket> read_ipv4(std::span<const std::uint8_t> packet) noexcept;

/// Writes a header for `payload_size` octets behind it. `out`: at least kIpv4HeaderOctets.
void write_ipv4_header(const Ipv4& source, const Ipv4& destination, IpProtocol protocol, std::size_t payload_size,
                       std::span<std::uint8_t> out) noexcept;

/// The answer to an ICMP echo request; its size, or 0 if `request` is none (or damaged) or `out` is too small.
[[nodiscard]] std::size_t write_echo_reply(const IpPacket& request, std::span<std::uint8_t> out) noexcept;

struct EchoRequest {
  Ipv4 source{}, destination{};
  std::uint16_t identifier = 0;
  std::uint16_t sequence_number = 0;
  std::size_t data_size = 56;
};
/// Its size, or 0 if `out` is too small.
[[nodiscard]] std::size_t write_echo_request(const EchoRequest& request, std::span<std::uint8_t> out) noexcept;
/// Identifier and sequence number of an echo reply with a right checksum; empty: none.
struct EchoReply {
  std::uint16_t identifier = 0;
  std::uint16_t sequence_number = 0;
};
[[nodiscard]] std::optional<EchoReply> read_echo_reply(const IpPacket& packet) noexcept;

/// What each datagram of test traffic begins with: its number, and when it was sent (in the sender's time).
struct TrafficStamp {
  static constexpr std::size_t kOctets = 16;
  std::uint64_t number = 0;
  std::uint64_t sent_ns = 0;
};
struct TrafficDatagram {
  Ipv4 source{}, destination{};
  std::uint16_t source_port = kTrafficPort, destination_port = kTrafficPort;
  TrafficStamp stamp;
  std::size_t packet_size = 1400;  ///< the IP packet's, at least kMinTrafficPacket
};
inline constexpr std::size_t kMinTrafficPacket = kIpv4HeaderOctets + kUdpHeaderOctets + TrafficStamp::kOctets;
/// Its size, or 0 if it does not fit.
[[nodiscard]] std::size_t write_traffic(const TrafficDatagram& datagram, std::span<std::uint8_t> out) noexcept;

struct UdpDatagram {
  std::uint16_t source_port = 0, destination_port = 0;
  std::span<const std::uint8_t> data;
};
/// Empty: no UDP, a fragment, shorter than it says, or a wrong checksum.
[[nodiscard]] std::optional<UdpDatagram> read_udp(const IpPacket& packet) noexcept;
[[nodiscard]] std::optional<TrafficStamp> read_stamp(const UdpDatagram& datagram) noexcept;

}  // namespace ravi::ip
