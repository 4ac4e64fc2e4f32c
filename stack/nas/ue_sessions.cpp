#include "stack/nas/ue_sessions.h"

#include <utility>

namespace ravi::nas {

namespace {

constexpr std::uint8_t kMaxPti = 254;

UplinkNasTransport transport_of(const SmMessage& message)
{
  UplinkNasTransport transport;
  transport.payload = encode(message);
  transport.pdu_session_id = header_of(message).pdu_session_id;
  return transport;
}

SessionEstablished describe(const PduSessionEstablishmentAccept& accept)
{
  SessionEstablished session;
  session.id = accept.header.pdu_session_id;
  session.ipv4 = accept.address->ipv4;
  if (accept.dnn) session.dnn = accept.dnn->name;
  session.ambr = accept.ambr;
  for (const QosRule& rule : accept.rules.rules) {
    if (rule.qfi && (rule.is_default || session.qfi == 0)) session.qfi = *rule.qfi;
  }
  if (accept.flows) {
    for (const QosFlowDescription& flow : accept.flows->flows) {
      if (flow.qfi == session.qfi) session.five_qi = flow.five_qi();
    }
  }
  if (accept.options) {
    session.dns_servers = accept.options->dns_servers();
    const PcoItem* mtu = accept.options->find(pco::kIpv4Mtu);
    if (mtu != nullptr && mtu->content.size() == 2) {
      session.mtu = static_cast<std::uint16_t>(mtu->content[0] << 8 | mtu->content[1]);
    }
  }
  return session;
}

}  // namespace

std::uint8_t UeSessions::next_pti()
{
  last_pti_ = last_pti_ == kMaxPti ? std::uint8_t{1} : static_cast<std::uint8_t>(last_pti_ + 1);
  return last_pti_;
}

std::optional<std::uint8_t> UeSessions::establish(const SessionConfig& config, Time now)
{
  for (std::uint8_t id = 1; id <= kMaxId; ++id) {
    Session& session = sessions_[id];
    if (session.state != State::inactive) continue;
    session = {};
    session.state = State::establishing;
    session.config = config;
    session.pti = next_pti();
    PduSessionEstablishmentRequest request;
    request.header = {id, session.pti};
    request.type = PduSessionType::ipv4;
    request.ssc_mode = SscMode::mode1;
    if (config.asks_for_dns) request.options = UeExtendedPco{{{{pco::kDnsIpv4, {}}, {pco::kIpv4Mtu, {}}}}};
    session.request = transport_of(request);
    session.request.request_type = RequestType::initial;
    session.request.s_nssai = config.s_nssai;
    if (!config.dnn.empty()) session.request.dnn = Dnn{config.dnn};
    send_request(session, now);
    return id;
  }
  return std::nullopt;
}

bool UeSessions::release(std::uint8_t id, Time now)
{
  if (id == 0 || id > kMaxId || sessions_[id].state != State::active) return false;
  Session& session = sessions_[id];
  session.state = State::releasing;
  session.pti = next_pti();
  session.num_transmissions = 0;
  PduSessionReleaseRequest request;
  request.header = {id, session.pti};
  request.cause = SmCause::regular_deactivation;
  session.request = transport_of(request);
  send_request(session, now);
  return true;
}

void UeSessions::send_request(Session& session, Time now)
{
  ++session.num_transmissions;
  session.timer.start(now, kT3580);
  uplink.push_back(session.request);
}

void UeSessions::send(const SmMessage& message) { uplink.push_back(transport_of(message)); }

void UeSessions::send_status(const SmHeader& header, SmCause cause) { send(SmStatus{header, cause}); }

void UeSessions::finish(std::uint8_t id, UeAction action)
{
  sessions_[id] = {};
  actions.push_back(std::move(action));
}

/// The session a message is for; null for an identity out of range or a session that is not there. TS 24.501 §7.3.2.
UeSessions::Session* UeSessions::find(const SmHeader& header)
{
  if (header.pdu_session_id == 0 || header.pdu_session_id > kMaxId) return nullptr;
  Session& session = sessions_[header.pdu_session_id];
  return session.state == State::inactive ? nullptr : &session;
}

void UeSessions::receive(std::span<const std::uint8_t> payload, Time now)
{
  const auto message = decode_sm(payload);
  if (message) {
    std::visit([this, now](const auto& m) { on(m, now); }, *message);
  } else if (message.error().answer == DecodeError::Answer::status) {
    send_status(message.error().sm_header, message.error().sm_cause());
  }
}

void UeSessions::on(const PduSessionEstablishmentAccept& accept, Time)
{
  Session* const session = find(accept.header);
  if (session == nullptr || session->state != State::establishing || accept.header.pti != session->pti) {
    return send_status(accept.header, session == nullptr ? SmCause::invalid_pdu_session_identity : SmCause::pti_mismatch);
  }
  if (!accept.address || accept.type != PduSessionType::ipv4 || accept.address->type != PduSessionType::ipv4) {
    send_status(accept.header, SmCause::conditional_ie_error);
    return finish(accept.header.pdu_session_id,
                  SessionRejected{accept.header.pdu_session_id, SmCause::conditional_ie_error, std::nullopt});
  }
  session->state = State::active;
  session->timer.stop();
  session->pti = 0;
  actions.emplace_back(describe(accept));
}

void UeSessions::on(const PduSessionEstablishmentReject& reject, Time)
{
  Session* const session = find(reject.header);
  if (session == nullptr || session->state != State::establishing || reject.header.pti != session->pti) {
    return send_status(reject.header, session == nullptr ? SmCause::invalid_pdu_session_identity : SmCause::pti_mismatch);
  }
  finish(reject.header.pdu_session_id, SessionRejected{reject.header.pdu_session_id, reject.cause, std::nullopt});
}

void UeSessions::on(const PduSessionModificationCommand& command, Time)
{
  Session* const session = find(command.header);
  if (session == nullptr || session->state != State::active) {  // §6.3.2.6
    return send(PduSessionModificationCommandReject{command.header, SmCause::invalid_pdu_session_identity, std::nullopt});
  }
  send(PduSessionModificationComplete{command.header, std::nullopt});
  actions.emplace_back(SessionModified{command.header.pdu_session_id, command.ambr});
}

void UeSessions::on(const PduSessionReleaseCommand& command, Time now)
{
  Session* const session = find(command.header);
  if (session == nullptr) return send_status(command.header, SmCause::invalid_pdu_session_identity);
  send(PduSessionReleaseComplete{command.header, std::nullopt, std::nullopt});
  const SessionConfig config = session->config;
  finish(command.header.pdu_session_id, SessionReleased{command.header.pdu_session_id, command.cause});
  if (command.cause == SmCause::reactivation_requested) establish(config, now);  // §6.3.3.3
}

void UeSessions::on(const PduSessionReleaseReject& reject, Time)
{
  Session* const session = find(reject.header);
  if (session == nullptr || session->state != State::releasing || reject.header.pti != session->pti) {
    return send_status(reject.header, session == nullptr ? SmCause::invalid_pdu_session_identity : SmCause::pti_mismatch);
  }
  if (reject.cause == SmCause::pdu_session_does_not_exist || reject.cause == SmCause::invalid_pdu_session_identity) {
    return finish(reject.header.pdu_session_id, SessionReleased{reject.header.pdu_session_id, reject.cause});
  }
  session->state = State::active;
  session->timer.stop();
  session->pti = 0;
}

/// §6.5.3: the procedure that the status is about is over.
void UeSessions::on(const SmStatus& status, Time)
{
  Session* const session = find(status.header);
  if (session == nullptr || session->pti == 0 || session->pti != status.header.pti) return;
  const std::uint8_t id = status.header.pdu_session_id;
  if (session->state == State::establishing) return finish(id, SessionRejected{id, status.cause, std::nullopt});
  finish(id, SessionReleased{id, status.cause});
}

/// Messages that only a network receives. §7.4.
template <class Other>
void UeSessions::on(const Other& message, Time)
{
  send_status(message.header, SmCause::message_type_not_compatible);
}

void UeSessions::receive_not_forwarded(std::span<const std::uint8_t> payload, MmCause cause)
{
  const auto message = decode_sm(payload);
  if (!message) return;
  const SmHeader header = header_of(*message);
  Session* const session = find(header);
  if (session == nullptr || session->pti != header.pti) return;
  if (std::holds_alternative<PduSessionEstablishmentRequest>(*message) && session->state == State::establishing) {
    finish(header.pdu_session_id, SessionRejected{header.pdu_session_id, std::nullopt, cause});
  } else if (std::holds_alternative<PduSessionReleaseRequest>(*message)) {
    finish(header.pdu_session_id, SessionReleased{header.pdu_session_id, std::nullopt});
  }
}

void UeSessions::tick(Time now)
{
  for (std::uint8_t id = 1; id <= kMaxId; ++id) {
    Session& session = sessions_[id];
    if (!session.timer.expire(now)) continue;
    if (session.num_transmissions < kMaxTransmissions) {
      send_request(session, now);
    } else if (session.state == State::establishing) {  // §6.4.1.6
      finish(id, SessionRejected{id, std::nullopt, std::nullopt});
    } else {  // §6.4.3.6
      finish(id, SessionReleased{id, std::nullopt});
    }
  }
}

void UeSessions::keep_only(const PduSessionSet& network)
{
  for (std::uint8_t id = 1; id <= kMaxId; ++id) {
    const State state = sessions_[id].state;
    if ((state == State::active || state == State::releasing) && !network.contains(id)) {
      finish(id, SessionReleased{id, std::nullopt});
    }
  }
}

void UeSessions::clear()
{
  drop_pending();
  keep_only({});
}

void UeSessions::drop_pending()
{
  for (std::uint8_t id = 1; id <= kMaxId; ++id) {
    if (sessions_[id].state == State::establishing) finish(id, SessionRejected{id, std::nullopt, std::nullopt});
    if (sessions_[id].state == State::releasing) finish(id, SessionReleased{id, std::nullopt});
  }
}

PduSessionSet UeSessions::active() const
{
  PduSessionSet set;
  for (unsigned id = 1; id <= kMaxId; ++id) {
    if (sessions_[id].state == State::active) set.insert(id);
  }
  return set;
}

}  // namespace ravi::nas
