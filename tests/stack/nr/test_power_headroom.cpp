#include "stack/nr/power_headroom.h"

#include "tests/stack/nr/reference.h"

using namespace ravi;
using namespace ravi::nr;

TEST_CASE("Power headroom: every level [TS 38.133 Table 10.1.17.1-1]")
{
  const auto rows = test::read_table("phr_mapping");
  if (!rows) return;
  REQUIRE(rows->size() == 64);
  for (const test::Row& row : *rows) {
    const unsigned level = test::number(row[0]);
    CAPTURE(level);
    REQUIRE(min_power_headroom(level).has_value() == !row[1].empty());
    if (!row[1].empty()) {
      CHECK(*min_power_headroom(level) == Decibel(std::stod(row[1])));
      CHECK(power_headroom_level(Decibel(std::stod(row[1]))) == level);
    }
    if (!row[2].empty()) {
      CHECK(power_headroom_level(Decibel(std::stod(row[2]) - 0.01)) == level);
      CHECK(power_headroom_level(Decibel(std::stod(row[2]))) == level + 1);
    }
  }
  CHECK_FALSE(min_power_headroom(64));
  CHECK(power_headroom_level(Decibel(-100.0)) == 0);
  CHECK(power_headroom_level(Decibel(100.0)) == 63);
}

TEST_CASE("Power headroom: every level of P_CMAX [TS 38.133 Table 10.1.18.1-1]")
{
  const auto rows = test::read_table("pcmax_mapping");
  if (!rows) return;
  REQUIRE(rows->size() == 64);
  for (const test::Row& row : *rows) {
    const unsigned level = test::number(row[0]);
    CAPTURE(level);
    REQUIRE(min_p_cmax(level).has_value() == !row[1].empty());
    if (!row[1].empty()) CHECK(*min_p_cmax(level) == Dbm(std::stod(row[1])));
    if (!row[2].empty()) {
      CHECK(p_cmax_level(Dbm(std::stod(row[2]) - 0.01)) == level);
      CHECK(p_cmax_level(Dbm(std::stod(row[2]))) == level + 1);
    }
  }
  CHECK_FALSE(min_p_cmax(64));
}
