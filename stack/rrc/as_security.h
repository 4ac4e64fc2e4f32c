#pragma once
// Access stratum security of one UE: algorithms and the keys derived from K_gNB. TS 33.501 §6.2.3.2, TS 38.331 §5.3.4.

#include "stack/security/algorithms.h"
#include "stack/security/key_derivation.h"
#include "stack/security/keys.h"

#include <cstdint>

namespace ravi::rrc {

struct AsSecurity {
  security::CipheringAlgorithm ciphering = security::CipheringAlgorithm::nea0;
  security::IntegrityAlgorithm integrity = security::IntegrityAlgorithm::nia2;
  security::Key128 k_rrc_enc;
  security::Key128 k_rrc_int;
  security::Key128 k_up_enc;
  security::Key128 k_up_int;
};

[[nodiscard]] inline AsSecurity derive_as_security(const security::Key256& k_gnb, security::CipheringAlgorithm ciphering,
                                                   security::IntegrityAlgorithm integrity)
{
  using security::KeyUse;
  return {.ciphering = ciphering,
          .integrity = integrity,
          .k_rrc_enc = security::derive_key(k_gnb, KeyUse::rrc_encryption, ciphering),
          .k_rrc_int = security::derive_key(k_gnb, KeyUse::rrc_integrity, integrity),
          .k_up_enc = security::derive_key(k_gnb, KeyUse::up_encryption, ciphering),
          .k_up_int = security::derive_key(k_gnb, KeyUse::up_integrity, integrity)};
}

/// Algorithms as bits: bit n is NEA n or NIA n.
struct AlgorithmSet {
  std::uint8_t ciphering = 0b0101;  ///< NEA0, NEA2
  std::uint8_t integrity = 0b0100;  ///< NIA2
  [[nodiscard]] bool has(security::CipheringAlgorithm a) const { return (ciphering >> static_cast<unsigned>(a) & 1U) != 0; }
  [[nodiscard]] bool has(security::IntegrityAlgorithm a) const { return (integrity >> static_cast<unsigned>(a) & 1U) != 0; }
};

}  // namespace ravi::rrc
