// Reading MIB and SIB1: the UE's view of a cell.

#include "stack/asn1/rrc.h"
#include "stack/nr/channel_bandwidth.h"
#include "stack/nr/prach_config.h"
#include "stack/nr/resource_allocation.h"
#include "stack/rrc/access_control.h"
#include "stack/rrc/broadcast.h"
#include "stack/rrc/enumerated.h"
#include "stack/rrc/place_carrier.h"
#include "stack/rrc/search_space_ie.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ravi::rrc {
namespace {

namespace ie = asn1::rrc;

/// What was wrong, if anything: nothing is "fine".
using Fault = std::optional<Error>;

Error malformed(std::string what) { return {ErrorCode::bad_input, "SIB1: " + std::move(what)}; }
Error unsupported(std::string what) { return {ErrorCode::unsupported, "SIB1: " + std::move(what) + " is not built"}; }

struct MibFields {
  nr::Scs scs = nr::Scs::khz15;
  unsigned dmrs_type_a_position = 2;
  unsigned coreset0_index = 0;
  unsigned search_space0_index = 0;
  bool is_barred = false;
};

std::optional<MibFields> read_mib(std::uint32_t bits) noexcept
{
  if (bits >> 24 != 0 || (bits >> 23 & 1) != 0) return std::nullopt;  // another alternative than mib
  return MibFields{.scs = (bits >> 16 & 1) != 0 ? nr::Scs::khz30 : nr::Scs::khz15,
                   .dmrs_type_a_position = 2 + (bits >> 11 & 1),
                   .coreset0_index = bits >> 7 & 15,
                   .search_space0_index = bits >> 3 & 15,
                   .is_barred = (bits >> 2 & 1) == 0};
}

template <class Digits>
std::string text_of(const Digits& digits)
{
  std::string text;
  for (const auto digit : digits) text += static_cast<char>('0' + digit);
  return text;
}

const ie::Sib1* sib1_in(const ie::BcchDlSchMessage& message)
{
  const auto* c1 = message.message.c1();
  return c1 == nullptr ? nullptr : c1->system_information_block_type1();
}

Sib1Identity identity_of(const ie::Sib1& sib1)
{
  Sib1Identity identity;
  const ie::CellAccessRelatedInfo& access = sib1.cell_access_related_info;
  identity.is_reserved = access.cell_reserved_for_other_use.has_value();
  std::string mcc;
  for (const ie::PlmnIdentityInfo& info : access.plmn_identity_list) {
    for (const ie::PlmnIdentity& plmn : info.plmn_identity_list) {
      if (plmn.mcc) mcc = text_of(*plmn.mcc);  // absent: as in the entry before
      identity.plmns.push_back({.mcc = mcc, .mnc = text_of(plmn.mnc)});
    }
  }
  const ie::PlmnIdentityInfo& first = access.plmn_identity_list.front();
  if (first.tracking_area_code) identity.tracking_area_code = static_cast<std::uint32_t>(first.tracking_area_code->value);
  identity.nr_cell_identity = first.cell_identity.value;
  identity.is_reserved |= first.cell_reserved_for_operator_use == ie::PlmnIdentityInfo::CellReservedForOperatorUse::reserved;
  if (sib1.serving_cell_config_common) {
    const ie::FrequencyInfoDlSib& frequency = sib1.serving_cell_config_common->downlink_config_common.frequency_info_dl;
    const auto& band = frequency.frequency_band_list.front().freq_band_indicator_nr;
    if (band) identity.band = *band;
    identity.carrier_prb = frequency.scs_specific_carrier_list.front().carrier_bandwidth;
  }
  return identity;
}

// -- frequency --------------------------------------------------------------------------------------------------------

Fault read_band(const ie::FrequencyInfoDlSib& in, Hertz ssb, nr::Cell& cell)
{
  for (const ie::NrMultiBandInfo& info : in.frequency_band_list) {
    const nr::Band* const band = info.freq_band_indicator_nr ? nr::find_band(*info.freq_band_indicator_nr) : nullptr;
    if (band == nullptr || !band->downlink || !band->uplink || !band->downlink->contains(ssb)) continue;
    cell.band = band->number;
    cell.duplex = band->duplex;
    return std::nullopt;
  }
  return unsupported("a band that does not hold the cell's own block");
}

/// The carrier of spacing `scs`, its subcarrier 0 counted from point A.
Fault read_carrier(const std::vector<ie::ScsSpecificCarrier>& list, nr::Scs scs, Hertz point_a, nr::Carrier& out)
{
  const auto found = std::ranges::find_if(list, [scs](const ie::ScsSpecificCarrier& carrier) {
    return static_cast<unsigned>(carrier.subcarrier_spacing) == nr::mu_of(scs);
  });
  if (found == list.end()) return unsupported("a carrier of another spacing than the SS/PBCH block's");
  out.scs = scs;
  out.num_prb = found->carrier_bandwidth;
  out.offset_to_carrier = found->offset_to_carrier;
  const std::int64_t middle = (std::int64_t{12} * out.offset_to_carrier + std::int64_t{6} * out.num_prb) * nr::spacing_hz(scs);
  out.center = point_a + Hertz(static_cast<double>(middle));
  return std::nullopt;
}

Fault read_bwp(const ie::Bwp& in, const nr::Carrier& carrier, nr::PrbRange& out)
{
  const auto prb = nr::prb_of_location_and_bandwidth(in.location_and_bandwidth);
  if (!prb || prb->end() > carrier.num_prb) return malformed("an initial bandwidth part lies outside its carrier");
  if (static_cast<unsigned>(in.subcarrier_spacing) != nr::mu_of(carrier.scs)) return unsupported("a second subcarrier spacing");
  if (in.cyclic_prefix) return unsupported("the extended cyclic prefix");
  out = {.begin = prb->begin + carrier.offset_to_carrier, .count = prb->count};
  return std::nullopt;
}

Fault read_frequencies(const SsbReading& ssb, const ie::ServingCellConfigCommonSib& in, nr::Scs scs, nr::Cell& cell)
{
  const ie::DownlinkConfigCommonSib& downlink = in.downlink_config_common;
  if (Fault fault = read_band(downlink.frequency_info_dl, nr::ss_ref(ssb.gscn), cell)) return fault;
  const unsigned offset = downlink.frequency_info_dl.offset_to_point_a;
  const Hertz point_a = nr::ssb_crb_frequency(ssb.gscn, ssb.ssb_case, ssb.k_ssb) - Hertz(static_cast<double>(offset) * 12 * 15'000);
  if (Fault fault = read_carrier(downlink.frequency_info_dl.scs_specific_carrier_list, scs, point_a, cell.downlink)) return fault;
  const auto position = nr::ssb_position(cell.downlink, ssb.ssb_case, ssb.gscn);
  if (!position || position->offset_to_point_a != offset) return malformed("offsetToPointA puts the SS/PBCH block outside the carrier");
  cell.ssb = *position;
  if (Fault fault = read_bwp(downlink.initial_downlink_bwp.generic_parameters, cell.downlink, cell.downlink_bwp_crb)) return fault;

  if (!in.uplink_config_common) return unsupported("a cell without uplink");
  const ie::UplinkConfigCommonSib& uplink = *in.uplink_config_common;
  const auto& arfcn = uplink.frequency_info_ul.absolute_frequency_point_a;
  if (!arfcn && cell.duplex != nr::Duplex::tdd) return malformed("no absoluteFrequencyPointA of the uplink, which FDD needs");
  if (uplink.frequency_info_ul.frequency_shift7p5_khz) return unsupported("the 7.5 kHz shift of the uplink");
  const Hertz uplink_point_a = arfcn ? nr::frequency(nr::Arfcn(*arfcn)) : point_a;
  if (Fault fault = read_carrier(uplink.frequency_info_ul.scs_specific_carrier_list, scs, uplink_point_a, cell.uplink)) return fault;
  if (Fault fault = read_bwp(uplink.initial_uplink_bwp.generic_parameters, cell.uplink, cell.uplink_bwp_crb)) return fault;

  for (const unsigned mhz : nr::kFr1BandwidthsMhz) {
    const Hertz bandwidth(static_cast<double>(mhz) * 1e6);
    if (nr::max_num_prb(bandwidth, scs).value_or(0) < cell.downlink.num_prb) continue;
    cell.bandwidth = bandwidth;
    return std::nullopt;
  }
  return malformed("a carrier wider than any channel of FR1");
}

// -- control and shared channels --------------------------------------------------------------------------------------

Fault read_coreset0(const MibFields& mib, nr::Cell& cell)
{
  const auto row = nr::coreset0(mib.scs, mib.scs, nr::minimum_bandwidth_of(cell.band), mib.coreset0_index);
  if (!row) return malformed("the MIB's controlResourceSetZero is reserved");
  const auto crb = nr::coreset0_crbs(cell.downlink, cell.ssb, *row);
  if (!crb) return malformed("CORESET#0 lies outside the carrier");
  cell.coreset0_index = mib.coreset0_index;
  cell.search_space0_index = mib.search_space0_index;
  cell.coreset0 = coreset0_of(*row, crb->begin, cell.pci);
  return std::nullopt;
}

Fault read_pdcch(const ie::BwpDownlinkCommon& in, nr::Cell& cell)
{
  const ie::PdcchConfigCommon* const pdcch = in.pdcch_config_common ? in.pdcch_config_common->setup() : nullptr;
  if (pdcch == nullptr || !pdcch->ra_search_space) return malformed("no ra-SearchSpace");
  if (pdcch->common_search_space_list) {
    for (const ie::SearchSpace& space : *pdcch->common_search_space_list) {
      if (space.search_space_id != *pdcch->ra_search_space) continue;
      const auto read = read_search_space(space);
      if (!read || !read->is_common || read->coreset_id != 0) return unsupported("this kind of ra-SearchSpace");
      cell.ra_search_space = *read;
      return std::nullopt;
    }
  }
  return unsupported("an ra-SearchSpace without an entry of its own");
}

/// Nothing where the UE cannot be paged: what is not built, like a search space of its own, costs only that.
std::optional<nr::PagingConfig> paging_of(const ie::DownlinkConfigCommonSib& in)
{
  const auto& common = in.initial_downlink_bwp.pdcch_config_common;
  const ie::PdcchConfigCommon* const pdcch = common ? common->setup() : nullptr;
  if (pdcch == nullptr || !pdcch->paging_search_space || !pdcch->ra_search_space) return std::nullopt;
  if (*pdcch->paging_search_space != *pdcch->ra_search_space) return std::nullopt;
  const ie::PcchConfig& pcch = in.pcch_config;
  const auto cycle = number_of(kPagingCycleFrames, pcch.default_paging_cycle);
  const auto occasions = number_of(kPagingOccasions, pcch.ns);
  if (!cycle || !occasions) return std::nullopt;
  nr::PagingConfig out{.cycle_frames = *cycle, .occasions_per_frame = *occasions, .first_monitoring_occasions = {}};
  const auto& frames = pcch.n_and_paging_frame_offset;
  const std::array offsets{frames.half_t(), frames.quarter_t(), frames.one_eighth_t(), frames.one_sixteenth_t()};
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] == nullptr) continue;
    out.frames_apart = 2U << i;
    out.frame_offset = static_cast<unsigned>(*offsets[i]);
  }
  if (pcch.first_pdcch_monitoring_occasion_of_po) {
    const auto& first = *pcch.first_pdcch_monitoring_occasion_of_po;
    for (const auto* list : {first.scs15_kh_zone_t(), first.scs30_kh_zone_t_scs15_kh_zhalf_t(), first.scs60_kh_zone_t_scs30_kh_zhalf_t_scs15_kh_zquarter_t(),
                             first.scs120_kh_zone_t_scs60_kh_zhalf_t_scs30_kh_zquarter_t_scs15_kh_zone_eighth_t(),
                             first.scs120_kh_zhalf_t_scs60_kh_zquarter_t_scs30_kh_zone_eighth_t_scs15_kh_zone_sixteenth_t()}) {
      if (list != nullptr) out.first_monitoring_occasions.assign(list->begin(), list->end());
    }
    if (out.first_monitoring_occasions.size() < *occasions) return std::nullopt;
  }
  return out;
}

