#include "stack/rrc/search_space_ie.h"

#include <bit>

namespace ravi::rrc {
namespace {

using Ie = asn1::rrc::SearchSpace;

void set_monitoring(Ie::MonitoringSlotPeriodicityAndOffset& out, unsigned period, unsigned offset, Enumerator& enumerator)
{
  switch (period) {
    case 1: out.set_sl1(); return;
    case 2: out.set_sl2() = offset; return;
    case 4: out.set_sl4() = offset; return;
    case 5: out.set_sl5() = offset; return;
    case 8: out.set_sl8() = offset; return;
    case 10: out.set_sl10() = offset; return;
    case 16: out.set_sl16() = offset; return;
    case 20: out.set_sl20() = offset; return;
    case 40: out.set_sl40() = offset; return;
    case 80: out.set_sl80() = offset; return;
    case 160: out.set_sl160() = offset; return;
    default: enumerator.fail("monitoringSlotPeriodicityAndOffset");
  }
}

constexpr unsigned kFirstOfMonitoring = 1;  ///< Choice counts its alternatives from 1; sl1 has no offset

}  // namespace

asn1::rrc::SearchSpace search_space_ie(const nr::SearchSpace& space, Enumerator& enumerator)
{
  Ie ie;
  ie.search_space_id = space.id;
  ie.control_resource_set_id = space.coreset_id;
  set_monitoring(ie.monitoring_slot_periodicity_and_offset.emplace(), space.period_slots, space.offset_slots, enumerator);
  if (space.duration_slots > 1) ie.duration = space.duration_slots;
  ie.monitoring_symbols_within_slot.emplace().value = 1U << (13 - space.first_symbol);
  Ie::NrofCandidates& candidates = ie.nrof_candidates.emplace();
  enumerator.set(candidates.aggregation_level1, kNrofCandidates, space.num_candidates[0], "aggregationLevel1");
  enumerator.set(candidates.aggregation_level2, kNrofCandidates, space.num_candidates[1], "aggregationLevel2");
  enumerator.set(candidates.aggregation_level4, kNrofCandidates, space.num_candidates[2], "aggregationLevel4");
  enumerator.set(candidates.aggregation_level8, kNrofCandidates, space.num_candidates[3], "aggregationLevel8");
  enumerator.set(candidates.aggregation_level16, kNrofCandidates, space.num_candidates[4], "aggregationLevel16");
  Ie::SearchSpaceType& type = ie.search_space_type.emplace();
  if (space.is_common) {
    type.set_common().dci_format0_0_and_format1_0.emplace();
  } else {
    using Formats = Ie::SearchSpaceType::UeSpecific::DciFormats;
    type.set_ue_specific().dci_formats = space.has_formats_1 ? Formats::formats0_1_and_1_1 : Formats::formats0_0_and_1_0;
  }
  return ie;
}

std::optional<nr::SearchSpace> read_search_space(const asn1::rrc::SearchSpace& ie)
{
  if (!ie.control_resource_set_id || !ie.monitoring_slot_periodicity_and_offset || !ie.monitoring_symbols_within_slot ||
      !ie.nrof_candidates || !ie.search_space_type) {
    return std::nullopt;
  }
  nr::SearchSpace space{.id = ie.search_space_id, .coreset_id = *ie.control_resource_set_id};
  const Ie::MonitoringSlotPeriodicityAndOffset& monitoring = *ie.monitoring_slot_periodicity_and_offset;
  const auto period = number_of(kMonitoringPeriodSlots, monitoring.index() - kFirstOfMonitoring);
  if (!period) return std::nullopt;
  space.period_slots = *period;
  if (*period > 1) space.offset_slots = *static_cast<const std::uint32_t*>(monitoring.raw());
  space.duration_slots = ie.duration.value_or(1);
  if (space.duration_slots >= space.period_slots && space.duration_slots > 1) return std::nullopt;
  const std::uint64_t symbols = ie.monitoring_symbols_within_slot->value;
  if (std::popcount(symbols) != 1) return std::nullopt;
  space.first_symbol = 13U - static_cast<unsigned>(std::countr_zero(symbols));
  const Ie::NrofCandidates& candidates = *ie.nrof_candidates;
  space.num_candidates = {number_of(kNrofCandidates, candidates.aggregation_level1).value_or(0),
                          number_of(kNrofCandidates, candidates.aggregation_level2).value_or(0),
                          number_of(kNrofCandidates, candidates.aggregation_level4).value_or(0),
                          number_of(kNrofCandidates, candidates.aggregation_level8).value_or(0),
                          number_of(kNrofCandidates, candidates.aggregation_level16).value_or(0)};
  if (const auto* common = ie.search_space_type->common()) {
    if (!common->dci_format0_0_and_format1_0) return std::nullopt;
    return space;
  }
  const auto* specific = ie.search_space_type->ue_specific();
  using Formats = Ie::SearchSpaceType::UeSpecific::DciFormats;
  if (specific == nullptr) return std::nullopt;
  space.is_common = false;
  space.has_formats_1 = specific->dci_formats == Formats::formats0_1_and_1_1;
  return space;
}

}  // namespace ravi::rrc
