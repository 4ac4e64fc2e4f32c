// Registration: TS 24.501 §5.5.1.

#include "stack/nas/ue_nas.h"

namespace ravi::nas {

namespace {

constexpr Time kT3511{10'000};
constexpr Time kT3519{60'000};
constexpr Time kT3247 = std::chrono::minutes(30);  // 30 to 60 minutes, TS 24.008 Table 11.1
constexpr unsigned kMaxAttempts = 5;

/// What may go before security, §4.4.6.
RegistrationRequest cleartext_of(const RegistrationRequest& request)
{
  RegistrationRequest clear;
  clear.type = request.type;
  clear.has_follow_on = request.has_follow_on;
  clear.key_set = request.key_set;
  clear.identity = request.identity;
  clear.security_capability = request.security_capability;
  return clear;
}

/// Rejections after which this UE asks no more in this PLMN. §5.5.1.2.5.
bool is_final(MmCause cause)
{
  switch (cause) {
    case MmCause::illegal_ue:
    case MmCause::pei_not_accepted:
    case MmCause::illegal_me:
    case MmCause::services_not_allowed:
    case MmCause::plmn_not_allowed:
    case MmCause::tracking_area_not_allowed:
    case MmCause::roaming_not_allowed:
    case MmCause::no_suitable_cells:
    case MmCause::n1_mode_not_allowed:
    case MmCause::redirection_to_epc:
    case MmCause::no_network_slices_available:
    case MmCause::non_3gpp_access_not_allowed:
    case MmCause::serving_network_not_authorized: return true;
    default: return false;
  }
}

}  // namespace

void UeNas::start(const Plmn& serving)
{
  serving_ = serving;
  num_registration_attempts_ = 0;
  retry_.stop();
  if (state_ == State::registering || state_ == State::deregistering) return;
  begin_registration(state_ == State::deregistered ? RegistrationType::initial : RegistrationType::mobility_updating);
}

/// The same SUCI while T3519 runs; empty if the home network's public key is unusable.
std::optional<Suci> UeNas::concealed_identity()
{
  if (!suci_) {
    suci_ = usim_.make_suci(random_);
    t3519_.start(now_, kT3519);
  }
  return suci_;
}

/// The GUTI if there is one, else the SUCI. §5.5.1.2.2.
std::optional<MobileIdentity> UeNas::own_identity()
{
  if (guti_) return *guti_;
  if (const auto suci = concealed_identity()) return *suci;
  return std::nullopt;
}

RegistrationRequest UeNas::registration_request(RegistrationType type, const MobileIdentity& identity) const
{
  RegistrationRequest request;
  request.type = type;
  request.has_follow_on = config_.has_follow_on;
  if (security_) request.key_set = security_->key_set();
  request.identity = identity;
  request.mm_capability = config_.mm_capability;
  request.security_capability = config_.security_capability;
  request.requested_nssai = config_.requested_nssai;
  if (type != RegistrationType::initial) request.pdu_session_status = sessions_.active();
  // User-plane resources are asked for again where the lower layers lost them. §5.5.1.3.2.
  if (type == RegistrationType::mobility_updating && sessions_.active().bits != 0) request.uplink_data_status = sessions_.active();
  request.update_type = config_.update_type;
  return request;
}

void UeNas::begin_registration(RegistrationType type)
{
  retry_.stop();
  t3512_.stop();
  t3517_.stop();
  registration_type_ = type;
  const auto identity = own_identity();
  if (!identity) return give_up(std::nullopt, std::nullopt);
  if (type == RegistrationType::initial) {
    sessions_.clear();
    waiting_.clear();
    take_from_sessions();
  }
  state_ = State::registering;
  const RegistrationRequest request = registration_request(type, *identity);
  RegistrationRequest clear = cleartext_of(request);
  initial_message_ = encode(request);
  is_initial_cut_ = false;
  Octets nas;
  if (security_) {
    clear.nas_message = initial_message_;
    security_->encipher_container(*clear.nas_message);
    auto protected_nas = security_->protect(SecurityHeader::integrity, encode(clear));
    if (protected_nas) {
      nas = std::move(*protected_nas);
      use_as_key();
    }
  }
  if (nas.empty()) {  // no context, or one whose counts are used up
    security_.reset();
    clear.nas_message.reset();
    clear.key_set = {};
    nas = encode(clear);
    is_initial_cut_ = true;
  }
  t3510_.start(now_, kT3510);
  send_initial(nas, EstablishmentCause::mo_signalling);
}

void UeNas::adopt(const std::optional<MobileIdentity>& identity)
{
  if (!identity) return;
  if (const auto* guti = std::get_if<Guti>(&*identity)) guti_ = *guti;
}

void UeNas::on(const RegistrationAccept& accept)
{
  if (state_ != State::registering) {
    ++counters_.unexpected;
    return;
  }
  t3510_.stop();
  retry_.stop();
  num_registration_attempts_ = 0;
  state_ = State::registered;
  adopt(accept.guti);
  tai_list_ = accept.tai_list;
  allowed_nssai_ = accept.allowed_nssai;
  if (accept.t3512) periodic_update_ = accept.t3512->duration();
  if (accept.t3502 && accept.t3502->duration()) t3502_value_ = *accept.t3502->duration();
  if (accept.guti || accept.configured_nssai || accept.sor_container) send(RegistrationComplete{});  // §5.5.1.2.4
  const bool had_sessions = sessions_.active().bits != 0;
  if (accept.pdu_session_status) sessions_.keep_only(*accept.pdu_session_status);
  const bool has_lost_all = had_sessions && sessions_.active().bits == 0;
  actions_.emplace_back(Registered{guti_});
  take_from_sessions();
  if (registration_type_ != RegistrationType::initial && !has_lost_all) return;
  for (const SessionConfig& session : config_.sessions) establish_session(session);
}

/// §5.5.1.2.5, §5.5.1.3.5.
void UeNas::on_reject(MmCause cause, std::optional<Time> back_off, Protection protection)
{
  if (state_ != State::registering) {
    ++counters_.unexpected;
    return;
  }
  t3510_.stop();
  if (cause == MmCause::congestion && back_off) return give_up(cause, back_off);
  if (cause == MmCause::ue_identity_not_derived || cause == MmCause::implicitly_deregistered) {
    forget_network();
    if (++num_registration_attempts_ < kMaxAttempts) return begin_registration(RegistrationType::initial);
    return give_up(cause, t3502_value_);
  }
  if (!is_final(cause)) return abandon_registration(cause);
  forget_network();
  // A network that proves nothing is not believed for ever. §5.3.20.
  give_up(cause, protection == Protection::checked ? std::nullopt : std::optional(kT3247));
}

/// No answer, or one that says nothing. §5.5.1.2.7.
void UeNas::abandon_registration(std::optional<MmCause> cause)
{
  t3510_.stop();
  ++num_registration_attempts_;
  give_up(cause, num_registration_attempts_ < kMaxAttempts ? kT3511 : t3502_value_);
}

void UeNas::give_up(std::optional<MmCause> cause, std::optional<Time> retry_after)
{
  if (!retry_after || num_registration_attempts_ >= kMaxAttempts) forget_network();
  if (num_registration_attempts_ >= kMaxAttempts) num_registration_attempts_ = 0;
  state_ = registration_type_ == RegistrationType::initial ? State::deregistered : State::registered;
  if (retry_after) retry_.start(now_, *retry_after);
  actions_.emplace_back(RegistrationFailed{cause, retry_after});
}

/// GUTI, registration area, keys and sessions are no longer good.
void UeNas::forget_network()
{
  guti_.reset();
  tai_list_.reset();
  allowed_nssai_.reset();
  security_.reset();
  pending_key_.reset();
  is_secure_ = false;
  t3512_.stop();
  waiting_.clear();
  registration_type_ = RegistrationType::initial;
  sessions_.clear();
  take_from_sessions();
}

}  // namespace ravi::nas
