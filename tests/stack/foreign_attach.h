#pragma once
// The MAC PDUs of the recorded foreign attach (iq/foreign-attach-mac.pcap of the reference data): pcapng, exported PDUs in UDP with
// Wireshark's mac-nr framing.

#include "tests/stack/nr/reference.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>
#include <vector>

namespace ravi::test {

enum class RntiType : std::uint8_t { none = 0, p = 1, ra = 2, c = 3, si = 4, cs = 5 };

struct ForeignMacPdu {
  bool is_downlink = false;
  RntiType rnti_type = RntiType::none;
  std::uint16_t rnti = 0;
  std::vector<std::uint8_t> pdu;
};

/// One UDP payload of mac-nr framing: "mac-nr", radio type, direction, RNTI type, tagged fields, 01, PDU.
inline ForeignMacPdu parse_mac_nr(std::span<const std::uint8_t> frame)
{
  constexpr std::string_view kStart = "mac-nr";
  REQUIRE(frame.size() > kStart.size() + 3);
  REQUIRE(std::equal(kStart.begin(), kStart.end(), frame.begin()));
  ForeignMacPdu out;
  out.is_downlink = frame[7] == 1;
  out.rnti_type = static_cast<RntiType>(frame[8]);
  std::size_t at = 9;
  while (frame[at] != 0x01) {
    const std::uint8_t tag = frame[at];
    if (tag == 0x02) out.rnti = static_cast<std::uint16_t>((frame[at + 1] << 8) | frame[at + 2]);
    at += tag == 0x05 || tag == 0x06 ? 2 : 3;
    REQUIRE(at < frame.size());
  }
  out.pdu.assign(frame.begin() + static_cast<std::ptrdiff_t>(at) + 1, frame.end());
  return out;
}

/// All of them in order; empty, and a message, where there is no reference data.
inline std::vector<ForeignMacPdu> read_foreign_attach()
{
  const auto path = nr::test::reference_folder() / "iq" / "foreign-attach-mac.pcap";
  std::ifstream file(path, std::ios::binary);
  std::vector<ForeignMacPdu> out;
  if (!file) {
    MESSAGE("skipped: no reference data in ", path.string());
    return out;
  }
  const std::vector<char> chars{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::vector<std::uint8_t> bytes(chars.begin(), chars.end());
  const auto le32 = [&bytes](std::size_t i) {
    return static_cast<std::uint32_t>(bytes.at(i) | (bytes.at(i + 1) << 8) | (bytes.at(i + 2) << 16)) |
           (static_cast<std::uint32_t>(bytes.at(i + 3)) << 24);
  };
  for (std::size_t block = 0; block < bytes.size(); block += le32(block + 4)) {
    constexpr std::uint32_t kEnhancedPacket = 6;
    if (le32(block) != kEnhancedPacket) continue;
    const auto packet = std::span(bytes).subspan(block + 28, le32(block + 20));
    std::size_t at = 0;  // exported-PDU tags: number, length, value, until 0
    while (packet[at] != 0 || packet[at + 1] != 0) at += 4U + static_cast<std::size_t>((packet[at + 2] << 8) | packet[at + 3]);
    const auto udp = packet.subspan(at + 4);
    constexpr std::size_t kUdpHeader = 8;
    const auto length = static_cast<std::size_t>((udp[4] << 8) | udp[5]);
    out.push_back(parse_mac_nr(udp.subspan(kUdpHeader, length - kUdpHeader)));
  }
  return out;
}

}  // namespace ravi::test
