#include "stack/rrc/gnb_rrc.h"

#include "stack/asn1/rrc.h"
#include "stack/rrc/cell_group.h"
#include "stack/rrc/radio_bearers.h"
#include "stack/rrc/ue_capability.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ravi::rrc {
namespace {

namespace ie = asn1::rrc;

constexpr std::size_t kMaxJobs = 16;
constexpr std::size_t kMaxWaitingNas = 16;
constexpr unsigned kNumTransactions = 4;
constexpr unsigned kMaxDrbs = 29;
constexpr unsigned kTmsiPart1Bits = 39;

template <class Algorithm>
std::optional<Algorithm> first_common(const std::vector<Algorithm>& preferred, const AlgorithmSet& set)
{
  const auto found = std::ranges::find_if(preferred, [&set](Algorithm a) { return set.has(a); });
  return found == preferred.end() ? std::nullopt : std::optional(*found);
}

ie::UeCapabilityEnquiry capability_enquiry(unsigned transaction, unsigned band)
{
  ie::UeCapabilityEnquiry enquiry;
  enquiry.rrc_transaction_identifier = transaction;
  ie::UeCapabilityRatRequest& request = enquiry.critical_extensions.set_ue_capability_enquiry().ue_capability_rat_request_list.emplace_back();
  request.rat_type = ie::RatType::nr;
  request.capability_request_filter = capability_filter(band);
  return enquiry;
}

bool has_nr(const Octets& radio_capability)
{
  const auto containers = read_ue_radio_access_capability(radio_capability);
  return containers && std::ranges::any_of(*containers, [](const RatCapability& one) { return one.rat == static_cast<unsigned>(ie::RatType::nr); });
}

}  // namespace

Octets rrc_reject(unsigned wait_s)
{
  ie::DlCcchMessage message;
  message.message.set_c1().set_rrc_reject().critical_extensions.set_rrc_reject().wait_time = std::clamp(wait_s, 1U, 16U);
  return ie::encode(message).value_or(Octets{});
}

GnbRrc::GnbRrc(const nr::Cell& cell, const nr::UeConfig& ue, GnbRrcConfig config) : cell_(cell), ue_(ue), config_(std::move(config)) {}

void GnbRrc::act(GnbAction action)
{
  if (actions_.size() >= kMaxPendingActions) {
    ++counters_.dropped_actions;
    return;
  }
  actions_.push_back(std::move(action));
}

void GnbRrc::begin(Procedure procedure, Time now)
{
  procedure_ = procedure;
  deadline_ = now + config_.procedure_timeout;
  transaction_ = (transaction_ + 1) % kNumTransactions;
}

template <class Message>
void GnbRrc::send(unsigned srb, const Message& message)
{
  auto bytes = ie::encode(message);
  if (bytes) act(SendSdu{.srb = srb, .sdu = std::move(*bytes)});
}

bool GnbRrc::answers(Procedure procedure, unsigned transaction)
{
  if (procedure_ == procedure && transaction == transaction_) return true;
  ++counters_.unexpected;
  return false;
}

void GnbRrc::fail(GnbRrcFailure cause)
{
  const bool is_context_setup = !jobs_.empty() && std::holds_alternative<ContextRequest>(jobs_.front());
  procedure_ = Procedure::none;
  deadline_.reset();
  jobs_.clear();
  if (state_ == State::waits_for_setup_complete) {
    state_ = State::removed;
    act(RemoveUe{});
  } else if (state_ == State::connected) {
    act(RequestRelease{.cause = cause, .is_context_setup = is_context_setup});
  }
}

// -- setup ------------------------------------------------------------------------------------------------------------

