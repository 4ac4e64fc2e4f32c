#include "stack/rrc/ue_rrc.h"

#include "stack/asn1/rrc.h"
#include "stack/rrc/cell_group.h"
#include "stack/rrc/paging.h"
#include "stack/rrc/radio_bearers.h"
#include "stack/rrc/ue_capability.h"

#include <algorithm>

namespace ravi::rrc {
namespace {

namespace ie = asn1::rrc;

constexpr unsigned kTmsiPart1Bits = 39;
constexpr std::uint64_t kPart1Mask = (std::uint64_t{1} << kTmsiPart1Bits) - 1;
constexpr Time kReleaseDelay{60};  // TS 38.331 §5.3.8.3
constexpr Time kDefaultRejectWait{1000};
const Result<void> kUnknownVersion = fail(ErrorCode::unsupported, "an RRC message with full configuration, another key or cell group, or of a later release");

}  // namespace

CellVerdict judge(const UeRrcConfig& config, const nr::Cell& cell, bool is_reserved)
{
  if (cell.is_barred) return CellVerdict::barred;
  if (is_reserved) return CellVerdict::reserved;
  const bool is_ours = config.plmns.empty() || std::ranges::find(config.plmns, cell.plmn) != config.plmns.end();
  return is_ours ? CellVerdict::suitable : CellVerdict::wrong_plmn;
}

UeRrc::UeRrc(UeRrcConfig config) : config_(std::move(config)), random_(config_.seed) {}

void UeRrc::act(UeAction action)
{
  if (actions_.size() >= kMaxPendingActions) {
    ++counters_.dropped_actions;
    return;
  }
  actions_.push_back(std::move(action));
}

template <class Message>
void UeRrc::send(unsigned srb, const Message& message)
{
  auto bytes = ie::encode(message);
  if (bytes) act(SendSdu{.srb = srb, .sdu = std::move(*bytes)});
}

void UeRrc::end(ReleaseReason reason, Time wait)
{
  if (state_ == State::idle) return;
  state_ = State::idle;
  ue_ = {};
  initial_nas_.clear();
  k_gnb_.reset();
  pending_security_.reset();
  is_security_active_ = false;
  has_srb2_ = false;
  t300_.reset();
  t310_.reset();
  release_at_.reset();
  num_out_of_sync_ = 0;
  num_in_sync_ = 0;
  act(Released{.reason = reason, .wait = wait});
}

void UeRrc::end_if_connected(ReleaseReason reason)
{
  if (state_ == State::connected) end(reason);
}

// -- connecting -------------------------------------------------------------------------------------------------------

void UeRrc::camp_on(const nr::Cell& cell)
{
  if (state_ != State::idle) return;
  cell_ = cell;
  access_.stop();
}

bool UeRrc::connect(Octets nas, unsigned cause, std::optional<std::uint64_t> ng_5g_s_tmsi, Time now)
{
  if (t302_ && now >= *t302_) t302_.reset();
  constexpr unsigned kNumCauses = 10;
  if (state_ != State::idle || !cell_ || cause >= kNumCauses) return false;
  const unsigned category = access_category_of(cause);
  const bool is_never_barred = category == 0 || category == 2;  // mobile terminated, emergency: not by a reject
  if (t302_ && !is_never_barred) return false;
  barred_.reset();
  if (!access_.allows(category, config_.access_identities, cell_->access_barring, now, random_)) {
    barred_ = Request{.nas = std::move(nas), .cause = cause, .ng_5g_s_tmsi = ng_5g_s_tmsi};
    act(AccessBarred{});
    return true;
  }
  state_ = State::connecting;
  initial_nas_ = std::move(nas);
  s_tmsi_ = ng_5g_s_tmsi;
  t300_ = now + cell_->timers.t300;
  ie::UlCcchMessage message;
  ie::RrcSetupRequestIes& request = message.message.set_c1().set_rrc_setup_request().rrc_setup_request;
  if (s_tmsi_) {
    request.ue_identity.set_ng_5g_s_tmsi_part1().value = *s_tmsi_ & kPart1Mask;
  } else {
    request.ue_identity.set_random_value().value = random_() & kPart1Mask;
  }
  request.establishment_cause = static_cast<ie::EstablishmentCause>(cause);
  send(0, message);
  return true;
}

void UeRrc::abort()
{
  barred_.reset();
  end(ReleaseReason::aborted);
}

void UeRrc::on_ccch(std::span<const std::uint8_t> sdu, Time now)
{
  const auto message = ie::decode<ie::DlCcchMessage>(sdu);
  if (!message) {
    ++counters_.malformed;
    return;
  }
  const auto* c1 = message->message.c1();
  const auto* setup = c1 != nullptr ? c1->rrc_setup() : nullptr;
  const auto* reject = c1 != nullptr ? c1->rrc_reject() : nullptr;
  if (setup == nullptr && reject == nullptr) {
    ++counters_.unsupported;
    return;
  }
  if (state_ != State::connecting) {
    ++counters_.unexpected;
    return;
  }
  if (setup != nullptr) return on_setup(setup);
  const auto* ies = reject->critical_extensions.rrc_reject();
  const Time wait = ies != nullptr && ies->wait_time ? Time(1000 * *ies->wait_time) : kDefaultRejectWait;
  t302_ = now + wait;
  end(ReleaseReason::rejected, wait);
}

void UeRrc::on_pcch(std::span<const std::uint8_t> message)
{
  const auto paged = read_paging(message);
  if (!paged) {
    ++counters_.malformed;
    return;
  }
  if (state_ != State::idle) return;
  for (const std::uint64_t tmsi : *paged) act(Paged{tmsi});
}

Result<void> UeRrc::apply(std::span<const std::uint8_t> cell_group, const void* radio_bearers)
{
  const auto* const radio = static_cast<const ie::RadioBearerConfig*>(radio_bearers);
  CellGroup group{.ue = ue_, .bearers = {}, .released_logical_channels = {}};
  if (!cell_group.empty()) {
    auto read = read_cell_group(cell_group, *cell_, ue_);
    if (!read) return tl::unexpected(read.error());
    group = std::move(*read);
  }
  group.ue.c_rnti = ue_.c_rnti;
  if (radio != nullptr && !read_radio_bearers(*radio, group.bearers)) {
    return fail(ErrorCode::unsupported, "RadioBearerConfig: malformed, or of a kind that is not built");
  }
  const bool has_new_drb = std::ranges::any_of(group.bearers, [](const BearerConfig& bearer) { return !bearer.is_srb(); });
  if (has_new_drb && !is_security_active_) return fail(ErrorCode::bad_input, "RadioBearerConfig: a DRB before security");
  if (radio != nullptr && radio->drb_to_release_list) {
    for (const auto identity : *radio->drb_to_release_list) act(RemoveBearer{.is_srb = false, .identity = identity});
  }
  for (BearerConfig& bearer : group.bearers) {
    has_srb2_ |= bearer.is_srb() && bearer.identity() == 2;
    act(AddBearer{std::move(bearer)});
  }
  ue_ = group.ue;
  return {};
}

void UeRrc::on_setup(const void* raw)
{
  const auto& setup = *static_cast<const ie::RrcSetup*>(raw);
  const ie::RrcSetupIes* const ies = setup.critical_extensions.rrc_setup();
  const Result<void> applied = ies == nullptr ? kUnknownVersion : apply(ies->master_cell_group, &ies->radio_bearer_config);
  if (!applied) {
    ++counters_.unsupported;
    refusal_ = applied.error().message;
    return end(ReleaseReason::setup_failure);
  }
  t300_.reset();
  state_ = State::connected;
  act(ConfigureUe{ue_});
  ie::UlDcchMessage message;
  ie::RrcSetupComplete& complete = message.message.set_c1().set_rrc_setup_complete();
  complete.rrc_transaction_identifier = setup.rrc_transaction_identifier;
  ie::RrcSetupCompleteIes& out = complete.critical_extensions.set_rrc_setup_complete();
  out.selected_plmn_identity = 1;
  out.dedicated_nas_message = std::move(initial_nas_);
  initial_nas_.clear();
  if (s_tmsi_) out.ng_5g_s_tmsi_value.emplace().set_ng_5g_s_tmsi_part2().value = *s_tmsi_ >> kTmsiPart1Bits & 0x1FF;
  send(1, message);
  act(Connected{});
}

// -- messages of a connection -----------------------------------------------------------------------------------------

void UeRrc::on_dcch(std::span<const std::uint8_t> sdu, bool is_integrity_verified, Time now)
{
  const auto message = ie::decode<ie::DlDcchMessage>(sdu);
  if (!message) {
    ++counters_.malformed;
    return;
  }
  if (state_ != State::connected || (is_security_active_ && !is_integrity_verified)) {
    ++counters_.unexpected;
    return;
  }
  const auto* c1 = message->message.c1();
  if (c1 == nullptr) {
    ++counters_.unsupported;
    return;
  }
  if (const auto* transfer = c1->dl_information_transfer()) {
    const auto* ies = transfer->critical_extensions.dl_information_transfer();
    if (ies != nullptr && ies->dedicated_nas_message) act(DeliverNas{*ies->dedicated_nas_message});
  } else if (const auto* security = c1->security_mode_command()) {
    on_security_mode_command(security);
  } else if (const auto* reconfiguration = c1->rrc_reconfiguration()) {
    on_reconfiguration(reconfiguration);
  } else if (const auto* enquiry = c1->ue_capability_enquiry()) {
    on_capability_enquiry(enquiry);
  } else if (c1->rrc_release() != nullptr) {
    release_at_ = now + kReleaseDelay;
  } else {
    ++counters_.unsupported;
  }
}

void UeRrc::on_security_mode_command(const void* raw)
{
  const auto& command = *static_cast<const ie::SecurityModeCommand*>(raw);
  const auto* const ies = command.critical_extensions.security_mode_command();
  if (ies == nullptr || is_security_active_ || pending_security_) {
    ++counters_.unexpected;
    return;
  }
  const ie::SecurityAlgorithmConfig& algorithms = ies->security_config_smc.security_algorithm_config;
  const auto ciphering = static_cast<security::CipheringAlgorithm>(algorithms.ciphering_algorithm);
  const auto integrity = static_cast<security::IntegrityAlgorithm>(
      algorithms.integrity_prot_algorithm.value_or(ie::IntegrityProtAlgorithm::spare1));
  const bool is_known = algorithms.ciphering_algorithm <= ie::CipheringAlgorithm::nea3 && algorithms.integrity_prot_algorithm &&
                        *algorithms.integrity_prot_algorithm <= ie::IntegrityProtAlgorithm::nia3;
  if (!k_gnb_ || !is_known || !config_.algorithms.has(ciphering) || !config_.algorithms.has(integrity)) {
    ie::UlDcchMessage message;
    ie::SecurityModeFailure& failure = message.message.set_c1().set_security_mode_failure();
    failure.rrc_transaction_identifier = command.rrc_transaction_identifier;
    failure.critical_extensions.set_security_mode_failure();
    return send(1, message);  // and on as before, without security: TS 38.331 §5.3.4.3
  }
  pending_security_ = {.security = derive_as_security(*k_gnb_, ciphering, integrity), .transaction = command.rrc_transaction_identifier};
  act(VerifySecurity{pending_security_->security});
}

void UeRrc::on_security_verified(bool is_right)
{
  if (!pending_security_ || state_ != State::connected) return;
  const PendingSecurity pending = *std::exchange(pending_security_, std::nullopt);
  ie::UlDcchMessage message;
  if (!is_right) {
    // The failure would have to go unprotected, on a bearer that has begun to protect: the gNB's timer ends this, and NAS begins anew.
    return end(ReleaseReason::security_failure);
  }
  is_security_active_ = true;
  ie::SecurityModeComplete& complete = message.message.set_c1().set_security_mode_complete();
  complete.rrc_transaction_identifier = pending.transaction;
  complete.critical_extensions.set_security_mode_complete();
  send(1, message);
  act(ActivateSecurity{.stage = SecurityStage::ciphering, .security = pending.security});
}

void UeRrc::on_reconfiguration(const void* raw)
{
  const auto& reconfiguration = *static_cast<const ie::RrcReconfiguration*>(raw);
  const auto* const ies = reconfiguration.critical_extensions.rrc_reconfiguration();
  const ie::RrcReconfigurationV1530Ies* const later = ies != nullptr && ies->non_critical_extension ? &*ies->non_critical_extension : nullptr;
  const bool is_foreign_ground = ies != nullptr && (ies->secondary_cell_group || (later != nullptr && (later->full_config || later->master_key_update)));
  const std::span<const std::uint8_t> group = later != nullptr && later->master_cell_group ? std::span<const std::uint8_t>(*later->master_cell_group)
                                                                                          : std::span<const std::uint8_t>{};
  const ie::RadioBearerConfig* const radio = ies != nullptr && ies->radio_bearer_config ? &*ies->radio_bearer_config : nullptr;
  const Result<void> applied = ies == nullptr || is_foreign_ground ? kUnknownVersion : apply(group, radio);
  if (!applied) {
    ++counters_.unsupported;
    refusal_ = applied.error().message;
    return end(ReleaseReason::reconfiguration_failure);
  }
  if (!group.empty()) act(ConfigureUe{ue_});
  ie::UlDcchMessage message;
  ie::RrcReconfigurationComplete& complete = message.message.set_c1().set_rrc_reconfiguration_complete();
  complete.rrc_transaction_identifier = reconfiguration.rrc_transaction_identifier;
  complete.critical_extensions.set_rrc_reconfiguration_complete();
  send(1, message);
  if (later == nullptr || !later->dedicated_nas_message_list) return;
  for (const Octets& nas : *later->dedicated_nas_message_list) act(DeliverNas{nas});
}

void UeRrc::on_capability_enquiry(const void* raw)
{
  const auto& enquiry = *static_cast<const ie::UeCapabilityEnquiry*>(raw);
  const auto* const ies = enquiry.critical_extensions.ue_capability_enquiry();
  ie::UlDcchMessage message;
  ie::UeCapabilityInformation& information = message.message.set_c1().set_ue_capability_information();
  information.rrc_transaction_identifier = enquiry.rrc_transaction_identifier;
  ie::UeCapabilityInformationIes& out = information.critical_extensions.set_ue_capability_information();
  const bool wants_nr = ies != nullptr && std::ranges::any_of(ies->ue_capability_rat_request_list,
                                                              [](const auto& request) { return request.rat_type == ie::RatType::nr; });
  if (wants_nr) {
    ie::UeCapabilityRatContainer& container = out.ue_capability_rat_container_list.emplace().emplace_back();
    container.rat_type = ie::RatType::nr;
    container.ue_capability_rat_container = ue_nr_capability(config_.bands);
  }
  send(1, message);
}

bool UeRrc::send_nas(Octets nas)
{
  if (state_ != State::connected || release_at_) return false;
  ie::UlDcchMessage message;
  message.message.set_c1().set_ul_information_transfer().critical_extensions.set_ul_information_transfer().dedicated_nas_message = std::move(nas);
  send(has_srb2_ ? 2 : 1, message);
  return true;
}

// -- radio link and timers --------------------------------------------------------------------------------------------

void UeRrc::on_random_access_problem()
{
  // While connecting T300 goes on and MAC tries again: TS 38.321 §5.1.5 only tells RRC.
  end_if_connected(ReleaseReason::radio_link_failure);
}

void UeRrc::on_cell_lost()
{
  end(ReleaseReason::radio_link_failure);
  cell_.reset();
}

void UeRrc::on_out_of_sync(Time now)
{
  num_in_sync_ = 0;
  if (state_ != State::connected || t310_) return;
  if (++num_out_of_sync_ >= cell_->timers.n310) t310_ = now + cell_->timers.t310;
}

void UeRrc::on_in_sync()
{
  num_out_of_sync_ = 0;
  if (!t310_) return;
  if (++num_in_sync_ < cell_->timers.n311) return;
  t310_.reset();
  num_in_sync_ = 0;
}

void UeRrc::tick(Time now)
{
  if (t300_ && now >= *t300_) return end(ReleaseReason::t300_expired);
  if (t310_ && now >= *t310_) return end(ReleaseReason::radio_link_failure);
  if (release_at_ && now >= *release_at_) return end(ReleaseReason::released);
  if (barred_ && cell_ && !access_.is_barred(access_category_of(barred_->cause), now)) {
    Request request = *std::exchange(barred_, std::nullopt);
    act(AccessAlleviated{});
    (void)connect(std::move(request.nas), request.cause, request.ng_5g_s_tmsi, now);  // refused: NAS's timer, which runs again, tells
  }
}

}  // namespace ravi::rrc
