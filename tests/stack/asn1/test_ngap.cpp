// NGAP messages by their contents, and the abstract syntax errors of TS 38.413 §10.3.

#include "tests/stack/asn1/reference_data.h"

#include "stack/asn1/ngap.h"

#include <doctest/doctest.h>

#include <vector>

using namespace ravi::asn1;

namespace {

ngap::NgapPdu uplink_nas_transport()
{
  ngap::NgapPdu pdu;
  auto& ies = pdu.set_initiating_message().set_uplink_nas_transport().protocol_ies;
  ies.amf_ue_ngap_id = 0x1234567890;
  ies.ran_ue_ngap_id = 7;
  ies.nas_pdu = {0x7e, 0x00, 0x41};
  auto& location = ies.user_location_information.set_user_location_information_nr();
  location.nr_cgi.plmn_identity = {0x00, 0xf1, 0x10};
  location.nr_cgi.nr_cell_identity.value = 0x001234501;
  location.tai.plmn_identity = {0x00, 0xf1, 0x10};
  location.tai.tac = {0, 0, 100};
  return pdu;
}

}  // namespace

TEST_CASE("NGAP: an UplinkNASTransport has its procedure code and criticalities from its information objects")
{
  const auto bytes = ngap::encode(uplink_nas_transport());
  REQUIRE(bytes.has_value());
  // made by hand: procedure 46 ignore; 4 IEs: 10 reject, 85 reject, 38 reject, 121 ignore
  CHECK(to_hex(*bytes) ==
        "002e402e000004"
        "000a0006801234567890"
        "005500020007"
        "00260004037e0041"
        "0079400f"
        "4000f11000123450"
        "1000f110000064");
  const auto back = ngap::decode<ngap::NgapPdu>(*bytes);
  REQUIRE(back.has_value());
  REQUIRE(back->initiating_message() != nullptr);
  const ngap::UplinkNasTransport* const message = back->initiating_message()->uplink_nas_transport();
  REQUIRE(message != nullptr);
  CHECK(message->protocol_ies.amf_ue_ngap_id == 0x1234567890);
  CHECK(message->protocol_ies.nas_pdu == Octets{0x7e, 0x00, 0x41});
  CHECK(message->protocol_ies.user_location_information.user_location_information_nr()->tai.tac ==
        std::array<std::uint8_t, 3>{0, 0, 100});
}

TEST_CASE("NGAP: a missing mandatory IE is named [TS 38.413 §10.3.5]")
{
  const auto result = ngap::decode<ngap::NgapPdu>(from_hex("002e4013000002000a0006801234567890005500020007"));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().fault == DecodeFault::missing_ie);
  CHECK(result.error().ie_id == ngap::id_nas_pdu);
  CHECK(result.error().ie_criticality == 0);
}

TEST_CASE("NGAP: an IE that comes twice is refused [TS 38.413 §10.3.6]")
{
  const auto result = ngap::decode<ngap::NgapPdu>(from_hex("002e400f000002005500020007005500020007"));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().fault == DecodeFault::duplicate_ie);
  CHECK(result.error().ie_id == ngap::id_ran_ue_ngap_id);
}

TEST_CASE("NGAP: an unknown IE is kept with its criticality and encoded again [TS 38.413 §10.3.4]")
{
  ngap::NgapPdu pdu = uplink_nas_transport();
  auto& ies = pdu.initiating_message()->uplink_nas_transport()->protocol_ies;
  ies.unknown_ies.push_back({.id = 65000, .criticality = 2, .value = {1, 2, 3}});
  const auto bytes = ngap::encode(pdu);
  REQUIRE(bytes.has_value());
  const auto back = ngap::decode<ngap::NgapPdu>(*bytes);
  REQUIRE(back.has_value());
  const auto& unknown = back->initiating_message()->uplink_nas_transport()->protocol_ies.unknown_ies;
  REQUIRE(unknown.size() == 1);
  CHECK(unknown[0].id == 65000);
  CHECK(unknown[0].criticality == 2);
  CHECK(unknown[0].value == Octets{1, 2, 3});
}

TEST_CASE("NGAP: a message of an unknown procedure says which")
{
  const auto result = ngap::decode<ngap::NgapPdu>(from_hex("00fa0003000000"));
  REQUIRE(result.has_value());
  REQUIRE(result->initiating_message() != nullptr);
  const UnknownIe* const unknown = result->initiating_message()->unknown();
  REQUIRE(unknown != nullptr);
  CHECK(unknown->id == 250);
  CHECK(unknown->criticality == 0);
}

TEST_CASE("NGAP: a NAS PDU of more than 16 KiB travels in fragments")
{
  ngap::NgapPdu pdu = uplink_nas_transport();
  pdu.initiating_message()->uplink_nas_transport()->protocol_ies.nas_pdu = Octets(40000, 0x5a);
  const auto bytes = ngap::encode(pdu);
  REQUIRE(bytes.has_value());
  const auto back = ngap::decode<ngap::NgapPdu>(*bytes);
  REQUIRE(back.has_value());
  CHECK(back->initiating_message()->uplink_nas_transport()->protocol_ies.nas_pdu == Octets(40000, 0x5a));
}

TEST_CASE("NGAP: a value outside its range is not encoded, and named")
{
  ngap::NgapPdu pdu = uplink_nas_transport();
  pdu.initiating_message()->uplink_nas_transport()->protocol_ies.amf_ue_ngap_id = std::uint64_t{1} << 40;
  const auto bytes = ngap::encode(pdu);
  REQUIRE_FALSE(bytes.has_value());
  CHECK(std::string(bytes.error().field) == "AMF-UE-NGAP-ID");
  CHECK_FALSE(ngap::encode(ngap::NgapPdu{}).has_value());
}

TEST_CASE("ASN.1: text of a value names its components")
{
  const std::string text = to_text(uplink_nas_transport());
  CHECK(text.find("AMF-UE-NGAP-ID: 78187493520") != std::string::npos);
  CHECK(text.find("NAS-PDU: 7e0041") != std::string::npos);
  CHECK(text.find("userLocationInformationNR:") != std::string::npos);
}
