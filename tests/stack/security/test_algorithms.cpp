#include "stack/security/ciphering.h"
#include "stack/security/integrity.h"

#include "radio/realtime.h"
#include "tests/realtime_guard.h"
#include "tests/stack/security/vectors.h"

#include <doctest/doctest.h>

#include <random>

namespace ravi::security {
namespace {

using test::array_of;
using test::bytes_of;
using test::hex_of;

struct Parameters {
  Key128 key;
  std::uint32_t count;
  std::uint8_t bearer;
  Direction direction;
  std::size_t num_bits;
};

Parameters parameters_of(const nlohmann::json& v)
{
  return {Key128(array_of<16>(v.at("key").get<std::string>())),
          static_cast<std::uint32_t>(std::stoul(v.at("count").get<std::string>(), nullptr, 16)),
          v.at("bearer").get<std::uint8_t>(), v.at("direction") == 1 ? Direction::downlink : Direction::uplink,
          v.at("length_bits").get<std::size_t>()};
}

std::vector<std::uint8_t> first_bits(std::vector<std::uint8_t> bytes, std::size_t num_bits)
{
  bytes.resize((num_bits + 7) / 8);
  if (num_bits % 8 != 0) bytes.back() = static_cast<std::uint8_t>(bytes.back() & (0xFF00U >> (num_bits % 8)));
  return bytes;
}

}  // namespace

TEST_CASE("Ciphering: every published test set of 128-NEA1, 128-NEA2 and 128-NEA3 [TS 33.501 Annex D.4]")
{
  const auto vectors = test::read_vectors();
  if (vectors.is_null()) return;
  for (unsigned id = 1; id <= 3; ++id) {
    const auto& list = vectors.at("128-NEA/NIA").at("128-NEA" + std::to_string(id));
    REQUIRE(list.size() >= 10);
    for (const auto& v : list) {
      CAPTURE(v.at("name").get<std::string>());
      const Parameters p = parameters_of(v);
      Ciphering ciphering(static_cast<CipheringAlgorithm>(id), p.key);
      const auto plain = bytes_of(v.at("plaintext").get<std::string>());
      const auto expected = bytes_of(v.at("ciphertext").get<std::string>());
      auto data = plain;
      ciphering.apply(p.count, p.bearer, p.direction, data);
      CHECK(hex_of(first_bits(data, p.num_bits)) == hex_of(first_bits(expected, p.num_bits)));
      ciphering.apply(p.count, p.bearer, p.direction, data);
      CHECK(data == plain);
    }
  }
}

TEST_CASE("Integrity: every published test set of 128-NIA1, 128-NIA2 and 128-NIA3 [TS 33.501 Annex D.4]")
{
  const auto vectors = test::read_vectors();
  if (vectors.is_null()) return;
  for (unsigned id = 1; id <= 3; ++id) {
    const auto& list = vectors.at("128-NEA/NIA").at("128-NIA" + std::to_string(id));
    REQUIRE(list.size() >= 10);
    for (const auto& v : list) {
      CAPTURE(v.at("name").get<std::string>());
      const Parameters p = parameters_of(v);
      Integrity integrity(static_cast<IntegrityAlgorithm>(id), p.key);
      const auto message = bytes_of(v.at("message").get<std::string>());
      CHECK(hex_of(integrity.compute_bits(p.count, p.bearer, p.direction, message, p.num_bits)) ==
            v.at("mac").get<std::string>());
    }
  }
}

TEST_CASE("Integrity: one octet or one input changed changes the MAC, and the context carries nothing over")
{
  std::mt19937 random(1);
  Key128 key;
  for (auto& octet : key.writable()) octet = static_cast<std::uint8_t>(random());
  for (unsigned id = 1; id <= 3; ++id) {
    Integrity integrity(static_cast<IntegrityAlgorithm>(id), key);
    for (std::size_t size : {0U, 1U, 7U, 8U, 9U, 23U, 24U, 25U, 503U, 504U, 505U, 520U, 1500U}) {
      std::vector<std::uint8_t> message(size);
      for (auto& octet : message) octet = static_cast<std::uint8_t>(random());
      const MacI mac = integrity.compute(7, 2, Direction::uplink, message);
      CHECK(integrity.compute(8, 2, Direction::uplink, message) != mac);
      CHECK(integrity.compute(7, 3, Direction::uplink, message) != mac);
      CHECK(integrity.compute(7, 2, Direction::downlink, message) != mac);
      if (size > 0) {
        auto changed = message;
        changed[random() % size] ^= 0x10;
        CHECK(integrity.compute(7, 2, Direction::uplink, changed) != mac);
      }
      CHECK(integrity.compute(7, 2, Direction::uplink, message) == mac);
    }
  }
}

TEST_CASE("Ciphering and integrity allocate nothing and lock nothing once made")
{
  std::vector<std::uint8_t> data(1500, 0x55);
  for (unsigned id = 0; id <= 3; ++id) {
    Ciphering ciphering(static_cast<CipheringAlgorithm>(id), Key128());
    Integrity integrity(static_cast<IntegrityAlgorithm>(id), Key128());
    testing::reset_realtime_violations();
    {
      const RealtimeScope scope;
      for (std::uint32_t count = 0; count < 3; ++count) {
        ciphering.apply(count, 1, Direction::downlink, data);
        (void)integrity.compute(count, 1, Direction::downlink, data);
      }
    }
    CHECK(testing::realtime_violations().allocations == 0);
    CHECK(testing::realtime_violations().frees == 0);
    CHECK(testing::realtime_violations().locks == 0);
  }
}

}  // namespace ravi::security
