#include "stack/phy/polar_tables.h"

#include "tests/stack/nr/reference.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace ravi::phy {
namespace {

template <class Table>
void compare(const Table& table, const std::string& name)
{
  std::vector<unsigned> sorted(table.begin(), table.end());
  std::sort(sorted.begin(), sorted.end());
  for (unsigned i = 0; i < sorted.size(); ++i) REQUIRE(sorted[i] == i);  // a permutation
  const auto rows = nr::test::read_table(name);
  if (!rows) return;
  REQUIRE(rows->size() == table.size());
  for (unsigned i = 0; i < table.size(); ++i) {
    REQUIRE(nr::test::number((*rows)[i][0]) == i);
    REQUIRE(nr::test::number((*rows)[i][1]) == table[i]);
  }
}

}  // namespace

TEST_CASE("polar tables are permutations and equal the reference entry by entry [TS 38.212 Tables 5.3.1.1-1, 5.3.1.2-1, 5.4.1.1-1]")
{
  compare(kPolarSequence, "polar_sequence");
  compare(kPolarInputInterleaver, "polar_input_interleaver");
  compare(kPolarSubBlockInterleaver, "polar_subblock_interleaver");
}

TEST_CASE("the polar sequence respects the partial order: adding a one to an index makes it more reliable")
{
  std::vector<unsigned> position(1024);
  for (unsigned i = 0; i < 1024; ++i) position[kPolarSequence[i]] = i;
  for (unsigned index = 0; index < 1024; ++index) {
    for (unsigned bit = 0; bit < 10; ++bit) {
      if ((index >> bit & 1U) == 0) CHECK(position[index | 1U << bit] > position[index]);
    }
  }
}

}  // namespace ravi::phy
