#pragma once
// Sequence numbers of authentication: how the home network counts and what the USIM accepts. TS 33.102 Annex C.

#include "stack/security/milenage.h"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>

namespace ravi::security {

/// 48 bits: SEQ (43 bits) || IND (5 bits). TS 33.102 §C.1.1.1.
class Sqn {
public:
  static constexpr unsigned kIndBits = 5;
  static constexpr std::uint64_t kMask = (std::uint64_t{1} << 48) - 1;

  constexpr Sqn() = default;
  constexpr explicit Sqn(std::uint64_t value) : value_(value & kMask) {}
  constexpr Sqn(std::uint64_t seq, unsigned ind) : Sqn((seq << kIndBits) | (ind % (1U << kIndBits))) {}
  [[nodiscard]] static Sqn from_octets(const SqnOctets& octets);

  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }
  [[nodiscard]] constexpr std::uint64_t seq() const { return value_ >> kIndBits; }
  [[nodiscard]] constexpr unsigned ind() const { return static_cast<unsigned>(value_ & ((1U << kIndBits) - 1)); }
  [[nodiscard]] SqnOctets octets() const;

  friend constexpr auto operator<=>(const Sqn&, const Sqn&) = default;

private:
  std::uint64_t value_ = 0;
};

/// The home network's next number: SEQ one up, IND one up. TS 33.102 §C.1.2, not time-based (§C.3.1).
[[nodiscard]] Sqn next_sqn(Sqn last);

/// What the home network counts on from after a valid AUTS: SQN_MS, unless its own next number would be accepted anyway.
/// TS 33.102 §6.3.5, §C.3.
[[nodiscard]] Sqn resynchronized(Sqn home, Sqn mobile);

/// The USIM's memory of accepted numbers: one SEQ an IND. TS 33.102 §C.2.2.
class SqnArray {
public:
  /// A SEQ further than this above the highest one accepted is refused (Delta of §C.2.1, protects against wrap-around).
  static constexpr std::uint64_t kDelta = std::uint64_t{1} << 28;

  /// True, and remembered, if fresh; false: synchronization failure.
  [[nodiscard]] bool accept(Sqn sqn);
  /// SQN_MS, the highest accepted so far: goes into AUTS.
  [[nodiscard]] Sqn highest() const;

private:
  std::array<std::uint64_t, 1U << Sqn::kIndBits> seq_{};
  Sqn highest_;
};

}  // namespace ravi::security
