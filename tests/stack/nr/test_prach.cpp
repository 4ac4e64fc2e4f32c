#include "stack/nr/prach_config.h"
#include "stack/nr/prach_preamble.h"
#include "stack/nr/rnti.h"

#include "tests/stack/nr/reference.h"

#include <algorithm>
#include <set>

using namespace ravi::nr;

namespace {

constexpr const char* kFormatNames[] = {"0", "1", "2", "3", "A1", "A2", "A3", "B1", "B2", "B3", "B4", "C0", "C2"};

PrachFormat format_of(const std::string& name)
{
  for (std::size_t i = 0; i < std::size(kFormatNames); ++i) {
    if (name == kFormatNames[i]) return static_cast<PrachFormat>(i);
  }
  FAIL("no format ", name);
  return PrachFormat::f0;
}

void check_config_table(const char* name, Duplex duplex, unsigned size)
{
  const auto rows = test::read_table(name);
  if (!rows) return;
  CHECK(rows->size() == size);
  CHECK_FALSE(prach_config(duplex, size));
  for (const test::Row& row : *rows) {
    CAPTURE(row[0]);
    const auto config = prach_config(duplex, test::number(row[0]));
    REQUIRE(config);
    const auto formats = test::split(row[1], '/');
    CHECK(config->format == format_of(formats.front()));
    CHECK(config->last_format == format_of(formats.back()));
    CHECK(config->x == test::number(row[2]));
    CHECK(config->y == test::number(row[3]));
    unsigned subframes = 0;
    for (const unsigned n : test::numbers(row[4])) subframes |= 1U << n;
    CHECK(config->subframes == subframes);
    CHECK(config->start_symbol == test::number(row[5]));
    CHECK(is_long(config->format) == (row[6] == "-"));
    CHECK(config->slots_per_subframe == (row[6] == "-" ? 1 : test::number(row[6])));
    CHECK(config->occasions_per_slot == (row[7] == "-" ? 1 : test::number(row[7])));
    CHECK(config->duration_symbols == (row[8] == "-" ? 0 : test::number(row[8])));
    CHECK(config->y < config->x);
    if (is_long(config->format)) continue;
    CHECK(config->start_symbol + config->occasions_per_slot * config->duration_symbols <= 14);
    CHECK(config->duration_symbols == prach_lengths(config->format).duration_symbols);
  }
}

}  // namespace

TEST_CASE("PRACH configurations: every row for paired spectrum [TS 38.211 Table 6.3.3.2-2]")
{
  check_config_table("prach_config_fr1_paired", Duplex::fdd, 256);
}

TEST_CASE("PRACH configurations: every row for unpaired spectrum [TS 38.211 Table 6.3.3.2-3]")
{
  check_config_table("prach_config_fr1_unpaired", Duplex::tdd, 263);
}

TEST_CASE("PRACH occasions: configuration 1 of a foreign cell, in subframe 4 of every 16th frame from the second")
{
  const PrachConfig config = *prach_config(Duplex::fdd, 1);
  for (unsigned count = 0; count < Slot::num_slots(Scs::khz15); ++count) {
    const Slot slot = Slot::from_count(Scs::khz15, count);
    const auto occasions = prach_occasions(config, Scs::khz15, slot);
    REQUIRE(occasions.size() == (slot.sfn() % 16 == 1 && slot.slot_in_frame() == 4 ? 1U : 0U));
    if (occasions.empty()) continue;
    REQUIRE(occasions[0].format == PrachFormat::f0);
    REQUIRE(ra_rnti(occasions[0].s_id, occasions[0].t_id, 0).value() == 0x39);  // as the foreign gNB said in SFN 65
  }
}