void GnbRrc::on_ccch(std::span<const std::uint8_t> sdu, Time now)
{
  const auto message = ie::decode<ie::UlCcchMessage>(sdu);
  if (!message) {
    ++counters_.malformed;
    return;
  }
  const auto* c1 = message->message.c1();
  const auto* request = c1 != nullptr ? c1->rrc_setup_request() : nullptr;
  const auto* reestablishment = c1 != nullptr ? c1->rrc_reestablishment_request() : nullptr;
  const bool is_resuming = c1 != nullptr && c1->rrc_resume_request() != nullptr;  // no UE was told to, but none is turned away
  if (request == nullptr && reestablishment == nullptr && !is_resuming) {
    ++counters_.unsupported;
    return;
  }
  if (state_ != State::idle && state_ != State::waits_for_setup_complete) {
    ++counters_.unexpected;
    return;
  }
  if (request != nullptr) {
    establishment_cause_ = static_cast<unsigned>(request->rrc_setup_request.establishment_cause);
    const auto* tmsi = request->rrc_setup_request.ue_identity.ng_5g_s_tmsi_part1();
    s_tmsi_part1_ = tmsi != nullptr ? std::optional(tmsi->value) : std::nullopt;
  }
  const std::array bearers{srb_bearer(1)};
  auto group = cell_group_of(cell_, &ue_, bearers);
  if (!group) return;  // the configuration was checked when it was derived
  begin(Procedure::setup, now);
  state_ = State::waits_for_setup_complete;
  ie::DlCcchMessage answer;
  ie::RrcSetup& setup = answer.message.set_c1().set_rrc_setup();
  setup.rrc_transaction_identifier = transaction_;
  ie::RrcSetupIes& ies = setup.critical_extensions.set_rrc_setup();
  Enumerator enumerator;
  write_radio_bearers(bearers, ies.radio_bearer_config, enumerator);
  ies.master_cell_group = std::move(*group);
  act(AddBearer{bearers[0]});
  send(0, answer);
  act(ConfigureUe{ue_});
}

void GnbRrc::on_setup_complete(const void* raw, Time now)
{
  const auto& complete = *static_cast<const ie::RrcSetupComplete*>(raw);
  const ie::RrcSetupCompleteIes* const ies = complete.critical_extensions.rrc_setup_complete();
  if (!answers(Procedure::setup, complete.rrc_transaction_identifier)) return;
  if (ies == nullptr) {
    ++counters_.unsupported;
    return;
  }
  procedure_ = Procedure::none;
  deadline_.reset();
  state_ = State::connected;
  InitialUe initial{.nas = ies->dedicated_nas_message,
                    .establishment_cause = establishment_cause_,
                    .selected_plmn = ies->selected_plmn_identity,
                    .ng_5g_s_tmsi = std::nullopt};
  if (ies->ng_5g_s_tmsi_value) {
    if (const auto* whole = ies->ng_5g_s_tmsi_value->ng_5g_s_tmsi()) initial.ng_5g_s_tmsi = whole->value;
    const auto* part2 = ies->ng_5g_s_tmsi_value->ng_5g_s_tmsi_part2();
    if (part2 != nullptr && s_tmsi_part1_) initial.ng_5g_s_tmsi = part2->value << kTmsiPart1Bits | *s_tmsi_part1_;
  }
  act(std::move(initial));
  next_job(now);
}

// -- messages of a connection -----------------------------------------------------------------------------------------

void GnbRrc::on_dcch(std::span<const std::uint8_t> sdu, bool is_integrity_verified, Time now)
{
  const auto message = ie::decode<ie::UlDcchMessage>(sdu);
  if (!message) {
    ++counters_.malformed;
    return;
  }
  if (state_ != State::waits_for_setup_complete && state_ != State::connected) {
    ++counters_.unexpected;
    return;
  }
  const auto* c1 = message->message.c1();
  if (c1 == nullptr) {
    ++counters_.unsupported;
    return;
  }
  if (const auto* failure = c1->security_mode_failure()) {  // comes without integrity protection
    if (answers(Procedure::security_mode, failure->rrc_transaction_identifier)) fail(GnbRrcFailure::security_mode_failure);
    return;
  }
  if (is_integrity_active_ && !is_integrity_verified) {
    ++counters_.unexpected;
    return;
  }
  if (const auto* complete = c1->rrc_setup_complete()) return on_setup_complete(complete, now);
  if (state_ != State::connected) {
    ++counters_.unexpected;
    return;
  }
  if (const auto* transfer = c1->ul_information_transfer()) {
    const auto* ies = transfer->critical_extensions.ul_information_transfer();
    if (ies != nullptr && ies->dedicated_nas_message) act(DeliverNas{*ies->dedicated_nas_message});
  } else if (const auto* security = c1->security_mode_complete()) {
    if (answers(Procedure::security_mode, security->rrc_transaction_identifier)) on_security_complete(now);
  } else if (const auto* capability = c1->ue_capability_information()) {
    if (answers(Procedure::capability, capability->rrc_transaction_identifier)) on_capability(capability, now);
  } else if (const auto* reconfigured = c1->rrc_reconfiguration_complete()) {
    if (answers(Procedure::reconfiguration, reconfigured->rrc_transaction_identifier)) on_reconfiguration_complete(now);
  } else {
    ++counters_.unsupported;
  }
}

