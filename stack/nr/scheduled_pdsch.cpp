#include "stack/nr/scheduled_pdsch.h"

#include "stack/nr/dmrs.h"
#include "stack/nr/resource_allocation.h"
#include "stack/nr/tbs.h"

#include <bit>

namespace ravi::nr {
namespace {

TbScaling scaling_of(unsigned field)
{
  return field == 1 ? TbScaling::half : field == 2 ? TbScaling::quarter : TbScaling::one;
}

}  // namespace

std::optional<PdschPdu> scheduled_pdsch(const Dci10& dci, DciRnti kind, Rnti rnti, const PdschScheduling& scheduling) noexcept
{
  const auto prb = prb_of_riv(dci.fdra, scheduling.riv_crb.count);
  const auto row = mcs(scheduling.mcs_table, dci.mcs);
  const PdschTimeAllocation& time = scheduling.time;
  const auto dmrs_symbols = pdsch_dmrs_symbols({.mapping_type = time.mapping_type,
                                                    .symbols = time.symbols,
                                                    .type_a_position = scheduling.type_a_position,
                                                    .additional_position = scheduling.additional_position});
  if (!prb || !row || !dmrs_symbols) return std::nullopt;
  PdschPdu pdu{.rnti = rnti, .bwp_crb = scheduling.riv_crb, .prb = *prb, .symbols = time.symbols, .mapping_type = time.mapping_type};
  pdu.dmrs.symbols = *dmrs_symbols;
  pdu.dmrs.scrambling_id = scheduling.dmrs_scrambling_id.value_or(scheduling.pci.value());
  pdu.dmrs.num_cdm_groups_without_data = time.symbols.count == 2 ? 1 : 2;  // TS 38.214 §5.1.6.2, format 1_0
  pdu.dmrs.reference_crb = scheduling.dmrs_reference_crb;
  pdu.data_scrambling_id = scheduling.data_scrambling_id.value_or(scheduling.pci.value());
  pdu.harq_process = static_cast<std::uint8_t>(dci.harq_process);
  pdu.vrb_bundle_size = dci.is_interleaved ? 2 : 0;  // TS 38.211 §7.3.1.6: two resource blocks with format 1_0

  pdu.sch.modulation = row->modulation;
  pdu.sch.redundancy_version = static_cast<std::uint8_t>(dci.redundancy_version);
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
  const bool has_scaling = kind == DciRnti::ra || kind == DciRnti::p;
  const unsigned bits = transport_block_bits(num_re, *row, 1, has_scaling ? scaling_of(dci.tb_scaling) : TbScaling::one);
  pdu.sch.tbs_bytes = bits / 8;
  pdu.sch.base_graph = static_cast<std::uint8_t>(ldpc_base_graph(bits, *row));
  return pdu;
}

}  // namespace ravi::nr
