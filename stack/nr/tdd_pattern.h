#pragma once
// TDD: which symbols of a slot are downlink, uplink or neither, from tdd-UL-DL-ConfigurationCommon. TS 38.213 §11.1.

#include "radio/result.h"
#include "stack/nr/band.h"
#include "stack/nr/prb_range.h"
#include "stack/nr/slot.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace ravi::nr {

/// Downlink from its start, uplink up to its end, between them flexible. Slots and symbols of the reference spacing.
struct TddPattern {
  std::chrono::microseconds period{
      5000};  ///< dl-UL-TransmissionPeriodicity: 500, 625, 1000, 1250, 2000, 2500, 3000, 4000, 5000, 10000
  unsigned num_downlink_slots = 7;    ///< d_slots
  unsigned num_downlink_symbols = 6;  ///< d_sym, in the slot after those, 0..13
  unsigned num_uplink_slots = 2;      ///< u_slots
  unsigned num_uplink_symbols = 4;    ///< u_sym, in the slot before those, 0..13
  friend bool operator==(const TddPattern&, const TddPattern&) = default;
};

struct TddConfig {
  Scs reference_scs = Scs::khz30;
  TddPattern pattern1;
  std::optional<TddPattern> pattern2;  ///< follows the first
  friend bool operator==(const TddConfig&, const TddConfig&) = default;
};

/// Refuses periods that the standard does not have or that are no whole slots, two that do not divide 20 ms, more slots
/// and symbols than the period has, and a reference spacing above the slots'.
[[nodiscard]] Result<void> check(const TddConfig& config, Scs slot_scs);

/// Symbols of one slot: the first are downlink, the last uplink, those between flexible.
struct SlotDirection {
  unsigned num_downlink = 0;
  unsigned num_uplink = 0;
  [[nodiscard]] constexpr bool is_downlink(SymbolRange symbols) const { return symbols.end() <= num_downlink; }
  [[nodiscard]] constexpr bool is_uplink(SymbolRange symbols) const
  {
    return symbols.begin + num_uplink >= kSymbolsPerSlot && symbols.end() <= kSymbolsPerSlot;
  }
  [[nodiscard]] constexpr bool is_all_downlink() const { return num_downlink == kSymbolsPerSlot; }
  [[nodiscard]] constexpr bool is_all_uplink() const { return num_uplink == kSymbolsPerSlot; }
  friend constexpr bool operator==(const SlotDirection&, const SlotDirection&) = default;
};

/// Of a checked configuration; slot.scs() >= config.reference_scs.
[[nodiscard]] SlotDirection slot_direction(const TddConfig& config, Slot slot) noexcept;

/// Slots a second in which a shared channel on `symbols` may be sent that way; for peak_rate_bps.
[[nodiscard]] double num_slots_per_second(const TddConfig& config, Scs slot_scs, LinkDirection direction,
                                          SymbolRange symbols) noexcept;

}  // namespace ravi::nr