Fault read_time_allocations(const ie::BwpDownlinkCommon& downlink, const ie::BwpUplinkCommon& uplink, nr::Cell& cell)
{
  cell.pdsch_time_allocations.clear();
  cell.pusch_time_allocations.clear();
  const ie::PdschConfigCommon* const pdsch = downlink.pdsch_config_common ? downlink.pdsch_config_common->setup() : nullptr;
  if (pdsch != nullptr && pdsch->pdsch_time_domain_allocation_list) {
    for (const auto& row : *pdsch->pdsch_time_domain_allocation_list) {
      const auto symbols = nr::symbols_of_sliv(row.start_symbol_and_length);
      if (!symbols) return malformed("a PDSCH time allocation that does not exist");
      cell.pdsch_time_allocations.push_back({.mapping_type = static_cast<nr::MappingType>(row.mapping_type),
                                             .k_0 = row.k0.value_or(0), .symbols = *symbols});
    }
  }
  const ie::PuschConfigCommon* const pusch = uplink.pusch_config_common ? uplink.pusch_config_common->setup() : nullptr;
  if (pusch != nullptr && pusch->pusch_time_domain_allocation_list) {
    constexpr unsigned kDefaultK2 = 1;  // absent, at 15 and 30 kHz
    for (const auto& row : *pusch->pusch_time_domain_allocation_list) {
      const auto symbols = nr::symbols_of_sliv(row.start_symbol_and_length);
      if (!symbols) return malformed("a PUSCH time allocation that does not exist");
      cell.pusch_time_allocations.push_back({.mapping_type = static_cast<nr::MappingType>(row.mapping_type),
                                             .k_2 = row.k2.value_or(kDefaultK2), .symbols = *symbols});
    }
  }
  return std::nullopt;
}

