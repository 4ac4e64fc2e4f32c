#include "stack/rlc/reassembly.h"
#include "stack/rlc/sdu_queue.h"
#include "stack/rlc/tm.h"

#include <doctest/doctest.h>

#include <deque>
#include <numeric>
#include <random>
#include <vector>

namespace ravi::rlc {

using Bytes = std::vector<std::uint8_t>;

TEST_CASE("SDU queue: behaves as a deque for any order of pushes, pops and removals, and never grows")
{
  std::mt19937 random(1);
  SduQueue queue(16, 1000);
  std::deque<Bytes> model;
  std::size_t refused = 0;
  for (int step = 0; step < 50'000; ++step) {
    const unsigned what = random() % 8;
    if (what < 5) {
      Bytes sdu(1 + random() % 300, static_cast<std::uint8_t>(random()));
      if (queue.push(sdu, 0)) {
        model.push_back(sdu);
      } else {
        ++refused;
      }
    } else if (what < 7 && !model.empty()) {
      queue.pop_front();
      model.pop_front();
    } else if (!model.empty()) {
      const std::size_t i = random() % model.size();
      queue.remove(i);
      model.erase(model.begin() + static_cast<std::ptrdiff_t>(i));
    }
    REQUIRE(queue.size() == model.size());
    for (std::size_t i = 0; i < model.size(); ++i) {
      const auto octets = queue.octets(queue[i]);
      REQUIRE(Bytes(octets.begin(), octets.end()) == model[i]);
    }
  }
  CHECK(refused > 100);
  CHECK_FALSE(queue.push({}, 0));
}

TEST_CASE("Reassembly: segments in any order, overlapping and repeated, give the SDU and name what is missing")
{
  std::mt19937 random(2);
  for (int round = 0; round < 500; ++round) {
    Bytes sdu(1 + random() % 200);
    for (auto& octet : sdu) octet = static_cast<std::uint8_t>(random());
    std::vector<bool> has(sdu.size());
    bool has_end = false;
    Reassembly r(300);
    for (int i = 0; i < 2000 && !r.is_complete(); ++i) {
      const std::size_t begin = random() % sdu.size();
      const std::size_t end = begin + 1 + random() % std::min<std::size_t>(sdu.size() - begin, 20);
      const bool is_last = end == sdu.size();
      bool is_new = is_last && !has_end;
      for (std::size_t k = begin; k < end; ++k) is_new = is_new || !has[k];
      const bool is_stored = r.add(begin, std::span(sdu).subspan(begin, end - begin), is_last);
      CHECK(is_stored == is_new);
      if (!is_stored) continue;
      std::fill(has.begin() + static_cast<std::ptrdiff_t>(begin), has.begin() + static_cast<std::ptrdiff_t>(end), true);
      has_end = has_end || is_last;
      std::vector<bool> missing(sdu.size());
      for (std::size_t m = 0; m < r.num_missing(); ++m) {
        const auto gap = r.missing(m);
        CHECK((gap.end == Reassembly::kOpen) == (!has_end && m + 1 == r.num_missing()));
        for (std::size_t k = gap.begin; k < std::min(gap.end, sdu.size()); ++k) missing[k] = true;
      }
      missing.flip();
      CHECK(missing == has);
    }
    REQUIRE(r.is_complete());
    CHECK(Bytes(r.sdu().begin(), r.sdu().end()) == sdu);
  }
}

TEST_CASE("Reassembly: what is too long, contradicts the end, or would need too many pieces is refused")
{
  Reassembly r(100);
  const Bytes ten(10);
  CHECK_FALSE(r.add(95, ten, false));
  CHECK(r.add(50, ten, true));
  CHECK_FALSE(r.add(60, ten, false));
  CHECK_FALSE(r.add(40, ten, true));
  r.reset();
  CHECK(r.add(50, ten, false));
  CHECK_FALSE(r.add(20, ten, true));
  r.reset();
  const Bytes one(1);
  std::size_t stored = 0;
  for (std::size_t i = 0; i < 50; ++i) stored += r.add(2 * i, one, false) ? 1 : 0;
  CHECK(stored == Reassembly::kMaxPieces);
}

TEST_CASE("Reassembly window: when memory is short the SDU furthest ahead gives way, so that the oldest can always be completed")
{
  ReassemblyWindow window(SnSize::bits12, 2, 100);
  const Bytes data(10);
  const auto part = [&](std::uint32_t sn, Segmentation s, std::uint16_t offset) {
    return window.add(0, {{false, s, sn, offset}, data});
  };
  CHECK(part(5, Segmentation::first, 0) == ReassemblyWindow::Added::stored);
  CHECK(part(7, Segmentation::first, 0) == ReassemblyWindow::Added::stored);
  CHECK(part(9, Segmentation::first, 0) == ReassemblyWindow::Added::nothing_new);
  CHECK(part(0, Segmentation::first, 0) == ReassemblyWindow::Added::stored);
  CHECK(window.state(7) == ReassemblyWindow::State::none);
  CHECK(window.num_evicted() == 1);
  CHECK(part(0, Segmentation::last, 10) == ReassemblyWindow::Added::completed);
  CHECK(window.completed().size() == 20);
  CHECK(part(0, Segmentation::last, 10) == ReassemblyWindow::Added::nothing_new);
}

TEST_CASE("TM: SDUs pass whole and in order or wait [TS 38.322 §5.2.1]")
{
  TmEntity tm;
  const Bytes sdu{1, 2, 3, 4, 5, 6};
  REQUIRE(tm.push(sdu));
  CHECK(tm.buffer_octets() == 6);
  Bytes out(6);
  CHECK(tm.pull(std::span(out).first(5)) == 0);
  CHECK(tm.pull(out) == 6);
  CHECK(out == sdu);
  CHECK(tm.buffer_octets() == 0);
  CHECK(tm.receive(out).size() == 6);
}

}  // namespace ravi::rlc
