#include "stack/nr/prach_preamble.h"

#include "stack/nr/numerology.h"
#include "stack/nr/prach_config.h"
#include "stack/nr/prach_preamble_tables.h"

#include <algorithm>

namespace ravi::nr {

PrachFormatLengths prach_lengths(PrachFormat format) noexcept
{
  return tables::kPrachFormats[static_cast<std::size_t>(format)];
}

unsigned prach_spacing_hz(PrachFormat format, Scs scs) noexcept
{
  const PrachFormatLengths lengths = prach_lengths(format);
  return lengths.spacing_hz != 0 ? lengths.spacing_hz : 15'000U << mu_of(scs);
}

std::optional<unsigned> prach_n_cs(PrachFormat format, unsigned zero_correlation_zone, PrachRestrictedSet set) noexcept
{
  if (zero_correlation_zone >= 16) return std::nullopt;
  if (!is_long(format)) {
    if (set != PrachRestrictedSet::unrestricted) return std::nullopt;
    return tables::kNcsShort[zero_correlation_zone];
  }
  const tables::LongNcs& table = format == PrachFormat::f3 ? tables::kNcs5kHz : tables::kNcs1250Hz;
  const unsigned n_cs = table[static_cast<std::size_t>(set)][zero_correlation_zone];
  if (n_cs == tables::kNoNcs) return std::nullopt;
  return n_cs;
}

unsigned prach_root(PrachFormat format, unsigned logical_index) noexcept
{
  if (is_long(format)) return tables::kPrachRoots839[logical_index % tables::kPrachRoots839.size()];
  return tables::kPrachRoots139[logical_index % tables::kPrachRoots139.size()];
}

PrachSequence prach_sequence(PrachFormat format, unsigned root_sequence_index, unsigned n_cs,
                             unsigned preamble) noexcept
{
  const unsigned per_root = prach_preambles_per_root(prach_lengths(format).sequence_length, n_cs);
  return {.u = prach_root(format, root_sequence_index + preamble / per_root),
          .cyclic_shift = preamble % per_root * n_cs};
}

std::optional<PrachPlacement> prach_placement(PrachFormat format, Scs prach_scs, Scs pusch_scs) noexcept
{
  const unsigned length = prach_lengths(format).sequence_length;
  const unsigned spacing = prach_spacing_hz(format, prach_scs);
  const auto row = std::ranges::find_if(tables::kPrachPlacements, [&](const tables::PrachPlacementRow& r) {
    return r.length == length && r.prach_hz == spacing && r.pusch_khz * 1000 == spacing_hz(pusch_scs);
  });
  if (row == tables::kPrachPlacements.end()) return std::nullopt;
  return PrachPlacement{row->num_prb, row->k_bar};
}

}  // namespace ravi::nr
