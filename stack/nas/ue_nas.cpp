#include "stack/nas/ue_nas.h"

#include "stack/security/key_derivation.h"

#include <utility>

namespace ravi::nas {

UeSecurityCapability default_security_capability()
{
  UeSecurityCapability capability;
  using enum security::CipheringAlgorithm;
  using enum security::IntegrityAlgorithm;
  for (const auto algorithm : {nea0, nea1, nea2, nea3}) capability.add(algorithm);
  for (const auto algorithm : {nia1, nia2, nia3}) capability.add(algorithm);
  return capability;
}

UeNas::UeNas(UeNasConfig config) : config_(std::move(config)), usim_(config_.usim), random_(config_.random_seed) {}

std::vector<UeAction> UeNas::take_actions() { return std::exchange(actions_, {}); }

// -- what the layers below say ----------------------------------------------------------------------------------------------

void UeNas::connection_established()
{
  if (connection_ == Connection::requested) connection_ = Connection::connected;
}

void UeNas::connection_failed() { connection_released(); }

void UeNas::access_barred()
{
  t3510_.stop();
  t3517_.stop();
}

void UeNas::access_alleviated()
{
  if (state_ == State::registering) t3510_.start(now_, kT3510);
  if (state_ == State::requesting_service) t3517_.start(now_, kT3517);
}

void UeNas::connection_released()
{
  connection_ = Connection::idle;
  is_secure_ = false;
  t3520_.stop();
  num_authentication_failures_ = 0;
  switch (state_) {
    case State::registering: abandon_registration(std::nullopt); break;
    case State::requesting_service: abandon_service(); break;
    case State::deregistering: end_deregistration(); break;
    case State::registered:
      if (periodic_update_) t3512_.start(now_, *periodic_update_);
      break;
    case State::deregistered: break;
  }
  if (std::exchange(registers_after_release_, false)) begin_registration(registration_type_);
}

void UeNas::tick(Time now)
{
  now_ = now;
  if (t3519_.expire(now)) suci_.reset();
  if (t3520_.expire(now)) distrust_network();
  if (t3510_.expire(now)) {
    actions_.emplace_back(ReleaseConnection{});
    connection_ = Connection::idle;
    is_secure_ = false;
    abandon_registration(std::nullopt);
  }
  if (t3517_.expire(now)) {
    actions_.emplace_back(ReleaseConnection{});
    connection_ = Connection::idle;
    is_secure_ = false;
    count_failed_service();
  }
  if (t3521_.expire(now)) send_deregistration(Deregistration::normal);
  if (t3512_.expire(now) && state_ == State::registered) begin_registration(RegistrationType::periodic_updating);
  if (retry_.expire(now) && (state_ == State::deregistered || state_ == State::registered)) {
    begin_registration(registration_type_);
  }
  static_cast<void>(t3525_.expire(now));
  sessions_.tick(now);
  take_from_sessions();
}

// -- in ---------------------------------------------------------------------------------------------------------------------

void UeNas::downlink_nas(std::span<const std::uint8_t> message)
{
  if (connection_ == Connection::requested) connection_ = Connection::connected;
  const auto parts = split_protected(message);
  if (!parts) return receive_plain(message, Protection::none);
  if (parts->header == SecurityHeader::integrity_new) return on_security_mode_command(*parts);
  if (security_) {
    if (const auto plain = security_->open(*parts)) {
      is_secure_ = true;
      return receive_plain(*plain, Protection::checked);
    }
  }
  ++counters_.integrity_failures;
  // The network may have lost the context: some messages count even so, as if they were plain. TS 24.501 §4.4.4.2.
  if (!is_secure_ && parts->header == SecurityHeader::integrity) receive_plain(parts->payload, Protection::none);
}

void UeNas::receive_plain(std::span<const std::uint8_t> plain, Protection protection)
{
  if (trace) trace(false, plain);
  const auto message = decode_mm(plain);
  if (message) return dispatch(*message, protection);
  ++counters_.malformed;
  if (message.error().answer == DecodeError::Answer::status && (protection == Protection::checked || !is_secure_)) {
    send(MmStatus{message.error().cause});
  }
}

void UeNas::dispatch(const MmMessage& message, Protection protection)
{
  const bool is_plain = protection == Protection::none;
  if (is_plain && is_secure_) {
    ++counters_.unprotected;
    return;
  }
  // These are processed without protection too, §4.4.4.2; each decides how far it is believed.
  if (const auto* m = std::get_if<IdentityRequest>(&message)) return on(*m, protection);
  if (const auto* m = std::get_if<AuthenticationRequest>(&message)) return on(*m);
  if (std::holds_alternative<AuthenticationReject>(message)) return on_authentication_reject(protection);
  if (const auto* m = std::get_if<RegistrationReject>(&message)) {
    if (m->t3502 && m->t3502->duration()) t3502_value_ = *m->t3502->duration();
    return on_reject(m->cause, m->t3346 ? m->t3346->duration() : std::nullopt, protection);
  }
  if (const auto* m = std::get_if<ServiceReject>(&message)) return on_service_reject(*m, protection);
  if (std::holds_alternative<DeregistrationAcceptUe>(message)) {
    if (state_ == State::deregistering) return end_deregistration();
    ++counters_.unexpected;
    return;
  }
  if (is_plain) {
    ++counters_.unprotected;
    return;
  }
  if (const auto* m = std::get_if<RegistrationAccept>(&message)) return on(*m);
  if (const auto* m = std::get_if<ServiceAccept>(&message)) return on(*m);
  if (const auto* m = std::get_if<DeregistrationRequestNetwork>(&message)) return on(*m);
  if (const auto* m = std::get_if<ConfigurationUpdateCommand>(&message)) return on(*m);
  if (const auto* m = std::get_if<DownlinkNasTransport>(&message)) return on(*m);
  ++counters_.unexpected;
  if (!std::holds_alternative<MmStatus>(message)) send(MmStatus{MmCause::message_type_not_compatible});
}

// -- out --------------------------------------------------------------------------------------------------------------------

/// On the connection there is; protected once protected messages are exchanged on it.
void UeNas::send(const MmMessage& message)
{
  if (connection_ != Connection::connected) return;
  Octets nas = encode(message);
  if (trace) trace(true, nas);
  if (security_ && is_secure_) {
    auto protected_nas = security_->protect(SecurityHeader::integrity_ciphered, nas);
    if (!protected_nas) return;  // 2^24 messages under one key: nothing more may go under it
    nas = std::move(*protected_nas);
  }
  actions_.emplace_back(SendUplink{std::move(nas)});
}

/// An initial message: over the connection there is, or one that is asked for.
void UeNas::send_initial(const Octets& nas, EstablishmentCause cause)
{
  if (trace) trace(true, nas);
  if (connection_ == Connection::connected) {
    actions_.emplace_back(SendUplink{nas});
    return;
  }
  connection_ = Connection::requested;
  actions_.emplace_back(RequestConnection{nas, cause, guti_});
}

/// K_gNB from the uplink message just protected. TS 33.501 §6.8.1.1.2, §6.8.1.2.2.
void UeNas::use_as_key()
{
  actions_.emplace_back(UseAsKey{security::derive_k_gnb(security_->k_amf(), security_->last_uplink_count())});
}

void UeNas::take_from_sessions()
{
  constexpr std::size_t kMaxWaiting = 32;
  for (auto& action : std::exchange(sessions_.actions, {})) actions_.push_back(std::move(action));
  for (auto& transport : std::exchange(sessions_.uplink, {})) {
    if (waiting_.size() < kMaxWaiting) waiting_.push_back(std::move(transport));
  }
  send_waiting();
}

void UeNas::send_waiting()
{
  if (waiting_.empty() || state_ != State::registered) return;
  if (connection_ != Connection::connected) return begin_service(ServiceType::signalling, EstablishmentCause::mo_signalling);
  for (const UplinkNasTransport& transport : std::exchange(waiting_, {})) send(transport);
}

std::optional<std::uint8_t> UeNas::establish_session(const SessionConfig& config)
{
  if (state_ != State::registered && state_ != State::requesting_service) return std::nullopt;
  SessionConfig wanted = config;
  if (!wanted.s_nssai && allowed_nssai_ && config_.requested_nssai) wanted.s_nssai = allowed_nssai_->slices.front();
  const auto id = sessions_.establish(wanted, now_);
  take_from_sessions();
  return id;
}

bool UeNas::release_session(std::uint8_t id)
{
  const bool is_released = sessions_.release(id, now_);
  take_from_sessions();
  return is_released;
}

}  // namespace ravi::nas