// -- random access and uplink -----------------------------------------------------------------------------------------

/// Contention-based preambles that belong to SS/PBCH block 0, from preamble 0 on. TS 38.213 §8.1.
unsigned num_cb_preambles(const ie::RachConfigCommon& in)
{
  const unsigned total = in.total_number_of_ra_preambles.value_or(64);
  if (!in.ssb_per_rach_occasion_and_cb_preambles_per_ssb) return total;
  const auto& choice = *in.ssb_per_rach_occasion_and_cb_preambles_per_ssb;
  unsigned count = total;
  if (const auto* n = choice.one_eighth()) count = 4 * (static_cast<unsigned>(*n) + 1);
  if (const auto* n = choice.one_fourth()) count = 4 * (static_cast<unsigned>(*n) + 1);
  if (const auto* n = choice.one_half()) count = 4 * (static_cast<unsigned>(*n) + 1);
  if (const auto* n = choice.one()) count = 4 * (static_cast<unsigned>(*n) + 1);
  if (const auto* n = choice.two()) count = 4 * (static_cast<unsigned>(*n) + 1);
  if (const auto* n = choice.four()) count = *n;
  if (const auto* n = choice.eight()) count = *n;
  if (const auto* n = choice.sixteen()) count = *n;
  return std::min(count, total);
}