TEST_CASE("PRACH occasions: every configuration makes as many in a frame as its row says, at either uplink spacing")
{
  for (const Duplex duplex : {Duplex::fdd, Duplex::tdd}) {
    for (unsigned index = 0; prach_config(duplex, index); ++index) {
      const PrachConfig config = *prach_config(duplex, index);
      unsigned num_subframes = 0;
      for (unsigned n = 0; n < 10; ++n) num_subframes += config.subframes >> n & 1U;
      for (const Scs prach_scs : {Scs::khz15, Scs::khz30}) {
        const unsigned slots = !is_long(config.format) && prach_scs == Scs::khz30 ? config.slots_per_subframe : 1;
        const unsigned expected = num_subframes * slots * config.occasions_per_slot;
        for (const Scs scs : {Scs::khz15, Scs::khz30}) {
          CAPTURE(index);
          unsigned num_in_frame = 0;
          unsigned num_in_next = 0;
          std::set<unsigned> rntis;
          for (unsigned n = 0; n < slots_per_frame(scs); ++n) {
            const auto occasions = prach_occasions(config, prach_scs, Slot(scs, config.y, n));
            num_in_frame += static_cast<unsigned>(occasions.size());
            num_in_next +=
                static_cast<unsigned>(prach_occasions(config, prach_scs, Slot(scs, config.y + 1U, n)).size());
            unsigned earlier = 0;
            for (const PrachOccasion& occasion : occasions) {
              rntis.insert(ra_rnti(occasion.s_id, occasion.t_id, 0).value());
              REQUIRE(occasion.first_symbol >= earlier);
              REQUIRE(occasion.first_symbol < 14);
              earlier = occasion.first_symbol;
            }
          }
          REQUIRE(num_in_frame == expected);
          REQUIRE(rntis.size() == expected);  // each has its own RA-RNTI
          REQUIRE(num_in_next == (config.x == 1 ? expected : 0));
        }
      }
    }
  }
}

TEST_CASE(
    "PRACH occasions: at 30 kHz a subframe's single PRACH slot is its second, and the last preamble may be a B format")
{
  PrachConfig config{.format = PrachFormat::a1,
                     .last_format = PrachFormat::b1,
                     .x = 1,
                     .y = 0,
                     .subframes = 1U << 9,
                     .start_symbol = 0,
                     .slots_per_subframe = 1,
                     .occasions_per_slot = 7,
                     .duration_symbols = 2};
  CHECK(prach_occasions(config, Scs::khz30, Slot(Scs::khz30, 0, 18)).empty());
  const auto second = prach_occasions(config, Scs::khz30, Slot(Scs::khz30, 0, 19));
  REQUIRE(second.size() == 7);
  CHECK(second[0].format == PrachFormat::a1);
  CHECK(second[6].format == PrachFormat::b1);
  CHECK(second[6].first_symbol == 12);
  CHECK(second[6].t_id == 19);
  config.slots_per_subframe = 2;
  CHECK(prach_occasions(config, Scs::khz30, Slot(Scs::khz30, 0, 18)).size() == 7);
  CHECK(prach_occasions(config, Scs::khz30, Slot(Scs::khz15, 0, 9)).size() == 14);  // two PRACH slots in one of 15 kHz
}

TEST_CASE("PRACH occasions: a long preamble that starts in symbol 7 of 15 kHz starts the second slot of 30 kHz")
{
  const PrachConfig config{.format = PrachFormat::f0, .x = 1, .y = 0, .subframes = 1U << 4, .start_symbol = 7};
  CHECK(prach_occasions(config, Scs::khz30, Slot(Scs::khz30, 3, 8)).empty());
  const auto found = prach_occasions(config, Scs::khz30, Slot(Scs::khz30, 3, 9));
  REQUIRE(found.size() == 1);
  CHECK(found[0].first_symbol == 0);
  CHECK(found[0].s_id == 7);
  CHECK(found[0].t_id == 4);
}

