#include "stack/rlc/um.h"

#include "tests/stack/rlc/channel.h"

#include <doctest/doctest.h>

#include <random>
#include <set>
#include <vector>

namespace ravi::rlc {
namespace {

using Bytes = std::vector<std::uint8_t>;
using test::number_of;
using test::numbered_sdu;

}  // namespace

TEST_CASE("UM: without loss everything arrives through reordering and any grant; with loss only whole SDUs arrive")
{
  for (const SnSize size : {SnSize::bits6, SnSize::bits12}) {
    for (const double loss : {0.0, 0.1}) {
      UmConfig config{.sn_size = size, .t_reassembly = Time(30), .capacity = {.queue_sdus = 64, .queue_octets = 1U << 17, .max_sdu_octets = 2100, .num_reassemblies = 32}};
      UmEntity a(config), b(config);
      test::Channel channel(static_cast<std::uint32_t>(size), loss, 8);
      std::mt19937 random(3);
      std::set<std::uint32_t> received;
      std::uint32_t pushed = 0;
      constexpr std::uint32_t kCount = 3000;
      for (std::int64_t ms = 0; ms < 60'000; ++ms) {
        b.tick(Time(ms));
        if (pushed < kCount && a.push(numbered_sdu(pushed, 4 + (pushed * 131U) % 1500))) ++pushed;
        Bytes grant(1 + random() % 2500);
        const std::size_t written = a.pull(grant);
        if (written > 0) channel.send(std::span(grant).first(written), ms);
        channel.run(ms, [&](const Bytes& pdu) {
          const auto sdu = b.receive(pdu, Time(ms));
          if (sdu.empty()) return;
          const std::uint32_t number = number_of(sdu);
          REQUIRE(Bytes(sdu.begin(), sdu.end()) == numbered_sdu(number, 4 + (number * 131U) % 1500));
          CHECK(received.insert(number).second);
        });
      }
      CHECK(a.buffer_octets() == 0);
      CHECK(b.rx().malformed == 0);
      if (loss == 0.0) {
        CHECK(received.size() == kCount);
        CHECK(b.rx().sdus_lost == 0);
      } else {
        CHECK(received.size() > kCount / 2);
        CHECK(received.size() < kCount);
        CHECK(b.rx().sdus_lost > 0);
      }
    }
  }
}

TEST_CASE("UM: a whole SDU has one octet of header and no number, segments share one [TS 38.322 §5.2.2.1]")
{
  UmEntity a({.sn_size = SnSize::bits12, .capacity = kSrbCapacity});
  REQUIRE(a.push(Bytes{1, 2, 3}));
  REQUIRE(a.push(Bytes(10, 7)));
  Bytes pdu(8);
  CHECK(a.pull(pdu) == 4);
  CHECK(pdu[0] == 0x00);
  CHECK(a.pull(pdu) == 8);
  CHECK(pdu[0] == 0x40);
  CHECK(a.pull(std::span(pdu).first(4)) == 0);
  CHECK(a.pull(pdu) == 8);
  CHECK(pdu[0] == 0x80);
  CHECK(pdu[3] == 6);
  CHECK(a.buffer_octets() == 0);
}

TEST_CASE("UM: a lost segment is given up after t-Reassembly, and the number is free again after a wrap [TS 38.322 §5.2.2.2.4]")
{
  UmEntity b({.sn_size = SnSize::bits6, .t_reassembly = Time(20), .capacity = kSrbCapacity});
  const Bytes first{0x41, 1, 2}, other_first{0x42, 5, 6}, other_last{0x82, 0, 2, 7}, late{0x81, 0, 2, 3};
  CHECK(b.receive(first, Time(0)).empty());
  CHECK(b.receive(other_first, Time(0)).empty());
  CHECK(b.receive(other_last, Time(0)).size() == 3);
  b.tick(Time(19));
  CHECK(b.rx().sdus_lost == 0);
  b.tick(Time(20));
  CHECK(b.receive(late, Time(21)).empty());
  CHECK(b.rx().dropped == 1);
  for (unsigned round = 0; round < 130; ++round) {  // the window goes round twice
    const auto sn = static_cast<std::uint8_t>((3 + round) % 64);
    const Bytes head{static_cast<std::uint8_t>(0x40 | sn), 1, 2}, tail{static_cast<std::uint8_t>(0x80 | sn), 0, 2, 3};
    CHECK(b.receive(head, Time(100 + round)).empty());
    CHECK(b.receive(tail, Time(100 + round)).size() == 3);
  }
}

TEST_CASE("UM: discarding, a full queue, re-establishment, and noise")
{
  UmEntity a({.sn_size = SnSize::bits12, .capacity = {.queue_sdus = 3, .queue_octets = 1000, .max_sdu_octets = 300, .num_reassemblies = 2}});
  REQUIRE(a.push(Bytes(10), 1));
  REQUIRE(a.push(Bytes(10), 2));
  REQUIRE(a.push(Bytes(10), 3));
  CHECK_FALSE(a.push(Bytes(10), 4));
  CHECK(a.discard(2));
  CHECK_FALSE(a.discard(2));
  CHECK(a.buffer_octets() == 20);
  a.reestablish();
  CHECK(a.buffer_octets() == 0);
  std::mt19937 random(6);
  for (std::int64_t ms = 0; ms < 30'000; ++ms) {
    Bytes noise(random() % 30);
    for (auto& octet : noise) octet = static_cast<std::uint8_t>(random());
    (void)a.receive(noise, Time(ms));
    a.tick(Time(ms));
  }
  CHECK(a.rx().pdus == 30'000);
}

}  // namespace ravi::rlc
