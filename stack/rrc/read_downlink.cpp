// The UE's half of cell_group.h, downlink: PDCCH, PDSCH, and the CSI-RS that a PDSCH leaves out.

#include "stack/nr/csi_rs.h"
#include "stack/nr/resource_allocation.h"
#include "stack/rrc/reading.h"
#include "stack/rrc/search_space_ie.h"

#include <bit>

namespace ravi::rrc {
namespace {

namespace ie = asn1::rrc;

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
  out.has_scrambling_id = in.pdcch_dmrs_scrambling_id.has_value();
  out.has_tci = in.tci_present_in_dci.has_value();
  return out;
}

}  // namespace

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
      if (!space) continue;  // of a kind that is not built
      const bool is_known = space->coreset_id == 0 ||
                            std::ranges::any_of(ue.coresets, [&](const auto& c) { return c.id == space->coreset_id; });
      if (!is_known) return malformed("a search space in a CORESET that there is not");
      add_or_change(ue.search_spaces, *space, &nr::SearchSpace::id);
    }
  }
  if (ue.search_spaces.empty()) return unsupported("a UE without a search space that can be monitored");
  return std::nullopt;
}

// -- CSI-RS ----------------------------------------------------------------------------------------------------------

namespace {

constexpr Numbers<unsigned, 6> kPorts{1, 2, 4, 8, 12, 16};
constexpr Numbers<unsigned, 13> kCsiRsPeriodSlots{4, 5, 8, 10, 16, 20, 32, 40, 64, 80, 160, 320, 640};

std::optional<nr::ReservedElements> elements_of(const ie::CsiRsResourceMapping& in)
{
  const auto num_ports = number_of(kPorts, in.nrof_ports);
  if (!num_ports || in.first_ofdm_symbol_in_time_domain2 || in.density.dot5() != nullptr) return std::nullopt;
  nr::CsiRsMapping out{.num_ports = *num_ports,
                       .first_symbol = in.first_ofdm_symbol_in_time_domain,
                       .crb = {in.freq_band.starting_rb, in.freq_band.nrof_rbs}};
  const auto take = [&out](nr::CsiRsRow row, std::uint64_t bitmap) {
    out.row = row;
    out.bitmap = static_cast<unsigned>(bitmap);
  };
  const auto& where = in.frequency_domain_allocation;
  if (where.row1() != nullptr) take(nr::CsiRsRow::row1, where.row1()->value);
  if (where.row2() != nullptr) take(nr::CsiRsRow::row2, where.row2()->value);
  if (where.row4() != nullptr) take(nr::CsiRsRow::row4, where.row4()->value);
  if (where.other() != nullptr) take(nr::CsiRsRow::other, where.other()->value);
  return nr::csi_rs_elements(out);
}

/// Adds a resource; an aperiodic one has no occasions and comes only when asked for.
template <class Resource>
Fault add_csi_rs(const Resource& in, unsigned id, std::vector<nr::PeriodicElements>& list)
{
  if (!in.periodicity_and_offset) return std::nullopt;
  const auto elements = elements_of(in.resource_mapping);
  const auto when = periodic_of(*in.periodicity_and_offset, 1, kCsiRsPeriodSlots);
  if (!elements || !when) return unsupported("a CSI-RS of this kind");
  const auto old = std::ranges::find(list, id, &nr::PeriodicElements::id);
  const bool is_in_use = old == list.end() || old->is_in_use;
  add_or_change(list,
                nr::PeriodicElements{.id = id, .elements = *elements, .period_slots = when->period_slots, .offset_slots = when->offset_slots,
                                     .is_in_use = is_in_use},
                &nr::PeriodicElements::id);
  return std::nullopt;
}

Fault read_zp_csi_rs(const ie::PdschConfig& in, nr::UeConfig& ue)
{
  if (in.sp_zp_csi_rs_resource_sets_to_add_mod_list) return unsupported("semi-persistent ZP CSI-RS");
  if (in.aperiodic_zp_csi_rs_resource_sets_to_add_mod_list) {
    ue.dci_fields.num_aperiodic_zp_sets = static_cast<unsigned>(in.aperiodic_zp_csi_rs_resource_sets_to_add_mod_list->size());
  }
  if (in.zp_csi_rs_resource_to_release_list) {
    for (const auto id : *in.zp_csi_rs_resource_to_release_list) std::erase_if(ue.zp_csi_rs, [id](const auto& r) { return r.id == id; });
  }
  if (in.zp_csi_rs_resource_to_add_mod_list) {
    for (const auto& resource : *in.zp_csi_rs_resource_to_add_mod_list) {
      if (Fault fault = add_csi_rs(resource, resource.zp_csi_rs_resource_id, ue.zp_csi_rs)) return fault;
    }
  }
  if (!in.p_zp_csi_rs_resource_set) return std::nullopt;
  const ie::ZpCsiRsResourceSet* const set = in.p_zp_csi_rs_resource_set->setup();
  for (nr::PeriodicElements& item : ue.zp_csi_rs) {
    item.is_in_use = set != nullptr && std::ranges::find(set->zp_csi_rs_resource_id_list, item.id) != set->zp_csi_rs_resource_id_list.end();
  }
  return std::nullopt;
}

// -- PDSCH -----------------------------------------------------------------------------------------------------------

Fault read_pdsch_time_allocations(const ie::PdschConfig& in, nr::UeConfig& ue)
{
  if (!in.pdsch_time_domain_allocation_list) return std::nullopt;
  ue.pdsch_time_allocations.clear();
  if (in.pdsch_time_domain_allocation_list->setup() == nullptr) return std::nullopt;
  for (const auto& row : *in.pdsch_time_domain_allocation_list->setup()) {
    const auto symbols = nr::symbols_of_sliv(row.start_symbol_and_length);
    if (!symbols) return malformed("a PDSCH time allocation that does not exist");
    if (row.k0.value_or(0) != 0) return unsupported("a PDSCH in a later slot than its DCI");
    ue.pdsch_time_allocations.push_back({.mapping_type = static_cast<nr::MappingType>(row.mapping_type), .k_0 = 0, .symbols = *symbols});
  }
  return std::nullopt;
}

Fault read_pdsch_dmrs(const ie::DmrsDownlinkConfig& dmrs, const nr::Cell& cell, nr::UeConfig& ue)
{
  if (Fault fault = check_dmrs(dmrs, "PDSCH")) return fault;
  const unsigned pci = cell.pci.value();
  if (dmrs.scrambling_id0.value_or(pci) != pci || dmrs.scrambling_id1.value_or(pci) != pci) {
    return unsupported("a scrambling identity of the PDSCH's DM-RS");
  }
  ue.pdsch_dmrs_additional_position = additional_position_of(dmrs.dmrs_additional_position);
  return std::nullopt;
}

}  // namespace