Fault read_random_access(const ie::BwpUplinkCommon& in, nr::Cell& cell)
{
  const ie::RachConfigCommon* const rach = in.rach_config_common ? in.rach_config_common->setup() : nullptr;
  if (rach == nullptr) return malformed("no rach-ConfigCommon");
  const ie::RachConfigGeneric& generic = rach->rach_config_generic;
  if (generic.msg1_fdm != ie::RachConfigGeneric::Msg1Fdm::one) return unsupported("msg1-FDM above one");
  if (rach->restricted_set_config != ie::RachConfigCommon::RestrictedSetConfig::unrestricted_set) {
    return unsupported("a restricted set of preambles");
  }
  if (rach->msg3_transform_precoder) return unsupported("transform precoding of Msg3");
  const auto config = nr::prach_config(cell.duplex, generic.prach_configuration_index);
  if (!config) return malformed("prach-ConfigurationIndex is reserved");
  const std::uint32_t* const root = nr::is_long(config->format) ? rach->prach_root_sequence_index.l839()
                                                                : rach->prach_root_sequence_index.l139();
  if (root == nullptr) return malformed("the root sequence is of another length than the PRACH format's");

  nr::RandomAccess& ra = cell.random_access;
  ra.prach_configuration_index = generic.prach_configuration_index;
  ra.msg1_frequency_start = generic.msg1_frequency_start;
  ra.root_sequence_index = *root;
  ra.zero_correlation_zone = generic.zero_correlation_zone_config;
  ra.num_preambles = num_cb_preambles(*rach);
  ra.msg1_scs = cell.uplink.scs;
  if (rach->msg1_subcarrier_spacing) {
    if (static_cast<unsigned>(*rach->msg1_subcarrier_spacing) > 1) return malformed("msg1-SubcarrierSpacing is not one of FR1");
    ra.msg1_scs = static_cast<nr::Scs>(*rach->msg1_subcarrier_spacing);
  }
  ra.preamble_received_target_power_dbm = generic.preamble_received_target_power;
  ra.preamble_trans_max = number_of(kPreambleTransMax, generic.preamble_trans_max).value_or(7);
  ra.power_ramping_step_db = number_of(kPowerRampingStepDb, generic.power_ramping_step).value_or(4);
  ra.response_window_slots = number_of(kRaResponseWindowSlots, generic.ra_response_window).value_or(10);
  ra.contention_resolution_subframes = number_of(kContentionResolutionSubframes, rach->ra_contention_resolution_timer).value_or(64);
  if (ra.msg1_frequency_start >= cell.uplink_bwp_crb.count) return malformed("msg1-FrequencyStart lies outside the bandwidth part");
  return std::nullopt;
}

