#include "stack/nr/ssb_pattern.h"

#include "tests/stack/nr/reference.h"

using namespace ravi;
using namespace ravi::nr;

TEST_CASE("SSB patterns: first symbols of every case and L_max are the specification's [TS 38.213 §4.1]")
{
  const auto rows = test::read_table("ssb_patterns");
  if (!rows) return;
  for (const test::Row& row : *rows) {
    CAPTURE(row[0]);
    const auto ssb_case = static_cast<SsbCase>(row[0][0] - 'A');
    CHECK(spacing_hz(scs_of(ssb_case)) == 1000 * test::number(row[1]));
    const auto symbols = ssb_first_symbols(ssb_case, test::number(row[3]));
    const auto expected = test::numbers(row[4]);
    REQUIRE(symbols.size() == test::number(row[3]));
    CHECK(std::vector<unsigned>(symbols.begin(), symbols.end()) == expected);
    for (unsigned index = 0; index < symbols.size(); ++index) {
      const auto time = ssb_time(ssb_case, index);
      REQUIRE(time);
      CHECK(time->slot_in_half_frame * 14 + time->first_symbol == expected[index]);
      if (ssb_case != SsbCase::e) CHECK(time->first_symbol + kSsbNumSymbols <= 14);  // at 240 kHz some cross slots
    }
  }
  CHECK_FALSE(ssb_time(SsbCase::a, 8));
  CHECK_FALSE(ssb_time(SsbCase::d, 64));
}

TEST_CASE("SSB patterns: the clause's formulas give the same symbols")
{
  unsigned index = 0;
  for (unsigned n = 0; n < 4; ++n) {
    for (const unsigned s : {2U, 8U}) {
      CHECK(ssb_first_symbols(SsbCase::a, 8)[index] == s + 14 * n);
      CHECK(ssb_first_symbols(SsbCase::c, 8)[index++] == s + 14 * n);
    }
  }
  index = 0;
  for (unsigned n = 0; n < 2; ++n) {
    for (const unsigned s : {4U, 8U, 16U, 20U}) CHECK(ssb_first_symbols(SsbCase::b, 8)[index++] == s + 28 * n);
  }
  index = 0;
  for (const unsigned n : {0U, 1U, 2U, 3U, 5U, 6U, 7U, 8U, 10U, 11U, 12U, 13U, 15U, 16U, 17U, 18U}) {
    for (const unsigned s : {4U, 8U, 16U, 20U}) CHECK(ssb_first_symbols(SsbCase::d, 64)[index++] == s + 28 * n);
  }
  index = 0;
  for (const unsigned n : {0U, 1U, 2U, 3U, 5U, 6U, 7U, 8U}) {
    for (const unsigned s : {8U, 12U, 16U, 20U, 32U, 36U, 40U, 44U})
      CHECK(ssb_first_symbols(SsbCase::e, 64)[index++] == s + 56 * n);
  }
}

TEST_CASE("SSB patterns: four candidates up to 3 GHz, eight above, and case C without a pair changes at 1.88 GHz")
{
  CHECK(ssb_l_max(SsbCase::a, Hertz(3e9), Duplex::fdd) == 4);
  CHECK(ssb_l_max(SsbCase::a, Hertz(3.1e9), Duplex::fdd) == 8);
  CHECK(ssb_l_max(SsbCase::b, Hertz(2.1e9), Duplex::fdd) == 4);
  CHECK(ssb_l_max(SsbCase::c, Hertz(2.1e9), Duplex::fdd) == 4);
  CHECK(ssb_l_max(SsbCase::c, Hertz(1.879e9), Duplex::tdd) == 4);
  CHECK(ssb_l_max(SsbCase::c, Hertz(1.88e9), Duplex::tdd) == 8);
  CHECK(ssb_l_max(SsbCase::c, Hertz(2.35e9), Duplex::tdd) == 8);
  CHECK(ssb_l_max(SsbCase::d, Hertz(28e9), Duplex::tdd) == 64);
}
