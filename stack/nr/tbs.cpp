#include "stack/nr/tbs.h"

#include "stack/nr/tbs_tables.h"

#include <algorithm>
#include <bit>

namespace ravi::nr {
namespace {

// N_info is kept as a whole number of 1/8192: the code rates are multiples of 1/2048, the scaling of 1/4.
constexpr unsigned kFractionBits = 13;

constexpr std::uint64_t ceil_divide(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

// floor(log2(N)) of a fixed-point N >= 1.
unsigned floor_log2(std::uint64_t fixed) noexcept
{
  return static_cast<unsigned>(std::bit_width(fixed >> kFractionBits)) - 1;
}

// Step 3: N_info <= 3824.
unsigned small_block(std::uint64_t n_info) noexcept
{
  std::uint64_t quantized = 0;
  if ((n_info >> kFractionBits) > 0) {
    const unsigned log = floor_log2(n_info);
    const unsigned n = log > 9 ? log - 6 : 3;
    quantized = n_info >> (n + kFractionBits) << n;
  }
  quantized = std::max<std::uint64_t>(24, quantized);
  return *std::lower_bound(tables::kTbs.begin(), tables::kTbs.end(), quantized);
}

// Step 4: N_info > 3824.
unsigned large_block(std::uint64_t n_info, Mcs mcs) noexcept
{
  const std::uint64_t less_crc = n_info - (std::uint64_t{24} << kFractionBits);
  const unsigned n = floor_log2(less_crc) - 5;
  const std::uint64_t half = std::uint64_t{1} << (n + kFractionBits - 1);  // ties go up
  const std::uint64_t quantized = std::max<std::uint64_t>(3840, (less_crc + half) >> (n + kFractionBits) << n);
  std::uint64_t num_blocks = 1;
  if (mcs.code_rate_x2048 * 4U <= 2048U) {
    num_blocks = ceil_divide(quantized + 24, 3816);
  } else if (quantized > 8424) {
    num_blocks = ceil_divide(quantized + 24, 8424);
  }
  return static_cast<unsigned>(8 * num_blocks * ceil_divide(quantized + 24, 8 * num_blocks) - 24);
}

}  // namespace

unsigned transport_block_bits(unsigned num_re, Mcs mcs, unsigned num_layers, TbScaling scaling) noexcept
{
  const unsigned quarters = scaling == TbScaling::one ? 4 : scaling == TbScaling::half ? 2 : 1;
  const std::uint64_t n_info = std::uint64_t{num_re} * mcs.efficiency_x2048() * num_layers * quarters;
  return n_info <= (std::uint64_t{3824} << kFractionBits) ? small_block(n_info) : large_block(n_info, mcs);
}

unsigned limited_buffer_bits(unsigned num_bwp_prb, McsTable table, unsigned num_layers) noexcept
{
  // TS 38.212 Table 5.4.2.1-1.
  constexpr unsigned kSteps[] = {32, 66, 107, 135, 162, 217, 273};
  unsigned num_prb = kSteps[6];
  for (const unsigned step : kSteps) {
    if (num_bwp_prb <= step) {
      num_prb = step;
      break;
    }
  }
  constexpr std::uint16_t kCodeRate = 2 * 948;  // x 2048
  const Modulation modulation = table == McsTable::qam256 ? Modulation::qam256 : Modulation::qam64;
  return transport_block_bits(156 * num_prb, {.modulation = modulation, .code_rate_x2048 = kCodeRate}, num_layers);
}

}  // namespace ravi::nr
