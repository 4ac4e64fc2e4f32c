// Messages there and back, messages of other stacks, and what is answered to what cannot be read.

#include "stack/asn1/ngap.h"
#include "stack/ngap/codec.h"
#include "tests/stack/ngap/samples.h"
#include "tests/stack/security/vectors.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <map>
#include <random>
#include <string>

using namespace ravi::ngap;
using ravi::security::test::bytes_of;
namespace per = ravi::asn1::ngap;

TEST_CASE("NGAP: every message comes back as it was")
{
  for (const Message& message : test::sample_messages()) {
    CAPTURE(name_of(message));
    const Octets octets = encode(message);
    REQUIRE_FALSE(octets.empty());
    const auto back = decode(octets);
    REQUIRE(back.has_value());
    CHECK(*back == message);
  }
}

TEST_CASE("NGAP: messages of other stacks are understood")
{
  std::ifstream file(ravi::nr::test::reference_folder() / "vectors" / "asn1_pdus.jsonl");
  if (!file) MESSAGE("skipped: no reference data");
  std::map<std::string, Message> read;
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    if (json["proto"] != "ngap") continue;
    const std::string name = json["name"];
    CAPTURE(name);
    const auto message = decode(bytes_of(json["hex"].get<std::string>()));
    if (name == "ul_ran_status_transfer" || message) {
      if (message) read.emplace(name, *message);
      continue;
    }
    CHECK_MESSAGE(false, to_string(message.error().cause));
  }
  if (read.empty()) return;
  const auto& setup = std::get<NgSetupRequest>(read.at("ng_setup_request"));
  CHECK(setup.plmn == Plmn{"001", "01"});
  CHECK(setup.name == "gnb1");
  CHECK(setup.supported_tas.at(0).tac == 0x75);
  const auto& response = std::get<NgSetupResponse>(read.at("ng_setup_response"));
  CHECK(response.amf_name == "amf1.cluster1.net2.amf.5gc.mnc001.mcc001.3gppnetwork.org");
  CHECK(response.guamis.at(0).plmn == Plmn{"001", "01"});
  const auto& initial = std::get<InitialUeMessage>(read.at("init_ue_msg"));
  CHECK(initial.ran_ue_id == 1);
  CHECK(initial.location.tai.tac == 0x75);
  CHECK(initial.cause == EstablishmentCause::mo_signalling);
  CHECK_FALSE(initial.asks_for_context);  // it has no such IE
  const auto& sessions = std::get<SessionSetupRequest>(read.at("session_res_setup_request"));
  REQUIRE(sessions.sessions.size() == 1);
  const SessionSetup& session = sessions.sessions[0];
  CHECK(session.id == 1);
  CHECK(session.uplink == Tunnel{{0xc0, 0xa8, 0x11, 0xd2}, 1});
  REQUIRE(session.flows.size() == 1);
  CHECK(session.flows[0] == QosFlow{.qfi = 1, .five_qi = 9, .arp_priority = 1});
}

TEST_CASE("NGAP: octets that are no message ask for an Error Indication with transfer syntax error [TS 38.413 §10.2]")
{
  const auto read = decode(bytes_of("00154003"));
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().cause == cause::kTransferSyntaxError);
  REQUIRE(read.error().answer.has_value());
  CHECK(read.error().answer->cause == cause::kTransferSyntaxError);
  REQUIRE_FALSE(decode({}).has_value());
}

TEST_CASE("NGAP: a missing mandatory IE is named in the answer [TS 38.413 §10.3.5]")
{
  const auto read = decode(bytes_of("002e4013000002000a0006801234567890005500020007"));
  REQUIRE_FALSE(read.has_value());
  REQUIRE(read.error().answer.has_value());
  CHECK(read.error().answer->cause == cause::kAbstractSyntaxReject);
  REQUIRE(read.error().answer->diagnostics.has_value());
  CHECK(read.error().answer->diagnostics->procedure_code == 46);
  CHECK(read.error().answer->diagnostics->ies.at(0) == Diagnostics::Ie{38, 0, true});
  CHECK_FALSE(encode(*read.error().answer).empty());
}

TEST_CASE("NGAP: an unknown procedure is answered as its criticality says [TS 38.413 §10.3.4.1A]")
{
  const auto reject = decode(bytes_of("00fa0003000000"));
  REQUIRE_FALSE(reject.has_value());
  CHECK(reject.error().answer->cause == cause::kAbstractSyntaxReject);
  CHECK(reject.error().answer->diagnostics->procedure_code == 250);
  CHECK_FALSE(decode(bytes_of("00fa4003000000")).error().answer.has_value());
  CHECK(decode(bytes_of("00fa8003000000")).error().answer->cause == cause::kAbstractSyntaxNotify);
}

