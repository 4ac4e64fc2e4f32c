#pragma once
// One OpenSSL cipher context, made once and reused for every message. Private to this folder's sources.

#include "stack/security/keys.h"

#include <cstdint>
#include <span>

struct evp_cipher_ctx_st;
struct evp_cipher_st;

namespace ravi::security {

/// The context allocates in the constructor and in `set_key` only. A failure of OpenSSL here is a bug or a lack of memory:
/// the program ends rather than send plain text.
class CipherContext {
public:
  CipherContext();
  ~CipherContext();
  CipherContext(const CipherContext&) = delete;
  CipherContext& operator=(const CipherContext&) = delete;

  void set_key(const evp_cipher_st* cipher, const Key128& key);
  void set_iv(std::span<const std::uint8_t, 16> iv) noexcept;
  /// As many octets out as in; `out` may be `in`. Block modes take whole blocks.
  void update(std::span<const std::uint8_t> in, std::span<std::uint8_t> out) noexcept;

private:
  evp_cipher_ctx_st* context_;
};

}  // namespace ravi::security