TEST_CASE("PRACH occasions: in TDD on uplink symbols, or flexible ones two symbols after the downlink [TS 38.213 §8.1]")
{
  const TddConfig tdd;  // 30 kHz: slots 0..6 down, 7: six down, four up, slots 8 and 9 up
  const auto is_valid = [&](PrachFormat format, unsigned slot, unsigned symbol) {
    const PrachOccasion occasion{.format = format, .first_symbol = static_cast<std::uint8_t>(symbol)};
    return is_valid_occasion(occasion, Scs::khz30, Slot(Scs::khz30, 0, slot), tdd);
  };
  CHECK(is_valid(PrachFormat::b4, 9, 0));
  CHECK(is_valid(PrachFormat::b4, 19, 2));
  CHECK_FALSE(is_valid(PrachFormat::b4, 0, 0));
  CHECK_FALSE(is_valid(PrachFormat::b4, 9, 4));  // runs into the next slot 0
  CHECK(is_valid(PrachFormat::a1, 7, 12));
  CHECK(is_valid(PrachFormat::a1, 7, 8));
  CHECK_FALSE(is_valid(PrachFormat::a1, 7, 7));  // one symbol after the downlink
  CHECK_FALSE(is_valid(PrachFormat::a1, 7, 4));
  CHECK(is_valid(PrachFormat::f0, 8, 0));  // a subframe: slots 8 and 9
  CHECK(is_valid(PrachFormat::f0, 7, 6));  // no gap for the long formats
  CHECK_FALSE(is_valid(PrachFormat::f0, 9, 0));
  CHECK_FALSE(is_valid(PrachFormat::a1, 0, 0));
}

TEST_CASE("PRACH roots: every logical index [TS 38.211 Tables 6.3.3.1-3, -4]")
{
  for (const auto& [name, format, count] :
       {std::tuple{"prach_root_839", PrachFormat::f0, 838U}, std::tuple{"prach_root_139", PrachFormat::a1, 138U}}) {
    const auto rows = test::read_table(name);
    if (!rows) return;
    REQUIRE(rows->size() == count);
    std::set<unsigned> roots;
    for (const test::Row& row : *rows) {
      CHECK(prach_root(format, test::number(row[0])) == test::number(row[1]));
      roots.insert(test::number(row[1]));
    }
    CHECK(roots.size() == count);  // a permutation of 1..count
    CHECK(*roots.begin() == 1);
    CHECK(*roots.rbegin() == count);
    CHECK(prach_root(format, count) == prach_root(format, 0));
  }
}

TEST_CASE("PRACH cyclic shifts: every N_CS [TS 38.211 Tables 6.3.3.1-5 to -7]")
{
  for (const auto& [name, format] :
       {std::pair{"prach_ncs_1_25kHz", PrachFormat::f0}, std::pair{"prach_ncs_5kHz", PrachFormat::f3},
        std::pair{"prach_ncs_15kHz_mu", PrachFormat::b4}}) {
    const auto rows = test::read_table(name);
    if (!rows) return;
    REQUIRE(rows->size() == 16);
    for (const test::Row& row : *rows) {
      for (unsigned set = 0; set < 3; ++set) {
        const auto n_cs = prach_n_cs(format, test::number(row[0]), static_cast<PrachRestrictedSet>(set));
        const bool exists = set + 1 < row.size() && !row[set + 1].empty();
        REQUIRE(n_cs.has_value() == exists);
        if (exists) CHECK(*n_cs == test::number(row[set + 1]));
      }
    }
    CHECK_FALSE(prach_n_cs(format, 16));
  }
}

TEST_CASE("PRACH preambles: shifts of one root, then the next root's, the last root followed by the first")
{
  CHECK(prach_preambles_per_root(839, 0) == 1);
  CHECK(prach_preambles_per_root(839, 13) == 64);
  CHECK(prach_preambles_per_root(139, 69) == 2);
  CHECK(prach_num_roots(839, 0) == 64);
  CHECK(prach_num_roots(839, 13) == 1);
  CHECK(prach_num_roots(839, 15) == 2);
  CHECK(prach_num_roots(139, 34) == 16);
  CHECK(prach_sequence(PrachFormat::f0, 1, 0, 0) == PrachSequence{710, 0});
  CHECK(prach_sequence(PrachFormat::f0, 0, 15, 54) == PrachSequence{129, 54 * 15});
  CHECK(prach_sequence(PrachFormat::f0, 0, 15, 55) == PrachSequence{710, 0});
  CHECK(prach_sequence(PrachFormat::f0, 837, 15, 56) == PrachSequence{129, 15});
}