TEST_CASE("NGAP: an unknown IE that must be understood rejects the message, another does not [TS 38.413 §10.3.4.2]")
{
  for (const std::uint32_t criticality : {0U, 1U, 2U}) {
    per::NgapPdu pdu;
    auto& ies = pdu.set_initiating_message().set_downlink_nas_transport().protocol_ies;
    ies.amf_ue_ngap_id = 5;
    ies.ran_ue_ngap_id = 6;
    ies.nas_pdu = {1, 2};
    ies.unknown_ies.push_back({.id = 65000, .criticality = criticality, .value = {1}});
    const auto read = decode(per::encode(pdu).value());
    CHECK(read.has_value() == (criticality != 0));
    if (read) continue;
    CHECK(read.error().answer->cause == cause::kAbstractSyntaxReject);
    CHECK(read.error().answer->amf_ue_id == 5);
    CHECK(read.error().answer->ran_ue_id == 6);
    CHECK(read.error().answer->diagnostics->ies.at(0) == Diagnostics::Ie{65000, 0, false});
  }
}

TEST_CASE("NGAP: a session that cannot be set up as asked for is read with the cause to refuse it with [TS 38.413 §8.2.1.3]")
{
  const auto refusal_of = [](const auto& spoil) {
    per::NgapPdu pdu;
    auto& ies = pdu.set_initiating_message().set_pdu_session_resource_setup_request().protocol_ies;
    auto& item = ies.pdu_session_resource_setup_list_su_req.emplace_back();
    per::PduSessionResourceSetupRequestTransfer transfer;
    auto& tunnel = transfer.protocol_ies.ul_ngu_up_tnl_information.set_gtp_tunnel();
    tunnel.transport_layer_address = {.bytes = {10, 0, 0, 1}, .size = 32};
    auto& flow = transfer.protocol_ies.qos_flow_setup_request_list.emplace_back();
    flow.qos_flow_level_qos_parameters.qos_characteristics.set_non_dynamic5_qi().five_qi = 9;
    flow.qos_flow_level_qos_parameters.allocation_and_retention_priority.priority_level_arp = 8;
    spoil(transfer.protocol_ies);
    item.pdu_session_resource_setup_request_transfer = per::encode(transfer).value();
    return std::get<SessionSetupRequest>(decode(per::encode(pdu).value()).value()).sessions.at(0).refusal;
  };
  CHECK_FALSE(refusal_of([](auto&) {}).has_value());
  CHECK(refusal_of([](auto& ies) { ies.security_indication.emplace().integrity_protection_indication = per::IntegrityProtectionIndication::required; }) ==
        cause::kUpIntegrityNotPossible);
  CHECK_FALSE(refusal_of([](auto& ies) {
    ies.security_indication.emplace().integrity_protection_indication = per::IntegrityProtectionIndication::preferred;
  }).has_value());
  CHECK(refusal_of([](auto& ies) { ies.ul_ngu_up_tnl_information.gtp_tunnel()->transport_layer_address = {.bytes = Octets(16), .size = 128}; }) ==
        cause::kTransportUnavailable);
  CHECK(refusal_of([](auto& ies) { ies.unknown_ies.push_back({.id = 65000, .criticality = 0, .value = {1}}); }) == cause::kAbstractSyntaxReject);
  CHECK_FALSE(refusal_of([](auto& ies) { ies.unknown_ies.push_back({.id = 65000, .criticality = 1, .value = {1}}); }).has_value());
}

TEST_CASE("NGAP: an Error Indication is never answered by one")
{
  const auto read = decode(bytes_of("00094004000001ff"));
  REQUIRE_FALSE(read.has_value());
  CHECK_FALSE(read.error().answer.has_value());
}

TEST_CASE("NGAP: truncated and damaged messages are refused or read, and every answer can be sent")
{
  std::mt19937 random(3);
  const auto survives = [](const Octets& octets) {
    const auto read = decode(octets);
    if (read) {
      static_cast<void>(encode(*read));
    } else if (read.error().answer) {
      CHECK_FALSE(encode(*read.error().answer).empty());
    }
  };
  for (const Message& message : test::sample_messages()) {
    const Octets good = encode(message);
    for (std::size_t size = 0; size < good.size(); ++size) survives({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)});
    for (int round = 0; round < 200; ++round) {
      Octets bad = good;
      for (int flips = 0; flips < 3; ++flips) bad[random() % bad.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
      survives(bad);
    }
  }
}
