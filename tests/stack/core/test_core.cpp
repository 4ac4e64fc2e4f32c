// The whole core against UEs of this project: registration to ping and back, and what may go wrong on the way.

#include "tests/stack/core/bench.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <random>

using namespace ravi;
using namespace ravi::core;
using namespace ravi::core::test;
using namespace ravi::ip;
using namespace std::chrono_literals;
using State = nas::UeNas::State;

TEST_CASE("core: a UE registers, gets a session, and the gateway answers its pings")
{
  Bench bench;
  TestUe& ue = bench.attach();
  CHECK(ue.nas.state() == State::registered);
  CHECK(bench.core.amf().counters().registrations == 1);
  REQUIRE(ue.session.has_value());
  CHECK(ue.session->ipv4 == Ipv4{10, 45, 0, 2});
  CHECK(ue.session->dnn == "internet");
  CHECK(ue.session->five_qi == 9);
  CHECK(ue.session->dns_servers.size() == 1);
  CHECK(bench.core.address(kImsi) == Ipv4{10, 45, 0, 2});
  REQUIRE(ue.k_gnb_of_network.has_value());
  CHECK((ue.k_gnb_of_ue == ue.k_gnb_of_network));
  for (std::uint16_t i = 0; i < 100; ++i) CHECK(bench.ping(ue, i));
  CHECK(bench.core.upf().traffic({10, 45, 0, 2})->echoes == 100);
  CHECK(bench.core.amf().counters().malformed_nas == 0);
  CHECK(bench.core.amf().counters().unexpected == 0);
  CHECK(ue.nas.counters().unexpected == 0);
}

TEST_CASE("core: NEA0, NEA2 and preferred algorithms that a UE lacks [TS 33.501 §6.7.2]")
{
  for (const auto ciphering : {security::CipheringAlgorithm::nea0, security::CipheringAlgorithm::nea2}) {
    CoreConfig config;
    config.amf.ciphering = {ciphering};
    Bench bench(config);
    TestUe& ue = bench.attach();
    CHECK(ue.nas.state() == State::registered);
    const auto found = std::find_if(ue.actions.begin(), ue.actions.end(), [](const auto& a) { return std::holds_alternative<nas::SecurityStarted>(a); });
    REQUIRE(found != ue.actions.end());
    CHECK(std::get<nas::SecurityStarted>(*found).algorithms.ciphering == ciphering);
  }
  Bench bench;
  auto config = ue_config();
  config.security_capability = {};
  config.security_capability.add(security::CipheringAlgorithm::nea0);
  config.security_capability.add(security::IntegrityAlgorithm::nia1);
  TestUe& ue = bench.attach(config);
  CHECK(ue.nas.state() != State::registered);
  CHECK(ue.count<nas::RegistrationFailed>() == 1);
}

TEST_CASE("core: a USIM that has seen higher sequence numbers is resynchronized with")
{
  auto ahead = subscriber();
  ahead.sqn = security::Sqn(5000, 0);
  Bench first({}, {ahead});
  TestUe& ue = first.attach();
  CHECK(ue.nas.state() == State::registered);
  // the same USIM meets a core whose counter begins at 0
  Bench second;
  second.ues.push_back(std::move(first.ues.back()));
  first.ues.clear();
  second.ues[0]->ran_ue_id.reset();
  second.ues[0]->nas.connection_released();
  second.ues[0]->nas.start({});
  second.run(60);
  CHECK(second.ues[0]->nas.state() == State::registered);
  CHECK(second.core.amf().counters().resynchronizations == 1);
  CHECK(second.core.subscribers().find(kImsi)->sqn.seq() > 5000);
}

TEST_CASE("core: a wrong key is no authentication, an unknown subscriber no registration")
{
  Bench bench;
  auto config = ue_config();
  config.usim.subscriber.k = *parse_key("ffffffffffffffffffffffffffffffff");
  TestUe& ue = bench.attach(config);
  CHECK(ue.nas.state() != State::registered);
  CHECK(bench.core.amf().counters().authentication_failures == 1);
  TestUe& stranger = bench.attach(ue_config("001010000000099"));
  CHECK(stranger.nas.state() != State::registered);
  bench.run(20);
  CHECK(bench.core.amf().ues().empty());
  CHECK(bench.gnb.num_ues() == 0);
}

