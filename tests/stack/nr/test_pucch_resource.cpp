#include "stack/nr/pucch_resource.h"

#include "tests/stack/nr/reference.h"

#include <set>
#include <tuple>

using namespace ravi::nr;

TEST_CASE(
    "PUCCH common resources: every row and resource follows the table and the clause [TS 38.213 §9.2.1, Table 9.2.1-1]")
{
  const auto rows = test::read_table("pucch_common_resources");
  if (!rows) return;
  REQUIRE(rows->size() == 16);
  for (const unsigned size : {24U, 51U, 52U, 106U, 273U}) {
    for (const test::Row& row : *rows) {
      CAPTURE(row[0]);
      const unsigned offset = row[4] == "floor(N_BWP_size/4)" ? size / 4 : test::number(row[4]);
      const auto shifts = test::numbers(row[5]);
      const auto num_cs = static_cast<unsigned>(shifts.size());
      std::set<std::tuple<unsigned, unsigned>> used;
      for (unsigned r = 0; r < 16; ++r) {
        const auto found = pucch_common_resource(test::number(row[0]), r, size);
        REQUIRE(found);
        CHECK(found->format == test::number(row[1]));
        CHECK(found->symbols == SymbolRange{test::number(row[2]), test::number(row[3])});
        if (r / 8 == 0) {
          CHECK(found->first_hop_prb == offset + r / num_cs);
          CHECK(found->second_hop_prb == size - 1 - offset - r / num_cs);
          CHECK(found->initial_cyclic_shift == shifts[r % num_cs]);
        } else {
          CHECK(found->first_hop_prb == size - 1 - offset - (r - 8) / num_cs);
          CHECK(found->second_hop_prb == offset + (r - 8) / num_cs);
          CHECK(found->initial_cyclic_shift == shifts[(r - 8) % num_cs]);
        }
        used.insert({found->first_hop_prb, found->initial_cyclic_shift});
      }
      CHECK(used.size() == 16);  // no two the same
    }
  }
  CHECK_FALSE(pucch_common_resource(16, 0, 52));
  CHECK_FALSE(pucch_common_resource(0, 16, 52));
  CHECK_FALSE(pucch_common_resource(0, 0, 0));
  CHECK_FALSE(pucch_common_resource(11, 7, 2));
}

TEST_CASE("PUCCH common resources: the one a foreign cell used after Msg4")
{
  // Set 11, CCE 0, 52 PRBs: its log says format 1, PRB 0 then 51, symbols 0..13, cyclic shift 0.
  CHECK(pucch_common_resource(11, pucch_resource_index(0, 8, 0), 52) ==
        PucchCommonResource{
            .format = 1, .symbols = {0, 14}, .first_hop_prb = 0, .second_hop_prb = 51, .initial_cyclic_shift = 0});
  CHECK(pucch_resource_index(4, 8, 0) == 1);
  CHECK(pucch_resource_index(3, 8, 7) == 14);
  CHECK(pucch_resource_index(7, 8, 7) == 15);
}

TEST_CASE("Beta offsets: every index [TS 38.213 Tables 9.3-1, 9.3-2]")
{
  const auto harq = test::read_table("beta_offset_harq_ack");
  const auto csi = test::read_table("beta_offset_csi");
  if (!harq || !csi) return;
  CHECK(harq->size() == 16);
  CHECK(csi->size() == 19);
  for (const test::Row& row : *harq) CHECK(beta_offset_harq_ack(test::number(row[0])) == std::stof(row[1]));
  for (const test::Row& row : *csi) CHECK(beta_offset_csi(test::number(row[0])) == std::stof(row[1]));
  CHECK_FALSE(beta_offset_harq_ack(16));
  CHECK_FALSE(beta_offset_csi(19));
}