Fault read_pdsch(const ie::PdschConfig& in, const nr::Cell& cell, nr::UeConfig& ue)
{
  using CodeWords = ie::PdschConfig::MaxNrofCodeWordsScheduledByDci;
  if (in.data_scrambling_identity_pdsch.value_or(cell.pci.value()) != cell.pci.value()) return unsupported("dataScramblingIdentityPDSCH");
  if (in.pdsch_aggregation_factor) return unsupported("PDSCH slot aggregation");
  if (in.resource_allocation != ie::PdschConfig::ResourceAllocation::resource_allocation_type1) return unsupported("PDSCH resource allocation by bitmap");
  if (in.rate_match_pattern_to_add_mod_list) return unsupported("rate matching around patterns");
  if (in.max_nrof_code_words_scheduled_by_dci && *in.max_nrof_code_words_scheduled_by_dci == CodeWords::n2) return unsupported("two code words");
  if (Fault fault = read_pdsch_time_allocations(in, ue)) return fault;
  for (const auto* dmrs : {setup_of(in.dmrs_downlink_for_pdsch_mapping_type_a), setup_of(in.dmrs_downlink_for_pdsch_mapping_type_b)}) {
    if (dmrs == nullptr) continue;
    if (Fault fault = read_pdsch_dmrs(*dmrs, cell, ue)) return fault;
  }
  ue.dci_fields.vrb_bundle_size = !in.vrb_to_prb_interleaver ? 0 : *in.vrb_to_prb_interleaver == ie::PdschConfig::VrbToPrbInterleaver::n2 ? 2 : 4;
  ue.dci_fields.is_prb_bundling_dynamic = in.prb_bundling_type.dynamic_bundling() != nullptr;
  ue.pdsch_mcs_table = nr::McsTable::qam64;
  if (in.mcs_table) ue.pdsch_mcs_table = *in.mcs_table == ie::PdschConfig::McsTable::qam256 ? nr::McsTable::qam256 : nr::McsTable::qam64_low_se;
  return read_zp_csi_rs(in, ue);
}

Fault read_csi_rs(const ie::CsiMeasConfig& in, nr::UeConfig& ue)
{
  if (in.nzp_csi_rs_resource_to_release_list) {
    for (const auto id : *in.nzp_csi_rs_resource_to_release_list) std::erase_if(ue.nzp_csi_rs, [id](const auto& r) { return r.id == id; });
  }
  if (!in.nzp_csi_rs_resource_to_add_mod_list) return std::nullopt;
  for (const auto& resource : *in.nzp_csi_rs_resource_to_add_mod_list) {
    // A report on several ports has a rank and a precoder.
    if (resource.resource_mapping.nrof_ports != ie::CsiRsResourceMapping::NrofPorts::p1) return unsupported("CSI-RS of several ports");
    if (Fault fault = add_csi_rs(resource, resource.nzp_csi_rs_resource_id, ue.nzp_csi_rs)) return fault;
  }
  return std::nullopt;
}

}  // namespace ravi::rrc
