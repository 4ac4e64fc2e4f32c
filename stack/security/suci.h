#pragma once
// Concealment of the subscription identifier: ECIES profiles A (X25519) and B (P-256). TS 33.501 Annex C.3.
// The null scheme leaves the MSIN as it is and needs no function.

#include "stack/security/keys.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ravi::security {

/// Protection scheme identifiers, TS 33.501 §C.1.
enum class SuciScheme : std::uint8_t { null_scheme = 0, profile_a = 1, profile_b = 2 };

/// The public key of a private key: 32 octets (A), or 33, compressed (B). Empty optional: the key is no valid scalar.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> suci_public_key(SuciScheme scheme, const Key256& private_key);

/// Scheme output: ephemeral public key || cipher text || MAC tag. `ephemeral_private_key` is random and used once.
/// `plain`: the MSIN as BCD octets (or the user name). Empty optional: null scheme, or a bad key.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> conceal(SuciScheme scheme,
                                                               std::span<const std::uint8_t> home_network_public_key,
                                                               const Key256& ephemeral_private_key,
                                                               std::span<const std::uint8_t> plain);

/// The reverse, in the home network. Empty optional: too short, no point of the curve, or a wrong MAC tag.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> deconceal(SuciScheme scheme, const Key256& home_network_private_key,
                                                                 std::span<const std::uint8_t> scheme_output);

}  // namespace ravi::security
