#pragma once
// A slot's number: subcarrier spacing, system frame number, slot within the frame; arithmetic knows the wrap at 1024 frames.

#include "stack/nr/numerology.h"

#include <cassert>
#include <cstdint>

namespace ravi::nr {

/// TS 38.211 §4.3.2. Counts modulo 1024 frames: `a < b` means that b lies less than 512 frames after a.
class Slot {
public:
  constexpr Slot() = default;
  /// sfn < 1024, slot_in_frame < slots_per_frame(scs).
  constexpr Slot(Scs scs, unsigned sfn, unsigned slot_in_frame)
    : scs_(scs), count_(sfn * slots_per_frame(scs) + slot_in_frame)
  {
    assert(sfn < kNumSfn && slot_in_frame < slots_per_frame(scs));
  }
  /// From slots since SFN 0 slot 0, any integer.
  [[nodiscard]] static constexpr Slot from_count(Scs scs, std::int64_t count)
  {
    const auto wrap = static_cast<std::int64_t>(num_slots(scs));
    Slot slot;
    slot.scs_ = scs;
    slot.count_ = static_cast<std::uint32_t>(((count % wrap) + wrap) % wrap);
    return slot;
  }

  [[nodiscard]] constexpr Scs scs() const { return scs_; }
  [[nodiscard]] constexpr unsigned sfn() const { return count_ / slots_per_frame(scs_); }
  [[nodiscard]] constexpr unsigned slot_in_frame() const { return count_ % slots_per_frame(scs_); }
  [[nodiscard]] constexpr unsigned subframe() const { return slot_in_frame() / slots_per_subframe(scs_); }
  [[nodiscard]] constexpr unsigned slot_in_subframe() const { return slot_in_frame() % slots_per_subframe(scs_); }
  /// Slots since SFN 0 slot 0.
  [[nodiscard]] constexpr std::uint32_t count() const { return count_; }
  /// Slots until the numbers repeat.
  [[nodiscard]] static constexpr unsigned num_slots(Scs scs) { return kNumSfn * slots_per_frame(scs); }

  friend constexpr bool operator==(const Slot&, const Slot&) = default;
  friend constexpr Slot operator+(Slot slot, std::int64_t slots) { return from_count(slot.scs_, slot.count_ + slots); }
  friend constexpr Slot operator-(Slot slot, std::int64_t slots) { return from_count(slot.scs_, slot.count_ - slots); }
  constexpr Slot& operator+=(std::int64_t slots) { return *this = *this + slots; }
  constexpr Slot& operator++() { return *this += 1; }
  /// Slots from b to a, in [-half, half) of the wrap. The same spacing on both sides.
  friend constexpr std::int64_t operator-(Slot a, Slot b)
  {
    assert(a.scs_ == b.scs_);
    const auto wrap = static_cast<std::int64_t>(num_slots(a.scs_));
    const std::int64_t forward = (static_cast<std::int64_t>(a.count_) - b.count_ + wrap) % wrap;
    return forward < wrap / 2 ? forward : forward - wrap;
  }
  friend constexpr bool operator<(Slot a, Slot b) { return a - b < 0; }
  friend constexpr bool operator>(Slot a, Slot b) { return b < a; }
  friend constexpr bool operator<=(Slot a, Slot b) { return !(b < a); }
  friend constexpr bool operator>=(Slot a, Slot b) { return !(a < b); }

private:
  Scs scs_ = Scs::khz15;
  std::uint32_t count_ = 0;
};

}  // namespace ravi::nr
