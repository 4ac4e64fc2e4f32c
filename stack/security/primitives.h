#pragma once
// What the rest of the folder stands on: one AES-128 block, SHA-256, HMAC-SHA-256, the 3GPP KDF.

#include "stack/security/keys.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>

namespace ravi::security {

using Block = std::array<std::uint8_t, 16>;
using Digest = std::array<std::uint8_t, 32>;

/// AES-128 encryption of single blocks under one key. FIPS 197.
class Aes128 {
public:
  explicit Aes128(const Key128& key);
  ~Aes128();
  Aes128(const Aes128&) = delete;
  Aes128& operator=(const Aes128&) = delete;

  [[nodiscard]] Block encrypt(const Block& in) const noexcept;

private:
  struct State;
  std::unique_ptr<State> state_;
};

/// AES-128 in counter mode over `data`, in place; `counter` is the first counter block. NIST SP 800-38A.
void apply_aes128_ctr(const Key128& key, const Block& counter, std::span<std::uint8_t> data);

[[nodiscard]] Digest sha256(std::span<const std::uint8_t> message);
/// `key` of any length. RFC 2104.
[[nodiscard]] Digest hmac_sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> message);

using KdfParameter = std::span<const std::uint8_t>;

/// HMAC-SHA-256(key, FC || P0 || L0 || P1 || L1 ...). TS 33.220 §B.2.0. Together the parameters are at most 1 kilobyte.
[[nodiscard]] Key256 derive(std::span<const std::uint8_t> key, std::uint8_t fc, std::initializer_list<KdfParameter> parameters);

}  // namespace ravi::security
