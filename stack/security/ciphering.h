#pragma once
// Ciphering of NAS messages and PDCP SDUs: NEA0, 128-NEA1, 128-NEA2, 128-NEA3. TS 33.501 Annex D.2.

#include "stack/security/algorithms.h"
#include "stack/security/keys.h"

#include <cstdint>
#include <memory>
#include <span>

namespace ravi::security {

/// One algorithm under one key. Made at set-up (allocates); `apply` does not allocate: AES has its key schedule and context from
/// then on. One thread at a time.
class Ciphering {
public:
  Ciphering(CipheringAlgorithm algorithm, const Key128& key);
  ~Ciphering();
  Ciphering(Ciphering&&) noexcept;
  Ciphering& operator=(Ciphering&&) noexcept;

  [[nodiscard]] CipheringAlgorithm algorithm() const noexcept;

  /// Enciphers or deciphers in place; the two are the same. `bearer` 0..31: RB identity - 1, or the NAS connection identifier.
  void apply(std::uint32_t count, std::uint8_t bearer, Direction direction, std::span<std::uint8_t> data) noexcept;

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ravi::security
