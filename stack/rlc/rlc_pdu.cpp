#include "stack/rlc/rlc_pdu.h"

namespace ravi::rlc {
namespace {

constexpr std::uint8_t octet(std::uint32_t v) { return static_cast<std::uint8_t>(v & 0xFF); }

void write_offset(const DataHeader& header, std::span<std::uint8_t> out, std::size_t at) noexcept
{
  if (!has_offset(header.segmentation)) return;
  out[at] = octet(header.offset >> 8U);
  out[at + 1] = octet(header.offset);
}

/// The offset, if the header has one, and the data; a PDU without data is malformed.
std::optional<DataPdu> read_rest(DataHeader header, std::span<const std::uint8_t> pdu, std::size_t header_size) noexcept
{
  if (pdu.size() <= header_size) return std::nullopt;
  if (has_offset(header.segmentation)) {
    header.offset = static_cast<std::uint16_t>((pdu[header_size - 2] << 8) | pdu[header_size - 1]);
    if (header.offset == 0) return std::nullopt;  // a segment that is not the first cannot begin at 0
  }
  return DataPdu{header, pdu.subspan(header_size)};
}

}  // namespace

std::size_t um_header_size(SnSize size, Segmentation segmentation) noexcept
{
  if (segmentation == Segmentation::whole) return 1;
  return (size == SnSize::bits6 ? 1U : 2U) + (has_offset(segmentation) ? 2U : 0U);
}

std::size_t am_header_size(SnSize size, Segmentation segmentation) noexcept
{
  return (size == SnSize::bits18 ? 3U : 2U) + (has_offset(segmentation) ? 2U : 0U);
}

void write_um_header(SnSize size, const DataHeader& header, std::span<std::uint8_t> out) noexcept
{
  const std::uint32_t si = static_cast<std::uint32_t>(header.segmentation) << 6;
  if (header.segmentation == Segmentation::whole) {
    out[0] = 0;
    return;
  }
  if (size == SnSize::bits6) {
    out[0] = octet(si | (header.sn & 0x3F));
    write_offset(header, out, 1);
    return;
  }
  out[0] = octet(si | ((header.sn >> 8) & 0x0F));
  out[1] = octet(header.sn);
  write_offset(header, out, 2);
}

void write_am_header(SnSize size, const DataHeader& header, std::span<std::uint8_t> out) noexcept
{
  const std::uint32_t first =
      0x80U | (header.has_poll ? 0x40U : 0U) | (static_cast<std::uint32_t>(header.segmentation) << 4);
  if (size == SnSize::bits12) {
    out[0] = octet(first | ((header.sn >> 8) & 0x0F));
    out[1] = octet(header.sn);
    write_offset(header, out, 2);
    return;
  }
  out[0] = octet(first | ((header.sn >> 16) & 0x03));
  out[1] = octet(header.sn >> 8);
  out[2] = octet(header.sn);
  write_offset(header, out, 3);
}

std::optional<DataPdu> read_um_pdu(SnSize size, std::span<const std::uint8_t> pdu) noexcept
{
  if (pdu.empty()) return std::nullopt;
  DataHeader header;
  header.segmentation = static_cast<Segmentation>(pdu[0] >> 6);
  const std::size_t header_size = um_header_size(size, header.segmentation);
  if (pdu.size() <= header_size) return std::nullopt;
  if (header.segmentation != Segmentation::whole) {
    header.sn = size == SnSize::bits6 ? pdu[0] & 0x3FU : ((pdu[0] & 0x0FU) << 8) | pdu[1];
  }
  return read_rest(header, pdu, header_size);
}

std::optional<DataPdu> read_am_pdu(SnSize size, std::span<const std::uint8_t> pdu) noexcept
{
  if (pdu.empty() || is_control_pdu(pdu)) return std::nullopt;
  DataHeader header;
  header.has_poll = (pdu[0] & 0x40) != 0;
  header.segmentation = static_cast<Segmentation>((pdu[0] >> 4) & 3);
  const std::size_t header_size = am_header_size(size, header.segmentation);
  if (pdu.size() <= header_size) return std::nullopt;
  header.sn = size == SnSize::bits12 ? ((pdu[0] & 0x0FU) << 8) | pdu[1]
                                     : ((pdu[0] & 0x03U) << 16) | (static_cast<std::uint32_t>(pdu[1]) << 8) | pdu[2];
  return read_rest(header, pdu, header_size);
}

std::size_t nack_size(SnSize size, const Nack& nack) noexcept
{
  return (size == SnSize::bits18 ? 3U : 2U) + (nack.has_offsets() ? 4U : 0U) + (nack.range > 1 ? 1U : 0U);
}

bool StatusWriter::add(const Nack& nack) noexcept
{
  if (out_.size() - used_ < nack_size(size_, nack)) return false;
  // The bit that says "a NACK follows": E1 of the fixed part, or of the NACK before.
  if (last_nack_ != 0) {
    out_[last_nack_] = octet(out_[last_nack_] | (size_ == SnSize::bits12 ? 0x08U : 0x20U));
  }
  const bool is_range = nack.range > 1;
  if (size_ == SnSize::bits12) {
    out_[used_] = octet(nack.sn >> 4);
    out_[used_ + 1] = octet((nack.sn << 4) | (nack.has_offsets() ? 4U : 0U) | (is_range ? 2U : 0U));
    last_nack_ = used_ + 1;
  } else {
    out_[used_] = octet(nack.sn >> 10);
    out_[used_ + 1] = octet(nack.sn >> 2);
    out_[used_ + 2] = octet((nack.sn << 6) | (nack.has_offsets() ? 0x10U : 0U) | (is_range ? 0x08U : 0U));
    last_nack_ = used_ + 2;
  }
  used_ = last_nack_ + 1;
  if (nack.has_offsets()) {
    out_[used_++] = octet(nack.so_start >> 8U);
    out_[used_++] = octet(nack.so_start);
    out_[used_++] = octet(nack.so_end >> 8U);
    out_[used_++] = octet(nack.so_end);
  }
  if (is_range) out_[used_++] = nack.range;
  return true;
}

std::size_t StatusWriter::finish(std::uint32_t ack_sn) noexcept
{
  const bool has_nack = last_nack_ != 0;
  if (size_ == SnSize::bits12) {  // D/C = 0, CPT = 000
    out_[0] = octet((ack_sn >> 8) & 0x0F);
    out_[1] = octet(ack_sn);
    out_[2] = has_nack ? 0x80 : 0;
  } else {
    out_[0] = octet((ack_sn >> 14) & 0x0F);
    out_[1] = octet(ack_sn >> 6);
    out_[2] = octet((ack_sn << 2) | (has_nack ? 2U : 0U));
  }
  return used_;
}

StatusReader::StatusReader(SnSize size, std::span<const std::uint8_t> pdu) noexcept : size_(size)
{
  constexpr std::uint8_t kControlType = 0x70;  // CPT, 000 = STATUS
  if (pdu.size() < StatusWriter::kMinSize || !is_control_pdu(pdu) || (pdu[0] & kControlType) != 0) return;
  is_valid_ = true;
  if (size == SnSize::bits12) {
    ack_sn_ = ((pdu[0] & 0x0FU) << 8) | pdu[1];
    has_more_ = (pdu[2] & 0x80) != 0;
  } else {
    ack_sn_ = ((pdu[0] & 0x0FU) << 14) | (static_cast<std::uint32_t>(pdu[1]) << 6) | (pdu[2] >> 2U);
    has_more_ = (pdu[2] & 2) != 0;
  }
  rest_ = pdu.subspan(StatusWriter::kMinSize);
}

std::optional<Nack> StatusReader::next() noexcept
{
  if (!is_valid_ || !has_more_) return std::nullopt;
  has_more_ = false;
  is_truncated_ = true;
  const std::size_t fixed = size_ == SnSize::bits12 ? 2 : 3;
  if (rest_.size() < fixed) return std::nullopt;
  Nack nack;
  unsigned flags = 0;  // E1 E2 E3
  if (size_ == SnSize::bits12) {
    nack.sn = (static_cast<std::uint32_t>(rest_[0]) << 4) | (rest_[1] >> 4U);
    flags = (rest_[1] >> 1) & 7U;
  } else {
    nack.sn = (static_cast<std::uint32_t>(rest_[0]) << 10) | (static_cast<std::uint32_t>(rest_[1]) << 2) | (rest_[2] >> 6U);
    flags = (rest_[2] >> 3) & 7U;
  }
  const bool has_offsets = (flags & 2) != 0;
  const bool has_range = (flags & 1) != 0;
  const std::size_t total = fixed + (has_offsets ? 4U : 0U) + (has_range ? 1U : 0U);
  if (rest_.size() < total) return std::nullopt;
  if (has_offsets) {
    nack.so_start = static_cast<std::uint16_t>((rest_[fixed] << 8) | rest_[fixed + 1]);
    nack.so_end = static_cast<std::uint16_t>((rest_[fixed + 2] << 8) | rest_[fixed + 3]);
  }
  if (has_range) nack.range = rest_[total - 1];
  rest_ = rest_.subspan(total);
  has_more_ = (flags & 4) != 0;
  is_truncated_ = false;
  return nack;
}

}  // namespace ravi::rlc
