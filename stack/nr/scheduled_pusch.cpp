#include "stack/nr/scheduled_pusch.h"

#include "stack/nr/dmrs.h"
#include "stack/nr/prach_preamble.h"
#include "stack/nr/resource_allocation.h"
#include "stack/nr/tbs.h"

#include <bit>

namespace ravi::nr {

std::optional<PuschTimeAllocation> pusch_time_allocation(const Cell& cell, unsigned row) noexcept
{
  if (cell.pusch_time_allocations.empty()) return pusch_default_time_allocation(row + 1, cell.uplink.scs);
  if (row >= cell.pusch_time_allocations.size()) return std::nullopt;
  return cell.pusch_time_allocations[row];
}

std::optional<PdschTimeAllocation> pdsch_time_allocation(const Cell& cell, unsigned row) noexcept
{
  if (cell.pdsch_time_allocations.empty()) {
    return pdsch_default_time_allocation(PdschDefaultTdra::a, row + 1, cell.dmrs_type_a_position);
  }
  if (row >= cell.pdsch_time_allocations.size()) return std::nullopt;
  return cell.pdsch_time_allocations[row];
}

UplinkGrant grant_of(const Dci00& dci) noexcept
{
  return {.riv = dci.fdra,
          .time_allocation = dci.time_allocation,
          .mcs = dci.mcs,
          .ndi = dci.ndi,
          .redundancy_version = dci.redundancy_version,
          .harq_process = dci.harq_process};
}

std::optional<UplinkGrant> grant_of(const Dci01& dci) noexcept
{
  const auto antenna = pusch_antenna_port(dci.antenna_ports);
  if (!antenna) return std::nullopt;
  return UplinkGrant{.riv = dci.fdra,
                     .time_allocation = dci.time_allocation,
                     .mcs = dci.mcs,
                     .ndi = dci.ndi,
                     .redundancy_version = dci.redundancy_version,
                     .harq_process = dci.harq_process,
                     .antenna = antenna,
                     .n_scid = dci.n_scid};
}

std::optional<PuschScheduling> pusch_scheduling(const Cell& cell, const UeConfig* config, unsigned time_row,
                                                const SearchSpace* search_space) noexcept
{
  const bool is_configured = config != nullptr && search_space != nullptr;
  const bool is_common = !is_configured || search_space->is_common;
  // TS 38.214 Table 6.1.2.1.1-1.
  const bool uses_dedicated = is_configured && !config->pusch_time_allocations.empty() && !(is_common && search_space->coreset_id == 0);
  std::optional<PuschTimeAllocation> time;
  if (!uses_dedicated) {
    time = pusch_time_allocation(cell, time_row);
  } else if (time_row < config->pusch_time_allocations.size()) {
    time = config->pusch_time_allocations[time_row];
  }
  if (!time) return std::nullopt;
  PuschScheduling out{.time = *time};
  if (!is_configured) return out;
  // Format 0_0 has the table and the DM-RS of a UE that has been told nothing: TS 38.214 §6.1.4.1, §6.2.2.
  const bool is_low_se = config->pusch_mcs_table == McsTable::qam64_low_se && !is_common;
  if (search_space->has_formats_1 || is_low_se) out.mcs_table = config->pusch_mcs_table;
  if (search_space->has_formats_1) out.additional_position = config->pusch_dmrs_additional_position;
  if (config->has_pusch_limited_buffer) out.tbs_lbrm_bytes = limited_buffer_bits(cell.uplink_bwp_crb.count, config->pusch_mcs_table) / 8;
  return out;
}

std::optional<PuschPdu> scheduled_pusch(const UplinkGrant& grant, Rnti rnti, const Cell& cell, const PuschScheduling& scheduling) noexcept
{
  const PuschTimeAllocation* const time = &scheduling.time;
  const auto prb = prb_of_riv(grant.riv, cell.uplink_bwp_crb.count);
  const auto row = mcs(scheduling.mcs_table, grant.mcs);
  if (!prb || !row) return std::nullopt;
  const auto dmrs_symbols = pusch_dmrs_symbols({.mapping_type = time->mapping_type,
                                                .symbols = time->symbols,
                                                .type_a_position = cell.dmrs_type_a_position,
                                                .additional_position = scheduling.additional_position});
  if (!dmrs_symbols) return std::nullopt;
  PuschPdu pdu{.rnti = rnti,
               .bwp_crb = cell.uplink_bwp_crb,
               .prb = *prb,
               .symbols = time->symbols,
               .mapping_type = time->mapping_type,
               .data_scrambling_id = cell.pci.value(),
               .harq_process = static_cast<std::uint8_t>(grant.harq_process)};
  pdu.dmrs.symbols = *dmrs_symbols;
  pdu.dmrs.scrambling_id = cell.pci.value();
  const AntennaPort by_default{.num_cdm_groups_without_data = time->symbols.count <= 2 ? 1U : 2U};  // TS 38.214 §6.2.2, format 0_0
  const AntennaPort antenna = grant.antenna.value_or(by_default);
  pdu.dmrs.port = antenna.port;
  pdu.dmrs.num_cdm_groups_without_data = antenna.num_cdm_groups_without_data;
  pdu.dmrs.n_scid = grant.n_scid;
  pdu.sch.modulation = row->modulation;
  pdu.sch.redundancy_version = static_cast<std::uint8_t>(grant.redundancy_version);
  pdu.sch.tbs_lbrm_bytes = scheduling.tbs_lbrm_bytes;
  if (row->is_reserved()) return pdu;
  pdu.sch.target_code_rate = row->code_rate_x2048 / 2U;
  pdu.sch.has_half_code_rate = row->code_rate_x2048 % 2U != 0;
  const auto num_dmrs = static_cast<unsigned>(std::popcount(*dmrs_symbols));
  const unsigned dmrs_re = dmrs_re_per_prb(DmrsType::type1, num_dmrs, pdu.dmrs.num_cdm_groups_without_data);
  const unsigned bits = transport_block_bits(num_re_for_tbs(prb->count, time->symbols.count, dmrs_re), *row);
  pdu.sch.tbs_bytes = bits / 8;
  pdu.sch.base_graph = static_cast<std::uint8_t>(ldpc_base_graph(bits, *row));
  return pdu;
}

PrachPdu prach_pdu(const Cell& cell, const PrachOccasion& occasion) noexcept
{
  const RandomAccess& access = cell.random_access;
  return {.format = occasion.format,
          .scs = access.msg1_scs,
          .root_sequence_index = access.root_sequence_index,
          .n_cs = prach_n_cs(occasion.format, access.zero_correlation_zone).value_or(0),
          .num_preambles = access.num_preambles,
          .first_crb = cell.uplink_bwp_crb.begin + access.msg1_frequency_start,
          .first_symbol = occasion.first_symbol};
}

unsigned riv_of_rar_field(unsigned field, unsigned num_bwp_prb) noexcept
{
  const unsigned bits = num_bwp_prb <= 180 ? riv_bits(num_bwp_prb) : 14;
  return field & ((1U << bits) - 1U);
}

}  // namespace ravi::nr
