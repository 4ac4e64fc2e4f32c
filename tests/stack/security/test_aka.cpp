#include "stack/security/aka.h"

#include "tests/stack/security/vectors.h"

#include <doctest/doctest.h>

#include <random>

namespace ravi::security {
namespace {

constexpr std::string_view kSnn = "5G:mnc001.mcc001.3gppnetwork.org";

Subscriber subscriber()
{
  return {Key128(test::array_of<16>("465b5ce8b199b49faa5f0a2ee238a6bc")),
          Key128(test::array_of<16>("cd63cb71954a9f4e48a5994e37a02baf"))};
}

Rand random_rand(std::mt19937& random)
{
  Rand rand{};
  for (auto& octet : rand) octet = static_cast<std::uint8_t>(random());
  return rand;
}

}  // namespace

TEST_CASE("5G-AKA: the UE accepts a fresh vector, and both ends hold the same RES* and K_AUSF [TS 33.501 §6.1.3.2]")
{
  std::mt19937 random(1);
  SqnArray accepted;
  Sqn sqn;
  for (int i = 0; i < 100; ++i) {
    sqn = next_sqn(sqn);
    const auto vector = make_authentication_vector(subscriber(), random_rand(random), sqn, kSnn);
    const auto check = check_autn(subscriber(), vector.rand, vector.autn, kSnn, accepted);
    REQUIRE(check.verdict == AutnVerdict::accepted);
    CHECK(check.res_star == vector.xres_star);
    CHECK(check.k_ausf == vector.k_ausf);
    CHECK(accepted.highest() == sqn);
  }
}

TEST_CASE("5G-AKA: a changed AUTN, a foreign key and a cleared separation bit are refused, and no number is used up")
{
  std::mt19937 random(2);
  SqnArray accepted;
  const auto vector = make_authentication_vector(subscriber(), random_rand(random), Sqn(100, 3), kSnn);
  for (std::size_t i = 0; i < 16; ++i) {
    Autn changed = vector.autn;
    changed[i] ^= 1;
    CHECK(check_autn(subscriber(), vector.rand, changed, kSnn, accepted).verdict == AutnVerdict::mac_failure);
  }
  Subscriber other = subscriber();
  other.k.writable()[0] ^= 1;
  CHECK(check_autn(other, vector.rand, vector.autn, kSnn, accepted).verdict == AutnVerdict::mac_failure);
  const auto for_lte = make_authentication_vector(subscriber(), vector.rand, Sqn(100, 3), kSnn, Amf{0, 0});
  CHECK(check_autn(subscriber(), for_lte.rand, for_lte.autn, kSnn, accepted).verdict == AutnVerdict::not_5g);
  CHECK(accepted.highest() == Sqn());
  CHECK(check_autn(subscriber(), vector.rand, vector.autn, kSnn, accepted).verdict == AutnVerdict::accepted);
}

TEST_CASE("Resynchronization: a replayed vector brings an AUTS, after which the home network is accepted [TS 33.102 §6.3.5]")
{
  std::mt19937 random(3);
  SqnArray accepted;
  const Sqn far(90'000, 7);
  const auto first = make_authentication_vector(subscriber(), random_rand(random), far, kSnn);
  REQUIRE(check_autn(subscriber(), first.rand, first.autn, kSnn, accepted).verdict == AutnVerdict::accepted);

  Sqn home(5, 6);  // the home network lost its count
  const auto stale = make_authentication_vector(subscriber(), random_rand(random), next_sqn(home), kSnn);
  const auto check = check_autn(subscriber(), stale.rand, stale.autn, kSnn, accepted);
  REQUIRE(check.verdict == AutnVerdict::sync_failure);

  const auto sqn_ms = check_auts(subscriber(), stale.rand, check.auts);
  REQUIRE(sqn_ms.has_value());
  CHECK(*sqn_ms == far);
  home = next_sqn(resynchronized(home, *sqn_ms));
  const auto again = make_authentication_vector(subscriber(), random_rand(random), home, kSnn);
  CHECK(check_autn(subscriber(), again.rand, again.autn, kSnn, accepted).verdict == AutnVerdict::accepted);

  CHECK_FALSE(check_auts(subscriber(), again.rand, check.auts).has_value());  // the RAND must be the one challenged with
  Auts changed = check.auts;
  changed[2] ^= 0x40;
  CHECK_FALSE(check_auts(subscriber(), stale.rand, changed).has_value());
}

TEST_CASE("AUTS hides SQN_MS by f5* and proves it by f1* with AMF 0 [TS 33.102 §6.3.3, TS 35.208 set 1]")
{
  // RAND and f5* of TS 35.208 test set 1
  const Rand rand = test::array_of<16>("23553cbe9637a89d218ae64dae47bf35");
  const Auts auts = make_auts(subscriber(), rand, Sqn(0xff9bb4d0b607));
  std::string hidden;
  const auto sqn = test::bytes_of("ff9bb4d0b607");
  const auto ak_star = test::bytes_of("451e8beca43b");
  for (std::size_t i = 0; i < 6; ++i) CHECK(auts[i] == (sqn[i] ^ ak_star[i]));
  const auto mac = milenage_f1(subscriber().k, subscriber().opc, rand, test::array_of<6>("ff9bb4d0b607"), {0, 0});
  CHECK(test::hex_of(std::span(auts).subspan(6)) == test::hex_of(mac.mac_s));
}

TEST_CASE("SQN array: each index stands alone, older numbers of another index pass, replays and leaps do not [TS 33.102 §C.2]")
{
  SqnArray accepted;
  CHECK(accepted.accept(Sqn(10, 1)));
  CHECK(accepted.accept(Sqn(9, 2)));  // out of order between two visited networks
  CHECK_FALSE(accepted.accept(Sqn(10, 1)));
  CHECK_FALSE(accepted.accept(Sqn(9, 1)));
  CHECK_FALSE(accepted.accept(Sqn(9, 2)));
  CHECK(accepted.highest() == Sqn(10, 1));
  CHECK_FALSE(accepted.accept(Sqn(10 + SqnArray::kDelta + 1, 3)));
  CHECK(accepted.accept(Sqn(10 + SqnArray::kDelta, 3)));
}

TEST_CASE("SQN: octets, SEQ and IND, and counting on")
{
  const Sqn sqn = Sqn::from_octets(test::array_of<6>("00000000003f"));
  CHECK(sqn.seq() == 1);
  CHECK(sqn.ind() == 31);
  CHECK(next_sqn(sqn) == Sqn(2, 0));
  CHECK(Sqn::from_octets(next_sqn(sqn).octets()) == next_sqn(sqn));
  CHECK(resynchronized(Sqn(50, 1), Sqn(20, 9)) == Sqn(50, 1));
  CHECK(resynchronized(Sqn(10, 1), Sqn(20, 9)) == Sqn(20, 9));
}

}  // namespace ravi::security
