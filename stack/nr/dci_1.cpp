#include "stack/nr/dci_1.h"

#include "stack/nr/dci_fields.h"
#include "stack/nr/resource_allocation.h"

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>

namespace ravi::nr {
namespace {

constexpr std::size_t kDefaultTableRows = 16;
constexpr std::uint8_t kTciBits = 3;

/// ceil(log2(count)): bits that tell so many apart.
std::uint8_t bits_for(std::size_t count)
{
  return static_cast<std::uint8_t>(count <= 1 ? 0 : std::bit_width(count - 1));
}

std::size_t rows_of(std::size_t dedicated, std::size_t common)
{
  return dedicated > 0 ? dedicated : (common > 0 ? common : kDefaultTableRows);
}

template <class Visitor, class Dci>
void visit_1_1(Visitor& visit, Dci& dci, const Dci1Layout& layout)
{
  visit.field(dci.fdra, layout.dl_fdra);
  visit.field(dci.time_allocation, layout.dl_time_allocation);
  if (layout.vrb_mapping > 0) visit.field(dci.is_interleaved);
  visit.field(dci.prb_bundling, layout.prb_bundling);
  visit.field(dci.zp_trigger, layout.zp_trigger);
  visit.field(dci.mcs, 5);
  visit_harq(visit, dci);
  visit.field(dci.dai, 2);
  visit.field(dci.tpc, 2);
  visit.field(dci.pucch_resource, 3);
  visit.field(dci.harq_timing, layout.harq_timing);
  visit.field(dci.antenna_ports, 4);
  visit.field(dci.tci, layout.tci);
  visit.field(dci.srs_request, 2);
  visit.field(dci.n_scid, 1);
}

template <class Visitor, class Dci>
void visit_0_1(Visitor& visit, Dci& dci, const Dci1Layout& layout)
{
  visit.field(dci.fdra, layout.ul_fdra);
  visit.field(dci.time_allocation, layout.ul_time_allocation);
  visit.field(dci.mcs, 5);
  visit_harq(visit, dci);
  visit.field(dci.dai, 2);
  visit.field(dci.tpc, 2);
  visit.field(dci.srs_resource, layout.srs_resource);
  visit.field(dci.antenna_ports, 3);
  visit.field(dci.srs_request, 2);
  visit.field(dci.csi_request, layout.csi_request);
  visit.field(dci.n_scid, 1);
  visit.field(dci.has_ul_sch);
}

}  // namespace

Dci1Layout dci_1_layout(const Cell& cell, const UeConfig& config, const DedicatedCoreset& coreset) noexcept
{
  const DciFieldConfig& fields = config.dci_fields;
  Dci1Layout out;
  out.dl_fdra = static_cast<std::uint8_t>(riv_bits(cell.downlink_bwp_crb.count));
  out.dl_time_allocation = bits_for(rows_of(config.pdsch_time_allocations.size(), cell.pdsch_time_allocations.size()));
  out.vrb_mapping = fields.vrb_bundle_size > 0 ? 1 : 0;
  out.prb_bundling = fields.is_prb_bundling_dynamic ? 1 : 0;
  out.zp_trigger = bits_for(fields.num_aperiodic_zp_sets + 1);
  out.harq_timing = bits_for(config.dl_data_to_ul_ack.size());
  out.tci = coreset.has_tci ? kTciBits : std::uint8_t{0};
  out.ul_fdra = static_cast<std::uint8_t>(riv_bits(cell.uplink_bwp_crb.count));
  out.ul_time_allocation = bits_for(rows_of(config.pusch_time_allocations.size(), cell.pusch_time_allocations.size()));
  out.srs_resource = bits_for(fields.num_codebook_srs);
  out.csi_request = static_cast<std::uint8_t>(fields.csi_request_bits);
  out.dl_bits = static_cast<unsigned>(pack_dci_1_1({}, out).size());  // no size yet: nothing is filled up
  out.ul_bits = static_cast<unsigned>(pack_dci_0_1({}, out).size());
  // Step 2 of TS 38.212 §7.3.1.0: no size of formats 0_0 and 1_0 in another UE search space.
  const bool has_others = std::any_of(config.search_spaces.begin(), config.search_spaces.end(),
                                      [](const SearchSpace& space) { return !space.is_common && !space.has_formats_1; });
  if (has_others) {
    const unsigned other = DciSizes::ue({.active_dl = cell.downlink_bwp_crb.count, .active_ul = cell.uplink_bwp_crb.count}).dl.num_bits;
    if (out.ul_bits == other) ++out.ul_bits;
    if (out.dl_bits == other) ++out.dl_bits;
  }
  return out;
}

unsigned num_dci_sizes(const Cell& cell, const UeConfig& config) noexcept
{
  const DciBandwidths bandwidths{.initial_dl = cell.coreset0.num_prb(),
                                 .initial_ul = cell.uplink_bwp_crb.count,
                                 .active_dl = cell.downlink_bwp_crb.count,
                                 .active_ul = cell.uplink_bwp_crb.count};
  std::bitset<SmallBits::capacity() + 1> sizes;
  sizes.set(DciSizes::common(bandwidths).dl.num_bits);
  for (const SearchSpace& space : config.search_spaces) {
    if (space.is_common) continue;
    if (!space.has_formats_1) {
      sizes.set(DciSizes::ue(bandwidths).dl.num_bits);
      continue;
    }
    const auto coreset = std::find_if(config.coresets.begin(), config.coresets.end(),
                                      [&](const DedicatedCoreset& item) { return item.id == space.coreset_id; });
    const Dci1Layout layout = dci_1_layout(cell, config, coreset == config.coresets.end() ? DedicatedCoreset{} : *coreset);
    sizes.set(layout.dl_bits);
    sizes.set(layout.ul_bits);
  }
  return static_cast<unsigned>(sizes.count());
}

SmallBits pack_dci_1_1(const Dci11& dci, const Dci1Layout& layout) noexcept
{
  return pack_dci(dci, 1, layout.dl_bits, [&](auto& visitor, auto& fields) { visit_1_1(visitor, fields, layout); });
}

SmallBits pack_dci_0_1(const Dci01& dci, const Dci1Layout& layout) noexcept
{
  return pack_dci(dci, 0, layout.ul_bits, [&](auto& visitor, auto& fields) { visit_0_1(visitor, fields, layout); });
}

std::optional<Dci11> unpack_dci_1_1(std::span<const std::uint8_t> bits, const Dci1Layout& layout) noexcept
{
  return unpack_dci<Dci11>(bits, 1, layout.dl_bits, [&](auto& visitor, auto& fields) { visit_1_1(visitor, fields, layout); });
}

std::optional<Dci01> unpack_dci_0_1(std::span<const std::uint8_t> bits, const Dci1Layout& layout) noexcept
{
  return unpack_dci<Dci01>(bits, 0, layout.ul_bits, [&](auto& visitor, auto& fields) { visit_0_1(visitor, fields, layout); });
}

std::optional<AntennaPort> pdsch_antenna_port(unsigned value) noexcept
{
  switch (value) {
    case 0:
    case 1:
      return AntennaPort{.port = value, .num_cdm_groups_without_data = 1};
    case 3:
    case 4:
    case 5:
    case 6:
      return AntennaPort{.port = value - 3, .num_cdm_groups_without_data = 2};
    default:
      return std::nullopt;
  }
}

std::optional<AntennaPort> pusch_antenna_port(unsigned value) noexcept
{
  if (value < 2) return AntennaPort{.port = value, .num_cdm_groups_without_data = 1};
  if (value < 6) return AntennaPort{.port = value - 2, .num_cdm_groups_without_data = 2};
  return std::nullopt;
}

}  // namespace ravi::nr
