// Paging frames and occasions against TS 38.304 §7.1, worked out here from its formulas.

#include "stack/nr/paging.h"

#include <doctest/doctest.h>

#include <vector>

namespace ravi::nr {
namespace {

/// SFN and slot of all occasions within 1024 frames.
std::vector<std::pair<unsigned, unsigned>> occasions(const Cell& cell, unsigned ue_id)
{
  std::vector<std::pair<unsigned, unsigned>> all;
  for (std::int64_t count = 0; count < 1024 * std::int64_t{slots_per_frame(cell.downlink.scs)}; ++count) {
    const Slot slot = Slot::from_count(cell.downlink.scs, count);
    if (is_paging_occasion(cell, ue_id, slot)) all.emplace_back(slot.sfn(), slot.slot_in_frame());
  }
  return all;
}

}  // namespace

TEST_CASE("paging: one occasion a cycle, in the frame that the identity says [TS 38.304 §7.1]")
{
  Cell cell;
  for (const unsigned ue_id : {0U, 1U, 127U, 128U, 515U, 1023U}) {
    const auto all = occasions(cell, ue_id);
    REQUIRE(all.size() == 8);
    for (const auto& [sfn, slot] : all) {
      CHECK(sfn % 128 == ue_id % 128);
      CHECK(slot == 0);
    }
  }
  CHECK(paging_ue_id(0xFFFF'0000'0401) == 1);
}

TEST_CASE("paging: fewer frames, several occasions in each, an offset, and monitoring occasions by number")
{
  Cell cell;
  cell.paging = PagingConfig{.cycle_frames = 64, .frames_apart = 4, .frame_offset = 3, .occasions_per_frame = 2, .first_monitoring_occasions = {}};
  // N = 16: (SFN + 3) mod 64 = 4 * (UE_ID mod 16), i_s = floor(UE_ID / 16) mod 2
  for (const unsigned ue_id : {5U, 21U}) {
    const auto all = occasions(cell, ue_id);
    REQUIRE(all.size() == 16);
    CHECK((all[0].first + 3) % 64 == 20);
    CHECK(all[0].second == (ue_id == 21 ? 1 : 0));
  }
  cell.paging->first_monitoring_occasions = {2, 7};
  CHECK(occasions(cell, 5)[0].second == 2);
  CHECK(occasions(cell, 21)[0].second == 7);
  cell.ra_search_space.period_slots = 2;  // only each other slot is one
  CHECK(occasions(cell, 5)[0].second == 4);
  CHECK(occasions(cell, 21).empty());  // the frame has five
  cell.paging.reset();
  CHECK(occasions(cell, 5).empty());
}

TEST_CASE("paging: slots of the uplink are no monitoring occasions")
{
  Cell cell;
  cell.duplex = Duplex::tdd;
  cell.downlink.scs = cell.uplink.scs = Scs::khz30;
  cell.tdd = TddConfig{.reference_scs = Scs::khz30,
                       .pattern1 = {.period = std::chrono::microseconds(5000), .num_downlink_slots = 2, .num_downlink_symbols = 0, .num_uplink_slots = 8, .num_uplink_symbols = 0}};
  cell.paging->first_monitoring_occasions = {3};
  const auto all = occasions(cell, 7);
  REQUIRE(all.size() == 8);
  CHECK(all[0] == std::pair{7U, 11U});  // downlink in slots 0, 1, 10, 11
}

}  // namespace ravi::nr
