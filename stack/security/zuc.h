#pragma once
// ZUC, the key stream of 128-NEA3 and 128-NIA3. ETSI/SAGE "Specification of the 3GPP Confidentiality and Integrity
// Algorithms 128-EEA3 & 128-EIA3, Document 2".

#include "stack/security/keys.h"

#include <array>
#include <cstdint>

namespace ravi::security {

class Zuc {
public:
  Zuc(const Key128& key, const std::array<std::uint8_t, 16>& iv) noexcept;
  ~Zuc();
  Zuc(const Zuc&) = delete;
  Zuc& operator=(const Zuc&) = delete;

  /// The next 32 bits of key stream.
  [[nodiscard]] std::uint32_t next() noexcept;

private:
  std::array<std::uint32_t, 4> reorganize() const noexcept;
  std::uint32_t clock_f(const std::array<std::uint32_t, 4>& x) noexcept;
  void clock_lfsr(std::uint32_t u) noexcept;

  std::array<std::uint32_t, 16> s_{};
  std::uint32_t r1_ = 0, r2_ = 0;
};

}  // namespace ravi::security
