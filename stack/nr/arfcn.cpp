#include "stack/nr/arfcn.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ravi::nr {
namespace {

/// One row of TS 38.104 Table 5.4.2.1-1; the range ends where the next begins.
struct GlobalRaster {
  std::int64_t step_hz;       ///< Delta F_Global
  std::int64_t offset_hz;     ///< F_REF-Offs
  std::uint32_t first, last;  ///< N_REF; the first is N_REF-Offs as well
};
constexpr std::array<GlobalRaster, 3> kGlobalRaster{{{5'000, 0, 0, 599'999},
                                                     {15'000, 3'000'000'000, 600'000, 2'016'666},
                                                     {60'000, 24'250'080'000, 2'016'667, Arfcn::kMax}}};

std::int64_t frequency_hz(std::uint32_t n, const GlobalRaster& row) noexcept
{
  return row.offset_hz + row.step_hz * (n - row.first);
}

}  // namespace

Hertz frequency(Arfcn arfcn) noexcept
{
  const auto row = std::ranges::find_if(kGlobalRaster, [&](const GlobalRaster& r) { return arfcn.value() <= r.last; });
  return Hertz(
      static_cast<double>(frequency_hz(arfcn.value(), row == kGlobalRaster.end() ? kGlobalRaster.back() : *row)));
}

std::optional<Arfcn> arfcn_of(Hertz wanted) noexcept
{
  const Arfcn nearest = nearest_arfcn(wanted);
  if (frequency(nearest) != wanted) return std::nullopt;
  return nearest;
}

Arfcn nearest_arfcn(Hertz wanted) noexcept
{
  const double limited = std::clamp(wanted.value(), 0.0, 1e11);
  std::size_t range = kGlobalRaster.size() - 1;
  while (limited < static_cast<double>(kGlobalRaster[range].offset_hz)) --range;
  const GlobalRaster& row = kGlobalRaster[range];
  // The numbers go on from one range to the next, so the one above is the next number everywhere.
  const double steps = (limited - static_cast<double>(row.offset_hz)) / static_cast<double>(row.step_hz);
  const Arfcn below(std::min(row.first + static_cast<std::uint32_t>(steps), row.last));
  const Arfcn above(std::min(below.value() + 1, Arfcn::kMax));
  const bool is_above_nearer =
      std::abs((frequency(above) - wanted).value()) < std::abs((frequency(below) - wanted).value());
  return is_above_nearer ? above : below;
}

}  // namespace ravi::nr
