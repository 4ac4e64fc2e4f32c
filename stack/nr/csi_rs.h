#pragma once
// Which resource elements a CSI-RS takes. TS 38.211 §7.4.1.5.3.

#include "stack/nr/phy_mac.h"

#include <cstdint>
#include <optional>

namespace ravi::nr {

/// The alternatives of frequencyDomainAllocation.
enum class CsiRsRow : std::uint8_t { row1, row2, row4, other };

/// CSI-RS-ResourceMapping of TS 38.331, density 1 (row 1: 3).
struct CsiRsMapping {
  CsiRsRow row = CsiRsRow::row2;
  unsigned bitmap = 1;        ///< b_0 lowest
  unsigned num_ports = 1;
  unsigned first_symbol = 0;  ///< l_0
  PrbRange crb;
};

/// The elements of all ports. Nothing for more than 16 ports, or a mapping that Table 7.4.1.5.3-1 does not have.
[[nodiscard]] std::optional<ReservedElements> csi_rs_elements(const CsiRsMapping& mapping) noexcept;

}  // namespace ravi::nr
