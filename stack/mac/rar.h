#pragma once
// The random access response PDU: Msg2. TS 38.321 §6.1.5, §6.2.2, §6.2.3; its uplink grant TS 38.213 §8.2.

#include "stack/nr/rnti.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ravi::mac {

/// The 27 bits of the RAR UL grant. TS 38.213 Table 8.2-1.
struct RarUlGrant {
  bool has_frequency_hopping = false;
  std::uint16_t frequency_resource = 0;  ///< 14 bits, TS 38.213 §8.3 says how many of them the RIV takes
  std::uint8_t time_resource = 0;        ///< 4 bits, row of the PUSCH time domain table
  std::uint8_t mcs = 0;                  ///< 4 bits
  std::uint8_t tpc = 0;                  ///< 3 bits, Table 8.2-2: see `rar_tpc_db`
  bool has_csi_request = false;

  friend bool operator==(const RarUlGrant&, const RarUlGrant&) = default;
};

/// One MAC RAR with the preamble that it answers.
struct RandomAccessResponse {
  std::uint8_t rapid = 0;             ///< preamble index, 0..63
  std::uint16_t timing_advance = 0;   ///< T_A, 12 bits, 0..3846: N_TA = T_A * 16 * 64 / 2^mu Tc, TS 38.213 §4.2
  RarUlGrant grant;
  nr::Rnti temporary_c_rnti;

  friend bool operator==(const RandomAccessResponse&, const RandomAccessResponse&) = default;
};

inline constexpr std::size_t kNumPreambles = 64;

struct RarPdu {
  std::optional<std::uint8_t> backoff_index;  ///< 0..15
  std::size_t num_responses = 0;
  std::array<RandomAccessResponse, kNumPreambles> responses{};

  [[nodiscard]] std::span<const RandomAccessResponse> view() const { return std::span(responses).first(num_responses); }
};

/// Octets that the subPDUs of `pdu` take.
[[nodiscard]] std::size_t rar_size(const RarPdu& pdu) noexcept;
/// Writes it and pads with zeros; false if it does not fit, or is empty.
[[nodiscard]] bool encode_rar(const RarPdu& pdu, std::span<std::uint8_t> transport_block) noexcept;
/// Every RAPID is taken to have a MAC RAR: no preamble of ours asks for system information. Nothing if truncated.
[[nodiscard]] std::optional<RarPdu> decode_rar(std::span<const std::uint8_t> transport_block) noexcept;

/// TS 38.321 Table 7.2-1; the reserved indices count as the longest.
[[nodiscard]] std::chrono::milliseconds backoff_of(std::uint8_t backoff_index) noexcept;
/// Power change of Msg3, dB. TS 38.213 Table 8.2-2.
[[nodiscard]] constexpr int rar_tpc_db(std::uint8_t tpc) { return 2 * (tpc & 7) - 6; }

}  // namespace ravi::mac
