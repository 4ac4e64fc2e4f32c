// The gNB's end against an AMF played by the test.

#include "stack/ngap/gnb_ngap.h"
#include "tests/stack/ngap/samples.h"

#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <utility>

using namespace ravi::ngap;
using namespace std::chrono_literals;

namespace {

struct Bench {
  std::pair<std::unique_ptr<N2Link>, std::unique_ptr<N2Link>> links = make_n2_pair();
  GnbNgap gnb{GnbNgapConfig{.gnb_id = 7, .tac = 100}, *links.first};
  Time now{0};

  std::vector<GnbEvent> step(Time by = 1ms)
  {
    now += by;
    gnb.run(now);
    return gnb.take_events();
  }
  std::vector<GnbEvent> deliver(const Message& message)
  {
    const Octets octets = encode(message);
    REQUIRE_FALSE(octets.empty());
    links.second->send(stream_of(message), octets);
    return step();
  }
  template <class M>
  M expect()
  {
    const auto received = links.second->receive();
    REQUIRE(received.has_value());
    const auto message = decode(received->bytes);
    REQUIRE(message.has_value());
    CHECK(received->stream == stream_of(*message));
    REQUIRE(std::holds_alternative<M>(*message));
    return std::get<M>(*message);
  }
  void set_up()
  {
    step();
    expect<NgSetupRequest>();
    const auto events = deliver(NgSetupResponse{"amf", {{}}, 255, {{{}, {{}}}}});
    REQUIRE(events.size() == 1);
    CHECK(std::holds_alternative<NgEstablished>(events[0]));
  }
  std::uint32_t attach()
  {
    const auto id = gnb.initial_ue({.nas = {1, 2}, .cause = EstablishmentCause::mo_signalling, .s_tmsi = {}});
    REQUIRE(id.has_value());
    CHECK(expect<InitialUeMessage>().ran_ue_id == *id);
    CHECK(deliver(DownlinkNasTransport{{1000 + *id, *id}, {3}}).size() == 1);
    return *id;
  }
};

}  // namespace

TEST_CASE("gNB NGAP: NG Setup is repeated after a failure when the AMF says, and after silence")
{
  Bench bench;
  CHECK_FALSE(bench.gnb.initial_ue({}).has_value());
  bench.step();
  CHECK(bench.expect<NgSetupRequest>().supported_tas.at(0).tac == 100);
  const auto events = bench.deliver(NgSetupFailure{cause::kUnknownPlmn, 10s, {}});
  CHECK(std::get<NgSetupRefused>(events.at(0)).cause == cause::kUnknownPlmn);
  bench.step(9s);
  CHECK_FALSE(bench.links.second->receive().has_value());
  bench.step(1s);
  bench.expect<NgSetupRequest>();
  bench.step(5s);
  bench.expect<NgSetupRequest>();
  bench.deliver(NgSetupResponse{"amf", {{}}, 255, {{{}, {{}}}}});
  CHECK(bench.gnb.is_established());
}

TEST_CASE("gNB NGAP: a UE's association carries NAS, context, sessions and release")
{
  Bench bench;
  bench.set_up();
  const std::uint32_t id = bench.attach();
  const UeIds ids{1000 + id, id};
  CHECK(bench.gnb.uplink_nas(id, Octets{5}));
  CHECK(bench.expect<UplinkNasTransport>().ids == ids);

  InitialContextSetupRequest context;
  context.ids = ids;
  context.allowed_slices = {Slice{}};
  context.nas = {8};
  context.k_gnb.writable()[0] = 0x5A;
  auto events = bench.deliver(context);
  CHECK(std::get<InitialContextSetupRequest>(events.at(0)) == context);
  CHECK(bench.gnb.radio_capability(id, Octets{1, 2}));
  CHECK(bench.gnb.context_set_up(id, {}, {}));
  CHECK(bench.expect<UeRadioCapabilityInfoIndication>().capability == Octets{1, 2});
  CHECK(bench.expect<InitialContextSetupResponse>().ids == ids);

  events = bench.deliver(SessionSetupRequest{ids, {}, {test::sample_setup()}, {}});
  CHECK(std::get<SessionSetupRequest>(events.at(0)).sessions.at(0) == test::sample_setup());
  CHECK(bench.gnb.sessions_set_up(id, {{5, {{127, 0, 0, 2}, 44}, {1}}}, {}));
  CHECK(bench.expect<SessionSetupResponse>().admitted.at(0).downlink.teid == 44);
  events = bench.deliver(SessionReleaseCommand{ids, {1}, {{5, cause::kNasNormalRelease}}});
  CHECK(bench.gnb.sessions_released(id, {5}));
  CHECK(bench.expect<SessionReleaseResponse>().sessions == std::vector<std::uint8_t>{5});

  CHECK(bench.gnb.request_release(id, cause::kUserInactivity, {5}));
  CHECK(bench.expect<UeContextReleaseRequest>().cause == cause::kUserInactivity);
  events = bench.deliver(UeContextReleaseCommand{ids.amf, ids.ran, cause::kUserInactivity});
  CHECK(std::get<ReleaseUe>(events.at(0)).ran_ue_id == id);
  bench.gnb.context_released(id, {5});
  CHECK(bench.expect<UeContextReleaseComplete>().ids == ids);
  CHECK(bench.gnb.num_ues() == 0);
  CHECK_FALSE(bench.gnb.uplink_nas(id, Octets{5}));
}