void GnbRrc::on_radio_link_failure() { fail(GnbRrcFailure::radio_link); }

bool GnbRrc::send_nas(Octets nas, Time)
{
  if (state_ != State::connected || waiting_nas_.size() >= kMaxWaitingNas) {
    ++counters_.unexpected;
    return false;
  }
  waiting_nas_.push_back(std::move(nas));
  if (procedure_ != Procedure::security_mode && procedure_ != Procedure::capability) flush_nas();  // a context's own goes first
  return true;
}

void GnbRrc::flush_nas()
{
  while (!waiting_nas_.empty()) {
    ie::DlDcchMessage message;
    ie::DlInformationTransfer& transfer = message.message.set_c1().set_dl_information_transfer();
    transfer.rrc_transaction_identifier = transaction_;
    transfer.critical_extensions.set_dl_information_transfer().dedicated_nas_message = std::move(waiting_nas_.front());
    waiting_nas_.pop_front();
    send(has_srb2_ && config_.is_srb2_used ? 2 : 1, message);
  }
}

// -- jobs of the core, one after another ------------------------------------------------------------------------------

void GnbRrc::setup_context(ContextRequest request, Time now) { add_job(std::move(request), now); }
void GnbRrc::setup_sessions(std::vector<SessionRequest> sessions, Time now) { add_job(std::move(sessions), now); }
void GnbRrc::release_sessions(std::vector<unsigned> pdu_sessions, Octets nas, Time now)
{
  add_job(ReleaseSessions{std::move(pdu_sessions), std::move(nas)}, now);
}

void GnbRrc::add_job(Job job, Time now)
{
  if (state_ != State::connected || jobs_.size() >= kMaxJobs) {
    ++counters_.unexpected;
    return;
  }
  jobs_.push_back(std::move(job));
  if (jobs_.size() == 1 && procedure_ == Procedure::none) next_job(now);
}

void GnbRrc::next_job(Time now)
{
  if (jobs_.empty() || state_ != State::connected) return;
  results_.clear();
  const Job job = jobs_.front();  // its procedures may end, and so remove it
  if (const auto* context = std::get_if<ContextRequest>(&job)) start_security_mode(*context, now);
  if (const auto* sessions = std::get_if<std::vector<SessionRequest>>(&job)) start_sessions(*sessions, now);
  if (const auto* released = std::get_if<ReleaseSessions>(&job)) start_release(*released, now);
}

void GnbRrc::end_job(Time now)
{
  procedure_ = Procedure::none;
  deadline_.reset();
  if (jobs_.empty()) return;
  const Job done = std::move(jobs_.front());
  jobs_.pop_front();
  if (std::holds_alternative<ContextRequest>(done)) act(ContextIsSetUp{results_});
  if (std::holds_alternative<std::vector<SessionRequest>>(done)) act(SessionsAreSetUp{results_});
  if (const auto* released = std::get_if<ReleaseSessions>(&done)) act(SessionsAreReleased{released->pdu_sessions});
  next_job(now);
}

