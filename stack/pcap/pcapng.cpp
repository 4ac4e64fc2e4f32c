#include "stack/pcap/pcapng.h"

#include <array>
#include <cstddef>

namespace ravi::pcap {
namespace {

constexpr std::uint32_t kSectionHeader = 0x0A0D0D0A;
constexpr std::uint32_t kInterfaceDescription = 1;
constexpr std::uint32_t kEnhancedPacket = 6;

constexpr std::uint16_t kComment = 1;
constexpr std::uint16_t kInterfaceName = 2;
constexpr std::uint16_t kInterfaceDescriptionText = 3;
constexpr std::uint16_t kTimestampResolution = 9;
constexpr std::uint16_t kPacketFlags = 2;
constexpr std::uint16_t kApplication = 4;

void put16(std::uint32_t value, Octets& out)
{
  out.push_back(static_cast<std::uint8_t>(value));
  out.push_back(static_cast<std::uint8_t>(value >> 8U));
}

void put32(std::uint32_t value, Octets& out)
{
  put16(value & 0xFFFFU, out);
  put16(value >> 16U, out);
}

void pad(Octets& out)
{
  while (out.size() % 4 != 0) out.push_back(0);
}

void put_option(std::uint16_t code, std::span<const std::uint8_t> value, Octets& out)
{
  put16(code, out);
  put16(static_cast<std::uint16_t>(value.size()), out);
  out.insert(out.end(), value.begin(), value.end());
  pad(out);
}

/// Nothing for an empty text; what is longer than an option can be is cut.
void put_text(std::uint16_t code, std::string_view text, Octets& out)
{
  if (text.empty()) return;
  text = text.substr(0, 0xFFF0);
  put_option(code, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, out);
}

/// The block's type and room for its length; `end_block` knows the length.
std::size_t begin_block(std::uint32_t type, Octets& out)
{
  const std::size_t begin = out.size();
  put32(type, out);
  put32(0, out);
  return begin;
}

/// Ends the options and the block.
void end_block(std::size_t begin, Octets& out)
{
  put32(0, out);
  const auto length = static_cast<std::uint32_t>(out.size() - begin + 4);
  for (unsigned i = 0; i < 4; ++i) out[begin + 4 + i] = static_cast<std::uint8_t>(length >> 8U * i);
  put32(length, out);
}

}  // namespace

void append_section(std::string_view application, Octets& file)
{
  const std::size_t begin = begin_block(kSectionHeader, file);
  put32(0x1A2B3C4D, file);  // byte order
  put16(1, file);           // version 1.0
  put16(0, file);
  put32(0xFFFFFFFF, file);  // of unknown length
  put32(0xFFFFFFFF, file);
  put_text(kApplication, application, file);
  end_block(begin, file);
}

void append_interface(const Interface& interface, Octets& file)
{
  const std::size_t begin = begin_block(kInterfaceDescription, file);
  put16(static_cast<std::uint16_t>(interface.link), file);
  put16(0, file);
  put32(0, file);  // no limit on a packet's length
  put_text(kInterfaceName, interface.name, file);
  put_text(kInterfaceDescriptionText, interface.description, file);
  const std::uint8_t nanoseconds = 9;
  put_option(kTimestampResolution, {&nanoseconds, 1}, file);
  end_block(begin, file);
}

void append_packet(const Packet& packet, Octets& file)
{
  const std::size_t begin = begin_block(kEnhancedPacket, file);
  const auto time = static_cast<std::uint64_t>(packet.time.count());
  const auto size = static_cast<std::uint32_t>(packet.octets.size());
  put32(packet.interface, file);
  put32(static_cast<std::uint32_t>(time >> 32U), file);
  put32(static_cast<std::uint32_t>(time), file);
  put32(size, file);
  put32(size, file);
  file.insert(file.end(), packet.octets.begin(), packet.octets.end());
  pad(file);
  const std::uint8_t inbound = 1;
  const std::uint8_t outbound = 2;
  const std::array<std::uint8_t, 4> flags{packet.is_sent ? outbound : inbound, 0, 0, 0};
  put_option(kPacketFlags, flags, file);
  put_text(kComment, packet.comment, file);
  end_block(begin, file);
}

}  // namespace ravi::pcap
