#include "stack/gtpu/gtpu.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

namespace ravi::gtpu {
namespace {

using Bytes = std::vector<std::uint8_t>;

template <class Write>
Bytes written(Write write)
{
  Bytes out(64);
  out.resize(write(std::span<std::uint8_t>(out)));
  return out;
}

/// Header and payload as one datagram.
Bytes datagram(const Header& header, const Bytes& payload)
{
  Bytes out(kMaxHeaderOctets);
  out.resize(write_header(header, payload.size(), out));
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

}  // namespace

// Wireshark 4.0's GTP dissector reads every one of these octet strings with the same values.
TEST_CASE("GTP-U: the octets of each message [TS 29.281 §5.1, §7; TS 38.415 §5.5.2]")
{
  CHECK(datagram({.teid = 0x12345678}, {0x45}) == Bytes{0x30, 0xFF, 0, 1, 0x12, 0x34, 0x56, 0x78, 0x45});
  CHECK(datagram({.teid = 1, .session = PduSession{.qfi = 9, .has_reflective_qos = true}}, {0x45}) ==
        Bytes{0x34, 0xFF, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0x85, 0x01, 0x00, 0x49, 0x00, 0x45});
  CHECK(datagram({.teid = 2, .session = PduSession{.is_uplink = true, .qfi = 1}}, {0x45}) ==
        Bytes{0x34, 0xFF, 0, 9, 0, 0, 0, 2, 0, 0, 0, 0x85, 0x01, 0x10, 0x01, 0x00, 0x45});
  CHECK(written([](auto out) { return write_echo_request(0x0102, out); }) ==
        Bytes{0x32, 1, 0, 4, 0, 0, 0, 0, 1, 2, 0, 0});
  CHECK(written([](auto out) { return write_echo_response(0x0102, out); }) ==
        Bytes{0x32, 2, 0, 6, 0, 0, 0, 0, 1, 2, 0, 0, 14, 0});
  CHECK(written([](auto out) { return write_end_marker(7, out); }) == Bytes{0x30, 254, 0, 0, 0, 0, 0, 7});
  CHECK(written([](auto out) { return write_error_indication({7, {127, 0, 0, 1}, 4}, 3, out); }) ==
        Bytes{0x32, 26, 0, 16, 0, 0, 0, 0, 0, 3, 0, 0, 16, 0, 0, 0, 7, 133, 0, 4, 127, 0, 0, 1});
  CHECK(written([](auto out) { return write_supported_extension_headers(3, out); }) ==
        Bytes{0x32, 31, 0, 7, 0, 0, 0, 0, 0, 3, 0, 0, 141, 1, 0x85});
}

TEST_CASE("GTP-U: any header is read as written, and every truncation is refused")
{
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    Header header{.teid = static_cast<std::uint32_t>(random())};
    if (random() % 2 == 0) header.sequence_number = static_cast<std::uint16_t>(random());
    if (random() % 2 == 0) {
      header.session = PduSession{.is_uplink = random() % 2 == 0, .qfi = static_cast<std::uint8_t>(random() % 64)};
      header.session->has_reflective_qos = !header.session->is_uplink && random() % 2 == 0;
    }
    const Bytes payload(random() % 50, 0x5A);
    const Bytes whole = datagram(header, payload);
    CHECK(whole.size() == header_size(header) + payload.size());
    const Decoded read = decode(whole);
    REQUIRE(read.verdict == Verdict::ok);
    CHECK(read.header.type == MessageType::g_pdu);
    CHECK(read.header.teid == header.teid);
    CHECK(read.header.sequence_number == header.sequence_number);
    CHECK(read.header.session == header.session);
    CHECK(Bytes(read.payload.begin(), read.payload.end()) == payload);
    for (std::size_t n = 0; n < whole.size(); ++n) CHECK(decode(std::span(whole).first(n)).verdict == Verdict::malformed);
  }
}

TEST_CASE("GTP-U: extension headers are stepped over, or must be understood, or end the walk [TS 29.281 §5.2.1]")
{
  // UDP port (0x40, need not be understood) of 4 octets, then a session container of 8 with paging policy 5
  const Bytes chain{0x34, 0xFF, 0, 17, 0, 0, 0, 1, 0, 0, 0, 0x40, 1, 8, 0x68, 0x85, 2, 0, 0x81, 0xA0, 0, 0, 0, 0, 0x45};
  const Decoded read = decode(chain);
  REQUIRE(read.verdict == Verdict::ok);
  CHECK(read.header.session->qfi == 1);
  CHECK(read.header.session->paging_policy == 5);
  CHECK(read.payload.size() == 1);

  Bytes unknown = chain;
  unknown[11] = 0xC0;  // PDCP PDU number: both ends must understand it
  CHECK(decode(unknown).verdict == Verdict::unknown_extension);
  CHECK(decode(unknown).header.teid == 1);
  Bytes no_length = chain;
  no_length[12] = 0;
  CHECK(decode(no_length).verdict == Verdict::malformed);
  Bytes too_long = chain;
  too_long[12] = 200;
  CHECK(decode(too_long).verdict == Verdict::malformed);
  Bytes endless{0x34, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x40};
  for (int i = 0; i < 100; ++i) endless.insert(endless.end(), {1, 0, 0, 0x40});
  endless[2] = static_cast<std::uint8_t>((endless.size() - 8) >> 8);
  endless[3] = static_cast<std::uint8_t>((endless.size() - 8) & 0xFF);
  CHECK(decode(endless).verdict == Verdict::malformed);
  CHECK(decode(Bytes{0x48, 0xFF, 0, 0, 0, 0, 0, 1}).verdict == Verdict::bad_version);
}

TEST_CASE("GTP-U: error indications are read as written, changed ones never beyond their end")
{
  for (const std::uint8_t size : {std::uint8_t{4}, std::uint8_t{16}}) {
    const ErrorIndication error{0xAABBCCDD, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, size};
    const Bytes message = written([&](auto out) { return write_error_indication(error, 1, out); });
    const Decoded read = decode(message);
    REQUIRE(read.verdict == Verdict::ok);
    const auto back = read_error_indication(read.payload);
    REQUIRE(back.has_value());
    CHECK(back->teid == error.teid);
    CHECK(back->address_size == size);
    CHECK(back->address[size - 1U] == size);
    for (std::size_t n = 0; n < read.payload.size(); ++n) CHECK_FALSE(read_error_indication(read.payload.first(n)).has_value());
  }
  std::mt19937 random(2);
  for (int round = 0; round < 50'000; ++round) {
    Bytes noise(random() % 40);
    for (auto& octet : noise) octet = static_cast<std::uint8_t>(random());
    if (!noise.empty() && random() % 2 == 0) noise[0] = 0x34;
    const Decoded read = decode(noise);
    CHECK(read.payload.size() <= noise.size());
    (void)read_error_indication(noise);
  }
}

TEST_CASE("GTP-U: what does not fit is not written")
{
  Bytes small(11);
  CHECK(write_echo_request(1, small) == 0);
  CHECK(write_header({.teid = 1}, 65'536, small) == 0);
  CHECK(write_header({.teid = 1}, 65'535, small) == 8);
}

}  // namespace ravi::gtpu
