#include "drivers/ip/n3_udp.h"
#include "radio/realtime.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace ravi;

namespace {
constexpr std::uint16_t kPort = 22152;   // not the standard's, so that a core that runs is not disturbed

/// Datagrams on loopback are there when `send` returns; a few looks more allow for a busy machine.
ngap::N3Datagram receive(ngap::N3Link& link)
{
  for (int i = 0; i < 100'000; ++i) {
    if (const auto datagram = link.receive(); !datagram.octets.empty()) return datagram;
  }
  return {};
}
}  // namespace

TEST_CASE("N3 over UDP: datagrams of every size come whole, with their sender's address")
{
  auto gnb = open_n3({127, 0, 0, 92}, kPort);
  auto upf = open_n3({127, 0, 0, 91}, kPort);
  REQUIRE(gnb);
  REQUIRE(upf);
  CHECK((*gnb)->address() == Ipv4{127, 0, 0, 92});
  for (std::size_t size = 1; size <= ngap::kMaxDatagram; size += 37) {
    std::vector<std::uint8_t> sent(size);
    for (std::size_t i = 0; i < size; ++i) sent[i] = static_cast<std::uint8_t>(i * 7 + size);
    REQUIRE((*gnb)->send((*upf)->address(), sent));
    const auto datagram = receive(**upf);
    CHECK(std::ranges::equal(datagram.octets, sent));
    CHECK(datagram.from == (*gnb)->address());
  }
  CHECK((*upf)->receive().octets.empty());
  CHECK((*upf)->counters().received == (*gnb)->counters().sent);
}

TEST_CASE("N3 over UDP: what is too large or empty is dropped and counted, and nobody at the other end is no harm")
{
  auto gnb = open_n3({127, 0, 0, 92}, kPort);
  REQUIRE(gnb);
  const std::vector<std::uint8_t> large(ngap::kMaxDatagram + 1);
  CHECK_FALSE((*gnb)->send({127, 0, 0, 91}, large));
  CHECK_FALSE((*gnb)->send({127, 0, 0, 91}, {}));
  CHECK((*gnb)->counters().dropped == 2);
  const std::vector<std::uint8_t> small(10);
  for (int i = 0; i < 10; ++i) static_cast<void>((*gnb)->send({127, 0, 0, 91}, small));
  CHECK((*gnb)->receive().octets.empty());
}

TEST_CASE("N3 over UDP: an address that is taken is refused by name")
{
  auto first = open_n3({127, 0, 0, 92}, kPort);
  REQUIRE(first);
  const auto second = open_n3({127, 0, 0, 92}, kPort);
  REQUIRE_FALSE(second);
  CHECK(second.error().message.find("127.0.0.92:22152") != std::string::npos);
  CHECK_FALSE(open_n3({203, 0, 113, 7}, kPort));   // of no interface here
}

TEST_CASE("N3 over UDP: sending and receiving take no memory")
{
  auto gnb = open_n3({127, 0, 0, 92}, kPort);
  auto upf = open_n3({127, 0, 0, 91}, kPort);
  REQUIRE(gnb);
  REQUIRE(upf);
  const std::vector<std::uint8_t> octets(1400, 5);
  std::size_t num_received = 0;
  {
    const RealtimeScope calm;
    for (int i = 0; i < 100; ++i) {
      static_cast<void>((*gnb)->send({127, 0, 0, 91}, octets));
      num_received += receive(**upf).octets.size() == octets.size() ? 1 : 0;
    }
  }
  CHECK(num_received == 100);
}
