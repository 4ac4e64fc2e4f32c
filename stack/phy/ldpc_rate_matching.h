#pragma once
// Which bits of a code block are sent, and in which order: bit selection and interleaving. TS 38.212 §5.4.2.

#include "stack/phy/ldpc_graph.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace ravi::phy {

/// One code block's circular buffer.
struct LdpcRateMatching {
  nr::LdpcBaseGraph graph = nr::LdpcBaseGraph::bg1;
  unsigned z = 0;
  unsigned num_info_bits = 0;       ///< K': bits K'..K-1 are fillers and never sent
  unsigned buffer_size = 0;         ///< N_cb <= N
  unsigned redundancy_version = 0;  ///< 0..3
  unsigned bits_per_symbol = 2;     ///< Q_m: 1, 2, 4, 6, 8
};

/// Whether at least one bit can be sent and everything is in range; the functions below want it.
[[nodiscard]] bool is_valid(const LdpcRateMatching& matching) noexcept;

/// k_0, TS 38.212 Table 5.4.2.1-2.
[[nodiscard]] unsigned ldpc_first_bit(const LdpcRateMatching& matching) noexcept;

/// One past the highest bit of the buffer that a transmission of num_bits (E) bits carries.
[[nodiscard]] unsigned ldpc_end_of_sent(const LdpcRateMatching& matching, std::size_t num_bits) noexcept;

/// Selects and interleaves. codeword: at least ldpc_end_of_sent bits, one a byte; out.size(): E, a multiple of Q_m.
void match_rate(const LdpcRateMatching& matching, std::span<const std::uint8_t> codeword,
                std::span<std::uint8_t> out) noexcept;

/// The receiver's side: adds each LLR to its bit's in `soft`, saturating; a bit sent several times is added as often.
/// llrs.size(): E, a multiple of Q_m. soft: at least ldpc_end_of_sent values.
void recover_rate(const LdpcRateMatching& matching, std::span<const std::int8_t> llrs,
                  std::span<std::int8_t> soft) noexcept;

}  // namespace ravi::phy
