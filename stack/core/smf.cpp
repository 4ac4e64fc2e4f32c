#include "stack/core/smf.h"

#include <algorithm>

namespace ravi::core {
namespace {

constexpr unsigned kMaxSessionId = 15;
constexpr std::uint8_t kAllowsSscMode1 = 1;  // TS 24.501 §9.11.4.3
constexpr std::uint16_t kFirstHost = 2;
constexpr std::uint16_t kLastHost = 0xFFFE;

nas::Octets status(const nas::SmHeader& header, nas::SmCause cause) { return nas::encode(nas::SmStatus{header, cause}); }

/// What the UE asked for by name, as the subscription spells it; the first one without a name. Empty: not subscribed. Labels of
/// either case are the same, TS 23.003 §9A.
std::optional<std::string> dnn_of(const SubscriberData& subscriber, const std::optional<nas::Dnn>& asked)
{
  if (!asked) return subscriber.dnns.empty() ? std::nullopt : std::optional(subscriber.dnns.front());
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  const auto is_asked = [&](const std::string& dnn) { return std::ranges::equal(dnn, asked->name, {}, lower, lower); };
  const auto found = std::ranges::find_if(subscriber.dnns, is_asked);
  return found == subscriber.dnns.end() ? std::nullopt : std::optional(*found);
}

std::uint16_t host_of(const Ipv4& address) { return static_cast<std::uint16_t>(address[2] << 8 | address[3]); }

}  // namespace

std::optional<Ipv4> Smf::take_address()
{
  std::uint16_t host = kFirstHost;
  for (const std::uint16_t taken : taken_) {  // in order: the first gap
    if (taken != host) break;
    ++host;
  }
  if (host > kLastHost) return std::nullopt;
  taken_.insert(host);
  return Ipv4{config_.pool[0], config_.pool[1], static_cast<std::uint8_t>(host >> 8), static_cast<std::uint8_t>(host)};
}

void Smf::erase(const Key& key)
{
  const auto found = sessions_.find(key);
  if (found == sessions_.end()) return;
  upf_.close(found->second.address);
  taken_.erase(host_of(found->second.address));
  sessions_.erase(found);
}

// -- messages of the UE -----------------------------------------------------------------------------------------------

SmReply Smf::receive(const SubscriberData& subscriber, std::uint8_t id, const nas::UplinkNasTransport& transport, NasTime now)
{
  const auto message = nas::decode_sm(transport.payload);
  if (!message) {
    ++counters_.malformed;
    if (message.error().answer == nas::DecodeError::Answer::ignore) return {};
    return {.n1 = status(message.error().sm_header, message.error().sm_cause()), .setup = {}};
  }
  const nas::SmHeader header = nas::header_of(*message);
  if (header.pdu_session_id != id || id == 0 || id > kMaxSessionId) {  // TS 24.501 §7.3.2
    ++counters_.unexpected;
    return {.n1 = status(header, nas::SmCause::invalid_pdu_session_identity), .setup = {}};
  }
  const Key key{subscriber.imsi, id};
  if (const auto* request = std::get_if<nas::PduSessionEstablishmentRequest>(&*message)) return on(subscriber, transport, *request);
  if (const auto* request = std::get_if<nas::PduSessionReleaseRequest>(&*message)) return on(key, *request, now);
  if (std::holds_alternative<nas::PduSessionReleaseComplete>(*message)) {
    erase(key);
    return {};
  }
  if (std::holds_alternative<nas::PduSessionModificationRequest>(*message)) {  // one flow for ever
    const auto cause = sessions_.contains(key) ? nas::SmCause::service_option_not_supported : nas::SmCause::invalid_pdu_session_identity;
    ++counters_.rejected;
    return {.n1 = nas::encode(nas::PduSessionModificationReject{.header = header, .cause = cause}), .setup = {}};
  }
  ++counters_.unexpected;
  if (std::holds_alternative<nas::SmStatus>(*message)) return {};
  return {.n1 = status(header, nas::SmCause::message_type_not_compatible), .setup = {}};
}

bool Smf::has_no_room(const std::string& imsi, std::uint8_t id) const
{
  unsigned others = 0;
  for (unsigned other = 1; other <= kMaxSessionId; ++other) {
    if (other != id && sessions_.contains({imsi, static_cast<std::uint8_t>(other)})) ++others;
  }
  return others >= config_.max_sessions;
}

/// TS 24.501 §6.4.1.4.
std::optional<nas::SmCause> Smf::refusal(const SubscriberData& subscriber, const nas::UplinkNasTransport& transport,
                                         const nas::PduSessionEstablishmentRequest& request) const
{
  using nas::RequestType;
  const bool is_known = sessions_.contains({subscriber.imsi, request.header.pdu_session_id});
  if (transport.request_type == RequestType::existing_session && !is_known) return nas::SmCause::pdu_session_does_not_exist;
  const bool is_emergency = transport.request_type == RequestType::initial_emergency || transport.request_type == RequestType::existing_emergency;
  if (is_emergency) return nas::SmCause::service_option_not_supported;
  if (!dnn_of(subscriber, transport.dnn)) return nas::SmCause::missing_or_unknown_dnn;
  if (transport.s_nssai && !is_subscribed(subscriber, *transport.s_nssai)) return nas::SmCause::missing_or_unknown_dnn_in_slice;
  const auto type = request.type.value_or(nas::PduSessionType::ipv4);
  if (type == nas::PduSessionType::ipv6) return nas::SmCause::only_ipv4_allowed;
  if (type != nas::PduSessionType::ipv4 && type != nas::PduSessionType::ipv4v6) return nas::SmCause::unknown_pdu_session_type;
  if (request.ssc_mode.value_or(nas::SscMode::mode1) != nas::SscMode::mode1) return nas::SmCause::unsupported_ssc_mode;
  return std::nullopt;
}

nas::PduSessionEstablishmentAccept Smf::accept(const SubscriberData& subscriber, const Session& session,
                                               const nas::PduSessionEstablishmentRequest& request) const
{
  nas::PduSessionEstablishmentAccept accept;
  accept.header = request.header;
  accept.rules.rules = {nas::default_qos_rule(config_.flow.qfi)};
  accept.ambr = {nas::bit_rate(config_.ambr.downlink), nas::bit_rate(config_.ambr.uplink)};
  if (request.type == nas::PduSessionType::ipv4v6) accept.cause = nas::SmCause::only_ipv4_allowed;
  accept.address = nas::PduAddress{.type = nas::PduSessionType::ipv4, .ipv4 = session.address, .interface_id = {}};
  accept.s_nssai = nas::SNssai{.sst = subscriber.sst, .sd = subscriber.sd, .mapped_sst = {}, .mapped_sd = {}};
  accept.flows = nas::QosFlowDescriptions{{nas::new_qos_flow(config_.flow.qfi, config_.flow.five_qi)}};
  accept.dnn = nas::Dnn{session.dnn};
  if (request.always_on) accept.always_on = std::uint8_t{0};  // not allowed, §6.4.1.3
  if (!request.options) return accept;
  nas::ExtendedPco options = answer(*request.options, config_.services);
  if (!options.items.empty()) accept.options = std::move(options);
  return accept;
}

SmReply Smf::on(const SubscriberData& subscriber, const nas::UplinkNasTransport& transport,
                const nas::PduSessionEstablishmentRequest& request)
{
  const nas::SmHeader header = request.header;
  if (header.pti == 0 || header.pti == 0xFF) {  // §7.3.1
    ++counters_.unexpected;
    return {.n1 = status(header, nas::SmCause::invalid_pti), .setup = {}};
  }
  const Key key{subscriber.imsi, header.pdu_session_id};
  auto cause = refusal(subscriber, transport, request);
  erase(key);  // a UE that asks anew has none with this identity
  const auto address = cause ? std::nullopt : take_address();
  if (!cause && !address) cause = nas::SmCause::insufficient_resources;
  if (cause) {
    ++counters_.rejected;
    nas::PduSessionEstablishmentReject reject{.header = header, .cause = *cause};
    if (*cause == nas::SmCause::unsupported_ssc_mode) reject.allowed_ssc_modes = kAllowsSscMode1;
    return {.n1 = nas::encode(reject), .setup = {}};
  }
  Session& session = sessions_[key];
  session.pti = header.pti;
  session.address = *address;
  session.dnn = *dnn_of(subscriber, transport.dnn);
  session.slice = {.sst = subscriber.sst, .sd = subscriber.sd};
  session.uplink = upf_.open(*address, config_.flow.qfi);
  return {.n1 = nas::encode(accept(subscriber, session, request)), .setup = setup_of(header.pdu_session_id, session)};
}

/// TS 24.501 §6.4.3, §6.3.3.
SmReply Smf::on(const Key& key, const nas::PduSessionReleaseRequest& request, NasTime now)
{
  const auto found = sessions_.find(key);
  if (found == sessions_.end()) {
    ++counters_.rejected;
    return {.n1 = nas::encode(nas::PduSessionReleaseReject{.header = request.header, .cause = nas::SmCause::invalid_pdu_session_identity}),
            .setup = {}};
  }
  Session& session = found->second;
  upf_.set_downlink(session.address, std::nullopt);
  const bool is_repeated = session.state == State::releasing;
  session.state = State::releasing;
  session.release_command =
      nas::encode(nas::PduSessionReleaseCommand{.header = request.header, .cause = nas::SmCause::regular_deactivation});
  session.timer.start(now, kT3592);
  session.num_transmissions = 1;
  return {.n1 = session.release_command, .setup = {}, .releases_resources = !is_repeated};
}

std::vector<Smf::Retransmission> Smf::tick(NasTime now)
{
  std::vector<Retransmission> again;
  std::vector<Key> given_up;
  for (auto& [key, session] : sessions_) {
    if (!session.timer.expire(now)) continue;
    if (session.num_transmissions++ >= kMaxTransmissions) {
      given_up.push_back(key);
      continue;
    }
    session.timer.start(now, kT3592);
    again.push_back({key.first, key.second, session.release_command});
  }
  for (const Key& key : given_up) erase(key);
  return again;
}

// -- resources --------------------------------------------------------------------------------------------------------

ngap::SessionSetup Smf::setup_of(std::uint8_t id, const Session& session) const
{
  return {.id = id, .nas = {}, .slice = session.slice, .ambr = config_.ambr, .uplink = session.uplink, .flows = {config_.flow}};
}

void Smf::resources_admitted(const std::string& imsi, const ngap::SessionAdmitted& admitted)
{
  const auto found = sessions_.find({imsi, admitted.id});
  if (found == sessions_.end() || found->second.state == State::releasing) {
    ++counters_.unexpected;
    return;
  }
  if (found->second.state == State::establishing) ++counters_.established;
  found->second.state = State::active;
  upf_.set_downlink(found->second.address, admitted.downlink);
}

nas::Octets Smf::resources_refused(const std::string& imsi, std::uint8_t id)
{
  const auto found = sessions_.find({imsi, id});
  if (found == sessions_.end()) return {};
  if (found->second.state != State::establishing) {
    upf_.set_downlink(found->second.address, std::nullopt);
    return {};
  }
  const nas::SmHeader header{id, found->second.pti};
  erase(found->first);
  ++counters_.rejected;
  return nas::encode(nas::PduSessionEstablishmentReject{.header = header, .cause = nas::SmCause::insufficient_resources});
}

// -- connection management --------------------------------------------------------------------------------------------

void Smf::suspend(const std::string& imsi)
{
  for (unsigned id = 1; id <= kMaxSessionId; ++id) {
    const auto found = sessions_.find({imsi, static_cast<std::uint8_t>(id)});
    if (found == sessions_.end()) continue;
    if (found->second.state == State::active) {
      upf_.set_downlink(found->second.address, std::nullopt);
    } else {
      erase(found->first);  // a procedure cut off leaves no session
    }
  }
}

std::vector<ngap::SessionSetup> Smf::resume(const std::string& imsi, const nas::PduSessionSet& wanted) const
{
  std::vector<ngap::SessionSetup> setups;
  for (unsigned id = 1; id <= kMaxSessionId; ++id) {
    const auto found = sessions_.find({imsi, static_cast<std::uint8_t>(id)});
    if (found == sessions_.end() || found->second.state != State::active || !wanted.contains(id)) continue;
    setups.push_back(setup_of(static_cast<std::uint8_t>(id), found->second));
  }
  return setups;
}

void Smf::keep_only(const std::string& imsi, const nas::PduSessionSet& of_ue)
{
  for (unsigned id = 1; id <= kMaxSessionId; ++id) {
    if (!of_ue.contains(id)) erase({imsi, static_cast<std::uint8_t>(id)});
  }
}

void Smf::release_all(const std::string& imsi) { keep_only(imsi, {}); }

nas::PduSessionSet Smf::active(const std::string& imsi) const
{
  nas::PduSessionSet set;
  for (unsigned id = 1; id <= kMaxSessionId; ++id) {
    const auto found = sessions_.find({imsi, static_cast<std::uint8_t>(id)});
    if (found != sessions_.end() && found->second.state == State::active) set.insert(id);
  }
  return set;
}

std::optional<std::string> Smf::owner(const Ipv4& address) const
{
  const auto found = std::find_if(sessions_.begin(), sessions_.end(), [&](const auto& entry) { return entry.second.address == address; });
  return found == sessions_.end() ? std::nullopt : std::optional(found->first.first);
}

std::optional<Ipv4> Smf::address(const std::string& imsi, std::uint8_t id) const
{
  const auto found = sessions_.find({imsi, id});
  return found == sessions_.end() ? std::nullopt : std::optional(found->second.address);
}

}  // namespace ravi::core
