#include "stack/mac/link_adaptation.h"

#include <algorithm>
#include <cmath>

namespace ravi::mac {

unsigned mcs_of_efficiency(nr::McsTable table, double bits_per_symbol) noexcept
{
  unsigned best = 0;
  for (unsigned index = 0; index <= nr::max_mcs(table); ++index) {
    if (nr::mcs(table, index)->efficiency_x2048() <= bits_per_symbol * 2048.0) best = index;
  }
  return best;
}

LinkAdaptation::LinkAdaptation(nr::McsTable table, const LinkAdaptationConfig& config) noexcept
  : config_(config), table_(table), base_(config.initial_mcs)
{
}

void LinkAdaptation::on_cqi(nr::CqiTable table, unsigned cqi) noexcept
{
  base_ = nr::mcs_of_cqi(table, cqi, table_).value_or(0);
}

void LinkAdaptation::on_snr(float snr_db) noexcept
{
  if (!std::isfinite(snr_db)) return;
  const double efficiency = std::log2(1.0 + std::pow(10.0, (std::min(snr_db, 60.0F) - 3.0) / 10.0));
  base_ = 0.5 * (base_ + mcs_of_efficiency(table_, efficiency));
}

void LinkAdaptation::on_harq(bool is_ack) noexcept
{
  const double step_up = config_.step_down * config_.target_bler / (1.0 - config_.target_bler);
  offset_ = std::clamp(offset_ + (is_ack ? step_up : -config_.step_down), config_.min_offset, config_.max_offset);
}

unsigned LinkAdaptation::mcs() const noexcept
{
  const double wanted = std::floor(base_ + offset_ + 1e-9);
  return static_cast<unsigned>(std::clamp(wanted, 0.0, static_cast<double>(nr::max_mcs(table_))));
}

}  // namespace ravi::mac
