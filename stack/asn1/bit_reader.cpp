#include "stack/asn1/bit_reader.h"

#include <algorithm>
#include <bit>

namespace ravi::asn1 {

unsigned bits_for(std::uint64_t span) noexcept { return static_cast<unsigned>(std::bit_width(span)); }

std::uint64_t BitReader::bits(unsigned count) noexcept
{
  if (!ok_ || count > remaining()) {
    ok_ = false;
    return 0;
  }
  std::uint64_t value = 0;
  while (count > 0) {
    const unsigned used = at_ % 8;
    const unsigned take = std::min(count, 8 - used);
    const unsigned byte = bytes_[at_ / 8];
    value = value << take | (byte >> (8 - used - take) & (0xffu >> (8 - take)));
    at_ += take;
    count -= take;
  }
  return value;
}

void BitReader::align() noexcept
{
  if (rules_ == Rules::aligned) {
    bits(static_cast<unsigned>((8 - at_ % 8) % 8));
  }
}

void BitReader::packed_bits(std::span<std::uint8_t> out) noexcept
{
  if (!ok_ || out.size() * 8 > remaining()) {
    ok_ = false;
    return;
  }
  for (std::uint8_t& byte : out) {
    byte = static_cast<std::uint8_t>(bits(8));
  }
}

std::vector<std::uint8_t> BitReader::packed_bits(std::size_t count)
{
  if (!ok_ || count > remaining()) {
    ok_ = false;
    return {};
  }
  std::vector<std::uint8_t> out((count + 7) / 8);
  packed_bits(std::span(out).first(count / 8));
  if (const unsigned rest = count % 8; rest != 0) {
    out.back() = static_cast<std::uint8_t>(bits(rest) << (8 - rest));
  }
  return out;
}

std::uint64_t BitReader::constrained(std::uint64_t span) noexcept
{
  std::uint64_t value = 0;
  if (rules_ == Rules::unaligned || span < 255) {
    value = bits(bits_for(span));
  } else if (span < 65536) {
    align();
    value = bits(span == 255 ? 8 : 16);
  } else {
    const unsigned most = (bits_for(span) + 7) / 8;
    const auto octets = static_cast<unsigned>(bits(bits_for(most - 1))) + 1;
    if (octets > most) {
      ok_ = false;
      return 0;
    }
    align();
    value = bits(octets * 8);
  }
  if (value > span) {
    ok_ = false;
    return 0;
  }
  return value;
}

std::uint32_t BitReader::normally_small() noexcept
{
  if (!bit()) {
    return static_cast<std::uint32_t>(bits(6));
  }
  const std::uint64_t value = semi_constrained();
  if (value > 0xffffffff) {
    ok_ = false;
    return 0;
  }
  return static_cast<std::uint32_t>(value);
}

std::uint64_t BitReader::semi_constrained() noexcept
{
  const Length length = general_length();
  if (length.more || length.count == 0 || length.count > 8) {
    ok_ = false;
    return 0;
  }
  return bits(static_cast<unsigned>(length.count * 8));
}

std::int64_t BitReader::unconstrained() noexcept
{
  const Length length = general_length();
  if (length.more || length.count == 0 || length.count > 8) {
    ok_ = false;
    return 0;
  }
  const auto unused = static_cast<unsigned>(64 - length.count * 8);
  return static_cast<std::int64_t>(bits(static_cast<unsigned>(length.count * 8)) << unused) >> unused;
}

BitReader::Length BitReader::general_length() noexcept
{
  align();
  if (!bit()) {
    return {.count = static_cast<std::size_t>(bits(7))};
  }
  if (!bit()) {
    return {.count = static_cast<std::size_t>(bits(14))};
  }
  const std::size_t pieces = bits(6);
  if (pieces < 1 || pieces > 4) {
    ok_ = false;
    return {};
  }
  return {.count = pieces * 16384, .more = true};
}

std::size_t BitReader::bounded_length(const Bounds& bounds) noexcept
{
  if (bounds.has_high && bounds.high < 65536) {
    const auto low = static_cast<std::uint64_t>(bounds.low);
    return constrained(bounds.high - low) + low;
  }
  const Length length = general_length();
  if (length.more || (bounds.has_low && length.count < static_cast<std::uint64_t>(bounds.low)) ||
      (bounds.has_high && length.count > bounds.high)) {
    ok_ = false;
    return 0;
  }
  return length.count;
}

std::size_t BitReader::small_length() noexcept
{
  if (!bit()) {
    return bits(6) + 1;
  }
  const Length length = general_length();
  if (length.more || length.count == 0) {
    ok_ = false;
    return 0;
  }
  return length.count;
}

std::vector<std::uint8_t> BitReader::octets()
{
  std::vector<std::uint8_t> out;
  Length length;
  do {
    length = general_length();
    if (length.count > 0) {
      align();
    }
    if (!ok_ || length.count * 8 > remaining()) {
      ok_ = false;
      return {};
    }
    const std::size_t before = out.size();
    out.resize(before + length.count);
    packed_bits(std::span(out).subspan(before));
  } while (length.more);
  return out;
}

bool BitReader::open_type(BitReader& content) noexcept
{
  const std::size_t before = at_;
  const Length length = general_length();
  if (ok_ && length.more) {
    at_ = before;
    return false;
  }
  align();
  if (!ok_ || length.count * 8 > remaining()) {
    ok_ = false;
    return false;
  }
  content = *this;
  content.end_ = at_ + length.count * 8;
  at_ = content.end_;
  return true;
}

}  // namespace ravi::asn1
