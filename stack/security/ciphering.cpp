#include "stack/security/ciphering.h"

#include "stack/security/openssl_context.h"
#include "stack/security/snow3g.h"
#include "stack/security/zuc.h"

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <utility>

namespace ravi::security {
namespace {

/// Exclusive or of the data with the key stream, 32 bits a word, most significant octet first.
template <class KeyStream>
void add_key_stream(KeyStream& stream, std::span<std::uint8_t> data) noexcept
{
  for (std::size_t i = 0; i < data.size(); i += 4) {
    const std::uint32_t z = stream.next();
    for (std::size_t j = 0; j < 4 && i + j < data.size(); ++j) {
      data[i + j] = static_cast<std::uint8_t>(data[i + j] ^ (z >> (24 - 8 * j)));
    }
  }
}

/// COUNT || BEARER || DIRECTION || 0...: the first 8 octets of the counter block and of ZUC's IV.
std::array<std::uint8_t, 16> first_half(std::uint32_t count, std::uint8_t bearer, Direction direction) noexcept
{
  std::array<std::uint8_t, 16> iv{};
  for (unsigned i = 0; i < 4; ++i) iv[i] = static_cast<std::uint8_t>(count >> (24 - 8 * i));
  iv[4] = static_cast<std::uint8_t>((static_cast<unsigned>(bearer) << 3) | (static_cast<unsigned>(direction) << 2));
  return iv;
}

}  // namespace

struct Ciphering::State {
  CipheringAlgorithm algorithm;
  Key128 key;
  CipherContext aes;
};

Ciphering::Ciphering(CipheringAlgorithm algorithm, const Key128& key)
  : state_(std::make_unique<State>())
{
  state_->algorithm = algorithm;
  state_->key = key;
  if (algorithm == CipheringAlgorithm::nea2) state_->aes.set_key(EVP_aes_128_ctr(), key);
}

Ciphering::~Ciphering() = default;
Ciphering::Ciphering(Ciphering&&) noexcept = default;
Ciphering& Ciphering::operator=(Ciphering&&) noexcept = default;

CipheringAlgorithm Ciphering::algorithm() const noexcept { return state_->algorithm; }

void Ciphering::apply(std::uint32_t count, std::uint8_t bearer, Direction direction, std::span<std::uint8_t> data) noexcept
{
  switch (state_->algorithm) {
    case CipheringAlgorithm::nea0: return;
    case CipheringAlgorithm::nea1: {  // TS 33.501 §D.2.1.2, TS 33.401 §B.1.2
      const std::uint32_t second = (static_cast<std::uint32_t>(bearer) << 27) | (static_cast<std::uint32_t>(direction) << 26);
      Snow3g stream(state_->key, {second, count, second, count});
      add_key_stream(stream, data);
      return;
    }
    case CipheringAlgorithm::nea2:  // TS 33.501 §D.2.1.3, TS 33.401 §B.1.3
      state_->aes.set_iv(first_half(count, bearer, direction));
      if (!data.empty()) state_->aes.update(data, data);
      return;
    case CipheringAlgorithm::nea3: {  // TS 33.501 §D.2.1.4, TS 33.401 §B.1.4
      auto iv = first_half(count, bearer, direction);
      for (std::size_t i = 0; i < 8; ++i) iv[8 + i] = iv[i];
      Zuc stream(state_->key, iv);
      add_key_stream(stream, data);
      return;
    }
  }
}

}  // namespace ravi::security
