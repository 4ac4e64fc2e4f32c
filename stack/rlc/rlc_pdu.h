#pragma once
// RLC headers and status PDUs, written and read. TS 38.322 §6.2.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ravi::rlc {

/// Length of the sequence number. 6 and 12 for UM, 12 and 18 for AM.
enum class SnSize : std::uint8_t { bits6 = 6, bits12 = 12, bits18 = 18 };

[[nodiscard]] constexpr std::uint32_t sn_modulus(SnSize size) { return 1U << static_cast<unsigned>(size); }
/// AM_Window_Size and UM_Window_Size: half of the sequence numbers. TS 38.322 §7.2.
[[nodiscard]] constexpr std::uint32_t window_size(SnSize size) { return sn_modulus(size) / 2; }
/// (a - b) modulo the sequence numbers: how far a lies after b.
[[nodiscard]] constexpr std::uint32_t sn_distance(SnSize size, std::uint32_t a, std::uint32_t b)
{
  return (a - b) & (sn_modulus(size) - 1);
}

/// What an UMD or AMD PDU carries. SI field, TS 38.322 §6.2.3.4: bit 0 = something follows, bit 1 = something came before.
enum class Segmentation : std::uint8_t { whole = 0, first = 1, last = 2, middle = 3 };

[[nodiscard]] constexpr bool has_offset(Segmentation s) { return s == Segmentation::last || s == Segmentation::middle; }
[[nodiscard]] constexpr bool reaches_end(Segmentation s) { return s == Segmentation::whole || s == Segmentation::last; }
/// Of octets [begin, end) of an SDU of `size` octets.
[[nodiscard]] constexpr Segmentation segmentation_of(std::size_t begin, std::size_t end, std::size_t size)
{
  return static_cast<Segmentation>((begin > 0 ? 2 : 0) + (end < size ? 1 : 0));
}

struct DataHeader {
  bool has_poll = false;  ///< AM only
  Segmentation segmentation = Segmentation::whole;
  std::uint32_t sn = 0;      ///< absent from an UMD PDU with a whole SDU
  std::uint16_t offset = 0;  ///< SO, of last and middle segments
};

/// A header and the octets behind it.
struct DataPdu {
  DataHeader header;
  std::span<const std::uint8_t> data;
};

[[nodiscard]] std::size_t um_header_size(SnSize size, Segmentation segmentation) noexcept;
[[nodiscard]] std::size_t am_header_size(SnSize size, Segmentation segmentation) noexcept;
/// `out` has at least the header's size. TS 38.322 §6.2.2.3, §6.2.2.4.
void write_um_header(SnSize size, const DataHeader& header, std::span<std::uint8_t> out) noexcept;
void write_am_header(SnSize size, const DataHeader& header, std::span<std::uint8_t> out) noexcept;
/// Nothing if too short for its header and one octet of data, or, in AM, if it is a control PDU.
[[nodiscard]] std::optional<DataPdu> read_um_pdu(SnSize size, std::span<const std::uint8_t> pdu) noexcept;
[[nodiscard]] std::optional<DataPdu> read_am_pdu(SnSize size, std::span<const std::uint8_t> pdu) noexcept;
/// D/C field of an AM PDU, which is not empty.
[[nodiscard]] constexpr bool is_control_pdu(std::span<const std::uint8_t> pdu) { return (pdu[0] & 0x80) == 0; }

/// One NACK: `range` SDUs from `sn` on; of the first the octets from `so_start`, of the last those to `so_end` inclusive.
struct Nack {
  static constexpr std::uint16_t kToEnd = 0xFFFF;  ///< SOend: to the SDU's last octet

  std::uint32_t sn = 0;
  std::uint8_t range = 1;
  std::uint16_t so_start = 0;
  std::uint16_t so_end = kToEnd;

  [[nodiscard]] bool has_offsets() const { return so_start != 0 || so_end != kToEnd; }
  friend bool operator==(const Nack&, const Nack&) = default;
};

/// Writes a STATUS PDU: NACKs in order, then `finish`. TS 38.322 §6.2.2.5. `out` has at least 3 octets.
class StatusWriter {
public:
  static constexpr std::size_t kMinSize = 3;

  StatusWriter(SnSize size, std::span<std::uint8_t> out) noexcept : size_(size), out_(out) {}

  /// False, and nothing written, if it does not fit.
  [[nodiscard]] bool add(const Nack& nack) noexcept;
  /// Octets of the whole PDU.
  [[nodiscard]] std::size_t finish(std::uint32_t ack_sn) noexcept;

private:
  SnSize size_;
  std::span<std::uint8_t> out_;
  std::size_t used_ = kMinSize;
  std::size_t last_nack_ = 0;  ///< where the extension bit of the last NACK lies; 0: none yet
};

[[nodiscard]] std::size_t nack_size(SnSize size, const Nack& nack) noexcept;

/// Reads a STATUS PDU; NACKs one at a time.
class StatusReader {
public:
  StatusReader(SnSize size, std::span<const std::uint8_t> pdu) noexcept;

  /// False: not a STATUS PDU, or too short for its fixed part.
  [[nodiscard]] bool is_valid() const noexcept { return is_valid_; }
  [[nodiscard]] std::uint32_t ack_sn() const noexcept { return ack_sn_; }
  /// Nothing at the end; `is_truncated` then tells whether it came too early.
  [[nodiscard]] std::optional<Nack> next() noexcept;
  [[nodiscard]] bool is_truncated() const noexcept { return is_truncated_; }

private:
  SnSize size_;
  std::span<const std::uint8_t> rest_;
  std::uint32_t ack_sn_ = 0;
  bool has_more_ = false;
  bool is_valid_ = false;
  bool is_truncated_ = false;
};

}  // namespace ravi::rlc
