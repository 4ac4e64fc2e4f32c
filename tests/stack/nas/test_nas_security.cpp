#include "stack/nas/codec.h"
#include "stack/nas/nas_security.h"

#include "tests/stack/nas/foreign_nas.h"
#include "tests/stack/security/vectors.h"

#include "stack/security/aka.h"

#include <doctest/doctest.h>

namespace ravi::nas {

using security::test::array_of;
using test::hex_of;

namespace {

NasSecurity context(End end, security::CipheringAlgorithm ciphering = security::CipheringAlgorithm::nea2)
{
  const security::Key256 k_amf(array_of<32>("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
  return {end, k_amf, KeySet{.id = 1}, {.ciphering = ciphering, .integrity = security::IntegrityAlgorithm::nia2}};
}

std::optional<Octets> pass(NasSecurity& to, const Octets& message)
{
  const auto parts = split_protected(message);
  return parts ? to.open(*parts) : std::nullopt;
}

const Octets kPlain = {kEpdMm, 0, RegistrationComplete::kType};

}  // namespace

TEST_CASE("NAS security: what one end protects the other opens, through a thousand messages and sequence number wraps [TS 24.501 §4.4.3]")
{
  for (const auto ciphering : {security::CipheringAlgorithm::nea0, security::CipheringAlgorithm::nea1,
                               security::CipheringAlgorithm::nea2, security::CipheringAlgorithm::nea3}) {
    NasSecurity ue = context(End::ue, ciphering), network = context(End::network, ciphering);
    for (unsigned i = 0; i < 1000; ++i) {
      const auto up = ue.protect(SecurityHeader::integrity_ciphered, kPlain);
      REQUIRE(up.has_value());
      CHECK(((*up)[6] == (i & 0xFF)));
      if (i % 7 == 3) continue;  // lost
      CHECK(pass(network, *up) == kPlain);
      CHECK(network.last_uplink_count() == ue.last_uplink_count());
      const auto down = network.protect(SecurityHeader::integrity, kPlain);
      CHECK(pass(ue, *down) == kPlain);
    }
  }
}

TEST_CASE("NAS security: a replayed message is refused, and the next right one still passes")
{
  NasSecurity ue = context(End::ue), network = context(End::network);
  const auto first = *ue.protect(SecurityHeader::integrity_ciphered, kPlain);
  const auto second = *ue.protect(SecurityHeader::integrity_ciphered, kPlain);
  CHECK(pass(network, second).has_value());
  CHECK_FALSE(pass(network, second).has_value());
  CHECK_FALSE(pass(network, first).has_value());
  CHECK(network.receive_count() == 2);
  CHECK(pass(network, *ue.protect(SecurityHeader::integrity, kPlain)).has_value());
}

TEST_CASE("NAS security: any flipped bit, and a message reflected to its sender, are refused")
{
  NasSecurity ue = context(End::ue), network = context(End::network);
  const auto message = *ue.protect(SecurityHeader::integrity_ciphered, kPlain);
  CHECK_FALSE(pass(ue, message).has_value());
  for (std::size_t bit = 16; bit < 8 * message.size(); ++bit) {
    Octets bad = message;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (0x80U >> (bit % 8)));
    CHECK_FALSE(pass(network, bad).has_value());
  }
  CHECK(network.receive_count() == 0);
  CHECK(pass(network, message).has_value());
}

TEST_CASE("NAS security: a container enciphered before its message is protected deciphers after that is opened [TS 24.501 §4.4.6]")
{
  NasSecurity ue = context(End::ue), network = context(End::network);
  for (int i = 0; i < 3; ++i) {
    Octets value = {1, 2, 3, 4, 5};
    ue.encipher_container(value);
    CHECK(value != Octets{1, 2, 3, 4, 5});
    CHECK(pass(network, *ue.protect(SecurityHeader::integrity, kPlain)).has_value());
    network.decipher_container(value);
    CHECK(value == Octets{1, 2, 3, 4, 5});
  }
}

TEST_CASE("NAS security: plain, session management, cut off and unknown header types are no protected messages")
{
  const auto message = *context(End::ue).protect(SecurityHeader::integrity, kPlain);
  CHECK(split_protected(message).has_value());
  for (std::size_t size = 0; size < message.size(); ++size) CHECK_FALSE(split_protected(std::span(message).first(size)).has_value());
  for (const unsigned header : {0U, 5U, 15U}) {
    Octets other = message;
    other[1] = static_cast<std::uint8_t>(header);
    CHECK_FALSE(split_protected(other).has_value());
  }
  Octets session = message;
  session[0] = kEpdSm;
  CHECK_FALSE(split_protected(session).has_value());
}

TEST_CASE("NAS security: from the foreign subscriber's K every MAC of both ends' NAS messages comes out")
{
  const auto messages = test::read_foreign_nas();
  if (messages.empty()) return;
  const auto request = decode_mm(messages.at(1).message);
  const auto& authentication = std::get<AuthenticationRequest>(*request);
  const security::Subscriber subscriber{security::Key128(array_of<16>(test::kForeignK)),
                                        security::Key128(array_of<16>(test::kForeignOpc))};
  const std::string snn = security::serving_network_name("001", "01");
  security::SqnArray fresh;
  const auto check = security::check_autn(subscriber, *authentication.rand, *authentication.autn, snn, fresh);
  REQUIRE(check.verdict == security::AutnVerdict::accepted);
  const auto k_seaf = security::derive_k_seaf(check.k_ausf, snn);
  const auto k_amf = security::derive_k_amf(k_seaf, "00101" + std::string(test::kForeignMsin), authentication.abba);

  std::optional<NasSecurity> ue, network;
  unsigned num_opened = 0;
  for (const auto& foreign : messages) {
    const auto parts = split_protected(foreign.message);
    if (!parts) continue;
    if (!ue) {
      const auto command = std::get<SecurityModeCommand>(*decode_mm(parts->payload));
      ue.emplace(End::ue, k_amf, command.key_set, command.algorithms);
      network.emplace(End::network, k_amf, command.key_set, command.algorithms);
    }
    const auto plain = (foreign.is_downlink ? *ue : *network).open(*parts);
    REQUIRE(plain.has_value());
    CHECK(hex_of(*plain) == hex_of(test::plain_of(foreign.message)));
    ++num_opened;
  }
  CHECK(num_opened == 8);
  MESSAGE(num_opened, " foreign NAS messages, both ways, have the MAC that ours has");
}

}  // namespace ravi::nas
