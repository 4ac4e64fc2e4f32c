#include "stack/rrc/broadcast.h"

#include "stack/asn1/rrc.h"
#include "stack/nr/prach_config.h"
#include "stack/nr/resource_allocation.h"
#include "stack/rrc/access_control.h"
#include "stack/rrc/enumerated.h"
#include "stack/rrc/search_space_ie.h"

#include <fmt/format.h>

#include <string_view>

namespace ravi::rrc {
namespace {

namespace ie = asn1::rrc;

ie::SubcarrierSpacing spacing_ie(nr::Scs scs) { return static_cast<ie::SubcarrierSpacing>(nr::mu_of(scs)); }

std::vector<ie::MccMncDigit> digits_of(std::string_view text, Enumerator& enumerator)
{
  std::vector<ie::MccMncDigit> digits;
  for (const char c : text) {
    if (c < '0' || c > '9') enumerator.fail("plmn-Identity");
    digits.push_back(static_cast<ie::MccMncDigit>(c - '0'));
  }
  return digits;
}

void write_access(const nr::Cell& cell, ie::Sib1& sib1, Enumerator& enumerator)
{
  sib1.cell_selection_info.emplace().q_rx_lev_min = -70;  // -140 dBm: wherever the cell can be read it may be used
  ie::PlmnIdentityInfo& info = sib1.cell_access_related_info.plmn_identity_list.emplace_back();
  ie::PlmnIdentity& plmn = info.plmn_identity_list.emplace_back();
  plmn.mcc = digits_of(cell.plmn.mcc, enumerator);
  plmn.mnc = digits_of(cell.plmn.mnc, enumerator);
  info.tracking_area_code.emplace().value = cell.tracking_area_code;
  info.cell_identity.value = cell.nr_cell_identity;
  info.cell_reserved_for_operator_use = ie::PlmnIdentityInfo::CellReservedForOperatorUse::not_reserved;
}

ie::ScsSpecificCarrier carrier_ie(const nr::Carrier& carrier)
{
  ie::ScsSpecificCarrier out;
  out.offset_to_carrier = carrier.offset_to_carrier;
  out.subcarrier_spacing = spacing_ie(carrier.scs);
  out.carrier_bandwidth = carrier.num_prb;
  return out;
}

ie::Bwp bwp_ie(const nr::PrbRange& crb, const nr::Carrier& carrier)
{
  ie::Bwp out;
  out.location_and_bandwidth = nr::location_and_bandwidth_of({crb.begin - carrier.offset_to_carrier, crb.count});
  out.subcarrier_spacing = spacing_ie(carrier.scs);
  return out;
}

void write_downlink(const nr::Cell& cell, ie::DownlinkConfigCommonSib& out, Enumerator& enumerator)
{
  out.frequency_info_dl.frequency_band_list.emplace_back().freq_band_indicator_nr = cell.band;
  out.frequency_info_dl.offset_to_point_a = cell.ssb.offset_to_point_a;
  out.frequency_info_dl.scs_specific_carrier_list.push_back(carrier_ie(cell.downlink));

  ie::BwpDownlinkCommon& bwp = out.initial_downlink_bwp;
  bwp.generic_parameters = bwp_ie(cell.downlink_bwp_crb, cell.downlink);
  ie::PdcchConfigCommon& pdcch = bwp.pdcch_config_common.emplace().set_setup();
  pdcch.common_search_space_list.emplace().push_back(search_space_ie(cell.ra_search_space, enumerator));
  pdcch.search_space_sib1 = 0;
  pdcch.search_space_other_system_information = cell.ra_search_space.id;
  pdcch.paging_search_space = cell.ra_search_space.id;
  pdcch.ra_search_space = cell.ra_search_space.id;
  ie::PdschConfigCommon& pdsch = bwp.pdsch_config_common.emplace().set_setup();
  for (const nr::PdschTimeAllocation& row : cell.pdsch_time_allocations) {
    if (!pdsch.pdsch_time_domain_allocation_list) pdsch.pdsch_time_domain_allocation_list.emplace();
    ie::PdschTimeDomainResourceAllocation& entry = pdsch.pdsch_time_domain_allocation_list->emplace_back();
    using Mapping = ie::PdschTimeDomainResourceAllocation::MappingType;
    if (row.k_0 != 0) entry.k0 = row.k_0;  // absent: 0
    entry.mapping_type = row.mapping_type == nr::MappingType::a ? Mapping::type_a : Mapping::type_b;
    entry.start_symbol_and_length = nr::sliv_of(row.symbols);
  }
  out.bcch_config.modification_period_coeff = ie::BcchConfig::ModificationPeriodCoeff::n4;
  enumerator.set(out.pcch_config.default_paging_cycle, kPagingCycleFrames, cell.paging ? cell.paging->cycle_frames : 128U, "defaultPagingCycle");
  out.pcch_config.n_and_paging_frame_offset.set_one_t();
  out.pcch_config.ns = ie::PcchConfig::Ns::one;
}

void write_random_access(const nr::Cell& cell, ie::RachConfigCommon& out, Enumerator& enumerator)
{
  const nr::RandomAccess& ra = cell.random_access;
  ie::RachConfigGeneric& generic = out.rach_config_generic;
  generic.prach_configuration_index = ra.prach_configuration_index;
  generic.msg1_fdm = ie::RachConfigGeneric::Msg1Fdm::one;
  generic.msg1_frequency_start = ra.msg1_frequency_start;
  generic.zero_correlation_zone_config = ra.zero_correlation_zone;
  generic.preamble_received_target_power = ra.preamble_received_target_power_dbm;
  enumerator.set(generic.preamble_trans_max, kPreambleTransMax, ra.preamble_trans_max, "preambleTransMax");
  enumerator.set(generic.power_ramping_step, kPowerRampingStepDb, ra.power_ramping_step_db, "powerRampingStep");
  enumerator.set(generic.ra_response_window, kRaResponseWindowSlots, ra.response_window_slots, "ra-ResponseWindow");
  enumerator.set(out.ra_contention_resolution_timer, kContentionResolutionSubframes, ra.contention_resolution_subframes,
                 "ra-ContentionResolutionTimer");
  if (ra.num_preambles != 64) out.total_number_of_ra_preambles = ra.num_preambles;  // absent: 64
  if (ra.num_preambles < 4 || ra.num_preambles > 64) return enumerator.fail("totalNumberOfRA-Preambles");
  using PerSsb = ie::RachConfigCommon::SsbPerRachOccasionAndCbPreamblesPerSsb;
  out.ssb_per_rach_occasion_and_cb_preambles_per_ssb.emplace().set_one() = static_cast<PerSsb::One>(ra.num_preambles / 4 - 1);
  const auto config = nr::prach_config(cell.duplex, ra.prach_configuration_index);
  if (!config) return enumerator.fail("prach-ConfigurationIndex");
  if (nr::is_long(config->format)) {
    out.prach_root_sequence_index.set_l839() = ra.root_sequence_index;
  } else {
    out.prach_root_sequence_index.set_l139() = ra.root_sequence_index;
    out.msg1_subcarrier_spacing = spacing_ie(ra.msg1_scs);
  }
  out.restricted_set_config = ie::RachConfigCommon::RestrictedSetConfig::unrestricted_set;
}

void write_uplink(const nr::Cell& cell, ie::UplinkConfigCommonSib& out, Enumerator& enumerator)
{
  if (cell.duplex != nr::Duplex::tdd) {
    out.frequency_info_ul.frequency_band_list.emplace().emplace_back().freq_band_indicator_nr = cell.band;
    const auto point_a = nr::point_a_arfcn(cell.uplink);
    if (!point_a) enumerator.fail("absoluteFrequencyPointA");
    out.frequency_info_ul.absolute_frequency_point_a = point_a.value_or(nr::Arfcn()).value();
  }
  out.frequency_info_ul.scs_specific_carrier_list.push_back(carrier_ie(cell.uplink));

  ie::BwpUplinkCommon& bwp = out.initial_uplink_bwp;
  bwp.generic_parameters = bwp_ie(cell.uplink_bwp_crb, cell.uplink);
  write_random_access(cell, bwp.rach_config_common.emplace().set_setup(), enumerator);
  ie::PuschConfigCommon& pusch = bwp.pusch_config_common.emplace().set_setup();
  for (const nr::PuschTimeAllocation& row : cell.pusch_time_allocations) {
    if (!pusch.pusch_time_domain_allocation_list) pusch.pusch_time_domain_allocation_list.emplace();
    ie::PuschTimeDomainResourceAllocation& entry = pusch.pusch_time_domain_allocation_list->emplace_back();
    using Mapping = ie::PuschTimeDomainResourceAllocation::MappingType;
    entry.k2 = row.k_2;
    entry.mapping_type = row.mapping_type == nr::MappingType::a ? Mapping::type_a : Mapping::type_b;
    entry.start_symbol_and_length = nr::sliv_of(row.symbols);
  }
  pusch.p0_nominal_with_grant = cell.p0_nominal_dbm;
  ie::PucchConfigCommon& pucch = bwp.pucch_config_common.emplace().set_setup();
  pucch.pucch_resource_common = cell.pucch_resource_common;
  pucch.pucch_group_hopping = ie::PucchConfigCommon::PucchGroupHopping::neither;
  if (cell.pucch_hopping_id) pucch.hopping_id = *cell.pucch_hopping_id;
  pucch.p0_nominal = cell.p0_nominal_dbm;
  out.time_alignment_timer_common = ie::TimeAlignmentTimer::infinity;
}

void write_tdd_pattern(const nr::TddPattern& pattern, ie::TddUlDlPattern& out, Enumerator& enumerator)
{
  const int period = static_cast<int>(pattern.period.count());
  if (const auto later = enumerated<ie::TddUlDlPattern::DlUlTransmissionPeriodicityV1530>(kTddPeriodV1530Us, period)) {
    out.dl_ul_transmission_periodicity_v1530 = *later;  // the field without suffix is then ignored
  } else {
    enumerator.set(out.dl_ul_transmission_periodicity, kTddPeriodUs, period, "dl-UL-TransmissionPeriodicity");
  }
  out.nrof_downlink_slots = pattern.num_downlink_slots;
  out.nrof_downlink_symbols = pattern.num_downlink_symbols;
  out.nrof_uplink_slots = pattern.num_uplink_slots;
  out.nrof_uplink_symbols = pattern.num_uplink_symbols;
}

void write_timers(const nr::UeTimers& timers, ie::UeTimersAndConstants& out, Enumerator& enumerator)
{
  enumerator.set(out.t300, kT300, timers.t300, "t300");
  enumerator.set(out.t301, kT300, timers.t301, "t301");
  enumerator.set(out.t310, kT310, timers.t310, "t310");
  enumerator.set(out.n310, kN310, timers.n310, "n310");
  enumerator.set(out.t311, kT311, timers.t311, "t311");
  enumerator.set(out.n311, kN311, timers.n311, "n311");
  enumerator.set(out.t319, kT300, timers.t319, "t319");
}

}  // namespace

std::uint32_t mib_of(const nr::Cell& cell) noexcept
{
  // BCCH-BCH-MessageType mib: 0; then the MIB's fields in order. TS 38.331 §6.2.2.
  std::uint32_t bits = 0;
  const auto put = [&bits](std::uint32_t value, unsigned size) { bits = bits << size | (value & ((1U << size) - 1)); };
  put(0, 1);
  put(0, 6);                                               // systemFrameNumber
  put(nr::mu_of(cell.downlink.scs), 1);                    // subCarrierSpacingCommon: 15 or 30 kHz
  put(cell.ssb.k_ssb, 4);                                  // ssb-SubcarrierOffset
  put(cell.dmrs_type_a_position - 2, 1);
  put(cell.coreset0_index, 4);
  put(cell.search_space0_index, 4);
  put(cell.is_barred ? 0 : 1, 1);                          // barred, notBarred
  put(1, 1);                                               // intraFreqReselection: notAllowed
  put(0, 1);
  return bits;
}

Result<std::vector<std::uint8_t>> sib1_of(const nr::Cell& cell)
{
  Enumerator enumerator;
  ie::BcchDlSchMessage message;
  ie::Sib1& sib1 = message.message.set_c1().set_system_information_block_type1();
  write_access(cell, sib1, enumerator);
  write_access_barring(cell, sib1, enumerator);
  ie::ServingCellConfigCommonSib& serving = sib1.serving_cell_config_common.emplace();
  write_downlink(cell, serving.downlink_config_common, enumerator);
  write_uplink(cell, serving.uplink_config_common.emplace(), enumerator);
  enumerator.set(serving.n_timing_advance_offset.emplace(), kNTaOffsetTc, cell.n_ta_offset_tc, "n-TimingAdvanceOffset");
  serving.ssb_positions_in_burst.in_one_group.value = cell.ssb_positions_in_burst;
  enumerator.set(serving.ssb_periodicity_serving_cell, kSsbPeriodMs, cell.ssb_period_ms, "ssb-PeriodicityServingCell");
  if (cell.tdd) {
    ie::TddUlDlConfigCommon& tdd = serving.tdd_ul_dl_configuration_common.emplace();
    tdd.reference_subcarrier_spacing = spacing_ie(cell.tdd->reference_scs);
    write_tdd_pattern(cell.tdd->pattern1, tdd.pattern1, enumerator);
    if (cell.tdd->pattern2) write_tdd_pattern(*cell.tdd->pattern2, tdd.pattern2.emplace(), enumerator);
  }
  serving.ss_pbch_block_power = cell.ss_pbch_block_power_dbm;
  write_timers(cell.timers, sib1.ue_timers_and_constants.emplace(), enumerator);
  if (enumerator.fault() != nullptr) {
    return fail(ErrorCode::bad_input, fmt::format("SIB1 cannot carry the cell's {}: TS 38.331 has no such value", enumerator.fault()));
  }
  auto bytes = ie::encode(message);
  if (!bytes) return fail(ErrorCode::bad_input, "SIB1: " + asn1::to_string(bytes.error()));
  return std::move(*bytes);
}

}  // namespace ravi::rrc
