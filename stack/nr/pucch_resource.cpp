#include "stack/nr/pucch_resource.h"

#include "stack/nr/uci_tables.h"

namespace ravi::nr {

std::optional<PucchCommonResource> pucch_common_resource(unsigned pucch_resource_common, unsigned r_pucch,
                                                         unsigned bwp_num_prb) noexcept
{
  if (pucch_resource_common >= tables::kPucchCommon.size() || r_pucch >= 16) return std::nullopt;
  const tables::PucchCommonRow& row = tables::kPucchCommon[pucch_resource_common];
  const unsigned offset = row.prb_offset == tables::kQuarterOfBwp ? bwp_num_prb / 4 : row.prb_offset;
  // TS 38.213 §9.2.1: the upper eight start at the other end of the bandwidth part.
  const unsigned within_half = r_pucch % 8;
  const unsigned near_end = offset + within_half / row.num_cyclic_shifts;
  if (near_end >= bwp_num_prb) return std::nullopt;
  const unsigned far_end = bwp_num_prb - 1 - near_end;
  const bool starts_low = r_pucch < 8;
  return PucchCommonResource{.format = row.format,
                             .symbols = {row.first_symbol, row.num_symbols},
                             .first_hop_prb = starts_low ? near_end : far_end,
                             .second_hop_prb = starts_low ? far_end : near_end,
                             .initial_cyclic_shift = row.cyclic_shifts[within_half % row.num_cyclic_shifts]};
}

std::optional<float> beta_offset_harq_ack(unsigned index) noexcept
{
  if (index >= tables::kBetaHarqAck.size()) return std::nullopt;
  return tables::kBetaHarqAck[index];
}

std::optional<float> beta_offset_csi(unsigned index) noexcept
{
  if (index >= tables::kBetaCsi.size()) return std::nullopt;
  return tables::kBetaCsi[index];
}

}  // namespace ravi::nr
