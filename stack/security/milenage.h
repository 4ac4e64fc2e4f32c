#pragma once
// Milenage: the example algorithm set for f1, f1*, f2, f3, f4, f5, f5*. TS 35.206.

#include "stack/security/keys.h"

#include <array>
#include <cstdint>
#include <span>

namespace ravi::security {

using Rand = std::array<std::uint8_t, 16>;
using SqnOctets = std::array<std::uint8_t, 6>;  ///< 48 bits, most significant first; also AK and SQN xor AK
using Amf = std::array<std::uint8_t, 2>;        ///< authentication management field, not the network function
using MacA = std::array<std::uint8_t, 8>;

/// What f2..f5 and f5* give for one RAND. TS 35.206 §4.1.
struct MilenageOutput {
  std::array<std::uint8_t, 8> res{};  ///< f2
  Key128 ck;                          ///< f3
  Key128 ik;                          ///< f4
  SqnOctets ak{};                     ///< f5
  SqnOctets ak_star{};                ///< f5*, hides SQN_MS in AUTS
};

/// f1 and f1*. TS 35.206 §4.1.
struct MilenageMac {
  MacA mac_a{};
  MacA mac_s{};
};

/// OPc = E_K(OP) xor OP. TS 35.206 §4.1.
[[nodiscard]] Key128 derive_opc(const Key128& k, const Key128& op);

[[nodiscard]] MilenageOutput milenage_f2345(const Key128& k, const Key128& opc, const Rand& rand);
[[nodiscard]] MilenageMac milenage_f1(const Key128& k, const Key128& opc, const Rand& rand, const SqnOctets& sqn, const Amf& amf);

}  // namespace ravi::security
