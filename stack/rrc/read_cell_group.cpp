// The UE's half of cell_group.h.

#include "stack/asn1/rrc.h"
#include "stack/nr/pucch_resource.h"
#include "stack/rrc/cell_group.h"
#include "stack/rrc/enumerated.h"
#include "stack/rrc/radio_bearers.h"
#include "stack/rrc/search_space_ie.h"

#include <algorithm>
#include <bit>

namespace ravi::rrc {
namespace {

namespace ie = asn1::rrc;

/// What was wrong, if anything.
using Fault = std::optional<Error>;

Error malformed(std::string what) { return {ErrorCode::bad_input, "CellGroupConfig: " + std::move(what)}; }
Error unsupported(std::string what) { return {ErrorCode::unsupported, "CellGroupConfig: " + std::move(what) + " is not built"}; }

/// The content of a SetupRelease that is there and set up.
template <class T>
const T* setup_of(const asn1::Optional<asn1::SetupRelease<T>>& field)
{
  return field ? field->setup() : nullptr;
}

template <class List, class Item, class Id>
void add_or_change(List& list, const Item& item, Id id)
{
  const auto found = std::ranges::find(list, item.*id, id);
  if (found == list.end()) {
    list.push_back(item);
  } else {
    *found = item;
  }
}

template <class Ie>
unsigned additional_position_of(const asn1::Optional<Ie>& field)
{
  if (!field) return 2;
  return *field == Ie::pos0 ? 0 : *field == Ie::pos1 ? 1 : 3;
}

// -- downlink ---------------------------------------------------------------------------------------------------------

nr::DedicatedCoreset coreset_of(const ie::ControlResourceSet& in, const nr::Cell& cell)
{
  nr::DedicatedCoreset out{.id = in.control_resource_set_id, .coreset = {}};
  for (unsigned group = 0; group < 45; ++group) {
    if (in.frequency_domain_resources.bit(group)) out.coreset.frequency_domain_resources |= std::uint64_t{1} << group;
  }
  out.coreset.first_crb = (cell.downlink_bwp_crb.begin + 5) / 6 * 6;  // TS 38.213 §10.1
  out.coreset.duration = in.duration;
  out.coreset.shift_index = cell.pci.value();
  if (const auto* interleaved = in.cce_reg_mapping_type.interleaved()) {
    constexpr Numbers<unsigned, 3> kSizes{2, 3, 6};
    out.coreset.cce_reg_mapping = nr::CceRegMapping::interleaved;
    out.coreset.reg_bundle_size = number_of(kSizes, interleaved->reg_bundle_size).value_or(6);
    out.coreset.interleaver_size = number_of(kSizes, interleaved->interleaver_size).value_or(2);
    out.coreset.shift_index = interleaved->shift_index.value_or(cell.pci.value());
  }
  out.coreset.dmrs_id = in.pdcch_dmrs_scrambling_id.value_or(cell.pci.value());
  return out;
}

Fault read_pdcch(const ie::PdcchConfig& in, const nr::Cell& cell, nr::UeConfig& ue)
{
  if (in.control_resource_set_to_release_list) {
    for (const auto id : *in.control_resource_set_to_release_list) std::erase_if(ue.coresets, [id](const auto& c) { return c.id == id; });
  }
  if (in.control_resource_set_to_add_mod_list) {
    for (const ie::ControlResourceSet& item : *in.control_resource_set_to_add_mod_list) {
      const nr::DedicatedCoreset coreset = coreset_of(item, cell);
      const unsigned last_group = 64U - static_cast<unsigned>(std::countl_zero(coreset.coreset.frequency_domain_resources));
      if (last_group == 0 || coreset.coreset.first_crb + 6 * last_group > cell.downlink_bwp_crb.end()) {
        return malformed("a CORESET outside the bandwidth part");
      }
      add_or_change(ue.coresets, coreset, &nr::DedicatedCoreset::id);
    }
  }
  if (in.search_spaces_to_release_list) {
    for (const auto id : *in.search_spaces_to_release_list) std::erase_if(ue.search_spaces, [id](const auto& s) { return s.id == id; });
  }
  if (in.search_spaces_to_add_mod_list) {
    for (const ie::SearchSpace& item : *in.search_spaces_to_add_mod_list) {
      const auto space = read_search_space(item);
      if (!space) continue;  // of formats that are not built
      const bool is_known = space->coreset_id == 0 ||
                            std::ranges::any_of(ue.coresets, [&](const auto& c) { return c.id == space->coreset_id; });
      if (!is_known) return malformed("a search space in a CORESET that there is not");
      add_or_change(ue.search_spaces, *space, &nr::SearchSpace::id);
    }
  }
  if (ue.search_spaces.empty()) return unsupported("a UE without a search space of DCI formats 0_0 and 1_0");
  return std::nullopt;
}

Fault read_pdsch(const ie::PdschConfig& in, const nr::Cell& cell, nr::UeConfig& ue)
{
  if (in.data_scrambling_identity_pdsch.value_or(cell.pci.value()) != cell.pci.value()) return unsupported("dataScramblingIdentityPDSCH");
  if (setup_of(in.pdsch_time_domain_allocation_list) != nullptr) return unsupported("a dedicated list of PDSCH time allocations");
  if (in.pdsch_aggregation_factor) return unsupported("PDSCH slot aggregation");
  if (const auto* dmrs = setup_of(in.dmrs_downlink_for_pdsch_mapping_type_a)) {
    if (dmrs->scrambling_id0.value_or(cell.pci.value()) != cell.pci.value()) return unsupported("scramblingID0 of the PDSCH's DM-RS");
    ue.pdsch_dmrs_additional_position = additional_position_of(dmrs->dmrs_additional_position);
  }
  ue.pdsch_mcs_table = nr::McsTable::qam64;
  if (in.mcs_table) ue.pdsch_mcs_table = *in.mcs_table == ie::PdschConfig::McsTable::qam256 ? nr::McsTable::qam256 : nr::McsTable::qam64_low_se;
  return std::nullopt;
}

// -- uplink -----------------------------------------------------------------------------------------------------------

/// Nothing for formats that are not built.
std::optional<nr::PucchResource> pucch_resource_of(const ie::PucchResource& in)
{
  nr::PucchResource out{.id = in.pucch_resource_id, .starting_prb = in.starting_prb};
  if (in.intra_slot_frequency_hopping && in.second_hop_prb) out.second_hop_prb = *in.second_hop_prb;
  if (const auto* format1 = in.format.format1()) {
    out.format = 1;
    out.symbols = {format1->starting_symbol_index, format1->nrof_symbols};
    out.initial_cyclic_shift = format1->initial_cyclic_shift;
    out.time_domain_occ = format1->time_domain_occ;
    return out;
  }
  if (const auto* format2 = in.format.format2()) {
    out.format = 2;
    out.symbols = {format2->starting_symbol_index, format2->nrof_symbols};
    out.num_prb = format2->nrof_prbs;
    return out;
  }
  return std::nullopt;
}

/// Period and offset of a CHOICE of `sl…`/`slots…`; `first`: number of its alternative for the first of `periods`.
template <std::size_t N>
std::optional<nr::PeriodicResource> periodic_of(const asn1::Choice& choice, unsigned first, const Numbers<unsigned, N>& periods)
{
  if (choice.index() < first || choice.index() - first >= N) return std::nullopt;
  return nr::PeriodicResource{.period_slots = periods[choice.index() - first],
                              .offset_slots = *static_cast<const std::uint32_t*>(choice.raw())};
}

bool has_resource(const nr::UeConfig& ue, unsigned id, unsigned format)
{
  return std::ranges::any_of(ue.pucch_resources, [&](const nr::PucchResource& r) { return r.id == id && r.format == format; });
}

Fault read_scheduling_request(const ie::PucchConfig& in, nr::UeConfig& ue)
{
  if (in.scheduling_request_resource_to_release_list) ue.scheduling_request.reset();
  if (!in.scheduling_request_resource_to_add_mod_list) return std::nullopt;
  const ie::SchedulingRequestResourceConfig& sr = in.scheduling_request_resource_to_add_mod_list->front();
  if (!sr.periodicity_and_offset || !sr.resource) return malformed("a scheduling request without occasions or resource");
  if (sr.periodicity_and_offset->sl1() != nullptr) {
    ue.scheduling_request = {.period_slots = 1, .offset_slots = 0};
  } else {
    constexpr unsigned kSl2 = 4;  // behind sym2, sym6or7 and sl1
    ue.scheduling_request = periodic_of(*sr.periodicity_and_offset, kSl2, kSrPeriodSlots);
    if (!ue.scheduling_request) return unsupported("a scheduling request several times a slot");
  }
  ue.scheduling_request->pucch_resource_id = *sr.resource;
  if (!has_resource(ue, *sr.resource, 1)) return unsupported("a scheduling request on another PUCCH format than 1");
  return std::nullopt;
}

Fault read_pucch_resources(const ie::PucchConfig& in, const nr::Cell& cell, nr::UeConfig& ue)
{
  if (in.resource_to_release_list) {
    for (const auto id : *in.resource_to_release_list) std::erase_if(ue.pucch_resources, [id](const auto& r) { return r.id == id; });
  }
  if (in.resource_to_add_mod_list) {
    for (const ie::PucchResource& item : *in.resource_to_add_mod_list) {
      const auto resource = pucch_resource_of(item);
      if (!resource) continue;
      const unsigned end = std::max(resource->starting_prb, resource->second_hop_prb.value_or(0)) + resource->num_prb;
      if (resource->symbols.end() > nr::kSymbolsPerSlot || end > cell.uplink_bwp_crb.count) {
        return malformed("a PUCCH resource outside its slot or bandwidth part");
      }
      add_or_change(ue.pucch_resources, *resource, &nr::PucchResource::id);
    }
  }
  if (in.resource_set_to_release_list) {
    for (const auto id : *in.resource_set_to_release_list) {
      if (id < ue.pucch_resource_sets.size()) ue.pucch_resource_sets[id].clear();
    }
  }
  if (in.resource_set_to_add_mod_list) {
    for (const ie::PucchResourceSet& set : *in.resource_set_to_add_mod_list) {
      if (set.pucch_resource_set_id >= ue.pucch_resource_sets.size()) continue;  // of payloads beyond set 1's
      ue.pucch_resource_sets[set.pucch_resource_set_id].assign(set.resource_list.begin(), set.resource_list.end());
    }
  }
  return std::nullopt;
}

Fault read_pucch(const ie::PucchConfig& in, const nr::Cell& cell, nr::UeConfig& ue)
{
  if (Fault fault = read_pucch_resources(in, cell, ue)) return fault;
  if (const auto* format1 = setup_of(in.format1)) {
    if (format1->nrof_slots || format1->interslot_frequency_hopping) return unsupported("PUCCH over several slots");
  }
  if (const auto* format2 = setup_of(in.format2)) {
    if (format2->max_code_rate) ue.pucch_format2_max_code_rate = number_of(kMaxCodeRate, *format2->max_code_rate).value_or(0.25F);
    ue.is_simultaneous_harq_ack_csi = format2->simultaneous_harq_ack_csi.has_value();
  }
  if (Fault fault = read_scheduling_request(in, ue)) return fault;
  if (in.dl_data_to_ul_ack) ue.dl_data_to_ul_ack.assign(in.dl_data_to_ul_ack->begin(), in.dl_data_to_ul_ack->end());
  return std::nullopt;
}

Fault read_uci_on_pusch(const ie::UciOnPusch& in, nr::UeConfig& ue)
{
  ue.alpha_scaling = number_of(kScaling, in.scaling).value_or(1.0F);
  if (!in.beta_offsets) return std::nullopt;
  const ie::BetaOffsets* const beta = in.beta_offsets->semi_static();
  if (beta == nullptr) return unsupported("dynamic beta offsets");
  ue.beta_offset_ack_index = {beta->beta_offset_ack_index1.value_or(11), beta->beta_offset_ack_index2.value_or(11),
                              beta->beta_offset_ack_index3.value_or(11)};
  ue.beta_offset_csi1_index = {beta->beta_offset_csi_part1_index1.value_or(13), beta->beta_offset_csi_part1_index2.value_or(13)};
  for (const unsigned index : ue.beta_offset_ack_index) {
    if (!nr::beta_offset_harq_ack(index)) return malformed("a reserved beta offset");
  }
  for (const unsigned index : ue.beta_offset_csi1_index) {
    if (!nr::beta_offset_csi(index)) return malformed("a reserved beta offset");
  }
  return std::nullopt;
}

Fault read_pusch(const ie::PuschConfig& in, const nr::Cell& cell, nr::UeConfig& ue)
{
  if (in.data_scrambling_identity_pusch.value_or(cell.pci.value()) != cell.pci.value()) return unsupported("dataScramblingIdentityPUSCH");
  if (setup_of(in.pusch_time_domain_allocation_list) != nullptr) return unsupported("a dedicated list of PUSCH time allocations");
  if (in.pusch_aggregation_factor) return unsupported("PUSCH slot aggregation");
  if (in.frequency_hopping) return unsupported("frequency hopping of the PUSCH");
  if (in.transform_precoder && *in.transform_precoder == ie::PuschConfig::TransformPrecoder::enabled) return unsupported("transform precoding");
  if (const auto* dmrs = setup_of(in.dmrs_uplink_for_pusch_mapping_type_a)) {
    ue.pusch_dmrs_additional_position = additional_position_of(dmrs->dmrs_additional_position);
    const auto& disabled = dmrs->transform_precoding_disabled;
    if (disabled && disabled->scrambling_id0.value_or(cell.pci.value()) != cell.pci.value()) return unsupported("scramblingID0 of the PUSCH's DM-RS");
  }
  ue.pusch_mcs_table = nr::McsTable::qam64;
  if (in.mcs_table) ue.pusch_mcs_table = *in.mcs_table == ie::PuschConfig::McsTable::qam256 ? nr::McsTable::qam256 : nr::McsTable::qam64_low_se;
  if (const auto* uci = setup_of(in.uci_on_pusch)) return read_uci_on_pusch(*uci, ue);
  return std::nullopt;
}

// -- CSI, MAC ---------------------------------------------------------------------------------------------------------

/// The first periodic report on PUCCH.
Fault read_csi(const ie::CsiMeasConfig& in, nr::UeConfig& ue)
{
  if (in.csi_report_config_to_release_list) ue.csi_report.reset();
  if (!in.csi_report_config_to_add_mod_list) return std::nullopt;
  for (const ie::CsiReportConfig& report : *in.csi_report_config_to_add_mod_list) {
    const auto* periodic = report.report_config_type.periodic();
    if (periodic == nullptr) continue;
    using Frequency = ie::CsiReportConfig::ReportFreqConfiguration;
    const bool is_wideband = report.report_freq_configuration && report.report_freq_configuration->cqi_format_indicator &&
                             *report.report_freq_configuration->cqi_format_indicator == Frequency::CqiFormatIndicator::wideband_cqi;
    if (!is_wideband || report.report_quantity.cri_ri_pmi_cqi() == nullptr) return unsupported("a CSI report other than wideband CQI");
    ue.csi_report = periodic_of(periodic->report_slot_config, 1, kCsiPeriodSlots);
    if (!ue.csi_report) return malformed("a CSI report without occasions");
    ue.csi_report->pucch_resource_id = periodic->pucch_csi_resource_list.front().pucch_resource;
    if (!has_resource(ue, ue.csi_report->pucch_resource_id, 2)) return unsupported("a CSI report on another PUCCH format than 2");
    if (report.cqi_table && static_cast<unsigned>(*report.cqi_table) < 3) ue.cqi_table = static_cast<nr::CqiTable>(*report.cqi_table);
    return std::nullopt;
  }
  return std::nullopt;
}

void read_mac(const ie::MacCellGroupConfig& in, nr::UeConfig& ue)
{
  if (in.scheduling_request_config && in.scheduling_request_config->scheduling_request_to_add_mod_list) {
    const auto& sr = in.scheduling_request_config->scheduling_request_to_add_mod_list->front();
    ue.sr_trans_max = number_of(kSrTransMax, sr.sr_trans_max).value_or(ue.sr_trans_max);
  }
  if (in.bsr_config) {
    ue.periodic_bsr_subframes = number_of(kPeriodicBsrSubframes, in.bsr_config->periodic_bsr_timer).value_or(ue.periodic_bsr_subframes);
    ue.retx_bsr_subframes = number_of(kRetxBsrSubframes, in.bsr_config->retx_bsr_timer).value_or(ue.retx_bsr_subframes);
  }
}

Fault read_serving_cell(const ie::ServingCellConfig& in, const nr::Cell& cell, nr::UeConfig& ue)
{
  if (in.first_active_downlink_bwp_id.value_or(0) != 0 || in.supplementary_uplink || in.cross_carrier_scheduling_config) {
    return unsupported("a second bandwidth part, supplementary uplink or cross-carrier scheduling");
  }
  if (in.tdd_ul_dl_configuration_dedicated) return unsupported("a dedicated TDD pattern");
  if (in.initial_downlink_bwp) {
    const ie::BwpDownlinkDedicated& bwp = *in.initial_downlink_bwp;
    if (const auto* pdcch = setup_of(bwp.pdcch_config)) {
      if (Fault fault = read_pdcch(*pdcch, cell, ue)) return fault;
    }
    if (const auto* pdsch = setup_of(bwp.pdsch_config)) {
      if (Fault fault = read_pdsch(*pdsch, cell, ue)) return fault;
    }
  }
  if (in.uplink_config && in.uplink_config->first_active_uplink_bwp_id.value_or(0) != 0) return unsupported("a second uplink bandwidth part");
  if (in.uplink_config && in.uplink_config->initial_uplink_bwp) {
    const ie::BwpUplinkDedicated& bwp = *in.uplink_config->initial_uplink_bwp;
    if (const auto* pucch = setup_of(bwp.pucch_config)) {
      if (Fault fault = read_pucch(*pucch, cell, ue)) return fault;
    }
    if (const auto* pusch = setup_of(bwp.pusch_config)) {
      if (Fault fault = read_pusch(*pusch, cell, ue)) return fault;
    }
  }
  if (const auto* pdsch = setup_of(in.pdsch_serving_cell_config)) {
    if (pdsch->x_overhead || setup_of(pdsch->code_block_group_transmission) != nullptr) return unsupported("xOverhead or code block groups");
    constexpr unsigned kDefaultProcesses = 8;
    ue.num_dl_harq_processes = pdsch->nrof_harq_processes_for_pdsch
                                   ? number_of(kNrofHarqProcesses, *pdsch->nrof_harq_processes_for_pdsch).value_or(kDefaultProcesses)
                                   : kDefaultProcesses;
  }
  if (in.csi_meas_config && in.csi_meas_config->release()) ue.csi_report.reset();
  if (const auto* csi = setup_of(in.csi_meas_config)) return read_csi(*csi, ue);
  return std::nullopt;
}

}  // namespace

Result<CellGroup> read_cell_group(std::span<const std::uint8_t> bytes, const nr::Cell& cell, const nr::UeConfig& ue)
{
  const auto in = ie::decode<ie::CellGroupConfig>(bytes);
  if (!in) return fail(ErrorCode::bad_input, "CellGroupConfig: " + asn1::to_string(in.error()));
  CellGroup out{.ue = ue, .bearers = {}, .released_logical_channels = {}};
  if (in->rlc_bearer_to_release_list) {
    out.released_logical_channels.assign(in->rlc_bearer_to_release_list->begin(), in->rlc_bearer_to_release_list->end());
  }
  if (in->rlc_bearer_to_add_mod_list) {
    for (const ie::RlcBearerConfig& item : *in->rlc_bearer_to_add_mod_list) {
      auto bearer = read_rlc_bearer(item);
      if (!bearer) return tl::unexpected(unsupported("an RLC bearer of this kind"));
      out.bearers.push_back(std::move(*bearer));
    }
  }
  if (in->s_cell_to_add_mod_list) return tl::unexpected(unsupported("carrier aggregation"));
  if (in->mac_cell_group_config) read_mac(*in->mac_cell_group_config, out.ue);
  if (in->physical_cell_group_config &&
      in->physical_cell_group_config->pdsch_harq_ack_codebook != ie::PhysicalCellGroupConfig::PdschHarqAckCodebook::dynamic) {
    return tl::unexpected(unsupported("the semi-static HARQ-ACK codebook"));
  }
  if (in->sp_cell_config) {
    if (in->sp_cell_config->reconfiguration_with_sync) return tl::unexpected(unsupported("reconfiguration with sync"));
    if (in->sp_cell_config->sp_cell_config_dedicated) {
      if (Fault fault = read_serving_cell(*in->sp_cell_config->sp_cell_config_dedicated, cell, out.ue)) return tl::unexpected(*fault);
    }
  }
  return out;
}

}  // namespace ravi::rrc
