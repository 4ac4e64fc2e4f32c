// The in-process links: order, bounds, the other end gone.

#include "stack/ngap/n2_link.h"
#include "stack/ngap/n3_link.h"

#include <doctest/doctest.h>

#include <numeric>
#include <vector>

using namespace ravi::ngap;
using Bytes = std::vector<std::uint8_t>;

TEST_CASE("N2: messages arrive in order, whole, on their streams")
{
  auto [gnb, amf] = make_n2_pair();
  CHECK(gnb->send(kCommonStream, Bytes{1, 2, 3}));
  CHECK(gnb->send(kUeStream, Bytes{4}));
  CHECK(amf->send(kUeStream, Bytes{9}));
  const auto first = amf->receive();
  REQUIRE(first.has_value());
  CHECK(first->stream == kCommonStream);
  CHECK(first->bytes == Bytes{1, 2, 3});
  CHECK(amf->receive()->stream == kUeStream);
  CHECK_FALSE(amf->receive().has_value());
  CHECK(gnb->receive()->bytes == Bytes{9});
}

TEST_CASE("N2: a full link drops and counts, and goes on once it is emptied")
{
  auto [gnb, amf] = make_n2_pair();
  for (int i = 0; i < 300; ++i) gnb->send(kUeStream, Bytes{static_cast<std::uint8_t>(i)});
  CHECK(gnb->counters().sent == 256);
  CHECK(gnb->counters().dropped == 44);
  CHECK(amf->receive()->bytes == Bytes{0});
  CHECK(gnb->send(kUeStream, Bytes{77}));
}

TEST_CASE("N2: what was sent before the other end went is still read, and the link is down")
{
  auto [gnb, amf] = make_n2_pair();
  CHECK(gnb->is_up());
  amf->send(kUeStream, Bytes{5});
  amf.reset();
  CHECK_FALSE(gnb->is_up());
  CHECK_FALSE(gnb->send(kUeStream, Bytes{1}));
  CHECK(gnb->receive()->bytes == Bytes{5});
}

TEST_CASE("N3: datagrams keep their size and order, and say where they come from")
{
  auto [gnb, upf] = make_n3_pair({10, 0, 0, 2}, {10, 0, 0, 1});
  Bytes packet(1500);
  std::iota(packet.begin(), packet.end(), std::uint8_t{0});
  CHECK(gnb->send({10, 0, 0, 1}, packet));
  CHECK(gnb->send({10, 0, 0, 1}, Bytes{42}));
  N3Datagram got = upf->receive();
  CHECK(got.from == Ipv4{10, 0, 0, 2});
  CHECK(Bytes(got.octets.begin(), got.octets.end()) == packet);
  got = upf->receive();
  CHECK(got.octets.size() == 1);
  CHECK(upf->receive().octets.empty());
  CHECK(upf->receive().octets.empty());
}

TEST_CASE("N3: too large, too many, or to nobody is dropped and counted")
{
  auto [gnb, upf] = make_n3_pair();
  CHECK_FALSE(gnb->send(upf->address(), Bytes(kMaxDatagram + 1)));
  CHECK_FALSE(gnb->send({1, 2, 3, 4}, Bytes(8)));
  for (int i = 0; i < 1100; ++i) gnb->send(upf->address(), Bytes(8));
  CHECK(gnb->counters().sent == 1024);
  CHECK(gnb->counters().dropped == 78);
  int received = 0;
  while (!upf->receive().octets.empty()) ++received;
  CHECK(received == 1024);
}
