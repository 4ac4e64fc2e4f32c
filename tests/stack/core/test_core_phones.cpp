// What phones ask for beyond what our UE and srsUE do: their published messages, played to the core by a UE that has our keys.

#include "stack/nas/usim.h"
#include "tests/stack/core/bench.h"
#include "tests/stack/nas/phone_nas.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

using namespace ravi;
using namespace ravi::core;
using namespace ravi::core::test;

namespace {

/// Plays the octets it is given, and takes part only in authentication and security mode.
struct Player {
  Bench& bench;
  nas::Usim usim;
  std::optional<std::uint32_t> id;
  std::optional<nas::NasSecurity> security;
  std::optional<nas::ChallengeAnswered> answered;
  nas::KeySet key_set;
  std::vector<nas::MmMessage> received;
  std::vector<Octets> radio_capabilities;      ///< of each context set up
  Octets security_mode_complete;               ///< plain; sent to the command
  std::size_t num_events = 0;

  explicit Player(Bench& b, const std::string& imsi = kImsi) : bench(b), usim(ue_config(imsi).usim) {}

  void initial(const Octets& nas)
  {
    num_events = bench.gnb_events.size();
    id = bench.gnb.initial_ue({.nas = nas, .s_tmsi = {}});
    turn();
  }
  void plain(const nas::MmMessage& message) { send(nas::encode(message)); }
  void send(const Octets& nas)
  {
    REQUIRE(bench.gnb.uplink_nas(*id, nas));
    turn();
  }
  void secured(const Octets& plain, nas::SecurityHeader header = nas::SecurityHeader::integrity_ciphered)
  {
    const auto nas = security->protect(header, plain);
    REQUIRE(nas.has_value());
    send(*nas);
  }
  void secured(const nas::MmMessage& message) { secured(nas::encode(message)); }

  void turn()
  {
    bench.run(5);
    while (num_events < bench.gnb_events.size()) {
      const auto event = bench.gnb_events[num_events++];  // a copy, and counted: what answers it adds to the list and comes here again
      if (const auto* nas = std::get_if<ngap::DownlinkNasTransport>(&event)) take(nas->nas);
      if (const auto* context = std::get_if<ngap::InitialContextSetupRequest>(&event)) {
        radio_capabilities.push_back(context->radio_capability);
        bench.gnb.context_set_up(*id, admit(context->sessions), {});
        take(context->nas);
      }
      if (const auto* session = std::get_if<ngap::SessionSetupRequest>(&event)) {
        bench.gnb.sessions_set_up(*id, admit(session->sessions), {});
        for (const auto& one : session->sessions) take(one.nas);
      }
      if (std::holds_alternative<ngap::ReleaseUe>(event)) id.reset();
    }
    bench.run(2);
  }
  std::vector<ngap::SessionAdmitted> admit(const std::vector<ngap::SessionSetup>& sessions)
  {
    std::vector<ngap::SessionAdmitted> admitted;
    for (const auto& one : sessions) admitted.push_back({one.id, {bench.n3.first->address(), 0x200U + one.id}, {1}});
    return admitted;
  }
  void take(const Octets& octets)
  {
    if (octets.empty()) return;
    Octets plain = octets;
    if (const auto parts = nas::split_protected(octets)) {
      if (parts->header == nas::SecurityHeader::integrity_new) return command({parts->payload.begin(), parts->payload.end()}, *parts);
      const auto opened = security->open(*parts);
      REQUIRE(opened.has_value());
      plain = *opened;
    }
    const auto message = nas::decode_mm(plain);
    REQUIRE(message.has_value());
    received.push_back(*message);
    if (const auto* request = std::get_if<nas::AuthenticationRequest>(&*message)) {
      auto answer = usim.authenticate(*request, {});
      answered = std::get<nas::ChallengeAnswered>(answer);
      key_set = request->key_set;
      this->plain(nas::AuthenticationResponse{Octets(answered->res_star.begin(), answered->res_star.end()), {}});
    }
  }
  void command(const Octets& octets, const nas::ProtectedNas& parts)
  {
    const auto message = nas::decode_mm(octets);
    REQUIRE(message.has_value());
    received.push_back(*message);
    const auto& command = std::get<nas::SecurityModeCommand>(*message);
    security.emplace(nas::End::ue, answered->k_amf, key_set, command.algorithms);
    REQUIRE(security->open(parts).has_value());
    secured(security_mode_complete, nas::SecurityHeader::integrity_ciphered_new);
  }

