// NAS in and out; identification, authentication, security mode. TS 24.501 §4.4, §5.4.1, §5.4.2, §5.4.3.

#include "stack/core/amf.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <variant>

namespace ravi::core {
namespace {

using nas::MmCause;
using nas::SecurityHeader;

constexpr std::array<std::uint8_t, 2> kAbba{0, 0};   // TS 33.501 §A.7.1
constexpr std::uint8_t kImeisvRequested = 1;          // TS 24.501 §9.11.3.28
constexpr unsigned kMaxSyncFailures = 2;
constexpr std::uint8_t kNumKeySets = 7;

/// The 5G-S-TMSI that an initial message names.
std::optional<nas::STmsi> s_tmsi_of(const nas::MmMessage& message)
{
  const auto of = [](const nas::MobileIdentity& identity) -> std::optional<nas::STmsi> {
    if (const auto* guti = std::get_if<nas::Guti>(&identity)) return guti->s_tmsi;
    if (const auto* s_tmsi = std::get_if<nas::STmsi>(&identity)) return *s_tmsi;
    return std::nullopt;
  };
  if (const auto* request = std::get_if<nas::RegistrationRequest>(&message)) return of(request->identity);
  if (const auto* request = std::get_if<nas::ServiceRequest>(&message)) return of(request->identity);
  if (const auto* request = std::get_if<nas::DeregistrationRequestUe>(&message)) return of(request->identity);
  return std::nullopt;
}

/// What is processed though nothing protects it. §4.4.4.3.
bool is_allowed_unprotected(const nas::MmMessage& message)
{
  return std::holds_alternative<nas::RegistrationRequest>(message) || std::holds_alternative<nas::IdentityResponse>(message) ||
         std::holds_alternative<nas::AuthenticationResponse>(message) || std::holds_alternative<nas::AuthenticationFailure>(message) ||
         std::holds_alternative<nas::SecurityModeReject>(message) || std::holds_alternative<nas::DeregistrationRequestUe>(message) ||
         std::holds_alternative<nas::ServiceRequest>(message);
}

bool is_ciphered(SecurityHeader header)
{
  return header == SecurityHeader::integrity_ciphered || header == SecurityHeader::integrity_ciphered_new;
}

}  // namespace

// -- in ---------------------------------------------------------------------------------------------------------------

/// The first message on a connection. If it is protected with a context that is here, the newcomer is the UE of that context.
void Amf::receive_initial_nas(Ue& newcomer, std::span<const std::uint8_t> octets)
{
  const auto parts = nas::split_protected(octets);
  const auto clear = nas::decode_mm(parts && !is_ciphered(parts->header) ? parts->payload : octets);
  const auto s_tmsi = clear ? s_tmsi_of(*clear) : std::nullopt;
  Ue* const known = parts && s_tmsi ? find(*s_tmsi) : nullptr;
  if (known == nullptr || !known->security) return receive_nas(newcomer, octets);
  const auto plain = known->security->open(*parts);
  if (!plain) {
    ++counters_.integrity_failures;
    return receive_nas(newcomer, octets);
  }
  if (known->connection) {  // the UE came back without the old connection being released
    release(*known, ngap::cause::kReleaseBy5gc);
    disconnect(*known);
  }
  known->connection = std::exchange(newcomer.connection, std::nullopt);
  newcomer.is_gone = true;
  known->reachable.stop();
  known->paging.stop();
  known->num_pages = 0;
  receive_plain(*known, *plain, Protection::checked);
}

void Amf::receive_nas(Ue& ue, std::span<const std::uint8_t> octets)
{
  const auto parts = nas::split_protected(octets);
  if (!parts) return receive_plain(ue, octets, Protection::none);
  const auto plain = ue.security ? ue.security->open(*parts) : std::nullopt;
  if (plain) return receive_plain(ue, *plain, Protection::checked);
  if (ue.security) ++counters_.integrity_failures;
  if (!is_ciphered(parts->header)) receive_plain(ue, parts->payload, Protection::none);
}

void Amf::trace_nas(bool is_uplink, const Ue& ue, std::span<const std::uint8_t> plain) const
{
  if (nas_trace) nas_trace(is_uplink, ue.connection ? ue.connection->ids.amf : 0, plain);
}

void Amf::receive_plain(Ue& ue, std::span<const std::uint8_t> plain, Protection protection)
{
  trace_nas(true, ue, plain);
  const auto message = nas::decode_mm(plain);
  if (!message) {
    ++counters_.malformed_nas;
    const bool has_answer = message.error().answer == nas::DecodeError::Answer::status;
    if (has_answer && protection == Protection::checked) {
      send_nas(ue, nas::MmStatus{message.error().cause});
    } else if (ue.step == Step::none && ue.state == UeState::deregistered) {
      release(ue, ngap::cause::kReleaseBy5gc);  // nothing goes on with this UE
    }
    return;
  }
  if (protection == Protection::none && !is_allowed_unprotected(*message)) {
    ++counters_.unprotected;
    if (ue.step == Step::none && ue.state == UeState::deregistered) release(ue, ngap::cause::kReleaseBy5gc);
    return;
  }
  dispatch(ue, *message, protection);
}

void Amf::dispatch(Ue& ue, const nas::MmMessage& message, Protection protection)
{
  std::visit(
      [&](const auto& one) {
        if constexpr (requires { on(ue, one, protection); }) {
          on(ue, one, protection);
        } else if constexpr (requires { on(ue, one); }) {
          on(ue, one);
        } else {
          ++counters_.unexpected;  // a Status, or what only a network sends
        }
      },
      message);
}

// -- out --------------------------------------------------------------------------------------------------------------

nas::Octets Amf::protect(Ue& ue, const nas::MmMessage& message, SecurityHeader header)
{
  const nas::Octets plain = nas::encode(message);
  trace_nas(false, ue, plain);
  if (header == SecurityHeader::plain || !ue.security) return plain;
  return ue.security->protect(header, plain).value_or(nas::Octets{});
}

void Amf::send_nas(Ue& ue, const nas::MmMessage& message, SecurityHeader header)
{
  if (!ue.connection || ue.connection->is_releasing) return;
  nas::Octets octets = protect(ue, message, header);
  if (octets.empty()) return release(ue, ngap::cause::kReleaseBy5gc);  // NAS COUNTs used up
  send(ue.connection->gnb, ngap::DownlinkNasTransport{ue.connection->ids, std::move(octets)});
}

void Amf::send_and_wait(Ue& ue, Step step, const nas::MmMessage& message, SecurityHeader header)
{
  ue.step = step;
  ue.outstanding = Outstanding{.message = message, .header = header, .timer = {}, .num_transmissions = 1};
  ue.outstanding->timer.start(now_, kRetransmission);
  send_nas(ue, message, header);
}

void Amf::finish(Ue& ue, Step step)
{
  if (ue.step != step) return;
  ue.step = Step::none;
  ue.outstanding.reset();
}

// -- identification, §5.4.3 -------------------------------------------------------------------------------------------

/// The IMSI of a SUCI: in the clear, or concealed for a key of this network. TS 33.501 §6.12.5, §C.3.
std::optional<std::string> Amf::reveal(const nas::Suci& suci) const
{
  if (suci.scheme == security::SuciScheme::null_scheme) return nas::imsi_of(suci);
  const auto key = std::ranges::find_if(config_.home_network_keys, [&](const HomeNetworkKey& one) {
    return one.id == suci.home_network_key && one.scheme == suci.scheme;
  });
  if (key == config_.home_network_keys.end()) return std::nullopt;
  const auto plain = security::deconceal(suci.scheme, key->private_key, suci.scheme_output);
  const auto msin = plain ? nas::from_bcd(*plain) : std::nullopt;
  return msin ? std::optional(suci.plmn.mcc + suci.plmn.mnc + *msin) : std::nullopt;
}

void Amf::identify(Ue& ue)
{
  send_and_wait(ue, Step::identification, nas::IdentityRequest{nas::IdentityType::suci}, SecurityHeader::plain);
}

void Amf::on(Ue& ue, const nas::IdentityResponse& response)
{
  if (ue.step != Step::identification) {
    ++counters_.unexpected;
    return;
  }
  finish(ue, Step::identification);
  const auto* suci = std::get_if<nas::Suci>(&response.identity);
  const auto imsi = suci != nullptr ? reveal(*suci) : std::nullopt;
  if (!imsi) return reject_registration(ue, MmCause::ue_identity_not_derived);
  ue.imsi = *imsi;
  challenge(ue);
}

// -- authentication, §5.4.1.3 -----------------------------------------------------------------------------------------

void Amf::challenge(Ue& ue)
{
  const auto subscriber = subscribers_.find(ue.imsi);
  const auto sqn = subscriber ? subscribers_.take_sqn(ue.imsi) : std::nullopt;
  if (!sqn) return reject_registration(ue, MmCause::illegal_ue);
  const std::string snn = security::serving_network_name(config_.plmn.mcc, config_.plmn.mnc);
  // another identity than the keys that the UE still has, or was just challenged for
  const std::uint8_t last_id = ue.challenge ? ue.challenge->key_set.id : ue.registration ? ue.registration->key_set.id : nas::KeySet::kNoKey;
  const int next_id = last_id == nas::KeySet::kNoKey ? 0 : (last_id + 1) % kNumKeySets;
  ue.challenge = Challenge{security::make_authentication_vector(subscriber->keys, random_(), *sqn, snn, subscriber->amf),
                           {.id = static_cast<std::uint8_t>(next_id)}};
  nas::AuthenticationRequest request;
  request.key_set = ue.challenge->key_set;
  request.abba = {kAbba.begin(), kAbba.end()};
  request.rand = ue.challenge->vector.rand;
  request.autn = ue.challenge->vector.autn;
  send_and_wait(ue, Step::authentication, request, SecurityHeader::plain);
}

void Amf::reject_authentication(Ue& ue)
{
  ++counters_.authentication_failures;
  finish(ue, Step::authentication);
  send_nas(ue, nas::AuthenticationReject{}, SecurityHeader::plain);
  release(ue, ngap::cause::kNasAuthenticationFailure);
}

void Amf::on(Ue& ue, const nas::AuthenticationResponse& response)
{
  if (ue.step != Step::authentication || !ue.challenge) {
    ++counters_.unexpected;
    return;
  }
  const auto& expected = ue.challenge->vector.xres_star;
  if (!response.res_star || !security::equal_in_constant_time(*response.res_star, expected)) return reject_authentication(ue);
  finish(ue, Step::authentication);
  ++counters_.authentications;
  ue.num_sync_failures = 0;
  detach_others(ue);
  command_security_mode(ue);
}

/// §5.4.1.3.7.
void Amf::on(Ue& ue, const nas::AuthenticationFailure& failure)
{
  if (ue.step != Step::authentication || !ue.challenge) {
    ++counters_.unexpected;
    return;
  }
  if (failure.cause == MmCause::ngksi_already_in_use) {
    finish(ue, Step::authentication);
    return challenge(ue);
  }
  const auto subscriber = subscribers_.find(ue.imsi);
  if (failure.cause != MmCause::synch_failure || !failure.auts || !subscriber || ++ue.num_sync_failures >= kMaxSyncFailures) {
    return reject_authentication(ue);
  }
  const auto mobile = security::check_auts(subscriber->keys, ue.challenge->vector.rand, *failure.auts);
  if (!mobile || !subscribers_.resynchronize(ue.imsi, *mobile)) return reject_authentication(ue);
  ++counters_.resynchronizations;
  finish(ue, Step::authentication);
  challenge(ue);
}

// -- security mode, §5.4.2 --------------------------------------------------------------------------------------------

void Amf::command_security_mode(Ue& ue)
{
  const auto supported = [&ue](auto algorithm) { return ue.capability.supports(algorithm); };
  const auto ciphering = std::find_if(config_.ciphering.begin(), config_.ciphering.end(), supported);
  const auto integrity = std::find_if(config_.integrity.begin(), config_.integrity.end(), supported);
  if (ciphering == config_.ciphering.end() || integrity == config_.integrity.end()) {
    return reject_registration(ue, MmCause::security_capabilities_mismatch);
  }
  const std::string snn = security::serving_network_name(config_.plmn.mcc, config_.plmn.mnc);
  const security::Key256 k_seaf = security::derive_k_seaf(ue.challenge->vector.k_ausf, snn);
  const nas::SecurityAlgorithms algorithms{*ciphering, *integrity};
  ue.security.emplace(nas::End::network, security::derive_k_amf(k_seaf, ue.imsi, kAbba), ue.challenge->key_set, algorithms);
  ue.challenge.reset();
  nas::SecurityModeCommand command;
  command.algorithms = algorithms;
  command.key_set = ue.security->key_set();
  command.replayed_capability = ue.capability;
  command.imeisv_request = kImeisvRequested;
  command.additional = nas::SecurityModeCommand::kRetransmitInitial;
  send_and_wait(ue, Step::security_mode, command, SecurityHeader::integrity_new);
}

void Amf::on(Ue& ue, const nas::SecurityModeComplete& complete)
{
  if (ue.step != Step::security_mode) {
    ++counters_.unexpected;
    return;
  }
  finish(ue, Step::security_mode);
  const auto* equipment = complete.imeisv ? std::get_if<nas::Imeisv>(&*complete.imeisv) : nullptr;
  if (equipment != nullptr) ue.imeisv = equipment->digits;
  if (complete.nas_message) {
    const auto inner = nas::decode_mm(*complete.nas_message);
    const auto* whole = inner ? std::get_if<nas::RegistrationRequest>(&*inner) : nullptr;
    if (whole != nullptr) {
      ue.registration = *whole;
    } else {
      ++counters_.malformed_nas;
    }
  }
  accept_registration(ue);
}

void Amf::on(Ue& ue, const nas::SecurityModeReject&)
{
  if (ue.step != Step::security_mode) {
    ++counters_.unexpected;
    return;
  }
  finish(ue, Step::security_mode);
  ue.security.reset();
  release(ue, ngap::cause::kNasNormalRelease);
}

}  // namespace ravi::core
