#include "stack/phy/ldpc_graph.h"
#include "tests/stack/nr/reference.h"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

using namespace ravi;
using nr::LdpcBaseGraph;

TEST_CASE("Both base graphs equal the reference tables entry by entry [TS 38.212 Tables 5.3.2-2, 5.3.2-3]")
{
  for (const LdpcBaseGraph graph : {LdpcBaseGraph::bg1, LdpcBaseGraph::bg2}) {
    const auto table = nr::test::read_table(graph == LdpcBaseGraph::bg1 ? "ldpc_bg1" : "ldpc_bg2");
    if (!table) return;
    std::size_t at = 0;
    for (unsigned row = 0; row < phy::ldpc_shape(graph).num_rows; ++row) {
      for (const phy::LdpcEntry& entry : phy::ldpc_row(graph, row)) {
        REQUIRE(at < table->size());
        const nr::test::Row& want = (*table)[at++];
        REQUIRE(entry.row == row);
        REQUIRE(entry.row == nr::test::number(want[0]));
        REQUIRE(entry.column == nr::test::number(want[1]));
        for (std::size_t set = 0; set < 8; ++set) REQUIRE(entry.shift[set] == nr::test::number(want[2 + set]));
      }
    }
    CHECK(at == table->size());
  }
}

TEST_CASE("The lifting sizes equal the reference table [TS 38.212 Table 5.3.2-1]")
{
  const auto table = nr::test::read_table("ldpc_lifting_sizes");
  if (!table) return;
  REQUIRE(table->size() == phy::kLiftingSizes.size());
  for (std::size_t i = 0; i < table->size(); ++i) {
    CHECK(phy::kLiftingSizes[i].z == nr::test::number((*table)[i][0]));
    CHECK(phy::kLiftingSizes[i].set == nr::test::number((*table)[i][1]));
  }
}

TEST_CASE("The graphs have the shape that encoder and decoder rely on")
{
  std::size_t num_entries = 0;
  for (const LdpcBaseGraph graph : {LdpcBaseGraph::bg1, LdpcBaseGraph::bg2}) {
    const phy::LdpcShape shape = phy::ldpc_shape(graph);
    CHECK(shape.num_columns == shape.num_info_columns + shape.num_rows);
    std::vector<unsigned> column_degree(shape.num_columns);
    for (unsigned row = 0; row < shape.num_rows; ++row) {
      const auto entries = phy::ldpc_row(graph, row);
      CHECK(entries.size() >= 3);
      CHECK(entries.size() <= phy::kMaxLdpcDegree);
      if (row >= phy::kNumCoreRows) {
        CHECK(entries.back().column == shape.num_info_columns + row);
        CHECK(entries.back().shift == std::array<std::uint16_t, 8>{});
      }
      for (const phy::LdpcEntry& entry : entries) ++column_degree[entry.column];
      if (graph == LdpcBaseGraph::bg1) num_entries += entries.size();
    }
    for (unsigned j = shape.num_info_columns + phy::kNumCoreRows; j < shape.num_columns; ++j) CHECK(column_degree[j] == 1);
  }
  CHECK(num_entries == phy::kMaxLdpcEntries);
}

TEST_CASE("The next lifting size is found, and only sizes of the table are lifting sizes")
{
  CHECK(phy::lifting_size_at_least(0).z == 2);
  CHECK(phy::lifting_size_at_least(17).z == 18);
  CHECK(phy::lifting_size_at_least(353).z == 384);
  CHECK(phy::lifting_size_at_least(384).z == 384);
  CHECK(phy::is_lifting_size(208));
  CHECK_FALSE(phy::is_lifting_size(17));
  CHECK_FALSE(phy::is_lifting_size(0));
  CHECK_FALSE(phy::is_lifting_size(385));
}
