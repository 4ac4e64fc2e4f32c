// Registration, service request, deregistration, transport of session messages. TS 24.501 §5.5, §5.6.1, §5.4.5.

#include "stack/core/amf.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace ravi::core {
namespace {

using nas::MmCause;
using nas::SecurityHeader;

/// NAS carries algorithm 0 in bit 8, NGAP algorithm 1 in the first of 16 bits. TS 24.501 §9.11.3.54, TS 38.413 §9.3.1.86.
std::uint16_t without_null(std::uint8_t algorithms) { return static_cast<std::uint16_t>((algorithms << 9) & 0xFFFF); }

ngap::SecurityCapabilities security_of(const nas::UeSecurityCapability& capability)
{
  return {without_null(capability.nea), without_null(capability.nia), without_null(capability.eea.value_or(0)),
          without_null(capability.eia.value_or(0))};
}

constexpr std::uint8_t kRadioCapabilityUpdate = 0x02;    // TS 24.501 §9.11.3.9A: NG-RAN-RCU
constexpr std::uint8_t kAcknowledgementRequested = 0x01; // §9.11.3.18

nas::SNssai s_nssai_of(const SubscriberData& subscriber)
{
  return {.sst = subscriber.sst, .sd = subscriber.sd, .mapped_sst = {}, .mapped_sd = {}};
}

ngap::Slice slice_of(const SubscriberData& subscriber) { return {.sst = subscriber.sst, .sd = subscriber.sd}; }

/// The whole message out of the container of a cut one. §4.4.6.
template <class Request>
Request whole_of(const Request& cut, nas::NasSecurity& security)
{
  if (!cut.nas_message) return cut;
  nas::Octets container = *cut.nas_message;
  security.decipher_container(container);
  const auto inner = nas::decode_mm(container);
  const auto* whole = inner ? std::get_if<Request>(&*inner) : nullptr;
  return whole != nullptr ? *whole : cut;
}

}  // namespace

Amf::Ue* Amf::find(const nas::STmsi& s_tmsi)
{
  const auto found = std::find_if(ues_.begin(), ues_.end(), [&](const auto& ue) {
    return !ue->is_gone && ((ue->guti && ue->guti->s_tmsi == s_tmsi) || (ue->old_guti && ue->old_guti->s_tmsi == s_tmsi));
  });
  return found == ues_.end() ? nullptr : found->get();
}

nas::Guti Amf::new_guti()
{
  return {config_.plmn, config_.region, {config_.set, config_.pointer, next_tmsi_++}};
}

/// Another context of the subscriber that just proved who it is: stale, detached without signalling to the UE.
void Amf::detach_others(const Ue& ue)
{
  bool has_other = false;
  for (const auto& other : ues_) {
    if (other.get() == &ue || other->imsi != ue.imsi || other->is_gone || other->state == UeState::deregistered) continue;
    has_other = true;
    release(*other, ngap::cause::kReleaseBy5gc);
    other->is_gone = true;
    ++counters_.implicit_detaches;
  }
  if (has_other) smf_.release_all(ue.imsi);
}

// -- registration, §5.5.1 ---------------------------------------------------------------------------------------------

void Amf::on(Ue& ue, const nas::RegistrationRequest& received, Protection protection)
{
  const bool is_verified = protection == Protection::checked;
  if (!is_verified && ue.state == UeState::registered) {  // on a secured connection nobody registers in the clear
    ++counters_.unprotected;
    return;
  }
  const auto request = is_verified ? whole_of(received, *ue.security) : received;
  if (request.security_capability) ue.capability = *request.security_capability;
  ue.registration = request;
  ue.outstanding.reset();
  ue.step = Step::none;
  if (is_verified) return accept_registration(ue);
  ue.state = UeState::deregistered;
  ue.security.reset();
  if (!request.security_capability) return reject_registration(ue, MmCause::invalid_mandatory_information);
  const auto* suci = std::get_if<nas::Suci>(&request.identity);
  if (suci == nullptr) return identify(ue);  // a GUTI that is not ours, or an equipment's identity
  const auto imsi = reveal(*suci);
  if (!imsi) return reject_registration(ue, MmCause::ue_identity_not_derived);
  ue.imsi = *imsi;
  challenge(ue);
}

