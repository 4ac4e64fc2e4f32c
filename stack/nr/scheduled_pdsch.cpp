#include "stack/nr/scheduled_pdsch.h"

#include "stack/nr/dmrs.h"
#include "stack/nr/resource_allocation.h"
#include "stack/nr/scheduled_pusch.h"
#include "stack/nr/tbs.h"

#include <bit>

namespace ravi::nr {
namespace {

TbScaling scaling_of(unsigned field)
{
  return field == 1 ? TbScaling::half : field == 2 ? TbScaling::quarter : TbScaling::one;
}

/// The fields that both formats have, and what stands for those of one only.
struct Fields {
  unsigned riv = 0, mcs = 0, redundancy_version = 0, harq_process = 0;
  unsigned vrb_bundle_size = 0;
  AntennaPort antenna;
  unsigned n_scid = 0;
  TbScaling scaling = TbScaling::one;
};

std::optional<PdschPdu> pdsch_of(const Fields& fields, Rnti rnti, const PdschScheduling& scheduling)
{
  const auto prb = prb_of_riv(fields.riv, scheduling.riv_crb.count);
  const auto row = mcs(scheduling.mcs_table, fields.mcs);
  const PdschTimeAllocation& time = scheduling.time;
  const auto dmrs_symbols = pdsch_dmrs_symbols({.mapping_type = time.mapping_type,
                                                .symbols = time.symbols,
                                                .type_a_position = scheduling.type_a_position,
                                                .additional_position = scheduling.additional_position});
  if (!prb || !row || !dmrs_symbols) return std::nullopt;
  PdschPdu pdu{.rnti = rnti, .bwp_crb = scheduling.riv_crb, .prb = *prb, .symbols = time.symbols, .mapping_type = time.mapping_type};
  pdu.dmrs.symbols = *dmrs_symbols;
  pdu.dmrs.scrambling_id = scheduling.dmrs_scrambling_id.value_or(scheduling.pci.value());
  pdu.dmrs.n_scid = fields.n_scid;
  pdu.dmrs.port = fields.antenna.port;
  pdu.dmrs.num_cdm_groups_without_data = fields.antenna.num_cdm_groups_without_data;
  pdu.dmrs.reference_crb = scheduling.dmrs_reference_crb;
  pdu.data_scrambling_id = scheduling.data_scrambling_id.value_or(scheduling.pci.value());
  pdu.harq_process = static_cast<std::uint8_t>(fields.harq_process);
  pdu.vrb_bundle_size = static_cast<std::uint8_t>(fields.vrb_bundle_size);

  pdu.sch.modulation = row->modulation;
  pdu.sch.redundancy_version = static_cast<std::uint8_t>(fields.redundancy_version);
  pdu.sch.tbs_lbrm_bytes = scheduling.tbs_lbrm_bytes;
  if (row->is_reserved()) {
    pdu.sch.tbs_bytes = 0;
    return pdu;
  }
  pdu.sch.target_code_rate = row->code_rate_x2048 / 2U;
  pdu.sch.has_half_code_rate = row->code_rate_x2048 % 2U != 0;
  const auto num_dmrs = static_cast<unsigned>(std::popcount(*dmrs_symbols));
  const unsigned num_re = num_re_for_tbs(
      prb->count, time.symbols.count, dmrs_re_per_prb(DmrsType::type1, num_dmrs, pdu.dmrs.num_cdm_groups_without_data),
      scheduling.x_overhead);
  const unsigned bits = transport_block_bits(num_re, *row, 1, fields.scaling);
  pdu.sch.tbs_bytes = bits / 8;
  pdu.sch.base_graph = static_cast<std::uint8_t>(ldpc_base_graph(bits, *row));
  return pdu;
}

}  // namespace

std::optional<PdschScheduling> pdsch_scheduling(const Cell& cell, const UeConfig* config, DciRnti kind, unsigned time_row,
                                                const DciPlace& place) noexcept
{
  const PrbRange coreset0{cell.coreset0.first_crb, cell.coreset0.num_prb()};
  const bool is_si = kind == DciRnti::si;
  const bool is_configured = kind == DciRnti::c && config != nullptr;
  const bool is_common = place.search_space.is_common || !is_configured;
  const bool has_formats_1 = !is_common && place.search_space.has_formats_1;
  // Which list the DCI's field counts in: TS 38.214 Table 5.1.2.1.1-1.
  const bool uses_dedicated = is_configured && !config->pdsch_time_allocations.empty() && !(is_common && place.search_space.coreset_id == 0);
  std::optional<PdschTimeAllocation> time;
  if (is_si) {
    time = pdsch_default_time_allocation(PdschDefaultTdra::a, time_row + 1, cell.dmrs_type_a_position);
  } else if (!uses_dedicated) {
    time = pdsch_time_allocation(cell, time_row);
  } else if (time_row < config->pdsch_time_allocations.size()) {
    time = config->pdsch_time_allocations[time_row];
  }
  if (!time || time->k_0 != 0) return std::nullopt;
  PdschScheduling out{.pci = cell.pci,
                      .riv_crb = is_common ? PrbRange{place.coreset.lowest_crb(), coreset0.count} : cell.downlink_bwp_crb,
                      .time = *time,
                      .type_a_position = cell.dmrs_type_a_position,
                      .dmrs_reference_crb = is_si ? coreset0.begin : 0};
  if (!is_configured) return out;
  if (config->has_limited_soft_buffer) {
    out.tbs_lbrm_bytes = limited_buffer_bits(cell.downlink_bwp_crb.count, config->pdsch_mcs_table, config->max_mimo_layers) / 8;
  }
  // Format 1_0 has the table and the DM-RS of a UE that has been told nothing: TS 38.214 §5.1.3.1, §5.1.6.2.
  const bool is_low_se = config->pdsch_mcs_table == McsTable::qam64_low_se && !is_common;
  if (has_formats_1 || is_low_se) out.mcs_table = config->pdsch_mcs_table;
  if (has_formats_1) out.additional_position = config->pdsch_dmrs_additional_position;
  return out;
}

std::optional<PdschPdu> scheduled_pdsch(const Dci10& dci, DciRnti kind, Rnti rnti, const PdschScheduling& scheduling) noexcept
{
  const bool has_scaling = kind == DciRnti::ra || kind == DciRnti::p;
  return pdsch_of({.riv = dci.fdra,
                   .mcs = dci.mcs,
                   .redundancy_version = dci.redundancy_version,
                   .harq_process = dci.harq_process,
                   .vrb_bundle_size = dci.is_interleaved ? 2U : 0U,  // TS 38.211 §7.3.1.6: two resource blocks with format 1_0
                   .antenna = {.num_cdm_groups_without_data = scheduling.time.symbols.count == 2 ? 1U : 2U},  // TS 38.214 §5.1.6.2
                   .scaling = has_scaling ? scaling_of(dci.tb_scaling) : TbScaling::one},
                  rnti, scheduling);
}

std::optional<PdschPdu> scheduled_pdsch(const Dci11& dci, Rnti rnti, const PdschScheduling& scheduling, const UeConfig& config) noexcept
{
  const auto antenna = pdsch_antenna_port(dci.antenna_ports);
  if (!antenna) return std::nullopt;
  return pdsch_of({.riv = dci.fdra,
                   .mcs = dci.mcs,
                   .redundancy_version = dci.redundancy_version,
                   .harq_process = dci.harq_process,
                   .vrb_bundle_size = dci.is_interleaved ? config.dci_fields.vrb_bundle_size : 0U,
                   .antenna = *antenna,
                   .n_scid = dci.n_scid},
                  rnti, scheduling);
}

}  // namespace ravi::nr
