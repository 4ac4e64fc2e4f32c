#pragma once
// Which PRACH configuration a cell uses. TS 38.211 §6.3.3.2; TS 38.213 §8.1.

#include "stack/nr/band.h"
#include "stack/nr/prach_config.h"
#include "stack/nr/tdd_pattern.h"

#include <optional>

namespace ravi::rrc {

inline constexpr unsigned kMaxPrachConfigurationIndex = 255;  ///< of prach-ConfigurationIndex, Release 15

/// Whether UEs find a valid occasion with it, and the format is one that the receiver here has.
[[nodiscard]] bool is_usable_prach(unsigned index, nr::Duplex duplex, nr::Scs scs, const std::optional<nr::TddConfig>& tdd) noexcept;

/// FDD: 13, format 0 in subframe 4 of every second frame. TDD: format 0 wherever a whole subframe is uplink, else the longest
/// short format that fits; all occasions valid; one each 20 ms or as near to that as there is. Nothing: the pattern has no room.
[[nodiscard]] std::optional<unsigned> choose_prach(nr::Duplex duplex, nr::Scs scs, const std::optional<nr::TddConfig>& tdd) noexcept;

/// The usable index nearest to `wanted`.
[[nodiscard]] std::optional<unsigned> nearest_usable_prach(unsigned wanted, nr::Duplex duplex, nr::Scs scs,
                                                           const std::optional<nr::TddConfig>& tdd) noexcept;

}  // namespace ravi::rrc
