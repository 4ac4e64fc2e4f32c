#include "stack/ip/ip_packet.h"

#include <algorithm>

namespace ravi::ip {
namespace {

constexpr std::uint8_t kEchoRequest = 8;
constexpr std::uint8_t kEchoReply = 0;
constexpr std::size_t kIcmpHeaderOctets = 8;
constexpr std::uint8_t kTtl = 64;

std::uint16_t get16(std::span<const std::uint8_t> octets, std::size_t at) noexcept
{
  return static_cast<std::uint16_t>(octets[at] << 8 | octets[at + 1]);
}
void put16(std::span<std::uint8_t> octets, std::size_t at, std::size_t value) noexcept
{
  octets[at] = static_cast<std::uint8_t>(value >> 8);
  octets[at + 1] = static_cast<std::uint8_t>(value);
}
std::uint64_t get64(std::span<const std::uint8_t> octets) noexcept
{
  std::uint64_t value = 0;
  for (const std::uint8_t octet : octets.first(8)) value = value << 8 | octet;
  return value;
}
void put64(std::span<std::uint8_t> octets, std::uint64_t value) noexcept
{
  for (unsigned i = 0; i < 8; ++i) octets[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
}

/// Ones' complement sum. RFC 1071.
std::uint32_t sum(std::span<const std::uint8_t> octets, std::uint32_t start = 0) noexcept
{
  std::uint64_t total = start;
  for (std::size_t i = 0; i + 1 < octets.size(); i += 2) total += get16(octets, i);
  if (octets.size() % 2 != 0) total += std::uint32_t{octets.back()} << 8;
  while (total >> 16 != 0) total = (total & 0xFFFF) + (total >> 16);
  return static_cast<std::uint32_t>(total);
}
std::uint16_t checksum(std::span<const std::uint8_t> octets, std::uint32_t start = 0) noexcept
{
  return static_cast<std::uint16_t>(~sum(octets, start));
}
/// RFC 768.
std::uint32_t pseudo_header(const Ipv4& source, const Ipv4& destination, std::size_t udp_size) noexcept
{
  return sum(destination, sum(source, static_cast<std::uint32_t>(udp_size + 17)));
}

}  // namespace

std::optional<IpPacket> read_ipv4(std::span<const std::uint8_t> packet) noexcept
{
  if (packet.size() < kIpv4HeaderOctets || packet[0] >> 4 != 4) return std::nullopt;
  const std::size_t header = std::size_t{packet[0] & 15U} * 4;
  const std::size_t total = get16(packet, 2);
  if (header < kIpv4HeaderOctets || total < header || total > packet.size() || checksum(packet.first(header)) != 0) return std::nullopt;
  IpPacket out{.protocol = packet[9], .is_fragment = (get16(packet, 6) & 0x3FFF) != 0, .payload = packet.subspan(header, total - header)};
  std::copy_n(packet.begin() + 12, 4, out.source.begin());
  std::copy_n(packet.begin() + 16, 4, out.destination.begin());
  return out;
}

void write_ipv4_header(const Ipv4& source, const Ipv4& destination, IpProtocol protocol, std::size_t payload_size,
                       std::span<std::uint8_t> out) noexcept
{
  const auto header = out.first(kIpv4HeaderOctets);
  std::ranges::fill(header, std::uint8_t{0});
  header[0] = 0x45;
  put16(header, 2, kIpv4HeaderOctets + payload_size);
  header[8] = kTtl;
  header[9] = static_cast<std::uint8_t>(protocol);
  std::ranges::copy(source, header.begin() + 12);
  std::ranges::copy(destination, header.begin() + 16);
  put16(header, 10, checksum(header));
}

std::size_t write_echo_reply(const IpPacket& request, std::span<std::uint8_t> out) noexcept
{
  const std::size_t size = kIpv4HeaderOctets + request.payload.size();
  const bool is_request = request.protocol == static_cast<std::uint8_t>(IpProtocol::icmp) && !request.is_fragment &&
                          request.payload.size() >= kIcmpHeaderOctets && request.payload[0] == kEchoRequest &&
                          request.payload[1] == 0 && checksum(request.payload) == 0;
  if (!is_request || out.size() < size) return 0;
  write_ipv4_header(request.destination, request.source, IpProtocol::icmp, request.payload.size(), out);
  const auto icmp = out.subspan(kIpv4HeaderOctets, request.payload.size());
  std::ranges::copy(request.payload, icmp.begin());
  icmp[0] = kEchoReply;
  put16(icmp, 2, 0);
  put16(icmp, 2, checksum(icmp));
  return size;
}

std::size_t write_echo_request(const EchoRequest& request, std::span<std::uint8_t> out) noexcept
{
  const std::size_t icmp_size = kIcmpHeaderOctets + request.data_size;
  if (out.size() < kIpv4HeaderOctets + icmp_size) return 0;
  write_ipv4_header(request.source, request.destination, IpProtocol::icmp, icmp_size, out);
  const auto icmp = out.subspan(kIpv4HeaderOctets, icmp_size);
  for (std::size_t i = 0; i < icmp_size; ++i) icmp[i] = static_cast<std::uint8_t>(i);
  icmp[0] = kEchoRequest;
  icmp[1] = 0;
  put16(icmp, 2, 0);
  put16(icmp, 4, request.identifier);
  put16(icmp, 6, request.sequence_number);
  put16(icmp, 2, checksum(icmp));
  return kIpv4HeaderOctets + icmp_size;
}

std::optional<EchoReply> read_echo_reply(const IpPacket& packet) noexcept
{
  const auto icmp = packet.payload;
  if (packet.protocol != static_cast<std::uint8_t>(IpProtocol::icmp) || packet.is_fragment || icmp.size() < kIcmpHeaderOctets ||
      icmp[0] != kEchoReply || checksum(icmp) != 0) {
    return std::nullopt;
  }
  return EchoReply{get16(icmp, 4), get16(icmp, 6)};
}

std::size_t write_traffic(const TrafficDatagram& datagram, std::span<std::uint8_t> out) noexcept
{
  if (datagram.packet_size < kMinTrafficPacket || datagram.packet_size > out.size()) return 0;
  const std::size_t udp_size = datagram.packet_size - kIpv4HeaderOctets;
  write_ipv4_header(datagram.source, datagram.destination, IpProtocol::udp, udp_size, out);
  const auto udp = out.subspan(kIpv4HeaderOctets, udp_size);
  std::ranges::fill(udp, std::uint8_t{0x55});
  put16(udp, 0, datagram.source_port);
  put16(udp, 2, datagram.destination_port);
  put16(udp, 4, udp_size);
  put16(udp, 6, 0);
  put64(udp.subspan(kUdpHeaderOctets), datagram.stamp.number);
  put64(udp.subspan(kUdpHeaderOctets + 8), datagram.stamp.sent_ns);
  const std::uint16_t check = checksum(udp, pseudo_header(datagram.source, datagram.destination, udp_size));
  put16(udp, 6, check == 0 ? 0xFFFF : check);
  return datagram.packet_size;
}

std::optional<UdpDatagram> read_udp(const IpPacket& packet) noexcept
{
  const auto udp = packet.payload;
  if (packet.protocol != static_cast<std::uint8_t>(IpProtocol::udp) || packet.is_fragment || udp.size() < kUdpHeaderOctets) return std::nullopt;
  const std::size_t size = get16(udp, 4);
  if (size < kUdpHeaderOctets || size > udp.size()) return std::nullopt;
  const bool has_checksum = get16(udp, 6) != 0;
  if (has_checksum && checksum(udp.first(size), pseudo_header(packet.source, packet.destination, size)) != 0) return std::nullopt;
  return UdpDatagram{get16(udp, 0), get16(udp, 2), udp.subspan(kUdpHeaderOctets, size - kUdpHeaderOctets)};
}

std::optional<TrafficStamp> read_stamp(const UdpDatagram& datagram) noexcept
{
  if (datagram.data.size() < TrafficStamp::kOctets) return std::nullopt;
  return TrafficStamp{get64(datagram.data), get64(datagram.data.subspan(8))};
}

}  // namespace ravi::ip
