#include "radio/ring.h"

#include "radio/realtime.h"
#include "tests/realtime_guard.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

using ravi::RingSpan;
using ravi::SpscRing;

TEST_CASE("Ring: capacity is rounded up to a power of two and all of it can be filled")
{
  SpscRing<int> ring(5);
  CHECK(ring.capacity() == 8);
  CHECK(ring.room() == 8);
  CHECK(ring.available() == 0);
  const std::vector<int> eight{0, 1, 2, 3, 4, 5, 6, 7};
  CHECK(ring.write(eight));
  CHECK(ring.room() == 0);
  CHECK(ring.available() == 8);
  CHECK_FALSE(ring.write(std::array{8}));
  CHECK(SpscRing<int>(0).capacity() == 1);
}

TEST_CASE("Ring: a reservation over the end of memory comes in two spans, in order")
{
  SpscRing<int> ring(8);
  REQUIRE(ring.write(std::vector<int>(6, 0)));
  ring.consume(6);
  const RingSpan<int> span = ring.reserve(5);
  REQUIRE(span.first.size() == 2);
  REQUIRE(span.second.size() == 3);
  int next = 100;
  for (int& x : span.first) x = next++;
  for (int& x : span.second) x = next++;
  CHECK(ring.available() == 0);  // not yet published
  ring.publish(5);
  std::array<int, 5> read{};
  REQUIRE(ring.read(read));
  CHECK(read == std::array{100, 101, 102, 103, 104});
}

TEST_CASE("Ring: reserve and peek give no more than there is; read and write are all or nothing")
{
  SpscRing<int> ring(4);
  CHECK(ring.peek(3).empty());
  CHECK(ring.reserve(9).size() == 4);
  REQUIRE(ring.write(std::array{1, 2, 3}));
  CHECK(ring.reserve(9).size() == 1);
  CHECK(ring.peek(9).size() == 3);
  CHECK_FALSE(ring.write(std::array{4, 5}));
  std::array<int, 4> four{};
  CHECK_FALSE(ring.read(four));
  CHECK(ring.available() == 3);
}

TEST_CASE("Ring: behaves like a bounded queue under random operations, without allocating")
{
  std::mt19937 random(1);
  SpscRing<std::uint32_t> ring(64);
  std::deque<std::uint32_t> model;
  std::uint32_t next = 0;
  ravi::testing::reset_realtime_violations();
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t count = random() % 70;
    std::array<std::uint32_t, 70> block{};
    if (random() % 2 == 0) {
      std::iota(block.begin(), block.end(), next);
      bool is_written = false;
      {
        const ravi::RealtimeScope scope;
        is_written = ring.write(std::span(block).first(count));
      }
      CHECK(is_written == (model.size() + count <= 64));
      if (!is_written) continue;
      next += static_cast<std::uint32_t>(count);
      model.insert(model.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(count));
    } else {
      const bool is_read = ring.read(std::span(block).first(count));
      CHECK(is_read == (count <= model.size()));
      if (!is_read) continue;
      CHECK(std::equal(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(count), model.begin()));
      model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(count));
    }
  }
  CHECK(ravi::testing::realtime_violations().allocations == 0);
}

TEST_CASE("Ring: two threads pass a million numbers in order")
{
  constexpr std::uint64_t kCount = 1'000'000;
  SpscRing<std::uint64_t> ring(1024);
  std::thread producer([&ring] {
    std::uint64_t next = 0;
    while (next < kCount) {
      const RingSpan<std::uint64_t> span = ring.reserve(std::min<std::uint64_t>(300, kCount - next));
      for (auto& x : span.first) x = next++;
      for (auto& x : span.second) x = next++;
      ring.publish(span.size());
      if (span.empty()) std::this_thread::yield();
    }
  });
  std::uint64_t expected = 0;
  bool is_in_order = true;
  while (expected < kCount) {
    const RingSpan<const std::uint64_t> span = ring.peek(257);
    for (const auto x : span.first) is_in_order = is_in_order && x == expected++;
    for (const auto x : span.second) is_in_order = is_in_order && x == expected++;
    ring.consume(span.size());
    if (span.empty()) std::this_thread::yield();
  }
  producer.join();
  CHECK(is_in_order);
}
