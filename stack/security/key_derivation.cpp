#include "stack/security/key_derivation.h"

#include "stack/security/primitives.h"

#include <algorithm>
#include <cstddef>

namespace ravi::security {
namespace {

// FC values, TS 33.501 §A.1.2.
constexpr std::uint8_t kFcAlgorithmKey = 0x69;
constexpr std::uint8_t kFcKAusf = 0x6A;
constexpr std::uint8_t kFcResStar = 0x6B;
constexpr std::uint8_t kFcKSeaf = 0x6C;
constexpr std::uint8_t kFcKAmf = 0x6D;
constexpr std::uint8_t kFcKGnb = 0x6E;
constexpr std::uint8_t kFcNh = 0x6F;
constexpr std::uint8_t kFcKNgRanStar = 0x70;

KdfParameter octets(std::string_view text)
{
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

template <std::size_t N>
std::array<std::uint8_t, N> big_endian(std::uint32_t value)
{
  std::array<std::uint8_t, N> out{};
  for (std::size_t i = 0; i < N; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * (N - 1 - i)));
  return out;
}

/// CK || IK.
Key256 join(const Key128& ck, const Key128& ik)
{
  Key256 out;
  std::copy_n(ck.bytes().begin(), 16, out.writable().begin());
  std::copy_n(ik.bytes().begin(), 16, out.writable().begin() + 16);
  return out;
}

}  // namespace

std::string serving_network_name(std::string_view mcc, std::string_view mnc)
{
  return "5G:mnc" + std::string(mnc.size() == 2 ? "0" : "") + std::string(mnc) + ".mcc" + std::string(mcc) +
         ".3gppnetwork.org";
}

Key256 derive_k_ausf(const Key128& ck, const Key128& ik, std::string_view snn, const SqnOctets& sqn_xor_ak)
{
  return derive(join(ck, ik).bytes(), kFcKAusf, {octets(snn), sqn_xor_ak});
}

ResStar derive_res_star(const Key128& ck, const Key128& ik, std::string_view snn, const Rand& rand,
                        std::span<const std::uint8_t> res)
{
  const Key256 out = derive(join(ck, ik).bytes(), kFcResStar, {octets(snn), rand, res});
  ResStar res_star{};
  std::copy_n(out.bytes().begin() + 16, 16, res_star.begin());
  return res_star;
}

std::array<std::uint8_t, 16> derive_hres_star(const Rand& rand, const ResStar& res_star)
{
  std::array<std::uint8_t, 32> s{};
  std::copy(rand.begin(), rand.end(), s.begin());
  std::copy(res_star.begin(), res_star.end(), s.begin() + 16);
  const Digest digest = sha256(s);
  std::array<std::uint8_t, 16> out{};
  std::copy_n(digest.begin() + 16, 16, out.begin());
  return out;
}

Key256 derive_k_seaf(const Key256& k_ausf, std::string_view snn) { return derive(k_ausf.bytes(), kFcKSeaf, {octets(snn)}); }

Key256 derive_k_amf(const Key256& k_seaf, std::string_view supi, std::span<const std::uint8_t> abba)
{
  return derive(k_seaf.bytes(), kFcKAmf, {octets(supi), abba});
}

Key128 derive_algorithm_key(const Key256& parent, KeyUse use, std::uint8_t algorithm)
{
  const auto p0 = big_endian<1>(static_cast<std::uint8_t>(use));
  const auto p1 = big_endian<1>(algorithm);
  return truncate(derive(parent.bytes(), kFcAlgorithmKey, {p0, p1}));
}

Key256 derive_k_gnb(const Key256& k_amf, std::uint32_t uplink_nas_count)
{
  constexpr std::uint8_t kAccess3gpp = 1;  // Table A.9-1
  const auto p0 = big_endian<4>(uplink_nas_count);
  const auto p1 = big_endian<1>(kAccess3gpp);
  return derive(k_amf.bytes(), kFcKGnb, {p0, p1});
}

Key256 derive_nh(const Key256& k_amf, const Key256& sync) { return derive(k_amf.bytes(), kFcNh, {sync.bytes()}); }

Key256 derive_k_ng_ran_star(const Key256& key, std::uint16_t pci, std::uint32_t arfcn_dl)
{
  const auto p0 = big_endian<2>(pci);
  const auto p1 = big_endian<3>(arfcn_dl);
  return derive(key.bytes(), kFcKNgRanStar, {p0, p1});
}

}  // namespace ravi::security
