#pragma once
// Transport block sizes, and the LDPC base graph that follows from them. TS 38.214 §5.1.3.2, §6.1.4.2; TS 38.212
// §6.2.2, §7.2.2.

#include "stack/nr/mcs.h"
#include "stack/nr/numerology.h"

#include <cstdint>

namespace ravi::nr {

/// Resource elements of a PRB that the DM-RS takes: 6 (type 1) or 4 (type 2) a symbol and CDM group without data.
enum class DmrsType : std::uint8_t { type1, type2 };
[[nodiscard]] constexpr unsigned dmrs_re_per_prb(DmrsType type, unsigned num_dmrs_symbols,
                                                 unsigned num_cdm_groups_without_data)
{
  return (type == DmrsType::type1 ? 6U : 4U) * num_dmrs_symbols * num_cdm_groups_without_data;
}

/// N_RE of TS 38.214 §5.1.3.2 step 1: of a PRB at most 156 count. x_overhead: 0, 6, 12 or 18 (0 for SI, RA and P-RNTI).
[[nodiscard]] constexpr unsigned num_re_for_tbs(unsigned num_prb, unsigned num_symbols, unsigned dmrs_re,
                                                unsigned x_overhead = 0)
{
  const unsigned all = kSubcarriersPerPrb * num_symbols;
  const unsigned lost = dmrs_re + x_overhead;
  const unsigned kept = all > lost ? all - lost : 0;
  return num_prb * (kept < 156 ? kept : 156);
}

/// TS 38.214 Table 5.1.3.2-2: the TB scaling field of DCI 1_0 with P-RNTI or RA-RNTI.
enum class TbScaling : std::uint8_t { one, half, quarter };

/// TS 38.214 §5.1.3.2 steps 2 to 4, integers throughout. num_re from num_re_for_tbs, mcs not reserved, 1..4 layers.
/// Returns bits, a multiple of 8, at least 24.
[[nodiscard]] unsigned transport_block_bits(unsigned num_re, Mcs mcs, unsigned num_layers = 1,
                                            TbScaling scaling = TbScaling::one) noexcept;

/// TBS_LBRM of TS 38.212 §5.4.2.1, bits: the block that a limited soft buffer is sized by. num_bwp_prb: of the widest bandwidth
/// part; 1..4 layers.
[[nodiscard]] unsigned limited_buffer_bits(unsigned num_bwp_prb, McsTable table, unsigned num_layers = 1) noexcept;

enum class LdpcBaseGraph : std::uint8_t { bg1 = 1, bg2 = 2 };

/// TS 38.212 §6.2.2 and §7.2.2; for the transport block's size without CRC and the code rate of its first transmission.
[[nodiscard]] constexpr LdpcBaseGraph ldpc_base_graph(unsigned transport_block_bits, Mcs mcs)
{
  const bool low_rate = mcs.code_rate_x2048 * 4U <= 2048U;             // R <= 0.25
  const bool medium_rate = mcs.code_rate_x2048 * 100U <= 67U * 2048U;  // R <= 0.67
  const bool bg2 = transport_block_bits <= 292 || (transport_block_bits <= 3824 && medium_rate) || low_rate;
  return bg2 ? LdpcBaseGraph::bg2 : LdpcBaseGraph::bg1;
}

/// The most one cell's shared channel can carry when every slot counted bears one transport block, bit/s.
/// num_slots_per_second: those of the direction, see TddPattern; of the slots' kind given by num_re.
[[nodiscard]] inline double peak_rate_bps(unsigned num_re, Mcs mcs, unsigned num_layers,
                                          double num_slots_per_second) noexcept
{
  return transport_block_bits(num_re, mcs, num_layers) * num_slots_per_second;
}

}  // namespace ravi::nr
