#include "stack/nr/ssb_pattern.h"

#include "stack/nr/ssb_pattern_tables.h"

#include <algorithm>

namespace ravi::nr {
namespace {

std::span<const std::uint16_t> all_first_symbols(SsbCase ssb_case) noexcept
{
  switch (ssb_case) {
    case SsbCase::a:
      return tables::kSsbCaseA;
    case SsbCase::b:
      return tables::kSsbCaseB;
    case SsbCase::c:
      return tables::kSsbCaseC;
    case SsbCase::d:
      return tables::kSsbCaseD;
    case SsbCase::e:
      break;
  }
  return tables::kSsbCaseE;
}

}  // namespace

unsigned ssb_l_max(SsbCase ssb_case, Hertz carrier_frequency, Duplex duplex) noexcept
{
  if (ssb_case == SsbCase::d || ssb_case == SsbCase::e) return 64;
  if (ssb_case == SsbCase::c && duplex == Duplex::tdd) return carrier_frequency < Hertz(1.88e9) ? 4 : 8;
  return carrier_frequency <= Hertz(3e9) ? 4 : 8;
}

std::span<const std::uint16_t> ssb_first_symbols(SsbCase ssb_case, unsigned l_max) noexcept
{
  const std::span<const std::uint16_t> all = all_first_symbols(ssb_case);
  return all.first(std::min<std::size_t>(l_max, all.size()));
}

std::optional<SsbTime> ssb_time(SsbCase ssb_case, unsigned ssb_index) noexcept
{
  const std::span<const std::uint16_t> all = all_first_symbols(ssb_case);
  if (ssb_index >= all.size()) return std::nullopt;
  return SsbTime{all[ssb_index] / kSymbolsPerSlot, all[ssb_index] % kSymbolsPerSlot};
}

}  // namespace ravi::nr
