#include "stack/ip/ip_packet.h"

#include "doctest/doctest.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <vector>

namespace ravi::ip {
namespace {

/// The example of RFC 1071's arithmetic in common use: an IPv4 header whose checksum is 0xB861.
constexpr std::array<std::uint8_t, 20> kHeader{0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                                               0xB8, 0x61, 0xC0, 0xA8, 0x00, 0x01, 0xC0, 0xA8, 0x00, 0xC7};

std::vector<std::uint8_t> echo_request()
{
  std::vector<std::uint8_t> packet(200);
  packet.resize(write_echo_request({.source = {10, 45, 0, 2}, .destination = {10, 45, 0, 1}, .identifier = 7, .sequence_number = 3}, packet));
  return packet;
}

std::vector<std::uint8_t> datagram()
{
  std::vector<std::uint8_t> packet(600);
  packet.resize(write_traffic(
      {.source = {10, 45, 0, 2}, .destination = {10, 45, 0, 1}, .stamp = {.number = 5, .sent_ns = 77}, .packet_size = 501}, packet));
  return packet;
}

}  // namespace

TEST_CASE("IPv4: a header known to be right is read, and one wrong bit refused")
{
  std::vector<std::uint8_t> packet(0x73);
  std::copy(kHeader.begin(), kHeader.end(), packet.begin());
  const auto read = read_ipv4(packet);
  REQUIRE(read);
  CHECK(read->source == Ipv4{192, 168, 0, 1});
  CHECK(read->destination == Ipv4{192, 168, 0, 199});
  CHECK(read->protocol == 17);
  CHECK(read->payload.size() == 0x73 - 20);
  for (std::size_t bit = 0; bit < 160; ++bit) {
    packet[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    CHECK_FALSE(read_ipv4(packet));
    packet[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
}

TEST_CASE("ICMP: a request is answered to its sender with its identifier, number and data")
{
  const auto request = echo_request();
  CHECK(request.size() == 20 + 8 + 56);
  std::vector<std::uint8_t> answer(200);
  answer.resize(write_echo_reply(*read_ipv4(request), answer));
  const auto packet = read_ipv4(answer);
  REQUIRE(packet);
  CHECK(packet->destination == Ipv4{10, 45, 0, 2});
  const auto reply = read_echo_reply(*packet);
  REQUIRE(reply);
  CHECK(reply->identifier == 7);
  CHECK(reply->sequence_number == 3);
  CHECK(std::equal(answer.begin() + 28, answer.end(), request.begin() + 28, request.end()));
  CHECK_FALSE(read_echo_reply(*read_ipv4(request)));
}

TEST_CASE("UDP: test traffic comes back with its stamp, of odd size too")
{
  const auto sent = datagram();
  CHECK(sent.size() == 501);
  const auto read = read_udp(*read_ipv4(sent));
  REQUIRE(read);
  CHECK(read->destination_port == kTrafficPort);
  const auto stamp = read_stamp(*read);
  REQUIRE(stamp);
  CHECK(stamp->number == 5);
  CHECK(stamp->sent_ns == 77);
}

TEST_CASE("malformed packets: cut anywhere or damaged, they are read within their bounds or refused")
{
  std::mt19937 random(1);
  for (const auto& whole : {echo_request(), datagram()}) {
    for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(read_ipv4(std::span(whole).first(size)));
    for (int round = 0; round < 2000; ++round) {
      auto packet = whole;
      for (int flips = 0; flips < 3; ++flips) packet[random() % packet.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
      const auto read = read_ipv4(packet);
      if (!read) continue;
      std::array<std::uint8_t, 1500> out{};
      CHECK(write_echo_reply(*read, out) <= packet.size());
      const auto udp = read_udp(*read);
      if (udp) CHECK(udp->data.size() <= packet.size());
    }
  }
}

}  // namespace ravi::ip