void Amf::reject_registration(Ue& ue, MmCause cause)
{
  ue.outstanding.reset();
  ue.step = Step::none;
  const auto header = ue.security ? SecurityHeader::integrity_ciphered : SecurityHeader::plain;
  send_nas(ue, nas::RegistrationReject{.cause = cause}, header);
  ue.state = UeState::deregistered;
  release(ue, ngap::cause::kNasNormalRelease);
}

/// What the UE says it has decides what stays; `wanted` ones are set up again. §5.5.1.3.4, §5.6.1.4.
std::vector<ngap::SessionSetup> Amf::reconcile(Ue& ue, const std::optional<nas::PduSessionSet>& status,
                                               const std::optional<nas::PduSessionSet>& wanted)
{
  if (status) smf_.keep_only(ue.imsi, *status);
  return smf_.resume(ue.imsi, wanted.value_or(nas::PduSessionSet{}));
}

void Amf::accept_registration(Ue& ue)
{
  const auto subscriber = subscribers_.find(ue.imsi);
  if (!subscriber) return reject_registration(ue, MmCause::illegal_ue);
  const nas::RegistrationRequest request = ue.registration.value_or(nas::RegistrationRequest{});
  if (request.type == nas::RegistrationType::initial) smf_.release_all(ue.imsi);
  if ((request.update_type.value_or(0) & kRadioCapabilityUpdate) != 0) ue.radio_capability.clear();
  auto sessions = reconcile(ue, request.pdu_session_status, request.uplink_data_status);
  ue.old_guti = ue.guti;
  ue.guti = new_guti();

  const nas::RegistrationAccept accept = registration_accept(ue, *subscriber, request);
  if (ue.state == UeState::deregistered) ue.state = UeState::registering;
  ue.step = Step::accepting;
  ue.outstanding = Outstanding{.message = accept, .header = SecurityHeader::integrity_ciphered, .timer = {}, .num_transmissions = 1};
  ue.outstanding->timer.start(now_, kRetransmission);
  set_up_context(ue, protect(ue, accept, SecurityHeader::integrity_ciphered), std::move(sessions));
}

nas::RegistrationAccept Amf::registration_accept(const Ue& ue, const SubscriberData& subscriber, const nas::RegistrationRequest& request) const
{
  nas::RegistrationAccept accept;
  accept.guti = *ue.guti;
  accept.tai_list = nas::tai_list_of({config_.plmn, config_.tac});
  accept.allowed_nssai = nas::Nssai{{s_nssai_of(subscriber)}};
  nas::RejectedNssai rejected;  // TS 24.501 §5.5.1.2.4
  for (const nas::SNssai& slice : request.requested_nssai.value_or(nas::Nssai{}).slices) {
    if (!is_subscribed(subscriber, slice)) rejected.slices.push_back({.cause = nas::NssaiRejection::not_in_plmn, .sst = slice.sst, .sd = slice.sd});
  }
  if (!rejected.slices.empty()) {
    accept.rejected_nssai = std::move(rejected);
    accept.configured_nssai = accept.allowed_nssai;
  }
  accept.network_feature_support = nas::Octets{0, 0};  // §9.11.3.5: no voice over IMS, no emergency services, no EPS beside it
  accept.t3512 = nas::gprs_timer3(config_.t3512);
  accept.negotiated_drx = request.requested_drx;
  if (request.pdu_session_status) accept.pdu_session_status = smf_.active(ue.imsi);
  if (request.uplink_data_status) {
    accept.reactivation_result = nas::PduSessionSet{
        static_cast<std::uint16_t>(request.uplink_data_status->bits & ~smf_.active(ue.imsi).bits)};
  }
  return accept;
}

