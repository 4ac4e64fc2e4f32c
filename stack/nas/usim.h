#pragma once
// The UE's subscriber module: who it is, its keys, and its answer to a 5G-AKA challenge. TS 33.501 §6.1.3.2, TS 24.501 §5.4.1.3.

#include "stack/nas/identity.h"
#include "stack/nas/mm_messages.h"
#include "stack/security/aka.h"

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <variant>

namespace ravi::nas {

struct UsimConfig {
  Plmn home;
  std::string msin = "0000000001";           ///< 9 or 10 digits: the IMSI without MCC and MNC
  security::Subscriber subscriber;
  std::string routing_indicator = "0";
  security::SuciScheme scheme = security::SuciScheme::null_scheme;
  std::uint8_t home_network_key_id = 0;      ///< of the public key below
  Octets home_network_key;                   ///< profile A: 32 octets; B: 33
};

/// The challenge was answered: `k_amf` is for the security context that a Security Mode Command will take into use.
struct ChallengeAnswered {
  security::ResStar res_star{};
  security::Key256 k_amf;
};

class Usim {
public:
  explicit Usim(UsimConfig config) : config_(std::move(config)) {}

  /// The IMSI's digits.
  [[nodiscard]] std::string imsi() const { return config_.home.mcc + config_.home.mnc + config_.msin; }

  /// The concealed identifier, fresh where the scheme conceals. `random` makes the ephemeral key. With a bad home network key it
  /// is the null scheme's only if that is what was configured; else empty.
  [[nodiscard]] std::optional<Suci> make_suci(std::mt19937_64& random) const;

  /// Answers an Authentication Request, or says why not as the Authentication Failure to send.
  [[nodiscard]] std::variant<ChallengeAnswered, AuthenticationFailure> authenticate(const AuthenticationRequest& request,
                                                                                    const Plmn& serving);

private:
  UsimConfig config_;
  security::SqnArray accepted_;
};

}  // namespace ravi::nas
