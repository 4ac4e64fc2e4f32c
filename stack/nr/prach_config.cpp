#include "stack/nr/prach_config.h"

#include "stack/nr/prach_config_tables.h"
#include "stack/nr/prach_preamble.h"

#include <span>

namespace ravi::nr {
namespace {

// n_slot^RA of TS 38.211 §5.3.2: with one PRACH slot in a subframe of two slots, it is the second.
bool is_prach_slot(const PrachConfig& config, Scs scs, unsigned slot_in_subframe) noexcept
{
  if (is_long(config.format) || scs == Scs::khz15) return slot_in_subframe == 0;
  return config.slots_per_subframe == 2 || slot_in_subframe == 1;
}

// Symbols of `scs` that an occasion takes; a long preamble, its cyclic prefix and sequence, without the guard time.
std::int64_t num_symbols(PrachFormat format, Scs prach_scs, Scs scs) noexcept
{
  const PrachFormatLengths lengths = prach_lengths(format);
  if (!is_long(format)) return (std::int64_t{lengths.duration_symbols} << mu_of(scs)) >> mu_of(prach_scs);
  const std::int64_t symbol = 2192 >> mu_of(scs);  // kappa T_c
  return (lengths.n_cp + lengths.n_u + symbol - 1) / symbol;
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

bool is_valid_occasion(const PrachOccasion& occasion, Scs prach_scs, Slot slot, const TddConfig& tdd) noexcept
{
  const std::int64_t begin = std::int64_t{slot.count()} * kSymbolsPerSlot + occasion.first_symbol;
  const std::int64_t end = begin + num_symbols(occasion.format, prach_scs, slot.scs());
  // TS 38.213 Table 8.1-2: 2 symbols of the preamble's spacing, none for 1.25 and 5 kHz.
  const std::int64_t gap = is_long(occasion.format) ? 0 : (std::int64_t{2} << mu_of(slot.scs())) >> mu_of(prach_scs);
  bool is_all_uplink = true;
  bool follows_downlink = false;
  for (std::int64_t symbol = begin - gap; symbol < end; ++symbol) {
    const std::int64_t from_0 = symbol + std::int64_t{Slot::num_slots(slot.scs())} * kSymbolsPerSlot;
    const SlotDirection direction = slot_direction(tdd, Slot::from_count(slot.scs(), from_0 / kSymbolsPerSlot));
    const SymbolRange one{static_cast<unsigned>(from_0 % kSymbolsPerSlot), 1};
    follows_downlink = follows_downlink || direction.is_downlink(one);
    is_all_uplink = is_all_uplink && (symbol < begin || direction.is_uplink(one));
  }
  return is_all_uplink || !follows_downlink;
}

}  // namespace ravi::nr
