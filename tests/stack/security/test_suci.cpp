#include "stack/security/suci.h"

#include "tests/stack/security/vectors.h"

#include <doctest/doctest.h>

#include <random>

namespace ravi::security {
namespace {

using test::array_of;
using test::bytes_of;
using test::hex_of;

void check_profile(SuciScheme scheme, const nlohmann::json& v, const char* suffix)
{
  const auto text = [&v](std::string name) { return v.at(name).get<std::string>(); };
  const std::string pub = std::string("_pubkey") + suffix;
  const Key256 home(array_of<32>(text("hn_privkey")));
  const Key256 ephemeral(array_of<32>(text("eph_privkey")));
  const auto plain = bytes_of(text("plaintext"));
  const auto home_public = suci_public_key(scheme, home);
  REQUIRE(home_public.has_value());
  CHECK(hex_of(*home_public) == text("hn" + pub));
  const auto output = conceal(scheme, *home_public, ephemeral, plain);
  REQUIRE(output.has_value());
  CHECK(hex_of(*output) == text("eph" + pub) + text("ciphertext") + text("mac_tag"));
  CHECK(deconceal(scheme, home, *output) == plain);
}

}  // namespace

TEST_CASE("SUCI: profiles A and B conceal and reveal the published examples [TS 33.501 §C.4]")
{
  const auto vectors = test::read_vectors();
  if (vectors.is_null()) return;
  const auto& suci = vectors.at("suci_ecies_33_501_annex_C");
  check_profile(SuciScheme::profile_a, suci.at("profile_A"), "");
  check_profile(SuciScheme::profile_b, suci.at("profile_B"), "_compressed");
}

TEST_CASE("SUCI: changed, truncated and random scheme outputs are refused")
{
  std::mt19937 random(4);
  for (const SuciScheme scheme : {SuciScheme::profile_a, SuciScheme::profile_b}) {
    Key256 home, ephemeral;
    home.writable()[31] = 77;
    ephemeral.writable()[31] = 99;
    const auto output = conceal(scheme, *suci_public_key(scheme, home), ephemeral, bytes_of("0001234567"));
    REQUIRE(output.has_value());
    for (std::size_t i = 0; i < output->size(); ++i) {
      auto changed = *output;
      changed[i] ^= static_cast<std::uint8_t>(1U << (random() % 7));
      CHECK_FALSE(deconceal(scheme, home, changed).has_value());
      CHECK_FALSE(deconceal(scheme, home, std::span(*output).first(i)).has_value());
    }
    std::vector<std::uint8_t> noise(60);
    for (auto& octet : noise) octet = static_cast<std::uint8_t>(random());
    CHECK_FALSE(deconceal(scheme, home, noise).has_value());
  }
  CHECK_FALSE(suci_public_key(SuciScheme::profile_b, Key256()).has_value());
  CHECK_FALSE(deconceal(SuciScheme::null_scheme, Key256(), bytes_of("00")).has_value());
}

}  // namespace ravi::security
