#include "stack/nr/dmrs.h"

#include "stack/nr/dmrs_tables.h"

namespace ravi::nr {
namespace {

/// One channel's four tables.
struct ChannelTables {
  const tables::SingleSymbolDmrs& a_single;
  const tables::SingleSymbolDmrs& b_single;
  const tables::DoubleSymbolDmrs& a_double;
  const tables::DoubleSymbolDmrs& b_double;
  unsigned shortest_single_position_3;  ///< least l_d of a single symbol at dmrs-TypeA-Position 3
};

std::uint16_t entry(const DmrsTime& time, unsigned l_d, const ChannelTables& channel) noexcept
{
  const bool is_a = time.mapping_type == MappingType::a;
  if (time.num_front_loaded == 1 && time.additional_position < 4) {
    return (is_a ? channel.a_single : channel.b_single)[time.additional_position][l_d];
  }
  if (time.num_front_loaded == 2 && time.additional_position < 2) {
    return (is_a ? channel.a_double : channel.b_double)[time.additional_position][l_d];
  }
  return tables::kNoDmrs;
}

// Type A: symbols count from the slot's start and l_d ends with the allocation; type B: both from the allocation's
// start.
std::optional<std::uint16_t> dmrs_symbols(const DmrsTime& time, const ChannelTables& channel) noexcept
{
  const bool is_a = time.mapping_type == MappingType::a;
  if (time.symbols.count == 0 || time.symbols.count > kSymbolsPerSlot || time.symbols.begin >= kSymbolsPerSlot ||
      time.symbols.end() > kSymbolsPerSlot) {
    return std::nullopt;
  }
  const unsigned l_d = is_a ? time.symbols.end() : time.symbols.count;
  unsigned additional = entry(time, l_d, channel);
  if (additional == tables::kNoDmrs) return std::nullopt;
  unsigned l_0 = 0;
  if (is_a) {
    if (time.type_a_position != 2 && time.type_a_position != 3) return std::nullopt;
    l_0 = time.type_a_position;
    const unsigned shortest = time.num_front_loaded == 1 ? channel.shortest_single_position_3 : 5;
    const bool is_position_2_only = time.additional_position == 3 || l_d < shortest;
    if (l_0 == 3 && is_position_2_only) return std::nullopt;
    if (time.symbols.begin > l_0 || l_0 + time.num_front_loaded > l_d) return std::nullopt;
    const bool has_l_1 = time.num_front_loaded == 1 && time.additional_position == 1 && l_d >= 13;
    if (has_l_1) additional = 1U << time.l_1;
  }
  unsigned symbols = additional | 1U << l_0;
  if (time.num_front_loaded == 2) symbols |= symbols << 1;
  if (!is_a) symbols <<= time.symbols.begin;
  return static_cast<std::uint16_t>(symbols);
}

}  // namespace

std::optional<std::uint16_t> pdsch_dmrs_symbols(const DmrsTime& time) noexcept
{
  if (time.l_1 != 11 && time.l_1 != 12) return std::nullopt;
  return dmrs_symbols(time, {tables::kPdschDmrsASingle, tables::kPdschDmrsBSingle, tables::kPdschDmrsADouble,
                             tables::kPdschDmrsBDouble, 5});
}

std::optional<std::uint16_t> pusch_dmrs_symbols(const DmrsTime& time) noexcept
{
  if (time.l_1 != 11) return std::nullopt;
  return dmrs_symbols(time, {tables::kPuschDmrsASingle, tables::kPuschDmrsBSingle, tables::kPuschDmrsADouble,
                             tables::kPuschDmrsBDouble, 4});
}

std::optional<DmrsPort> dmrs_port_type1(unsigned index) noexcept
{
  if (index >= tables::kDmrsPortsType1.size()) return std::nullopt;
  return tables::kDmrsPortsType1[index];
}

}  // namespace ravi::nr
