#pragma once
// The 5G key hierarchy. TS 33.501 Annex A.

#include "stack/security/algorithms.h"
#include "stack/security/milenage.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ravi::security {

using ResStar = std::array<std::uint8_t, 16>;

/// "5G:mnc001.mcc001.3gppnetwork.org". `mcc` three digits, `mnc` two or three (two get a leading 0). TS 24.501 §9.12.1.
[[nodiscard]] std::string serving_network_name(std::string_view mcc, std::string_view mnc);

/// A.2; `sqn_xor_ak` as in AUTN.
[[nodiscard]] Key256 derive_k_ausf(const Key128& ck, const Key128& ik, std::string_view snn, const SqnOctets& sqn_xor_ak);
/// RES* of the UE and XRES* of the network. A.4.
[[nodiscard]] ResStar derive_res_star(const Key128& ck, const Key128& ik, std::string_view snn, const Rand& rand,
                                      std::span<const std::uint8_t> res);
/// HRES* and HXRES*, what the serving network compares. A.5.
[[nodiscard]] std::array<std::uint8_t, 16> derive_hres_star(const Rand& rand, const ResStar& res_star);
/// A.6.
[[nodiscard]] Key256 derive_k_seaf(const Key256& k_ausf, std::string_view snn);
/// A.7; `supi` for an IMSI is its digits alone, `abba` as sent in the Authentication Request.
[[nodiscard]] Key256 derive_k_amf(const Key256& k_seaf, std::string_view supi, std::span<const std::uint8_t> abba);

/// What a key of A.8 is for; the value is the algorithm type distinguisher of Table A.8-1.
enum class KeyUse : std::uint8_t {
  nas_encryption = 1,
  nas_integrity = 2,
  rrc_encryption = 3,
  rrc_integrity = 4,
  up_encryption = 5,
  up_integrity = 6,
};

/// A.8: from K_AMF for NAS, from K_gNB for RRC and the user plane; the 128 bits that the algorithm takes.
[[nodiscard]] Key128 derive_algorithm_key(const Key256& parent, KeyUse use, std::uint8_t algorithm);
[[nodiscard]] inline Key128 derive_key(const Key256& parent, KeyUse use, CipheringAlgorithm a)
{
  return derive_algorithm_key(parent, use, static_cast<std::uint8_t>(a));
}
[[nodiscard]] inline Key128 derive_key(const Key256& parent, KeyUse use, IntegrityAlgorithm a)
{
  return derive_algorithm_key(parent, use, static_cast<std::uint8_t>(a));
}

/// A.9, 3GPP access; `uplink_nas_count` of the message that made the AMF set up the context.
[[nodiscard]] Key256 derive_k_gnb(const Key256& k_amf, std::uint32_t uplink_nas_count);
/// A.10; `sync` is K_gNB or the last NH.
[[nodiscard]] Key256 derive_nh(const Key256& k_amf, const Key256& sync);
/// A.11: K_NG-RAN* of a target cell from K_gNB or NH; `arfcn_dl` of its SSB.
[[nodiscard]] Key256 derive_k_ng_ran_star(const Key256& key, std::uint16_t pci, std::uint32_t arfcn_dl);

}  // namespace ravi::security
