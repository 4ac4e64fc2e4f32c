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

std::optional<PuschPdu> scheduled_pusch(const UplinkGrant& grant, Rnti rnti, const Cell& cell, McsTable table,
                                        unsigned additional_position) noexcept
{
  const auto time = pusch_time_allocation(cell, grant.time_allocation);
  const auto prb = prb_of_riv(grant.riv, cell.uplink_bwp_crb.count);
  const auto row = mcs(table, grant.mcs);
  if (!time || !prb || !row) return std::nullopt;
  const auto dmrs_symbols = pusch_dmrs_symbols({.mapping_type = time->mapping_type,
                                                .symbols = time->symbols,
                                                .type_a_position = cell.dmrs_type_a_position,
                                                .additional_position = additional_position});
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
  pdu.dmrs.num_cdm_groups_without_data = time->symbols.count <= 2 ? 1 : 2;  // TS 38.214 §6.2.2, format 0_0
  pdu.sch.modulation = row->modulation;
  pdu.sch.redundancy_version = static_cast<std::uint8_t>(grant.redundancy_version);
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
