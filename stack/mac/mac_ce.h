#pragma once
// Payloads of the MAC control elements. TS 38.321 §6.1.3.

#include "radio/units.h"
#include "stack/nr/rnti.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace ravi::mac {

/// Table 6.1.3.1-1: the largest buffer, octets, of each 5-bit index but the last, which says "more".
extern const std::array<std::uint32_t, 31> kBufferSize5;
/// Table 6.1.3.1-2: the same for 8 bits; 254 says "more", 255 is reserved.
extern const std::array<std::uint32_t, 254> kBufferSize8;

inline constexpr unsigned kNumLogicalChannelGroups = 8;

/// The index that reports `octets`.
[[nodiscard]] std::uint8_t buffer_size_index_5(std::uint64_t octets) noexcept;
[[nodiscard]] std::uint8_t buffer_size_index_8(std::uint64_t octets) noexcept;
/// The most that an index can mean; for "more" (and the reserved index) the largest number of the table.
[[nodiscard]] std::uint32_t buffer_octets_5(std::uint8_t index) noexcept;
[[nodiscard]] std::uint32_t buffer_octets_8(std::uint8_t index) noexcept;

/// Short BSR and short truncated BSR. §6.1.3.1.
struct ShortBsr {
  std::uint8_t lcg = 0;    ///< 0..7
  std::uint8_t index = 0;  ///< 0..31
};
[[nodiscard]] std::array<std::uint8_t, 1> encode(ShortBsr bsr) noexcept;
[[nodiscard]] std::optional<ShortBsr> decode_short_bsr(std::span<const std::uint8_t> payload) noexcept;

/// Long BSR, and long truncated BSR. §6.1.3.1. A long BSR has one index for each group in `groups`, in ascending order; a
/// truncated one may have fewer, in order of priority, which only the UE and the configuration know.
struct LongBsr {
  std::uint8_t groups = 0;                                       ///< bit i: group i has data (or, truncated, is known to have)
  std::uint8_t num_indices = 0;                                  ///< 0..8
  std::array<std::uint8_t, kNumLogicalChannelGroups> index{};    ///< 8-bit indices as they stand in the element
};
/// What was written into `out`: 1 + num_indices octets.
[[nodiscard]] std::span<const std::uint8_t> encode(const LongBsr& bsr, std::span<std::uint8_t, 9> out) noexcept;
/// For a long BSR; a number of indices other than that of the groups is malformed.
[[nodiscard]] std::optional<LongBsr> decode_long_bsr(std::span<const std::uint8_t> payload) noexcept;
/// For a long truncated BSR: at most as many indices as groups.
[[nodiscard]] std::optional<LongBsr> decode_long_truncated_bsr(std::span<const std::uint8_t> payload) noexcept;

/// Single entry power headroom report. §6.1.3.8, tables of TS 38.133 §10.1.17.1 and §10.1.18.1.
struct SingleEntryPhr {
  std::uint8_t power_headroom = 0;  ///< 0..63
  std::uint8_t p_cmax = 0;          ///< 0..63
};
[[nodiscard]] std::array<std::uint8_t, 2> encode(SingleEntryPhr phr) noexcept;
[[nodiscard]] std::optional<SingleEntryPhr> decode_single_entry_phr(std::span<const std::uint8_t> payload) noexcept;
[[nodiscard]] std::uint8_t power_headroom_index(Decibel headroom) noexcept;
/// The lower end of the range that an index means; -33 dB for index 0.
[[nodiscard]] Decibel power_headroom_of(std::uint8_t index) noexcept;
[[nodiscard]] std::uint8_t p_cmax_index(Dbm p_cmax) noexcept;
[[nodiscard]] Dbm p_cmax_of(std::uint8_t index) noexcept;

/// Timing advance command. §6.1.3.4: N_TA changes by (command - 31) * 16 * 64 / 2^mu Tc, TS 38.213 §4.2.
struct TimingAdvanceCommand {
  std::uint8_t tag = 0;       ///< 0..3
  std::uint8_t command = 31;  ///< 0..63
};
[[nodiscard]] std::array<std::uint8_t, 1> encode(TimingAdvanceCommand command) noexcept;
[[nodiscard]] std::optional<TimingAdvanceCommand> decode_timing_advance_command(std::span<const std::uint8_t> payload) noexcept;

/// UE contention resolution identity: the first 48 bits of the UL CCCH SDU. §6.1.3.3.
using ContentionResolutionIdentity = std::array<std::uint8_t, 6>;
[[nodiscard]] std::optional<ContentionResolutionIdentity> decode_contention_resolution(
    std::span<const std::uint8_t> payload) noexcept;

/// C-RNTI. §6.1.3.2.
[[nodiscard]] std::array<std::uint8_t, 2> encode(nr::Rnti rnti) noexcept;
[[nodiscard]] std::optional<nr::Rnti> decode_c_rnti(std::span<const std::uint8_t> payload) noexcept;

}  // namespace ravi::mac
