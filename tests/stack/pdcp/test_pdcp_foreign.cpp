// The recorded attach of a foreign UE to a foreign gNB: from the subscriber's key and the messages on the air all keys are derived,
// and the MAC-I of their RRC and NAS messages must come out.

#include "stack/mac/mac_pdu.h"
#include "stack/pdcp/pdcp_pdu.h"
#include "stack/pdcp/receiver.h"
#include "stack/rlc/am.h"
#include "stack/security/aka.h"

#include "tests/stack/foreign_attach.h"
#include "tests/stack/security/vectors.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace ravi::pdcp {
namespace {

using Bytes = std::vector<std::uint8_t>;
using security::test::array_of;

/// PDCP PDUs of SRB1 in order, uplink or downlink.
std::vector<Bytes> srb1_pdus(const std::vector<ravi::test::ForeignMacPdu>& pdus, bool is_downlink)
{
  rlc::AmEntity rlc;
  std::vector<Bytes> out;
  for (const auto& foreign : pdus) {
    if (foreign.rnti_type != ravi::test::RntiType::c || foreign.is_downlink != is_downlink) continue;
    mac::MacPduReader reader(is_downlink ? mac::Direction::downlink : mac::Direction::uplink, foreign.pdu);
    while (const auto sub_pdu = reader.next()) {
      if (sub_pdu->lcid != 1 || rlc::is_control_pdu(sub_pdu->payload)) continue;
      const auto sdu = rlc.receive(sub_pdu->payload, rlc::Time(0));
      if (!sdu.empty()) out.emplace_back(sdu.begin(), sdu.end());
    }
  }
  return out;
}

/// The NAS message within an RRC message: the octets from the bit at which `pattern` (its first octets) stands.
std::optional<Bytes> find_at_any_bit(const Bytes& rrc, const Bytes& pattern)
{
  for (std::size_t bit = 0; bit + 8 * pattern.size() <= 8 * rrc.size(); ++bit) {
    Bytes shifted;
    for (std::size_t at = bit; at + 8 <= 8 * rrc.size(); at += 8) {
      const unsigned two = (static_cast<unsigned>(rrc[at / 8]) << 8) | (at / 8 + 1 < rrc.size() ? rrc[at / 8 + 1] : 0U);
      shifted.push_back(static_cast<std::uint8_t>(two >> (8 - at % 8)));
    }
    if (std::equal(pattern.begin(), pattern.end(), shifted.begin())) return shifted;
  }
  return std::nullopt;
}

Bytes rrc_of(const Bytes& pdcp_pdu) { return {pdcp_pdu.begin() + 2, pdcp_pdu.end() - 4}; }

struct ForeignKeys {
  security::Key256 k_amf;
  security::Key256 k_gnb;
};

/// RAND and AUTN out of the Authentication Request (TS 24.501 §8.2.1), then down to K_gNB.
ForeignKeys derive_keys(const std::vector<Bytes>& downlink, security::ResStar& res_star)
{
  const auto request = find_at_any_bit(rrc_of(downlink.at(0)), {0x7E, 0x00, 0x56});
  REQUIRE(request.has_value());
  REQUIRE(request->size() >= 42);
  const Bytes abba(request->begin() + 5, request->begin() + 7);
  REQUIRE((*request)[7] == 0x21);
  REQUIRE((*request)[24] == 0x20);
  security::Rand rand{};
  security::Autn autn{};
  std::copy_n(request->begin() + 8, 16, rand.begin());
  std::copy_n(request->begin() + 26, 16, autn.begin());
  const security::Subscriber subscriber{security::Key128(array_of<16>("00112233445566778899aabbccddeeff")),
                                        security::Key128(array_of<16>("63bfa50ee6523365ff14c1f45f88737d"))};
  const std::string snn = security::serving_network_name("001", "01");
  security::SqnArray fresh;
  const auto check = security::check_autn(subscriber, rand, autn, snn, fresh);
  REQUIRE(check.verdict == security::AutnVerdict::accepted);
  res_star = check.res_star;
  ForeignKeys keys;
  keys.k_amf = security::derive_k_amf(security::derive_k_seaf(check.k_ausf, snn), "001010123456780", abba);
  keys.k_gnb = security::derive_k_gnb(keys.k_amf, 0);
  return keys;
}

}  // namespace

