#include "radio/recording/sha512.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <new>

namespace ravi::recording {

void Sha512::Free::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

Sha512::Sha512() : context_(EVP_MD_CTX_new())
{
  if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha512(), nullptr) != 1) throw std::bad_alloc();
}

void Sha512::update(std::span<const std::byte> bytes) noexcept
{
  EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

std::string Sha512::finish()
{
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  EVP_DigestFinal_ex(context_.get(), digest.data(), &length);
  std::string text;
  for (unsigned int n = 0; n < length; ++n) text += fmt::format("{:02x}", digest[n]);
  return text;
}

}  // namespace ravi::recording
