#pragma once
// The tables of polar coding in TS 38.212.

#include <array>
#include <cstdint>

namespace ravi::phy {

/// Bit indices from the least to the most reliable. TS 38.212 Table 5.3.1.2-1.
extern const std::array<std::uint16_t, 1024> kPolarSequence;

/// Pi_IL^max(m) of the interleaver before the encoder. TS 38.212 Table 5.3.1.1-1.
extern const std::array<std::uint8_t, 164> kPolarInputInterleaver;

/// P(i) of the sub-block interleaver. TS 38.212 Table 5.4.1.1-1.
extern const std::array<std::uint8_t, 32> kPolarSubBlockInterleaver;

}  // namespace ravi::phy
