#include "stack/ngap/gnb_ngap.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace ravi::ngap {

GnbNgap::GnbNgap(GnbNgapConfig config, N2Link& link) : config_(std::move(config)), link_(link) {}

std::vector<GnbEvent> GnbNgap::take_events() { return std::exchange(events_, {}); }

void GnbNgap::report(GnbEvent event)
{
  if (events_.size() < kMaxEvents) {
    events_.push_back(std::move(event));
  } else {
    ++counters_.events_dropped;
  }
}

void GnbNgap::send(const Message& message)
{
  const Octets octets = encode(message);
  if (octets.empty()) return;
  if (trace) trace(true, octets);
  link_.send(stream_of(message), octets);
}

Location GnbNgap::location() const
{
  return {.cell_plmn = config_.plmn, .nr_cell_identity = config_.nr_cell_identity, .tai = {config_.plmn, config_.tac}};
}

// -- the interface ----------------------------------------------------------------------------------------------------

void GnbNgap::send_setup(Time now)
{
  send(NgSetupRequest{.plmn = config_.plmn,
                      .gnb_id = config_.gnb_id,
                      .gnb_id_bits = config_.gnb_id_bits,
                      .name = config_.name,
                      .supported_tas = {{config_.tac, {{config_.plmn, config_.slices}}}}});
  state_ = State::asked;
  deadline_ = now + kSetupWait;
}

void GnbNgap::run(Time now)
{
  now_ = now;
  if (!link_.is_up()) {
    if (state_ == State::established) {
      release_all(cause::kTransportUnavailable);
      report(NgLost{});
    }
    state_ = State::down;
  } else if (state_ == State::down || (state_ != State::established && now >= deadline_)) {
    send_setup(now);
  }
  while (const auto received = link_.receive()) {
    if (trace) trace(false, received->bytes);
    const auto message = decode(received->bytes);
    if (message) {
      std::visit([this](const auto& one) { on(one); }, *message);
      continue;
    }
    ++counters_.malformed;
    if (message.error().answer) send(*message.error().answer);
  }
}

void GnbNgap::on(const NgSetupResponse& response)
{
  if (state_ != State::asked) {
    ++counters_.unexpected;
    return;
  }
  state_ = State::established;
  report(NgEstablished{response.amf_name, response.guamis});
}

void GnbNgap::on(const NgSetupFailure& failure)
{
  if (state_ != State::asked) {
    ++counters_.unexpected;
    return;
  }
  state_ = State::waiting;
  deadline_ = now_ + (failure.time_to_wait ? Time(*failure.time_to_wait) : kSetupWait);
  report(NgSetupRefused{failure.cause, deadline_});
}

void GnbNgap::on(const AmfConfigurationUpdate&) { send(AmfConfigurationUpdateAcknowledge{}); }

void GnbNgap::on(const ErrorIndication& error)
{
  ++counters_.error_indications;
  // The AMF does not know the UE: its association is of no use. TS 38.413 §10.6.
  if (!error.ran_ue_id || (error.cause != cause::kUnknownLocalUeId && error.cause != cause::kInconsistentRemoteUeId)) return;
  const auto found = ues_.find(*error.ran_ue_id);
  if (found == ues_.end() || found->second.is_releasing) return;
  found->second.is_releasing = true;
  report(ReleaseUe{*error.ran_ue_id, *error.cause});
}

/// §8.7.4.2.
void GnbNgap::on(const NgReset& reset)
{
  if (reset.part.empty()) {
    release_all(reset.cause);
    send(NgResetAcknowledge{});
    return;
  }
  for (const Association& association : reset.part) {
    const auto found = std::find_if(ues_.begin(), ues_.end(), [&](const auto& entry) {
      return association.ran_ue_id ? entry.first == *association.ran_ue_id
                                   : association.amf_ue_id && entry.second.amf_ue_id == association.amf_ue_id;
    });
    if (found == ues_.end()) continue;
    if (!found->second.is_releasing) report(ReleaseUe{found->first, reset.cause});
    found->second = {.amf_ue_id = {}, .is_releasing = true};
  }
  send(NgResetAcknowledge{reset.part});
}

void GnbNgap::reset(const Cause& cause)
{
  if (!is_established()) return;
  release_all(cause);
  send(NgReset{.cause = cause, .part = {}});
}

/// The associations are gone at once; their numbers stay taken until the gNB has released the UEs.
void GnbNgap::release_all(const Cause& cause)
{
  for (auto& [ran_ue_id, ue] : ues_) {
    if (!ue.is_releasing) report(ReleaseUe{ran_ue_id, cause});
    ue = {.amf_ue_id = {}, .is_releasing = true};
  }
}

// -- UEs, downlink ----------------------------------------------------------------------------------------------------

void GnbNgap::send_error(const UeIds& ids, const Cause& cause)
{
  ++counters_.unknown_ue;
  send(ErrorIndication{.amf_ue_id = ids.amf, .ran_ue_id = ids.ran, .cause = cause, .diagnostics = {}});
}

GnbNgap::Ue* GnbNgap::find(const UeIds& ids)
{
  const auto found = ues_.find(ids.ran);
  if (found == ues_.end() || found->second.is_releasing) {
    send_error(ids, cause::kUnknownLocalUeId);
    return nullptr;
  }
  Ue& ue = found->second;
  if (!ue.amf_ue_id) ue.amf_ue_id = ids.amf;
  if (*ue.amf_ue_id != ids.amf) {
    send_error(ids, cause::kInconsistentRemoteUeId);
    return nullptr;
  }
  return &ue;
}

