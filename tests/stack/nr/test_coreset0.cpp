#include "stack/nr/coreset0.h"

#include "tests/stack/nr/reference.h"

using namespace ravi::nr;

TEST_CASE("CORESET#0: every row of Tables 13-1 to 13-6, and nothing in the reserved ones [TS 38.213 §13]")
{
  struct Table {
    const char* name;
    Scs ssb, pdcch;
    MinimumBandwidth minimum;
  };
  constexpr auto kNarrow = MinimumBandwidth::mhz5_or_10;
  constexpr auto kWide = MinimumBandwidth::mhz40;
  for (const Table& table :
       {Table{"coreset0_13_1", Scs::khz15, Scs::khz15, kNarrow},
        Table{"coreset0_13_2", Scs::khz15, Scs::khz30, kNarrow},
        Table{"coreset0_13_3", Scs::khz30, Scs::khz15, kNarrow},
        Table{"coreset0_13_4", Scs::khz30, Scs::khz30, kNarrow}, Table{"coreset0_13_5", Scs::khz30, Scs::khz15, kWide},
        Table{"coreset0_13_6", Scs::khz30, Scs::khz30, kWide}}) {
    CAPTURE(table.name);
    const auto rows = test::read_table(table.name);
    if (!rows) return;
    for (unsigned index = 0; index <= 16; ++index) {
      const auto found = coreset0(table.ssb, table.pdcch, table.minimum, index);
      REQUIRE(found.has_value() == (index < rows->size()));
      if (!found) continue;
      const test::Row& row = (*rows)[index];
      CHECK(row[1] == "1");
      CHECK(found->num_prb == test::number(row[2]));
      CHECK(found->num_symbols == test::number(row[3]));
      CHECK(found->offset_prb == test::number(row[4]));
    }
  }
  CHECK_FALSE(coreset0(Scs::khz15, Scs::khz15, kWide, 0));
  CHECK_FALSE(coreset0(Scs::khz120, Scs::khz120, kNarrow, 0));
}

TEST_CASE("CORESET#0: n79 and n104 alone use the tables of 40 MHz [TS 38.101-1 Table 5.2-1]")
{
  for (const unsigned band : {1U, 3U, 40U, 41U, 77U, 78U})
    CHECK(minimum_bandwidth_of(band) == MinimumBandwidth::mhz5_or_10);
  for (const unsigned band : {79U, 104U}) CHECK(minimum_bandwidth_of(band) == MinimumBandwidth::mhz40);
}

TEST_CASE("CORESET#0: it starts its offset below the resource block that overlaps the SSB's first")
{
  CHECK(coreset0_first_crb({48, 1, 12}, Scs::khz15, 16) == 4U);
  CHECK(coreset0_first_crb({48, 1, 12}, Scs::khz30, 30) == 3U);  // offsetToPointA counts blocks of 15 kHz
  CHECK(coreset0_first_crb({48, 1, 16}, Scs::khz15, 16) == 0U);
  CHECK_FALSE(coreset0_first_crb({48, 1, 16}, Scs::khz15, 15));
}

TEST_CASE("SearchSpace#0: every row of Table 13-11 [TS 38.213 §13]")
{
  const auto rows = test::read_table("searchspace0_fr1");
  if (!rows) return;
  REQUIRE(rows->size() == 16);
  CHECK_FALSE(search_space0(16));
  const Coreset0 coreset{24, 2, 0};
  for (unsigned index = 0; index < 16; ++index) {
    CAPTURE(index);
    const test::Row& row = (*rows)[index];
    const auto found = search_space0(index);
    REQUIRE(found);
    CHECK(found->offset_ms == test::number(row[1]));
    CHECK(found->sets_per_slot == test::number(row[2]));
    CHECK(found->twice_m == 2 * std::stod(row[3]));
    const bool alternates = row[4].find('|') != std::string::npos;
    CHECK(type0_monitoring(*found, coreset, Scs::khz15, 0).first_symbol == (alternates ? 0 : test::number(row[4])));
    CHECK(type0_monitoring(*found, coreset, Scs::khz15, 1).first_symbol == (alternates ? 2 : test::number(row[4])));
  }
}

TEST_CASE("SearchSpace#0: the slots monitored follow the clause for every row, SSB and spacing, across frames")
{
  for (unsigned index = 0; index < 16; ++index) {
    const SearchSpace0 space = *search_space0(index);
    for (const Scs scs : {Scs::khz15, Scs::khz30}) {
      for (unsigned ssb = 0; ssb < 8; ++ssb) {
        const auto monitoring = type0_monitoring(space, {24, 2, 0}, scs, ssb);
        const unsigned raw = space.offset_ms * slots_per_subframe(scs) + ssb * space.twice_m / 2;
        CHECK(monitoring.slot_in_frame == raw % slots_per_frame(scs));
        CHECK(monitoring.sfn_parity == (raw / slots_per_frame(scs)) % 2);
        unsigned num_monitored = 0;
        for (unsigned count = 0; count < Slot::num_slots(scs); ++count) {
          const Slot slot = Slot::from_count(scs, count);
          if (!is_monitored(monitoring, slot)) continue;
          ++num_monitored;
          const bool is_first =
              slot.sfn() % 2 == monitoring.sfn_parity && slot.slot_in_frame() == monitoring.slot_in_frame;
          const Slot previous = slot - 1;
          const bool follows =
              previous.sfn() % 2 == monitoring.sfn_parity && previous.slot_in_frame() == monitoring.slot_in_frame;
          REQUIRE((is_first || follows));
        }
        CHECK(num_monitored == kNumSfn);  // two slots of every second frame
      }
    }
  }
}

TEST_CASE("SearchSpace#0: known monitoring slots")
{
  // Index 0 (O = 0, M = 1), 15 kHz: SSB 0 in slots 0 and 1 of even frames.
  const auto first = type0_monitoring(*search_space0(0), {48, 1, 12}, Scs::khz15, 0);
  CHECK(is_monitored(first, Slot(Scs::khz15, 64, 0)));
  CHECK(is_monitored(first, Slot(Scs::khz15, 64, 1)));
  CHECK_FALSE(is_monitored(first, Slot(Scs::khz15, 65, 0)));
  // Index 6 (O = 7 ms), 15 kHz, SSB 3: slot 10, so slot 0 of odd frames.
  const auto late = type0_monitoring(*search_space0(6), {24, 2, 0}, Scs::khz15, 3);
  CHECK(late.sfn_parity == 1);
  CHECK(late.slot_in_frame == 0);
  // SSB 2: slot 9 of even frames, and slot 0 of the odd frame after.
  const auto edge = type0_monitoring(*search_space0(6), {24, 2, 0}, Scs::khz15, 2);
  CHECK(is_monitored(edge, Slot(Scs::khz15, 0, 9)));
  CHECK(is_monitored(edge, Slot(Scs::khz15, 1, 0)));
  // Index 8 (M = 2): SSB 1 two slots later.
  CHECK(type0_monitoring(*search_space0(8), {24, 2, 0}, Scs::khz30, 1).slot_in_frame == 2);
}
