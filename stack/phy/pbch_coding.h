#pragma once
// The broadcast channel: MIB and timing bits to the 864 coded bits of a PBCH and back. TS 38.212 §7.1.

#include "stack/nr/pci.h"
#include "stack/phy/polar_decoder.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace ravi::phy {

inline constexpr unsigned kBchBits = 24;        ///< BCCH-BCH-Message with the MIB, TS 38.331 §6.2.1
inline constexpr unsigned kPbchCodedBits = 864; ///< E, TS 38.212 §7.1.5

/// What a PBCH carries, TS 38.212 §7.1.1.
struct PbchPayload {
  std::array<std::uint8_t, kBchBits> bch{};  ///< one bit a byte, the first on air first; bits 1..6 are the SFN's upper six
  unsigned sfn_lsb = 0;                      ///< the SFN's lower four bits
  unsigned half_frame = 0;                   ///< 0 or 1
  /// L_max = 64: the three upper bits of the SSB index. Otherwise bit 2 is the fifth bit of k_SSB and bits 1..0 are reserved.
  unsigned extra = 0;
  friend bool operator==(const PbchPayload&, const PbchPayload&) = default;
};

/// l_max: SSBs in a half frame: 4, 8 or 64. Interleaving, scrambling (§7.1.1, §7.1.2), CRC24C, polar code, rate matching.
/// coded: 864 bits, before the scrambling of TS 38.211 §7.3.3.1.
void encode_pbch(const PbchPayload& payload, nr::Pci pci, unsigned l_max, std::span<std::uint8_t, kPbchCodedBits> coded) noexcept;

/// Nothing when no word of the list has a fitting CRC. llrs: after descrambling by TS 38.211 §7.3.3.1.
[[nodiscard]] std::optional<PbchPayload> decode_pbch(PolarDecoder& decoder, std::span<const std::int8_t, kPbchCodedBits> llrs,
                                                     nr::Pci pci, unsigned l_max) noexcept;

}  // namespace ravi::phy
