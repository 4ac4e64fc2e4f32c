#include "stack/rrc/cell_group.h"

#include "stack/asn1/rrc.h"
#include "stack/rrc/enumerated.h"
#include "stack/rrc/radio_bearers.h"
#include "stack/rrc/search_space_ie.h"

#include <fmt/format.h>

namespace ravi::rrc {
namespace {

namespace ie = asn1::rrc;

constexpr std::uint64_t kTopGroup = std::uint64_t{1} << 44;  ///< frequencyDomainResources: the first bit is group 0

template <class Ie>
void set_additional_position(asn1::Optional<Ie>& out, unsigned position, Enumerator& enumerator)
{
  // Absent: pos2.
  if (position == 0) out = Ie::pos0;
  if (position == 1) out = Ie::pos1;
  if (position == 3) out = Ie::pos3;
  if (position > 3) enumerator.fail("dmrs-AdditionalPosition");
}

ie::ControlResourceSet coreset_ie(const nr::Cell& cell, const nr::DedicatedCoreset& in, Enumerator& enumerator)
{
  ie::ControlResourceSet out;
  out.control_resource_set_id = in.id;
  for (unsigned group = 0; group < 45; ++group) {
    if ((in.coreset.frequency_domain_resources >> group & 1U) != 0) out.frequency_domain_resources.value |= kTopGroup >> group;
  }
  out.duration = in.coreset.duration;
  if (in.coreset.cce_reg_mapping == nr::CceRegMapping::interleaved) {
    constexpr Numbers<unsigned, 3> kSizes{2, 3, 6};
    auto& interleaved = out.cce_reg_mapping_type.set_interleaved();
    enumerator.set(interleaved.reg_bundle_size, kSizes, in.coreset.reg_bundle_size, "reg-BundleSize");
    enumerator.set(interleaved.interleaver_size, kSizes, in.coreset.interleaver_size, "interleaverSize");
    if (in.coreset.shift_index != cell.pci.value()) interleaved.shift_index = in.coreset.shift_index;
  } else {
    out.cce_reg_mapping_type.set_non_interleaved();
  }
  out.precoder_granularity = ie::ControlResourceSet::PrecoderGranularity::same_as_reg_bundle;
  if (in.coreset.dmrs_id != cell.pci.value()) out.pdcch_dmrs_scrambling_id = in.coreset.dmrs_id;
  return out;
}

void write_downlink(const nr::Cell& cell, const nr::UeConfig& ue, ie::BwpDownlinkDedicated& out, Enumerator& enumerator)
{
  ie::PdcchConfig& pdcch = out.pdcch_config.emplace().set_setup();
  for (const nr::DedicatedCoreset& coreset : ue.coresets) {
    if (!pdcch.control_resource_set_to_add_mod_list) pdcch.control_resource_set_to_add_mod_list.emplace();
    pdcch.control_resource_set_to_add_mod_list->push_back(coreset_ie(cell, coreset, enumerator));
  }
  auto& spaces = pdcch.search_spaces_to_add_mod_list.emplace();
  for (const nr::SearchSpace& space : ue.search_spaces) spaces.push_back(search_space_ie(space, enumerator));

  ie::PdschConfig& pdsch = out.pdsch_config.emplace().set_setup();
  auto& dmrs = pdsch.dmrs_downlink_for_pdsch_mapping_type_a.emplace().set_setup();
  set_additional_position(dmrs.dmrs_additional_position, ue.pdsch_dmrs_additional_position, enumerator);
  pdsch.resource_allocation = ie::PdschConfig::ResourceAllocation::resource_allocation_type1;
  pdsch.rbg_size = ie::PdschConfig::RbgSize::config1;
  if (ue.pdsch_mcs_table == nr::McsTable::qam256) pdsch.mcs_table = ie::PdschConfig::McsTable::qam256;
  if (ue.pdsch_mcs_table == nr::McsTable::qam64_low_se) pdsch.mcs_table = ie::PdschConfig::McsTable::qam64_low_se;
  pdsch.prb_bundling_type.set_static_bundling().bundle_size = ie::PdschConfig::PrbBundlingType::StaticBundling::BundleSize::wideband;
}

ie::PucchResource pucch_resource_ie(const nr::PucchResource& in, Enumerator& enumerator)
{
  ie::PucchResource out;
  out.pucch_resource_id = in.id;
  out.starting_prb = in.starting_prb;
  if (in.second_hop_prb) {
    out.intra_slot_frequency_hopping = ie::PucchResource::IntraSlotFrequencyHopping::enabled;
    out.second_hop_prb = *in.second_hop_prb;
  }
  if (in.format == 1) {
    out.format.set_format1() = {.initial_cyclic_shift = in.initial_cyclic_shift,
                                .nrof_symbols = in.symbols.count,
                                .starting_symbol_index = in.symbols.begin,
                                .time_domain_occ = in.time_domain_occ};
  } else if (in.format == 2) {
    out.format.set_format2() = {.nrof_prbs = in.num_prb, .nrof_symbols = in.symbols.count, .starting_symbol_index = in.symbols.begin};
  } else {
    enumerator.fail("PUCCH format");
  }
  return out;
}

void set_sr_period(ie::SchedulingRequestResourceConfig::PeriodicityAndOffset& out, const nr::PeriodicResource& sr, Enumerator& enumerator)
{
  switch (sr.period_slots) {
    case 1: out.set_sl1(); return;
    case 2: out.set_sl2() = sr.offset_slots; return;
    case 4: out.set_sl4() = sr.offset_slots; return;
    case 5: out.set_sl5() = sr.offset_slots; return;
    case 8: out.set_sl8() = sr.offset_slots; return;
    case 10: out.set_sl10() = sr.offset_slots; return;
    case 16: out.set_sl16() = sr.offset_slots; return;
    case 20: out.set_sl20() = sr.offset_slots; return;
    case 40: out.set_sl40() = sr.offset_slots; return;
    case 80: out.set_sl80() = sr.offset_slots; return;
    case 160: out.set_sl160() = sr.offset_slots; return;
    case 320: out.set_sl320() = sr.offset_slots; return;
    case 640: out.set_sl640() = sr.offset_slots; return;
    default: enumerator.fail("periodicityAndOffset of the scheduling request");
  }
}

void write_pucch(const nr::UeConfig& ue, ie::PucchConfig& out, Enumerator& enumerator)
{
  for (unsigned id = 0; id < ue.pucch_resource_sets.size(); ++id) {
    if (ue.pucch_resource_sets[id].empty()) continue;
    if (!out.resource_set_to_add_mod_list) out.resource_set_to_add_mod_list.emplace();
    ie::PucchResourceSet& set = out.resource_set_to_add_mod_list->emplace_back();
    set.pucch_resource_set_id = id;
    set.resource_list.assign(ue.pucch_resource_sets[id].begin(), ue.pucch_resource_sets[id].end());
  }
  auto& resources = out.resource_to_add_mod_list.emplace();
  for (const nr::PucchResource& resource : ue.pucch_resources) resources.push_back(pucch_resource_ie(resource, enumerator));
  out.format1.emplace().set_setup();
  ie::PucchFormatConfig& format2 = out.format2.emplace().set_setup();
  enumerator.set(format2.max_code_rate.emplace(), kMaxCodeRate, ue.pucch_format2_max_code_rate, "maxCodeRate");
  if (ue.is_simultaneous_harq_ack_csi) format2.simultaneous_harq_ack_csi = ie::PucchFormatConfig::SimultaneousHarqAckCsi::true_;
  if (ue.scheduling_request) {
    ie::SchedulingRequestResourceConfig& sr = out.scheduling_request_resource_to_add_mod_list.emplace().emplace_back();
    sr.scheduling_request_resource_id = 1;
    sr.scheduling_request_id = 0;
    set_sr_period(sr.periodicity_and_offset.emplace(), *ue.scheduling_request, enumerator);
    sr.resource = ue.scheduling_request->pucch_resource_id;
  }
  auto& timing = out.dl_data_to_ul_ack.emplace();
  for (const unsigned k1 : ue.dl_data_to_ul_ack) timing.push_back(k1);
}

void write_pusch(const nr::UeConfig& ue, ie::PuschConfig& out, Enumerator& enumerator)
{
  auto& dmrs = out.dmrs_uplink_for_pusch_mapping_type_a.emplace().set_setup();
  set_additional_position(dmrs.dmrs_additional_position, ue.pusch_dmrs_additional_position, enumerator);
  dmrs.transform_precoding_disabled.emplace();
  out.resource_allocation = ie::PuschConfig::ResourceAllocation::resource_allocation_type1;
  if (ue.pusch_mcs_table == nr::McsTable::qam256) out.mcs_table = ie::PuschConfig::McsTable::qam256;
  if (ue.pusch_mcs_table == nr::McsTable::qam64_low_se) out.mcs_table = ie::PuschConfig::McsTable::qam64_low_se;
  out.transform_precoder = ie::PuschConfig::TransformPrecoder::disabled;
  ie::UciOnPusch& uci = out.uci_on_pusch.emplace().set_setup();
  ie::BetaOffsets& beta = uci.beta_offsets.emplace().set_semi_static();
  beta.beta_offset_ack_index1 = ue.beta_offset_ack_index[0];
  beta.beta_offset_ack_index2 = ue.beta_offset_ack_index[1];
  beta.beta_offset_ack_index3 = ue.beta_offset_ack_index[2];
  beta.beta_offset_csi_part1_index1 = ue.beta_offset_csi1_index[0];
  beta.beta_offset_csi_part1_index2 = ue.beta_offset_csi1_index[1];
  beta.beta_offset_csi_part2_index1 = ue.beta_offset_csi1_index[0];
  beta.beta_offset_csi_part2_index2 = ue.beta_offset_csi1_index[1];
  enumerator.set(uci.scaling, kScaling, ue.alpha_scaling, "scaling");
}

void set_csi_period(ie::CsiReportPeriodicityAndOffset& out, const nr::PeriodicResource& csi, Enumerator& enumerator)
{
  switch (csi.period_slots) {
    case 4: out.set_slots4() = csi.offset_slots; return;
    case 5: out.set_slots5() = csi.offset_slots; return;
    case 8: out.set_slots8() = csi.offset_slots; return;
    case 10: out.set_slots10() = csi.offset_slots; return;
    case 16: out.set_slots16() = csi.offset_slots; return;
    case 20: out.set_slots20() = csi.offset_slots; return;
    case 40: out.set_slots40() = csi.offset_slots; return;
    case 80: out.set_slots80() = csi.offset_slots; return;
    case 160: out.set_slots160() = csi.offset_slots; return;
    case 320: out.set_slots320() = csi.offset_slots; return;
    default: enumerator.fail("reportSlotConfig");
  }
}

void write_csi(const nr::UeConfig& ue, ie::CsiMeasConfig& out, Enumerator& enumerator)
{
  ie::CsiSsbResourceSet& blocks = out.csi_ssb_resource_set_to_add_mod_list.emplace().emplace_back();
  blocks.csi_ssb_resource_list = {0};
  ie::CsiResourceConfig& resources = out.csi_resource_config_to_add_mod_list.emplace().emplace_back();
  resources.csi_rs_resource_set_list.set_nzp_csi_rs_ssb().csi_ssb_resource_set_list.emplace().push_back(0);
  resources.resource_type = ie::CsiResourceConfig::ResourceType::periodic;

  using Report = ie::CsiReportConfig;
  Report& report = out.csi_report_config_to_add_mod_list.emplace().emplace_back();
  auto& periodic = report.report_config_type.set_periodic();
  set_csi_period(periodic.report_slot_config, *ue.csi_report, enumerator);
  periodic.pucch_csi_resource_list.emplace_back().pucch_resource = ue.csi_report->pucch_resource_id;
  report.report_quantity.set_cri_ri_pmi_cqi();
  auto& frequency = report.report_freq_configuration.emplace();
  frequency.cqi_format_indicator = Report::ReportFreqConfiguration::CqiFormatIndicator::wideband_cqi;
  frequency.pmi_format_indicator = Report::ReportFreqConfiguration::PmiFormatIndicator::wideband_pmi;
  report.time_restriction_for_channel_measurements = Report::TimeRestrictionForChannelMeasurements::not_configured;
  report.time_restriction_for_interference_measurements = Report::TimeRestrictionForInterferenceMeasurements::not_configured;
  report.group_based_beam_reporting.set_disabled();
  report.cqi_table = static_cast<Report::CqiTable>(ue.cqi_table);
}

void write_mac(const nr::UeConfig& ue, ie::MacCellGroupConfig& out, Enumerator& enumerator)
{
  ie::SchedulingRequestToAddMod& sr =
      out.scheduling_request_config.emplace().scheduling_request_to_add_mod_list.emplace().emplace_back();
  enumerator.set(sr.sr_trans_max, kSrTransMax, ue.sr_trans_max, "sr-TransMax");
  ie::BsrConfig& bsr = out.bsr_config.emplace();
  enumerator.set(bsr.periodic_bsr_timer, kPeriodicBsrSubframes, ue.periodic_bsr_subframes, "periodicBSR-Timer");
  enumerator.set(bsr.retx_bsr_timer, kRetxBsrSubframes, ue.retx_bsr_subframes, "retxBSR-Timer");
  out.tag_config.emplace().tag_to_add_mod_list.emplace().emplace_back().time_alignment_timer = ie::TimeAlignmentTimer::infinity;
}

void write_cell(const nr::Cell& cell, const nr::UeConfig& ue, ie::ServingCellConfig& out, Enumerator& enumerator)
{
  write_downlink(cell, ue, out.initial_downlink_bwp.emplace(), enumerator);
  ie::UplinkConfig& uplink = out.uplink_config.emplace();
  ie::BwpUplinkDedicated& bwp = uplink.initial_uplink_bwp.emplace();
  write_pucch(ue, bwp.pucch_config.emplace().set_setup(), enumerator);
  write_pusch(ue, bwp.pusch_config.emplace().set_setup(), enumerator);
  ie::PdschServingCellConfig& pdsch = out.pdsch_serving_cell_config.emplace().set_setup();
  if (ue.num_dl_harq_processes != 8) {
    enumerator.set(pdsch.nrof_harq_processes_for_pdsch.emplace(), kNrofHarqProcesses, ue.num_dl_harq_processes, "nrofHARQ-ProcessesForPDSCH");
  }
  if (ue.csi_report) write_csi(ue, out.csi_meas_config.emplace().set_setup(), enumerator);
}

}  // namespace

Result<std::vector<std::uint8_t>> cell_group_of(const nr::Cell& cell, const nr::UeConfig* ue, std::span<const BearerConfig> bearers)
{
  Enumerator enumerator;
  ie::CellGroupConfig group;
  for (const BearerConfig& bearer : bearers) {
    if (!group.rlc_bearer_to_add_mod_list) group.rlc_bearer_to_add_mod_list.emplace();
    group.rlc_bearer_to_add_mod_list->push_back(rlc_bearer_ie(bearer, enumerator));
  }
  if (ue != nullptr) {
    write_mac(*ue, group.mac_cell_group_config.emplace(), enumerator);
    group.physical_cell_group_config.emplace().pdsch_harq_ack_codebook = ie::PhysicalCellGroupConfig::PdschHarqAckCodebook::dynamic;
    write_cell(cell, *ue, group.sp_cell_config.emplace().sp_cell_config_dedicated.emplace(), enumerator);
  }
  if (enumerator.fault() != nullptr) {
    return fail(ErrorCode::bad_input, fmt::format("CellGroupConfig cannot carry this {}: TS 38.331 has no such value", enumerator.fault()));
  }
  auto bytes = ie::encode(group);
  if (!bytes) return fail(ErrorCode::bad_input, "CellGroupConfig: " + asn1::to_string(bytes.error()));
  return std::move(*bytes);
}

}  // namespace ravi::rrc
