#include "stack/gnb/gnb.h"

#include "stack/gnb/record_mac.h"
#include "stack/gtpu/gtpu.h"
#include "stack/mac/mac_pdu.h"
#include "stack/nr/paging.h"
#include "stack/rrc/broadcast.h"
#include "stack/rrc/paging.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace ravi::gnb {
namespace {

constexpr Time kReleaseWait{5'000};  // for the core's answer to a release request
constexpr std::size_t kSignallingPdus = 256;   // in one slot, of all UEs
constexpr std::size_t kSignallingOctets = 1U << 18U;
constexpr std::size_t kDatagramsAtOnce = 256;  // of N3, in one slot: a flood from outside does not hold it up

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

ngap::GnbNgapConfig ngap_config(const GnbConfig& config)
{
  ngap::GnbNgapConfig ngap = config.ngap;
  ngap.plmn = config.cell.plmn;
  ngap.tac = config.cell.tracking_area_code;
  ngap.nr_cell_identity = config.cell.nr_cell_identity;
  return ngap;
}

}  // namespace

Result<std::unique_ptr<Gnb>> Gnb::make(const GnbConfig& config, ngap::N2Link& n2, ngap::N3Link& n3)
{
  const auto sib1 = rrc::sib1_of(config.cell);
  if (!sib1) return tl::unexpected(sib1.error());
  auto modem = GnbModem::make(config.cell, config.rate, rrc::mib_of(config.cell), *sib1, config.scheduler);
  if (!modem) return tl::unexpected(modem.error());
  return std::unique_ptr<Gnb>(new Gnb(config, std::move(*modem), n2, n3));
}

Gnb::Gnb(const GnbConfig& config, std::unique_ptr<GnbModem> modem, ngap::N2Link& n2, ngap::N3Link& n3)
  : config_(config), modem_(std::move(modem)), n3_(n3), ngap_(ngap_config(config), n2), signalling_(kSignallingPdus, kSignallingOctets)
{
  if (config_.tap == nullptr) return;
  ngap_.trace = [tap = config_.tap](bool is_uplink, std::span<const std::uint8_t> message) {
    tap->ngap(is_uplink ? nr::LinkDirection::uplink : nr::LinkDirection::downlink, message);
  };
}

SlotOutput Gnb::operator()(const RxSlot& in, TxSlot& out) noexcept
{
  const nr::Scs scs = config_.cell.uplink.scs;
  now_ = std::chrono::duration_cast<Time>(to_duration(in.time - SampleTime(0), config_.rate));
  if (next_index_ && in.index != *next_index_) {
    ++counters_.gaps;
    modem_->skip(nr::Slot::from_count(scs, *next_index_), in.index - *next_index_);
  }
  next_index_ = in.index + 1;
  modem_->receive(nr::Slot::from_count(scs, in.index), in.samples.channel(0));
  if (config_.tap != nullptr) {
    const std::chrono::nanoseconds time = to_duration(in.time - SampleTime(0), config_.rate);
    config_.tap->set_time(time);
    record_uplink(nr::Slot::from_count(scs, in.index), time, modem_->receipts(), *config_.tap);
  }
  for (const ReceivedSdu& sdu : modem_->received()) {
    if (take_user_plane(sdu)) continue;
    if (!signalling_.push(sdu.octets, std::uint32_t{sdu.rnti.value()} << 8U | sdu.lcid)) ++counters_.dropped_signalling;
  }
  receive_downlink_packets();
  for (const auto& ue : ues_) {
    // A timer gives out SDUs of a DRB only (an SRB waits for ever).
    for (const auto& bearer : ue->bearers.by_priority()) {
      bearer->radio.tick(now_);
      if (!bearer->config.is_srb()) drain(*ue, *bearer);
    }
    const std::size_t ccch = ue->ccch.empty() ? 0 : ue->ccch.size() + 12;
    modem_->scheduler().set_dl_buffer(ue->rnti, ccch + ue->bearers.buffer_octets(), !ue->ccch.empty());
  }
  for (mac::DlTransmission& transmission : modem_->plan(nr::Slot::from_count(scs, out.index)).pdsch) {
    if (transmission.is_to_be_filled) fill(transmission);
  }
  if (config_.tap != nullptr) record_downlink(modem_->planned(), to_duration(out.time - SampleTime(0), config_.rate), *config_.tap);
  modem_->transmit(out.samples.channel(0));
  return SlotOutput::samples;
}

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

Gnb::Ue* Gnb::find(nr::Rnti rnti)
{
  const auto found = std::find_if(ues_.begin(), ues_.end(), [rnti](const auto& ue) { return ue->rnti == rnti && !ue->is_removed; });
  return found == ues_.end() ? nullptr : found->get();
}

Gnb::Ue* Gnb::find_ran(std::uint32_t ran_ue_id)
{
  const auto found = std::find_if(ues_.begin(), ues_.end(), [ran_ue_id](const auto& ue) { return ue->ran_ue_id == ran_ue_id && !ue->is_removed; });
  return found == ues_.end() ? nullptr : found->get();
}

UeStatisticsList Gnb::ue_statistics() const noexcept
{
  UeStatisticsList list;
  for (const auto& ue : ues_) {
    UeStatistics one{.rnti = ue->rnti,
                     .ran_ue_id = ue->ran_ue_id,
                     .is_connected = ue->rrc.state() == rrc::GnbRrc::State::connected,
                     .has_session = ue->bearers.first_drb() != nullptr,
                     .downlink_packets = ue->downlink_packets,
                     .uplink_packets = ue->uplink_packets};
    if (const mac::ScheduledUe* scheduled = std::as_const(*modem_).scheduler().find(ue->rnti)) {
      one.cqi = scheduled->cqi;
      one.uplink_snr_db = scheduled->ul_snr_db;
      one.downlink_waiting = scheduled->dl_buffer;
      one.uplink_waiting = scheduled->ul_buffer;
      one.downlink = scheduled->counters.downlink;
      one.uplink = scheduled->counters.uplink;
      one.scheduling_requests = scheduled->counters.scheduling_requests;
    }
    (void)list.push_back(one);
  }
  return list;
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

/// A PDU of a DRB that stands. False: all else is `deliver`'s.
bool Gnb::take_user_plane(const ReceivedSdu& sdu)
{
  if (sdu.lcid == mac::lcid::ccch) return false;
  Ue* const ue = find(sdu.rnti);
  bearer::Bearer* const bearer = ue != nullptr ? ue->bearers.on_logical_channel(sdu.lcid) : nullptr;
  if (bearer == nullptr || bearer->config.is_srb()) return false;
  (void)bearer->radio.receive(sdu.octets, now_);
  drain(*ue, *bearer);
  return true;
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

/// SDUs in order. What one of them asks for is done before the next is taken.
void Gnb::drain(Ue& ue, bearer::Bearer& bearer)
{
  while (const auto sdu = bearer.radio.next()) {
    if (!bearer.config.is_srb()) {
      send_uplink_packet(ue, bearer, sdu->octets);
      continue;
    }
    record_rrc(pcap::RrcChannel::ul_dcch, ue.rnti, sdu->octets);
    ue.rrc.on_dcch(sdu->octets, sdu->is_integrity_verified, now_);
    act(ue);
    if (ue.is_removed) return;
  }
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

// -- user plane ----------------------------------------------------------------------------------------------------------

void Gnb::send_uplink_packet(Ue& ue, const bearer::Bearer& bearer, std::span<const std::uint8_t> packet)
{
  const auto session = std::find_if(ue.sessions.begin(), ue.sessions.end(), [&](const Session& s) { return s.drb == bearer.config.identity(); });
  if (session == ue.sessions.end() || session->qfis.empty()) {
    ++counters_.dropped_packets;
    return;
  }
  const gtpu::Header header{.teid = session->uplink.teid, .session = gtpu::PduSession{.is_uplink = true, .qfi = session->qfis.front()}};
  const std::size_t size = gtpu::write_header(header, packet.size(), datagram_);
  if (size == 0 || size + packet.size() > datagram_.size()) {
    ++counters_.dropped_packets;
    return;
  }
  std::copy(packet.begin(), packet.end(), datagram_.begin() + static_cast<std::ptrdiff_t>(size));
  const bool is_sent = n3_.send(session->uplink.address, std::span(datagram_).first(size + packet.size()));
  if (config_.tap != nullptr) {
    config_.tap->gtpu(nr::LinkDirection::uplink, n3_.address(), session->uplink.address, std::span(datagram_).first(size + packet.size()));
  }
  ++(is_sent ? counters_.uplink_packets : counters_.dropped_packets);
  if (is_sent) ++ue.uplink_packets;
}

void Gnb::receive_downlink_packets()
{
  for (std::size_t i = 0; i < kDatagramsAtOnce; ++i) {
    const ngap::N3Datagram datagram = n3_.receive();
    if (datagram.octets.empty()) return;
    const gtpu::Decoded decoded = gtpu::decode(datagram.octets);
    if (config_.tap != nullptr) config_.tap->gtpu(nr::LinkDirection::downlink, datagram.from, n3_.address(), datagram.octets);
    if (decoded.verdict == gtpu::Verdict::ok && decoded.header.type == gtpu::MessageType::echo_request) {
      const std::size_t size = gtpu::write_echo_response(decoded.header.sequence_number.value_or(0), datagram_);
      (void)n3_.send(datagram.from, std::span(datagram_).first(size));
      continue;
    }
    bool is_known = false;
    bool is_taken = false;
    for (const auto& ue : ues_) {
      for (const Session& session : ue->sessions) {
        if (decoded.verdict != gtpu::Verdict::ok || decoded.header.type != gtpu::MessageType::g_pdu ||
            session.downlink_teid != decoded.header.teid) {
          continue;
        }
        is_known = true;
        bearer::Bearer* const bearer = ue->bearers.drb(session.drb);
        is_taken = bearer != nullptr && bearer->radio.send(decoded.payload, now_);
        if (is_taken) ++ue->downlink_packets;
      }
    }
    ++(is_taken ? counters_.downlink_packets : counters_.dropped_packets);
    if (!is_known && decoded.verdict == gtpu::Verdict::ok && decoded.header.type == gtpu::MessageType::g_pdu) {
      // TS 29.281 §7.3.1: the tunnel is gone.
      gtpu::ErrorIndication error{.teid = decoded.header.teid};
      std::ranges::copy(n3_.address(), error.address.begin());
      const std::size_t size = gtpu::write_error_indication(error, 0, datagram_);
      (void)n3_.send(datagram.from, std::span(datagram_).first(size));
    }
  }
}

void Gnb::record_rrc(pcap::RrcChannel channel, nr::Rnti rnti, std::span<const std::uint8_t> message) noexcept
{
  if (config_.tap != nullptr) config_.tap->rrc(channel, rnti, message);
}

/// A UE's new transport block: Msg4's content first, then its bearers by priority.
void Gnb::fill(const mac::DlTransmission& transmission)
{
  mac::MacPduWriter writer(mac::Direction::downlink, transmission.transport_block);
  Ue* ue = find(transmission.pdu.rnti);
  if (ue != nullptr && !ue->ccch.empty()) {
    (void)writer.add(mac::lcid::contention_resolution, ue->resolution);
    if (writer.add(mac::lcid::ccch, ue->ccch)) ue->ccch.clear();
  }
  if (ue != nullptr && ue->ccch.empty()) ue->bearers.fill(writer, 0, now_);
  writer.finish();
}

}  // namespace ravi::gnb
