#include "stack/security/suci.h"

#include "stack/security/primitives.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <memory>

namespace ravi::security {
namespace {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

struct Free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(EC_GROUP* p) const { EC_GROUP_free(p); }
  void operator()(EC_POINT* p) const { EC_POINT_free(p); }
  void operator()(BIGNUM* p) const { BN_clear_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

constexpr std::size_t kTagSize = 8;  // TS 33.501 §C.3.4.1, §C.3.4.2: maclen 64 bits

std::size_t public_key_size(SuciScheme scheme) { return scheme == SuciScheme::profile_a ? 32 : 33; }

std::optional<Bytes> x25519_public(const Key256& key)
{
  const Owned<EVP_PKEY> own(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, key.bytes().data(), 32));
  Bytes out(32);
  std::size_t size = out.size();
  if (!own || EVP_PKEY_get_raw_public_key(own.get(), out.data(), &size) != 1) return std::nullopt;
  return out;
}

std::optional<Key256> x25519_shared(const Key256& key, ByteView peer)
{
  const Owned<EVP_PKEY> own(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, key.bytes().data(), 32));
  const Owned<EVP_PKEY> other(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, peer.data(), peer.size()));
  if (!own || !other) return std::nullopt;
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(own.get(), nullptr));
  Key256 shared;
  std::size_t size = 32;
  if (!context || EVP_PKEY_derive_init(context.get()) != 1 || EVP_PKEY_derive_set_peer(context.get(), other.get()) != 1 ||
      EVP_PKEY_derive(context.get(), shared.writable().data(), &size) != 1) {
    return std::nullopt;
  }
  return shared;
}

/// `key` times the point `peer` (compressed), or times the generator where `peer` is empty: the result compressed, 33 octets.
std::optional<Bytes> p256_multiply(const Key256& key, ByteView peer)
{
  const Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Owned<BIGNUM> scalar(BN_bin2bn(key.bytes().data(), 32, nullptr));
  if (!group || !scalar || BN_is_zero(scalar.get()) || BN_cmp(scalar.get(), EC_GROUP_get0_order(group.get())) >= 0) {
    return std::nullopt;
  }
  const Owned<EC_POINT> point(EC_POINT_new(group.get()));
  const Owned<EC_POINT> result(EC_POINT_new(group.get()));
  if (!point || !result) return std::nullopt;
  const bool is_done =
      peer.empty() ? EC_POINT_mul(group.get(), result.get(), scalar.get(), nullptr, nullptr, nullptr) == 1
                   : EC_POINT_oct2point(group.get(), point.get(), peer.data(), peer.size(), nullptr) == 1 &&
                         EC_POINT_mul(group.get(), result.get(), nullptr, point.get(), scalar.get(), nullptr) == 1;
  Bytes out(33);
  if (!is_done || EC_POINT_point2oct(group.get(), result.get(), POINT_CONVERSION_COMPRESSED, out.data(), out.size(),
                                     nullptr) != out.size()) {
    return std::nullopt;
  }
  return out;
}

std::optional<Key256> shared_key(SuciScheme scheme, const Key256& key, ByteView peer)
{
  if (peer.size() != public_key_size(scheme)) return std::nullopt;
  if (scheme == SuciScheme::profile_a) return x25519_shared(key, peer);
  auto point = p256_multiply(key, peer);
  if (!point) return std::nullopt;
  const Key256 x{std::span<const std::uint8_t, 32>(std::span(*point).subspan<1, 32>())};
  wipe(*point);
  return x;
}

/// AES key (16) || ICB (16) || MAC key (32) by ANSI X9.63 with SHA-256; SharedInfo is the ephemeral public key. §C.3.2, §C.3.4.
Secret<64> ecies_keys(const Key256& shared, ByteView ephemeral_public_key)
{
  Secret<64> out;
  for (std::uint8_t counter = 1; counter <= 2; ++counter) {
    Bytes input(shared.bytes().begin(), shared.bytes().end());
    input.insert(input.end(), {0, 0, 0, counter});
    input.insert(input.end(), ephemeral_public_key.begin(), ephemeral_public_key.end());
    Digest digest = sha256(input);
    std::copy(digest.begin(), digest.end(), out.writable().begin() + 32 * (counter - 1));
    wipe(digest);
    wipe(input);
  }
  return out;
}

void apply_keys(const Secret<64>& keys, std::span<std::uint8_t> data)
{
  Block counter{};
  std::copy_n(keys.bytes().begin() + 16, 16, counter.begin());
  if (!data.empty()) apply_aes128_ctr(Key128(keys.bytes().first<16>()), counter, data);
}

}  // namespace

std::optional<Bytes> suci_public_key(SuciScheme scheme, const Key256& private_key)
{
  if (scheme == SuciScheme::profile_a) return x25519_public(private_key);
  if (scheme == SuciScheme::profile_b) return p256_multiply(private_key, {});
  return std::nullopt;
}

std::optional<Bytes> conceal(SuciScheme scheme, ByteView home_network_public_key, const Key256& ephemeral_private_key,
                             ByteView plain)
{
  auto out = suci_public_key(scheme, ephemeral_private_key);
  if (!out) return std::nullopt;
  const auto shared = shared_key(scheme, ephemeral_private_key, home_network_public_key);
  if (!shared) return std::nullopt;
  const Secret<64> keys = ecies_keys(*shared, *out);
  Bytes text(plain.begin(), plain.end());
  apply_keys(keys, text);
  const Digest tag = hmac_sha256(keys.bytes().last<32>(), text);
  out->insert(out->end(), text.begin(), text.end());
  out->insert(out->end(), tag.begin(), tag.begin() + kTagSize);
  return out;
}

std::optional<Bytes> deconceal(SuciScheme scheme, const Key256& home_network_private_key, ByteView scheme_output)
{
  if (scheme == SuciScheme::null_scheme) return std::nullopt;
  const std::size_t key_size = public_key_size(scheme);
  if (scheme_output.size() < key_size + kTagSize) return std::nullopt;
  const ByteView ephemeral = scheme_output.first(key_size);
  const ByteView text = scheme_output.subspan(key_size, scheme_output.size() - key_size - kTagSize);
  const auto shared = shared_key(scheme, home_network_private_key, ephemeral);
  if (!shared) return std::nullopt;
  const Secret<64> keys = ecies_keys(*shared, ephemeral);
  const Digest tag = hmac_sha256(keys.bytes().last<32>(), text);
  if (!equal_in_constant_time(std::span(tag).first(kTagSize), scheme_output.last(kTagSize))) return std::nullopt;
  Bytes plain(text.begin(), text.end());
  apply_keys(keys, plain);
  return plain;
}

}  // namespace ravi::security
