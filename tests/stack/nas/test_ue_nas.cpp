#include "stack/nas/ue_nas.h"

#include "tests/stack/nas/foreign_nas.h"
#include "tests/stack/nas/network.h"

#include <doctest/doctest.h>

#include <random>
#include <type_traits>
#include <utility>
#include <vector>

namespace ravi::nas {

using test::hex_of;
using test::Network;
using test::test_config;
using State = UeNas::State;
using namespace std::chrono_literals;

TEST_CASE("UE NAS: in the foreign UE's place it sends the same octets, MACs included, until the session is there")
{
  const auto messages = test::read_foreign_nas();
  if (messages.empty()) return;
  const auto foreign_complete = std::get<SecurityModeComplete>(*decode_mm(test::plain_of(messages.at(4).message)));
  const auto foreign_request = std::get<RegistrationRequest>(*decode_mm(*foreign_complete.nas_message));

  UeNasConfig config = test_config();  // what the foreign UE was set up with
  config.usim.routing_indicator = std::get<Suci>(foreign_request.identity).routing_indicator;
  config.imeisv = std::get<Imeisv>(*foreign_complete.imeisv).digits;
  config.security_capability = *foreign_request.security_capability;
  config.mm_capability = *foreign_request.mm_capability;
  config.update_type = foreign_request.update_type;
  config.sessions = {{.dnn = "internet", .s_nssai = {}, .asks_for_dns = false}};
  UeNas ue(config);
  ue.start({});

  std::vector<Octets> sent;
  std::vector<UeAction> others;
  const auto collect = [&] {
    for (auto& action : ue.take_actions()) {
      if (auto* request = std::get_if<RequestConnection>(&action)) {
        sent.push_back(request->nas);
      } else if (auto* send = std::get_if<SendUplink>(&action)) {
        sent.push_back(send->nas);
      } else {
        others.push_back(std::move(action));
      }
    }
  };
  collect();
  ue.connection_established();
  std::vector<Octets> foreign;
  for (const auto& message : messages) {
    if (message.is_downlink) {
      ue.downlink_nas(message.message);
      collect();
    } else {
      foreign.push_back(message.message);
    }
  }
  // Registration Request, Authentication Response, Security Mode Complete, Registration Complete, session request. The foreign
  // UE then also answers a Configuration Update Command that asks for no answer (§5.4.4.3).
  REQUIRE(foreign.size() == 6);
  REQUIRE(sent.size() == 5);
  for (std::size_t i = 0; i < sent.size(); ++i) CHECK(hex_of(sent[i]) == hex_of(foreign[i]));
  CHECK(ue.counters().integrity_failures == 0);
  CHECK(ue.counters().unexpected == 0);
  REQUIRE(std::holds_alternative<SessionEstablished>(others.back()));
  const auto& session = std::get<SessionEstablished>(others.back());
  CHECK(session.ipv4[0] == 10);
  CHECK(session.dnn == "internet");
  CHECK(session.qfi == 1);
  CHECK(ue.guti().has_value());
}

TEST_CASE("UE NAS: registers, gets a session, and both ends have the same K_gNB [TS 24.501 §5.5.1.2, §6.4.1]")
{
  UeNas ue(test_config());
  Network network(ue);
  network.register_ue();
  const auto uplink = network.uplink();
  REQUIRE(uplink.size() == 2);
  CHECK(std::holds_alternative<RegistrationComplete>(uplink[0]));
  const auto& transport = std::get<UplinkNasTransport>(uplink[1]);
  CHECK(transport.request_type == RequestType::initial);
  CHECK(transport.dnn == Dnn{"internet"});
  const auto as_key = network.action<UseAsKey>();
  REQUIRE(as_key.has_value());
  CHECK((as_key->k_gnb == security::derive_k_gnb(network.security->k_amf(), 0)));
  REQUIRE(network.action<Registered>().has_value());
  const auto request = decode_sm(transport.payload);
  network.send(test::session_accept(header_of(*request)));
  CHECK(network.uplink().empty());
  const auto session = network.action<SessionEstablished>();
  REQUIRE(session.has_value());
  CHECK(session->ipv4 == Ipv4{10, 45, 0, 2});
  CHECK(session->dnn == "internet");
  CHECK(session->qfi == 1);
  CHECK(session->five_qi == 9);
  CHECK(session->mtu == 1400);
  CHECK(session->dns_servers == std::vector<Ipv4>{{8, 8, 8, 8}});
  CHECK(ue.active_sessions().contains(1));
}

TEST_CASE("UE NAS: a trace gets each message of a registration in plain, in order")
{
  UeNas ue(test_config());
  std::vector<std::pair<bool, Octets>> traced;
  ue.trace = [&traced](bool is_uplink, std::span<const std::uint8_t> plain) { traced.emplace_back(is_uplink, Octets(plain.begin(), plain.end())); };
  Network network(ue);
  network.register_ue();
  REQUIRE(traced.size() >= 7);
  const auto is = [&traced]<class M>(std::size_t n, bool is_uplink, std::type_identity<M>) {
    const auto message = decode_mm(traced[n].second);
    return message && std::holds_alternative<M>(*message) && traced[n].first == is_uplink;
  };
  CHECK(is(0, true, std::type_identity<RegistrationRequest>()));
  CHECK(is(1, false, std::type_identity<AuthenticationRequest>()));
  CHECK(is(2, true, std::type_identity<AuthenticationResponse>()));
  CHECK(is(3, false, std::type_identity<SecurityModeCommand>()));
  CHECK(is(4, true, std::type_identity<SecurityModeComplete>()));
  CHECK(is(5, false, std::type_identity<RegistrationAccept>()));
  CHECK(is(6, true, std::type_identity<RegistrationComplete>()));
}

TEST_CASE("UE NAS: a stale SQN is answered with an AUTS, and the next challenge passes [TS 24.501 §5.4.1.3.6]")
{
  UeNas ue(test_config());
  Network network(ue);
  network.register_ue();
  network.uplink();
  ue.connection_released();
  ue.deregister(UeNas::Deregistration::switch_off);
  network.uplink();
  network.sqn = security::Sqn(3, 0);  // the home network forgot
  ue.connection_released();
  ue.start({});
  CHECK(network.uplink().size() == 1);
  const auto stale = security::next_sqn(network.sqn);
  network.challenge(1);
  CHECK(network.sqn == stale);
  const auto failure = network.expect<AuthenticationFailure>();
  CHECK(failure.cause == MmCause::synch_failure);
  REQUIRE(failure.auts.has_value());
  security::Rand rand{};
  rand.fill(static_cast<std::uint8_t>(stale.value()));
  const auto mobile = security::check_auts(test::test_subscriber(), rand, *failure.auts);
  REQUIRE(mobile.has_value());
  network.sqn = security::resynchronized(network.sqn, *mobile);
  network.challenge(1);
  network.check_response(network.expect<AuthenticationResponse>());
}

TEST_CASE("UE NAS: wrong MACs in AUTN are reported, the third ends the connection [TS 24.501 §5.4.1.3.7]")
{
  UeNas ue(test_config());
  Network network(ue);
  ue.start({});
  CHECK(network.uplink().size() == 1);
  for (int i = 0; i < 3; ++i) {
    AuthenticationRequest request{.key_set = {.id = 0}, .abba = {0, 0}, .rand = security::Rand{}, .autn = security::Autn{}, .eap = {}};
    (*request.autn)[6] = 0x80;
    network.send_plain(request);
    CHECK(network.expect<AuthenticationFailure>().cause == MmCause::mac_failure);
  }
  CHECK(network.action<ReleaseConnection>().has_value());
  CHECK(ue.state() == State::deregistered);
  ue.tick(10s);
  CHECK(network.uplink().size() == 1);
  CHECK(ue.state() == State::registering);
}

TEST_CASE("UE NAS: a Security Mode Command with other capabilities, null integrity, or a wrong MAC is rejected [TS 33.501 §6.7.2]")
{
  UeNas ue(test_config());
  Network network(ue);
  ue.start({});
  CHECK(network.uplink().size() == 1);
  network.challenge();
  network.expect<AuthenticationResponse>();
  auto command = network.security_mode_command();
  SUBCASE("bidding down")
  {
    command.replayed_capability.nea = 0x80;
    network.send(command, SecurityHeader::integrity_new);
    CHECK(network.expect<SecurityModeReject>().cause == MmCause::security_capabilities_mismatch);
  }
  SUBCASE("null integrity")
  {
    command.algorithms.integrity = security::IntegrityAlgorithm::nia0;
    network.send(command, SecurityHeader::integrity_new);
    CHECK(network.expect<SecurityModeReject>().cause == MmCause::security_mode_rejected);
  }
  SUBCASE("wrong MAC")
  {
    auto nas = *network.security->protect(SecurityHeader::integrity_new, encode(command));
    nas[2] = static_cast<std::uint8_t>(nas[2] ^ 1);
    network.deliver(nas);
    CHECK(network.expect<SecurityModeReject>().cause == MmCause::security_mode_rejected);
    CHECK(ue.counters().integrity_failures == 1);
  }
  SUBCASE("right")
  {
    network.send(command, SecurityHeader::integrity_new);
    const auto complete = network.expect<SecurityModeComplete>();
    CHECK(std::holds_alternative<Imeisv>(*complete.imeisv));
    network.send(command, SecurityHeader::integrity_new);  // its answer was lost
    network.expect<SecurityModeComplete>();
    network.send_plain(Network::accept());
    CHECK(ue.state() == State::registering);
    CHECK(ue.counters().unprotected == 1);
  }
}

TEST_CASE("UE NAS: authenticates anew while connected, and the new context begins at count 0 [TS 24.501 §5.4.1, §5.4.2]")
{
  UeNas ue(test_config());
  Network network(ue);
  network.register_ue();
  network.uplink();
  network.challenge(0, SecurityHeader::integrity_ciphered);
  CHECK(network.expect<AuthenticationFailure>().cause == MmCause::ngksi_already_in_use);
  network.challenge(1, SecurityHeader::integrity_ciphered);
  network.check_response(network.expect<AuthenticationResponse>());
  network.send(network.security_mode_command(), SecurityHeader::integrity_new);
  const auto complete = network.expect<SecurityModeComplete>();
  CHECK_FALSE(complete.nas_message.has_value());
  CHECK(network.security->receive_count() == 1);
  CHECK(ue.state() == State::registered);
  ConfigurationUpdateCommand update;
  update.indication = std::uint8_t{1};
  network.send(update);
  network.expect<ConfigurationUpdateComplete>();
  CHECK(ue.counters().integrity_failures == 0);
}

TEST_CASE("UE NAS: registers again with its GUTI, protected, the rest of the request ciphered in the container [TS 24.501 §4.4.6]")
{
  UeNasConfig config = test_config();
  config.sessions.clear();
  UeNas ue(config);
  Network network(ue);
  network.register_ue();
  network.uplink();
  ue.connection_released();
  ue.tick(8min);
  CHECK(network.uplink().empty());
  ue.tick(9min);  // T3512
  const auto uplink = network.uplink();
  REQUIRE(uplink.size() == 1);
  const auto& request = std::get<RegistrationRequest>(uplink[0]);
  CHECK(request.type == RegistrationType::periodic_updating);
  CHECK(std::get<Guti>(request.identity) == test::kGuti);
  CHECK(request.key_set.id == 0);
  CHECK_FALSE(request.mm_capability.has_value());
  Octets container = *request.nas_message;
  network.security->decipher_container(container);
  const auto complete = decode_mm(container);
  REQUIRE(complete.has_value());
  CHECK(std::get<RegistrationRequest>(*complete).mm_capability.has_value());
  network.send(Network::accept());
  CHECK(std::holds_alternative<RegistrationComplete>(network.uplink().at(0)));
  CHECK(ue.state() == State::registered);
}

TEST_CASE("UE NAS: idle data and paging give a Service Request, and K_gNB follows its count [TS 24.501 §5.6.1, §5.6.2]")
{
  UeNas ue(test_config());
  Network network(ue);
  network.register_ue();
  const auto transport = std::get<UplinkNasTransport>(network.uplink().at(1));
  network.send(test::session_accept(header_of(*decode_sm(transport.payload))));
  network.uplink();
  ue.connection_released();
  network.actions.clear();
  bool is_paged = false;
  SUBCASE("data") {}
  SUBCASE("paging") { is_paged = true; }
  STmsi other = test::kGuti.s_tmsi;
  other.tmsi ^= 1;
  ue.paged(other);
  CHECK(network.uplink().empty());
  if (is_paged) {
    ue.paged(test::kGuti.s_tmsi);
  } else {
    ue.request_service();
  }
  const auto request = network.expect<ServiceRequest>();
  CHECK(request.type == (is_paged ? ServiceType::mobile_terminated : ServiceType::data));
  Octets container = *request.nas_message;
  network.security->decipher_container(container);
  const auto complete = std::get<ServiceRequest>(*decode_mm(container));
  CHECK(complete.uplink_data_status->contains(1));
  const auto key = network.action<UseAsKey>();
  REQUIRE(key.has_value());
  CHECK((key->k_gnb == security::derive_k_gnb(network.security->k_amf(), network.security->last_uplink_count())));
  ServiceAccept accept;
  accept.pdu_session_status = PduSessionSet{};  // the network lost the session
  network.send(accept);
  CHECK(ue.state() == State::registered);
  network.uplink();
  CHECK(network.action<ServiceResumed>().has_value());
  CHECK(network.action<SessionReleased>().has_value());
}

}  // namespace ravi::nas
