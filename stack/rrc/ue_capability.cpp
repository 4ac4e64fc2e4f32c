#include "stack/rrc/ue_capability.h"

#include "stack/asn1/bit_reader.h"
#include "stack/asn1/bit_writer.h"
#include "stack/asn1/rrc.h"

#include <utility>

namespace ravi::rrc {

std::vector<std::uint8_t> ue_nr_capability(const std::vector<unsigned>& bands)
{
  namespace ie = asn1::rrc;
  ie::UeNrCapability capability;
  capability.access_stratum_release = ie::AccessStratumRelease::rel15;
  capability.pdcp_parameters.max_number_rohc_context_sessions = ie::PdcpParameters::MaxNumberRohcContextSessions::cs2;
  capability.pdcp_parameters.short_sn = ie::PdcpParameters::ShortSn::supported;
  ie::RlcParameters& rlc = capability.rlc_parameters.emplace();
  rlc.am_with_short_sn = ie::RlcParameters::AmWithShortSn::supported;
  rlc.um_with_short_sn = ie::RlcParameters::UmWithShortSn::supported;
  rlc.um_with_long_sn = ie::RlcParameters::UmWithLongSn::supported;
  capability.phy_parameters.phy_parameters_common.emplace();
  for (const unsigned band : bands) capability.rf_parameters.supported_band_list_nr.emplace_back().band_nr = band;
  return ie::encode(capability).value_or(std::vector<std::uint8_t>{});
}

// By hand: the message is of another ASN.1 module, and two short sequences.
std::vector<std::uint8_t> ue_radio_access_capability(std::span<const asn1::rrc::UeCapabilityRatContainer> containers)
{
  constexpr unsigned kMaxContainers = 8;   // maxRAT-CapabilityContainers
  constexpr unsigned kLastRat = 3;         // of RAT-Type's root
  std::vector<const asn1::rrc::UeCapabilityRatContainer*> known;
  for (const auto& container : containers) {
    if (static_cast<unsigned>(container.rat_type) <= kLastRat && known.size() < kMaxContainers) known.push_back(&container);
  }
  asn1::BitWriter list(asn1::Rules::unaligned);  // UE-CapabilityRAT-ContainerList
  list.constrained(known.size(), kMaxContainers);
  for (const auto* container : known) {
    list.bit(false);  // rat-Type is none of the extension
    list.constrained(static_cast<unsigned>(container->rat_type), kLastRat);
    list.octets(container->ue_capability_rat_container);
  }
  asn1::BitWriter message(asn1::Rules::unaligned);
  message.bit(false);      // criticalExtensions: c1
  message.bits(0, 3);      // c1: ueRadioAccessCapabilityInformation, of eight
  message.bit(false);      // no nonCriticalExtension
  message.octets(std::move(list).finish());
  return std::move(message).finish();
}

std::optional<std::vector<RatCapability>> read_ue_radio_access_capability(std::span<const std::uint8_t> message)
{
  constexpr unsigned kHeadBits = 5, kSizeBits = 4, kRatBits = 2;  // as written above
  constexpr std::uint64_t kLater = 0b11110;  // all but nonCriticalExtension, which stands behind what is read
  asn1::BitReader in(message, asn1::Rules::unaligned);
  if ((in.bits(kHeadBits) & kLater) != 0) return std::nullopt;
  const std::vector<std::uint8_t> octets = in.octets();
  asn1::BitReader list(octets, asn1::Rules::unaligned);
  const std::uint64_t count = list.bits(kSizeBits);
  if (!in.ok() || !list.ok()) return std::nullopt;
  std::vector<RatCapability> containers;
  for (std::uint64_t i = 0; i < count; ++i) {
    const bool is_extended = list.bit();
    const auto rat = static_cast<unsigned>(is_extended ? (1U << kRatBits) + list.normally_small() : list.bits(kRatBits));
    containers.push_back({.rat = rat, .capability = list.octets()});
    if (!list.ok()) return std::nullopt;
  }
  return containers;
}

std::vector<std::uint8_t> capability_filter(unsigned band)
{
  namespace ie = asn1::rrc;
  ie::UeCapabilityRequestFilterNr filter;
  ie::FreqBandInformationNr& wanted = filter.frequency_band_list_filter.emplace().emplace_back().set_band_information_nr();
  wanted.band_nr = band;
  wanted.max_carriers_requested_dl = 1;
  wanted.max_carriers_requested_ul = 1;
  return ie::encode(filter).value_or(std::vector<std::uint8_t>{});
}

}  // namespace ravi::rrc
