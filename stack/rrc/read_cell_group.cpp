// The UE's half of cell_group.h: uplink, MAC, the whole (the downlink: read_downlink.cpp).

#include "stack/asn1/rrc.h"
#include "stack/nr/dci_1.h"
#include "stack/nr/pucch_resource.h"
#include "stack/nr/resource_allocation.h"
#include "stack/rrc/cell_group.h"
#include "stack/rrc/radio_bearers.h"
#include "stack/rrc/reading.h"

#include <algorithm>

namespace ravi::rrc {
namespace {

namespace ie = asn1::rrc;

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
      constexpr std::size_t kIndicated = 8;  // by the DCI's field alone, TS 38.213 §9.2.3
      if (set.resource_list.size() > kIndicated) return unsupported("a PUCCH resource set of more than eight");
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

Fault read_pusch_time_allocations(const ie::PuschConfig& in, nr::UeConfig& ue)
{
  if (!in.pusch_time_domain_allocation_list) return std::nullopt;
  ue.pusch_time_allocations.clear();
  if (in.pusch_time_domain_allocation_list->setup() == nullptr) return std::nullopt;
  constexpr unsigned kDefaultK2 = 1;  // absent, at 15 and 30 kHz
  for (const auto& row : *in.pusch_time_domain_allocation_list->setup()) {
    const auto symbols = nr::symbols_of_sliv(row.start_symbol_and_length);
    if (!symbols) return malformed("a PUSCH time allocation that does not exist");
    ue.pusch_time_allocations.push_back({.mapping_type = static_cast<nr::MappingType>(row.mapping_type),
                                         .k_2 = row.k2.value_or(kDefaultK2), .symbols = *symbols});
  }
  return std::nullopt;
}

Fault read_pusch_dmrs(const ie::DmrsUplinkConfig& dmrs, const nr::Cell& cell, nr::UeConfig& ue)
{
  if (Fault fault = check_dmrs(dmrs, "PUSCH")) return fault;
  ue.pusch_dmrs_additional_position = additional_position_of(dmrs.dmrs_additional_position);
  const auto& disabled = dmrs.transform_precoding_disabled;
  const unsigned pci = cell.pci.value();
  if (disabled && (disabled->scrambling_id0.value_or(pci) != pci || disabled->scrambling_id1.value_or(pci) != pci)) {
    return unsupported("a scrambling identity of the PUSCH's DM-RS");
  }
  return std::nullopt;
}

Fault read_pusch(const ie::PuschConfig& in, const nr::Cell& cell, nr::UeConfig& ue)
{
  using Allocation = ie::PuschConfig::ResourceAllocation;
  if (in.data_scrambling_identity_pusch.value_or(cell.pci.value()) != cell.pci.value()) return unsupported("dataScramblingIdentityPUSCH");
  if (in.pusch_aggregation_factor) return unsupported("PUSCH slot aggregation");
  if (in.frequency_hopping) return unsupported("frequency hopping of the PUSCH");
  if (in.resource_allocation != Allocation::resource_allocation_type1) return unsupported("PUSCH resource allocation by bitmap");
  if (in.tx_config && *in.tx_config == ie::PuschConfig::TxConfig::non_codebook) return unsupported("PUSCH without codebook");
  if (in.max_rank.value_or(1) > 1) return unsupported("PUSCH of several layers");
  if (in.transform_precoder && *in.transform_precoder == ie::PuschConfig::TransformPrecoder::enabled) return unsupported("transform precoding");
  if (Fault fault = read_pusch_time_allocations(in, ue)) return fault;
  for (const auto* dmrs : {setup_of(in.dmrs_uplink_for_pusch_mapping_type_a), setup_of(in.dmrs_uplink_for_pusch_mapping_type_b)}) {
    if (dmrs == nullptr) continue;
    if (Fault fault = read_pusch_dmrs(*dmrs, cell, ue)) return fault;
  }
  ue.pusch_mcs_table = nr::McsTable::qam64;
  if (in.mcs_table) ue.pusch_mcs_table = *in.mcs_table == ie::PuschConfig::McsTable::qam256 ? nr::McsTable::qam256 : nr::McsTable::qam64_low_se;
  if (const auto* uci = setup_of(in.uci_on_pusch)) return read_uci_on_pusch(*uci, ue);
  return std::nullopt;
}

/// SRS are not sent. An aperiodic one, which the network need not ask for, only sizes DCI 0_1.
Fault read_srs(const ie::SrsConfig& in, nr::UeConfig& ue)
{
  if (!in.srs_resource_set_to_add_mod_list) return std::nullopt;
  for (const ie::SrsResourceSet& set : *in.srs_resource_set_to_add_mod_list) {
    if (set.resource_type.aperiodic() == nullptr) return unsupported("SRS other than aperiodic");
    if (set.usage == ie::SrsResourceSet::Usage::codebook && set.srs_resource_id_list) {
      ue.dci_fields.num_codebook_srs = static_cast<unsigned>(set.srs_resource_id_list->size());
    }
  }
  return std::nullopt;
}

// -- CSI, MAC ---------------------------------------------------------------------------------------------------------

/// The first periodic report on PUCCH.
Fault read_csi(const ie::CsiMeasConfig& in, nr::UeConfig& ue)
{
  if (Fault fault = read_csi_rs(in, ue)) return fault;
  if (setup_of(in.aperiodic_trigger_state_list) != nullptr) return unsupported("aperiodic CSI");
  ue.dci_fields.csi_request_bits = in.report_trigger_size.value_or(ue.dci_fields.csi_request_bits);
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
  if (in.rate_match_pattern_to_add_mod_list || setup_of(in.lte_crs_to_match_around) != nullptr) return unsupported("rate matching around patterns or LTE");
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
    if (const auto* srs = setup_of(bwp.srs_config)) {
      if (Fault fault = read_srs(*srs, ue)) return fault;
    }
  }
  if (const auto* pusch = in.uplink_config ? setup_of(in.uplink_config->pusch_serving_cell_config) : nullptr) {
    if (pusch->x_overhead || setup_of(pusch->code_block_group_transmission) != nullptr) return unsupported("xOverhead or code block groups");
    ue.has_pusch_limited_buffer = pusch->rate_matching.has_value();
  }
  if (const auto* pdsch = setup_of(in.pdsch_serving_cell_config)) {
    if (pdsch->x_overhead || setup_of(pdsch->code_block_group_transmission) != nullptr) return unsupported("xOverhead or code block groups");
    ue.max_mimo_layers = pdsch->max_mimo_layers.value_or(1);
    constexpr unsigned kDefaultProcesses = 8;
    ue.num_dl_harq_processes = pdsch->nrof_harq_processes_for_pdsch
                                   ? number_of(kNrofHarqProcesses, *pdsch->nrof_harq_processes_for_pdsch).value_or(kDefaultProcesses)
                                   : kDefaultProcesses;
  }
  if (in.csi_meas_config && in.csi_meas_config->release()) {
    ue.csi_report.reset();
    ue.nzp_csi_rs.clear();
  }
  if (const auto* csi = setup_of(in.csi_meas_config)) {
    if (Fault fault = read_csi(*csi, ue)) return fault;
  }
  if (nr::num_dci_sizes(cell, ue) > nr::kMaxDciSizes) return unsupported("a set of search spaces with more than three sizes of DCI");
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
