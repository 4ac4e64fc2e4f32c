#include "stack/nr/tdd_pattern.h"

#include <algorithm>
#include <array>
#include <string>

namespace ravi::nr {
namespace {

using std::chrono::microseconds;

constexpr std::array<int, 10> kPeriodsUs{500, 625, 1000, 1250, 2000, 2500, 3000, 4000, 5000, 10'000};

unsigned num_slots(microseconds period, Scs scs) noexcept
{
  return static_cast<unsigned>(period.count() * slots_per_subframe(scs) / 1000);
}

microseconds total_period(const TddConfig& config) noexcept
{
  return config.pattern1.period + (config.pattern2 ? config.pattern2->period : microseconds(0));
}

Result<void> check_pattern(const TddPattern& pattern, Scs reference_scs)
{
  const std::string period = std::to_string(pattern.period.count()) + " us";
  if (std::ranges::find(kPeriodsUs, pattern.period.count()) == kPeriodsUs.end()) {
    return fail(ErrorCode::bad_input, "TDD period " + period +
                                          " does not exist: use 500, 625, 1000, 1250, 2000, 2500, 3000, 4000, "
                                          "5000 or 10000 us");
  }
  if (pattern.period.count() * slots_per_subframe(reference_scs) % 1000 != 0) {
    return fail(ErrorCode::bad_input, "TDD period " + period +
                                          " is no whole number of slots at the reference spacing: choose 1000, "
                                          "2000, 5000 or 10000 us");
  }
  if (pattern.num_downlink_symbols >= kSymbolsPerSlot || pattern.num_uplink_symbols >= kSymbolsPerSlot) {
    return fail(ErrorCode::bad_input, "a TDD pattern has 0 to 13 downlink and uplink symbols besides its whole slots");
  }
  const std::uint64_t symbols =
      std::uint64_t{kSymbolsPerSlot} * (std::uint64_t{pattern.num_downlink_slots} + pattern.num_uplink_slots) +
      pattern.num_downlink_symbols + pattern.num_uplink_symbols;
  if (symbols > std::uint64_t{kSymbolsPerSlot} * num_slots(pattern.period, reference_scs)) {
    return fail(ErrorCode::bad_input,
                "the TDD pattern's downlink and uplink slots and symbols are more than fit its period of " + period);
  }
  return {};
}

// Symbols of the slot, index `slot` of the pattern in the slot's spacing, which has 2^shift slots in a reference slot.
SlotDirection direction_in(const TddPattern& pattern, unsigned slots, unsigned slot, unsigned shift) noexcept
{
  const auto symbols_within = [](unsigned total, unsigned before) {
    return total > before ? std::min(total - before, kSymbolsPerSlot) : 0U;
  };
  const unsigned downlink = (pattern.num_downlink_slots * kSymbolsPerSlot + pattern.num_downlink_symbols) << shift;
  const unsigned uplink = (pattern.num_uplink_slots * kSymbolsPerSlot + pattern.num_uplink_symbols) << shift;
  return {.num_downlink = symbols_within(downlink, slot * kSymbolsPerSlot),
          .num_uplink = symbols_within(uplink, (slots - 1 - slot) * kSymbolsPerSlot)};
}

}  // namespace

Result<void> check(const TddConfig& config, Scs slot_scs)
{
  if (mu_of(config.reference_scs) > mu_of(slot_scs)) {
    return fail(ErrorCode::bad_input, "the TDD reference subcarrier spacing is above the carrier's: use the carrier's");
  }
  if (auto checked = check_pattern(config.pattern1, config.reference_scs); !checked) return checked;
  if (config.pattern2) {
    if (auto checked = check_pattern(*config.pattern2, config.reference_scs); !checked) return checked;
  }
  if (20'000 % total_period(config).count() != 0) {
    return fail(ErrorCode::bad_input, "the TDD period of " + std::to_string(total_period(config).count()) +
                                          " us does not divide 20 ms: choose 1000, 2000, 2500, 4000, 5000 or 10000 us");
  }
  return {};
}

SlotDirection slot_direction(const TddConfig& config, Slot slot) noexcept
{
  const unsigned shift = mu_of(slot.scs()) - mu_of(config.reference_scs);
  const unsigned first = num_slots(config.pattern1.period, slot.scs());
  const unsigned in_period = slot.count() % num_slots(total_period(config), slot.scs());
  if (in_period < first) return direction_in(config.pattern1, first, in_period, shift);
  return direction_in(*config.pattern2, num_slots(config.pattern2->period, slot.scs()), in_period - first, shift);
}

double num_slots_per_second(const TddConfig& config, Scs slot_scs, LinkDirection direction,
                            SymbolRange symbols) noexcept
{
  const unsigned in_20_ms = 2 * slots_per_frame(slot_scs);
  unsigned usable = 0;
  for (unsigned n = 0; n < in_20_ms; ++n) {
    const SlotDirection slot = slot_direction(config, Slot::from_count(slot_scs, n));
    usable += (direction == LinkDirection::downlink ? slot.is_downlink(symbols) : slot.is_uplink(symbols)) ? 1U : 0U;
  }
  return usable * 50.0;
}

}  // namespace ravi::nr