TEST_CASE("core: an idle UE comes back by service request, with new keys and its session")
{
  Bench bench;
  TestUe& ue = bench.attach();
  const auto first_key = ue.k_gnb_of_network;
  CHECK(bench.idle(ue));
  CHECK(bench.core.amf().ues().at(0).state == Amf::UeState::registered);
  CHECK_FALSE(bench.core.amf().ues().at(0).is_connected);
  ue.nas.request_service();
  bench.run(20);
  CHECK(ue.count<nas::ServiceResumed>() == 1);
  CHECK((ue.k_gnb_of_ue == ue.k_gnb_of_network));
  CHECK_FALSE((ue.k_gnb_of_network == first_key));
  CHECK(bench.ping(ue, 1));
  CHECK(bench.core.amf().counters().authentications == 1);
}

TEST_CASE("core: downlink for an idle UE pages it and arrives")
{
  Bench bench;
  TestUe& ue = bench.attach();
  CHECK(bench.idle(ue));
  std::array<std::uint8_t, 100> packet{};
  const EchoRequest request{.source = {10, 45, 0, 1}, .destination = ue.session->ipv4, .sequence_number = 3};
  CHECK(bench.core.upf().send_downlink(std::span(packet).first(write_echo_request(request, packet))));
  bench.run(30);
  CHECK(ue.count<nas::ServiceResumed>() == 1);
  const auto arrived = bench.receive_downlink();
  REQUIRE(arrived.has_value());
  CHECK(read_ipv4(arrived->packet)->destination == ue.session->ipv4);
}

TEST_CASE("core: a registered UE that registers anew with its GUTI needs no second authentication")
{
  Bench bench;
  TestUe& ue = bench.attach();
  const auto guti = ue.nas.guti();
  ue.nas.connection_released();  // the UE lost its cell, the gNB does not know yet
  ue.session.reset();
  ue.ran_ue_id.reset();
  ue.nas.start({});
  bench.run(60);
  CHECK(ue.nas.state() == State::registered);
  CHECK(ue.nas.guti() != guti);
  CHECK(bench.core.amf().ues().size() == 1);
  CHECK(bench.core.amf().counters().authentications == 1);
  CHECK(bench.gnb.num_ues() == 1);
  CHECK((ue.k_gnb_of_ue == ue.k_gnb_of_network));
}

TEST_CASE("core: the same subscriber without its old context detaches the stale one")
{
  Bench bench;
  bench.attach();
  TestUe& fresh = bench.add();
  fresh.nas.start({});
  bench.run(80);
  CHECK(fresh.nas.state() == State::registered);
  CHECK(bench.core.amf().ues().size() == 1);
  CHECK(bench.core.amf().counters().implicit_detaches == 1);
  CHECK(bench.core.upf().num_sessions() == 1);
  CHECK(fresh.session->ipv4 == Ipv4{10, 45, 0, 2});
  CHECK(bench.ping(fresh, 1));
}

TEST_CASE("core: deregistration by the UE, by switching off, and by the network leave nothing")
{
  for (int how = 0; how < 3; ++how) {
    CAPTURE(how);
    Bench bench;
    TestUe& ue = bench.attach();
    if (how == 0) ue.nas.deregister(nas::UeNas::Deregistration::normal);
    if (how == 1) ue.nas.deregister(nas::UeNas::Deregistration::switch_off);
    if (how == 2) CHECK(bench.core.amf().deregister(kImsi));
    bench.run(30);
    CHECK(ue.nas.state() == State::deregistered);
    CHECK(bench.core.amf().ues().empty());
    CHECK(bench.core.upf().num_sessions() == 0);
    CHECK(bench.gnb.num_ues() == 0);
  }
}

TEST_CASE("core: sessions are released, refused by DNN, and given the lowest free address")
{
  Bench bench({}, {subscriber(), subscriber("001010000000001")});
  TestUe& first = bench.attach();
  TestUe& second = bench.attach(ue_config("001010000000001"));
  CHECK(second.session->ipv4 == Ipv4{10, 45, 0, 3});
  CHECK(first.nas.release_session(first.session->id));
  bench.run(20);
  CHECK(first.count<nas::SessionReleased>() == 1);
  CHECK(bench.core.upf().num_sessions() == 1);
  CHECK(second.nas.establish_session({.dnn = "elsewhere"}).has_value());
  CHECK(second.nas.establish_session({}).has_value());
  bench.run(20);
  CHECK(second.count<nas::SessionRejected>() == 1);
  CHECK(second.session->ipv4 == Ipv4{10, 45, 0, 2});
}