TEST_CASE("Foreign attach: AUTN verifies, RES* is what the foreign UE sent, NAS and RRC MACs come out [TS 33.501 Annex A, D]")
{
  const auto pdus = ravi::test::read_foreign_attach();
  if (pdus.empty()) return;
  const auto uplink = srb1_pdus(pdus, false);
  const auto downlink = srb1_pdus(pdus, true);
  REQUIRE(uplink.size() == 9);
  REQUIRE(downlink.size() == 7);
  security::ResStar res_star{};
  const ForeignKeys keys = derive_keys(downlink, res_star);

  // Authentication Response, TS 24.501 §8.2.2: 7E 00 57 2D 10 RES*
  const auto response = find_at_any_bit(rrc_of(uplink[1]), {0x7E, 0x00, 0x57, 0x2D, 0x10});
  REQUIRE(response.has_value());
  CHECK(Bytes(response->begin() + 5, response->begin() + 21) == Bytes(res_star.begin(), res_star.end()));

  // NAS Security Mode Command, TS 24.501 §9.1: 7E 03 MAC(4) SQN, then 7E 00 5D and the algorithms
  const auto nas = find_at_any_bit(rrc_of(downlink[1]), {0x7E, 0x03});
  REQUIRE(nas.has_value());
  REQUIRE((*nas)[9] == 0x5D);
  const auto nas_integrity = static_cast<security::IntegrityAlgorithm>((*nas)[10] & 7);
  security::Integrity nas_mac(nas_integrity, security::derive_key(keys.k_amf, security::KeyUse::nas_integrity, nas_integrity));
  // the length of the NAS message is the octet before it
  bool has_found = false;
  for (std::size_t size = 10; size <= nas->size() - 6 && !has_found; ++size) {
    const auto mac = nas_mac.compute((*nas)[6], 1, security::Direction::downlink, std::span(*nas).subspan(6, size));
    has_found = std::equal(mac.begin(), mac.end(), nas->begin() + 2);
  }
  CHECK(has_found);
  CHECK(nas_integrity == security::IntegrityAlgorithm::nia2);

  // RRC: SecurityModeCommand is the third downlink message, SecurityModeComplete the fourth uplink one; TS 38.331 §5.3.4.
  // Its algorithms, UPER: c1, 4, transaction, c1, two absent, extension, extension, integrity present, then ext + 3 bits each.
  const Bytes command = rrc_of(downlink[2]);
  REQUIRE((command[0] >> 3) == 0b00100);
  const unsigned bits = (static_cast<unsigned>(command[1]) << 8) | command[2];
  const auto ciphering = static_cast<security::CipheringAlgorithm>((bits >> 7) & 7);
  const auto integrity = static_cast<security::IntegrityAlgorithm>((bits >> 3) & 7);
  CHECK(integrity == security::IntegrityAlgorithm::nia2);
  const auto k_rrc_int = security::derive_key(keys.k_gnb, security::KeyUse::rrc_integrity, integrity);
  const auto k_rrc_enc = security::derive_key(keys.k_gnb, security::KeyUse::rrc_encryption, ciphering);
  MESSAGE("RRC algorithms: NEA", static_cast<int>(ciphering), ", NIA", static_cast<int>(integrity));

  Receiver ue(srb_config(1), security::Direction::downlink);
  for (std::size_t i = 0; i < downlink.size(); ++i) {
    CAPTURE(i);
    CHECK(ue.receive(downlink[i], Time(0)) == RxVerdict::accepted);
    const auto sdu = ue.next();
    REQUIRE(sdu.has_value());
    CHECK(sdu->count == i);
    CHECK(sdu->is_integrity_verified == (i > 2));
    if (i < 2) CHECK(std::all_of(downlink[i].end() - 4, downlink[i].end(), [](std::uint8_t b) { return b == 0; }));
    if (i != 2) continue;
    ue.activate_integrity(integrity, k_rrc_int);
    CHECK(ue.verify_last());
    ue.activate_ciphering(ciphering, k_rrc_enc);
  }
  Receiver gnb(srb_config(1), security::Direction::uplink);
  for (std::size_t i = 0; i < uplink.size(); ++i) {
    CAPTURE(i);
    if (i == 3) gnb.activate_integrity(integrity, k_rrc_int);
    if (i == 4) gnb.activate_ciphering(ciphering, k_rrc_enc);
    CHECK(gnb.receive(uplink[i], Time(0)) == RxVerdict::accepted);
    const auto sdu = gnb.next();
    REQUIRE(sdu.has_value());
    CHECK(sdu->is_integrity_verified == (i >= 3));
    // UL-DCCH: ulInformationTransfer 7, securityModeComplete 5, ueCapabilityInformation 9, rrcReconfigurationComplete 1
    if (i == 3) CHECK((sdu->octets[0] >> 3) == 5);
    if (i == 4) CHECK((sdu->octets[0] >> 3) == 9);
    if (i == 8) CHECK((sdu->octets[0] >> 3) == 1);
  }
  CHECK(gnb.counters().integrity_failures == 0);
  CHECK(ue.counters().integrity_failures == 0);

  security::Key128 wrong = k_rrc_int;
  wrong.writable()[0] ^= 1;
  Receiver other(srb_config(1), security::Direction::uplink);
  other.activate_integrity(integrity, wrong);
  CHECK(other.receive(uplink[3], Time(0)) == RxVerdict::integrity_failure);
}

}  // namespace ravi::pdcp
