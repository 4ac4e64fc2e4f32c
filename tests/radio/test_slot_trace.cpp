#include "radio/slot_trace.h"

#include "radio/realtime.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>

using namespace ravi;

TEST_CASE("slot trace: keeps the last stamps, oldest first")
{
  SlotTrace trace(8);
  CHECK(trace.snapshot().empty());
  for (std::int64_t slot = 0; slot < 20; ++slot) trace.write({.slot = slot, .begin_ns = slot, .end_ns = slot + 5});
  const auto stamps = trace.snapshot();
  REQUIRE(stamps.size() == 8);
  for (std::size_t n = 0; n < 8; ++n) CHECK(stamps[n].slot == static_cast<std::int64_t>(12 + n));
}

TEST_CASE("slot trace: names the stage that ate a late slot's time")
{
  SlotTrace trace(16);
  trace.write({.slot = 4, .begin_ns = 0, .end_ns = 10, .stage = Stage::receive});
  trace.write({.slot = 4, .begin_ns = 10, .end_ns = 900, .stage = Stage::process});
  trace.write({.slot = 4, .begin_ns = 900, .end_ns = 910, .stage = Stage::transmit, .is_late = true});
  trace.write({.slot = 5, .begin_ns = 910, .end_ns = 99'000, .stage = Stage::receive});
  REQUIRE(trace.longest_of(4));
  CHECK(stage_name(trace.longest_of(4)->stage) == "process");
  CHECK_FALSE(trace.longest_of(3));
}

TEST_CASE("slot trace: a snapshot taken while stamps are written holds only whole stamps")
{
  SlotTrace trace(64);
  std::thread writer([&trace] {
    for (std::int64_t slot = 0; slot < 300'000; ++slot) {
      trace.write({.slot = slot, .begin_ns = slot * 3, .end_ns = slot * 7, .is_late = slot % 2 == 1});
    }
  });
  std::int64_t last_of_all = -1;
  while (last_of_all < 299'999) {
    std::int64_t last = -1;
    for (const Stamp& stamp : trace.snapshot()) {
      REQUIRE(stamp.begin_ns == stamp.slot * 3);
      REQUIRE(stamp.end_ns == stamp.slot * 7);
      REQUIRE(stamp.is_late == (stamp.slot % 2 == 1));
      REQUIRE(stamp.slot > last);
      last = stamp.slot;
    }
    last_of_all = std::max(last_of_all, last);
  }
  writer.join();
}

TEST_CASE("slot trace: the Perfetto file is one event a stamp")
{
  const std::string json = to_perfetto_json({{.slot = 1, .begin_ns = 1'000, .end_ns = 3'500, .stage = Stage::process},
                                             {.slot = 2, .begin_ns = 4'000, .end_ns = 5'000, .is_late = true}});
  CHECK(json.find("\"name\":\"process\",\"cat\":\"slot\",\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":0.000,\"dur\":2.500") !=
        std::string::npos);
  CHECK(json.find("\"cat\":\"late\"") != std::string::npos);
}

TEST_CASE("real-time request: says in one line what was granted, and how to get the rest")
{
  RealtimeGrant grant;
  std::thread([&grant] { grant = request_realtime(10); }).join();
  CHECK(grant.text.find(grant.has_fifo ? "SCHED_FIFO: yes" : "SCHED_FIFO: no") != std::string::npos);
  CHECK(grant.text.find(grant.has_locked_memory ? "locked memory: yes" : "locked memory: no") != std::string::npos);
  CHECK(grant.text.find('\n') == std::string::npos);
}
