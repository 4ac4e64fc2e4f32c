#include "stack/nr/csi_rs.h"

#include <bit>

namespace ravi::nr {
namespace {

constexpr unsigned kSubcarriers = 12;

/// `width` neighbours at every subcarrier `step` i with bit i set.
std::uint16_t spread(unsigned bitmap, unsigned step, unsigned width)
{
  unsigned out = 0;
  for (unsigned i = 0; i * step < kSubcarriers; ++i) {
    if ((bitmap >> i & 1U) != 0) out |= ((1U << width) - 1U) << (i * step);
  }
  return static_cast<std::uint16_t>(out & 0xFFFU);
}

}  // namespace

std::optional<ReservedElements> csi_rs_elements(const CsiRsMapping& mapping) noexcept
{
  const auto set_bits = static_cast<unsigned>(std::popcount(mapping.bitmap));
  unsigned num_symbols = 1;
  ReservedElements out{.crb = mapping.crb};
  switch (mapping.row) {
    case CsiRsRow::row1:  // density 3: k_0, k_0 + 4, k_0 + 8
      if (mapping.num_ports != 1 || set_bits != 1 || mapping.bitmap >= 1U << 4) return std::nullopt;
      out.subcarriers = static_cast<std::uint16_t>(mapping.bitmap * 0x111U);
      break;
    case CsiRsRow::row2:
      if (mapping.num_ports != 1 || set_bits != 1 || mapping.bitmap >= 1U << 12) return std::nullopt;
      out.subcarriers = static_cast<std::uint16_t>(mapping.bitmap);
      break;
    case CsiRsRow::row4:
      if (mapping.num_ports != 4 || set_bits != 1 || mapping.bitmap >= 1U << 3) return std::nullopt;
      out.subcarriers = spread(mapping.bitmap, 4, 4);
      break;
    case CsiRsRow::other: {  // rows 3, 6, 9 in one symbol; 5, 7, 8, 10, 11, 12 in two
      const bool is_one = 2 * set_bits == mapping.num_ports && (set_bits == 1 || set_bits == 4 || set_bits == 6);
      const bool is_two = 4 * set_bits == mapping.num_ports && set_bits >= 1 && set_bits <= 4;
      if ((!is_one && !is_two) || mapping.bitmap >= 1U << 6) return std::nullopt;
      num_symbols = is_two ? 2 : 1;
      out.subcarriers = spread(mapping.bitmap, 2, 2);
      break;
    }
  }
  if (mapping.first_symbol + num_symbols > kSymbolsPerSlot) return std::nullopt;
  out.symbols = static_cast<std::uint16_t>(((1U << num_symbols) - 1U) << mapping.first_symbol);
  return out;
}

}  // namespace ravi::nr
