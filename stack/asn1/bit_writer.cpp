#include "stack/asn1/bit_writer.h"

#include <algorithm>
#include <utility>

namespace ravi::asn1 {

void BitWriter::bits(std::uint64_t value, unsigned count)
{
  while (count > 0) {
    const unsigned used = count_ % 8;
    if (used == 0) {
      bytes_.push_back(0);
    }
    const unsigned take = std::min(count, 8 - used);
    const auto piece = static_cast<unsigned>(value >> (count - take)) & (0xffu >> (8 - take));
    bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | piece << (8 - used - take));
    count_ += take;
    count -= take;
  }
}

void BitWriter::align()
{
  if (rules_ == Rules::aligned) {
    bits(0, static_cast<unsigned>((8 - count_ % 8) % 8));
  }
}

void BitWriter::packed_bits(std::span<const std::uint8_t> bytes, std::size_t count)
{
  for (const std::uint8_t byte : bytes.first(count / 8)) {
    bits(byte, 8);
  }
  if (const unsigned rest = count % 8; rest != 0) {
    bits(bytes[count / 8] >> (8 - rest), rest);
  }
}

void BitWriter::constrained(std::uint64_t value, std::uint64_t span)
{
  if (rules_ == Rules::unaligned || span < 255) {
    bits(value, bits_for(span));
  } else if (span < 65536) {
    align();
    bits(value, span == 255 ? 8 : 16);
  } else {
    const unsigned most = (bits_for(span) + 7) / 8;
    const unsigned octets = std::max(1u, (bits_for(value) + 7) / 8);
    bits(octets - 1, bits_for(most - 1));
    align();
    bits(value, octets * 8);
  }
}

void BitWriter::normally_small(std::uint32_t value)
{
  bit(value > 63);
  if (value <= 63) {
    bits(value, 6);
  } else {
    semi_constrained(value);
  }
}

void BitWriter::semi_constrained(std::uint64_t value)
{
  const unsigned octets = std::max(1u, (bits_for(value) + 7) / 8);
  general_length(octets);
  bits(value, octets * 8);
}

void BitWriter::unconstrained(std::int64_t value)
{
  const auto magnitude = static_cast<std::uint64_t>(value < 0 ? ~value : value);
  const unsigned octets = bits_for(magnitude) / 8 + 1;  // one bit more for the sign
  general_length(octets);
  bits(static_cast<std::uint64_t>(value), octets * 8);
}

void BitWriter::general_length(std::size_t count)
{
  align();
  if (count < 128) {
    bits(count, 8);
  } else {
    bits(0x8000 | count, 16);
  }
}

void BitWriter::bounded_length(std::size_t count, const Bounds& bounds)
{
  if (bounds.has_high && bounds.high < 65536) {
    const auto low = static_cast<std::uint64_t>(bounds.low);
    constrained(count - low, bounds.high - low);
  } else {
    general_length(count);
  }
}

void BitWriter::small_length(std::size_t count)
{
  bit(count > 64);
  if (count <= 64) {
    bits(count - 1, 6);
  } else {
    general_length(count);
  }
}

void BitWriter::octets(std::span<const std::uint8_t> bytes)
{
  while (bytes.size() >= 16384) {
    const std::size_t pieces = std::min<std::size_t>(bytes.size() / 16384, 4);
    align();
    bits(0xc0 | pieces, 8);
    packed_bits(bytes, pieces * 16384 * 8);
    bytes = bytes.subspan(pieces * 16384);
  }
  general_length(bytes.size());
  packed_bits(bytes, bytes.size() * 8);
}

std::vector<std::uint8_t> BitWriter::finish() &&
{
  if (bytes_.empty()) {
    bytes_.push_back(0);
  }
  return std::move(bytes_);
}

}  // namespace ravi::asn1