void GnbNgap::on(const UeContextReleaseCommand& command)
{
  const auto found = std::find_if(ues_.begin(), ues_.end(), [&](const auto& entry) {
    return command.ran_ue_id ? entry.first == *command.ran_ue_id : entry.second.amf_ue_id == command.amf_ue_id;
  });
  const bool is_known = found != ues_.end() && found->second.amf_ue_id.value_or(command.amf_ue_id) == command.amf_ue_id;
  if (!is_known) {
    send_error({command.amf_ue_id, command.ran_ue_id.value_or(0)}, cause::kUnknownLocalUeId);
    return;
  }
  Ue& ue = found->second;
  ue.amf_ue_id = command.amf_ue_id;
  ue.owes_complete = true;
  if (!ue.is_releasing) report(ReleaseUe{found->first, command.cause});
  ue.is_releasing = true;
}

template <class Other>
void GnbNgap::on(const Other& message)
{
  constexpr bool is_for_ue = std::is_same_v<Other, DownlinkNasTransport> || std::is_same_v<Other, InitialContextSetupRequest> ||
                             std::is_same_v<Other, SessionSetupRequest> || std::is_same_v<Other, SessionReleaseCommand>;
  if constexpr (is_for_ue) {
    if (find(message.ids) != nullptr) report(message);
  } else {
    ++counters_.unexpected;  // a message that only a gNB sends
  }
}

// -- UEs, uplink ------------------------------------------------------------------------------------------------------

std::optional<std::uint32_t> GnbNgap::initial_ue(const InitialUe& ue)
{
  if (!is_established() || ues_.size() >= config_.max_ues) return std::nullopt;
  while (ues_.contains(next_ran_ue_id_)) ++next_ran_ue_id_;
  const std::uint32_t id = next_ran_ue_id_++;
  ues_[id] = {};
  send(InitialUeMessage{.ran_ue_id = id,
                        .nas = ue.nas,
                        .location = location(),
                        .cause = ue.cause,
                        .s_tmsi = ue.s_tmsi,
                        .asks_for_context = true});
  return id;
}

std::optional<UeIds> GnbNgap::ids_of(std::uint32_t ran_ue_id) const
{
  const auto found = ues_.find(ran_ue_id);
  if (found == ues_.end() || !found->second.amf_ue_id || !is_established()) return std::nullopt;
  return UeIds{*found->second.amf_ue_id, ran_ue_id};
}

bool GnbNgap::uplink_nas(std::uint32_t ran_ue_id, std::span<const std::uint8_t> nas)
{
  const auto ids = ids_of(ran_ue_id);
  if (ids) send(UplinkNasTransport{*ids, {nas.begin(), nas.end()}, location()});
  return ids.has_value();
}

bool GnbNgap::nas_not_delivered(std::uint32_t ran_ue_id, std::span<const std::uint8_t> nas, const Cause& cause)
{
  const auto ids = ids_of(ran_ue_id);
  if (ids) send(NasNonDeliveryIndication{*ids, {nas.begin(), nas.end()}, cause});
  return ids.has_value();
}

bool GnbNgap::context_set_up(std::uint32_t ran_ue_id, std::vector<SessionAdmitted> admitted, std::vector<SessionCause> failed)
{
  const auto ids = ids_of(ran_ue_id);
  if (ids) send(InitialContextSetupResponse{*ids, std::move(admitted), std::move(failed)});
  return ids.has_value();
}

bool GnbNgap::context_failed(std::uint32_t ran_ue_id, const Cause& cause, std::vector<SessionCause> failed)
{
  const auto ids = ids_of(ran_ue_id);
  if (ids) send(InitialContextSetupFailure{*ids, cause, std::move(failed)});
  return ids.has_value();
}

bool GnbNgap::sessions_set_up(std::uint32_t ran_ue_id, std::vector<SessionAdmitted> admitted, std::vector<SessionCause> failed)
{
  const auto ids = ids_of(ran_ue_id);
  if (ids) send(SessionSetupResponse{*ids, std::move(admitted), std::move(failed)});
  return ids.has_value();
}

bool GnbNgap::sessions_released(std::uint32_t ran_ue_id, std::vector<std::uint8_t> sessions)
{
  const auto ids = ids_of(ran_ue_id);
  if (ids) send(SessionReleaseResponse{*ids, std::move(sessions)});
  return ids.has_value();
}

bool GnbNgap::radio_capability(std::uint32_t ran_ue_id, std::span<const std::uint8_t> capability)
{
  const auto ids = ids_of(ran_ue_id);
  if (ids) send(UeRadioCapabilityInfoIndication{*ids, {capability.begin(), capability.end()}});
  return ids.has_value();
}

bool GnbNgap::request_release(std::uint32_t ran_ue_id, const Cause& cause, std::vector<std::uint8_t> active_sessions)
{
  const auto found = ues_.find(ran_ue_id);
  if (found == ues_.end() || found->second.is_releasing) return false;
  if (const auto ids = ids_of(ran_ue_id)) {
    send(UeContextReleaseRequest{*ids, std::move(active_sessions), cause});
  } else {
    found->second.is_releasing = true;
    report(ReleaseUe{ran_ue_id, cause});
  }
  return true;
}

void GnbNgap::context_released(std::uint32_t ran_ue_id, std::vector<std::uint8_t> sessions)
{
  const auto found = ues_.find(ran_ue_id);
  if (found == ues_.end()) return;
  const auto ids = ids_of(ran_ue_id);
  if (ids && found->second.owes_complete) send(UeContextReleaseComplete{*ids, std::move(sessions)});
  ues_.erase(found);
}

}  // namespace ravi::ngap
