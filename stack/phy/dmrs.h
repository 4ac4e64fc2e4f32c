#pragma once
// Demodulation reference signals of PDSCH, PUSCH, PDCCH and PBCH: sequences, and where their pilots lie.

#include "radio/iq.h"
#include "stack/nr/pci.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace ravi::phy {

/// Out: r(first) .. r(first + out.size() - 1), r(m) = ((1 - 2 c(2m)) + j (1 - 2 c(2m+1))) / sqrt(2). TS 38.211 §7.4.1.1.1.
void qpsk_sequence(std::uint32_t c_init, std::size_t first, std::span<Cf32> out) noexcept;

/// c_init of PDSCH (TS 38.211 §7.4.1.1.1), PUSCH without transform precoding (§6.4.1.1.1.1), and with n_scid = 0 of PDCCH
/// (§7.4.1.3.1). `slot_in_frame` in the channel's numerology.
[[nodiscard]] std::uint32_t dmrs_c_init(unsigned slot_in_frame, unsigned symbol, unsigned scrambling_id,
                                        unsigned n_scid = 0) noexcept;

/// TS 38.211 §7.4.1.4.1. `i_ssb_bar`: i_SSB + 4 n_hf with L_max = 4, else the three low bits of i_SSB.
[[nodiscard]] std::uint32_t pbch_dmrs_c_init(nr::Pci pci, unsigned i_ssb_bar) noexcept;

/// Power of PDSCH and PUSCH pilots over the data's: the CDM groups without data lend theirs. TS 38.214 Table 4.1-1: 0 dB with
/// one group, 3 dB with two. An amplitude.
[[nodiscard]] constexpr float dmrs_boost(unsigned num_cdm_groups_without_data)
{
  return num_cdm_groups_without_data >= 2 ? 1.41421356F : 1.0F;
}

/// Pilots a(k) of one PDSCH or PUSCH DM-RS symbol for PRBs [first_prb, first_prb + num_prb) counted from the sequence's
/// reference (CRB 0, or CORESET#0's lowest): six a PRB, in order of subcarriers, with w_f, without the boost. port: 0..3.
/// out.size() == 6 num_prb.
void dmrs_pilots_type1(std::uint32_t c_init, unsigned first_prb, unsigned port, std::span<Cf32> out) noexcept;

}  // namespace ravi::phy
