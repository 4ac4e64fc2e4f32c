#include "stack/nr/arfcn.h"
#include "stack/nr/band.h"
#include "stack/nr/gscn.h"

#include "tests/stack/nr/reference.h"

#include <algorithm>

using namespace ravi;
using namespace ravi::nr;

TEST_CASE("NR-ARFCN: each of the 3279166 numbers has one frequency, above the one before, and is found from it")
{
  Hertz before(-1.0);
  for (std::uint32_t n = 0; n <= Arfcn::kMax; ++n) {
    const Hertz f = frequency(Arfcn(n));
    const bool is_right = f > before && arfcn_of(f) == Arfcn(n);
    if (!is_right) REQUIRE_MESSAGE(false, "at ", n);
    before = f;
  }
  CHECK(before == Hertz(99'999'960'000.0));
}

TEST_CASE("NR-ARFCN: the ranges are the specification's [TS 38.104 Table 5.4.2.1-1]")
{
  const auto rows = test::read_table("nr_arfcn_global_raster");
  if (!rows) return;
  for (const test::Row& row : *rows) {
    const std::uint32_t first = test::number(row[5]);
    CHECK(frequency(Arfcn(first)) == Hertz(std::stod(row[3]) * 1e6));
    CHECK(frequency(Arfcn(first + 1)) - frequency(Arfcn(first)) == Hertz(std::stod(row[2]) * 1e3));
    CHECK(frequency(Arfcn(first)) >= Hertz(std::stod(row[0]) * 1e6));
    CHECK(frequency(Arfcn(test::number(row[6]))) < Hertz(std::stod(row[1]) * 1e6));
  }
}

TEST_CASE("NR-ARFCN: known carriers, frequencies between numbers, and the ends")
{
  CHECK(frequency(Arfcn(368'500)) == Hertz(1'842'500'000.0));
  CHECK(frequency(Arfcn(349'500)) == Hertz(1'747'500'000.0));
  CHECK(frequency(Arfcn(632'628)) == Hertz(3'489'420'000.0));
  CHECK(frequency(Arfcn(599'999)) == Hertz(2'999'995'000.0));
  CHECK(frequency(Arfcn(600'000)) == Hertz(3'000'000'000.0));
  CHECK_FALSE(arfcn_of(Hertz(1'842'501'000.0)));
  CHECK_FALSE(arfcn_of(Hertz(-5000.0)));
  CHECK(nearest_arfcn(Hertz(1'842'502'400.0)) == Arfcn(368'500));
  CHECK(nearest_arfcn(Hertz(1'842'502'600.0)) == Arfcn(368'501));
  CHECK(nearest_arfcn(Hertz(2'999'999'000.0)) == Arfcn(600'000));
  CHECK(nearest_arfcn(Hertz(-1.0)) == Arfcn(0));
  CHECK(nearest_arfcn(Hertz(1e12)) == Arfcn(Arfcn::kMax));
}

TEST_CASE("GSCN: each number has one frequency, above the one before, and is found from it")
{
  Hertz before(0.0);
  for (std::uint32_t n = Gscn::kMin; n <= Gscn::kMax; ++n) {
    const Hertz f = ss_ref(Gscn(n));
    REQUIRE(f > before);
    REQUIRE(gscn_of(f) == Gscn(n));
    REQUIRE(nearest_gscn(f + Hertz(10'000)) == Gscn(n));
    REQUIRE_FALSE(gscn_of(f + Hertz(10'000)));
    before = f;
  }
}

TEST_CASE("GSCN: the rules are the specification's [TS 38.104 Table 5.4.3.1-1]")
{
  for (std::uint32_t n = 1; n <= 2499; ++n) {
    for (const std::uint32_t m : {1U, 3U, 5U}) {
      REQUIRE(gscn_of(Hertz(n * 1.2e6 + m * 50e3)) == Gscn(3 * n + (m - 1) / 2 - 1));  // 3 N + (M - 3) / 2
    }
  }
  for (std::uint32_t n = 0; n <= 14'756; ++n) REQUIRE(gscn_of(Hertz(3e9 + n * 1.44e6)) == Gscn(7499 + n));
  for (std::uint32_t n = 0; n <= 4383; ++n) REQUIRE(gscn_of(Hertz(24'250.08e6 + n * 17.28e6)) == Gscn(22'256 + n));
  CHECK(nearest_gscn(Hertz(0.0)) == Gscn(Gscn::kMin));
  CHECK(nearest_gscn(Hertz(1e12)) == Gscn(Gscn::kMax));
}

TEST_CASE("GSCN: blocks of foreign recordings lie on their band's raster")
{
  const auto n78 = gscn_of(Hertz(3'512'640'000.0));
  REQUIRE(n78);
  CHECK(*n78 == Gscn(7855));
  CHECK(ss_rasters(78).front().contains(*n78));
  const auto n3 = gscn_of(Hertz(1'842'050'000.0));
  REQUIRE(n3);
  CHECK(ss_rasters(3).front().contains(*n3));
  CHECK_FALSE(ss_rasters(1).front().contains(*n3));
}

TEST_CASE("SS raster: every row is the specification's, and its blocks lie inside the band [TS 38.104 Table 5.4.3.3-1]")
{
  const auto rows = test::read_table("ss_raster_per_band");
  if (!rows) return;
  std::size_t i = 0;
  for (const test::Row& row : *rows) {
    if (test::number(row[0]) >= 257) continue;
    CAPTURE(row[0]);
    REQUIRE(i < ss_rasters().size());
    const SsRaster& raster = ss_rasters()[i++];
    CHECK(raster.band == test::number(row[0]));
    CHECK(spacing_hz(scs_of(raster.ssb_case)) == 1000 * test::number(row[1]));
    CHECK(static_cast<int>(raster.ssb_case) == row[2][0] - 'A');
    std::vector<unsigned> expected = test::numbers(row[6]);
    if (expected.empty()) {
      for (unsigned n = test::number(row[3]); n <= test::number(row[5]); n += test::number(row[4]))
        expected.push_back(n);
    }
    std::vector<unsigned> found;
    for (const Gscn gscn : gscns(raster)) {
      found.push_back(gscn.value());
      CHECK(raster.contains(gscn));
      const auto range = find_band(raster.band)->downlink;
      REQUIRE(range);
      CHECK(range->contains(ss_ref(gscn) - 120.0 * spacing(scs_of(raster.ssb_case))));
      CHECK(range->contains(ss_ref(gscn) + 119.0 * spacing(scs_of(raster.ssb_case))));
    }
    CHECK(found == expected);
    CHECK_FALSE(raster.contains(Gscn(expected.front() - 1)));
    CHECK_FALSE(raster.contains(Gscn(expected.back() + 1)));
    CHECK(raster.allows(Hertz(5e6)) == (row[7].find(">=") == std::string::npos));
    CHECK(raster.allows(Hertz(40e6)) == (row[7].find("<") == std::string::npos));
    CHECK(raster.allows(Hertz(20e6)) == (row[7].empty() || row[7] == "ch bw <40 MHz" || row[7] == "ch bw >=10 MHz"));
  }
  CHECK(i == ss_rasters().size());
  CHECK(ss_rasters(79).size() == 2);
  CHECK(ss_rasters(4).empty());
}
