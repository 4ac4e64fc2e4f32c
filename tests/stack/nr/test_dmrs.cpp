#include "stack/nr/dmrs.h"

#include "tests/stack/nr/reference.h"

using namespace ravi::nr;

namespace {

// Every row of a position table against the function, at both type A positions and, for type B, at every start.
template <class Function>
unsigned check_positions(const char* name, Function&& dmrs_symbols, unsigned shortest_single_position_3)
{
  const auto rows = test::read_table(name);
  if (!rows) return 0;
  unsigned num_rows = 0;
  for (const test::Row& row : *rows) {
    INFO(row[0], " front-loaded, l_d ", row[1], ", type ", row[2], ", additional ", row[3]);
    const unsigned front = test::number(row[0]);
    const bool is_a = row[2] == "A";
    for (const unsigned l_d :
         row[1] == "<4" ? std::vector<unsigned>{1, 2, 3} : std::vector<unsigned>{test::number(row[1])}) {
      for (const unsigned l_0 : {2U, 3U}) {
        for (unsigned start = 0; start <= (is_a ? l_0 : 14 - l_d); ++start) {
          DmrsTime time{.mapping_type = is_a ? MappingType::a : MappingType::b,
                        .symbols = {start, is_a ? l_d - start : l_d},
                        .type_a_position = l_0,
                        .num_front_loaded = front,
                        .additional_position = test::number(row[3])};
          if (is_a && l_d <= start) continue;
          unsigned expected = 0;
          for (const std::string& symbol : test::split(row[4], '|')) {
            const unsigned l = symbol == "l0" ? (is_a ? l_0 : 0) : symbol == "l1" ? 11 : test::number(symbol);
            expected |= (front == 2 ? 3U : 1U) << (l + (is_a ? 0 : start));
          }
          const auto found = dmrs_symbols(time);
          const unsigned shortest = front == 1 ? shortest_single_position_3 : 5;
          if (is_a && l_0 == 3 && (time.additional_position == 3 || l_d < shortest)) {
            CHECK_FALSE(found);
          } else {
            REQUIRE(found);
            CHECK(*found == expected);
          }
        }
      }
    }
    ++num_rows;
  }
  return num_rows;
}

}  // namespace

TEST_CASE("DM-RS: every position of the PDSCH tables [TS 38.211 Tables 7.4.1.1.2-3, -4]")
{
  CHECK((check_positions("dmrs_pdsch_positions", pdsch_dmrs_symbols, 5) > 100 ||
         !test::read_table("dmrs_pdsch_positions")));
}

TEST_CASE("DM-RS: every position of the PUSCH tables [TS 38.211 Tables 6.4.1.1.3-3, -4]")
{
  CHECK((check_positions("dmrs_pusch_positions", pusch_dmrs_symbols, 4) > 100 ||
         !test::read_table("dmrs_pusch_positions")));
}

TEST_CASE("DM-RS: allocations of a foreign cell carry three symbols each")
{
  CHECK(pdsch_dmrs_symbols({.symbols = {1, 13}}) == (1U << 2 | 1U << 7 | 1U << 11));
  CHECK(pusch_dmrs_symbols({.symbols = {0, 14}}) == (1U << 2 | 1U << 7 | 1U << 11));
}

TEST_CASE("DM-RS: beside an LTE carrier the second symbol may move to 12, for the PDSCH only")
{
  CHECK(pdsch_dmrs_symbols({.symbols = {3, 11}, .type_a_position = 3, .additional_position = 1, .l_1 = 12}) ==
        (1U << 3 | 1U << 12));
  CHECK(pdsch_dmrs_symbols({.symbols = {2, 10}, .additional_position = 1, .l_1 = 12}) == (1U << 2 | 1U << 9));
  CHECK_FALSE(pusch_dmrs_symbols({.symbols = {0, 14}, .l_1 = 12}));
  CHECK_FALSE(pdsch_dmrs_symbols({.symbols = {2, 12}, .l_1 = 13}));
}

TEST_CASE("DM-RS: what the specification has no entry for is refused, whatever the numbers")
{
  CHECK_FALSE(pdsch_dmrs_symbols({.symbols = {0, 0}}));
  CHECK_FALSE(pdsch_dmrs_symbols({.symbols = {3, 11}}));  // misses symbol 2
  CHECK_FALSE(pdsch_dmrs_symbols({.symbols = {0, 2}}));   // ends before it
  CHECK_FALSE(pdsch_dmrs_symbols({.symbols = {0, 15}}));
  CHECK_FALSE(pdsch_dmrs_symbols({.symbols = {14, 1}}));
  CHECK_FALSE(pdsch_dmrs_symbols({.symbols = {2, 12}, .type_a_position = 1}));
  CHECK_FALSE(pdsch_dmrs_symbols({.mapping_type = MappingType::b, .symbols = {0, 14}}));
  CHECK_FALSE(pdsch_dmrs_symbols({.mapping_type = MappingType::b, .symbols = {0, 1}}));
  CHECK_FALSE(pdsch_dmrs_symbols({.symbols = {2, 12}, .additional_position = 4}));
  CHECK_FALSE(pdsch_dmrs_symbols({.symbols = {2, 12}, .num_front_loaded = 2, .additional_position = 2}));
  CHECK_FALSE(pdsch_dmrs_symbols({.symbols = {2, 12}, .num_front_loaded = 0}));
  CHECK_FALSE(pdsch_dmrs_symbols({.symbols = {2, 0xFFFFFFFF}}));
  CHECK_FALSE(pusch_dmrs_symbols({.symbols = {0, 3}}));
}

TEST_CASE("DM-RS: every port of configuration type 1 [TS 38.211 Table 7.4.1.1.2-1]")
{
  const auto rows = test::read_table("dmrs_ports_type1");
  if (!rows) return;
  CHECK(rows->size() == 8);
  for (const test::Row& row : *rows) {
    const auto port = dmrs_port_type1(test::number(row[0]));
    REQUIRE(port);
    CHECK(port->cdm_group == test::number(row[1]));
    CHECK(port->delta == test::number(row[2]));
    CHECK(port->w_f[0] == std::stoi(row[3]));
    CHECK(port->w_f[1] == std::stoi(row[4]));
    CHECK(port->w_t[0] == std::stoi(row[5]));
    CHECK(port->w_t[1] == std::stoi(row[6]));
  }
  CHECK_FALSE(dmrs_port_type1(8));
}