TEST_CASE("gNB NGAP: unknown and inconsistent identities are answered by Error Indications [TS 38.413 §10.6]")
{
  Bench bench;
  bench.set_up();
  const std::uint32_t id = bench.attach();
  CHECK(bench.deliver(DownlinkNasTransport{{1, 9999}, {1}}).empty());
  CHECK(bench.expect<ErrorIndication>().cause == cause::kUnknownLocalUeId);
  CHECK(bench.deliver(DownlinkNasTransport{{5, id}, {1}}).empty());
  CHECK(bench.expect<ErrorIndication>().cause == cause::kInconsistentRemoteUeId);
  CHECK(bench.deliver(UeContextReleaseCommand{5, id, cause::kOverload}).empty());
  CHECK(bench.expect<ErrorIndication>().cause == cause::kUnknownLocalUeId);
  CHECK(bench.gnb.counters().unknown_ue == 3);
}

TEST_CASE("gNB NGAP: a reset of the interface or of some UEs releases them and is acknowledged")
{
  Bench bench;
  bench.set_up();
  const std::uint32_t first = bench.attach();
  const std::uint32_t second = bench.attach();
  auto events = bench.deliver(NgReset{cause::kUnspecified, {{1000 + second, {}}}});
  CHECK(std::get<ReleaseUe>(events.at(0)).ran_ue_id == second);
  CHECK(bench.expect<NgResetAcknowledge>().part.size() == 1);
  bench.gnb.context_released(second, {});
  events = bench.deliver(NgReset{cause::kUnspecified, {}});
  REQUIRE(events.size() == 1);
  CHECK(std::get<ReleaseUe>(events.at(0)).ran_ue_id == first);
  CHECK(bench.expect<NgResetAcknowledge>().part.empty());
  bench.gnb.context_released(first, {});
  CHECK_FALSE(bench.links.second->receive().has_value());
  CHECK(bench.gnb.num_ues() == 0);
}

TEST_CASE("gNB NGAP: a lost link releases every UE, and setup begins anew on the next")
{
  Bench bench;
  bench.set_up();
  const std::uint32_t id = bench.attach();
  bench.links.second.reset();
  const auto events = bench.step();
  REQUIRE(events.size() == 2);
  CHECK(std::get<ReleaseUe>(events[0]).ran_ue_id == id);
  CHECK(std::holds_alternative<NgLost>(events[1]));
  CHECK_FALSE(bench.gnb.is_established());
}

TEST_CASE("gNB NGAP: updates are acknowledged, paging comes out, and a gNB's own messages are unexpected")
{
  Bench bench;
  bench.set_up();
  bench.deliver(AmfConfigurationUpdate{"other", {}});
  bench.expect<AmfConfigurationUpdateAcknowledge>();
  CHECK(std::holds_alternative<Paging>(bench.deliver(Paging{{1, 2, 3}, {{}}}).at(0)));
  CHECK(bench.deliver(UplinkNasTransport{{1, 1}, {1}, {}}).empty());
  CHECK(bench.gnb.counters().unexpected == 1);
}

TEST_CASE("gNB NGAP: noise never crashes it, and it serves on")
{
  Bench bench;
  bench.set_up();
  std::mt19937 random(11);
  const auto samples = test::sample_messages();
  for (int round = 0; round < 4000; ++round) {
    Octets octets = encode(samples[random() % samples.size()]);
    for (int flips = static_cast<int>(random() % 4); flips > 0; --flips) octets[random() % octets.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
    bench.links.second->send(kUeStream, octets);
    for (const GnbEvent& event : bench.step()) {
      if (const auto* release = std::get_if<ReleaseUe>(&event)) bench.gnb.context_released(release->ran_ue_id, {});
    }
    while (bench.links.second->receive()) {
    }
  }
  CHECK(bench.gnb.is_established());
  bench.attach();
}
