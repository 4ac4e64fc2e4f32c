#include "stack/mac/rar.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

namespace ravi::mac {
namespace {

RandomAccessResponse random_response(std::mt19937& random)
{
  RandomAccessResponse r;
  r.rapid = static_cast<std::uint8_t>(random() % 64);
  r.timing_advance = static_cast<std::uint16_t>(random() % 4096);
  r.grant = {random() % 2 == 0,
             static_cast<std::uint16_t>(random() % 16384),
             static_cast<std::uint8_t>(random() % 16),
             static_cast<std::uint8_t>(random() % 16),
             static_cast<std::uint8_t>(random() % 8),
             random() % 2 == 0};
  r.temporary_c_rnti = nr::Rnti(static_cast<std::uint16_t>(random()));
  return r;
}

}  // namespace

TEST_CASE("RAR: the PDU of a foreign gNB in the recording n3-fdd-pci500-rar [TS 38.321 §6.2.3]")
{
  std::vector<std::uint8_t> block(44, 0);  // TBS 352 bit
  const std::vector<std::uint8_t> start{0x42, 0x01, 0x78, 0x06, 0x80, 0x02, 0x46, 0x01};
  std::copy(start.begin(), start.end(), block.begin());
  const auto pdu = decode_rar(block);
  REQUIRE(pdu.has_value());
  CHECK_FALSE(pdu->backoff_index.has_value());
  REQUIRE(pdu->num_responses == 1);
  const RandomAccessResponse& r = pdu->responses[0];
  CHECK(r.rapid == 2);
  CHECK(r.timing_advance == 47);
  CHECK(r.temporary_c_rnti == nr::Rnti(0x4601));
  CHECK(r.grant == RarUlGrant{false, 104, 0, 0, 1, false});
  std::vector<std::uint8_t> again(44, 0xEE);
  REQUIRE(encode_rar(*pdu, again));
  CHECK(again == block);
}

TEST_CASE("RAR: any number of responses, with and without backoff, is read as written")
{
  std::mt19937 random(1);
  for (std::size_t count = 0; count <= kNumPreambles; ++count) {
    for (const bool has_backoff : {false, true}) {
      RarPdu pdu;
      if (has_backoff) pdu.backoff_index = static_cast<std::uint8_t>(random() % 16);
      for (; pdu.num_responses < count; ++pdu.num_responses) pdu.responses[pdu.num_responses] = random_response(random);
      std::vector<std::uint8_t> block(rar_size(pdu) + random() % 5);
      if (rar_size(pdu) == 0) {
        CHECK_FALSE(encode_rar(pdu, block));
        continue;
      }
      REQUIRE(encode_rar(pdu, block));
      const auto read = decode_rar(block);
      REQUIRE(read.has_value());
      CHECK(read->backoff_index == pdu.backoff_index);
      REQUIRE(read->num_responses == count);
      for (std::size_t i = 0; i < count; ++i) CHECK(read->responses[i] == pdu.responses[i]);
      for (std::size_t size = 0; size < rar_size(pdu); ++size) CHECK_FALSE(decode_rar(std::span(block).first(size)).has_value());
      CHECK_FALSE(encode_rar(pdu, std::span(block).first(rar_size(pdu) - 1)));
    }
  }
}

TEST_CASE("RAR: backoff behind a response is refused, and endless extension ends with the octets")
{
  const std::vector<std::uint8_t> late_backoff{0xC1, 0, 0, 0, 0, 0, 0, 1, 0x05};
  CHECK_FALSE(decode_rar(late_backoff).has_value());
  const std::vector<std::uint8_t> endless(2000, 0xFF);
  CHECK_FALSE(decode_rar(endless).has_value());
  CHECK(backoff_of(0) == std::chrono::milliseconds(5));
  CHECK(backoff_of(13) == std::chrono::milliseconds(1920));
  CHECK(backoff_of(15) == std::chrono::milliseconds(1920));
  CHECK(rar_tpc_db(0) == -6);
  CHECK(rar_tpc_db(7) == 8);
}

}  // namespace ravi::mac
