#include "radio/slot_loop.h"

#include "radio/realtime.h"
#include "tests/radio/scripted_radio.h"
#include "tests/realtime_guard.h"

#include <doctest/doctest.h>

#include <mutex>
#include <vector>

using namespace ravi;
using ravi::testing::ScriptedRadio;

namespace {

constexpr SampleCount kSlot(100);

/// Keeps what it was given and sends the slot's index; silent where asked to be.
struct RecordingEngine {
  struct Seen {
    std::int64_t index;
    SampleTime time;
    Cf32 first;
    Cf32 last;
    bool is_after_gap;
  };
  std::vector<Seen> seen;
  std::vector<std::int64_t> silent;

  RecordingEngine() { seen.reserve(1000); }

  SlotOutput operator()(const RxSlot& in, TxSlot& out) noexcept
  {
    seen.push_back({in.index, in.time, in.samples.channel(0).front(), in.samples.channel(0).back(), in.is_after_gap});
    for (Cf32& sample : out.samples.channel(0)) sample = Cf32(static_cast<float>(out.index), 0.0F);
    for (const std::int64_t index : silent) {
      if (index == out.index) return SlotOutput::silence;
    }
    return SlotOutput::samples;
  }
};

SlotStep run_all(SlotLoop& loop, RecordingEngine& engine)
{
  const std::atomic<bool> stop{false};
  return loop.run(engine, stop);
}

}  // namespace

TEST_CASE("slot loop: every slot comes whole, whatever the pieces, and goes out lead slots later")
{
  std::deque<ScriptedRadio::Piece> pieces;
  std::int64_t time = 0;
  for (const std::int64_t length : {1, 99, 250, 49, 1, 400, 100}) {
    pieces.push_back({.time = SampleTime(time), .length = length});
    time += length;
  }
  ScriptedRadio radio(pieces);
  SlotTrace trace;
  SlotLoop loop(radio, {.slot_length = kSlot, .lead = 3}, trace);
  RecordingEngine engine;
  CHECK(run_all(loop, engine) == SlotStep::ended);

  REQUIRE(engine.seen.size() == 9);
  REQUIRE(radio.sent.size() == 9);
  for (std::size_t n = 0; n < 9; ++n) {
    const auto index = static_cast<std::int64_t>(n);
    CHECK(engine.seen[n].index == index);
    CHECK(engine.seen[n].first.real() == static_cast<float>(index * 100));
    CHECK(engine.seen[n].last.real() == static_cast<float>(index * 100 + 99));
    CHECK_FALSE(engine.seen[n].is_after_gap);
    CHECK(radio.sent[n].at == SampleTime((index + 3) * 100));
    CHECK(radio.sent[n].first.real() == static_cast<float>(index + 3));
    CHECK(radio.sent[n].length == 100);
  }
  CHECK(loop.counters().slots == 9);
  CHECK(loop.counters().gaps == 0);
}

TEST_CASE("slot loop: after a gap the next slot begins at a slot border and the loss is counted")
{
  for (const std::int64_t resumes_at : {251, 299, 300, 301, 350, 400, 777, 2300}) {
    CAPTURE(resumes_at);
    ScriptedRadio radio({{.time = SampleTime(0), .length = 230},  // 30 samples of slot 2 arrive and are lost with it
                         {.time = SampleTime(resumes_at), .length = 1000, .overflow = true}});
    SlotTrace trace;
    SlotLoop loop(radio, {.slot_length = kSlot, .lead = 1}, trace);
    RecordingEngine engine;
    CHECK(run_all(loop, engine) == SlotStep::ended);

    const std::int64_t border = (resumes_at + 99) / 100;
    REQUIRE(engine.seen.size() > 3);
    CHECK(engine.seen[1].index == 1);
    CHECK(engine.seen[2].index == border);
    CHECK(engine.seen[2].is_after_gap);
    CHECK_FALSE(engine.seen[3].is_after_gap);
    for (std::size_t n = 2; n < engine.seen.size(); ++n) {
      const auto index = border + static_cast<std::int64_t>(n) - 2;
      CHECK(engine.seen[n].time == SampleTime(index * 100));
      CHECK(engine.seen[n].first.real() == static_cast<float>(index * 100));
      CHECK(engine.seen[n].last.real() == static_cast<float>(index * 100 + 99));
    }
    CHECK(loop.counters().gaps == 1);
    CHECK(loop.counters().overflows == 1);
    CHECK(loop.counters().skipped_slots == static_cast<std::uint64_t>(border - 2));
    CHECK(radio.sent[2].at == SampleTime((border + 1) * 100));
  }
}