Fault read_pucch(const ie::BwpUplinkCommon& in, nr::Cell& cell)
{
  const ie::PucchConfigCommon* const pucch = in.pucch_config_common ? in.pucch_config_common->setup() : nullptr;
  if (pucch == nullptr || !pucch->pucch_resource_common) return malformed("no pucch-ResourceCommon");
  if (pucch->pucch_group_hopping != ie::PucchConfigCommon::PucchGroupHopping::neither) return unsupported("PUCCH group hopping");
  cell.pucch_resource_common = *pucch->pucch_resource_common;
  cell.pucch_hopping_id = pucch->hopping_id ? std::optional<unsigned>(*pucch->hopping_id) : std::nullopt;
  cell.p0_nominal_dbm = pucch->p0_nominal.value_or(0);
  return std::nullopt;
}

// -- the rest ---------------------------------------------------------------------------------------------------------

nr::TddPattern tdd_pattern_of(const ie::TddUlDlPattern& in)
{
  int period = number_of(kTddPeriodUs, in.dl_ul_transmission_periodicity).value_or(0);
  if (in.dl_ul_transmission_periodicity_v1530) {
    period = number_of(kTddPeriodV1530Us, *in.dl_ul_transmission_periodicity_v1530).value_or(0);
  }
  return {.period = std::chrono::microseconds(period),
          .num_downlink_slots = in.nrof_downlink_slots,
          .num_downlink_symbols = in.nrof_downlink_symbols,
          .num_uplink_slots = in.nrof_uplink_slots,
          .num_uplink_symbols = in.nrof_uplink_symbols};
}

Fault read_tdd(const ie::ServingCellConfigCommonSib& in, nr::Cell& cell)
{
  cell.tdd.reset();
  if (!in.tdd_ul_dl_configuration_common) {
    return cell.duplex == nr::Duplex::tdd ? Fault(unsupported("a TDD cell without a pattern")) : std::nullopt;
  }
  if (cell.duplex != nr::Duplex::tdd) return malformed("a TDD pattern in an FDD band");
  const ie::TddUlDlConfigCommon& tdd = *in.tdd_ul_dl_configuration_common;
  if (static_cast<unsigned>(tdd.reference_subcarrier_spacing) > 1) return malformed("the TDD reference spacing is not one of FR1");
  cell.tdd = nr::TddConfig{.reference_scs = static_cast<nr::Scs>(tdd.reference_subcarrier_spacing),
                           .pattern1 = tdd_pattern_of(tdd.pattern1)};
  if (tdd.pattern2) cell.tdd->pattern2 = tdd_pattern_of(*tdd.pattern2);
  if (const auto checked = nr::check(*cell.tdd, cell.downlink.scs); !checked) return malformed(checked.error().message);
  return std::nullopt;
}

void read_timers(const ie::UeTimersAndConstants& in, nr::UeTimers& out)
{
  out.t300 = number_of(kT300, in.t300).value_or(out.t300);
  out.t301 = number_of(kT300, in.t301).value_or(out.t301);
  out.t310 = number_of(kT310, in.t310).value_or(out.t310);
  out.n310 = number_of(kN310, in.n310).value_or(out.n310);
  out.t311 = number_of(kT311, in.t311).value_or(out.t311);
  out.n311 = number_of(kN311, in.n311).value_or(out.n311);
  out.t319 = number_of(kT300, in.t319).value_or(out.t319);
}

