#pragma once
// Which CCEs may carry a DCI, and in which slots. TS 38.213 §10.1.

#include "stack/nr/cell.h"
#include "stack/nr/rnti.h"
#include "stack/nr/slot.h"

#include <array>
#include <cstdint>
#include <optional>

namespace ravi::nr {

/// Aggregation levels 1, 2, 4, 8, 16; index: log2.
inline constexpr unsigned kNumAggregationLevels = 5;

/// Candidates of the Type0-PDCCH and of other common sets on SearchSpace#0: TS 38.213 Table 10.1-1.
inline constexpr std::array<std::uint8_t, kNumAggregationLevels> kType0Candidates{0, 0, 4, 2, 1};

[[nodiscard]] bool is_monitored(const SearchSpace& search_space, Slot slot) noexcept;

/// Y_(p,n) of a UE search space: coreset_id is p. Walks the slots of the frame, at most 160 steps. For a common one it is 0.
[[nodiscard]] std::uint32_t search_space_hash(unsigned coreset_id, Rnti rnti, unsigned slot_in_frame) noexcept;

/// First CCE of candidate m (of num_candidates at this level), n_CI = 0; nothing where the CORESET has too few CCEs.
[[nodiscard]] std::optional<unsigned> candidate_cce(std::uint32_t hash, unsigned candidate, unsigned num_candidates,
                                                    unsigned aggregation_level, unsigned num_cce) noexcept;

}  // namespace ravi::nr