TEST_CASE("core: requests without an answer are sent five times, then the UE is released [TS 24.501 §5.4.1.3.7]")
{
  Bench bench;
  TestUe& ue = bench.add();
  ue.is_air_lost = true;
  ue.nas.start({});
  bench.run(50);
  const auto count_requests = [&] {
    return std::count_if(bench.gnb_events.begin(), bench.gnb_events.end(), [](const auto& e) { return std::holds_alternative<ngap::DownlinkNasTransport>(e); });
  };
  CHECK(count_requests() == 1);
  for (int i = 0; i < 4; ++i) bench.now += 6s, bench.run(3);
  CHECK(count_requests() == 5);
  bench.now += 6s;
  bench.run(20);
  CHECK(bench.core.amf().ues().size() <= 1);  // the UE may be trying anew
  CHECK(bench.gnb.num_ues() <= 1);
}

TEST_CASE("core: packets between UEs pass, with a foreign source or for an unknown tunnel they do not")
{
  Bench bench({}, {subscriber(), subscriber("001010000000001")});
  TestUe& first = bench.attach();
  TestUe& second = bench.attach(ue_config("001010000000001"));
  std::array<std::uint8_t, 200> packet{};
  EchoRequest request{.source = first.session->ipv4, .destination = second.session->ipv4};
  const auto octets = std::span(packet).first(write_echo_request(request, packet));
  bench.send_uplink(first, octets);
  bench.run(1);
  CHECK(bench.receive_downlink()->packet == std::vector<std::uint8_t>(octets.begin(), octets.end()));
  bench.send_uplink(second, octets);  // the first one's address
  bench.run(1);
  CHECK(bench.core.upf().counters().spoofed == 1);
  first.uplink->teid = 0x7777;
  bench.send_uplink(first, octets);
  bench.run(1);
  CHECK(bench.core.upf().counters().unknown_teid == 1);
  const auto answer = gtpu::decode(bench.n3.first->receive().octets);
  CHECK(answer.header.type == gtpu::MessageType::error_indication);
  CHECK(gtpu::read_error_indication(answer.payload)->teid == 0x7777);
}

TEST_CASE("core: an error indication idles the UE whose tunnel it names, not one of that number at another gNB [TS 29.281 §7.3.1]")
{
  Bench bench;
  TestUe& ue = bench.attach();
  const auto admitted = bench.admit(ue, {{.id = 1, .uplink = *ue.uplink, .flows = {{}}}});
  std::array<std::uint8_t, 100> octets{};
  std::array<std::uint8_t, 100> packet{};
  const EchoRequest request{.source = {10, 45, 0, 1}, .destination = ue.session->ipv4};
  const auto downlink = std::span(packet).first(write_echo_request(request, packet));
  for (const bool is_of_another : {true, false}) {
    gtpu::ErrorIndication error{.teid = admitted.at(0).downlink.teid};
    std::ranges::copy(bench.n3.first->address(), error.address.begin());
    if (is_of_another) error.address[3] = 77;
    const std::size_t size = gtpu::write_error_indication(error, 0, octets);
    CHECK(bench.n3.first->send(bench.n3.second->address(), std::span(octets).first(size)));
    bench.run(1);
    CHECK(bench.core.upf().send_downlink(downlink));
    CHECK(bench.receive_downlink().has_value() == is_of_another);
  }
  CHECK(bench.core.upf().counters().error_indications == 2);
}

TEST_CASE("core: a flood of datagrams does not keep the core from its other work")
{
  class Flood final : public ngap::N3Link {
  public:
    Ipv4 address() const noexcept override { return {127, 0, 0, 1}; }
    bool send(const Ipv4&, std::span<const std::uint8_t>) noexcept override { return true; }
    ngap::N3Datagram receive() noexcept override { return {.from = {127, 0, 0, 9}, .octets = noise}; }
    const ngap::N3Counters& counters() const noexcept override { return none; }
    std::array<std::uint8_t, 20> noise{};
    ngap::N3Counters none;
  };
  Bench bench;
  Flood flood;
  bench.core.attach_n3(flood);
  bench.run(3);  // comes to an end
  CHECK(bench.core.upf().counters().malformed > 0);
  bench.core.attach_n3(*bench.n3.second);
  TestUe& ue = bench.attach();
  CHECK(bench.ping(ue, 1));
}

