#include "stack/rlc/rlc_pdu.h"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <vector>

namespace ravi::rlc {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes am_header(SnSize size, const DataHeader& header)
{
  Bytes out(am_header_size(size, header.segmentation));
  write_am_header(size, header, out);
  return out;
}

Bytes um_header(SnSize size, const DataHeader& header)
{
  Bytes out(um_header_size(size, header.segmentation));
  write_um_header(size, header, out);
  return out;
}

}  // namespace

TEST_CASE("RLC headers: the layouts of TS 38.322 Figures 6.2.2.3-1 to 6.2.2.4-4, octet by octet")
{
  CHECK(um_header(SnSize::bits6, {.segmentation = Segmentation::whole}) == Bytes{0x00});
  CHECK(um_header(SnSize::bits6, {.segmentation = Segmentation::first, .sn = 0x2A}) == Bytes{0x6A});
  CHECK(um_header(SnSize::bits6, {.segmentation = Segmentation::last, .sn = 1, .offset = 0x1234}) == Bytes{0x81, 0x12, 0x34});
  CHECK(um_header(SnSize::bits12, {.segmentation = Segmentation::first, .sn = 0xABC}) == Bytes{0x4A, 0xBC});
  CHECK(um_header(SnSize::bits12, {.segmentation = Segmentation::middle, .sn = 0xABC, .offset = 7}) ==
        Bytes{0xCA, 0xBC, 0x00, 0x07});
  CHECK(am_header(SnSize::bits12, {true, Segmentation::whole, 0xABC, 0}) == Bytes{0xCA, 0xBC});
  CHECK(am_header(SnSize::bits12, {false, Segmentation::last, 0xABC, 0x102}) == Bytes{0xAA, 0xBC, 0x01, 0x02});
  CHECK(am_header(SnSize::bits18, {true, Segmentation::first, 0x2ABCD, 0}) == Bytes{0xD2, 0xAB, 0xCD});
  CHECK(am_header(SnSize::bits18, {false, Segmentation::middle, 0x384, 0x375}) == Bytes{0xB0, 0x03, 0x84, 0x03, 0x75});
}

TEST_CASE("RLC headers: read as written, and never beyond the end")
{
  std::mt19937 random(1);
  for (int round = 0; round < 4000; ++round) {
    const auto s = static_cast<Segmentation>(random() % 4);
    const bool is_am = round % 2 == 0;
    const SnSize size = is_am ? (random() % 2 == 0 ? SnSize::bits12 : SnSize::bits18)
                              : (random() % 2 == 0 ? SnSize::bits6 : SnSize::bits12);
    DataHeader h{is_am && random() % 2 == 0, s, static_cast<std::uint32_t>(random() % sn_modulus(size)), 0};
    if (has_offset(s)) h.offset = static_cast<std::uint16_t>(1 + random() % 65535);
    if (!is_am && s == Segmentation::whole) h.sn = 0;
    Bytes pdu = is_am ? am_header(size, h) : um_header(size, h);
    const std::size_t header_size = pdu.size();
    pdu.push_back(0x77);
    const auto read = is_am ? read_am_pdu(size, pdu) : read_um_pdu(size, pdu);
    REQUIRE(read.has_value());
    CHECK(read->header.has_poll == h.has_poll);
    CHECK(read->header.segmentation == s);
    CHECK(read->header.sn == h.sn);
    CHECK(read->header.offset == h.offset);
    REQUIRE(read->data.size() == 1);
    for (std::size_t n = 0; n <= header_size; ++n) {
      const auto cut = std::span(pdu).first(n);
      CHECK_FALSE((is_am ? read_am_pdu(size, cut) : read_um_pdu(size, cut)).has_value());
    }
  }
}

TEST_CASE("STATUS PDU: the layouts of TS 38.322 Figures 6.2.2.5-1 and 6.2.2.5-2")
{
  std::array<std::uint8_t, 64> out{};
  StatusWriter twelve(SnSize::bits12, out);
  REQUIRE(twelve.add({0x123, 1, 0, Nack::kToEnd}));
  REQUIRE(twelve.add({0x456, 3, 0x10, 0x20}));
  const std::size_t size = twelve.finish(0x789);
  CHECK(Bytes(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)) ==
        Bytes{0x07, 0x89, 0x80, 0x12, 0x38, 0x45, 0x66, 0x00, 0x10, 0x00, 0x20, 0x03});

  StatusWriter eighteen(SnSize::bits18, out);
  REQUIRE(eighteen.add({0x12345, 1, 0, Nack::kToEnd}));
  REQUIRE(eighteen.add({0x12347, 1, 5, Nack::kToEnd}));
  const std::size_t second = eighteen.finish(0x2FFFF);
  CHECK(Bytes(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(second)) ==
        Bytes{0x0B, 0xFF, 0xFE, 0x48, 0xD1, 0x60, 0x48, 0xD1, 0xD0, 0x00, 0x05, 0xFF, 0xFF});
}

TEST_CASE("STATUS PDU: read as written for any NACKs, truncated ones are noticed")
{
  std::mt19937 random(2);
  for (int round = 0; round < 3000; ++round) {
    const SnSize size = round % 2 == 0 ? SnSize::bits12 : SnSize::bits18;
    std::vector<std::uint8_t> out(3 + random() % 100);
    StatusWriter writer(size, out);
    std::vector<Nack> nacks;
    while (nacks.size() < 12) {
      Nack nack{static_cast<std::uint32_t>(random() % sn_modulus(size)), static_cast<std::uint8_t>(1 + random() % 255)};
      if (random() % 2 == 0) nack.range = 1;
      if (random() % 2 == 0) {
        nack.so_start = static_cast<std::uint16_t>(random());
        nack.so_end = static_cast<std::uint16_t>(random());
      }
      if (!writer.add(nack)) break;
      nacks.push_back(nack);
    }
    const auto ack_sn = static_cast<std::uint32_t>(random() % sn_modulus(size));
    const std::size_t used = writer.finish(ack_sn);
    StatusReader reader(size, std::span(out).first(used));
    REQUIRE(reader.is_valid());
    CHECK(reader.ack_sn() == ack_sn);
    for (const Nack& nack : nacks) CHECK(reader.next() == nack);
    CHECK_FALSE(reader.next().has_value());
    CHECK_FALSE(reader.is_truncated());
    for (std::size_t n = 0; n < used; ++n) {
      StatusReader cut(size, std::span(out).first(n));
      while (cut.next()) {
      }
      CHECK((!cut.is_valid() || cut.is_truncated()));
    }
  }
}

}  // namespace ravi::rlc
