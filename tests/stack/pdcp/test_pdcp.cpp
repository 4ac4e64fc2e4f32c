#include "stack/pdcp/pdcp_pdu.h"
#include "stack/pdcp/receiver.h"
#include "stack/pdcp/transmitter.h"

#include "radio/realtime.h"
#include "tests/realtime_guard.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

namespace ravi::pdcp {
namespace {

using Bytes = std::vector<std::uint8_t>;
using security::CipheringAlgorithm;
using security::Direction;
using security::IntegrityAlgorithm;
using security::Key128;

Key128 key_of(std::uint8_t seed)
{
  Key128 key;
  for (auto& octet : key.writable()) octet = seed = static_cast<std::uint8_t>(seed * 5 + 17);
  return key;
}

Bytes bytes_of(std::span<const std::uint8_t> s) { return {s.begin(), s.end()}; }

Bytes random_bytes(std::mt19937& random, std::size_t size)
{
  Bytes out(size);
  for (auto& octet : out) octet = static_cast<std::uint8_t>(random());
  return out;
}

template <class End>
void activate(End& end, unsigned algorithm)
{
  end.activate_integrity(static_cast<IntegrityAlgorithm>(algorithm), key_of(1));
  end.activate_ciphering(static_cast<CipheringAlgorithm>(algorithm), key_of(2));
}

}  // namespace

TEST_CASE("PDCP: the layouts of TS 38.323 §6.2.2, before security is activated")
{
  Transmitter srb(srb_config(1), Direction::downlink);
  const Bytes sdu{0xAA, 0xBB};
  CHECK(bytes_of(srb.send(sdu, Time(0))->octets) == Bytes{0x00, 0x00, 0xAA, 0xBB, 0, 0, 0, 0});
  CHECK(bytes_of(srb.send(sdu, Time(0))->octets) == Bytes{0x00, 0x01, 0xAA, 0xBB, 0, 0, 0, 0});
  Transmitter twelve({.bearer = Bearer::drb_am, .sn_size = SnSize::bits12}, Direction::downlink);
  twelve.set_tx_next(0xABC);
  CHECK(bytes_of(twelve.send(sdu, Time(0))->octets) == Bytes{0x8A, 0xBC, 0xAA, 0xBB});
  Transmitter eighteen({.bearer = Bearer::drb_am, .sn_size = SnSize::bits18}, Direction::downlink);
  eighteen.set_tx_next(0xF2ABCD);
  CHECK(bytes_of(eighteen.send(sdu, Time(0))->octets) == Bytes{0x82, 0xAB, 0xCD, 0xAA, 0xBB});
}

TEST_CASE("PDCP: every algorithm, bearer and number size delivers what was sent, and the cipher hides it")
{
  std::mt19937 random(1);
  for (unsigned algorithm = 0; algorithm <= 3; ++algorithm) {
    for (const SnSize size : {SnSize::bits12, SnSize::bits18}) {
      for (const Bearer bearer : {Bearer::srb, Bearer::drb_um, Bearer::drb_am}) {
        const Config config{.bearer = bearer,
                            .identity = static_cast<std::uint8_t>(1 + random() % 32),
                            .sn_size = size,
                            .has_integrity = random() % 2 == 0,
                            .sdap_header_octets = static_cast<std::uint8_t>(random() % 2),
                            .num_stored = 4};
        Transmitter tx(config, Direction::uplink);
        Receiver rx(config, Direction::uplink);
        activate(tx, algorithm);
        activate(rx, algorithm);
        for (int i = 0; i < 50; ++i) {
          const Bytes sdu = random_bytes(random, 1 + random() % 1500);
          const auto pdu = tx.send(sdu, Time(0));
          REQUIRE(pdu.has_value());
          const auto body = pdu->octets.subspan(header_octets(size), sdu.size());
          if (algorithm != 0 && sdu.size() > 8) CHECK(bytes_of(body) != sdu);
          if (config.sdap_header_octets == 1) CHECK(body[0] == sdu[0]);
          CHECK(rx.receive(pdu->octets, Time(0)) == RxVerdict::accepted);
          const auto out = rx.next();
          REQUIRE(out.has_value());
          CHECK(bytes_of(out->octets) == sdu);
          CHECK(out->is_integrity_verified == config.has_mac_i());
          CHECK_FALSE(rx.next().has_value());
        }
      }
    }
  }
}

TEST_CASE("PDCP: replays, changed octets and the wrong direction, bearer or key are dropped and counted")
{
  std::mt19937 random(2);
  Transmitter tx(srb_config(1), Direction::uplink);
  Receiver rx(srb_config(1), Direction::uplink);
  activate(tx, 2);
  activate(rx, 2);
  const Bytes first = bytes_of(tx.send(random_bytes(random, 40), Time(0))->octets);
  CHECK(rx.receive(first, Time(0)) == RxVerdict::accepted);
  CHECK(rx.next().has_value());
  CHECK(rx.receive(first, Time(0)) == RxVerdict::duplicate);
  CHECK_FALSE(rx.next().has_value());

  const Bytes second = bytes_of(tx.send(random_bytes(random, 40), Time(0))->octets);
  for (std::size_t i = 0; i < second.size(); ++i) {
    Bytes changed = second;
    changed[i] ^= 0x08;
    const RxVerdict verdict = rx.receive(changed, Time(0));
    CHECK(verdict == (i == 0 ? RxVerdict::malformed : RxVerdict::integrity_failure));  // i == 0: a COUNT before 0
    CHECK_FALSE(rx.next().has_value());
  }
  CHECK(rx.counters().integrity_failures == second.size() - 1);
  Receiver other_direction(srb_config(1), Direction::downlink), other_bearer(srb_config(2), Direction::uplink);
  activate(other_direction, 2);
  activate(other_bearer, 2);
  CHECK(other_direction.receive(second, Time(0)) == RxVerdict::integrity_failure);
  CHECK(other_bearer.receive(second, Time(0)) == RxVerdict::integrity_failure);
  CHECK(rx.receive(second, Time(0)) == RxVerdict::accepted);
  CHECK(rx.next().has_value());
  CHECK(rx.counters().duplicates == 1);
}

TEST_CASE("PDCP: a SecurityModeCommand is read first and verified after its content named the algorithm [TS 38.331 §5.3.4.3]")
{
  Transmitter gnb(srb_config(1), Direction::downlink);
  Receiver ue(srb_config(1), Direction::downlink);
  CHECK_FALSE(ue.verify_last());
  const auto before = gnb.send(Bytes{1}, Time(0));
  CHECK(ue.receive(before->octets, Time(0)) == RxVerdict::accepted);
  CHECK_FALSE(ue.next()->is_integrity_verified);
  gnb.activate_integrity(IntegrityAlgorithm::nia2, key_of(1));
  const Bytes command = bytes_of(gnb.send(Bytes{0x20, 0x10}, Time(0))->octets);
  CHECK(ue.receive(command, Time(0)) == RxVerdict::accepted);
  const auto sdu = ue.next();
  REQUIRE(sdu.has_value());
  CHECK_FALSE(sdu->is_integrity_verified);
  ue.activate_integrity(IntegrityAlgorithm::nia2, key_of(1));
  CHECK(ue.verify_last());
  ue.activate_integrity(IntegrityAlgorithm::nia2, key_of(3));
  CHECK_FALSE(ue.verify_last());
  CHECK(ue.counters().integrity_failures == 1);
}

TEST_CASE("PDCP: discardTimer names each SDU once, in order [TS 38.323 §5.2.1, §5.3]")
{
  Transmitter tx({.bearer = Bearer::drb_um, .discard_timer = Time(10)}, Direction::downlink);
  for (std::int64_t ms = 0; ms < 5; ++ms) CHECK(tx.send(Bytes{1}, Time(ms))->count == static_cast<std::uint32_t>(ms));
  CHECK_FALSE(tx.next_expired(Time(9)).has_value());
  CHECK(tx.next_expired(Time(11)) == 0);
  CHECK(tx.next_expired(Time(11)) == 1);
  CHECK_FALSE(tx.next_expired(Time(11)).has_value());
  for (int i = 0; i < 10'000; ++i) CHECK(tx.send(Bytes{1}, Time(20)).has_value());
  CHECK(tx.next_expired(Time(100)) == 10'005 - 4096);  // the ring keeps the newest
}

TEST_CASE("PDCP: the last COUNT is never used, and an SRB counts from 0 after re-establishment")
{
  Transmitter tx(srb_config(1), Direction::downlink);
  tx.set_tx_next(0xFFFFFFFE);
  CHECK(tx.send(Bytes{1}, Time(0))->count == 0xFFFFFFFE);
  CHECK_FALSE(tx.send(Bytes{1}, Time(0)).has_value());
  CHECK(tx.counters().refused == 1);
  tx.reestablish();
  CHECK(tx.send(Bytes{1}, Time(0))->count == 0);
  CHECK_FALSE(tx.send({}, Time(0)).has_value());
  CHECK_FALSE(tx.send(Bytes(9001), Time(0)).has_value());
  Transmitter am({.bearer = Bearer::drb_am}, Direction::downlink);
  am.set_tx_next(5);
  am.reestablish();
  CHECK(am.tx_next() == 5);
}

TEST_CASE("PDCP: control PDUs are counted and ignored; truncations and noise do no harm")
{
  std::mt19937 random(5);
  for (const Bearer bearer : {Bearer::srb, Bearer::drb_am}) {
    for (const SnSize size : {SnSize::bits12, SnSize::bits18}) {
      Receiver rx({.bearer = bearer, .sn_size = size, .has_integrity = true, .max_sdu_octets = 100, .num_stored = 8}, Direction::uplink);
      std::uint64_t delivered = 0;
      for (std::int64_t ms = 0; ms < 20'000; ++ms) {
        (void)rx.receive(random_bytes(random, random() % 120), Time(ms));
        while (rx.next()) ++delivered;
        rx.tick(Time(ms));
        while (rx.next()) ++delivered;
      }
      const auto& c = rx.counters();
      CHECK(c.sdus == delivered);
      CHECK(c.malformed > 0);
      CHECK((bearer == Bearer::srb) == (c.control == 0));
    }
  }
}

TEST_CASE("PDCP: sending and receiving allocate nothing and lock nothing")
{
  const Config config{.bearer = Bearer::drb_am, .sn_size = SnSize::bits18, .has_integrity = true, .discard_timer = Time(50), .num_stored = 16};
  Transmitter tx(config, Direction::downlink);
  Receiver rx(config, Direction::downlink);
  activate(tx, 2);
  activate(rx, 2);
  const Bytes sdu(1400, 9);
  std::uint64_t delivered = 0;
  testing::reset_realtime_violations();
  {
    const RealtimeScope scope;
    for (std::int64_t ms = 0; ms < 300; ++ms) {
      const auto pdu = tx.send(sdu, Time(ms));
      if (ms % 10 != 3) (void)rx.receive(pdu->octets, Time(ms));
      rx.tick(Time(ms));
      while (rx.next()) ++delivered;
      while (tx.next_expired(Time(ms))) {
      }
    }
  }
  CHECK(testing::realtime_violations().allocations == 0);
  CHECK(testing::realtime_violations().frees == 0);
  CHECK(testing::realtime_violations().locks == 0);
  CHECK(delivered > 200);
}

TEST_CASE("PDCP: a PDU that finds no room below gives its COUNT and its deadline to the next")
{
  Transmitter tx({.bearer = Bearer::drb_um, .discard_timer = Time(10)}, Direction::downlink);
  REQUIRE(tx.send(Bytes{1}, Time(0)));
  REQUIRE(tx.send(Bytes{2}, Time(1)));
  tx.take_back();
  CHECK(tx.counters().refused == 1);
  CHECK(tx.send(Bytes{3}, Time(5))->count == 1);
  CHECK(tx.next_expired(Time(14)) == 0);
  CHECK_FALSE(tx.next_expired(Time(14)));
  CHECK(tx.next_expired(Time(15)) == 1);
}

}  // namespace ravi::pdcp