TEST_CASE("core: the traffic source keeps its rate, the sink counts what is lost")
{
  Bench bench;
  TestUe& ue = bench.attach();
  CHECK(bench.core.upf().start_downlink(ue.session->ipv4, 12e6, 1500, bench.now));
  std::uint64_t packets = 0, next = 0;
  for (int i = 0; i < 1000; ++i) {
    bench.run(1);
    while (const auto arrived = bench.receive_downlink()) {
      const auto stamp = read_stamp(*read_udp(*read_ipv4(arrived->packet)));
      CHECK(stamp->number == next++);
      ++packets;
    }
  }
  CHECK(packets == 1000);  // 12 Mbit/s of 12000 bits for a second
  bench.core.upf().stop_downlink(ue.session->ipv4);
  std::array<std::uint8_t, 1500> packet{};
  for (std::uint64_t number = 0; number < 100; ++number) {
    const TrafficDatagram datagram{.source = ue.session->ipv4, .destination = {10, 45, 0, 1}, .stamp = {number, 0}, .packet_size = 500};
    if (number % 10 != 3) bench.send_uplink(ue, std::span(packet).first(write_traffic(datagram, packet)));
  }
  bench.run(1);
  const auto traffic = bench.core.upf().traffic(ue.session->ipv4);
  CHECK(traffic->sunk.packets == 90);
  CHECK(traffic->sunk.octets == 90 * 500);
  CHECK(traffic->lost == 10);
}

TEST_CASE("core: the same seed gives the same messages, another seed others")
{
  const auto trace_of = [](std::uint64_t seed) {
    Bench bench({}, {subscriber()}, seeded_rand(seed));
    bench.attach();
    return bench.trace;
  };
  CHECK(trace_of(4) == trace_of(4));
  CHECK(trace_of(4) != trace_of(5));
}

TEST_CASE("core: a gNB of another PLMN or tracking area is refused, a lost one leaves its UEs idle")
{
  Bench bench;
  TestUe& ue = bench.attach();
  auto other = ngap::make_n2_pair();
  bench.core.attach_n2(*other.second);
  ngap::GnbNgap stranger(ngap::GnbNgapConfig{.tac = 99}, *other.first);
  for (int i = 0; i < 5; ++i) {
    stranger.run(bench.now);
    bench.run(1);
  }
  CHECK_FALSE(stranger.is_established());
  CHECK(std::holds_alternative<ngap::NgSetupRefused>(stranger.take_events().at(0)));
  bench.gnb.reset(ngap::cause::kUnspecified);
  bench.run(10);
  CHECK_FALSE(ue.ran_ue_id.has_value());
  CHECK_FALSE(bench.core.amf().ues().at(0).is_connected);
}

