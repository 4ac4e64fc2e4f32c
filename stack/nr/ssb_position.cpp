#include "stack/nr/ssb_position.h"

#include <algorithm>
#include <cmath>

namespace ravi::nr {
namespace {

constexpr std::int64_t kRefSpacingHz = 15'000;  // offsetToPointA and k_SSB count in 15 kHz throughout FR1

std::int64_t whole_hz(Hertz f) noexcept { return std::llround(f.value()); }

// The reference frequency is subcarrier 6 N_RB of the carrier, TS 38.104 Table 5.4.2.2-1, whether N_RB is odd or even.
std::int64_t grid_begin_hz(const Carrier& carrier) noexcept
{
  return whole_hz(carrier.center) - 6 * std::int64_t{carrier.num_prb} * spacing_hz(carrier.scs);
}

std::int64_t point_a_hz(const Carrier& carrier) noexcept
{
  return grid_begin_hz(carrier) -
         std::int64_t{kSubcarriersPerPrb} * carrier.offset_to_carrier * spacing_hz(carrier.scs);
}

// SS_REF is subcarrier 120 of the block, TS 38.104 Table 5.4.3.2-1.
std::int64_t ssb_begin_hz(Gscn gscn, SsbCase ssb_case) noexcept
{
  return whole_hz(ss_ref(gscn)) - 120 * spacing_hz(scs_of(ssb_case));
}

}  // namespace

Hertz point_a(const Carrier& carrier) noexcept { return Hertz(static_cast<double>(point_a_hz(carrier))); }

std::optional<Arfcn> point_a_arfcn(const Carrier& carrier) noexcept { return arfcn_of(point_a(carrier)); }

std::optional<SsbPosition> ssb_position(const Carrier& carrier, SsbCase ssb_case, Gscn gscn) noexcept
{
  const std::int64_t ssb_spacing = spacing_hz(scs_of(ssb_case));
  const std::int64_t spacing = spacing_hz(carrier.scs);
  const std::int64_t begin = ssb_begin_hz(gscn, ssb_case);
  const std::int64_t in_grid = begin - grid_begin_hz(carrier);
  const std::int64_t grid_width = std::int64_t{carrier.num_prb} * kSubcarriersPerPrb * spacing;
  if (in_grid < 0 || in_grid + kSsbNumSubcarriers * ssb_spacing > grid_width) return std::nullopt;
  if (in_grid % std::min(ssb_spacing, spacing) != 0) return std::nullopt;

  const auto from_point_a = static_cast<unsigned>((begin - point_a_hz(carrier)) / kRefSpacingHz);
  const unsigned crb_width = kSubcarriersPerPrb
                             << mu_of(carrier.scs);  // of a CRB of subCarrierSpacingCommon, in 15 kHz
  const unsigned crb = from_point_a / crb_width;
  return SsbPosition{
      .gscn = gscn,
      .ssb_case = ssb_case,
      .offset_to_point_a = crb << mu_of(carrier.scs),
      .k_ssb = from_point_a % crb_width,
      .first_subcarrier = static_cast<unsigned>(in_grid / (ssb_spacing == spacing ? spacing : kRefSpacingHz))};
}

std::vector<SsbPosition> ssb_positions(const Carrier& carrier, const SsRaster& raster, Hertz wanted)
{
  std::vector<SsbPosition> positions;
  for (const Gscn gscn : gscns(raster)) {
    if (const auto position = ssb_position(carrier, raster.ssb_case, gscn)) positions.push_back(*position);
  }
  std::ranges::stable_sort(positions, {},
                           [&](const SsbPosition& p) { return std::abs((ss_ref(p.gscn) - wanted).value()); });
  return positions;
}

std::optional<PrbRange> coreset0_crbs(const Carrier& carrier, const SsbPosition& ssb, const Coreset0& coreset) noexcept
{
  const auto first = coreset0_first_crb(coreset, carrier.scs, ssb.offset_to_point_a);
  if (!first || *first < carrier.offset_to_carrier) return std::nullopt;
  if (*first + coreset.num_prb > carrier.offset_to_carrier + carrier.num_prb) return std::nullopt;
  return PrbRange{.begin = *first, .count = coreset.num_prb};
}

Hertz ssb_crb_frequency(Gscn gscn, SsbCase ssb_case, unsigned k_ssb) noexcept
{
  return Hertz(static_cast<double>(ssb_begin_hz(gscn, ssb_case) - std::int64_t{k_ssb} * kRefSpacingHz));
}

}  // namespace ravi::nr