  /// The last received of a kind.
  template <class M>
  const M* last() const
  {
    for (auto at = received.rbegin(); at != received.rend(); ++at) {
      if (const auto* one = std::get_if<M>(&*at)) return one;
    }
    return nullptr;
  }
  /// The last 5GSM message received.
  nas::SmMessage session_answer() const
  {
    const auto* transport = last<nas::DownlinkNasTransport>();
    REQUIRE(transport != nullptr);
    const auto message = nas::decode_sm(transport->payload);
    REQUIRE(message.has_value());
    return *message;
  }
  nas::Suci suci() const { return nas::null_scheme_suci({}, kImsi.substr(5)); }
};

CoreConfig open_config()
{
  CoreConfig config;
  config.amf.ciphering = {security::CipheringAlgorithm::nea0};  // so that a trace can be read
  return config;
}

/// The phone registers with its own messages, only its SUCI is ours.
Player registered_phone(Bench& bench)
{
  Player phone(bench);
  phone.security_mode_complete = bytes_of(nas::test::kPhoneSecurityModeComplete);
  phone.initial(bytes_of(nas::test::kPhoneRegistration));
  REQUIRE(phone.last<nas::IdentityRequest>() != nullptr);
  CHECK(phone.last<nas::IdentityRequest>()->type == nas::IdentityType::suci);
  phone.plain(nas::IdentityResponse{phone.suci()});
  REQUIRE(phone.last<nas::RegistrationAccept>() != nullptr);
  phone.secured(nas::RegistrationComplete{});
  return phone;
}

nas::UplinkNasTransport transport_of(const nas::SmMessage& message, std::uint8_t id, std::optional<nas::Dnn> dnn = {})
{
  nas::UplinkNasTransport transport;
  transport.payload = nas::encode(message);
  transport.pdu_session_id = id;
  transport.request_type = nas::RequestType::initial;
  transport.dnn = std::move(dnn);
  return transport;
}

nas::PduSessionEstablishmentRequest request_of(std::uint8_t id, std::optional<nas::PduSessionType> type = {})
{
  nas::PduSessionEstablishmentRequest request;
  request.header = {id, static_cast<std::uint8_t>(id + 20)};
  request.type = type;
  return request;
}

}  // namespace

TEST_CASE("phone: one that comes with another core's GUTI is asked who it is and registers [TS 24.501 §5.5.1.2, §4.4.6]")
{
  Bench bench(open_config());
  Player phone = registered_phone(bench);
  const auto& command = *phone.last<nas::SecurityModeCommand>();
  CHECK(command.replayed_capability.nea == 0xF0);
  CHECK(command.replayed_capability.eea == 0xF0);
  CHECK(command.imeisv_request == 1);
  const auto& accept = *phone.last<nas::RegistrationAccept>();
  CHECK(accept.allowed_nssai == nas::Nssai{{{.sst = 1}}});
  CHECK(!accept.rejected_nssai);
  CHECK(accept.network_feature_support == Octets{0, 0});  // no voice: the phone does not wait for the IMS
  CHECK(accept.t3512->duration() == std::chrono::minutes(60));  // 54 minutes in units of ten
  CHECK(!accept.result.allows_sms);
  CHECK(!accept.mico);
  const auto ues = bench.core.amf().ues();
  REQUIRE(ues.size() == 1);
  CHECK(ues[0].state == Amf::UeState::registered);
  CHECK(ues[0].imeisv == "8691650626804900");
  CHECK(bench.core.amf().counters().malformed_nas == 0);
  CHECK(bench.core.amf().counters().registrations == 1);
}

