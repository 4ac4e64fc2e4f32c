#pragma once
// SNOW 3G, the key stream of 128-NEA1 and 128-NIA1. ETSI/SAGE "Specification of the 3GPP Confidentiality and Integrity
// Algorithms UEA2 & UIA2, Document 2".

#include "stack/security/keys.h"

#include <array>
#include <cstdint>

namespace ravi::security {

class Snow3g {
public:
  /// `iv`: IV_0 .. IV_3.
  Snow3g(const Key128& key, const std::array<std::uint32_t, 4>& iv) noexcept;
  ~Snow3g();
  Snow3g(const Snow3g&) = delete;
  Snow3g& operator=(const Snow3g&) = delete;

  /// The next 32 bits of key stream.
  [[nodiscard]] std::uint32_t next() noexcept;

private:
  std::uint32_t clock_fsm() noexcept;
  void clock_lfsr(std::uint32_t feedback) noexcept;

  std::array<std::uint32_t, 16> s_{};
  std::uint32_t r1_ = 0, r2_ = 0, r3_ = 0;
};

}  // namespace ravi::security
