#pragma once
// The MAC PDU of DL-SCH and UL-SCH: subheaders, SDUs and control elements in a row. TS 38.321 §6.1.2, §6.2.1.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ravi::mac {

enum class Direction : std::uint8_t { downlink, uplink };

/// Logical channel identities that name no logical channel. TS 38.321 Table 6.2.1-1 (DL-SCH), Table 6.2.1-2 (UL-SCH).
namespace lcid {
inline constexpr std::uint8_t ccch = 0;  ///< downlink: any size; uplink: 64 bits (CCCH1)
inline constexpr std::uint8_t last_logical_channel = 32;
inline constexpr std::uint8_t padding = 63;
// downlink
inline constexpr std::uint8_t recommended_bit_rate = 47;
inline constexpr std::uint8_t long_drx_command = 59;
inline constexpr std::uint8_t drx_command = 60;
inline constexpr std::uint8_t timing_advance_command = 61;
inline constexpr std::uint8_t contention_resolution = 62;
// uplink
inline constexpr std::uint8_t ccch_48_bits = 52;
inline constexpr std::uint8_t configured_grant_confirmation = 55;
inline constexpr std::uint8_t single_entry_phr = 57;
inline constexpr std::uint8_t c_rnti = 58;
inline constexpr std::uint8_t short_truncated_bsr = 59;
inline constexpr std::uint8_t long_truncated_bsr = 60;
inline constexpr std::uint8_t short_bsr = 61;
inline constexpr std::uint8_t long_bsr = 62;
}  // namespace lcid

/// How long a subPDU's payload is.
enum class SizeKind : std::uint8_t { fixed, with_length_field, padding, reserved };
struct SubPduSize {
  SizeKind kind = SizeKind::reserved;
  std::uint8_t octets = 0;  ///< if fixed
};
/// By Tables 6.2.1-1 and 6.2.1-2 and the clauses of §6.1.3. Rel-16's extended LCIDs (33, 34) count as reserved.
[[nodiscard]] SubPduSize sub_pdu_size(Direction direction, std::uint8_t lcid) noexcept;

/// An SDU (lcid 0..32, 52 in uplink) or a control element.
struct SubPdu {
  std::uint8_t lcid = 0;
  std::span<const std::uint8_t> payload;
};

/// Walks the subPDUs of one MAC PDU. Stops at padding, at the end, and where the PDU cannot be understood further:
/// what came before stays good, the rest is to be discarded (TS 38.321 §5.13).
class MacPduReader {
public:
  MacPduReader(Direction direction, std::span<const std::uint8_t> pdu) noexcept : direction_(direction), rest_(pdu) {}

  [[nodiscard]] std::optional<SubPdu> next() noexcept;
  /// True after `next` stopped at a reserved LCID or at a length beyond the end.
  [[nodiscard]] bool is_malformed() const noexcept { return is_malformed_; }
  /// Octets of padding, its subheader included; known once `next` has returned nothing.
  [[nodiscard]] std::size_t padding_octets() const noexcept { return padding_octets_; }

private:
  std::optional<SubPdu> stop_malformed() noexcept;

  Direction direction_;
  std::span<const std::uint8_t> rest_;
  std::size_t padding_octets_ = 0;
  bool is_malformed_ = false;
};

/// Fills one transport block. The caller keeps the order of TS 38.321 §6.1.2: downlink control elements before SDUs, uplink after.
class MacPduWriter {
public:
  MacPduWriter(Direction direction, std::span<std::uint8_t> transport_block) noexcept
    : direction_(direction), out_(transport_block)
  {
  }

  [[nodiscard]] std::size_t remaining() const noexcept { return out_.size() - size_; }
  /// The largest SDU that still fits, its subheader counted; 0: none.
  [[nodiscard]] std::size_t max_sdu_size() const noexcept;

  /// Room to write an SDU of up to min(max_size, max_sdu_size()) octets into, in place; then `commit_sdu` with what was written.
  [[nodiscard]] std::span<std::uint8_t> sdu_room(std::size_t max_size) noexcept;
  /// Puts the subheader before the octets written into the last `sdu_room`; 1 <= size <= its size.
  void commit_sdu(std::uint8_t lcid, std::size_t size) noexcept;

  /// An SDU or control element as it is; false, and nothing written, if it does not fit or has a size that its LCID cannot have.
  [[nodiscard]] bool add(std::uint8_t lcid, std::span<const std::uint8_t> payload) noexcept;
  /// Fills what remains with padding (zeros).
  void finish() noexcept;

private:
  Direction direction_;
  std::span<std::uint8_t> out_;
  std::size_t size_ = 0;
  std::size_t room_at_ = 0;  ///< where the last `sdu_room` began
};

}  // namespace ravi::mac
