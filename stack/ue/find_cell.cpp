#include "stack/ue/find_cell.h"

#include "stack/nr/coreset0.h"
#include "stack/nr/gscn.h"
#include "stack/nr/ssb_pattern.h"
#include "stack/phy/cell_search.h"
#include "stack/phy/ofdm.h"
#include "stack/phy/sib1.h"
#include "stack/phy/sub_band.h"
#include "stack/rrc/broadcast.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace ravi::ue {
namespace {

/// A block that was found, and the raster row that put it there.
struct Block {
  phy::FoundCell found;
  nr::SsbCase ssb_case = nr::SsbCase::a;
  nr::Gscn gscn;
};

std::vector<Block> find_blocks(const phy::SubBand& band, SampleRate rate, const CellSelection& selection)
{
  std::vector<Block> blocks;
  const nr::Band* row = nr::find_band(selection.band);
  for (const nr::SsRaster& raster : nr::ss_rasters(selection.band)) {
    const Hertz half_width = nr::spacing(nr::scs_of(raster.ssb_case)) * 120.0;
    for (const nr::Gscn gscn : nr::gscns(raster)) {
      const Hertz frequency = nr::ss_ref(gscn);
      if (selection.ssb_frequency && frequency != *selection.ssb_frequency) continue;
      if (std::abs((frequency - selection.tuned).value()) + half_width.value() > 0.5 * static_cast<double>(rate.hz())) continue;
      const unsigned l_max = nr::ssb_l_max(raster.ssb_case, frequency, row == nullptr ? nr::Duplex::fdd : row->duplex);
      for (const phy::FoundCell& cell : phy::search_cells(
               band, selection.tuned, {.frequency = frequency, .scs = nr::scs_of(raster.ssb_case), .l_max = l_max})) {
        if (!selection.pci || cell.pci == *selection.pci) blocks.push_back({cell, raster.ssb_case, gscn});
      }
    }
  }
  std::sort(blocks.begin(), blocks.end(), [](const Block& a, const Block& b) { return a.found.pbch.ss_rsrp > b.found.pbch.ss_rsrp; });
  return blocks;
}

/// The slot that holds the block, and where it begins.
void set_timing(const Block& block, SampleRate rate, FoundService& service)
{
  const nr::Scs scs = nr::scs_of(block.ssb_case);
  const auto time = nr::ssb_time(block.ssb_case, block.found.pbch.ssb_block_index).value_or(nr::SsbTime{});
  const unsigned slot_in_frame = block.found.pbch.half_frame * nr::slots_per_frame(scs) / 2 + time.slot_in_half_frame;
  service.slot = nr::Slot(scs, block.found.pbch.sfn, slot_in_frame);
  const phy::SymbolTiming timing(scs, rate);
  service.slot_begin =
      block.found.sample_offset - static_cast<double>(timing.prefix_begin(service.slot.slot_in_subframe(), time.first_symbol));
  service.cfo_hz = block.found.cfo_hz;
  service.snr_db = block.found.pbch.snr_db;
}

}  // namespace

Result<FoundService> find_cell(std::span<const Cf32> stretch, SampleRate rate, const CellSelection& selection)
{
  const auto band = phy::SubBand::make(stretch, rate);
  if (!band) return tl::unexpected(band.error());
  std::string reason = "no SS/PBCH block";
  for (const Block& block : find_blocks(*band, rate, selection)) {
    const auto mib = phy::parse_mib(block.found.pbch.mib);
    if (!mib || mib->is_cell_barred) {
      reason = fmt::format("cell {} is barred", block.found.pci.value());
      continue;
    }
    const phy::Sib1Result sib1 =
        phy::read_sib1(*band, selection.tuned, block.found, block.ssb_case, nr::minimum_bandwidth_of(selection.band));
    if (sib1.status != phy::Sib1Status::read) {
      reason = fmt::format("cell {} has no SIB1 that could be read", block.found.pci.value());
      continue;
    }
    auto cell = rrc::read_cell({.pci = block.found.pci,
                                .gscn = block.gscn,
                                .ssb_case = block.ssb_case,
                                .k_ssb = block.found.pbch.k_ssb,
                                .mib = block.found.pbch.mib},
                               sib1.transport_block);
    if (!cell) {
      reason = fmt::format("cell {}: {}", block.found.pci.value(), cell.error().message);
      continue;
    }
    FoundService service{.cell = std::move(*cell)};
    set_timing(block, rate, service);
    return service;
  }
  return fail(ErrorCode::not_found, fmt::format("band n{}: {}", selection.band, reason));
}

}  // namespace ravi::ue
