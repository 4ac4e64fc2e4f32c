#pragma once
// 5G-AKA: the authentication vector, what the USIM answers, and resynchronization. TS 33.501 §6.1.3.2, TS 33.102 §6.3.

#include "stack/security/key_derivation.h"
#include "stack/security/sqn.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ravi::security {

using Autn = std::array<std::uint8_t, 16>;  ///< SQN xor AK (6) || AMF (2) || MAC-A (8)
using Auts = std::array<std::uint8_t, 14>;  ///< SQN_MS xor AK* (6) || MAC-S (8)

/// The separation bit, bit 0 of the AMF, says "for 5G". TS 33.501 §6.1.3.2.0, TS 33.102 Annex H.
inline constexpr Amf kAmf5g{0x80, 0x00};

/// What both ends hold: the long-term key and the operator's constant.
struct Subscriber {
  Key128 k;
  Key128 opc;
};

/// 5G HE AV. TS 33.501 §6.1.3.2.0.
struct AuthenticationVector {
  Rand rand{};
  Autn autn{};
  ResStar xres_star{};
  Key256 k_ausf;
};
[[nodiscard]] AuthenticationVector make_authentication_vector(const Subscriber& subscriber, const Rand& rand, Sqn sqn,
                                                              std::string_view snn, const Amf& amf = kAmf5g);

enum class AutnVerdict : std::uint8_t {
  accepted,
  mac_failure,   ///< MAC-A wrong: not our home network
  not_5g,        ///< the separation bit is 0
  sync_failure,  ///< SQN not fresh: `auts` is to be sent back
};

/// The UE's side. `res_star` and `k_ausf` are set if accepted, `auts` at a synchronization failure.
struct AutnCheck {
  AutnVerdict verdict = AutnVerdict::mac_failure;
  ResStar res_star{};
  Key256 k_ausf;
  Auts auts{};
};
[[nodiscard]] AutnCheck check_autn(const Subscriber& subscriber, const Rand& rand, const Autn& autn, std::string_view snn,
                                   SqnArray& accepted);

/// AUTS with AMF* = 0. TS 33.102 §6.3.3.
[[nodiscard]] Auts make_auts(const Subscriber& subscriber, const Rand& rand, Sqn sqn_ms);
/// SQN_MS out of an AUTS whose MAC-S is right for the RAND that was challenged with. TS 33.102 §6.3.5.
[[nodiscard]] std::optional<Sqn> check_auts(const Subscriber& subscriber, const Rand& rand, const Auts& auts);

}  // namespace ravi::security
