#include "stack/security/primitives.h"

#include "stack/security/openssl_context.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <vector>

namespace ravi::security {

void wipe(std::span<std::uint8_t> bytes) noexcept { OPENSSL_cleanse(bytes.data(), bytes.size()); }

bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept
{
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

struct Aes128::State {
  CipherContext context;
};

Aes128::Aes128(const Key128& key) : state_(std::make_unique<State>())
{
  state_->context.set_key(EVP_aes_128_ecb(), key);
}

Aes128::~Aes128() = default;

Block Aes128::encrypt(const Block& in) const noexcept
{
  Block out{};
  state_->context.update(in, out);
  return out;
}

void apply_aes128_ctr(const Key128& key, const Block& counter, std::span<std::uint8_t> data)
{
  CipherContext context;
  context.set_key(EVP_aes_128_ctr(), key);
  context.set_iv(counter);
  context.update(data, data);
}

Digest sha256(std::span<const std::uint8_t> message)
{
  Digest digest{};
  SHA256(message.data(), message.size(), digest.data());
  return digest;
}

Digest hmac_sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> message)
{
  Digest digest{};
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(), digest.data(), nullptr);
  return digest;
}

Key256 derive(std::span<const std::uint8_t> key, std::uint8_t fc, std::initializer_list<KdfParameter> parameters)
{
  std::vector<std::uint8_t> s{fc};
  for (KdfParameter p : parameters) {
    s.insert(s.end(), p.begin(), p.end());
    s.push_back(static_cast<std::uint8_t>(p.size() >> 8));
    s.push_back(static_cast<std::uint8_t>(p.size() & 0xFF));
  }
  Digest digest = hmac_sha256(key, s);
  const Key256 out{std::span<const std::uint8_t, 32>(digest)};
  wipe(digest);
  wipe(s);
  return out;
}

}  // namespace ravi::security
