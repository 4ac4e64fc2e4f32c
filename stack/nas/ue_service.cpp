// Service request, deregistration, configuration update, transport: TS 24.501 §5.6.1, §5.5.2, §5.4.4, §5.4.5.

#include "stack/nas/ue_nas.h"

namespace ravi::nas {

namespace {

constexpr Time kT3521{15'000};
constexpr Time kT3525{60'000};
constexpr unsigned kMaxAttempts = 5;

}  // namespace

// -- service request --------------------------------------------------------------------------------------------------------

void UeNas::request_service()
{
  if (state_ != State::registered || connection_ != Connection::idle) return;
  begin_service(ServiceType::data, EstablishmentCause::mo_data);
}

void UeNas::paged(const STmsi& identity)
{
  if (!guti_ || guti_->s_tmsi != identity || state_ != State::registered || connection_ != Connection::idle) return;
  t3525_.stop();
  begin_service(ServiceType::mobile_terminated, EstablishmentCause::mt_access);
}

void UeNas::begin_service(ServiceType type, EstablishmentCause cause)
{
  if (t3525_.is_running() || connection_ == Connection::requested) return;
  if (!guti_ || !security_) return begin_registration(RegistrationType::initial);
  ServiceRequest request;
  request.key_set = security_->key_set();
  request.type = type;
  request.identity = guti_->s_tmsi;
  ServiceRequest complete = request;
  const PduSessionSet active = sessions_.active();
  if (type != ServiceType::signalling && active.bits != 0) complete.uplink_data_status = active;
  complete.pdu_session_status = active;
  initial_message_ = encode(complete);
  is_initial_cut_ = false;
  request.nas_message = initial_message_;
  security_->encipher_container(*request.nas_message);
  const auto nas = security_->protect(SecurityHeader::integrity, encode(request));
  if (!nas) {
    security_.reset();
    return begin_registration(RegistrationType::initial);
  }
  state_ = State::requesting_service;
  t3512_.stop();
  t3517_.start(now_, kT3517);
  use_as_key();
  send_initial(*nas, cause);
}

void UeNas::on(const ServiceAccept& accept)
{
  if (state_ != State::requesting_service) {
    ++counters_.unexpected;
    return;
  }
  t3517_.stop();
  num_service_attempts_ = 0;
  state_ = State::registered;
  actions_.emplace_back(ServiceResumed{});
  if (accept.pdu_session_status) sessions_.keep_only(*accept.pdu_session_status);
  take_from_sessions();
}

/// The connection was released before there was an answer: tried again with the next wish. §5.6.1.7.
void UeNas::abandon_service()
{
  t3517_.stop();
  state_ = State::registered;
  if (periodic_update_) t3512_.start(now_, *periodic_update_);
}

/// No answer on a connection that stands, or one that says nothing: after some of these none is sought for a while. §5.6.1.7.
void UeNas::count_failed_service()
{
  abandon_service();
  if (++num_service_attempts_ < kMaxAttempts) return;
  num_service_attempts_ = 0;
  t3525_.start(now_, kT3525);
}

/// §5.6.1.5.
void UeNas::on_service_reject(const ServiceReject& reject, Protection protection)
{
  if (state_ != State::requesting_service) {
    ++counters_.unexpected;
    return;
  }
  t3517_.stop();
  state_ = State::registered;
  if (reject.pdu_session_status && protection == Protection::checked) {
    sessions_.keep_only(*reject.pdu_session_status);
    take_from_sessions();
  }
  switch (reject.cause) {
    case MmCause::ue_identity_not_derived:
    case MmCause::implicitly_deregistered:
      forget_network();
      registers_after_release_ = true;
      state_ = State::deregistered;
      break;
    case MmCause::illegal_ue:
    case MmCause::illegal_me:
    case MmCause::services_not_allowed:
    case MmCause::plmn_not_allowed:
    case MmCause::tracking_area_not_allowed:
    case MmCause::roaming_not_allowed:
    case MmCause::no_suitable_cells:
      if (protection == Protection::checked) {
        forget_network();
        give_up(reject.cause, std::nullopt);
      } else {
        count_failed_service();
      }
      break;
    case MmCause::congestion:
      if (reject.t3346 && reject.t3346->duration()) t3525_.start(now_, *reject.t3346->duration());
      break;
    default: count_failed_service(); break;
  }
}

// -- deregistration ---------------------------------------------------------------------------------------------------------

void UeNas::deregister(Deregistration kind)
{
  if (state_ == State::deregistered || state_ == State::deregistering) {
    retry_.stop();
    return;
  }
  for (Timer* timer : {&t3510_, &t3512_, &t3517_, &retry_}) timer->stop();
  registers_after_release_ = false;
  num_deregistration_attempts_ = 0;
  state_ = State::deregistering;
  send_deregistration(kind);
  if (kind == Deregistration::switch_off) end_deregistration();
}

void UeNas::send_deregistration(Deregistration kind)
{
  const auto identity = own_identity();
  if (!identity || num_deregistration_attempts_++ >= kMaxAttempts) {
    actions_.emplace_back(ReleaseConnection{});
    connection_ = Connection::idle;
    return end_deregistration();
  }
  DeregistrationRequestUe request;
  request.type.is_switch_off = kind == Deregistration::switch_off;
  if (security_) request.key_set = security_->key_set();
  request.identity = *identity;
  if (kind == Deregistration::normal) t3521_.start(now_, kT3521);
  if (connection_ == Connection::connected) return send(request);
  Octets nas = encode(request);
  if (security_) {
    if (const auto protected_nas = security_->protect(SecurityHeader::integrity, nas)) {
      nas = *protected_nas;
      use_as_key();
    }
  }
  send_initial(nas, EstablishmentCause::mo_signalling);
}

void UeNas::end_deregistration()
{
  t3521_.stop();
  sessions_.clear();
  waiting_.clear();
  t3512_.stop();
  registration_type_ = RegistrationType::initial;
  state_ = State::deregistered;
  take_from_sessions();
  actions_.emplace_back(Deregistered{});
}

/// §5.5.2.3.
void UeNas::on(const DeregistrationRequestNetwork& request)
{
  send(DeregistrationAcceptNetwork{});
  for (Timer* timer : {&t3510_, &t3517_, &retry_}) timer->stop();
  end_deregistration();
  const bool is_unknown = request.cause == MmCause::ue_identity_not_derived;
  if (is_unknown || (request.cause && !request.type.needs_reregistration)) forget_network();
  registers_after_release_ = request.type.needs_reregistration;
}

// -- what the network tells -------------------------------------------------------------------------------------------------

/// §5.4.4.3.
void UeNas::on(const ConfigurationUpdateCommand& command)
{
  constexpr std::uint8_t kAcknowledge = 1, kRegister = 2;
  const std::uint8_t indication = command.indication.value_or(0);
  adopt(command.guti);
  if (command.tai_list) tai_list_ = command.tai_list;
  if (command.allowed_nssai) allowed_nssai_ = command.allowed_nssai;
  if (command.full_name) actions_.emplace_back(NetworkNamed{text_of(*command.full_name)});
  if ((indication & kAcknowledge) != 0) send(ConfigurationUpdateComplete{});
  if ((indication & kRegister) != 0) {
    registration_type_ = RegistrationType::mobility_updating;
    registers_after_release_ = true;
  }
}

/// §5.4.5.3.3.
void UeNas::on(const DownlinkNasTransport& transport)
{
  if (transport.payload_type != PayloadContainerType::n1_sm) {
    ++counters_.unexpected;
    return;
  }
  if (transport.cause) {
    sessions_.receive_not_forwarded(transport.payload, *transport.cause);
  } else {
    sessions_.receive(transport.payload, now_);
  }
  take_from_sessions();
}

}  // namespace ravi::nas