TEST_CASE("slot loop: a stream that begins between borders begins with the next slot, not with a gap")
{
  ScriptedRadio radio({{.time = SampleTime(1234), .length = 500}});
  SlotTrace trace;
  SlotLoop loop(radio, {.slot_length = kSlot, .lead = 1}, trace);
  RecordingEngine engine;
  CHECK(run_all(loop, engine) == SlotStep::ended);
  REQUIRE(engine.seen.size() == 4);
  CHECK(engine.seen[0].index == 13);
  CHECK(engine.seen[0].first.real() == 1300.0F);
  CHECK(loop.counters().gaps == 0);
}

TEST_CASE("slot loop: late slots are counted, stamped, and do not stop what follows")
{
  ScriptedRadio radio({{.time = SampleTime(0), .length = 500}});
  radio.answer = TxStatus::late;
  SlotTrace trace;
  SlotLoop loop(radio, {.slot_length = kSlot, .lead = 1}, trace);
  RecordingEngine engine;
  run_all(loop, engine);
  CHECK(loop.counters().late_slots == 5);
  CHECK(engine.seen.size() == 5);
  std::size_t late_stamps = 0;
  for (const Stamp& stamp : trace.snapshot()) late_stamps += stamp.is_late ? 1U : 0U;
  CHECK(late_stamps == 5);
}

TEST_CASE("slot loop: the first silent slot closes the burst with zeros, the next ones cost nothing")
{
  ScriptedRadio radio({{.time = SampleTime(0), .length = 600}});
  SlotTrace trace;
  SlotLoop loop(radio, {.slot_length = kSlot, .lead = 1}, trace);
  RecordingEngine engine;
  engine.silent = {3, 4, 5};
  run_all(loop, engine);
  REQUIRE(radio.sent.size() == 4);  // slots 1, 2, 3 (closing) and 6
  CHECK(radio.sent[1].burst == Burst::goes_on);
  CHECK(radio.sent[2].at == SampleTime(300));
  CHECK(radio.sent[2].burst == Burst::ends);
  CHECK(radio.sent[2].first == Cf32{});
  CHECK(radio.sent[3].at == SampleTime(600));
}

TEST_CASE("slot loop: time-outs are passed over, a lost radio ends it, a stop request too")
{
  ScriptedRadio radio({{.time = SampleTime(0), .length = 150},
                       {.status = RxStatus::timeout},
                       {.time = SampleTime(150), .length = 50},
                       {.status = RxStatus::failed}});
  SlotTrace trace;
  SlotLoop loop(radio, {.slot_length = kSlot, .lead = 1}, trace);
  RecordingEngine engine;
  CHECK(run_all(loop, engine) == SlotStep::failed);
  CHECK(engine.seen.size() == 2);
  CHECK(loop.counters().timeouts == 1);
  const std::atomic<bool> stop{true};
  CHECK(loop.run(engine, stop) == SlotStep::nothing);
}

TEST_CASE("slot loop: neither allocates nor locks")
{
  ScriptedRadio radio({{.time = SampleTime(0), .length = 20'030}, {.time = SampleTime(20'333), .length = 20'000}});
  SlotTrace trace;
  SlotLoop loop(radio, {.slot_length = kSlot, .lead = 4}, trace);
  RecordingEngine engine;
  ravi::testing::reset_realtime_violations();
  {
    const RealtimeScope scope;
    run_all(loop, engine);
  }
  const auto violations = ravi::testing::realtime_violations();
  CHECK(engine.seen.size() == 399);
  CHECK(violations.allocations == 0);
  CHECK(violations.frees == 0);
  CHECK(violations.locks == 0);
}

TEST_CASE("real-time guard: it does see an allocation, a free and a lock")
{
  if (!ravi::testing::counts_violations()) return;
  std::mutex mutex;
  ravi::testing::reset_realtime_violations();
  {
    const RealtimeScope scope;
    const std::vector<int> allocated(100, 1);
    const std::lock_guard lock(mutex);
    CHECK(ravi::testing::realtime_violations().allocations == 1);
  }
  CHECK(ravi::testing::realtime_violations().frees >= 1);
  CHECK(ravi::testing::realtime_violations().locks >= 1);
}