TEST_CASE("phone: its session for the IMS is refused by name where there is none, and its next one stands [TS 24.501 §6.4.1.4]")
{
  Bench bench(open_config());
  Player phone = registered_phone(bench);
  phone.secured(bytes_of(nas::test::kPhoneImsSession));
  const auto answer = phone.session_answer();
  const auto& reject = std::get<nas::PduSessionEstablishmentReject>(answer);
  CHECK(reject.cause == nas::SmCause::missing_or_unknown_dnn);
  CHECK(reject.header == nas::SmHeader{1, 0x12});
  phone.secured(transport_of(request_of(2, nas::PduSessionType::ipv4v6), 2));
  CHECK(std::holds_alternative<nas::PduSessionEstablishmentAccept>(phone.session_answer()));
  CHECK(bench.core.address(kImsi, 2) == Ipv4{10, 45, 0, 2});
}

TEST_CASE("phone: its session for the IMS where the subscription has it: address, IPCP, DNS, MTU, P-CSCF [TS 24.008 §10.5.6.3]")
{
  SubscriberData known = subscriber();
  known.dnns = {"internet", "IMS"};
  CoreConfig config = open_config();
  config.smf.services.dns = {{9, 9, 9, 9}, {8, 8, 4, 4}};
  SUBCASE("with a P-CSCF") { config.smf.services.p_cscf = {10, 45, 0, 9}; }
  SUBCASE("without") {}
  Bench bench(config, {known});
  Player phone = registered_phone(bench);
  phone.secured(bytes_of(nas::test::kPhoneImsSession));
  phone.secured(transport_of(request_of(2), 2));
  CHECK(bench.core.address(kImsi, 1) == Ipv4{10, 45, 0, 2});
  CHECK(bench.core.address(kImsi, 2) == Ipv4{10, 45, 0, 3});
  CHECK(bench.core.upf().num_sessions() == 2);

  const auto& transport = std::get<nas::DownlinkNasTransport>(phone.received[phone.received.size() - 2]);
  const auto message = nas::decode_sm(transport.payload);
  const auto& accept = std::get<nas::PduSessionEstablishmentAccept>(*message);
  CHECK(accept.cause == nas::SmCause::only_ipv4_allowed);
  CHECK(accept.type == nas::PduSessionType::ipv4);
  CHECK(accept.dnn == nas::Dnn{"IMS"});
  REQUIRE(accept.options.has_value());
  const auto* ipcp = accept.options->find(nas::pco::kIpcp);
  REQUIRE(ipcp != nullptr);
  CHECK(ipcp->content == bytes_of("03000010810609090909830608080404"));  // Configure-Nak with both servers, RFC 1877
  CHECK(accept.options->dns_servers() == std::vector<nas::Ipv4>{{9, 9, 9, 9}, {8, 8, 4, 4}});
  REQUIRE(accept.options->find(nas::pco::kIpv4Mtu) != nullptr);
  CHECK(accept.options->find(nas::pco::kIpv4Mtu)->content == Octets{0x05, 0x78});
  const auto* p_cscf = accept.options->find(nas::pco::kPcscfIpv4);
  CHECK((p_cscf != nullptr) == config.smf.services.p_cscf.has_value());
  CHECK(accept.options->find(nas::pco::kDnsIpv6) == nullptr);
}

