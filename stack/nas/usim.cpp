#include "stack/nas/usim.h"

#include "stack/security/key_derivation.h"

namespace ravi::nas {

std::optional<Suci> Usim::make_suci(std::mt19937_64& random) const
{
  Suci suci = null_scheme_suci(config_.home, config_.msin, config_.routing_indicator);
  if (config_.scheme == security::SuciScheme::null_scheme) return suci;
  security::Key256 ephemeral;
  for (std::uint8_t& octet : ephemeral.writable()) octet = static_cast<std::uint8_t>(random());
  auto output = security::conceal(config_.scheme, config_.home_network_key, ephemeral, suci.scheme_output);
  if (!output) return std::nullopt;
  suci.scheme = config_.scheme;
  suci.home_network_key = config_.home_network_key_id;
  suci.scheme_output = std::move(*output);
  return suci;
}

std::variant<ChallengeAnswered, AuthenticationFailure> Usim::authenticate(const AuthenticationRequest& request,
                                                                          const Plmn& serving)
{
  AuthenticationFailure failure;
  if (!request.rand || !request.autn) {  // EAP is not ours: TS 24.501 §5.4.1.2 left out
    failure.cause = MmCause::non_5g_authentication_unacceptable;
    return failure;
  }
  const std::string snn = security::serving_network_name(serving.mcc, serving.mnc);
  const auto check = security::check_autn(config_.subscriber, *request.rand, *request.autn, snn, accepted_);
  switch (check.verdict) {
    case security::AutnVerdict::accepted: {
      const auto k_seaf = security::derive_k_seaf(check.k_ausf, snn);
      return ChallengeAnswered{check.res_star, security::derive_k_amf(k_seaf, imsi(), request.abba)};
    }
    case security::AutnVerdict::mac_failure: failure.cause = MmCause::mac_failure; break;
    case security::AutnVerdict::not_5g: failure.cause = MmCause::non_5g_authentication_unacceptable; break;
    case security::AutnVerdict::sync_failure:
      failure.cause = MmCause::synch_failure;
      failure.auts = check.auts;
      break;
  }
  return failure;
}

}  // namespace ravi::nas
