// The gNB's turn after a slot's samples are gone: RRC, NGAP, sessions, timers. Signalling may allocate here.

#include "stack/gnb/gnb.h"

#include "stack/nr/paging.h"
#include "stack/rrc/paging.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace ravi::gnb {
namespace {

constexpr Time kReleaseWait{5'000};  // for the core's answer to a release request

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;  // Clang 14 does not deduce it by itself

/// UE Security Capabilities, whose first bit is algorithm 1, as RRC has them: bit n is algorithm n.
rrc::AlgorithmSet algorithms_of(const ngap::SecurityCapabilities& capabilities)
{
  rrc::AlgorithmSet set{.ciphering = 1, .integrity = 0};
  for (unsigned n = 1; n <= 3; ++n) {
    if ((capabilities.nea >> (16 - n) & 1U) != 0) set.ciphering = static_cast<std::uint8_t>(set.ciphering | 1U << n);
    if ((capabilities.nia >> (16 - n) & 1U) != 0) set.integrity = static_cast<std::uint8_t>(set.integrity | 1U << n);
  }
  return set;
}

ngap::Cause cause_of(rrc::GnbRrcFailure failure)
{
  switch (failure) {
    case rrc::GnbRrcFailure::no_common_algorithm: return ngap::cause::kAlgorithmsNotSupported;
    case rrc::GnbRrcFailure::no_setup_complete:
    case rrc::GnbRrcFailure::radio_link: return ngap::cause::kRadioConnectionLost;
    default: return ngap::cause::kRadioFailure;
  }
}

}  // namespace

void Gnb::run_procedures() noexcept
{
  for (; signalling_.size() > 0; signalling_.pop_front()) {
    const rlc::QueuedSdu& pdu = signalling_[0];
    deliver({.rnti = nr::Rnti(static_cast<std::uint16_t>(pdu.tag >> 8U)), .lcid = static_cast<std::uint8_t>(pdu.tag), .octets = signalling_.octets(pdu)});
  }
  ngap_.run(now_);
  for (const ngap::GnbEvent& event : ngap_.take_events()) on(event);
  for (const auto& ue : ues_) {
    watch(*ue);
    ue->rrc.tick(now_);
    act(*ue);
  }
  remove_ended();
}

// -- from the radio ------------------------------------------------------------------------------------------------------

/// Msg3 of a UE that nobody knows yet.
void Gnb::begin_ue(const ReceivedSdu& sdu)
{
  unsigned index = 0;
  while (std::any_of(ues_.begin(), ues_.end(), [index](const auto& ue) { return ue->index == index; })) ++index;
  const auto config = rrc::derive_ue_config(config_.cell, sdu.rnti, index, config_.ue);
  if (!config) {
    ++counters_.rejected;
    modem_->scheduler().remove_ue(sdu.rnti);
    return;
  }
  auto ue = std::unique_ptr<Ue>(new Ue{.rnti = sdu.rnti,
                                       .index = index,
                                       .resolution = GnbModem::resolution_of(sdu.octets),
                                       .rrc = rrc::GnbRrc(config_.cell, *config, config_.rrc)});
  record_rrc(pcap::RrcChannel::ul_ccch, sdu.rnti, sdu.octets);
  ue->rrc.on_ccch(sdu.octets, now_);
  if (ue->rrc.state() == rrc::GnbRrc::State::idle) {  // no request was in it
    ++counters_.rejected;
    modem_->scheduler().remove_ue(sdu.rnti);
    return;
  }
  ++counters_.ues;
  ues_.push_back(std::move(ue));
  act(*ues_.back());
}

void Gnb::deliver(const ReceivedSdu& sdu)
{
  if (take_user_plane(sdu)) return;  // of a DRB that has come since
  Ue* ue = find(sdu.rnti);
  if (sdu.lcid == mac::lcid::ccch) {
    if (ue == nullptr) return begin_ue(sdu);
    record_rrc(pcap::RrcChannel::ul_ccch, sdu.rnti, sdu.octets);
    ue->rrc.on_ccch(sdu.octets, now_);
    return act(*ue);
  }
  if (ue == nullptr) return;
  bearer::Bearer* const bearer = ue->bearers.on_logical_channel(sdu.lcid);
  if (bearer == nullptr) return;
  if (bearer->radio.receive(sdu.octets, now_) == pdcp::RxVerdict::integrity_failure) ue->rrc.on_radio_link_failure();
  drain(*ue, *bearer);
}

void Gnb::act(Ue& ue)
{
  for (auto actions = ue.rrc.take_actions(); !actions.empty(); actions = ue.rrc.take_actions()) {
    for (const rrc::GnbAction& action : actions) on(ue, action);
  }
}

void Gnb::on(Ue& ue, const rrc::GnbAction& action)
{
  std::visit(Overloaded{
                 [&](const rrc::SendSdu& send) {
                   record_rrc(send.srb == 0 ? pcap::RrcChannel::dl_ccch : pcap::RrcChannel::dl_dcch, ue.rnti, send.sdu);
                   if (send.srb == 0) {
                     ue.ccch = send.sdu;
                     return;
                   }
                   if (bearer::Bearer* bearer = ue.bearers.srb(send.srb)) (void)bearer->radio.send(send.sdu, now_);
                 },
                 [&](const rrc::AddBearer& add) { add_bearer(ue, add.bearer); },
                 [&](const rrc::RemoveBearer& remove) { ue.bearers.remove(remove); },
                 [&](const rrc::ConfigureUe& configure) {
                   const auto when = ue.rrc.state() == rrc::GnbRrc::State::connected ? mac::Scheduler::InForce::now
                                                                                     : mac::Scheduler::InForce::after_msg4;
                   (void)modem_->scheduler().configure_ue(ue.rnti, configure.config, when);
                 },
                 [&](const rrc::ActivateSecurity& activate) { ue.bearers.activate(activate); },
                 [&](const rrc::DeliverNas& deliver) {
                   if (ue.ran_ue_id) (void)ngap_.uplink_nas(*ue.ran_ue_id, deliver.nas);
                 },
                 [&](const rrc::InitialUe& initial) {
                   ngap::GnbNgap::InitialUe message{.nas = initial.nas,
                                                    .cause = static_cast<ngap::EstablishmentCause>(std::min(initial.establishment_cause, 4U))};
                   if (initial.ng_5g_s_tmsi) {
                     message.s_tmsi = ngap::STmsi{.amf_set = static_cast<std::uint16_t>(*initial.ng_5g_s_tmsi >> 38U & 0x3FFU),
                                                  .amf_pointer = static_cast<std::uint8_t>(*initial.ng_5g_s_tmsi >> 32U & 0x3FU),
                                                  .tmsi = static_cast<std::uint32_t>(*initial.ng_5g_s_tmsi)};
                   }
                   ue.ran_ue_id = ngap_.initial_ue(message);
                   if (!ue.ran_ue_id) ue.rrc.release(now_);  // no core
                 },
                 [&](const rrc::ContextIsSetUp& done) { report_sessions(ue, done.sessions, true); },
                 [&](const rrc::SessionsAreSetUp& done) { report_sessions(ue, done.sessions, false); },
                 [&](const rrc::SessionsAreReleased& done) {
                   std::vector<std::uint8_t> ids;
                   for (const unsigned id : done.pdu_sessions) ids.push_back(static_cast<std::uint8_t>(id));
                   std::erase_if(ue.sessions, [&](const Session& s) { return std::find(ids.begin(), ids.end(), s.id) != ids.end(); });
                   if (ue.ran_ue_id) (void)ngap_.sessions_released(*ue.ran_ue_id, ids);
                 },
                 [&](const rrc::UeCapability& capability) {
                   if (ue.ran_ue_id) (void)ngap_.radio_capability(*ue.ran_ue_id, capability.information);
                 },
                 [&](const rrc::RequestRelease& request) {
                   if (request.is_context_setup) {
                     fail_context(ue, cause_of(request.cause));
                   } else {
                     request_release(ue, cause_of(request.cause));
                   }
                 },
                 [&](const rrc::RemoveUe&) { ue.is_removed = true; },
             },
             action);
}

void Gnb::add_bearer(Ue& ue, const rrc::BearerConfig& config)
{
  if (config.sdap) {
    for (Session& session : ue.sessions) {
      if (session.id == config.sdap->pdu_session) session.drb = config.identity();
    }
  }
  ue.bearers.add(config);
}

// -- from the core -------------------------------------------------------------------------------------------------------

/// Notes the tunnels, and what RRC is to set up.
void Gnb::start_sessions(Ue& ue, const std::vector<ngap::SessionSetup>& setups, std::vector<rrc::SessionRequest>& requests)
{
  for (const ngap::SessionSetup& setup : setups) {
    Session session{.id = setup.id, .uplink = setup.uplink, .downlink_teid = next_teid_++};
    session.refusal = setup.refusal.value_or(session.refusal);
    rrc::SessionRequest request{.pdu_session = setup.id, .qfis = {}, .nas = setup.nas, .five_qis = {}};
    for (const ngap::QosFlow& flow : setup.flows) {
      session.qfis.push_back(flow.qfi);
      request.qfis.push_back(flow.qfi);
      request.five_qis.push_back(flow.five_qi);
    }
    std::erase_if(ue.sessions, [&](const Session& old) { return old.id == setup.id; });
    ue.sessions.push_back(std::move(session));
    requests.push_back(std::move(request));
  }
}

void Gnb::report_sessions(Ue& ue, const std::vector<rrc::SessionResult>& results, bool is_context)
{
  std::vector<ngap::SessionAdmitted> admitted;
  std::vector<ngap::SessionCause> failed;
  for (const rrc::SessionResult& result : results) {
    const auto session = std::find_if(ue.sessions.begin(), ue.sessions.end(), [&](const Session& s) { return s.id == result.pdu_session; });
    if (session == ue.sessions.end()) continue;
    if (result.drb == 0) {
      failed.push_back({session->id, session->refusal});
      continue;
    }
    session->drb = result.drb;
    admitted.push_back({session->id, {n3_.address(), session->downlink_teid}, session->qfis});
  }
  if (!ue.ran_ue_id) return;
  if (is_context) {
    (void)ngap_.context_set_up(*ue.ran_ue_id, admitted, failed);
  } else {
    (void)ngap_.sessions_set_up(*ue.ran_ue_id, admitted, failed);
  }
}

void Gnb::on(const ngap::GnbEvent& event)
{
  std::visit(Overloaded{
                 [this](const ngap::DownlinkNasTransport& message) {
                   Ue* ue = find_ran(message.ids.ran);
                   if (ue != nullptr && ue->rrc.send_nas(message.nas, now_)) return;
                   (void)ngap_.nas_not_delivered(message.ids.ran, message.nas, ngap::cause::kRadioConnectionLost);
                 },
                 [this](const ngap::InitialContextSetupRequest& request) {
                   Ue* ue = find_ran(request.ids.ran);
                   if (ue == nullptr) return;
                   rrc::ContextRequest context{.k_gnb = request.k_gnb,
                                               .ue_algorithms = algorithms_of(request.security),
                                               .nas = request.nas,
                                               .sessions = {},
                                               .radio_capability = request.radio_capability};
                   start_sessions(*ue, request.sessions, context.sessions);
                   ue->rrc.setup_context(std::move(context), now_);
                 },
                 [this](const ngap::SessionSetupRequest& request) {
                   Ue* ue = find_ran(request.ids.ran);
                   if (ue == nullptr) return;
                   std::vector<rrc::SessionRequest> sessions;
                   start_sessions(*ue, request.sessions, sessions);
                   if (!request.nas.empty()) ue->rrc.send_nas(request.nas, now_);
                   ue->rrc.setup_sessions(std::move(sessions), now_);
                 },
                 [this](const ngap::SessionReleaseCommand& command) {
                   Ue* ue = find_ran(command.ids.ran);
                   if (ue == nullptr) return;
                   std::vector<unsigned> ids;
                   for (const ngap::SessionCause& session : command.sessions) ids.push_back(session.id);
                   ue->rrc.release_sessions(std::move(ids), command.nas, now_);
                 },
                 [this](const ngap::ReleaseUe& release) {
                   if (Ue* ue = find_ran(release.ran_ue_id)) {
                     ue->rrc.release(now_);
                   } else {
                     ngap_.context_released(release.ran_ue_id, {});
                   }
                 },
                 [this](const ngap::Paging& paging) { page(paging.s_tmsi); },
                 [](const auto&) {},
             },
             event);
}

/// With all others that share its paging occasions in one message. TS 38.304 §7.1.
void Gnb::page(const ngap::STmsi& s_tmsi)
{
  ++counters_.pages;
  std::erase_if(paged_, [this](std::uint64_t tmsi) { return !modem_->scheduler().is_paging(nr::paging_ue_id(tmsi)); });
  const std::uint64_t tmsi = std::uint64_t{s_tmsi.amf_set} << 38U | std::uint64_t{s_tmsi.amf_pointer} << 32U | s_tmsi.tmsi;
  if (std::ranges::find(paged_, tmsi) == paged_.end()) paged_.push_back(tmsi);
  std::vector<std::uint64_t> together;
  std::ranges::copy_if(paged_, std::back_inserter(together), [&](std::uint64_t other) { return nr::paging_ue_id(other) == nr::paging_ue_id(tmsi); });
  if (together.size() > rrc::kMaxPagingRecords) together.erase(together.begin());
  (void)modem_->scheduler().page(nr::paging_ue_id(tmsi), rrc::paging_message(together));
}

/// Asks the core once; without one, or without an answer, the UE is released all the same.
void Gnb::request_release(Ue& ue, const ngap::Cause& cause)
{
  if (ue.release_asked) return;
  ue.release_asked = now_;
  ++(cause == ngap::cause::kUserInactivity ? counters_.inactive_ues : counters_.lost_ues);
  std::vector<std::uint8_t> active;
  for (const Session& session : ue.sessions) active.push_back(session.id);
  if (!ue.ran_ue_id || !ngap_.request_release(*ue.ran_ue_id, cause, active)) ue.rrc.release(now_);
}

/// The core is to release the UE after that, too. TS 38.413 §8.3.1.3.
void Gnb::fail_context(Ue& ue, const ngap::Cause& cause)
{
  if (ue.release_asked) return;
  ue.release_asked = now_;
  ++counters_.lost_ues;
  std::vector<ngap::SessionCause> failed;
  for (const Session& session : ue.sessions) failed.push_back({session.id, cause});
  if (!ue.ran_ue_id || !ngap_.context_failed(*ue.ran_ue_id, cause, failed)) ue.rrc.release(now_);
}

/// Radio link failure, silence, inactivity.
void Gnb::watch(Ue& ue)
{
  if (ue.rrc.state() != rrc::GnbRrc::State::connected) return;
  if (ue.release_asked) {
    if (now_ >= *ue.release_asked + kReleaseWait) ue.rrc.release(now_);
    return;
  }
  const mac::ScheduledUe* scheduled = modem_->scheduler().find(ue.rnti);
  const bool is_heard = scheduled != nullptr && std::exchange(ue.num_heard, scheduled->num_heard) != scheduled->num_heard;
  if (is_heard || ue.last_heard == Time(0)) ue.last_heard = now_;
  const std::uint64_t num_packets = ue.downlink_packets + ue.uplink_packets;
  if (std::exchange(ue.num_packets, num_packets) != num_packets || ue.last_packet == Time(0)) ue.last_packet = now_;
  const bool has_reports = config_.ue.csi_period_ms.has_value();
  if (ue.bearers.has_failed() || (has_reports && now_ >= ue.last_heard + config_.silence)) {
    ue.rrc.on_radio_link_failure();
  } else if (config_.inactivity && now_ >= ue.last_packet + *config_.inactivity) {
    request_release(ue, ngap::cause::kUserInactivity);
  }
}

void Gnb::remove_ended()
{
  for (const mac::ScheduledUe& scheduled : modem_->scheduler().ues()) {
    // Its first PUSCH was received, but nothing in it made a UE of it.
    if (scheduled.rnti && scheduled.was_heard && find(*scheduled.rnti) == nullptr) {
      const bool is_ending = std::any_of(ues_.begin(), ues_.end(), [&](const auto& ue) { return ue->rnti == *scheduled.rnti; });
      if (!is_ending) modem_->scheduler().remove_ue(*scheduled.rnti);
    }
  }
  for (const auto& ue : ues_) {
    if (!ue->is_removed) continue;
    std::vector<std::uint8_t> sessions;
    for (const Session& session : ue->sessions) sessions.push_back(session.id);
    if (ue->ran_ue_id) ngap_.context_released(*ue->ran_ue_id, sessions);
    modem_->scheduler().remove_ue(ue->rnti);
  }
  std::erase_if(ues_, [](const auto& ue) { return ue->is_removed; });
}

}  // namespace ravi::gnb
