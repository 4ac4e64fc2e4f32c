#pragma once
// What a cell broadcasts: MIB and SIB1, written from a Cell and read back into one. TS 38.331 §5.2.2, §6.2.2.

#include "radio/result.h"
#include "stack/nr/cell.h"
#include "stack/nr/gscn.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ravi::rrc {

/// BCCH-BCH-Message, 24 bits, the first highest; the SFN's bits are 0 (PHY sets them). k_SSB's fifth bit goes in PBCH's payload.
[[nodiscard]] std::uint32_t mib_of(const nr::Cell& cell) noexcept;

/// BCCH-DL-SCH-Message with SIB1, without padding. An error names the field whose value no message can carry.
[[nodiscard]] Result<std::vector<std::uint8_t>> sib1_of(const nr::Cell& cell);

/// What a UE knows of a cell from its SS/PBCH block.
struct SsbReading {
  nr::Pci pci;
  nr::Gscn gscn;
  nr::SsbCase ssb_case = nr::SsbCase::a;
  unsigned k_ssb = 0;       ///< all five bits, 0..31
  std::uint32_t mib = 0;    ///< as of mib_of
};

/// Who a cell is, for lists of cells: read from any SIB1, whether this stack could use the cell or not.
struct Sib1Identity {
  std::vector<nr::Plmn> plmns;
  std::optional<std::uint32_t> tracking_area_code;
  std::uint64_t nr_cell_identity = 0;
  bool is_reserved = false;               ///< for operator or other use
  std::optional<unsigned> band;
  std::optional<unsigned> carrier_prb;
};

/// transport_block: BCCH-DL-SCH-Message, padding allowed. Nothing where it is no SIB1.
[[nodiscard]] std::optional<Sib1Identity> read_sib1_identity(std::span<const std::uint8_t> transport_block);

/// The cell as its SIB1 describes it. bad_input: malformed or contradictory; unsupported: it asks for what is not built, named.
/// Its `plmn` is the first; the channel bandwidth the narrowest that holds the carrier. Allocates; not for the slot path.
[[nodiscard]] Result<nr::Cell> read_cell(const SsbReading& ssb, std::span<const std::uint8_t> transport_block);

}  // namespace ravi::rrc
