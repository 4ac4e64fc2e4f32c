// The recorded foreign UE attaches to our core: its own octets, played back.

#include "tests/stack/core/bench.h"

#include <doctest/doctest.h>

using namespace ravi;
using namespace ravi::core;
using namespace ravi::core::test;

namespace {

/// What the foreign core challenged with: our core is given the same RAND and sequence number, so the recorded answers are right.
struct ForeignChallenge {
  security::Rand rand{};
  security::Sqn sqn;
};
ForeignChallenge challenge_of(const nas::AuthenticationRequest& request)
{
  const auto keys = subscriber().keys;
  const auto output = security::milenage_f2345(keys.k, keys.opc, *request.rand);
  security::SqnOctets sqn{};
  for (std::size_t i = 0; i < sqn.size(); ++i) sqn[i] = static_cast<std::uint8_t>((*request.autn)[i] ^ output.ak[i]);
  return {*request.rand, security::Sqn::from_octets(sqn)};
}

}  // namespace

TEST_CASE("core: the recorded foreign UE registers and gets a session, every MAC and RES* of its own")
{
  const auto messages = nas::test::read_foreign_nas();
  if (messages.empty()) return;
  REQUIRE(messages.size() >= 8);
  const auto plain = [&](std::size_t i) { return *nas::decode_mm(nas::test::plain_of(messages[i].message)); };
  const auto foreign = challenge_of(std::get<nas::AuthenticationRequest>(plain(1)));
  const auto algorithms = std::get<nas::SecurityModeCommand>(plain(3)).algorithms;

  SubscriberData known = subscriber();
  known.sqn = security::Sqn(foreign.sqn.seq() - 1, foreign.sqn.ind() + 31);
  REQUIRE(security::next_sqn(known.sqn) == foreign.sqn);
  CoreConfig config;
  config.amf.ciphering = {algorithms.ciphering};
  config.amf.integrity = {algorithms.integrity};
  Bench bench(config, {known}, [&] { return foreign.rand; });

  // the gNB's end; downlink NAS of ours is only looked at
  std::vector<Octets> downlink;
  std::optional<std::uint32_t> id;
  const auto take = [&](std::size_t before) {
    for (std::size_t i = before; i < bench.gnb_events.size(); ++i) {
      const auto& event = bench.gnb_events[i];
      if (const auto* nas = std::get_if<ngap::DownlinkNasTransport>(&event)) downlink.push_back(nas->nas);
      if (const auto* context = std::get_if<ngap::InitialContextSetupRequest>(&event)) {
        downlink.push_back(context->nas);
        bench.gnb.context_set_up(*id, {}, {});
      }
      if (const auto* session = std::get_if<ngap::SessionSetupRequest>(&event)) {
        downlink.push_back(session->sessions.at(0).nas);
        bench.gnb.sessions_set_up(*id, {{session->sessions.at(0).id, {bench.n3.first->address(), 9}, {1}}}, {});
      }
    }
  };
  const auto send = [&](const Octets& nas) {
    const std::size_t before = bench.gnb_events.size();
    if (!id) {
      id = bench.gnb.initial_ue({.nas = nas, .s_tmsi = {}});
    } else {
      CHECK(bench.gnb.uplink_nas(*id, nas));
    }
    bench.run(3);
    take(before);
    bench.run(2);
  };
  for (const auto& message : messages) {
    if (!message.is_downlink) send(message.message);
  }

  REQUIRE(downlink.size() >= 4);
  CHECK(std::get<nas::AuthenticationRequest>(*nas::decode_mm(downlink[0])).autn == std::get<nas::AuthenticationRequest>(plain(1)).autn);
  const auto command = std::get<nas::SecurityModeCommand>(*nas::decode_mm(nas::test::plain_of(downlink[1])));
  CHECK(command.replayed_capability == std::get<nas::SecurityModeCommand>(plain(3)).replayed_capability);
  if (algorithms.ciphering == security::CipheringAlgorithm::nea0) {
    CHECK(std::holds_alternative<nas::RegistrationAccept>(*nas::decode_mm(nas::test::plain_of(downlink[2]))));
    const auto transport = std::get<nas::DownlinkNasTransport>(*nas::decode_mm(nas::test::plain_of(downlink[3])));
    CHECK(std::holds_alternative<nas::PduSessionEstablishmentAccept>(*nas::decode_sm(transport.payload)));
  }
  const auto& counters = bench.core.amf().counters();
  CHECK(counters.authentications == 1);
  CHECK(counters.registrations == 1);
  CHECK(counters.integrity_failures == 0);
  CHECK(counters.malformed_nas == 0);
  CHECK(bench.core.smf().counters().established == 1);
  CHECK(bench.core.address(kImsi) == Ipv4{10, 45, 0, 2});
}
