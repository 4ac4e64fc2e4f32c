#pragma once
// Uplink control information: UCI bits to coded bits and back. TS 38.212 §6.3.1.2 .. §6.3.1.5, also used by §6.3.2.

#include "stack/nr/modulation.h"
#include "stack/phy/polar_decoder.h"

#include <cstdint>
#include <optional>
#include <span>

namespace ravi::phy {

inline constexpr unsigned kMaxUciBits = 1706;  ///< TS 38.212 §5.2.1

enum class UciCheck : std::uint8_t {
  no_crc,      ///< at most 11 bits: the likeliest word, whatever was received; `correlation` helps to tell if anything was
  crc_passed,  ///< 12 bits and more. Noise passes CRC6 with eight words to choose from about once in ten: see that power is there
  crc_failed,  ///< the bits are not to be used
};

struct UciDecoding {
  UciCheck check = UciCheck::crc_failed;
  std::int32_t correlation = 0;  ///< no_crc: sum of the LLRs, each with the sign of its decision
};

/// Whether A UCI bits can be coded into E bits: 1 <= A <= 1706, and polar codes of that size exist.
[[nodiscard]] bool is_codable_uci(unsigned num_bits, unsigned num_coded_bits) noexcept;

/// Encoder and decoder with the memory of the list decoder. One thread at a time; real time.
class UciCodec {
public:
  /// CRC, segmentation, code, rate matching. bits: A, one a byte; coded: E bits, possibly with the placeholders of one or two
  /// bits. False, nothing written: A and E are impossible. The modulation matters for one and two bits only.
  [[nodiscard]] bool encode(std::span<const std::uint8_t> bits, nr::Modulation modulation, std::span<std::uint8_t> coded) const noexcept;

  /// llrs: E, descrambled. scrambling: as in decode_short_block, may be empty. bits: A. Nothing: A and E are impossible.
  [[nodiscard]] std::optional<UciDecoding> decode(std::span<const std::int8_t> llrs, nr::Modulation modulation,
                                                  std::span<const std::uint8_t> scrambling, std::span<std::uint8_t> bits) noexcept;

private:
  PolarDecoder decoder_;
};

}  // namespace ravi::phy