/// The first protected answer on a connection goes out with the key that the gNB secures the air with. TS 33.501 §6.8.1.1.2.
void Amf::set_up_context(Ue& ue, nas::Octets nas, std::vector<ngap::SessionSetup> sessions)
{
  if (!ue.connection || ue.connection->is_releasing) return;
  if (nas.empty()) return release(ue, ngap::cause::kReleaseBy5gc);  // NAS COUNTs used up
  Connection& connection = *ue.connection;
  if (connection.has_context) {
    if (sessions.empty()) {
      send(connection.gnb, ngap::DownlinkNasTransport{connection.ids, std::move(nas)});
    } else {
      send(connection.gnb, ngap::SessionSetupRequest{connection.ids, std::move(nas), std::move(sessions), config_.ue_ambr});
    }
    return;
  }
  const auto subscriber = subscribers_.find(ue.imsi);
  ngap::InitialContextSetupRequest request;
  request.ids = connection.ids;
  request.guami = guami();
  if (!sessions.empty()) request.ue_ambr = config_.ue_ambr;
  request.sessions = std::move(sessions);
  request.allowed_slices = {subscriber ? slice_of(*subscriber) : ngap::Slice{}};
  request.security = security_of(ue.capability);
  request.k_gnb = security::derive_k_gnb(ue.security->k_amf(), ue.security->last_uplink_count());
  request.radio_capability = ue.radio_capability;
  request.nas = std::move(nas);
  connection.has_context = true;
  send(connection.gnb, request);
}

void Amf::on(Ue& ue, const nas::RegistrationComplete&)
{
  if (ue.step != Step::accepting) {
    ++counters_.unexpected;
    return;
  }
  finish(ue, Step::accepting);
  ue.state = UeState::registered;
  ue.old_guti.reset();
  ++counters_.registrations;
  if (!ue.registration || ue.registration->type != nas::RegistrationType::periodic_updating) tell_name_and_time(ue);
}

// -- configuration update, §5.4.4 -------------------------------------------------------------------------------------

/// Nothing that asks for an acknowledgement.
void Amf::tell_name_and_time(Ue& ue)
{
  nas::ConfigurationUpdateCommand command;
  if (!config_.network_name.empty()) command.full_name = nas::network_name(config_.network_name);
  if (!config_.short_network_name.empty()) command.short_name = nas::network_name(config_.short_network_name);
  if (clock) {
    command.universal_time = clock();
    command.time_zone = command.universal_time->zone;
  }
  if (command == nas::ConfigurationUpdateCommand{}) return;
  ++counters_.configuration_updates;
  send_nas(ue, command);
}

/// Who was paged by a 5G-S-TMSI gets another. TS 33.501 §6.12.3.
void Amf::reallocate_guti(Ue& ue)
{
  ue.old_guti = ue.guti;
  ue.guti = new_guti();
  nas::ConfigurationUpdateCommand command;
  command.indication = kAcknowledgementRequested;
  command.guti = *ue.guti;
  ++counters_.configuration_updates;
  send_and_wait(ue, Step::updating, command, SecurityHeader::integrity_ciphered);
}

void Amf::on(Ue& ue, const nas::ConfigurationUpdateComplete&)
{
  if (ue.step != Step::updating) {
    ++counters_.unexpected;
    return;
  }
  finish(ue, Step::updating);
  ue.old_guti.reset();
}

// -- service request, §5.6.1 ------------------------------------------------------------------------------------------

void Amf::on(Ue& ue, const nas::ServiceRequest& received, Protection protection)
{
  if (protection == Protection::none || ue.state == UeState::deregistered) {
    if (ue.state != UeState::deregistered) {
      ++counters_.unprotected;
      return;
    }
    send_nas(ue, nas::ServiceReject{.cause = MmCause::ue_identity_not_derived}, SecurityHeader::plain);
    release(ue, ngap::cause::kNasNormalRelease);
    return;
  }
  const auto request = whole_of(received, *ue.security);
  nas::PduSessionSet wanted = request.uplink_data_status.value_or(nas::PduSessionSet{});
  if (request.type == nas::ServiceType::mobile_terminated) wanted.bits |= smf_.active(ue.imsi).bits;
  auto sessions = reconcile(ue, request.pdu_session_status, wanted);
  nas::ServiceAccept accept;
  accept.pdu_session_status = smf_.active(ue.imsi);
  if (request.uplink_data_status) {
    accept.reactivation_result = nas::PduSessionSet{
        static_cast<std::uint16_t>(request.uplink_data_status->bits & ~smf_.active(ue.imsi).bits)};
  }
  set_up_context(ue, protect(ue, accept, SecurityHeader::integrity_ciphered), std::move(sessions));
  ue.is_due_new_guti = request.type == nas::ServiceType::mobile_terminated;
}

// -- deregistration, §5.5.2 -------------------------------------------------------------------------------------------

