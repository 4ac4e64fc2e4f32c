#pragma once
// Modulation and coding schemes and channel quality indicators. TS 38.214 §5.1.3.1, §5.2.2.1, §6.1.4.1.

#include "stack/nr/modulation.h"

#include <cstdint>
#include <optional>

namespace ravi::nr {

/// Without transform precoding PUSCH uses the PDSCH's tables (the first three).
enum class McsTable : std::uint8_t {
  qam64,                   ///< TS 38.214 Table 5.1.3.1-1
  qam256,                  ///< TS 38.214 Table 5.1.3.1-2
  qam64_low_se,            ///< TS 38.214 Table 5.1.3.1-3
  transform_qam64,         ///< TS 38.214 Table 6.1.4.1-1, PUSCH with transform precoding
  transform_qam64_low_se,  ///< TS 38.214 Table 6.1.4.1-2, the same
};

/// What the tables with transform precoding call q: `tp-pi2BPSK` of TS 38.331.
enum class TransformModulation : std::uint8_t { qpsk, pi2_bpsk };

/// One row of an MCS or CQI table.
struct Mcs {
  Modulation modulation = Modulation::qpsk;
  std::uint16_t code_rate_x2048 =
      0;  ///< target code rate R times 2048, exact in every table; 0: reserved (a retransmission)

  [[nodiscard]] constexpr bool is_reserved() const { return code_rate_x2048 == 0; }
  [[nodiscard]] constexpr double code_rate() const { return code_rate_x2048 / 2048.0; }
  /// Information bits a symbol times 2048.
  [[nodiscard]] constexpr unsigned efficiency_x2048() const { return bits_per_symbol(modulation) * code_rate_x2048; }
  friend constexpr bool operator==(const Mcs&, const Mcs&) = default;
};

/// Row I_MCS of a table, reserved rows included; nothing for an index above 31.
[[nodiscard]] std::optional<Mcs> mcs(McsTable table, unsigned index,
                                     TransformModulation transform = TransformModulation::qpsk) noexcept;

/// Highest index that is not reserved.
[[nodiscard]] unsigned max_mcs(McsTable table) noexcept;

enum class CqiTable : std::uint8_t {
  table1,  ///< TS 38.214 Table 5.2.2.1-2, up to 64QAM
  table2,  ///< TS 38.214 Table 5.2.2.1-3, up to 256QAM
  table3,  ///< TS 38.214 Table 5.2.2.1-4, block error rate 0.00001
};

/// Row of a CQI table, 1..15; nothing for 0 (out of range) and above 15.
[[nodiscard]] std::optional<Mcs> cqi(CqiTable table, unsigned index) noexcept;

/// The highest MCS that is not more efficient than the CQI says; nothing for CQI 0 and above 15; 0 if even MCS 0 is
/// more.
[[nodiscard]] std::optional<unsigned> mcs_of_cqi(CqiTable cqi_table, unsigned cqi_index, McsTable mcs_table) noexcept;

/// The highest CQI whose efficiency is at most the MCS's; 0 where there is none.
[[nodiscard]] unsigned cqi_of_efficiency(CqiTable table, unsigned efficiency_x2048) noexcept;

}  // namespace ravi::nr
