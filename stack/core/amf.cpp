// The NG interface: gNBs, associations, connections, timers. TS 38.413 §8.

#include "stack/core/amf.h"

#include <algorithm>
#include <random>
#include <utility>

namespace ravi::core {
namespace {

constexpr std::uint8_t kNgSetupProcedure = 21;
constexpr std::chrono::minutes kReachableMargin{4};   // TS 24.501 §5.3.7
constexpr unsigned kMaxPages = 3;

}  // namespace

RandSource seeded_rand(std::uint64_t seed)
{
  return [random = std::mt19937_64(seed)]() mutable {
    security::Rand rand{};
    for (std::uint8_t& octet : rand) octet = static_cast<std::uint8_t>(random());
    return rand;
  };
}

Amf::Amf(AmfConfig config, Subscribers& subscribers, Smf& smf, RandSource random)
  : config_(std::move(config)), subscribers_(subscribers), smf_(smf), random_(std::move(random))
{
}
Amf::~Amf() = default;

void Amf::attach(ngap::N2Link& link)
{
  const auto place = std::find_if(gnbs_.begin(), gnbs_.end(), [](const Gnb& gnb) { return gnb.link == nullptr; });
  if (place != gnbs_.end()) {
    *place = {.link = &link};
  } else {
    gnbs_.push_back({.link = &link});
  }
}

void Amf::detach(const ngap::N2Link& link)
{
  for (std::size_t gnb = 0; gnb < gnbs_.size(); ++gnb) {
    if (gnbs_[gnb].link != &link) continue;
    lose(gnb);
    gnbs_[gnb] = {};
  }
  erase_gone();
}

void Amf::run(NasTime now)
{
  now_ = now;
  for (std::size_t gnb = 0; gnb < gnbs_.size(); ++gnb) {
    if (gnbs_[gnb].link == nullptr) continue;
    while (const auto received = gnbs_[gnb].link->receive()) receive(gnb, received->bytes);
    if (gnbs_[gnb].is_established && !gnbs_[gnb].link->is_up()) lose(gnb);
  }
  for (const auto& ue : ues_) run_timers(*ue);
  for (const auto& again : smf_.tick(now)) {
    const auto found = std::find_if(ues_.begin(), ues_.end(), [&](const auto& ue) { return ue->imsi == again.imsi && ue->connection; });
    if (found != ues_.end()) send_session(**found, again.id, {.n1 = again.n1, .setup = {}});
  }
  erase_gone();
}

void Amf::send(std::size_t gnb, const ngap::Message& message)
{
  const ngap::Octets octets = ngap::encode(message);
  if (octets.empty()) return;
  if (trace) trace(false, octets);
  gnbs_[gnb].link->send(ngap::stream_of(message), octets);
}

void Amf::receive(std::size_t gnb, std::span<const std::uint8_t> octets)
{
  if (trace) trace(true, octets);
  const auto message = ngap::decode(octets);
  if (message) {
    std::visit([&](const auto& one) { on(gnb, one); }, *message);
    return;
  }
  ++counters_.malformed_ngap;
  const auto& answer = message.error().answer;
  if (!answer) return;
  const bool is_ng_setup = answer->diagnostics && answer->diagnostics->procedure_code == kNgSetupProcedure && answer->diagnostics->triggering == 0;
  if (is_ng_setup) {  // a procedure with an unsuccessful outcome answers with that, TS 38.413 §10.3.5
    send(gnb, ngap::NgSetupFailure{.cause = *answer->cause, .time_to_wait = {}, .diagnostics = answer->diagnostics});
  } else {
    send(gnb, *answer);
  }
}

// -- the interface ----------------------------------------------------------------------------------------------------

void Amf::on(std::size_t gnb, const ngap::NgSetupRequest& request)
{
  lose(gnb);  // whatever there was before, §8.7.1.4
  const bool is_served = std::any_of(request.supported_tas.begin(), request.supported_tas.end(), [&](const ngap::SupportedTa& ta) {
    return ta.tac == config_.tac &&
           std::any_of(ta.plmns.begin(), ta.plmns.end(), [&](const ngap::PlmnSlices& plmn) { return plmn.plmn == config_.plmn; });
  });
  if (!is_served) {
    send(gnb, ngap::NgSetupFailure{.cause = ngap::cause::kUnknownPlmn, .time_to_wait = std::chrono::seconds(10), .diagnostics = {}});
    return;
  }
  gnbs_[gnb].is_established = true;
  send(gnb, ngap::NgSetupResponse{.amf_name = config_.name, .guamis = {guami()}, .plmns = {{config_.plmn, config_.slices}}});
}

ngap::Guami Amf::guami() const { return {config_.plmn, config_.region, config_.set, config_.pointer}; }

std::size_t Amf::num_established_gnbs() const
{
  return static_cast<std::size_t>(std::count_if(gnbs_.begin(), gnbs_.end(), [](const Gnb& gnb) { return gnb.is_established; }));
}

void Amf::lose(std::size_t gnb)
{
  gnbs_[gnb].is_established = false;
  for (const auto& ue : ues_) {
    if (ue->connection && ue->connection->gnb == gnb) disconnect(*ue);
  }
}

void Amf::on(std::size_t gnb, const ngap::NgReset& reset)
{
  for (const auto& ue : ues_) {
    if (!ue->connection || ue->connection->gnb != gnb) continue;
    const auto& ids = ue->connection->ids;
    const bool is_meant = reset.part.empty() || std::any_of(reset.part.begin(), reset.part.end(), [&](const ngap::Association& one) {
      return one.amf_ue_id ? *one.amf_ue_id == ids.amf : one.ran_ue_id == ids.ran;
    });
    if (is_meant) disconnect(*ue);
  }
  send(gnb, ngap::NgResetAcknowledge{reset.part});
}

void Amf::on(std::size_t gnb, const ngap::ErrorIndication& error)
{
  ++counters_.error_indications;
  if (error.cause != ngap::cause::kUnknownLocalUeId && error.cause != ngap::cause::kInconsistentRemoteUeId) return;
  for (const auto& ue : ues_) {
    if (ue->connection && ue->connection->gnb == gnb && ue->connection->ids.amf == error.amf_ue_id) disconnect(*ue);
  }
}

template <class Other>
void Amf::on(std::size_t, const Other&)
{
  if constexpr (!std::is_same_v<Other, ngap::NasNonDeliveryIndication> && !std::is_same_v<Other, ngap::NgResetAcknowledge> &&
                !std::is_same_v<Other, ngap::SessionReleaseResponse> &&
                !std::is_same_v<Other, ngap::AmfConfigurationUpdateAcknowledge>) {
    ++counters_.unexpected;  // a message that only an AMF sends
  }
}

// -- associations -----------------------------------------------------------------------------------------------------

void Amf::send_error(std::size_t gnb, const ngap::UeIds& ids, const ngap::Cause& cause)
{
  ++counters_.unknown_ue;
  send(gnb, ngap::ErrorIndication{.amf_ue_id = ids.amf, .ran_ue_id = ids.ran, .cause = cause, .diagnostics = {}});
}

/// The UE that an uplink message is from; else an Error Indication goes out. §10.6.
Amf::Ue* Amf::find(std::size_t gnb, const ngap::UeIds& ids)
{
  const auto found = std::find_if(ues_.begin(), ues_.end(), [&](const auto& ue) {
    return ue->connection && ue->connection->gnb == gnb && ue->connection->ids.amf == ids.amf;
  });
  if (found == ues_.end()) {
    send_error(gnb, ids, ngap::cause::kUnknownLocalUeId);
    return nullptr;
  }
  if ((*found)->connection->ids.ran != ids.ran) {
    send_error(gnb, ids, ngap::cause::kInconsistentRemoteUeId);
    return nullptr;
  }
  return found->get();
}

void Amf::on(std::size_t gnb, const ngap::InitialUeMessage& message)
{
  if (!gnbs_[gnb].is_established) {
    ++counters_.unexpected;
    send(gnb, ngap::ErrorIndication{.amf_ue_id = {}, .ran_ue_id = message.ran_ue_id, .cause = ngap::cause::kNotCompatibleWithState, .diagnostics = {}});
    return;
  }
  for (const auto& ue : ues_) {  // the gNB uses the number anew: the old association is gone
    if (ue->connection && ue->connection->gnb == gnb && ue->connection->ids.ran == message.ran_ue_id) disconnect(*ue);
  }
  const ngap::UeIds ids{next_amf_ue_id_++, message.ran_ue_id};
  if (ues_.size() >= config_.max_ues) {
    send(gnb, ngap::UeContextReleaseCommand{ids.amf, ids.ran, ngap::cause::kOverload});
    return;
  }
  ues_.push_back(std::make_unique<Ue>());
  Ue& newcomer = *ues_.back();
  newcomer.connection = Connection{.gnb = gnb, .ids = ids};
  receive_initial_nas(newcomer, message.nas);
}

void Amf::on(std::size_t gnb, const ngap::UplinkNasTransport& message)
{
  Ue* const ue = find(gnb, message.ids);
  if (ue != nullptr && !ue->connection->is_releasing) receive_nas(*ue, message.nas);
}

void Amf::on(std::size_t gnb, const ngap::InitialContextSetupResponse& response)
{
  Ue* const ue = find(gnb, response.ids);
  take_resources(ue, response.admitted, response.failed);
  // Not before: a gNB may send a message that comes after the request sooner than the one inside it.
  if (ue != nullptr && std::exchange(ue->is_due_new_guti, false) && !ue->connection->is_releasing) reallocate_guti(*ue);
}

void Amf::on(std::size_t gnb, const ngap::SessionSetupResponse& response)
{
  take_resources(find(gnb, response.ids), response.admitted, response.failed);
}

void Amf::take_resources(Ue* ue, const std::vector<ngap::SessionAdmitted>& admitted, const std::vector<ngap::SessionCause>& failed)
{
  if (ue == nullptr || ue->connection->is_releasing) return;
  for (const ngap::SessionAdmitted& session : admitted) smf_.resources_admitted(ue->imsi, session);
  for (const ngap::SessionCause& session : failed) {
    send_session(*ue, session.id, {.n1 = smf_.resources_refused(ue->imsi, session.id), .setup = {}});
  }
}

void Amf::on(std::size_t gnb, const ngap::InitialContextSetupFailure& failure)
{
  if (Ue* const ue = find(gnb, failure.ids)) release(*ue, failure.cause);
}

void Amf::on(std::size_t gnb, const ngap::UeContextReleaseRequest& request)
{
  if (Ue* const ue = find(gnb, request.ids)) release(*ue, request.cause);
}

void Amf::on(std::size_t gnb, const ngap::UeContextReleaseComplete& complete)
{
  for (const auto& ue : ues_) {  // one that is not here was replaced meanwhile
    if (ue->connection && ue->connection->gnb == gnb && ue->connection->ids == complete.ids) disconnect(*ue);
  }
}

void Amf::on(std::size_t gnb, const ngap::UeRadioCapabilityInfoIndication& indication)
{
  if (Ue* const ue = find(gnb, indication.ids)) ue->radio_capability = indication.capability;
}

void Amf::release(Ue& ue, const ngap::Cause& cause)
{
  if (!ue.connection || ue.connection->is_releasing) return;
  ue.connection->is_releasing = true;
  ue.connection->release_timer.start(now_, kReleaseWait);
  send(ue.connection->gnb, ngap::UeContextReleaseCommand{ue.connection->ids.amf, ue.connection->ids.ran, cause});
}

/// The connection is gone: the UE is idle, or, if it was not registered, forgotten.
void Amf::disconnect(Ue& ue)
{
  ue.connection.reset();
  if (!ue.imsi.empty() && ue.state != UeState::deregistered) smf_.suspend(ue.imsi);
  if (ue.step == Step::accepting) ue.state = UeState::registered;  // both GUTIs are valid, TS 24.501 §5.5.1.2.8
  ue.step = Step::none;
  ue.outstanding.reset();
  ue.challenge.reset();
  if (ue.state == UeState::registered) {
    const std::chrono::seconds told = nas::gprs_timer3(config_.t3512).duration().value_or(config_.t3512);  // rounded up
    ue.reachable.start(now_, told + kReachableMargin);
  } else {
    ue.is_gone = true;
  }
}

void Amf::erase_gone()
{
  std::erase_if(ues_, [](const auto& ue) { return ue->is_gone; });
}

// -- timers -----------------------------------------------------------------------------------------------------------

void Amf::run_timers(Ue& ue)
{
  if (ue.connection && ue.connection->release_timer.expire(now_)) disconnect(ue);
  if (ue.reachable.expire(now_) && !ue.connection) {  // implicit deregistration
    ++counters_.implicit_detaches;
    smf_.release_all(ue.imsi);
    ue.is_gone = true;
  }
  if (ue.paging.expire(now_)) page(ue.imsi);
  if (!ue.outstanding || !ue.outstanding->timer.expire(now_)) return;
  if (ue.outstanding->num_transmissions < kMaxTransmissions) {
    ++ue.outstanding->num_transmissions;
    ue.outstanding->timer.start(now_, kRetransmission);
    send_nas(ue, ue.outstanding->message, ue.outstanding->header);
    return;
  }
  ue.outstanding.reset();
  if (ue.step == Step::accepting || ue.step == Step::updating) {  // both GUTIs are valid, TS 24.501 §5.5.1.2.8, §5.4.4.5
    ue.step = Step::none;
    ue.state = UeState::registered;
    return;
  }
  if (ue.step == Step::deregistering) {
    smf_.release_all(ue.imsi);
    ue.state = UeState::deregistered;
  }
  release(ue, ngap::cause::kReleaseBy5gc);
}

void Amf::page(const std::string& imsi)
{
  const auto found = std::find_if(ues_.begin(), ues_.end(), [&](const auto& ue) {
    return ue->imsi == imsi && ue->state == UeState::registered && !ue->connection && ue->guti && !ue->is_gone;
  });
  if (found == ues_.end() || (*found)->paging.is_running()) return;
  Ue& ue = **found;
  if (ue.num_pages++ >= kMaxPages) {
    ue.num_pages = 0;  // the next packet begins anew
    return;
  }
  ue.paging.start(now_, kT3513);
  const nas::STmsi& id = ue.guti->s_tmsi;
  for (std::size_t gnb = 0; gnb < gnbs_.size(); ++gnb) {
    if (gnbs_[gnb].is_established) send(gnb, ngap::Paging{{id.amf_set, id.amf_pointer, id.tmsi}, {{config_.plmn, config_.tac}}});
  }
}

std::vector<Amf::UeEntry> Amf::ues() const
{
  std::vector<UeEntry> entries;
  for (const auto& ue : ues_) entries.push_back({ue->imsi, ue->state, ue->connection.has_value(), ue->guti, ue->imeisv});
  return entries;
}

}  // namespace ravi::core
