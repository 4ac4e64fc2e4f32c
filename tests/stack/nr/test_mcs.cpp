#include "stack/nr/mcs.h"

#include "tests/stack/nr/reference.h"

#include <cmath>

using namespace ravi::nr;

namespace {

struct NamedMcsTable {
  McsTable table;
  const char* name;
};
constexpr NamedMcsTable kMcsTables[] = {{McsTable::qam64, "mcs_pdsch_1"},
                                        {McsTable::qam256, "mcs_pdsch_2"},
                                        {McsTable::qam64_low_se, "mcs_pdsch_3"},
                                        {McsTable::transform_qam64, "mcs_pusch_tp_1"},
                                        {McsTable::transform_qam64_low_se, "mcs_pusch_tp_2"}};

}  // namespace

TEST_CASE("MCS: every row of the five tables is the specification's [TS 38.214 §5.1.3.1, §6.1.4.1]")
{
  for (const NamedMcsTable& named : kMcsTables) {
    const auto rows = test::read_table(named.name);
    if (!rows) return;
    REQUIRE(rows->size() == 32);
    for (const auto transform : {TransformModulation::qpsk, TransformModulation::pi2_bpsk}) {
      const unsigned q = transform == TransformModulation::qpsk ? 2 : 1;
      for (const test::Row& row : *rows) {
        CAPTURE(named.name);
        CAPTURE(row[0]);
        const auto found = mcs(named.table, test::number(row[0]), transform);
        REQUIRE(found);
        CHECK(bits_per_symbol(found->modulation) == (row[1] == "q" ? q : test::number(row[1])));
        CHECK((found->modulation == Modulation::pi2_bpsk) == (row[1] == "q" && q == 1));
        CHECK(found->is_reserved() == (row[2] == "reserved"));
        if (found->is_reserved()) continue;
        CHECK(found->code_rate() * 1024 == std::stod(row[2]) / (row[1] == "q" ? q : 1));
        if (row.size() > 3) CHECK(std::abs(found->efficiency_x2048() / 2048.0 - std::stod(row[3])) < 0.00006);
      }
    }
  }
}

TEST_CASE("MCS: there is no row above 31, and the highest index in use is known")
{
  for (const NamedMcsTable& named : kMcsTables) CHECK_FALSE(mcs(named.table, 32));
  CHECK(max_mcs(McsTable::qam64) == 28);
  CHECK(max_mcs(McsTable::qam256) == 27);
  CHECK(max_mcs(McsTable::qam64_low_se) == 28);
  CHECK(max_mcs(McsTable::transform_qam64) == 27);
  CHECK(max_mcs(McsTable::transform_qam64_low_se) == 27);
}

TEST_CASE("CQI: every row of the three tables is the specification's [TS 38.214 §5.2.2.1]")
{
  for (const auto& [table, name] : {std::pair{CqiTable::table1, "cqi_1"}, std::pair{CqiTable::table2, "cqi_2"},
                                    std::pair{CqiTable::table3, "cqi_3"}}) {
    const auto rows = test::read_table(name);
    if (!rows) return;
    REQUIRE(rows->size() == 16);
    CHECK_FALSE(cqi(table, 0));
    CHECK_FALSE(cqi(table, 16));
    for (unsigned index = 1; index < 16; ++index) {
      const test::Row& row = (*rows)[index];
      const auto found = cqi(table, index);
      REQUIRE(found);
      CHECK(bits_per_symbol(found->modulation) == test::number(row[1]));
      CHECK(found->code_rate() * 1024 == std::stod(row[2]));
      CHECK(std::abs(found->efficiency_x2048() / 2048.0 - std::stod(row[3])) < 0.00006);
    }
  }
}

TEST_CASE("CQI: the MCS chosen never promises more than the quality reported, and the next one would")
{
  for (const auto cqi_table : {CqiTable::table1, CqiTable::table2, CqiTable::table3}) {
    for (const auto mcs_table : {McsTable::qam64, McsTable::qam256, McsTable::qam64_low_se}) {
      CHECK_FALSE(mcs_of_cqi(cqi_table, 0, mcs_table));
      CHECK_FALSE(mcs_of_cqi(cqi_table, 16, mcs_table));
      for (unsigned index = 1; index < 16; ++index) {
        const auto chosen = mcs_of_cqi(cqi_table, index, mcs_table);
        REQUIRE(chosen);
        const unsigned quality = cqi(cqi_table, index)->efficiency_x2048();
        if (*chosen > 0) CHECK(mcs(mcs_table, *chosen)->efficiency_x2048() <= quality);
        if (*chosen < max_mcs(mcs_table)) CHECK(mcs(mcs_table, *chosen + 1)->efficiency_x2048() > quality);
      }
    }
  }
  CHECK(mcs_of_cqi(CqiTable::table1, 15, McsTable::qam64) == 28);
  CHECK(mcs_of_cqi(CqiTable::table2, 15, McsTable::qam256) == 27);
  CHECK(mcs_of_cqi(CqiTable::table1, 1, McsTable::qam64) == 0);
}

TEST_CASE("CQI: a CQI's own efficiency gives that CQI back")
{
  for (const auto table : {CqiTable::table1, CqiTable::table2, CqiTable::table3}) {
    for (unsigned index = 1; index < 16; ++index) {
      CHECK(cqi_of_efficiency(table, cqi(table, index)->efficiency_x2048()) == index);
      CHECK(cqi_of_efficiency(table, cqi(table, index)->efficiency_x2048() - 1) == index - 1);
    }
  }
}
