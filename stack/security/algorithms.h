#pragma once
// Names of the 5G ciphering and integrity algorithms. TS 33.501 §5.11.1.

#include <cstdint>

namespace ravi::security {

/// The value is the algorithm's identity on the wire (4 bits).
enum class CipheringAlgorithm : std::uint8_t { nea0 = 0, nea1 = 1, nea2 = 2, nea3 = 3 };
enum class IntegrityAlgorithm : std::uint8_t { nia0 = 0, nia1 = 1, nia2 = 2, nia3 = 3 };

/// DIRECTION input. TS 33.501 Annex D.2.1.1.
enum class Direction : std::uint8_t { uplink = 0, downlink = 1 };

}  // namespace ravi::security
