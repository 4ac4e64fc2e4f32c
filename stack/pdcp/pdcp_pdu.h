#pragma once
// PDCP headers and COUNT arithmetic. TS 38.323 §6.2, §6.3.

#include "stack/pdcp/pdcp_config.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ravi::pdcp {

[[nodiscard]] constexpr unsigned sn_bits(SnSize size) { return static_cast<unsigned>(size); }
[[nodiscard]] constexpr std::uint32_t sn_mask(SnSize size) { return (1U << sn_bits(size)) - 1; }
/// Window_Size. TS 38.323 §7.2.
[[nodiscard]] constexpr std::uint32_t window_size(SnSize size) { return 1U << (sn_bits(size) - 1); }
[[nodiscard]] constexpr std::size_t header_octets(SnSize size) { return size == SnSize::bits12 ? 2 : 3; }

/// The header of a data PDU. TS 38.323 §6.2.2.1 (SRB), §6.2.2.2, §6.2.2.3 (DRB).
inline void write_header(Bearer bearer, SnSize size, std::uint32_t count, std::span<std::uint8_t> out) noexcept
{
  const std::uint32_t data_bit = bearer == Bearer::srb ? 0U : 0x80U;
  const std::uint32_t sn = count & sn_mask(size);
  if (size == SnSize::bits12) {
    out[0] = static_cast<std::uint8_t>(data_bit | (sn >> 8));
    out[1] = static_cast<std::uint8_t>(sn & 0xFF);
    return;
  }
  out[0] = static_cast<std::uint8_t>(data_bit | (sn >> 16));
  out[1] = static_cast<std::uint8_t>((sn >> 8) & 0xFF);
  out[2] = static_cast<std::uint8_t>(sn & 0xFF);
}

/// The SN of a data PDU, at least as long as its header.
[[nodiscard]] inline std::uint32_t read_sn(SnSize size, std::span<const std::uint8_t> pdu) noexcept
{
  if (size == SnSize::bits12) return ((pdu[0] & 0x0FU) << 8) | pdu[1];
  return ((pdu[0] & 0x03U) << 16) | (static_cast<std::uint32_t>(pdu[1]) << 8) | pdu[2];
}

/// A control PDU (status report, ROHC feedback) by its D/C bit; only DRBs have them. The PDU is not empty.
[[nodiscard]] inline bool is_control_pdu(Bearer bearer, std::span<const std::uint8_t> pdu) noexcept
{
  return bearer != Bearer::srb && (pdu[0] & 0x80) == 0;
}

/// RCVD_COUNT. TS 38.323 §5.2.2.1. Nothing if its HFN would lie outside 32 bits.
[[nodiscard]] inline std::optional<std::uint32_t> received_count(SnSize size, std::uint32_t sn, std::uint32_t rx_deliv) noexcept
{
  const auto bits = sn_bits(size);
  const auto window = static_cast<std::int64_t>(window_size(size));
  const auto deliv_sn = static_cast<std::int64_t>(rx_deliv & sn_mask(size));
  std::int64_t hfn = rx_deliv >> bits;
  if (sn < deliv_sn - window) {
    ++hfn;
  } else if (sn >= deliv_sn + window) {
    --hfn;
  }
  if (hfn < 0 || hfn >= (std::int64_t{1} << (32 - bits))) return std::nullopt;
  return (static_cast<std::uint32_t>(hfn) << bits) | sn;
}

}  // namespace ravi::pdcp
