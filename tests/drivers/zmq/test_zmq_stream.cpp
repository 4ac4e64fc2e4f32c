#include "drivers/zmq/zmq_radio.h"

#include "radio/realtime.h"
#include "tests/drivers/zmq/zmq_pair.h"
#include "tests/realtime_guard.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <thread>

using namespace ravi;
using namespace ravi::testing;

TEST_CASE("ZMQ: two nodes exchange samples, each at the time it was sent for")
{
  for (const Transport transport : {Transport::tcp, Transport::ipc}) {
    for (const std::int64_t lead : {1, 4}) {
      CAPTURE(lead);
      Pair pair = open_pair(transport);
      REQUIRE(pair.a->start(SampleTime(0)).has_value());
      REQUIRE(pair.b->start(SampleTime(0)).has_value());
      Node a(*pair.a, 40, lead);
      Node b(*pair.b, 40, lead);
      a.wait();
      b.wait();
      for (const Node* node : {&a, &b}) {
        REQUIRE(node->blocks.size() == 40);
        CHECK(node->num_late == 0);
        for (std::size_t i = 0; i < 40; ++i) {
          CHECK(node->blocks[i].result.time == SampleTime(static_cast<std::int64_t>(i) * kSlot));
          CHECK(node->blocks[i].result.lost == SampleCount(0));
          CHECK(is_in_place(node->blocks[i], 0, lead * kSlot));
        }
      }
      CHECK(pair.a->counters().rx_samples == 40 * kSlot);
      CHECK(pair.a->counters().tx_samples == 40 * kSlot);
      CHECK(pair.a->counters().reconnects == 0);
    }
  }
}

