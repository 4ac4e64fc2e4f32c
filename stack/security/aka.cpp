#include "stack/security/aka.h"

#include <algorithm>

namespace ravi::security {
namespace {

constexpr Amf kAmfStar{0, 0};  // TS 33.102 §6.3.3

SqnOctets exclusive_or(const SqnOctets& a, const SqnOctets& b)
{
  SqnOctets out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(a[i] ^ b[i]);
  return out;
}

}  // namespace

AuthenticationVector make_authentication_vector(const Subscriber& subscriber, const Rand& rand, Sqn sqn,
                                                std::string_view snn, const Amf& amf)
{
  const MilenageOutput f = milenage_f2345(subscriber.k, subscriber.opc, rand);
  const MilenageMac mac = milenage_f1(subscriber.k, subscriber.opc, rand, sqn.octets(), amf);
  const SqnOctets sqn_xor_ak = exclusive_or(sqn.octets(), f.ak);
  AuthenticationVector out;
  out.rand = rand;
  std::copy(sqn_xor_ak.begin(), sqn_xor_ak.end(), out.autn.begin());
  std::copy(amf.begin(), amf.end(), out.autn.begin() + 6);
  std::copy(mac.mac_a.begin(), mac.mac_a.end(), out.autn.begin() + 8);
  out.xres_star = derive_res_star(f.ck, f.ik, snn, rand, f.res);
  out.k_ausf = derive_k_ausf(f.ck, f.ik, snn, sqn_xor_ak);
  return out;
}

AutnCheck check_autn(const Subscriber& subscriber, const Rand& rand, const Autn& autn, std::string_view snn,
                     SqnArray& accepted)
{
  SqnOctets sqn_xor_ak{};
  std::copy_n(autn.begin(), 6, sqn_xor_ak.begin());
  const Amf amf{autn[6], autn[7]};
  const MilenageOutput f = milenage_f2345(subscriber.k, subscriber.opc, rand);
  const Sqn sqn = Sqn::from_octets(exclusive_or(sqn_xor_ak, f.ak));
  const MilenageMac expected = milenage_f1(subscriber.k, subscriber.opc, rand, sqn.octets(), amf);
  AutnCheck out;
  if (!equal_in_constant_time(expected.mac_a, std::span(autn).subspan(8))) return out;
  if ((amf[0] & 0x80) == 0) {
    out.verdict = AutnVerdict::not_5g;
    return out;
  }
  if (!accepted.accept(sqn)) {
    out.verdict = AutnVerdict::sync_failure;
    out.auts = make_auts(subscriber, rand, accepted.highest());
    return out;
  }
  out.verdict = AutnVerdict::accepted;
  out.res_star = derive_res_star(f.ck, f.ik, snn, rand, f.res);
  out.k_ausf = derive_k_ausf(f.ck, f.ik, snn, sqn_xor_ak);
  return out;
}

Auts make_auts(const Subscriber& subscriber, const Rand& rand, Sqn sqn_ms)
{
  const MilenageOutput f = milenage_f2345(subscriber.k, subscriber.opc, rand);
  const MilenageMac mac = milenage_f1(subscriber.k, subscriber.opc, rand, sqn_ms.octets(), kAmfStar);
  const SqnOctets hidden = exclusive_or(sqn_ms.octets(), f.ak_star);
  Auts out{};
  std::copy(hidden.begin(), hidden.end(), out.begin());
  std::copy(mac.mac_s.begin(), mac.mac_s.end(), out.begin() + 6);
  return out;
}

std::optional<Sqn> check_auts(const Subscriber& subscriber, const Rand& rand, const Auts& auts)
{
  SqnOctets hidden{};
  std::copy_n(auts.begin(), 6, hidden.begin());
  const MilenageOutput f = milenage_f2345(subscriber.k, subscriber.opc, rand);
  const SqnOctets sqn = exclusive_or(hidden, f.ak_star);
  const MilenageMac expected = milenage_f1(subscriber.k, subscriber.opc, rand, sqn, kAmfStar);
  if (!equal_in_constant_time(expected.mac_s, std::span(auts).subspan(6))) return std::nullopt;
  return Sqn::from_octets(sqn);
}

}  // namespace ravi::security
