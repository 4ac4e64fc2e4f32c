#include "stack/ue/control_search.h"

#include <algorithm>

namespace ravi::ue {
namespace {

nr::DciBandwidths bandwidths_of(const nr::Cell& cell)
{
  return {.initial_dl = cell.coreset0.num_prb(),
          .initial_ul = cell.uplink_bwp_crb.count,
          .active_dl = cell.downlink_bwp_crb.count,
          .active_ul = cell.uplink_bwp_crb.count};
}

void add_size(phy::PdcchSearch& search, unsigned bits) { (void)search.sizes.push_back(static_cast<std::uint8_t>(bits)); }

}  // namespace

ControlSearch common_search(const nr::Cell& cell)
{
  ControlSearch out{.search = {.coreset = cell.coreset0, .search_space = cell.ra_search_space, .scrambling_id = cell.pci.value()},
                    .sizes = nr::DciSizes::common(bandwidths_of(cell)),
                    .layout = std::nullopt};
  add_size(out.search, out.sizes.dl.num_bits);
  return out;
}

std::vector<ControlSearch> dedicated_searches(const nr::Cell& cell, const nr::UeConfig& config)
{
  std::vector<ControlSearch> out;
  for (const nr::SearchSpace& space : config.search_spaces) {
    const auto found = std::find_if(config.coresets.begin(), config.coresets.end(),
                                    [&](const nr::DedicatedCoreset& coreset) { return coreset.id == space.coreset_id; });
    if (space.coreset_id != 0 && found == config.coresets.end()) continue;
    const nr::DedicatedCoreset coreset = space.coreset_id == 0 ? nr::DedicatedCoreset{.id = 0, .coreset = cell.coreset0} : *found;
    ControlSearch control{
        .search = {.coreset = coreset.coreset, .search_space = space, .scrambling_id = cell.pci.value(), .c_rnti = config.c_rnti},
        .sizes = space.is_common ? nr::DciSizes::common(bandwidths_of(cell)) : nr::DciSizes::ue(bandwidths_of(cell)),
        .layout = std::nullopt};
    if (!space.is_common && coreset.has_scrambling_id) {  // TS 38.211 §7.3.2.3
      control.search.scrambling_id = coreset.coreset.dmrs_id;
      control.search.scrambling_rnti = config.c_rnti.value();
    }
    if (space.has_formats_1) {
      control.layout = nr::dci_1_layout(cell, config, coreset);
      add_size(control.search, control.layout->dl_bits);
      if (control.layout->ul_bits != control.layout->dl_bits) add_size(control.search, control.layout->ul_bits);
    } else {
      add_size(control.search, control.sizes.dl.num_bits);
    }
    out.push_back(control);
  }
  return out;
}

}  // namespace ravi::ue