void Amf::on(Ue& ue, const nas::DeregistrationRequestUe& request, Protection protection)
{
  if (protection == Protection::none && ue.state != UeState::deregistered) {  // anybody could say so
    ++counters_.unprotected;
    return;
  }
  const auto header = protection == Protection::checked ? SecurityHeader::integrity_ciphered : SecurityHeader::plain;
  if (!request.type.is_switch_off) send_nas(ue, nas::DeregistrationAcceptUe{}, header);
  if (protection == Protection::checked) smf_.release_all(ue.imsi);
  ue.outstanding.reset();
  ue.step = Step::none;
  ue.state = UeState::deregistered;
  release(ue, ngap::cause::kNasDeregister);
}

bool Amf::deregister(const std::string& imsi)
{
  const auto found = std::find_if(ues_.begin(), ues_.end(), [&](const auto& ue) {
    return ue->imsi == imsi && ue->state == UeState::registered && !ue->is_gone;
  });
  if (found == ues_.end()) return false;
  Ue& ue = **found;
  if (!ue.connection) {  // an idle UE finds out when it comes back
    ++counters_.implicit_detaches;
    smf_.release_all(imsi);
    ue.is_gone = true;
    return true;
  }
  send_and_wait(ue, Step::deregistering, nas::DeregistrationRequestNetwork{}, SecurityHeader::integrity_ciphered);
  return true;
}

void Amf::on(Ue& ue, const nas::DeregistrationAcceptNetwork&)
{
  if (ue.step != Step::deregistering) {
    ++counters_.unexpected;
    return;
  }
  finish(ue, Step::deregistering);
  smf_.release_all(ue.imsi);
  ue.state = UeState::deregistered;
  release(ue, ngap::cause::kNasDeregister);
}

// -- transport of session messages, §5.4.5 ----------------------------------------------------------------------------

void Amf::on(Ue& ue, const nas::UplinkNasTransport& transport)
{
  const auto subscriber = subscribers_.find(ue.imsi);
  const bool is_registered = ue.state == UeState::registered || ue.step == Step::accepting;
  if (!is_registered || !subscriber) {
    ++counters_.unexpected;
    return;
  }
  if (transport.payload_type != nas::PayloadContainerType::n1_sm || !transport.pdu_session_id) {
    ++counters_.unexpected;
    return send_back(ue, transport, MmCause::payload_not_forwarded);
  }
  const bool is_new = transport.request_type == nas::RequestType::initial;
  if (is_new && smf_.has_no_room(ue.imsi, *transport.pdu_session_id)) return send_back(ue, transport, MmCause::max_pdu_sessions_reached);
  send_session(ue, *transport.pdu_session_id, smf_.receive(*subscriber, *transport.pdu_session_id, transport, now_));
}

/// The payload was not forwarded. §5.4.5.3.1.
void Amf::send_back(Ue& ue, const nas::UplinkNasTransport& transport, MmCause cause)
{
  nas::DownlinkNasTransport back;
  back.payload_type = transport.payload_type;
  back.payload = transport.payload;
  back.pdu_session_id = transport.pdu_session_id;
  back.cause = cause;
  send_nas(ue, back);
}

void Amf::send_session(Ue& ue, std::uint8_t id, const SmReply& reply)
{
  if (reply.n1.empty() || !ue.connection || ue.connection->is_releasing) return;
  nas::DownlinkNasTransport transport;
  transport.payload = reply.n1;
  transport.pdu_session_id = id;
  nas::Octets octets = protect(ue, transport, SecurityHeader::integrity_ciphered);
  if (octets.empty()) return release(ue, ngap::cause::kReleaseBy5gc);
  const Connection& connection = *ue.connection;
  if (reply.setup) {
    ngap::SessionSetup setup = *reply.setup;
    setup.nas = std::move(octets);
    send(connection.gnb, ngap::SessionSetupRequest{connection.ids, {}, {std::move(setup)}, config_.ue_ambr});
  } else if (reply.releases_resources) {
    send(connection.gnb, ngap::SessionReleaseCommand{connection.ids, std::move(octets), {{id, ngap::cause::kNasNormalRelease}}});
  } else {
    send(connection.gnb, ngap::DownlinkNasTransport{connection.ids, std::move(octets)});
  }
}

}  // namespace ravi::core
