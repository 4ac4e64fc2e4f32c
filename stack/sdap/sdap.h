#pragma once
// Service data adaptation: QoS flows on DRBs, and the one-octet header that names them. TS 37.324.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ravi::sdap {

inline constexpr std::size_t kHeaderOctets = 1;
inline constexpr std::uint8_t kNumQfi = 64;

/// DL SDAP data PDU with header. TS 37.324 §6.2.2.2.
struct DownlinkHeader {
  bool has_reflective_mapping = false;  ///< RDI: the UE takes this flow's DRB for the uplink
  bool has_reflective_qos = false;      ///< RQI: NAS is told that the SDF to flow mapping changed
  std::uint8_t qfi = 0;                 ///< 0..63

  friend bool operator==(const DownlinkHeader&, const DownlinkHeader&) = default;
};
[[nodiscard]] constexpr std::uint8_t encode(DownlinkHeader h)
{
  return static_cast<std::uint8_t>((h.has_reflective_mapping ? 0x80 : 0) | (h.has_reflective_qos ? 0x40 : 0) | (h.qfi & 0x3F));
}
[[nodiscard]] constexpr DownlinkHeader decode_downlink(std::uint8_t octet)
{
  return {(octet & 0x80) != 0, (octet & 0x40) != 0, static_cast<std::uint8_t>(octet & 0x3F)};
}

/// UL SDAP data PDU with header, or the end-marker control PDU. TS 37.324 §6.2.2.3, §6.2.3.
struct UplinkHeader {
  bool is_data = true;  ///< D/C; false: end marker, with nothing behind it
  std::uint8_t qfi = 0;

  friend bool operator==(const UplinkHeader&, const UplinkHeader&) = default;
};
[[nodiscard]] constexpr std::uint8_t encode(UplinkHeader h)
{
  return static_cast<std::uint8_t>((h.is_data ? 0x80 : 0) | (h.qfi & 0x3F));
}
[[nodiscard]] constexpr UplinkHeader decode_uplink(std::uint8_t octet)
{
  return {(octet & 0x80) != 0, static_cast<std::uint8_t>(octet & 0x3F)};
}

/// Header and IP packet of a received PDU; with `has_header` false the PDU is the packet.
template <class Header>
struct Pdu {
  std::optional<Header> header;
  std::span<const std::uint8_t> packet;
};
/// Nothing if there is no packet in it.
[[nodiscard]] std::optional<Pdu<DownlinkHeader>> read_downlink(bool has_header, std::span<const std::uint8_t> pdu) noexcept;
/// Nothing if there is no packet in a data PDU; the packet of an end marker is empty.
[[nodiscard]] std::optional<Pdu<UplinkHeader>> read_uplink(bool has_header, std::span<const std::uint8_t> pdu) noexcept;

/// Writes header (if any) and packet into `out`; octets written, 0 if it does not fit.
[[nodiscard]] std::size_t write(std::optional<std::uint8_t> header, std::span<const std::uint8_t> packet,
                                std::span<std::uint8_t> out) noexcept;

/// Which DRB a flow's packets take, of one PDU session. TS 37.324 §5.3.
class QosFlowMapping {
public:
  /// Flows without a rule take this one; nothing: their packets are dropped.
  void set_default_drb(std::optional<std::uint8_t> drb) noexcept { default_drb_ = drb; }
  /// What a change of the mapping asks for: an end marker on the DRB that the flow used before, if that had a header. §5.3.1.
  struct Change {
    std::optional<std::uint8_t> end_marker_on;
  };
  /// By RRC.
  Change map(std::uint8_t qfi, std::uint8_t drb) noexcept;
  /// By a received downlink header. §5.3.2.
  Change reflect(const DownlinkHeader& header, std::uint8_t drb) noexcept;
  void unmap(std::uint8_t qfi) noexcept { drb_[qfi % kNumQfi].reset(); }
  [[nodiscard]] std::optional<std::uint8_t> drb_of(std::uint8_t qfi) const noexcept;

private:
  std::array<std::optional<std::uint8_t>, kNumQfi> drb_{};
  std::optional<std::uint8_t> default_drb_;
};

}  // namespace ravi::sdap