TEST_CASE("phone: what a session cannot be is refused with its cause [TS 24.501 §6.4.1.4, §5.4.5.2.4]")
{
  CoreConfig config = open_config();
  config.smf.max_sessions = 2;
  Bench bench(config);
  Player phone = registered_phone(bench);
  const auto cause_of = [&](const nas::UplinkNasTransport& transport) {
    phone.secured(transport);
    const auto answer = phone.session_answer();
    const auto* reject = std::get_if<nas::PduSessionEstablishmentReject>(&answer);
    return reject == nullptr ? std::optional<nas::SmCause>() : reject->cause;
  };
  using nas::PduSessionType;
  CHECK(cause_of(transport_of(request_of(1, PduSessionType::ipv6), 1)) == nas::SmCause::only_ipv4_allowed);
  CHECK(cause_of(transport_of(request_of(1, PduSessionType::ethernet), 1)) == nas::SmCause::unknown_pdu_session_type);
  CHECK(cause_of(transport_of(request_of(1, PduSessionType::unstructured), 1)) == nas::SmCause::unknown_pdu_session_type);
  auto transport = transport_of(request_of(1), 1, nas::Dnn{"elsewhere"});
  CHECK(cause_of(transport) == nas::SmCause::missing_or_unknown_dnn);
  transport = transport_of(request_of(1), 1);
  transport.request_type = nas::RequestType::existing_session;
  CHECK(cause_of(transport) == nas::SmCause::pdu_session_does_not_exist);
  transport.request_type = nas::RequestType::initial_emergency;
  CHECK(cause_of(transport) == nas::SmCause::service_option_not_supported);
  transport.request_type = nas::RequestType::initial;
  transport.s_nssai = nas::SNssai{.sst = 1, .sd = 5};
  CHECK(cause_of(transport) == nas::SmCause::missing_or_unknown_dnn_in_slice);
  auto request = request_of(1);
  request.ssc_mode = nas::SscMode::mode3;
  CHECK(cause_of(transport_of(request, 1)) == nas::SmCause::unsupported_ssc_mode);
  CHECK(std::get<nas::PduSessionEstablishmentReject>(phone.session_answer()).allowed_ssc_modes == 1);

  request = request_of(1);
  request.always_on = std::uint8_t{1};
  transport = transport_of(request, 1, nas::Dnn{"InterNet"});
  transport.s_nssai = nas::SNssai{.sst = 1, .sd = 0xFFFFFF};  // no differentiator
  CHECK(!cause_of(transport));
  CHECK(std::get<nas::PduSessionEstablishmentAccept>(phone.session_answer()).always_on == 0);
  CHECK(!cause_of(transport_of(request_of(2), 2)));
  phone.secured(transport_of(request_of(3), 3));
  const auto& back = *phone.last<nas::DownlinkNasTransport>();
  CHECK(back.cause == nas::MmCause::max_pdu_sessions_reached);
  CHECK(back.payload == nas::encode(request_of(3)));
  CHECK(!cause_of(transport_of(request_of(2), 2)));  // the same identity again is no more
}

TEST_CASE("phone: slices that it asks for and has not are rejected, its own allowed [TS 24.501 §5.5.1.2.4]")
{
  const auto message = asn1::rrc::decode<asn1::rrc::UlDcchMessage>(bytes_of(nas::test::kPhoneSetupComplete));
  REQUIRE(message.has_value());
  const Octets nas = message->message.c1()->rrc_setup_complete()->critical_extensions.rrc_setup_complete()->dedicated_nas_message;
  const auto parts = nas::split_protected(nas);
  REQUIRE(parts.has_value());
  const auto cut = nas::decode_mm(parts->payload);
  const auto& request = std::get<nas::RegistrationRequest>(*cut);
  REQUIRE(request.nas_message.has_value());

  Bench bench(open_config());
  Player phone(bench);
  phone.security_mode_complete = nas::encode(nas::SecurityModeComplete{.imeisv = {}, .nas_message = request.nas_message, .non_imeisv_pei = {}});
  phone.initial(nas);
  phone.plain(nas::IdentityResponse{phone.suci()});
  const auto* accept = phone.last<nas::RegistrationAccept>();
  REQUIRE(accept != nullptr);
  CHECK(accept->allowed_nssai == nas::Nssai{{{.sst = 1}}});
  CHECK(accept->configured_nssai == nas::Nssai{{{.sst = 1}}});
  REQUIRE(accept->rejected_nssai.has_value());
  const auto inner = nas::decode_mm(*request.nas_message);
  const auto asked = std::get<nas::RegistrationRequest>(*inner).requested_nssai->slices;
  CHECK(asked.size() == 3);
  REQUIRE(accept->rejected_nssai->slices.size() == asked.size());
  CHECK(accept->rejected_nssai->slices[0].sst == 1);
  CHECK(accept->rejected_nssai->slices[0].sd == asked[0].sd);
}

