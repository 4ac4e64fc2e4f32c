#pragma once
// What our UE tells of itself: UE-NR-Capability, as small as the standard lets it be. TS 38.331 §6.3.3, TS 38.306.

#include <cstdint>
#include <vector>

namespace ravi::rrc {

/// The encoding, for ue-CapabilityRAT-Container. Release 15; 64QAM, one layer, no robust header compression, no carrier aggregation.
[[nodiscard]] std::vector<std::uint8_t> ue_nr_capability(const std::vector<unsigned>& bands);

}  // namespace ravi::rrc
