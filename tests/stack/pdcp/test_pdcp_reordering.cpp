#include "stack/pdcp/pdcp_pdu.h"
#include "stack/pdcp/receiver.h"
#include "stack/pdcp/transmitter.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <vector>

namespace ravi::pdcp {
namespace {

using Bytes = std::vector<std::uint8_t>;
using security::Direction;

Bytes bytes_of(std::span<const std::uint8_t> s) { return {s.begin(), s.end()}; }

std::uint32_t drain(Receiver& rx, std::vector<std::uint32_t>& counts)
{
  std::uint32_t n = 0;
  for (; const auto sdu = rx.next(); ++n) counts.push_back(sdu->count);
  return n;
}

}  // namespace

TEST_CASE("PDCP: COUNT is recovered anywhere within half the numbers of RX_DELIV, across wraps [TS 38.323 §5.2.2.1]")
{
  std::mt19937_64 random(1);
  for (const SnSize size : {SnSize::bits12, SnSize::bits18}) {
    const std::int64_t window = window_size(size);
    for (int i = 0; i < 100'000; ++i) {
      const auto deliv = static_cast<std::uint32_t>(random());
      const std::int64_t count = static_cast<std::int64_t>(deliv) + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(2 * window)) - window;
      const auto sn = static_cast<std::uint32_t>(count) & sn_mask(size);
      const auto received = received_count(size, sn, deliv);
      if (count < 0 || count > 0xFFFFFFFFLL) {
        CHECK_FALSE(received.has_value());
      } else {
        CHECK(received == static_cast<std::uint32_t>(count));
      }
    }
  }
}

TEST_CASE("PDCP: SDUs come out in order through reordering and duplication, whole without loss, over the wrap of the SN")
{
  for (const SnSize size : {SnSize::bits12, SnSize::bits18}) {
    for (const double loss : {0.0, 0.05}) {
      const Config config{.bearer = Bearer::drb_am, .sn_size = size, .t_reordering = Time(400), .max_sdu_octets = 64, .num_stored = 1024};
      Transmitter tx(config, Direction::downlink);
      Receiver rx(config, Direction::downlink);
      const std::uint32_t start = sn_mask(size) * 3 - 1000;
      tx.set_tx_next(start);
      rx.set_rx_next(start);
      std::mt19937 random(3);
      std::deque<Bytes> in_flight;
      std::vector<std::uint32_t> counts;
      std::vector<std::uint32_t> lost;
      constexpr std::uint32_t kCount = 5000;
      for (std::int64_t ms = 0; ms < kCount + 1000; ++ms) {
        if (ms < kCount) {
          const auto pdu = tx.send(Bytes{static_cast<std::uint8_t>(ms)}, Time(ms));
          if (std::uniform_real_distribution<double>()(random) < loss) {
            lost.push_back(pdu->count);
          } else {
            in_flight.push_back(bytes_of(pdu->octets));
          }
        }
        while (!in_flight.empty() && (in_flight.size() > 20 || ms >= kCount)) {
          const auto which = static_cast<std::ptrdiff_t>(random() % in_flight.size());
          (void)rx.receive(in_flight[static_cast<std::size_t>(which)], Time(ms));
          drain(rx, counts);
          if (random() % 10 != 0) in_flight.erase(in_flight.begin() + which);  // else it comes again
        }
        rx.tick(Time(ms));
        drain(rx, counts);
      }
      CHECK(std::is_sorted(counts.begin(), counts.end()));
      CHECK(std::adjacent_find(counts.begin(), counts.end()) == counts.end());
      CHECK(rx.counters().duplicates > 100);
      CHECK(rx.counters().store_overflows == 0);
      for (const std::uint32_t count : lost) CHECK_FALSE(std::binary_search(counts.begin(), counts.end(), count));
      CHECK(counts.size() + lost.size() == kCount);
      CHECK(counts.back() == start + kCount - 1);
    }
  }
}

TEST_CASE("PDCP: a hole is waited for until t-Reordering, then passed; what comes late is a duplicate [TS 38.323 §5.2.2.2]")
{
  const Config config{.bearer = Bearer::drb_um, .t_reordering = Time(20), .max_sdu_octets = 64, .num_stored = 8};
  Transmitter tx(config, Direction::downlink);
  Receiver rx(config, Direction::downlink);
  std::vector<Bytes> pdus;
  for (std::uint8_t i = 0; i < 6; ++i) pdus.push_back(bytes_of(tx.send(Bytes{i}, Time(0))->octets));
  std::vector<std::uint32_t> counts;
  for (const std::size_t i : {0U, 2U, 3U, 5U}) {
    (void)rx.receive(pdus[i], Time(static_cast<std::int64_t>(i)));
    drain(rx, counts);
  }
  CHECK(counts == std::vector<std::uint32_t>{0});
  rx.tick(Time(21));
  CHECK(drain(rx, counts) == 0);
  rx.tick(Time(22));  // the hole at 1 was seen at 2 ms, when RX_NEXT was 3
  CHECK(drain(rx, counts) == 2);
  CHECK(rx.receive(pdus[1], Time(23)) == RxVerdict::duplicate);
  rx.tick(Time(42));  // the hole at 4
  CHECK(drain(rx, counts) == 1);
  CHECK(counts == std::vector<std::uint32_t>{0, 2, 3, 5});
}

TEST_CASE("PDCP: when the store is full the first hole is given up, and memory does not run out")
{
  const Config config{.bearer = Bearer::drb_am, .t_reordering = std::nullopt, .max_sdu_octets = 64, .num_stored = 8};
  Transmitter tx(config, Direction::downlink);
  Receiver rx(config, Direction::downlink);
  std::vector<std::uint32_t> counts;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const auto pdu = tx.send(Bytes{1, 2}, Time(0));
    if (i % 20 == 5) continue;
    CHECK(rx.receive(pdu->octets, Time(0)) == RxVerdict::accepted);
    drain(rx, counts);
  }
  CHECK(counts.size() == 950);
  CHECK(std::is_sorted(counts.begin(), counts.end()));
  CHECK(rx.counters().store_overflows == 50);
}

TEST_CASE("PDCP: flushing hands out what waits behind a hole; re-establishment forgets it")
{
  const Config config{.bearer = Bearer::drb_um, .max_sdu_octets = 64, .num_stored = 8};
  Transmitter tx(config, Direction::downlink);
  Receiver rx(config, Direction::downlink);
  (void)tx.send(Bytes{0}, Time(0));
  CHECK(rx.receive(tx.send(Bytes{1}, Time(0))->octets, Time(0)) == RxVerdict::accepted);
  std::vector<std::uint32_t> counts;
  CHECK(drain(rx, counts) == 0);
  rx.flush();
  CHECK(drain(rx, counts) == 1);
  CHECK(rx.receive(tx.send(Bytes{1}, Time(0))->octets, Time(0)) == RxVerdict::accepted);
  rx.reestablish();
  CHECK(drain(rx, counts) == 0);
  CHECK(rx.rx_deliv() == 0);
}

}  // namespace ravi::pdcp