TEST_CASE("phone: network name, universal time and time zone after registration, nothing to be acknowledged [TS 24.501 §5.4.4]")
{
  CoreConfig config = open_config();
  config.amf.network_name = "Ravi Lab";
  config.amf.short_network_name = "Ravi";
  Bench bench(config);
  bench.core.amf().clock = [] { return nas::UniversalTime{.year = 26, .month = 11, .day = 30, .hour = 23, .minute = 5, .second = 59, .zone = {20}}; };
  Player phone = registered_phone(bench);
  const auto* update = phone.last<nas::ConfigurationUpdateCommand>();
  REQUIRE(update != nullptr);
  CHECK(!update->indication);
  CHECK(nas::text_of(*update->full_name) == "Ravi Lab");
  CHECK(nas::text_of(*update->short_name) == "Ravi");
  CHECK(update->time_zone == nas::TimeZone{20});
  CHECK(update->universal_time->day == 30);
  // TS 24.008 §10.5.3.9: digits swapped, then the zone as in §10.5.3.8
  const std::string hex = nas::test::hex_of(nas::encode(*update));
  CHECK(hex.find("460247621103325095" "02") != std::string::npos);
}

TEST_CASE("phone: a SUCI of profile A or B is revealed with the network's key, of an unknown key refused [TS 33.501 §C.3]")
{
  CoreConfig config;
  security::SuciScheme scheme = security::SuciScheme::profile_a;
  SUBCASE("A") {}
  SUBCASE("B") { scheme = security::SuciScheme::profile_b; }
  security::Key256 key;
  for (std::size_t i = 0; i < key.writable().size(); ++i) key.writable()[i] = static_cast<std::uint8_t>(i + 1);
  config.amf.home_network_keys = {{.id = 27, .scheme = scheme, .private_key = key}};
  Bench bench(config);
  nas::UeNasConfig ue = ue_config();
  ue.usim.scheme = scheme;
  ue.usim.home_network_key = *security::suci_public_key(scheme, key);
  ue.usim.home_network_key_id = 27;
  bench.attach(ue);
  CHECK(bench.core.amf().counters().registrations == 1);
  CHECK(bench.core.address(kImsi).has_value());
  ue.usim.home_network_key_id = 28;
  bench.attach(ue);
  CHECK(bench.core.amf().counters().registrations == 1);
}

TEST_CASE("phone: a module's Security Mode Complete, with a 5GMM capability of three octets, registers it")
{
  Bench bench(open_config());
  Player module(bench);
  module.security_mode_complete = bytes_of(nas::test::kModuleSecurityModeComplete);
  nas::RegistrationRequest request;
  request.has_follow_on = true;
  request.identity = module.suci();
  request.security_capability.emplace();
  REQUIRE(nas::decode_mm(module.security_mode_complete).has_value());
  const auto complete = nas::decode_mm(module.security_mode_complete);
  const auto whole = nas::decode_mm(*std::get<nas::SecurityModeComplete>(*complete).nas_message);
  request.security_capability = std::get<nas::RegistrationRequest>(*whole).security_capability;
  module.initial(nas::encode(request));
  REQUIRE(module.last<nas::SecurityModeCommand>() != nullptr);
  CHECK(module.last<nas::SecurityModeCommand>()->replayed_capability == *request.security_capability);
  CHECK(module.last<nas::RegistrationAccept>() != nullptr);
}

TEST_CASE("phone: one that was paged gets a new GUTI, and both hold until it says so [TS 24.501 §5.4.4, TS 33.501 §6.12.3]")
{
  Bench bench(open_config());
  TestUe& ue = bench.attach();
  const auto before = *bench.core.amf().ues().at(0).guti;
  CHECK(bench.idle(ue));
  std::array<std::uint8_t, 100> packet{};
  const ip::EchoRequest request{.source = {10, 45, 0, 1}, .destination = ue.session->ipv4};
  CHECK(bench.core.upf().send_downlink(std::span(packet).first(ip::write_echo_request(request, packet))));
  bench.run(50);
  CHECK(ue.ran_ue_id.has_value());
  const auto after = *bench.core.amf().ues().at(0).guti;
  CHECK(after != before);
  CHECK(bench.core.amf().counters().configuration_updates == 1);
  CHECK(bench.core.amf().counters().unexpected == 0);
  CHECK(bench.idle(ue));
  ue.nas.request_service();  // with the new one
  bench.run(20);
  CHECK(ue.ran_ue_id.has_value());
}

