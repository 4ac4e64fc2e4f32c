#pragma once
// GTP-U: user packets in tunnels between gNB and UPF, with the PDU session container. TS 29.281, TS 38.415.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ravi::gtpu {

inline constexpr std::uint16_t kUdpPort = 2152;
/// The most that a header of ours takes: 8 fixed, 4 optional, one extension header of 4.
inline constexpr std::size_t kMaxHeaderOctets = 16;

/// TS 29.281 Table 6.1-1.
enum class MessageType : std::uint8_t {
  echo_request = 1,
  echo_response = 2,
  error_indication = 26,
  supported_extension_headers = 31,
  end_marker = 254,
  g_pdu = 255,
};

/// The PDU session container: DL or UL PDU SESSION INFORMATION. TS 38.415 §5.5.2.
struct PduSession {
  bool is_uplink = false;
  std::uint8_t qfi = 0;                 ///< 0..63
  bool has_reflective_qos = false;      ///< RQI, downlink only
  std::optional<std::uint8_t> paging_policy;  ///< PPI 0..7, downlink only; read, not written

  friend bool operator==(const PduSession&, const PduSession&) = default;
};

struct Header {
  MessageType type = MessageType::g_pdu;
  std::uint32_t teid = 0;
  std::optional<std::uint16_t> sequence_number;
  std::optional<PduSession> session;
};

/// Octets of the header that `write_header` writes.
[[nodiscard]] std::size_t header_size(const Header& header) noexcept;
/// Writes the header for `payload_size` octets behind it; its size, or 0 if `out` is too small or the length has no room in 16 bits.
[[nodiscard]] std::size_t write_header(const Header& header, std::size_t payload_size, std::span<std::uint8_t> out) noexcept;

enum class Verdict : std::uint8_t {
  ok,
  malformed,
  bad_version,         ///< not GTP version 1, or GTP'
  unknown_extension,   ///< an extension header that must be understood: answer `write_supported_extension_headers`
};

struct Decoded {
  Verdict verdict = Verdict::malformed;
  Header header;  ///< as far as it was read
  std::span<const std::uint8_t> payload;
};
/// One datagram. Extension headers that need not be understood are stepped over, at most 16 of them. TS 29.281 §5.2.
[[nodiscard]] Decoded decode(std::span<const std::uint8_t> datagram) noexcept;

// -- signalling messages: octets written into `out`, 0 if it is too small ---------------------------------------------

/// TS 29.281 §7.2.1, §7.2.2: TEID 0, with sequence number; the response carries a Recovery element of 0.
[[nodiscard]] std::size_t write_echo_request(std::uint16_t sequence_number, std::span<std::uint8_t> out) noexcept;
[[nodiscard]] std::size_t write_echo_response(std::uint16_t sequence_number, std::span<std::uint8_t> out) noexcept;
/// §7.3.2: the last packet of a tunnel.
[[nodiscard]] std::size_t write_end_marker(std::uint32_t teid, std::span<std::uint8_t> out) noexcept;
/// §7.2.3: we know the PDU session container.
[[nodiscard]] std::size_t write_supported_extension_headers(std::uint16_t sequence_number, std::span<std::uint8_t> out) noexcept;

/// A G-PDU came for a TEID that nobody has. §7.3.1.
struct ErrorIndication {
  std::uint32_t teid = 0;                    ///< as received
  std::array<std::uint8_t, 16> address{};    ///< where it was sent to; of IPv4 the first 4
  std::uint8_t address_size = 4;             ///< 4 or 16
};
[[nodiscard]] std::size_t write_error_indication(const ErrorIndication& error, std::uint16_t sequence_number,
                                                 std::span<std::uint8_t> out) noexcept;
/// From the payload of an error indication; nothing if an element is missing or malformed.
[[nodiscard]] std::optional<ErrorIndication> read_error_indication(std::span<const std::uint8_t> payload) noexcept;

}  // namespace ravi::gtpu
