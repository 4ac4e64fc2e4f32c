#pragma once
// Paging frames and occasions. TS 38.304 §7.1.

#include "stack/nr/cell.h"
#include "stack/nr/slot.h"

#include <cstdint>

namespace ravi::nr {

/// What a UE's occasions depend on: its 5G-S-TMSI modulo 1024.
[[nodiscard]] constexpr unsigned paging_ue_id(std::uint64_t ng_5g_s_tmsi) { return static_cast<unsigned>(ng_5g_s_tmsi % 1024); }

/// A UE with that identity listens for P-RNTI in this slot, for the beam of the cell's first block. Never in a cell without paging; occasions
/// that lie behind their paging frame are not built.
[[nodiscard]] bool is_paging_occasion(const Cell& cell, unsigned ue_id, Slot slot) noexcept;

}  // namespace ravi::nr
