#include "stack/rrc/ue_capability.h"

#include "stack/asn1/rrc.h"

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

}  // namespace ravi::rrc
