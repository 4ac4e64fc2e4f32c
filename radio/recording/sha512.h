#pragma once
// SHA-512 of a stream, piece by piece (`core:sha512`).

#include <cstddef>
#include <memory>
#include <span>
#include <string>

struct evp_md_ctx_st;  // OpenSSL's

namespace ravi::recording {

class Sha512 {
public:
  Sha512();
  void update(std::span<const std::byte> bytes) noexcept;
  [[nodiscard]] std::string finish();  ///< 128 lower-case hexadecimal digits; ends the stream

private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace ravi::recording
