#include "stack/nr/prach_config.h"

#include "stack/nr/prach_config_tables.h"

#include <span>

namespace ravi::nr {
namespace {

// n_slot^RA of TS 38.211 §5.3.2: with one PRACH slot in a subframe of two slots, it is the second.
bool is_prach_slot(const PrachConfig& config, Scs scs, unsigned slot_in_subframe) noexcept
{
  if (is_long(config.format) || scs == Scs::khz15) return slot_in_subframe == 0;
  return config.slots_per_subframe == 2 || slot_in_subframe == 1;
}

}  // namespace

std::optional<PrachConfig> prach_config(Duplex duplex, unsigned index) noexcept
{
  const bool is_paired = duplex == Duplex::fdd || duplex == Duplex::sul;
  const std::span<const PrachConfig> rows = is_paired ? std::span<const PrachConfig>(tables::kPrachConfigsPaired)
                                                      : std::span<const PrachConfig>(tables::kPrachConfigsUnpaired);
  if (index >= rows.size()) return std::nullopt;
  return rows[index];
}

PrachOccasions prach_occasions(const PrachConfig& config, Scs prach_scs, Slot slot) noexcept
{
  PrachOccasions found;
  if (!config.has_frame(slot.sfn()) || (config.subframes >> slot.subframe() & 1U) == 0) return found;
  const Scs scs = is_long(config.format) ? Scs::khz15 : prach_scs;
  for (unsigned n_slot = 0; n_slot < slots_per_subframe(scs); ++n_slot) {
    if (!is_prach_slot(config, scs, n_slot)) continue;
    for (unsigned n_t = 0; n_t < config.occasions_per_slot; ++n_t) {
      const unsigned l = config.start_symbol + n_t * config.duration_symbols;  // TS 38.211 §5.3.2
      const unsigned in_subframe = l + kSymbolsPerSlot * n_slot;
      const unsigned in_slots_spacing = (in_subframe << mu_of(slot.scs())) >> mu_of(scs);
      if (in_slots_spacing / kSymbolsPerSlot != slot.slot_in_subframe()) continue;
      const bool is_last = n_t + 1 == config.occasions_per_slot;
      found.push_back({.format = is_last ? config.last_format : config.format,
                       .time_index = static_cast<std::uint8_t>(n_t),
                       .first_symbol = static_cast<std::uint8_t>(in_slots_spacing % kSymbolsPerSlot),
                       .s_id = static_cast<std::uint8_t>(l),
                       .t_id = static_cast<std::uint8_t>(slot.subframe() * slots_per_subframe(scs) + n_slot)});
    }
  }
  return found;
}

}  // namespace ravi::nr
