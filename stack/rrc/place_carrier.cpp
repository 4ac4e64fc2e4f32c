#include "stack/rrc/place_carrier.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ravi::rrc {
namespace {

constexpr unsigned kNumCoreset0Rows = 16;

struct Row {
  unsigned index = 0;
  nr::Coreset0 coreset;
};

/// Rows that may be used, best first.
std::vector<Row> coreset0_rows(const nr::Carrier& carrier, const PlacementWishes& wishes)
{
  std::vector<Row> rows;
  for (unsigned index = 0; index < kNumCoreset0Rows; ++index) {
    if (wishes.coreset0_index && *wishes.coreset0_index != index) continue;
    const auto row = nr::coreset0(carrier.scs, carrier.scs, nr::minimum_bandwidth_of(wishes.band), index);
    if (row && row->num_prb <= carrier.num_prb) rows.push_back({index, *row});
  }
  std::ranges::stable_sort(rows, [](const Row& a, const Row& b) {
    if (a.coreset.num_prb != b.coreset.num_prb) return a.coreset.num_prb > b.coreset.num_prb;
    return a.coreset.num_symbols < b.coreset.num_symbols;
  });
  return rows;
}

std::vector<nr::SsbPosition> ssb_positions(const nr::Carrier& carrier, const PlacementWishes& wishes)
{
  std::vector<nr::SsbPosition> positions;
  for (const nr::SsRaster& raster : nr::ss_rasters(wishes.band)) {
    if (nr::scs_of(raster.ssb_case) != carrier.scs || !raster.allows(wishes.bandwidth)) continue;
    for (const nr::SsbPosition& position : nr::ssb_positions(carrier, raster, carrier.center)) {
      if (!wishes.gscn || position.gscn == *wishes.gscn) positions.push_back(position);
    }
  }
  return positions;
}

}  // namespace

std::optional<SsbPlacement> place_ssb(const nr::Carrier& carrier, const PlacementWishes& wishes)
{
  const std::vector<nr::SsbPosition> positions = ssb_positions(carrier, wishes);
  for (const Row& row : coreset0_rows(carrier, wishes)) {
    for (const nr::SsbPosition& ssb : positions) {
      const auto crb = nr::coreset0_crbs(carrier, ssb, row.coreset);
      if (crb) return SsbPlacement{.ssb = ssb, .coreset0_index = row.index, .coreset0 = row.coreset, .coreset0_crb = *crb};
    }
  }
  return std::nullopt;
}

std::optional<nr::Arfcn> nearest_usable_arfcn(const nr::Carrier& carrier, Hertz wanted, const PlacementWishes& wishes)
{
  const auto start = nr::nearest_on_raster(wanted, wishes.band, nr::LinkDirection::downlink, carrier.scs);
  if (!start) return std::nullopt;
  constexpr std::int64_t kMaxSteps = 20'000;  // of the global raster, 5 kHz and more: wider than any band's middle is far
  for (std::int64_t step = 0; step <= kMaxSteps; ++step) {
    for (const std::int64_t number : {start->value() - step, start->value() + step}) {
      if (number < 0 || number > nr::Arfcn::kMax) continue;
      const nr::Arfcn arfcn(static_cast<std::uint32_t>(number));
      if (!nr::is_on_raster(arfcn, wishes.band, nr::LinkDirection::downlink, carrier.scs)) continue;
      nr::Carrier moved = carrier;
      moved.center = nr::frequency(arfcn);
      if (!is_in_band(moved.center, wishes.bandwidth, wishes.band, nr::LinkDirection::downlink)) continue;
      const auto uplink = nr::default_uplink(arfcn, wishes.band);
      if (!uplink || !is_in_band(nr::frequency(*uplink), wishes.bandwidth, wishes.band, nr::LinkDirection::uplink)) continue;
      if (place_ssb(moved, wishes)) return arfcn;
    }
  }
  return std::nullopt;
}

bool is_in_band(Hertz center, Hertz bandwidth, unsigned band, nr::LinkDirection direction) noexcept
{
  const nr::Band* const found = nr::find_band(band);
  if (found == nullptr || !found->range(direction)) return false;
  const Hertz half = bandwidth * 0.5;
  return found->range(direction)->contains(center - half) && found->range(direction)->contains(center + half);
}

nr::Coreset coreset0_of(const nr::Coreset0& row, unsigned first_crb, nr::Pci pci) noexcept
{
  return {.frequency_domain_resources = (std::uint64_t{1} << (row.num_prb / 6U)) - 1,
          .first_crb = first_crb,
          .duration = row.num_symbols,
          .cce_reg_mapping = nr::CceRegMapping::interleaved,
          .reg_bundle_size = 6,
          .interleaver_size = 2,
          .shift_index = pci.value(),
          .dmrs_reference_crb = first_crb,
          .dmrs_id = pci.value()};
}

}  // namespace ravi::rrc
