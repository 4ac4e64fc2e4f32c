#pragma once
// Downlink control information: bits of a DCI to coded bits of a PDCCH and back. TS 38.212 §7.3.

#include "stack/nr/rnti.h"
#include "stack/phy/polar_decoder.h"

#include <cstdint>
#include <optional>
#include <span>

namespace ravi::phy {

inline constexpr unsigned kMinDciBits = 12;   ///< shorter DCIs are filled up with zeros, TS 38.212 §7.3.1
inline constexpr unsigned kMaxDciBits = 140;  ///< K <= 164
inline constexpr unsigned kDciCrcBits = 24;

/// The code of a DCI of `dci_bits` on `coded_bits` (108 a CCE), for encode_dci and decode_dci: made once, used for all
/// candidates of that size. Nothing when the size is out of range or does not fit.
[[nodiscard]] std::optional<PolarCode> make_dci_code(unsigned dci_bits, unsigned coded_bits) noexcept;

/// CRC24C over the DCI behind 24 ones, the last 16 masked with the RNTI, polar coding, rate matching. TS 38.212 §7.3.2 .. §7.3.4.
/// dci: one bit a byte, dci_bits of the code; coded: coded_bits of the code, before the scrambling of TS 38.211 §7.3.2.3.
void encode_dci(const PolarCode& code, std::span<const std::uint8_t> dci, nr::Rnti rnti, std::span<std::uint8_t> coded) noexcept;

/// The likeliest word of the list whose CRC fits one of `rntis`; says which. `dci` is written only then. Words 12 nats less
/// likely than the best are not tried: at high SNR the list also holds the same DCI with another RNTI, a few bits away.
/// llrs: descrambled, coded_bits of the code; dci: dci_bits of the code. A word of noise passes with a probability of about
/// 8 rntis.size() / 2^24.
[[nodiscard]] std::optional<nr::Rnti> decode_dci(PolarDecoder& decoder, const PolarCode& code, std::span<const std::int8_t> llrs,
                                                 std::span<const nr::Rnti> rntis, std::span<std::uint8_t> dci) noexcept;

}  // namespace ravi::phy
