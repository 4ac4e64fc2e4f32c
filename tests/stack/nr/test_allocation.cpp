#include "stack/nr/resource_allocation.h"
#include "stack/nr/time_allocation.h"

#include "tests/stack/nr/reference.h"

#include <set>

using namespace ravi::nr;

TEST_CASE(
    "RIV: every allocation in bandwidth parts of 1 to 275 PRBs has its own value and comes back from it [TS 38.214 "
    "§5.1.2.2.2]")
{
  for (unsigned size = 1; size <= kMaxNumPrb; size += size < 30 || size > 270 ? 1 : 9) {
    std::vector<bool> is_used(std::size_t{1} << riv_bits(size));
    for (unsigned begin = 0; begin < size; ++begin) {
      for (unsigned count = 1; begin + count <= size; ++count) {
        const unsigned riv = riv_of({begin, count}, size);
        REQUIRE(riv < is_used.size());
        REQUIRE_FALSE(is_used[riv]);
        is_used[riv] = true;
        REQUIRE(prb_of_riv(riv, size) == PrbRange{begin, count});
      }
    }
    for (unsigned riv = 0; riv < is_used.size(); ++riv) REQUIRE(prb_of_riv(riv, size).has_value() == is_used[riv]);
  }
  CHECK_FALSE(prb_of_riv(0, 0));
  CHECK_FALSE(prb_of_riv(0xFFFFFFFF, 52));
}

TEST_CASE("RIV: known values")
{
  static_assert(riv_of({0, 1}, 52) == 0);
  static_assert(riv_of({0, 52}, 52) == 103);  // 52 * (52 - 52 + 1) + 51
  CHECK(riv_bits(52) == 11);
  CHECK(riv_bits(106) == 13);
  CHECK(riv_bits(273) == 16);
  CHECK(riv_bits(1) == 0);
  // locationAndBandwidth of full carriers as found in configurations in the field: 52, 106, 51 and 273 PRBs.
  CHECK(location_and_bandwidth_of({0, 52}) == 14'025);
  CHECK(location_and_bandwidth_of({0, 106}) == 28'875);
  CHECK(location_and_bandwidth_of({0, 51}) == 13'750);
  CHECK(location_and_bandwidth_of({0, 273}) == 1'099);
  CHECK(prb_of_location_and_bandwidth(28'875) == PrbRange{0, 106});
  CHECK_FALSE(prb_of_location_and_bandwidth(37'950));
}

TEST_CASE("SLIV: every allocation of symbols has its own value and comes back from it [TS 38.214 §5.1.2.1]")
{
  std::set<unsigned> used;
  for (unsigned begin = 0; begin < 14; ++begin) {
    for (unsigned count = 1; begin + count <= 14; ++count) {
      const unsigned sliv = sliv_of({begin, count});
      CHECK(sliv < 128);
      CHECK(used.insert(sliv).second);
      CHECK(symbols_of_sliv(sliv) == SymbolRange{begin, count});
    }
  }
  for (unsigned sliv = 0; sliv < 200; ++sliv) CHECK(symbols_of_sliv(sliv).has_value() == (used.count(sliv) == 1));
  static_assert(sliv_of({2, 12}) == 53);  // 14 * 3 + 11
  static_assert(sliv_of({0, 14}) == 27);
}

TEST_CASE("Time allocations: every default row of the PDSCH [TS 38.214 §5.1.2.1.1]")
{
  for (const auto& [name, table] :
       {std::pair{"pdsch_default_tdra_A", PdschDefaultTdra::a}, std::pair{"pdsch_default_tdra_B", PdschDefaultTdra::b},
        std::pair{"pdsch_default_tdra_C", PdschDefaultTdra::c}}) {
    const auto rows = test::read_table(name);
    if (!rows) return;
    CHECK(rows->size() == 32);
    for (const test::Row& row : *rows) {
      CAPTURE(row[0]);
      const auto found = pdsch_default_time_allocation(table, test::number(row[0]), test::number(row[1]));
      REQUIRE(found.has_value() == (row[2] != "reserved"));
      if (!found) continue;
      CHECK((found->mapping_type == MappingType::a) == (row[2] == "A"));
      CHECK(found->k_0 == test::number(row[3]));
      CHECK(found->symbols == SymbolRange{test::number(row[4]), test::number(row[5])});
      CHECK(found->symbols.end() <= 14);
    }
    CHECK_FALSE(pdsch_default_time_allocation(table, 0, 2));
    CHECK_FALSE(pdsch_default_time_allocation(table, 17, 2));
    CHECK_FALSE(pdsch_default_time_allocation(table, 1, 1));
  }
}

TEST_CASE("Time allocations: every default row of the PUSCH, j and Delta [TS 38.214 §6.1.2.1.1]")
{
  const auto rows = test::read_table("pusch_default_tdra_A");
  const auto by_mu = test::read_table("pusch_tdra_j_delta");
  if (!rows || !by_mu) return;
  CHECK(rows->size() == 16);
  CHECK(by_mu->size() == 4);
  for (const test::Row& numerology : *by_mu) {
    const auto scs = static_cast<Scs>(test::number(numerology[0]));
    CHECK(msg3_delta(scs) == test::number(numerology[2]));
    for (const test::Row& row : *rows) {
      const auto found = pusch_default_time_allocation(test::number(row[0]), scs);
      REQUIRE(found);
      CHECK((found->mapping_type == MappingType::a) == (row[1] == "A"));
      CHECK(found->k_2 == test::number(row[2]) + test::number(numerology[1]));
      CHECK(found->symbols == SymbolRange{test::number(row[3]), test::number(row[4])});
    }
  }
  CHECK_FALSE(pusch_default_time_allocation(0, Scs::khz15));
  CHECK_FALSE(pusch_default_time_allocation(17, Scs::khz15));
}
