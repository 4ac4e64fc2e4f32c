// Any octets as an IP packet of a session, behind an SDAP header or not, and to a UE's built-in endpoint: read within their bounds; what
// is answered can be read again, and what the endpoint counts stays possible.

#include "stack/ip/ip_packet.h"
#include "stack/ip/traffic.h"
#include "stack/sdap/sdap.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

using namespace ravi;

namespace {

bool lies_in(std::span<const std::uint8_t> part, std::span<const std::uint8_t> whole)
{
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void read_packet(std::span<const std::uint8_t> octets)
{
  const auto packet = ip::read_ipv4(octets);
  if (!packet) return;
  if (!lies_in(packet->payload, octets)) std::abort();
  static_cast<void>(ip::read_echo_reply(*packet));
  if (const auto datagram = ip::read_udp(*packet)) {
    if (!lies_in(datagram->data, packet->payload)) std::abort();
    static_cast<void>(ip::read_stamp(*datagram));
  }
  std::array<std::uint8_t, 2048> room{};
  const std::size_t size = ip::write_echo_reply(*packet, room);
  if (size == 0) return;
  const auto reply = ip::read_ipv4(std::span(room).first(size));
  if (!reply || reply->source != packet->destination || reply->destination != packet->source || !ip::read_echo_reply(*reply)) std::abort();
}

void deliver(std::span<const std::uint8_t> octets)
{
  ip::Traffic traffic(ip::TrafficConfig{});
  traffic.set_address(ip::Ipv4{10, 45, 0, 2});
  traffic.want_ping(true);
  traffic.want_uplink(true);
  for (int slot = 1; slot <= 3; ++slot) {
    const ip::Time now = std::chrono::milliseconds(20 * slot);
    for (auto sent = traffic.next(now); !sent.empty(); sent = traffic.next(now)) {
      if (!ip::read_ipv4(sent)) std::abort();
    }
    traffic.deliver(octets, now);
  }
  const ip::TrafficReport& report = traffic.report();
  if (report.ping.received > report.ping.sent || report.downlink.packets > 3) std::abort();
}

std::uint16_t checksum(std::span<const std::uint8_t> octets)
{
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); ++i) sum += static_cast<std::uint32_t>(octets[i]) << (i % 2 == 0 ? 8U : 0U);
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

void put16(std::span<std::uint8_t> at, std::uint16_t value)
{
  at[0] = static_cast<std::uint8_t>(value >> 8U);
  at[1] = static_cast<std::uint8_t>(value);
}

/// The octets behind a header that is right in what would stop them at once: version, length, checksums of IP and ICMP, UDP's left out.
std::vector<std::uint8_t> with_right_header(std::span<const std::uint8_t> octets)
{
  std::vector<std::uint8_t> packet(octets.begin(), octets.end());
  if (packet.size() < ip::kIpv4HeaderOctets + ip::kUdpHeaderOctets || packet.size() > 1500) return packet;
  const std::size_t header = ip::kIpv4HeaderOctets + (packet[0] % 4 == 0 && packet.size() >= 40 ? 4U : 0U);
  const std::span whole(packet);
  packet[0] = static_cast<std::uint8_t>(0x40 | header / 4);
  put16(whole.subspan(2), static_cast<std::uint16_t>(packet.size()));
  packet[9] = packet[9] % 2 == 0 ? 1 : 17;
  put16(whole.subspan(10), 0);
  put16(whole.subspan(10), checksum(whole.first(header)));
  const auto inner = whole.subspan(header);
  if (packet[9] == 17) {
    put16(inner.subspan(6), 0);
  } else {
    put16(inner.subspan(2), 0);
    put16(inner.subspan(2), checksum(inner));
  }
  return packet;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const std::span<const std::uint8_t> octets(data, size);
  read_packet(octets);
  const auto right = with_right_header(octets);
  read_packet(right);
  deliver(right);
  for (const bool has_header : {false, true}) {
    if (const auto pdu = sdap::read_uplink(has_header, octets)) {
      if (!lies_in(pdu->packet, octets)) std::abort();
      read_packet(pdu->packet);
    }
    if (const auto pdu = sdap::read_downlink(has_header, octets)) {
      sdap::QosFlowMapping mapping;
      if (pdu->header) mapping.reflect(*pdu->header, 1);
      read_packet(pdu->packet);
    }
  }
  return 0;
}
