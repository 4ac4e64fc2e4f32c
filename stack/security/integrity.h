#pragma once
// Integrity of NAS messages and PDCP SDUs: NIA0, 128-NIA1, 128-NIA2, 128-NIA3. TS 33.501 Annex D.3.

#include "stack/security/algorithms.h"
#include "stack/security/keys.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace ravi::security {

using MacI = std::array<std::uint8_t, 4>;  ///< MAC-I of PDCP, NAS-MAC

/// One algorithm under one key. Made at set-up (allocates); `compute` does not allocate. One thread at a time.
class Integrity {
public:
  Integrity(IntegrityAlgorithm algorithm, const Key128& key);
  ~Integrity();
  Integrity(Integrity&&) noexcept;
  Integrity& operator=(Integrity&&) noexcept;

  [[nodiscard]] IntegrityAlgorithm algorithm() const noexcept;

  /// NIA0 gives 32 zero bits. `bearer` 0..31: RB identity - 1, or the NAS connection identifier.
  [[nodiscard]] MacI compute(std::uint32_t count, std::uint8_t bearer, Direction direction,
                             std::span<const std::uint8_t> message) noexcept
  {
    return compute_bits(count, bearer, direction, message, 8 * message.size());
  }

  /// The same over the first `num_bits` bits, as the published test sets have them. num_bits <= 8 * message.size().
  [[nodiscard]] MacI compute_bits(std::uint32_t count, std::uint8_t bearer, Direction direction,
                                  std::span<const std::uint8_t> message, std::size_t num_bits) noexcept;

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ravi::security
