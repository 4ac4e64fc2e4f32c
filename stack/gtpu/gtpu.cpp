#include "stack/gtpu/gtpu.h"

#include <algorithm>

namespace ravi::gtpu {
namespace {

// First octet, TS 29.281 §5.1: version (3) PT (1) spare (1) E S PN.
constexpr std::uint8_t kVersion1Gtp = 0x30;
constexpr std::uint8_t kVersionMask = 0xF0;
constexpr std::uint8_t kHasExtension = 0x04;
constexpr std::uint8_t kHasSequence = 0x02;
constexpr std::uint8_t kHasNpdu = 0x01;

constexpr std::size_t kFixedOctets = 8;
constexpr std::size_t kOptionalOctets = 4;       // sequence number, N-PDU number, next extension header type
constexpr std::size_t kSessionOctets = 4;        // length, two of content, next type
constexpr std::uint8_t kSessionContainer = 0x85;  // TS 29.281 Figure 5.2.1-3
constexpr std::uint8_t kMustBeUnderstood = 0x80;  // §5.2.1: bit 8 of the type

// Information elements, TS 29.281 Table 8.1-1.
constexpr std::uint8_t kRecovery = 14;
constexpr std::uint8_t kTeidDataI = 16;
constexpr std::uint8_t kPeerAddress = 133;
constexpr std::uint8_t kExtensionTypeList = 141;

constexpr std::uint8_t octet(std::size_t v) { return static_cast<std::uint8_t>(v & 0xFF); }

std::uint32_t read32(std::span<const std::uint8_t> in) noexcept
{
  std::uint32_t v = 0;
  for (std::size_t i = 0; i < 4; ++i) v = (v << 8) | in[i];
  return v;
}

void write32(std::uint32_t v, std::span<std::uint8_t> out) noexcept
{
  for (std::size_t i = 0; i < 4; ++i) out[i] = octet(v >> (24 - 8 * i));
}

/// PDU type (4), then for downlink PPP RQI QFI and for uplink N3/N9 delay, new IE flag, QFI. TS 38.415 §5.5.2.1, §5.5.2.2.
std::optional<PduSession> read_session(std::span<const std::uint8_t> content) noexcept
{
  if (content.size() < 2) return std::nullopt;
  const unsigned type = content[0] >> 4;
  if (type > 1) return std::nullopt;
  PduSession session{.is_uplink = type == 1, .qfi = static_cast<std::uint8_t>(content[1] & 0x3F)};
  if (session.is_uplink) return session;
  session.has_reflective_qos = (content[1] & 0x40) != 0;
  const bool has_paging_policy = (content[1] & 0x80) != 0;
  if (!has_paging_policy) return session;
  if (content.size() < 3) return std::nullopt;
  session.paging_policy = static_cast<std::uint8_t>(content[2] >> 5);
  return session;
}

/// Walks the chain that begins with type `next` in `rest`; `rest` is then the payload.
Verdict read_extensions(std::uint8_t next, std::span<const std::uint8_t>& rest, Header& header) noexcept
{
  constexpr unsigned kMaxExtensions = 16;
  bool has_unknown = false;
  for (unsigned i = 0; next != 0; ++i) {
    if (i == kMaxExtensions || rest.empty()) return Verdict::malformed;
    const std::size_t size = 4U * rest[0];
    if (size == 0 || size > rest.size()) return Verdict::malformed;
    if (next == kSessionContainer) {
      header.session = read_session(rest.subspan(1, size - 2));
      if (!header.session) return Verdict::malformed;
    } else if ((next & kMustBeUnderstood) != 0) {
      has_unknown = true;
    }
    next = rest[size - 1];
    rest = rest.subspan(size);
  }
  return has_unknown ? Verdict::unknown_extension : Verdict::ok;
}

/// A signalling message: header with sequence number, then `elements`.
std::size_t write_message(const Header& header, std::span<const std::uint8_t> elements, std::span<std::uint8_t> out) noexcept
{
  const std::size_t size = write_header(header, elements.size(), out);
  if (size == 0 || out.size() - size < elements.size()) return 0;
  std::copy(elements.begin(), elements.end(), out.begin() + static_cast<std::ptrdiff_t>(size));
  return size + elements.size();
}

}  // namespace

std::size_t header_size(const Header& header) noexcept
{
  const bool has_optional = header.sequence_number || header.session;
  return kFixedOctets + (has_optional ? kOptionalOctets : 0) + (header.session ? kSessionOctets : 0);
}

std::size_t write_header(const Header& header, std::size_t payload_size, std::span<std::uint8_t> out) noexcept
{
  const std::size_t size = header_size(header);
  const std::size_t length = size - kFixedOctets + payload_size;
  if (out.size() < size || length > 0xFFFF) return 0;
  out[0] = static_cast<std::uint8_t>(kVersion1Gtp | (header.session ? kHasExtension : 0) |
                                     (header.sequence_number ? kHasSequence : 0));
  out[1] = static_cast<std::uint8_t>(header.type);
  out[2] = octet(length >> 8);
  out[3] = octet(length);
  write32(header.teid, out.subspan(4));
  if (size == kFixedOctets) return size;
  const std::uint16_t sequence = header.sequence_number.value_or(0);
  out[8] = octet(sequence >> 8U);
  out[9] = octet(sequence);
  out[10] = 0;
  out[11] = header.session ? kSessionContainer : 0;
  if (header.session) {
    const PduSession& s = *header.session;
    out[12] = 1;  // times 4 octets
    out[13] = s.is_uplink ? 0x10 : 0x00;
    out[14] = static_cast<std::uint8_t>((!s.is_uplink && s.has_reflective_qos ? 0x40 : 0) | (s.qfi & 0x3F));
    out[15] = 0;
  }
  return size;
}

Decoded decode(std::span<const std::uint8_t> datagram) noexcept
{
  Decoded out;
  if (datagram.size() < kFixedOctets) return out;
  const std::uint8_t flags = datagram[0];
  if ((flags & kVersionMask) != kVersion1Gtp) {
    out.verdict = Verdict::bad_version;
    return out;
  }
  out.header.type = static_cast<MessageType>(datagram[1]);
  out.header.teid = read32(datagram.subspan(4));
  const auto length = static_cast<std::size_t>((datagram[2] << 8) | datagram[3]);
  if (length > datagram.size() - kFixedOctets) return out;
  std::span<const std::uint8_t> rest = datagram.subspan(kFixedOctets, length);
  out.verdict = Verdict::ok;
  if ((flags & (kHasExtension | kHasSequence | kHasNpdu)) != 0) {
    if (rest.size() < kOptionalOctets) {
      out.verdict = Verdict::malformed;
      return out;
    }
    if ((flags & kHasSequence) != 0) out.header.sequence_number = static_cast<std::uint16_t>((rest[0] << 8) | rest[1]);
    const std::uint8_t next = (flags & kHasExtension) != 0 ? rest[3] : std::uint8_t{0};
    rest = rest.subspan(kOptionalOctets);
    out.verdict = read_extensions(next, rest, out.header);
  }
  if (out.verdict != Verdict::malformed) out.payload = rest;
  return out;
}

std::size_t write_echo_request(std::uint16_t sequence_number, std::span<std::uint8_t> out) noexcept
{
  return write_message({.type = MessageType::echo_request, .sequence_number = sequence_number}, {}, out);
}

std::size_t write_echo_response(std::uint16_t sequence_number, std::span<std::uint8_t> out) noexcept
{
  constexpr std::array<std::uint8_t, 2> kElements{kRecovery, 0};
  return write_message({.type = MessageType::echo_response, .sequence_number = sequence_number}, kElements, out);
}

std::size_t write_end_marker(std::uint32_t teid, std::span<std::uint8_t> out) noexcept
{
  return write_message({.type = MessageType::end_marker, .teid = teid}, {}, out);
}

std::size_t write_supported_extension_headers(std::uint16_t sequence_number, std::span<std::uint8_t> out) noexcept
{
  constexpr std::array<std::uint8_t, 3> kElements{kExtensionTypeList, 1, kSessionContainer};
  return write_message({.type = MessageType::supported_extension_headers, .sequence_number = sequence_number}, kElements, out);
}

std::size_t write_error_indication(const ErrorIndication& error, std::uint16_t sequence_number,
                                   std::span<std::uint8_t> out) noexcept
{
  std::array<std::uint8_t, 5 + 3 + 16> elements{kTeidDataI};
  write32(error.teid, std::span(elements).subspan(1));
  const std::size_t address_size = error.address_size == 16 ? 16 : 4;
  elements[5] = kPeerAddress;
  elements[7] = octet(address_size);
  std::copy_n(error.address.begin(), address_size, elements.begin() + 8);
  return write_message({.type = MessageType::error_indication, .sequence_number = sequence_number},
                       std::span(elements).first(8 + address_size), out);
}

std::optional<ErrorIndication> read_error_indication(std::span<const std::uint8_t> payload) noexcept
{
  ErrorIndication out;
  bool has_teid = false, has_address = false;
  while (!payload.empty()) {
    const std::uint8_t type = payload[0];
    std::size_t size = 0;
    if (type == kTeidDataI || type == kRecovery) {  // type and value of fixed size
      size = type == kTeidDataI ? 5 : 2;
      if (payload.size() < size) return std::nullopt;
      if (type == kTeidDataI) out.teid = read32(payload.subspan(1));
      has_teid = has_teid || type == kTeidDataI;
    } else if ((type & 0x80) != 0) {  // type, length, value
      if (payload.size() < 3) return std::nullopt;
      const auto length = static_cast<std::size_t>((payload[1] << 8) | payload[2]);
      size = 3 + length;
      if (payload.size() < size) return std::nullopt;
      if (type == kPeerAddress) {
        if (length != 4 && length != 16) return std::nullopt;
        std::copy_n(payload.begin() + 3, length, out.address.begin());
        out.address_size = octet(length);
        has_address = true;
      }
    } else {
      return std::nullopt;
    }
    payload = payload.subspan(size);
  }
  if (!has_teid || !has_address) return std::nullopt;
  return out;
}

}  // namespace ravi::gtpu
