#pragma once
// How each kind of message stands in a packet so that Wireshark knows without being told what it is.

#include "stack/nr/band.h"
#include "stack/nr/rnti.h"
#include "stack/nr/slot.h"
#include "stack/pcap/pcapng.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

namespace ravi::pcap {

/// Whose PDU it is. `none`: the BCH's, which has no RNTI.
enum class RntiType : std::uint8_t { none, p, ra, c, si };
enum class RrcChannel : std::uint8_t { bcch_bch, bcch_dl_sch, dl_ccch, ul_ccch, dl_dcch, ul_dcch };
using Ipv4 = std::array<std::uint8_t, 4>;

/// Three ways for a MAC PDU.
enum class MacForm : std::uint8_t {
  /// As a line of a text log whose dissector ("dct2000") hands it on to MAC-NR. Wireshark 4.0 reads it as it comes, but takes
  /// duplex, slot and HARQ process from nowhere: they stand in the line.
  text,
  /// Dissector "mac-nr-framed", all fields. Not in Debian 12's Wireshark 4.0.
  framed,
  /// Heuristic "mac_nr_udp", all fields. To be switched on in every Wireshark: tshark --enable-heuristic mac_nr_udp.
  heuristic
};

struct MacPdu {
  nr::Rnti rnti;                  ///< 0: none
  RntiType rnti_type = RntiType::c;
  nr::LinkDirection direction = nr::LinkDirection::downlink;
  nr::Slot slot;
  std::uint8_t harq_process = 0;  ///< meant if `rnti_type` is c
  std::chrono::nanoseconds time;  ///< when the slot is in the air
  std::span<const std::uint8_t> octets;
};

// Each appends one packet; of link type `upper_pdu` unless it says otherwise.

/// `node`: a short name without a zero, shown as source or destination. The PDU's `time` is shown too.
void append_mac(const MacPdu& pdu, MacForm form, nr::Duplex duplex, std::string_view node, bool is_sent, Octets& out);
void append_rrc(RrcChannel channel, std::span<const std::uint8_t> message, Octets& out);
void append_ngap(std::span<const std::uint8_t> message, Octets& out);
void append_nas(std::span<const std::uint8_t> message, Octets& out);
/// Link type `raw_ip`: the datagram in IPv4 and UDP between the GTP-U ports, TS 29.281 §4.4.2.
void append_gtpu(const Ipv4& from, const Ipv4& to, std::span<const std::uint8_t> datagram, Octets& out);

}  // namespace ravi::pcap