void GnbRrc::start_security_mode(const ContextRequest& request, Time now)
{
  if (is_integrity_active_) {  // a context is there already; TS 38.331 §5.3.4.1 has no second activation
    ++counters_.unexpected;
    return end_job(now);
  }
  const auto ciphering = first_common(config_.ciphering, request.ue_algorithms);
  const auto integrity = first_common(config_.integrity, request.ue_algorithms);
  if (!ciphering || !integrity) return fail(GnbRrcFailure::no_common_algorithm);
  security_ = derive_as_security(request.k_gnb, *ciphering, *integrity);
  begin(Procedure::security_mode, now);
  is_integrity_active_ = true;
  act(ActivateSecurity{.stage = SecurityStage::integrity, .security = security_});
  ie::DlDcchMessage message;
  ie::SecurityModeCommand& command = message.message.set_c1().set_security_mode_command();
  command.rrc_transaction_identifier = transaction_;
  ie::SecurityAlgorithmConfig& algorithms = command.critical_extensions.set_security_mode_command().security_config_smc.security_algorithm_config;
  algorithms.ciphering_algorithm = static_cast<ie::CipheringAlgorithm>(*ciphering);
  algorithms.integrity_prot_algorithm = static_cast<ie::IntegrityProtAlgorithm>(*integrity);
  send(1, message);
}

void GnbRrc::on_security_complete(Time now)
{
  is_ciphering_active_ = true;
  act(ActivateSecurity{.stage = SecurityStage::ciphering, .security = security_});
  const auto* const context = jobs_.empty() ? nullptr : std::get_if<ContextRequest>(&jobs_.front());
  if (context != nullptr && has_nr(context->radio_capability)) return start_context_sessions(now);
  begin(Procedure::capability, now);
  ie::DlDcchMessage message;
  message.message.set_c1().set_ue_capability_enquiry() = capability_enquiry(transaction_, cell_.band);
  send(1, message);
}

void GnbRrc::on_capability(const void* raw, Time now)
{
  const auto& information = *static_cast<const ie::UeCapabilityInformation*>(raw);
  const auto* ies = information.critical_extensions.ue_capability_information();
  if (ies != nullptr && ies->ue_capability_rat_container_list) {
    act(UeCapability{ue_radio_access_capability(*ies->ue_capability_rat_container_list)});
  }
  start_context_sessions(now);
}

/// The context's NAS message, before any that came after it, then its sessions.
void GnbRrc::start_context_sessions(Time now)
{
  procedure_ = Procedure::none;
  deadline_.reset();
  const auto* const context = jobs_.empty() ? nullptr : std::get_if<ContextRequest>(&jobs_.front());
  if (context != nullptr && !context->nas.empty()) waiting_nas_.push_front(context->nas);
  flush_nas();
  if (context == nullptr || context->sessions.empty()) return end_job(now);
  start_sessions(std::vector<SessionRequest>(context->sessions), now);
}

// -- reconfiguration --------------------------------------------------------------------------------------------------

RlcMode GnbRrc::mode_of(const SessionRequest& session) const
{
  const auto is_um = [this](unsigned five_qi) { return std::ranges::find(config_.um_five_qis, five_qi) != config_.um_five_qis.end(); };
  return !session.five_qis.empty() && std::ranges::all_of(session.five_qis, is_um) ? RlcMode::um : RlcMode::am;
}

void GnbRrc::start_sessions(const std::vector<SessionRequest>& sessions, Time now)
{
  std::vector<BearerConfig> bearers;
  std::vector<Octets> nas;
  if (!has_srb2_) bearers.push_back(srb_bearer(2));
  for (const SessionRequest& session : sessions) {
    const bool is_known = std::ranges::any_of(drbs_, [&](const Drb& drb) { return drb.pdu_session == session.pdu_session; });
    unsigned identity = 1;
    while (std::ranges::any_of(drbs_, [identity](const Drb& drb) { return drb.identity == identity; })) ++identity;
    const bool is_refused = is_known || identity > kMaxDrbs || session.qfis.empty() || session.pdu_session > 255 ||
                            std::ranges::any_of(session.qfis, [](unsigned qfi) { return qfi > 63; }) || !is_ciphering_active_;
    results_.push_back({.pdu_session = session.pdu_session, .drb = is_refused ? 0 : identity});
    if (is_refused) continue;
    drbs_.push_back({.identity = identity, .pdu_session = session.pdu_session});
    bearers.push_back(drb_bearer(identity, session.pdu_session, session.qfis, mode_of(session)));
    if (!session.nas.empty()) nas.push_back(session.nas);
  }
  const bool has_drb = !bearers.empty() && !bearers.back().is_srb();
  if (!has_drb) return end_job(now);

  begin(Procedure::reconfiguration, now);
  ie::DlDcchMessage message;
  ie::RrcReconfiguration& reconfiguration = message.message.set_c1().set_rrc_reconfiguration();
  reconfiguration.rrc_transaction_identifier = transaction_;
  ie::RrcReconfigurationIes& ies = reconfiguration.critical_extensions.set_rrc_reconfiguration();
  Enumerator enumerator;
  write_radio_bearers(bearers, ies.radio_bearer_config.emplace(), enumerator);
  ie::RrcReconfigurationV1530Ies& later = ies.non_critical_extension.emplace();
  auto group = cell_group_of(cell_, nullptr, bearers);
  if (!group) return end_job(now);
  later.master_cell_group = std::move(*group);
  if (!nas.empty()) later.dedicated_nas_message_list = std::move(nas);
  has_srb2_ = true;
  for (BearerConfig& bearer : bearers) act(AddBearer{std::move(bearer)});
  send(1, message);
}