TEST_CASE("core: noise on N2, in NAS and on N3 is counted, and the next UE registers")
{
  Bench bench({}, {subscriber(), subscriber("001010000000001")});
  TestUe& ue = bench.attach();
  std::mt19937 random(5);
  const auto samples = bench.trace;
  const auto damage = [&](ngap::Octets octets) {
    for (auto flips = random() % 4 + 1; flips > 0; --flips) octets[random() % octets.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
    if (random() % 4 == 0) octets.resize(random() % octets.size() + 1);
    return octets;
  };
  for (int round = 0; round < 3000; ++round) {
    bench.n2.first->send(ngap::kUeStream, damage(samples[random() % samples.size()]));
    const auto nas = damage(Octets{0x7e, 0x00, 0x67, 0x01, 0x00, 0x06, 0x2e, 0x05, 0x01, 0xc1, 0xff, 0xff, 0x12, 0x05});
    if (ue.ran_ue_id) bench.gnb.uplink_nas(*ue.ran_ue_id, nas);
    bench.n3.first->send(bench.n3.second->address(), damage(Octets(40, static_cast<std::uint8_t>(random()))));
    bench.run(1);
    while (!bench.n3.first->receive().octets.empty()) {
    }
  }
  CHECK(bench.core.amf().counters().malformed_ngap > 0);
  CHECK(bench.core.upf().counters().malformed > 0);
  bench.run(12000);
  Bench* const same = &bench;
  TestUe& next = same->add(ue_config("001010000000001"));
  // a damaged NG Setup may have taken the interface down: the gNB would set it up again
  if (bench.core.amf().num_established_gnbs() == 0) bench.n2.first->send(ngap::kCommonStream, samples.at(0));
  bench.run(5);
  next.nas.start({});
  bench.run(100);
  CHECK(next.nas.state() == State::registered);
}

TEST_CASE("core: a whole life of a UE as a trace for other programs")
{
  const char* const file = std::getenv("RAVI_NGAP_TRACE");  // judged by judge_trace.py
  CoreConfig config;
  config.amf.ciphering = {security::CipheringAlgorithm::nea0};
  Bench bench(config);
  TestUe& ue = bench.attach();
  CHECK(bench.idle(ue));
  ue.nas.request_service();
  bench.run(20);
  CHECK(bench.idle(ue));
  std::array<std::uint8_t, 100> packet{};
  const EchoRequest request{.source = {10, 45, 0, 1}, .destination = ue.session->ipv4};
  CHECK(bench.core.upf().send_downlink(std::span(packet).first(write_echo_request(request, packet))));
  bench.run(30);
  CHECK(ue.nas.release_session(ue.session->id));
  bench.run(20);
  CHECK(ue.nas.establish_session({.dnn = "elsewhere"}).has_value());
  bench.run(20);
  bench.n2.first->send(ngap::kUeStream, Octets{0x00, 0xfa, 0x00, 0x03, 0x00, 0x00, 0x00});
  bench.n2.second->send(ngap::kUeStream, ngap::encode(ngap::AmfConfigurationUpdate{"other", {}}));
  ue.nas.deregister(nas::UeNas::Deregistration::normal);
  bench.run(20);
  bench.attach(ue_config("001010000000099"));
  bench.gnb.reset(ngap::cause::kUnspecified);
  bench.run(10);
  CHECK(bench.trace.size() > 40);
  if (file == nullptr) return;
  std::ofstream out(file);
  for (const auto& octets : bench.trace) out << security::test::hex_of(octets) << "\n";
}

TEST_CASE("core: a gNB's link is taken away and another takes its place, and the UE comes back over that")
{
  Bench bench;
  TestUe& ue = bench.attach();
  REQUIRE(bench.core.amf().ues().at(0).is_connected);
  bench.core.detach_n2(*bench.n2.second);
  CHECK(bench.core.amf().num_established_gnbs() == 0);
  CHECK_FALSE(bench.core.amf().ues().at(0).is_connected);
  bench.n2.second.reset();
  bench.run(5);
  CHECK(bench.gnb.num_ues() == 0);
  bench.core.run(bench.now);

  auto other = ngap::make_n2_pair();
  bench.core.attach_n2(*other.second);
  ngap::GnbNgap other_gnb(ngap::GnbNgapConfig{}, *other.first);
  for (int i = 0; i < 5; ++i) {
    other_gnb.run(bench.now += Milliseconds(1));
    bench.core.run(bench.now);
  }
  CHECK(other_gnb.is_established());
  CHECK(bench.core.amf().num_established_gnbs() == 1);
  CHECK(ue.nas.state() == State::registered);
}

TEST_CASE("core: with an endpoint on N6 the gateway's packets go to it, and its packets to the UE")
{
  struct Recorder final : Endpoint {
    std::optional<Ipv4> own;
    std::vector<std::vector<std::uint8_t>> from_ue, to_ue;
    void set_address(const std::optional<Ipv4>& address) noexcept override { own = address; }
    std::span<const std::uint8_t> next(ip::Time) noexcept override
    {
      if (to_ue.empty()) return {};
      last = to_ue.back();
      to_ue.pop_back();
      return last;
    }
    void refused() noexcept override {}
    void deliver(std::span<const std::uint8_t> packet, ip::Time) noexcept override { from_ue.emplace_back(packet.begin(), packet.end()); }
    std::vector<std::uint8_t> last;
  } n6;
  Bench bench;
  bench.core.attach_n6(n6);
  CHECK(n6.own == Ipv4{10, 45, 0, 1});
  TestUe& ue = bench.attach();
  CHECK_FALSE(bench.ping(ue, 1));   // nobody behind the recorder answers
  REQUIRE(n6.from_ue.size() == 1);
  std::vector<std::uint8_t> packet = n6.from_ue[0];
  std::swap_ranges(packet.begin() + 12, packet.begin() + 16, packet.begin() + 16);
  n6.to_ue = {packet, {1, 2, 3}};
  bench.core.run(bench.now);
  const auto datagram = bench.n3.first->receive();
  REQUIRE_FALSE(datagram.octets.empty());
  CHECK(std::equal(packet.rbegin(), packet.rend(), datagram.octets.rbegin()));
  CHECK(bench.core.upf().counters().malformed == 1);
}
