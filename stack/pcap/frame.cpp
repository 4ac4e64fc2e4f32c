#include "stack/pcap/frame.h"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <string>

namespace ravi::pcap {
namespace {

// Tags of an exported PDU, Wireshark's epan/exported_pdu.h.
constexpr std::uint16_t kEndOfTags = 0;
constexpr std::uint16_t kDissectorName = 12;
constexpr std::uint16_t kHeuristicName = 13;

// What precedes a MAC PDU in the forms `framed` and `heuristic`, Wireshark's packet-mac-nr.h.
constexpr std::uint8_t kPayload = 0x01;
constexpr std::uint8_t kRnti = 0x02;
constexpr std::uint8_t kUeId = 0x03;
constexpr std::uint8_t kHarqProcess = 0x06;
constexpr std::uint8_t kFrameAndSlot = 0x07;

void put16(unsigned value, Octets& out)
{
  out.push_back(static_cast<std::uint8_t>(value >> 8U));
  out.push_back(static_cast<std::uint8_t>(value));
}

void put_text(std::string_view text, Octets& out) { out.insert(out.end(), text.begin(), text.end()); }

void put_octets(std::span<const std::uint8_t> octets, Octets& out) { out.insert(out.end(), octets.begin(), octets.end()); }

void put_tags(std::uint16_t tag, std::string_view name, Octets& out)
{
  const std::size_t padding = (4 - name.size() % 4) % 4;
  put16(tag, out);
  put16(static_cast<unsigned>(name.size() + padding), out);
  put_text(name, out);
  out.insert(out.end(), padding, std::uint8_t{0});
  put16(kEndOfTags, out);
  put16(0, out);
}

/// What tells UEs apart above MAC: the C-RNTI does in one cell.
unsigned ue_id(const MacPdu& pdu) { return pdu.rnti_type == RntiType::c ? pdu.rnti.value() : 0; }

void put_context(const MacPdu& pdu, nr::Duplex duplex, Octets& out)
{
  constexpr std::array<std::uint8_t, 5> kRntiTypes{0, 1, 2, 3, 4};  // by RntiType
  out.push_back(duplex == nr::Duplex::fdd ? 1 : 2);
  out.push_back(pdu.direction == nr::LinkDirection::uplink ? 0 : 1);
  out.push_back(kRntiTypes[static_cast<std::size_t>(pdu.rnti_type)]);
  out.push_back(kRnti);
  put16(pdu.rnti.value(), out);
  out.push_back(kUeId);
  put16(ue_id(pdu), out);
  out.push_back(kFrameAndSlot);
  put16(pdu.slot.sfn(), out);
  put16(pdu.slot.slot_in_frame(), out);
  if (pdu.rnti_type == RntiType::c) {
    out.push_back(kHarqProcess);
    out.push_back(pdu.harq_process);
  }
  out.push_back(kPayload);
}

/// A record of a DCT2000 log: what its dissector reads before the text, then a text that it takes a MAC PDU from.
void put_log_line(const MacPdu& pdu, nr::Duplex duplex, std::string_view node, bool is_sent, Octets& out)
{
  constexpr std::array<unsigned, 5> kRntiTypes{0, 2, 3, 5, 0};  // by RntiType; SI-RNTI is known by its value
  const auto time_100us = pdu.time.count() / 100'000;
  put_text(node, out);
  out.push_back(0);
  out.push_back(1);  // port
  put_text(fmt::format("{}.{:04}", time_100us / 10'000, time_100us % 10'000), out);
  out.push_back(0);
  put_text("comment", out);
  put_text(std::string_view("\0001\000\000", 4), out);  // variant 1, no header
  out.push_back(is_sent ? 0 : 1);
  out.push_back(0);  // no encapsulation
  auto to = std::back_inserter(out);
  fmt::format_to(to, "NRMAC PDU: direction={} rntiType={} rnti={} ueid={} SN={} SFN={} length={} {}", pdu.direction == nr::LinkDirection::uplink ? 0 : 1,
                 kRntiTypes[static_cast<std::size_t>(pdu.rnti_type)], pdu.rnti.value(), ue_id(pdu), pdu.slot.slot_in_frame(), pdu.slot.sfn(),
                 pdu.octets.size(), duplex == nr::Duplex::fdd ? "FDD" : "TDD");
  if (pdu.rnti_type == RntiType::c) fmt::format_to(to, " HARQ={}", pdu.harq_process);
  put_text(" $", out);
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::uint8_t octet : pdu.octets) {
    out.push_back(static_cast<std::uint8_t>(kDigits[octet >> 4U]));
    out.push_back(static_cast<std::uint8_t>(kDigits[octet & 0xFU]));
  }
}

std::uint16_t ip_checksum(std::span<const std::uint8_t> header)
{
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < header.size(); i += 2) sum += static_cast<std::uint32_t>(header[i] << 8U | header[i + 1]);
  while (sum > 0xFFFF) sum = (sum & 0xFFFFU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace

void append_mac(const MacPdu& pdu, MacForm form, nr::Duplex duplex, std::string_view node, bool is_sent, Octets& out)
{
  switch (form) {
    case MacForm::text:
      put_tags(kDissectorName, "dct2000", out);
      put_log_line(pdu, duplex, node, is_sent, out);
      return;
    case MacForm::framed:
      put_tags(kDissectorName, "mac-nr-framed", out);
      break;
    case MacForm::heuristic:
      put_tags(kHeuristicName, "mac_nr_udp", out);
      put_text("mac-nr", out);
      break;
  }
  put_context(pdu, duplex, out);
  put_octets(pdu.octets, out);
}

void append_rrc(RrcChannel channel, std::span<const std::uint8_t> message, Octets& out)
{
  constexpr std::array<std::string_view, 6> kDissectors{"nr-rrc.bcch.bch", "nr-rrc.bcch.dl.sch", "nr-rrc.dl.ccch",
                                                        "nr-rrc.ul.ccch",  "nr-rrc.dl.dcch",     "nr-rrc.ul.dcch"};
  put_tags(kDissectorName, kDissectors[static_cast<std::size_t>(channel)], out);
  put_octets(message, out);
}

void append_ngap(std::span<const std::uint8_t> message, Octets& out)
{
  put_tags(kDissectorName, "ngap", out);
  put_octets(message, out);
}

void append_nas(std::span<const std::uint8_t> message, Octets& out)
{
  put_tags(kDissectorName, "nas-5gs", out);
  put_octets(message, out);
}

void append_gtpu(const Ipv4& from, const Ipv4& to, std::span<const std::uint8_t> datagram, Octets& out)
{
  constexpr std::size_t kIpHeader = 20;
  constexpr std::size_t kUdpHeader = 8;
  constexpr unsigned kGtpuPort = 2152;
  const std::size_t begin = out.size();
  put16(0x4500, out);
  put16(static_cast<unsigned>(kIpHeader + kUdpHeader + datagram.size()), out);
  put16(0, out);       // identification
  put16(0x4000, out);  // not to be fragmented
  put16(64 << 8 | 17, out);
  put16(0, out);
  put_octets(from, out);
  put_octets(to, out);
  const unsigned checksum = ip_checksum(std::span(out).subspan(begin));
  out[begin + 10] = static_cast<std::uint8_t>(checksum >> 8U);
  out[begin + 11] = static_cast<std::uint8_t>(checksum);
  put16(kGtpuPort, out);
  put16(kGtpuPort, out);
  put16(static_cast<unsigned>(kUdpHeader + datagram.size()), out);
  put16(0, out);  // no checksum
  put_octets(datagram, out);
}

}  // namespace ravi::pcap