void GnbRrc::start_release(const ReleaseSessions& release, Time now)
{
  begin(Procedure::reconfiguration, now);
  ie::DlDcchMessage message;
  ie::RrcReconfiguration& reconfiguration = message.message.set_c1().set_rrc_reconfiguration();
  reconfiguration.rrc_transaction_identifier = transaction_;
  ie::RrcReconfigurationIes& ies = reconfiguration.critical_extensions.set_rrc_reconfiguration();
  ie::CellGroupConfig group;
  for (const unsigned pdu_session : release.pdu_sessions) {
    const auto drb = std::ranges::find(drbs_, pdu_session, &Drb::pdu_session);
    if (drb == drbs_.end()) continue;
    if (!ies.radio_bearer_config) ies.radio_bearer_config.emplace().drb_to_release_list.emplace();
    ies.radio_bearer_config->drb_to_release_list->push_back(drb->identity);
    if (!group.rlc_bearer_to_release_list) group.rlc_bearer_to_release_list.emplace();
    group.rlc_bearer_to_release_list->push_back(drb_bearer(drb->identity, 0, {}).logical_channel);
    act(RemoveBearer{.is_srb = false, .identity = drb->identity});
    drbs_.erase(drb);
  }
  if (!ies.radio_bearer_config) {  // none of them was there
    if (!release.nas.empty()) waiting_nas_.push_back(release.nas);
    flush_nas();
    return end_job(now);
  }
  ie::RrcReconfigurationV1530Ies& later = ies.non_critical_extension.emplace();
  later.master_cell_group = ie::encode(group).value_or(Octets{});
  if (!release.nas.empty()) later.dedicated_nas_message_list.emplace().push_back(release.nas);
  send(1, message);
}

void GnbRrc::on_reconfiguration_complete(Time now) { end_job(now); }

// -- end --------------------------------------------------------------------------------------------------------------

void GnbRrc::release(Time now)
{
  if (state_ != State::connected && state_ != State::waits_for_setup_complete) {
    ++counters_.unexpected;
    return;
  }
  if (state_ == State::connected) {
    ie::DlDcchMessage message;
    ie::RrcRelease& command = message.message.set_c1().set_rrc_release();
    command.rrc_transaction_identifier = transaction_;
    command.critical_extensions.set_rrc_release();
    send(1, message);
  }
  state_ = State::releasing;
  procedure_ = Procedure::none;
  jobs_.clear();
  deadline_ = now + config_.release_delay;
}

void GnbRrc::tick(Time now)
{
  if (!deadline_ || now < *deadline_) return;
  deadline_.reset();
  if (state_ == State::releasing) {
    state_ = State::removed;
    act(RemoveUe{});
    return;
  }
  ++counters_.timeouts;
  switch (std::exchange(procedure_, Procedure::none)) {
    case Procedure::none: return;
    case Procedure::setup: return fail(GnbRrcFailure::no_setup_complete);
    case Procedure::security_mode: return fail(GnbRrcFailure::security_mode_failure);
    case Procedure::capability: return fail(GnbRrcFailure::no_capability);
    case Procedure::reconfiguration: return fail(GnbRrcFailure::no_reconfiguration);
  }
}

}  // namespace ravi::rrc
