#include "stack/nr/mcs.h"

#include "stack/nr/mcs_tables.h"

namespace ravi::nr {
namespace {

const std::array<Mcs, 32>& rows_of(McsTable table) noexcept
{
  switch (table) {
    case McsTable::qam64:
      return tables::kMcsQam64;
    case McsTable::qam256:
      return tables::kMcsQam256;
    case McsTable::qam64_low_se:
      return tables::kMcsQam64LowSe;
    case McsTable::transform_qam64:
      return tables::kMcsTransformQam64;
    case McsTable::transform_qam64_low_se:
      break;
  }
  return tables::kMcsTransformQam64LowSe;
}

const std::array<Mcs, 15>& rows_of(CqiTable table) noexcept
{
  switch (table) {
    case CqiTable::table1:
      return tables::kCqi1;
    case CqiTable::table2:
      return tables::kCqi2;
    case CqiTable::table3:
      break;
  }
  return tables::kCqi3;
}

}  // namespace

std::optional<Mcs> mcs(McsTable table, unsigned index, TransformModulation transform) noexcept
{
  if (index >= 32) return std::nullopt;
  Mcs row = rows_of(table)[index];
  // Rows of q: the tables give q times the code rate, and q is 2 unless pi/2-BPSK is configured.
  if (row.modulation == Modulation::pi2_bpsk && transform == TransformModulation::qpsk) {
    row = {Modulation::qpsk, static_cast<std::uint16_t>(row.code_rate_x2048 / 2)};
  }
  return row;
}

unsigned max_mcs(McsTable table) noexcept
{
  const auto& rows = rows_of(table);
  unsigned index = 31;
  while (rows[index].is_reserved()) --index;
  return index;
}

std::optional<Mcs> cqi(CqiTable table, unsigned index) noexcept
{
  if (index == 0 || index > 15) return std::nullopt;
  return rows_of(table)[index - 1];
}

std::optional<unsigned> mcs_of_cqi(CqiTable cqi_table, unsigned cqi_index, McsTable mcs_table) noexcept
{
  const std::optional<Mcs> quality = cqi(cqi_table, cqi_index);
  if (!quality) return std::nullopt;
  unsigned index = max_mcs(mcs_table);
  while (index > 0 && mcs(mcs_table, index)->efficiency_x2048() > quality->efficiency_x2048()) --index;
  return index;
}

unsigned cqi_of_efficiency(CqiTable table, unsigned efficiency_x2048) noexcept
{
  unsigned index = 15;
  while (index > 0 && cqi(table, index)->efficiency_x2048() > efficiency_x2048) --index;
  return index;
}

}  // namespace ravi::nr
