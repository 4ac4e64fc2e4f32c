#pragma once
// What our UE tells of itself: UE-NR-Capability, as small as the standard lets it be, TS 38.331 §6.3.3, TS 38.306; and the form in which a
// core keeps what any UE tells.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ravi::asn1::rrc {
struct UeCapabilityRatContainer;
}

namespace ravi::rrc {

/// The encoding, for ue-CapabilityRAT-Container. Release 15; 64QAM, one layer, no robust header compression, no carrier aggregation.
[[nodiscard]] std::vector<std::uint8_t> ue_nr_capability(const std::vector<unsigned>& bands);

/// UERadioAccessCapabilityInformation, the content of NGAP's UE Radio Capability (TS 38.413 §9.3.1.74). TS 38.331 §11.2.2.
/// Containers of radio access technologies that later releases added are left out.
[[nodiscard]] std::vector<std::uint8_t> ue_radio_access_capability(std::span<const asn1::rrc::UeCapabilityRatContainer> containers);

/// UE-CapabilityRequestFilterNR: band combinations of this band alone, one carrier each way. A phone's whole list of
/// combinations can have more octets than a PDCP SDU holds. TS 38.331 §5.6.1.4.
[[nodiscard]] std::vector<std::uint8_t> capability_filter(unsigned band);

/// UE-CapabilityRAT-Container.
struct RatCapability {
  unsigned rat = 0;                       ///< RAT-Type's number: 0 nr, 1 eutra-nr, 2 eutra
  std::vector<std::uint8_t> capability;
};
/// What a core has kept. Nothing: malformed, or of a later version.
[[nodiscard]] std::optional<std::vector<RatCapability>> read_ue_radio_access_capability(std::span<const std::uint8_t> message);

}  // namespace ravi::rrc
