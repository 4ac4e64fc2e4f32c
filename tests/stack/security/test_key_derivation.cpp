#include "stack/security/key_derivation.h"

#include "stack/security/primitives.h"
#include "tests/stack/security/vectors.h"

#include <doctest/doctest.h>

#include <map>

namespace ravi::security {
namespace {

using test::array_of;
using test::bytes_of;
using test::hex_of;

std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

std::uint32_t number_of(const std::vector<std::uint8_t>& bytes)
{
  std::uint32_t value = 0;
  for (std::uint8_t b : bytes) value = (value << 8) | b;
  return value;
}

/// The vector's output as our function for its FC gives it; empty where no function of ours has that FC.
std::string derived(std::uint8_t fc, const std::vector<std::uint8_t>& key, const std::vector<std::vector<std::uint8_t>>& p)
{
  REQUIRE(key.size() == 32);
  const Key256 parent{std::span<const std::uint8_t, 32>(key)};
  const Key128 ck{parent.bytes().first<16>()};
  const Key128 ik{parent.bytes().last<16>()};
  const auto array = [](const std::vector<std::uint8_t>& v, auto out) {
    REQUIRE(v.size() == out.size());
    std::copy(v.begin(), v.end(), out.begin());
    return out;
  };
  switch (fc) {
    case 0x6A: return hex_of(derive_k_ausf(ck, ik, text_of(p[0]), array(p[1], SqnOctets{})).bytes());
    case 0x6B: return hex_of(derive_res_star(ck, ik, text_of(p[0]), array(p[1], Rand{}), p[2]));
    case 0x6C: return hex_of(derive_k_seaf(parent, text_of(p[0])).bytes());
    case 0x6D: return hex_of(derive_k_amf(parent, text_of(p[0]), p[1]).bytes());
    case 0x6E: return hex_of(derive_k_gnb(parent, number_of(p[0])).bytes());
    case 0x69: return hex_of(derive_algorithm_key(parent, static_cast<KeyUse>(p[0].at(0)), p[1].at(0)).bytes());
    case 0x70:
      if (p[1].size() != 3) return {};  // ARFCN-DL has three octets, TS 33.501 §A.11
      return hex_of(derive_k_ng_ran_star(parent, static_cast<std::uint16_t>(number_of(p[0])), number_of(p[1])).bytes());
    default: return {};
  }
}

}  // namespace

TEST_CASE("Milenage: every published set, OPc from OP and f1 to f5* [TS 35.208 §4]")
{
  const auto vectors = test::read_vectors();
  if (vectors.is_null()) return;
  REQUIRE(vectors.at("milenage_35_208").size() == 6);
  for (const auto& v : vectors.at("milenage_35_208")) {
    const auto text = [&v](const char* name) { return v.at(name).get<std::string>(); };
    CAPTURE(text("name"));
    const Key128 k(array_of<16>(text("k")));
    const Key128 opc = derive_opc(k, Key128(array_of<16>(text("op"))));
    CHECK(hex_of(opc.bytes()) == text("opc"));
    const Rand rand = array_of<16>(text("rand"));
    const MilenageOutput f = milenage_f2345(k, opc, rand);
    CHECK(hex_of(f.res) == text("res"));
    CHECK(hex_of(f.ck.bytes()) == text("ck"));
    CHECK(hex_of(f.ik.bytes()) == text("ik"));
    CHECK(hex_of(f.ak) == text("ak"));
    CHECK(hex_of(f.ak_star) == text("akstar"));
    const MilenageMac mac = milenage_f1(k, opc, rand, array_of<6>(text("sqn")), array_of<2>(text("amf")));
    CHECK(hex_of(mac.mac_a) == text("mac_a"));
    CHECK(hex_of(mac.mac_s) == text("mac_s"));
  }
}

TEST_CASE("Key derivation: every published value of the hierarchy [TS 33.501 Annex A]")
{
  const auto vectors = test::read_vectors();
  if (vectors.is_null()) return;
  const auto& list = vectors.at("kdf_33_501_annex_A").at("vectors");
  REQUIRE(list.size() == 15);
  unsigned by_own_function = 0;
  for (const auto& v : list) {
    CAPTURE(v.at("name").get<std::string>());
    const auto fc = static_cast<std::uint8_t>(std::stoul(v.at("FC").get<std::string>(), nullptr, 16));
    const auto key = bytes_of(v.at("key").get<std::string>());
    const auto expected = v.at("output").get<std::string>();
    std::vector<std::vector<std::uint8_t>> p;
    for (const auto& parameter : v.at("params")) p.push_back(bytes_of(parameter.at("value").get<std::string>()));
    const auto generic = p.size() == 1   ? derive(key, fc, {p[0]})
                         : p.size() == 2 ? derive(key, fc, {p[0], p[1]})
                                         : derive(key, fc, {p.at(0), p.at(1), p.at(2)});
    CHECK(hex_of(generic.bytes()).ends_with(expected));
    const std::string ours = derived(fc, key, p);
    if (ours.empty()) continue;
    ++by_own_function;
    CHECK(expected.ends_with(ours));
  }
  CHECK(by_own_function == 13);  // all but S-K_gNB of TS 33.401 and the two-octet ARFCN
}

TEST_CASE("Key derivation: the serving network's name pads a two-digit MNC [TS 24.501 §9.12.1]")
{
  CHECK(serving_network_name("001", "01") == "5G:mnc001.mcc001.3gppnetwork.org");
  CHECK(serving_network_name("410", "260") == "5G:mnc260.mcc410.3gppnetwork.org");
}

TEST_CASE("HRES* is the second half of SHA-256 of RAND and RES* [TS 33.501 §A.5]")
{
  const Rand rand = array_of<16>("000102030405060708090a0b0c0d0e0f");
  const ResStar res_star = array_of<16>("101112131415161718191a1b1c1d1e1f");
  // SHA-256 of the octets 00..1f, FIPS 180-4
  CHECK(hex_of(sha256(bytes_of("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"))) ==
        "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd");
  CHECK(hex_of(derive_hres_star(rand, res_star)) == "f412a49c732db2c8abc1b8581bd710dd");
}

}  // namespace ravi::security