TEST_CASE("phone: periodic update with requested DRX, unknown IEs and a new radio capability [TS 24.501 §5.5.1.3, TS 24.007 §11.2.4]")
{
  Bench bench(open_config());
  Player phone = registered_phone(bench);
  bench.gnb.radio_capability(*phone.id, Octets{1, 2, 3});
  bench.run(2);
  const auto guti = *bench.core.amf().ues().at(0).guti;
  const auto update = [&](std::optional<std::uint8_t> update_type) {
    bench.gnb.request_release(*phone.id, ngap::cause::kUserInactivity, {});
    phone.turn();
    nas::RegistrationRequest request;
    request.type = nas::RegistrationType::periodic_updating;
    request.key_set = phone.key_set;
    request.identity = *bench.core.amf().ues().at(0).guti;
    request.security_capability = phone.last<nas::SecurityModeCommand>()->replayed_capability;
    request.requested_drx = std::uint8_t{2};
    request.update_type = update_type;
    Octets octets = nas::encode(request);
    for (const std::uint8_t octet : bytes_of("3f02aabb" "e1" "7e0001cc")) octets.push_back(octet);  // TLV, type 1, TLV-E
    phone.received.clear();
    phone.initial(*phone.security->protect(nas::SecurityHeader::integrity, octets));
    REQUIRE(phone.last<nas::RegistrationAccept>() != nullptr);
    CHECK(phone.last<nas::RegistrationAccept>()->negotiated_drx == 2);
    phone.secured(nas::RegistrationComplete{});
  };
  const auto command = *phone.last<nas::SecurityModeCommand>();
  update({});
  CHECK(bench.core.amf().ues().at(0).guti != guti);
  CHECK(phone.radio_capabilities.back() == Octets{1, 2, 3});
  phone.received.emplace_back(command);
  update(std::uint8_t{0x02});
  CHECK(phone.radio_capabilities.back().empty());
  CHECK(bench.core.amf().counters().authentications == 1);
  CHECK(bench.core.amf().counters().registrations == 3);
}

TEST_CASE("phone: its life as a trace for other programs")
{
  const char* const file = std::getenv("RAVI_PHONE_TRACE");  // judged by judge_trace.py
  SubscriberData known = subscriber();
  known.dnns = {"internet", "ims"};
  CoreConfig config = open_config();
  config.amf.network_name = "Ravi Lab";
  config.amf.short_network_name = "Ravi";
  config.smf.services.dns = {{9, 9, 9, 9}, {8, 8, 4, 4}};
  config.smf.services.p_cscf = {10, 45, 0, 9};
  Bench bench(config, {known});
  bench.core.amf().clock = [] { return nas::UniversalTime{.year = 26, .month = 11, .day = 30, .hour = 23, .minute = 5, .second = 59, .zone = {20}}; };
  Player phone = registered_phone(bench);
  phone.secured(bytes_of(nas::test::kPhoneImsSession));
  phone.secured(transport_of(request_of(2, nas::PduSessionType::ipv6), 2));
  phone.secured(transport_of(request_of(3), 3));
  nas::DeregistrationRequestUe off;
  off.type.is_switch_off = true;
  off.key_set = phone.key_set;
  off.identity = *bench.core.amf().ues().at(0).guti;
  phone.secured(off);
  CHECK(bench.core.amf().ues().empty());
  CHECK(bench.core.upf().num_sessions() == 0);
  CHECK(bench.trace.size() > 20);
  if (file == nullptr) return;
  std::ofstream out(file);
  for (const auto& octets : bench.trace) out << security::test::hex_of(octets) << "\n";
}
