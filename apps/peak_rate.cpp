#include "apps/peak_rate.h"

#include "stack/nr/dci.h"
#include "stack/nr/mcs.h"
#include "stack/nr/resource_allocation.h"
#include "stack/nr/scheduled_pdsch.h"
#include "stack/nr/scheduled_pusch.h"
#include "stack/nr/tdd_pattern.h"

#include <algorithm>

namespace ravi::apps {
namespace {

constexpr unsigned kFrames = 2;      // every TDD pattern divides 20 ms
constexpr unsigned kMaxRows = 16;

std::size_t downlink_octets(const nr::Cell& cell, const nr::UeConfig& ue, nr::Slot slot)
{
  std::size_t most = 0;
  for (unsigned row = 0; row < kMaxRows; ++row) {
    const auto time = nr::pdsch_time_allocation(cell, row);
    if (!time) break;
    if (cell.tdd && !nr::slot_direction(*cell.tdd, slot).is_downlink(time->symbols)) continue;
    const unsigned num_prb = cell.downlink_bwp_crb.count;
    const auto scheduling = nr::pdsch_scheduling(cell, &ue, nr::DciRnti::c, row, {.search_space = ue.search_spaces[0], .coreset = cell.coreset0});
    if (!scheduling) continue;
    const auto pdu = nr::scheduled_pdsch({.fdra = nr::riv_of({0, num_prb}, num_prb), .mcs = nr::max_mcs(ue.pdsch_mcs_table)},
                                         nr::DciRnti::c, ue.c_rnti, *scheduling);
    if (pdu) most = std::max<std::size_t>(most, pdu->sch.tbs_bytes);
  }
  return most;
}

std::size_t uplink_octets(const nr::Cell& cell, const nr::UeConfig& ue, nr::Slot slot)
{
  std::size_t most = 0;
  for (unsigned row = 0; row < kMaxRows; ++row) {
    const auto time = nr::pusch_time_allocation(cell, row);
    if (!time) break;
    if (cell.tdd && !nr::slot_direction(*cell.tdd, slot).is_uplink(time->symbols)) continue;
    const unsigned num_prb = cell.uplink_bwp_crb.count;
    const auto scheduling = nr::pusch_scheduling(cell, &ue, row, &ue.search_spaces[0]);
    const auto pdu = !scheduling ? std::nullopt : nr::scheduled_pusch(
        {.riv = nr::riv_of({0, num_prb}, num_prb), .time_allocation = row, .mcs = nr::max_mcs(ue.pusch_mcs_table)}, ue.c_rnti, cell,
        *scheduling);
    if (pdu) most = std::max<std::size_t>(most, pdu->sch.tbs_bytes);
  }
  return most;
}

}  // namespace

PeakRate peak_rate(const nr::Cell& cell, const nr::UeConfig& ue)
{
  const nr::Scs scs = cell.downlink.scs;
  const unsigned num_slots = kFrames * nr::slots_per_frame(scs);
  double downlink = 0.0;
  double uplink = 0.0;
  for (unsigned n = 0; n < num_slots; ++n) {
    const nr::Slot slot = nr::Slot::from_count(scs, n);
    downlink += static_cast<double>(downlink_octets(cell, ue, slot));
    uplink += static_cast<double>(uplink_octets(cell, ue, slot));
  }
  constexpr double kBitsPerSecond = 8.0 * 100.0 / kFrames;
  return {.downlink_bps = downlink * kBitsPerSecond, .uplink_bps = uplink * kBitsPerSecond};
}

}  // namespace ravi::apps