Fault read_serving_cell(const SsbReading& ssb, const MibFields& mib, const ie::ServingCellConfigCommonSib& in, nr::Cell& cell)
{
  if (Fault fault = read_frequencies(ssb, in, mib.scs, cell)) return fault;
  const ie::BwpDownlinkCommon& downlink = in.downlink_config_common.initial_downlink_bwp;
  const ie::BwpUplinkCommon& uplink = in.uplink_config_common->initial_uplink_bwp;
  if (Fault fault = read_coreset0(mib, cell)) return fault;
  if (Fault fault = read_pdcch(downlink, cell)) return fault;
  if (Fault fault = read_time_allocations(downlink, uplink, cell)) return fault;
  if (Fault fault = read_tdd(in, cell)) return fault;
  if (Fault fault = read_random_access(uplink, cell)) return fault;
  if (Fault fault = read_pucch(uplink, cell)) return fault;
  constexpr std::int64_t kDefaultNTaOffsetTc = 25'600;  // absent, FR1
  cell.n_ta_offset_tc = in.n_timing_advance_offset ? number_of(kNTaOffsetTc, *in.n_timing_advance_offset).value_or(kDefaultNTaOffsetTc)
                                                   : kDefaultNTaOffsetTc;
  cell.ssb_positions_in_burst = static_cast<std::uint8_t>(in.ssb_positions_in_burst.in_one_group.value);
  const auto period = number_of(kSsbPeriodMs, in.ssb_periodicity_serving_cell);
  if (!period) return malformed("ssb-PeriodicityServingCell is reserved");
  cell.ssb_period_ms = *period;
  cell.ssb_l_max = nr::ssb_l_max(ssb.ssb_case, nr::ss_ref(ssb.gscn), cell.duplex);
  cell.ss_pbch_block_power_dbm = in.ss_pbch_block_power;
  return std::nullopt;
}

}  // namespace

std::optional<Sib1Identity> read_sib1_identity(std::span<const std::uint8_t> transport_block)
{
  const auto message = ie::decode<ie::BcchDlSchMessage>(transport_block);
  const ie::Sib1* const sib1 = message ? sib1_in(*message) : nullptr;
  if (sib1 == nullptr) return std::nullopt;
  return identity_of(*sib1);
}

Result<nr::Cell> read_cell(const SsbReading& ssb, std::span<const std::uint8_t> transport_block)
{
  const auto mib = read_mib(ssb.mib);
  if (!mib) return fail(ErrorCode::bad_input, "the broadcast is no MIB");
  if (ssb.k_ssb > 23 || ssb.pci.value() >= nr::Pci::kCount) return fail(ErrorCode::bad_input, "the SS/PBCH block has no SIB1");
  if (nr::scs_of(ssb.ssb_case) != mib->scs) return fail(ErrorCode::unsupported, "the MIB has another spacing than its block, which is not built");
  const auto message = ie::decode<ie::BcchDlSchMessage>(transport_block);
  if (!message) return fail(ErrorCode::bad_input, "SIB1: " + asn1::to_string(message.error()));
  const ie::Sib1* const sib1 = sib1_in(*message);
  if (sib1 == nullptr || !sib1->serving_cell_config_common) return fail(ErrorCode::bad_input, "no SIB1 with a serving cell in it");

  nr::Cell cell;
  cell.pci = ssb.pci;
  cell.is_barred = mib->is_barred;
  cell.dmrs_type_a_position = mib->dmrs_type_a_position;
  const Sib1Identity identity = identity_of(*sib1);
  cell.plmn = identity.plmns.front();
  cell.tracking_area_code = identity.tracking_area_code.value_or(0);
  cell.nr_cell_identity = identity.nr_cell_identity;
  cell.paging = paging_of(sib1->serving_cell_config_common->downlink_config_common);
  if (const Fault fault = read_serving_cell(ssb, *mib, *sib1->serving_cell_config_common, cell)) return tl::unexpected(*fault);
  cell.access_barring = read_access_barring(*sib1, 0);
  if (sib1->ue_timers_and_constants) read_timers(*sib1->ue_timers_and_constants, cell.timers);
  return cell;
}

}  // namespace ravi::rrc
