// Authentication, security mode, identification: TS 24.501 §5.4.1, §5.4.2, §5.4.3.

#include "stack/nas/ue_nas.h"

#include <utility>

namespace ravi::nas {

namespace {

constexpr Time kT3520{15'000};
constexpr unsigned kMaxFailures = 3;  // §5.4.1.3.7

}  // namespace

void UeNas::on(const AuthenticationRequest& request)
{
  if (state_ == State::deregistered) {
    ++counters_.unexpected;
    return;
  }
  if (pending_key_ && request.rand == pending_key_->rand) {  // the response was lost, §5.4.1.3.3
    send(AuthenticationResponse{Octets(pending_key_->res_star.begin(), pending_key_->res_star.end()), std::nullopt});
    return;
  }
  const bool is_in_use = security_ && security_->key_set() == request.key_set;
  if (is_in_use || request.key_set.id == KeySet::kNoKey) {
    send(AuthenticationFailure{MmCause::ngksi_already_in_use, std::nullopt});
    return;
  }
  auto answer = usim_.authenticate(request, serving_);
  if (const auto* failure = std::get_if<AuthenticationFailure>(&answer)) {
    send(*failure);
    t3520_.start(now_, kT3520);
    if (++num_authentication_failures_ >= kMaxFailures) distrust_network();
    return;
  }
  auto& answered = std::get<ChallengeAnswered>(answer);
  num_authentication_failures_ = 0;
  t3520_.stop();
  pending_key_ = PendingKey{request.key_set, answered.k_amf, *request.rand, answered.res_star};
  actions_.emplace_back(Authenticated{});
  send(AuthenticationResponse{Octets(answered.res_star.begin(), answered.res_star.end()), std::nullopt});
}

/// The network failed to prove itself: its connection is released at this end. §5.4.1.3.7.
void UeNas::distrust_network()
{
  actions_.emplace_back(ReleaseConnection{});
  connection_released();
}

/// §5.4.1.3.5.
void UeNas::on_authentication_reject(Protection protection)
{
  if (state_ == State::deregistered) {
    ++counters_.unexpected;
    return;
  }
  if (state_ == State::registering) return on_reject(MmCause::illegal_ue, std::nullopt, protection);
  forget_network();
  t3517_.stop();
  t3521_.stop();
  give_up(MmCause::illegal_ue, std::nullopt);
}

/// §5.4.2.5, and the bidding-down check of TS 33.501 §6.7.2.
std::optional<MmCause> UeNas::check(const SecurityModeCommand& command) const
{
  if (command.replayed_capability != config_.security_capability) return MmCause::security_capabilities_mismatch;
  const auto& algorithms = command.algorithms;
  const bool is_supported = config_.security_capability.supports(algorithms.ciphering) &&
                            config_.security_capability.supports(algorithms.integrity);
  constexpr std::uint8_t kHorizontalDerivation = 0x01;  // K_AMF' at a change of AMF: left out
  const bool asks_for_derivation = command.additional && (*command.additional & kHorizontalDerivation) != 0;
  // Null integrity is for emergency services only, §5.4.2.3.
  if (!is_supported || algorithms.integrity == security::IntegrityAlgorithm::nia0 || asks_for_derivation) {
    return MmCause::security_mode_rejected;
  }
  return std::nullopt;
}

void UeNas::on_security_mode_command(const ProtectedNas& parts)
{
  if (trace) trace(false, parts.payload);
  const auto message = decode_mm(parts.payload);  // never ciphered
  const auto* command = message ? std::get_if<SecurityModeCommand>(&*message) : nullptr;
  if (command == nullptr) {
    ++counters_.malformed;
    return;
  }
  const bool is_pending = pending_key_ && pending_key_->key_set == command->key_set;
  const bool is_current = security_ && security_->key_set() == command->key_set;
  if (!is_pending && !is_current) {
    ++counters_.unexpected;
    return send(SecurityModeReject{MmCause::security_mode_rejected});
  }
  if (const auto cause = check(*command)) return send(SecurityModeReject{*cause});
  NasSecurity candidate(End::ue, is_pending ? pending_key_->k_amf : security_->k_amf(), command->key_set,
                        command->algorithms);
  if (!is_pending) candidate.continue_from(*security_);
  if (!candidate.open(parts)) {
    ++counters_.integrity_failures;
    return send(SecurityModeReject{MmCause::security_mode_rejected});
  }
  security_ = std::move(candidate);
  pending_key_.reset();
  is_secure_ = true;
  complete_security_mode(*command);
}

void UeNas::complete_security_mode(const SecurityModeCommand& command)
{
  constexpr std::uint8_t kRequested = 1;
  SecurityModeComplete complete;
  if (command.imeisv_request == kRequested) complete.imeisv = Imeisv{config_.imeisv};
  const bool is_wanted = command.additional && (*command.additional & SecurityModeCommand::kRetransmitInitial) != 0;
  if (is_wanted || is_initial_cut_) complete.nas_message = initial_message_;
  is_initial_cut_ = false;
  const Octets plain = encode(complete);
  if (trace) trace(true, plain);
  auto nas = security_->protect(SecurityHeader::integrity_ciphered_new, plain);
  if (!nas) return;
  actions_.emplace_back(SecurityStarted{security_->algorithms()});
  use_as_key();
  actions_.emplace_back(SendUplink{std::move(*nas)});
}

/// Without protection only the concealed identity is told. §5.4.3.3, §4.4.4.2.
void UeNas::on(const IdentityRequest& request, Protection protection)
{
  IdentityResponse response;
  if (request.type == IdentityType::suci) {
    if (const auto suci = concealed_identity()) response.identity = *suci;
  } else if (protection == Protection::none) {
    ++counters_.unprotected;
    return;
  } else if (request.type == IdentityType::guti && guti_) {
    response.identity = *guti_;
  } else if (request.type == IdentityType::s_tmsi && guti_) {
    response.identity = guti_->s_tmsi;
  } else if (request.type == IdentityType::imei) {
    response.identity = Imei{config_.imeisv.substr(0, 14) + '0'};  // TS 23.003 §6.2.1: the 15th digit is sent as 0
  } else if (request.type == IdentityType::imeisv) {
    response.identity = Imeisv{config_.imeisv};
  }
  send(response);
}

}  // namespace ravi::nas
