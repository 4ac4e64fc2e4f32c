#pragma once
// Blocks of a pcapng file: draft-ietf-opsawg-pcapng, little-endian, one section.

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ravi::pcap {

using Octets = std::vector<std::uint8_t>;

/// Of the registry at tcpdump.org/linktypes.html.
enum class LinkType : std::uint16_t {
  raw_ip = 101,    ///< an IPv4 or IPv6 packet
  upper_pdu = 252  ///< Wireshark's "exported PDU": tags that name a dissector, then what it reads
};

struct Interface {
  LinkType link = LinkType::upper_pdu;
  std::string_view name;
  std::string_view description;  ///< empty: none
};

struct Packet {
  std::uint32_t interface = 0;    ///< by order in the file
  std::chrono::nanoseconds time;  ///< >= 0; shown as since 1970
  bool is_sent = false;           ///< by the node that recorded it
  std::span<const std::uint8_t> octets;
  std::string_view comment;       ///< empty: none
};

// Each appends whole blocks.
void append_section(std::string_view application, Octets& file);
void append_interface(const Interface& interface, Octets& file);
void append_packet(const Packet& packet, Octets& file);

}  // namespace ravi::pcap
