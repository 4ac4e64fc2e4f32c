#include "stack/security/openssl_context.h"

#include <openssl/evp.h>

#include <exception>

namespace ravi::security {
namespace {

void require(bool holds) noexcept
{
  if (!holds) std::terminate();
}

}  // namespace

CipherContext::CipherContext() : context_(EVP_CIPHER_CTX_new()) { require(context_ != nullptr); }

CipherContext::~CipherContext() { EVP_CIPHER_CTX_free(context_); }

void CipherContext::set_key(const evp_cipher_st* cipher, const Key128& key)
{
  require(EVP_EncryptInit_ex(context_, cipher, nullptr, key.bytes().data(), nullptr) == 1);
  EVP_CIPHER_CTX_set_padding(context_, 0);
}

void CipherContext::set_iv(std::span<const std::uint8_t, 16> iv) noexcept
{
  require(EVP_EncryptInit_ex(context_, nullptr, nullptr, nullptr, iv.data()) == 1);
}

void CipherContext::update(std::span<const std::uint8_t> in, std::span<std::uint8_t> out) noexcept
{
  int written = 0;
  require(EVP_EncryptUpdate(context_, out.data(), &written, in.data(), static_cast<int>(in.size())) == 1);
  require(written == static_cast<int>(in.size()));
}

}  // namespace ravi::security
