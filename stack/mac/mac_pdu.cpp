#include "stack/mac/mac_pdu.h"

#include <algorithm>
#include <cstring>

namespace ravi::mac {
namespace {

constexpr std::uint8_t kFormatBit = 0x40;  // F: the length field has 16 bits
constexpr std::uint8_t kLcidMask = 0x3F;   // R, the first bit, is ignored

constexpr SubPduSize fixed(std::uint8_t octets) { return {SizeKind::fixed, octets}; }
constexpr SubPduSize with_length_field() { return {SizeKind::with_length_field, 0}; }

/// TS 38.321 Table 6.2.1-1 and §6.1.3.
SubPduSize downlink_size(std::uint8_t lcid) noexcept
{
  switch (lcid) {
    case 47: return fixed(2);              // recommended bit rate
    case 48: return fixed(2);              // SP ZP CSI-RS resource set activation
    case 49: return fixed(3);              // PUCCH spatial relation activation
    case 50: return with_length_field();   // SP SRS activation
    case 51: return fixed(2);              // SP CSI reporting on PUCCH activation
    case 52: return fixed(2);              // TCI state for UE-specific PDCCH
    case 53: return with_length_field();   // TCI states for UE-specific PDSCH
    case 54: return with_length_field();   // aperiodic CSI trigger state subselection
    case 55: return with_length_field();   // SP CSI-RS / CSI-IM resource set activation
    case 56: return fixed(1);              // duplication activation
    case 57: return fixed(4);              // SCell activation, four octets
    case 58: return fixed(1);              // SCell activation, one octet
    case lcid::long_drx_command: return fixed(0);
    case lcid::drx_command: return fixed(0);
    case lcid::timing_advance_command: return fixed(1);
    case lcid::contention_resolution: return fixed(6);
    default: return {};
  }
}

/// TS 38.321 Table 6.2.1-2 and §6.1.3.
SubPduSize uplink_size(std::uint8_t lcid) noexcept
{
  switch (lcid) {
    case 45:                               // truncated sidelink BSR
    case 46: return with_length_field();   // sidelink BSR
    case 48: return fixed(4);              // LBT failure, four octets
    case 49: return fixed(1);              // LBT failure, one octet
    case 50:                               // BFR
    case 51: return with_length_field();   // truncated BFR
    case lcid::ccch_48_bits: return fixed(6);
    case 53: return fixed(2);              // recommended bit rate query
    case 54: return with_length_field();   // multiple entry PHR, four octets
    case lcid::configured_grant_confirmation: return fixed(0);
    case 56: return with_length_field();   // multiple entry PHR, one octet
    case lcid::single_entry_phr: return fixed(2);
    case lcid::c_rnti: return fixed(2);
    case lcid::short_truncated_bsr: return fixed(1);
    case lcid::long_truncated_bsr: return with_length_field();
    case lcid::short_bsr: return fixed(1);
    case lcid::long_bsr: return with_length_field();
    default: return {};
  }
}

}  // namespace

SubPduSize sub_pdu_size(Direction direction, std::uint8_t lcid) noexcept
{
  if (lcid == lcid::padding) return {SizeKind::padding, 0};
  if (lcid == lcid::ccch && direction == Direction::uplink) return fixed(8);
  if (lcid <= lcid::last_logical_channel) return with_length_field();
  return direction == Direction::downlink ? downlink_size(lcid) : uplink_size(lcid);
}

std::optional<SubPdu> MacPduReader::next() noexcept
{
  if (rest_.empty()) return std::nullopt;
  const std::uint8_t first = rest_[0];
  const auto id = static_cast<std::uint8_t>(first & kLcidMask);
  const SubPduSize size = sub_pdu_size(direction_, id);
  std::size_t header = 1;
  std::size_t length = size.octets;
  switch (size.kind) {
    case SizeKind::reserved: return stop_malformed();
    case SizeKind::padding:
      padding_octets_ = rest_.size();
      rest_ = {};
      return std::nullopt;
    case SizeKind::fixed: break;
    case SizeKind::with_length_field:
      header = (first & kFormatBit) != 0 ? 3 : 2;
      if (rest_.size() < header) return stop_malformed();
      length = header == 2 ? rest_[1] : static_cast<std::size_t>((rest_[1] << 8) | rest_[2]);
      break;
  }
  if (rest_.size() - header < length) return stop_malformed();
  const SubPdu sub_pdu{id, rest_.subspan(header, length)};
  rest_ = rest_.subspan(header + length);
  return sub_pdu;
}

std::optional<SubPdu> MacPduReader::stop_malformed() noexcept
{
  is_malformed_ = true;
  rest_ = {};
  return std::nullopt;
}

std::size_t MacPduWriter::max_sdu_size() const noexcept
{
  constexpr std::size_t kMaxLength = 65535;
  const std::size_t left = remaining();
  if (left < 3) return 0;
  return left <= 257 ? left - 2 : std::min(left - 3, kMaxLength);
}

std::span<std::uint8_t> MacPduWriter::sdu_room(std::size_t max_size) noexcept
{
  const std::size_t size = std::min(max_size, max_sdu_size());
  if (size == 0) return {};
  room_at_ = size_ + (size < 256 ? 2 : 3);
  return out_.subspan(room_at_, size);
}

void MacPduWriter::commit_sdu(std::uint8_t lcid, std::size_t size) noexcept
{
  const bool is_long = size >= 256;
  const std::size_t payload_at = size_ + (is_long ? 3 : 2);
  if (payload_at != room_at_) std::memmove(out_.data() + payload_at, out_.data() + room_at_, size);
  out_[size_] = static_cast<std::uint8_t>(is_long ? kFormatBit | lcid : lcid);
  if (is_long) out_[size_ + 1] = static_cast<std::uint8_t>(size >> 8);
  out_[payload_at - 1] = static_cast<std::uint8_t>(size & 0xFF);
  size_ = payload_at + size;
}

bool MacPduWriter::add(std::uint8_t lcid, std::span<const std::uint8_t> payload) noexcept
{
  const SubPduSize size = sub_pdu_size(direction_, lcid);
  if (size.kind == SizeKind::fixed) {
    if (payload.size() != size.octets || remaining() < 1 + payload.size()) return false;
    out_[size_] = lcid;
    std::copy(payload.begin(), payload.end(), out_.begin() + static_cast<std::ptrdiff_t>(size_ + 1));
    size_ += 1 + payload.size();
    return true;
  }
  if (size.kind != SizeKind::with_length_field || payload.empty() || payload.size() > max_sdu_size()) return false;
  const auto room = sdu_room(payload.size());
  std::copy(payload.begin(), payload.end(), room.begin());
  commit_sdu(lcid, payload.size());
  return true;
}

void MacPduWriter::finish() noexcept
{
  const auto rest = out_.subspan(size_);
  if (rest.empty()) return;
  std::fill(rest.begin(), rest.end(), std::uint8_t{0});
  rest[0] = lcid::padding;
  size_ = out_.size();
}

}  // namespace ravi::mac
