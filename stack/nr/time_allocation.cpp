#include "stack/nr/time_allocation.h"

#include "stack/nr/time_allocation_tables.h"

#include <algorithm>

namespace ravi::nr {

std::optional<PdschTimeAllocation> pdsch_default_time_allocation(PdschDefaultTdra table, unsigned row,
                                                                 unsigned type_a_position) noexcept
{
  if (row < 1 || row > 16 || (type_a_position != 2 && type_a_position != 3)) return std::nullopt;
  const tables::PdschDefaultTable& rows = table == PdschDefaultTdra::a   ? tables::kPdschDefaultA
                                          : table == PdschDefaultTdra::b ? tables::kPdschDefaultB
                                                                         : tables::kPdschDefaultC;
  const PdschTimeAllocation& found = rows[row - 1][type_a_position - 2];
  if (found.symbols.count == 0) return std::nullopt;
  return found;
}

std::optional<PuschTimeAllocation> pusch_default_time_allocation(unsigned row, Scs pusch_scs) noexcept
{
  if (row < 1 || row > 16 || mu_of(pusch_scs) >= tables::kPuschJ.size()) return std::nullopt;
  PuschTimeAllocation found = tables::kPuschDefaultA[row - 1];
  found.k_2 += tables::kPuschJ[mu_of(pusch_scs)];
  return found;
}

unsigned msg3_delta(Scs pusch_scs) noexcept
{
  return tables::kMsg3Delta[std::min<std::size_t>(mu_of(pusch_scs), tables::kMsg3Delta.size() - 1)];
}

}  // namespace ravi::nr
