#pragma once
// The Paging message on PCCH. TS 38.331 §5.3.2, §6.2.2.

#include "stack/rrc/rrc_action.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ravi::rrc {

inline constexpr std::size_t kMaxPagingRecords = 32;

/// For UEs by their 5G-S-TMSI, 1 to 32.
[[nodiscard]] Octets paging_message(std::span<const std::uint64_t> ng_5g_s_tmsis);
/// Whom it pages by 5G-S-TMSI; nothing: malformed.
[[nodiscard]] std::optional<std::vector<std::uint64_t>> read_paging(std::span<const std::uint8_t> message);

}  // namespace ravi::rrc
