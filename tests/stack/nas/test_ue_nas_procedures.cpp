// Deregistration, rejections, retransmission, session release: what the UE's NAS does when things end or go wrong.

#include "stack/nas/ue_nas.h"

#include "tests/stack/nas/network.h"

#include <doctest/doctest.h>

#include <random>

namespace ravi::nas {

using test::Network;
using test::test_config;
using State = UeNas::State;
using namespace std::chrono_literals;

namespace {

UeNasConfig without_sessions()
{
  UeNasConfig config = test_config();
  config.sessions.clear();
  return config;
}

/// Registered, connected, with session 1.
SmHeader attach(Network& network)
{
  network.register_ue();
  const auto transport = std::get<UplinkNasTransport>(network.uplink().at(1));
  const SmHeader header = header_of(*decode_sm(transport.payload));
  network.send(test::session_accept(header));
  network.uplink();
  network.actions.clear();
  return header;
}

}  // namespace

TEST_CASE("UE NAS: deregistration is sent five times, and ends without an answer [TS 24.501 §5.5.2.2]")
{
  UeNas ue(without_sessions());
  Network network(ue);
  network.register_ue();
  network.uplink();
  ue.deregister(UeNas::Deregistration::normal);
  network.expect<DeregistrationRequestUe>();
  SUBCASE("answered")
  {
    network.send(DeregistrationAcceptUe{});
    network.uplink();
  }
  SUBCASE("not answered")
  {
    for (int i = 1; i <= 4; ++i) {
      ue.tick(i * 15s);
      network.expect<DeregistrationRequestUe>();
    }
    ue.tick(75s);
    CHECK(network.uplink().empty());
    CHECK(network.action<ReleaseConnection>().has_value());
  }
  CHECK(network.action<Deregistered>().has_value());
  CHECK(ue.state() == State::deregistered);
  ue.connection_released();
  ue.start({});
  const auto again = network.uplink();
  REQUIRE(again.size() == 1);
  CHECK(std::get<RegistrationRequest>(again[0]).type == RegistrationType::initial);
}

TEST_CASE("UE NAS: switching off sends one message and waits for nothing, also from idle")
{
  UeNas ue(test_config());
  Network network(ue);
  attach(network);
  SUBCASE("connected") {}
  SUBCASE("idle") { ue.connection_released(); }
  ue.deregister(UeNas::Deregistration::switch_off);
  CHECK(network.expect<DeregistrationRequestUe>().type.is_switch_off);
  CHECK(ue.state() == State::deregistered);
  CHECK(network.action<SessionReleased>().has_value());
  ue.tick(1h);
  CHECK(network.uplink().empty());
}

TEST_CASE("UE NAS: the network deregisters it, and with re-registration required it comes back [TS 24.501 §5.5.2.3]")
{
  UeNas ue(test_config());
  Network network(ue);
  attach(network);
  DeregistrationRequestNetwork request;
  SUBCASE("for good") {}
  SUBCASE("to come back") { request.type.needs_reregistration = true; }
  network.send(request);
  network.expect<DeregistrationAcceptNetwork>();
  CHECK(ue.state() == State::deregistered);
  CHECK(network.action<SessionReleased>().has_value());
  ue.connection_released();
  CHECK(network.uplink().size() == (request.type.needs_reregistration ? 1 : 0));
}

TEST_CASE("UE NAS: without an answer registration is tried five times, 10 s apart, then after T3502 [TS 24.501 §5.5.1.2.7]")
{
  UeNas ue(test_config());
  Network network(ue);
  ue.start({});
  Time now = 0s;
  for (int attempt = 1; attempt <= 5; ++attempt) {
    CHECK(network.uplink().size() == 1);
    now += 15s;
    ue.tick(now);
    CHECK(network.uplink().empty());
    const auto failed = network.action<RegistrationFailed>();
    REQUIRE(failed.has_value());
    CHECK_FALSE(failed->cause.has_value());
    CHECK(failed->retry_after == (attempt < 5 ? Time(10s) : Time(12min)));
    now += *failed->retry_after;
    ue.tick(now - 1ms);
    CHECK(network.uplink().empty());
    ue.tick(now);
  }
  CHECK(network.uplink().size() == 1);
}

TEST_CASE("UE NAS: while the cell bars its access no timer of a registration or service request runs [TS 24.501 §5.5.1.2.7, §5.6.1.7]")
{
  UeNas ue(test_config());
  Network network(ue);
  ue.start({});
  CHECK(network.uplink().size() == 1);
  ue.access_barred();
  ue.tick(10min);
  CHECK(network.uplink().empty());
  CHECK(ue.state() == State::registering);
  ue.access_alleviated();
  ue.tick(10min + 14s);
  CHECK(network.uplink().empty());
  CHECK_FALSE(network.action<RegistrationFailed>().has_value());
  ue.tick(10min + 15s);
  CHECK(network.uplink().empty());
  CHECK(network.action<RegistrationFailed>().has_value());
}

TEST_CASE("UE NAS: rejections end, delay or restart registration by their cause [TS 24.501 §5.5.1.2.5]")
{
  UeNas ue(test_config());
  Network network(ue);
  ue.start({});
  CHECK(network.uplink().size() == 1);
  SUBCASE("a plain illegal UE is believed for half an hour")
  {
    network.send_plain(RegistrationReject{.cause = MmCause::illegal_ue});
    network.uplink();
    CHECK(network.action<RegistrationFailed>()->retry_after == Time(30min));
  }
  SUBCASE("a protected one for ever")
  {
    network.challenge();
    network.expect<AuthenticationResponse>();
    network.send(network.security_mode_command(), SecurityHeader::integrity_new);
    network.expect<SecurityModeComplete>();
    network.send(RegistrationReject{.cause = MmCause::plmn_not_allowed});
    network.uplink();
    const auto failed = network.action<RegistrationFailed>();
    CHECK(failed->cause == MmCause::plmn_not_allowed);
    CHECK_FALSE(failed->retry_after.has_value());
    ue.tick(24h);
    CHECK(network.uplink().empty());
  }
  SUBCASE("congestion says when")
  {
    network.send_plain(RegistrationReject{.cause = MmCause::congestion, .t3346 = gprs_timer2(40s)});
    network.uplink();
    CHECK(network.action<RegistrationFailed>()->retry_after == Time(40s));
    ue.connection_released();
    ue.tick(40s);
    CHECK(network.uplink().size() == 1);
  }
  SUBCASE("authentication reject")
  {
    network.send_plain(AuthenticationReject{});
    network.uplink();
    CHECK(network.action<RegistrationFailed>()->cause == MmCause::illegal_ue);
  }
  SUBCASE("the connection never came")
  {
    ue.connection_failed();
    network.uplink();
    CHECK(network.action<RegistrationFailed>()->retry_after == Time(10s));
  }
}

TEST_CASE("UE NAS: a Service Reject of an unknown identity leads to a new initial registration [TS 24.501 §5.6.1.5]")
{
  UeNas ue(test_config());
  Network network(ue);
  attach(network);
  ue.connection_released();
  ue.request_service();
  network.expect<ServiceRequest>();
  network.send_plain(ServiceReject{.cause = MmCause::ue_identity_not_derived});
  ue.connection_released();
  const auto uplink = network.uplink();
  REQUIRE(uplink.size() == 1);
  const auto& request = std::get<RegistrationRequest>(uplink[0]);
  CHECK(request.type == RegistrationType::initial);
  CHECK(std::holds_alternative<Suci>(request.identity));
  CHECK(request.key_set.id == KeySet::kNoKey);
  CHECK(network.action<SessionReleased>().has_value());
}

TEST_CASE("UE NAS: service requests that T3517 ends count towards T3525, those whose connection is released do not [TS 24.501 §5.6.1.7]")
{
  UeNas ue(test_config());
  Network network(ue);
  attach(network);
  ue.connection_released();
  const auto try_service = [&](Time now) {
    ue.tick(now);
    ue.request_service();
    const bool is_sent = !network.uplink().empty();
    CHECK(network.action<RequestConnection>().has_value() == is_sent);
    network.actions.clear();
    return is_sent;
  };
  for (int i = 1; i <= 10; ++i) {  // as of a gNB that has lost its core
    REQUIRE(try_service(Time(i * 100)));
    ue.connection_released();
  }
  for (int i = 1; i <= 5; ++i) {
    REQUIRE(try_service(Time(i * 20s)));
    ue.tick(Time(i * 20s + 15s));
    network.uplink();
    network.actions.clear();
  }
  CHECK(!try_service(Time(120s)));
  CHECK(!try_service(Time(174s)));
  CHECK(try_service(Time(176s)));
}

TEST_CASE("UE NAS: an unanswered session request is sent five times, then reported [TS 24.501 §6.4.1.6]")
{
  UeNas ue(test_config());
  Network network(ue);
  network.register_ue();
  CHECK(network.uplink().size() == 2);
  for (int i = 1; i <= 4; ++i) {
    ue.tick(i * 16s);
    CHECK(std::holds_alternative<PduSessionEstablishmentRequest>(network.expect_session_message()));
  }
  ue.tick(80s);
  CHECK(network.uplink().empty());
  const auto rejected = network.action<SessionRejected>();
  REQUIRE(rejected.has_value());
  CHECK_FALSE(rejected->sm_cause.has_value());
}

TEST_CASE("UE NAS: session requests are rejected by 5GSM and 5GMM causes")
{
  UeNas ue(test_config());
  Network network(ue);
  network.register_ue();
  const auto transport = std::get<UplinkNasTransport>(network.uplink().at(1));
  SUBCASE("5GSM")
  {
    PduSessionEstablishmentReject reject;
    reject.header = header_of(*decode_sm(transport.payload));
    reject.cause = SmCause::missing_or_unknown_dnn;
    network.send(reject);
    CHECK(network.uplink().empty());
    CHECK(network.action<SessionRejected>()->sm_cause == SmCause::missing_or_unknown_dnn);
  }
  SUBCASE("5GMM")
  {
    DownlinkNasTransport back;
    back.payload = transport.payload;
    back.pdu_session_id = 1;
    back.cause = MmCause::dnn_not_supported_in_slice;
    network.send(back);
    CHECK(network.uplink().empty());
    CHECK(network.action<SessionRejected>()->mm_cause == MmCause::dnn_not_supported_in_slice);
  }
  SUBCASE("an accept without an address")
  {
    auto accept = test::session_accept(header_of(*decode_sm(transport.payload)));
    accept.address.reset();
    network.send(accept);
    CHECK(std::get<SmStatus>(network.expect_session_message()).cause == SmCause::conditional_ie_error);
  }
  SUBCASE("an accept for another transaction")
  {
    auto accept = test::session_accept(header_of(*decode_sm(transport.payload)));
    accept.header.pti = 77;
    network.send(accept);
    CHECK(std::get<SmStatus>(network.expect_session_message()).cause == SmCause::pti_mismatch);
  }
  CHECK(ue.active_sessions().bits == 0);
}

TEST_CASE("UE NAS: either end releases a session [TS 24.501 §6.3.3, §6.4.3]")
{
  UeNas ue(test_config());
  Network network(ue);
  SmHeader header = attach(network);
  PduSessionReleaseCommand command;
  SUBCASE("the UE asks")
  {
    CHECK(ue.release_session(1));
    header = header_of(network.expect_session_message());
  }
  SUBCASE("the network asks") { header.pti = 0; }
  command.header = header;
  network.send(command);
  CHECK(std::holds_alternative<PduSessionReleaseComplete>(network.expect_session_message()));
  CHECK(network.action<SessionReleased>()->cause == SmCause::regular_deactivation);
  CHECK_FALSE(ue.active_sessions().contains(1));
  const auto id = ue.establish_session({});
  CHECK(id == 1);
}

TEST_CASE("UE NAS: modification and configuration update are answered, identity only as far as it may be told")
{
  UeNas ue(test_config());
  Network network(ue);
  SmHeader header = attach(network);
  header.pti = 0;
  PduSessionModificationCommand modify;
  modify.header = header;
  modify.ambr = SessionAmbr{bit_rate(5'000'000), bit_rate(1'000'000)};
  network.send(modify);
  CHECK(std::holds_alternative<PduSessionModificationComplete>(network.expect_session_message()));
  CHECK(network.action<SessionModified>()->ambr->downlink.bits_per_second() == 5'000'000);

  ConfigurationUpdateCommand update;
  update.indication = 1;
  update.full_name = network_name("Ravi");
  network.send(update);
  network.expect<ConfigurationUpdateComplete>();
  CHECK(network.action<NetworkNamed>()->full_name == "Ravi");

  network.send(IdentityRequest{IdentityType::imeisv});
  CHECK(std::holds_alternative<Imeisv>(network.expect<IdentityResponse>().identity));
  network.send_plain(IdentityRequest{IdentityType::suci});
  CHECK(network.uplink().empty());
  CHECK(ue.counters().unprotected == 1);
}

TEST_CASE("UE NAS: a concealed identity is one only the home network reads [TS 33.501 Annex C]")
{
  security::Key256 home_key;
  std::fill(home_key.writable().begin(), home_key.writable().end(), std::uint8_t{7});
  UeNasConfig config = test_config();
  for (const auto scheme : {security::SuciScheme::profile_a, security::SuciScheme::profile_b}) {
    config.usim.scheme = scheme;
    config.usim.home_network_key_id = 3;
    config.usim.home_network_key = *security::suci_public_key(scheme, home_key);
    UeNas ue(config);
    Network network(ue);
    ue.start({});
    const auto request = std::get<RegistrationRequest>(network.uplink().at(0));
    const auto& suci = std::get<Suci>(request.identity);
    CHECK(suci.home_network_key == 3);
    CHECK_FALSE(imsi_of(suci).has_value());
    const auto msin = security::deconceal(scheme, home_key, suci.scheme_output);
    REQUIRE(msin.has_value());
    CHECK(from_bcd(*msin) == test::kForeignMsin);
  }
}

TEST_CASE("UE NAS: whatever octets arrive at any stage, it neither crashes nor loses the way [seed 24501]")
{
  std::mt19937 random(24501);
  for (int run = 0; run < 60; ++run) {
    UeNas ue(test_config());
    Network network(ue);
    ue.start({});
    network.uplink();
    if (run % 3 == 1) {
      network.challenge();
      network.uplink();
    } else if (run % 3 == 2) {
      ue.deregister(UeNas::Deregistration::switch_off);
      network.uplink();
      ue.connection_released();
      network.trace.clear();
      network.register_ue(1);
      network.uplink();
    }
    const auto seeds = network.trace;
    for (int i = 0; i < 200; ++i) {
      Octets octets = seeds[random() % seeds.size()];
      if (random() % 4 == 0) octets.resize(random() % (octets.size() + 1));
      for (auto flips = random() % 5; flips > 0 && !octets.empty(); --flips) {
        auto& octet = octets[random() % octets.size()];
        octet = static_cast<std::uint8_t>(octet ^ (1U << random() % 8));
      }
      ue.downlink_nas(octets);
      ue.tick(Time(i * 10));
      CHECK(ue.take_actions().size() < 40);
    }
    ue.connection_released();
    static_cast<void>(ue.take_actions());
    ue.tick(2h);
    if (ue.state() == State::deregistered) ue.start({});
    CHECK(ue.state() != State::deregistered);
  }
}

}  // namespace ravi::nas