TEST_CASE("ZMQ: block lengths of both ends need have nothing in common, and times may begin anywhere")
{
  Pair pair = open_pair(Transport::ipc);
  REQUIRE(pair.a->start(SampleTime(1'000'000)).has_value());
  REQUIRE(pair.b->start(SampleTime(-77)).has_value());
  Node a(*pair.a, 60, 8, 1013);
  Node b(*pair.b, 3, 4, 20'001);
  b.wait();
  a.wait();
  REQUIRE(a.blocks.size() == 60);
  REQUIRE(b.blocks.size() == 3);
  CHECK(b.blocks[0].result.time == SampleTime(-77));
  const std::int64_t offset = 1'000'077;  // a's time less b's
  for (const auto& block : a.blocks) {
    for (std::size_t i = 0; i < block.samples.size(); ++i) {
      const std::int64_t time_at_b = block.result.time.value() - offset + static_cast<std::int64_t>(i);
      CHECK(block.samples[i] == (time_at_b < -77 + 4 * 20'001 ? Cf32{} : numbered(time_at_b)));
    }
  }
  for (const auto& block : b.blocks) CHECK(is_in_place(block, offset, 1'000'000 + 8 * 1013));
}

TEST_CASE("ZMQ: several ports stay in step and do not mix")
{
  Pair pair = open_pair(Transport::tcp, 3);
  REQUIRE(pair.a->start(SampleTime(0)).has_value());
  REQUIRE(pair.b->start(SampleTime(0)).has_value());
  Node b(*pair.b, 12);
  IqBuffer out(3, kSlot);
  for (std::int64_t slot = 0; slot < 12; ++slot) {
    REQUIRE(receive_patiently(*pair.a, out.span()).status == RxStatus::ok);
    for (std::size_t port = 0; port < 3; ++port) {
      for (const std::int64_t i : {std::int64_t{0}, kSlot / 2, kSlot - 1}) {
        const Cf32 expected = slot < 4 ? Cf32{} : numbered(slot * kSlot + i, static_cast<std::int64_t>(port));
        CHECK(out.channel(port)[static_cast<std::size_t>(i)] == expected);
      }
    }
  }
}

TEST_CASE("ZMQ: whoever starts first waits for the other, in any order")
{
  for (const bool a_is_first : {true, false}) {
    Pair pair = open_pair(Transport::tcp);
    Radio& first = a_is_first ? *pair.a : *pair.b;
    Radio& second = a_is_first ? *pair.b : *pair.a;
    REQUIRE(first.start(SampleTime(0)).has_value());
    Node early(first, 10);
    CHECK(first.peer() == Peer::absent);
    std::this_thread::sleep_for(std::chrono::milliseconds(120));
    CHECK(early.num_received == 0);
    REQUIRE(second.start(SampleTime(0)).has_value());
    Node late(second, 10);
    early.wait();
    late.wait();
    REQUIRE(early.blocks.size() == 10);
    REQUIRE(late.blocks.size() == 10);
    CHECK(early.blocks[0].result.time == SampleTime(0));
    CHECK(is_in_place(early.blocks[9], 0, 4 * kSlot));
    CHECK(is_in_place(late.blocks[9], 0, 4 * kSlot));
    CHECK(first.peer() == Peer::present);
  }
}

TEST_CASE("ZMQ: gaps between blocks go out as zeros, late blocks are dropped whole and counted")
{
  Pair pair = open_pair(Transport::ipc);
  REQUIRE(pair.a->start(SampleTime(0)).has_value());
  REQUIRE(pair.b->start(SampleTime(0)).has_value());
  // a sends random blocks at random times, some of them in the past; b hears them and nothing else.
  std::mt19937 random(7);
  std::vector<Cf32> expected(60'000);
  std::uint64_t num_late = 0;
  IqBuffer heard(1, expected.size());
  std::thread b([&] { CHECK(receive_patiently(*pair.b, heard.span()).status == RxStatus::ok); });
  IqBuffer first(1, 100);
  // b's own rule A provides the first zeros; a has then sent nothing but zeros up to 100.
  REQUIRE(receive_patiently(*pair.a, first.span()).status == RxStatus::ok);
  std::int64_t sent = 100;
  IqBuffer block(1, 3000);
  while (sent < 60'000) {
    const auto length = static_cast<std::size_t>(1 + random() % 3000);
    const std::int64_t at = sent - 500 + static_cast<std::int64_t>(random() % 2000);
    fill_numbered(block.channel().first(length), at);
    const TxResult result = pair.a->transmit(block.span().first(length), SampleTime(at), Burst::goes_on);
    if (at < sent) {
      CHECK(result.status == TxStatus::late);
      ++num_late;
      continue;
    }
    REQUIRE(result.status == TxStatus::ok);
    for (std::int64_t i = at; i < std::min<std::int64_t>(at + static_cast<std::int64_t>(length), 60'000); ++i) {
      expected[static_cast<std::size_t>(i)] = numbered(i);
    }
    sent = at + static_cast<std::int64_t>(length);
  }
  b.join();
  CHECK(std::equal(expected.begin(), expected.end(), heard.channel().begin()));
  CHECK(num_late > 3);
  CHECK(pair.a->counters().lates == num_late);
}

TEST_CASE("ZMQ: what was not transmitted in time goes out as zeros, so that neither end waits for ever (rule A)")
{
  Pair pair = open_pair(Transport::ipc);
  REQUIRE(pair.a->start(SampleTime(0)).has_value());
  REQUIRE(pair.b->start(SampleTime(0)).has_value());
  std::thread b([&] {
    IqBuffer out(1, kSlot);
    for (int i = 0; i < 5; ++i) CHECK(receive_patiently(*pair.b, out.span()).status == RxStatus::ok);
    CHECK(std::all_of(out.channel().begin(), out.channel().end(), [](Cf32 s) { return s == Cf32{}; }));
  });
  IqBuffer out(1, kSlot);
  for (int i = 0; i < 5; ++i) REQUIRE(receive_patiently(*pair.a, out.span()).status == RxStatus::ok);
  fill_numbered(out.channel(), 0);
  CHECK(pair.a->transmit(out.span(), SampleTime(5 * kSlot - 1), Burst::goes_on).status == TxStatus::late);
  CHECK(pair.a->transmit(out.span(), SampleTime(5 * kSlot), Burst::goes_on).status == TxStatus::ok);
  b.join();
}

TEST_CASE("ZMQ: a transmitter that nobody drains is told so within its time-out and loses that block only")
{
  ZmqConfig small;
  small.ring_samples = 4096;
  Pair pair = open_pair(Transport::ipc, 1, small);
  REQUIRE(pair.a->start(SampleTime(0)).has_value());
  REQUIRE(pair.b->start(SampleTime(0)).has_value());
  IqBuffer block(1, 2048);
  IqBuffer out(1, 1);
  std::thread b([&] { REQUIRE(receive_patiently(*pair.b, out.span()).status == RxStatus::ok); });
  IqBuffer first(1, 1);
  REQUIRE(receive_patiently(*pair.a, first.span()).status == RxStatus::ok);
  b.join();
  int num_taken = 0;
  TxResult result{.status = TxStatus::ok};
  for (; num_taken < 100 && result.status == TxStatus::ok; ++num_taken) {
    fill_numbered(block.channel(), 1 + 2048 * num_taken);
    result = pair.a->transmit(block.span(), SampleTime(1 + 2048 * num_taken), Burst::goes_on);
  }
  CHECK(result.status == TxStatus::timeout);
  CHECK(num_taken < 20);
  // All that was taken arrives.
  const auto taken = static_cast<std::size_t>(2048 * (num_taken - 1));
  IqBuffer rest(1, 1024);
  for (std::size_t done = 0; done + 1024 <= taken; done += 1024) {
    const RxResult received = receive_patiently(*pair.b, rest.span());
    REQUIRE(received.status == RxStatus::ok);
    CHECK(rest.channel()[0] == numbered(received.time.value()));
    CHECK(rest.channel()[1023] == numbered(received.time.value() + 1023));
  }
  CHECK(pair.a->transmit(IqBuffer(1, 5000).span(), SampleTime(1 << 20), Burst::goes_on).status == TxStatus::failed);
}

TEST_CASE("ZMQ: receive and transmit neither allocate nor lock")
{
  Pair pair = open_pair(Transport::tcp);
  REQUIRE(pair.a->start(SampleTime(0)).has_value());
  REQUIRE(pair.b->start(SampleTime(0)).has_value());
  Node b(*pair.b, 50);
  IqBuffer rx(1, kSlot);
  IqBuffer tx(1, kSlot);
  fill_numbered(tx.channel(), 0);
  reset_realtime_violations();
  int num_received = 0;
  for (int attempts = 0; num_received < 50 && attempts < 200; ++attempts) {
    const RealtimeScope scope;
    const RxResult result = pair.a->receive(rx.span());
    if (result.status != RxStatus::ok) continue;
    ++num_received;
    static_cast<void>(pair.a->transmit(tx.span(), result.time + SampleCount(4 * kSlot), Burst::goes_on));
    static_cast<void>(pair.a->transmit(tx.span(), result.time, Burst::goes_on));
  }
  CHECK(num_received == 50);
  const RealtimeViolations violations = realtime_violations();
  CHECK(violations.allocations == 0);
  CHECK(violations.frees == 0);
  CHECK(violations.locks == 0);
  CHECK(pair.a->counters().lates == 50);
}

TEST_CASE("ZMQ: one thread receives while another transmits")
{
  Pair pair = open_pair(Transport::ipc);
  REQUIRE(pair.a->start(SampleTime(0)).has_value());
  REQUIRE(pair.b->start(SampleTime(0)).has_value());
  constexpr std::size_t kBlocks = 200;
  Node b(*pair.b, kBlocks, 4, 1000);
  std::atomic<std::int64_t> received{0};
  std::atomic<bool> is_done{false};
  std::thread transmitter([&] {
    IqBuffer tx(1, 1000);
    for (std::int64_t at = 4000; !is_done;) {
      if (at > received + 8000) {
        std::this_thread::yield();
        continue;
      }
      fill_numbered(tx.channel(), at);
      if (pair.a->transmit(tx.span(), SampleTime(at), Burst::goes_on).status != TxStatus::timeout) at += 1000;
    }
  });
  IqBuffer rx(1, 1000);
  for (std::size_t i = 0; i < kBlocks; ++i) {
    const RxResult result = receive_patiently(*pair.a, rx.span());
    REQUIRE(result.status == RxStatus::ok);
    received = result.time.value();
  }
  b.wait();
  is_done = true;
  transmitter.join();
  REQUIRE(b.blocks.size() == kBlocks);
  for (const auto& block : b.blocks) {
    // Zeros where the transmitter was late: whole blocks.
    const bool is_zero = block.samples[0] == Cf32{};
    CHECK((is_zero ? is_in_place(block, 0, std::numeric_limits<std::int64_t>::max()) : is_in_place(block, 0, 0)));
  }
}

TEST_CASE("ZMQ: sc16 between Ravi nodes: half the bytes, gain applied, clipping counted")
{
  ZmqConfig config;
  config.format = ZmqFormat::sc16;
  Pair pair = open_pair(Transport::ipc, 1, config);
  REQUIRE(pair.a->set_gain(Direction::transmit, 0, Decibel(6.0206)).value() == Decibel(6.0206));
  REQUIRE(pair.b->set_gain(Direction::receive, 0, Decibel(-20.0)).has_value());
  REQUIRE(pair.a->start(SampleTime(0)).has_value());
  REQUIRE(pair.b->start(SampleTime(0)).has_value());
  IqBuffer rx(1, 100);
  IqBuffer tx(1, 100);
  for (auto& sample : tx.channel()) sample = {0.25F, -0.75F};  // times 2: 0.5 and -1.5, which clips to -1
  std::thread b([&] {
    IqBuffer out(1, 200);
    REQUIRE(receive_patiently(*pair.b, out.span()).status == RxStatus::ok);
    CHECK(out.channel()[99] == Cf32{});
    CHECK(out.channel()[100].real() == doctest::Approx(0.05).epsilon(0.001));
    CHECK(out.channel()[199].imag() == doctest::Approx(-0.1).epsilon(0.001));
  });
  REQUIRE(receive_patiently(*pair.a, rx.span()).status == RxStatus::ok);
  REQUIRE(pair.a->transmit(tx.span(), SampleTime(100), Burst::goes_on).status == TxStatus::ok);
  b.join();
  CHECK(pair.a->counters().saturated == 100);
}

TEST_CASE("ZMQ: a transmitter without receive ports begins with its first block, and stop sends what is queued")
{
  ZmqConfig tx_config;
  tx_config.tx = {free_ipc()};
  ZmqConfig rx_config;
  rx_config.rx = tx_config.tx;
  auto sender = open_or_fail(tx_config);
  auto receiver = open_or_fail(rx_config);
  REQUIRE(sender->start(SampleTime(0)).has_value());
  REQUIRE(receiver->start(SampleTime(0)).has_value());
  std::vector<Cf32> heard;
  std::thread listener([&] {
    IqBuffer out(1, 1000);
    while (heard.size() < 20'000 && receive_patiently(*receiver, out.span(), 5).status == RxStatus::ok) {
      heard.insert(heard.end(), out.channel().begin(), out.channel().end());
    }
  });
  IqBuffer block(1, 1000);
  for (std::int64_t at = 5000; at < 25'000; at += 1000) {
    fill_numbered(block.channel(), at);
    REQUIRE(sender->transmit(block.span(), SampleTime(at), Burst::goes_on).status == TxStatus::ok);
  }
  sender->stop();
  listener.join();
  REQUIRE(heard.size() == 20'000);
  CHECK(heard.front() == numbered(5000));
  CHECK(heard.back() == numbered(24'999));
}