TEST_CASE("PRACH formats: lengths are the specification's [TS 38.211 Tables 6.3.3.1-1, -2]")
{
  const auto long_rows = test::read_table("prach_formats_long");
  const auto short_rows = test::read_table("prach_formats_short");
  if (!long_rows || !short_rows) return;
  CHECK(long_rows->size() + short_rows->size() == std::size(kFormatNames));
  for (const test::Row& row : *long_rows) {
    const PrachFormatLengths lengths = prach_lengths(format_of(row[0]));
    CHECK(lengths.sequence_length == test::number(row[1]));
    CHECK(lengths.spacing_hz == std::stod(row[2]) * 1000);
    CHECK(lengths.repetitions == test::number(row[3]));
    CHECK(lengths.n_u == test::number(row[4]));
    CHECK(lengths.n_cp == test::number(row[5]));
    CHECK(lengths.duration_symbols == 0);
    CHECK(prach_spacing_hz(format_of(row[0]), Scs::khz30) == lengths.spacing_hz);
    CHECK(lengths.n_u == lengths.repetitions * 30'720'000 / lengths.spacing_hz);  // whole periods of the sequence
  }
  for (const test::Row& row : *short_rows) {
    const PrachFormatLengths lengths = prach_lengths(format_of(row[0]));
    CHECK(lengths.sequence_length == test::number(row[1]));
    CHECK(lengths.spacing_hz == 0);
    CHECK(lengths.repetitions == test::number(row[2]));
    CHECK(lengths.n_u == test::number(row[3]));
    CHECK(lengths.n_cp == test::number(row[4]));
    CHECK(lengths.duration_symbols == test::number(row[5]));
    CHECK(lengths.n_u == lengths.repetitions * 2048U);
    CHECK(prach_spacing_hz(format_of(row[0]), Scs::khz30) == 30'000);
    // Cyclic prefix, sequence and guard fit the symbols, of (2048 + 144) kappa each at 15 kHz.
    CHECK(lengths.n_cp + lengths.n_u <= lengths.duration_symbols * 2192U);
  }
}

TEST_CASE("PRACH placement: every pair of spacings, and nothing for the others [TS 38.211 Table 6.3.3.2-1]")
{
  const auto rows = test::read_table("prach_fd_placement");
  if (!rows) return;
  unsigned num_found = 0;
  for (const PrachFormat format : {PrachFormat::f0, PrachFormat::f3, PrachFormat::b4}) {
    for (const Scs prach : {Scs::khz15, Scs::khz30, Scs::khz60, Scs::khz120}) {
      for (const Scs pusch : {Scs::khz15, Scs::khz30, Scs::khz60, Scs::khz120}) {
        const auto found = prach_placement(format, prach, pusch);
        const auto row = std::ranges::find_if(*rows, [&](const test::Row& r) {
          return test::number(r[0]) == prach_lengths(format).sequence_length &&
                 std::stod(r[1]) * 1000 == prach_spacing_hz(format, prach) &&
                 test::number(r[2]) * 1000 == spacing_hz(pusch);
        });
        REQUIRE(found.has_value() == (row != rows->end()));
        if (!found) continue;
        CHECK(found->num_prb == test::number((*row)[3]));
        CHECK(found->k_bar == test::number((*row)[4]));
        // The sequence fits its resource blocks.
        CHECK((found->k_bar + prach_lengths(format).sequence_length) * prach_spacing_hz(format, prach) <=
              found->num_prb * 12 * spacing_hz(pusch));
        if (!is_long(format) || prach == Scs::khz15) ++num_found;
      }
    }
  }
  CHECK(num_found == rows->size());
}
