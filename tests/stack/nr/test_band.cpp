#include "stack/nr/band.h"
#include "stack/nr/channel_bandwidth.h"

#include "tests/stack/nr/reference.h"

#include <cmath>

using namespace ravi;
using namespace ravi::nr;

namespace {

std::optional<FrequencyRange> range_of(const std::string& low, const std::string& high)
{
  if (low.empty()) return std::nullopt;
  return FrequencyRange{Hertz(std::round(std::stod(low) * 1e6)), Hertz(std::round(std::stod(high) * 1e6))};
}

void check_range(const ArfcnRange& range, const test::Row& row, std::size_t column)
{
  if (row[column].empty()) {
    CHECK(range.step == 0);
    CHECK_FALSE(range.contains(Arfcn(0)));
    return;
  }
  CHECK(range.first == test::number(row[column]));
  CHECK(range.last == test::number(row[column + 2]));
  if (range.first != range.last) CHECK(range.step == test::number(row[column + 1]));
  CHECK(range.contains(Arfcn(range.first)));
  CHECK(range.contains(Arfcn(range.last)));
}

bool is_fr1(const test::Row& row) { return test::number(row[0]) < 257; }

}  // namespace

TEST_CASE("Bands: every band of FR1 has the specification's duplex mode and frequencies [TS 38.104 Table 5.2-1]")
{
  const auto rows = test::read_table("nr_bands_fr1");
  if (!rows) return;
  CHECK(fr1_bands().size() == rows->size());
  for (const test::Row& row : *rows) {
    CAPTURE(row[0]);
    const Band* band = find_band(test::number(row[0]));
    REQUIRE(band != nullptr);
    const char* names[] = {"FDD", "TDD", "SDL", "SUL"};
    CHECK(row[1] == names[static_cast<int>(band->duplex)]);
    CHECK(band->uplink == range_of(row[2], row[3]));
    CHECK(band->downlink == range_of(row[4], row[5]));
  }
  CHECK(find_band(0) == nullptr);
  CHECK(find_band(4) == nullptr);
  CHECK(find_band(257) == nullptr);
}

TEST_CASE(
    "Bands: the channel raster is the specification's, and its ends lie inside the band [TS 38.104 Table 5.4.2.3-1]")
{
  const auto rows = test::read_table("nr_band_raster");
  if (!rows) return;
  std::size_t i = 0;
  for (const test::Row& row : *rows) {
    if (!is_fr1(row)) continue;
    CAPTURE(row[0]);
    REQUIRE(i < channel_rasters().size());
    const ChannelRaster& raster = channel_rasters()[i++];
    CHECK(raster.band == test::number(row[0]));
    CHECK(raster.raster_khz == test::number(row[1]));
    check_range(raster.uplink, row, 2);
    check_range(raster.downlink, row, 5);
    const Band* band = find_band(raster.band);
    REQUIRE(band != nullptr);
    for (const auto direction : {LinkDirection::uplink, LinkDirection::downlink}) {
      const ArfcnRange& range = direction == LinkDirection::uplink ? raster.uplink : raster.downlink;
      if (range.step == 0) continue;
      REQUIRE(band->range(direction));
      CHECK(band->range(direction)->contains(frequency(Arfcn(range.first))));
      CHECK(band->range(direction)->contains(frequency(Arfcn(range.last))));
    }
  }
  CHECK(i == channel_rasters().size());
}

TEST_CASE("Bands: carriers on and beside the raster, and the nearest one on it")
{
  const auto down = LinkDirection::downlink;
  CHECK(is_on_raster(Arfcn(368'500), 3, down, Scs::khz15));
  CHECK_FALSE(is_on_raster(Arfcn(368'501), 3, down, Scs::khz15));
  CHECK_FALSE(is_on_raster(Arfcn(368'500), 3, LinkDirection::uplink, Scs::khz15));
  CHECK(is_on_raster(Arfcn(349'500), 3, LinkDirection::uplink, Scs::khz15));
  CHECK(is_on_raster(Arfcn(632'629), 78, down, Scs::khz15));
  CHECK_FALSE(is_on_raster(Arfcn(632'629), 78, down, Scs::khz30));  // 30 kHz raster: even numbers
  CHECK(is_on_raster(Arfcn(632'628), 78, down, Scs::khz30));
  CHECK(is_on_raster(Arfcn(632'628), 78, down, Scs::khz60));
  CHECK(is_on_raster(Arfcn(155'608), 28, down, Scs::khz15));  // n28's single extra carrier
  CHECK_FALSE(is_on_raster(Arfcn(155'608), 4, down, Scs::khz15));

  CHECK(nearest_on_raster(Hertz(1.84254e9), 3, down, Scs::khz15) == Arfcn(368'500));
  CHECK(nearest_on_raster(Hertz(1e9), 3, down, Scs::khz15) == Arfcn(361'000));
  CHECK(nearest_on_raster(Hertz(9e9), 3, down, Scs::khz15) == Arfcn(376'000));
  CHECK(nearest_on_raster(Hertz(3.5e9), 78, down, Scs::khz30) == Arfcn(633'334));
  CHECK_FALSE(nearest_on_raster(Hertz(1.8e9), 80, down, Scs::khz15));
  CHECK_FALSE(nearest_on_raster(Hertz(1.8e9), 4, down, Scs::khz15));
}

TEST_CASE("Bands: the nearest carrier is allowed, and no allowed neighbor is nearer")
{
  for (const ChannelRaster& raster : channel_rasters()) {
    for (const Scs scs : {Scs::khz15, Scs::khz30}) {
      const auto range = find_band(raster.band)->range(LinkDirection::downlink);
      if (!range) continue;
      for (int i = 0; i <= 50; ++i) {
        const Hertz wanted(range->low.value() + (range->high - range->low).value() * i / 50.0 + 1234.0);
        const auto nearest = nearest_on_raster(wanted, raster.band, LinkDirection::downlink, scs);
        REQUIRE(nearest);
        REQUIRE(is_on_raster(*nearest, raster.band, LinkDirection::downlink, scs));
        const double miss = std::abs((frequency(*nearest) - wanted).value());
        for (int step = -40; step <= 40; ++step) {
          const Arfcn other(nearest->value() + static_cast<std::uint32_t>(step));
          if (!is_on_raster(other, raster.band, LinkDirection::downlink, scs)) continue;
          REQUIRE(std::abs((frequency(other) - wanted).value()) >= miss);
        }
      }
    }
  }
}

TEST_CASE("Bands: the default uplink lies at the band's distance, and TDD shares one frequency")
{
  CHECK(default_uplink(Arfcn(368'500), 3) == Arfcn(349'500));
  CHECK(default_uplink(Arfcn(428'000), 1) == Arfcn(390'000));
  CHECK(default_uplink(Arfcn(632'628), 78) == Arfcn(632'628));
  CHECK_FALSE(default_uplink(Arfcn(632'628), 3));
  CHECK_FALSE(default_uplink(Arfcn(143'400), 29));
  CHECK_FALSE(default_uplink(Arfcn(1), 4));
}

TEST_CASE("Bands: those that hold a frequency are found")
{
  const auto at = bands_at(Hertz(3.5e9), LinkDirection::downlink);
  REQUIRE(at.size() == 2);
  CHECK(at[0]->number == 77);
  CHECK(at[1]->number == 78);
  CHECK(bands_at(Hertz(10e6), LinkDirection::downlink).empty());
}

TEST_CASE("Bandwidths: resource blocks and guard bands are the specification's [TS 38.104 §5.3.2, §5.3.3]")
{
  const auto prbs = test::read_table("nr_nrb");
  const auto guards = test::read_table("nr_min_guardband");
  if (!prbs || !guards) return;
  unsigned num_checked = 0;
  unsigned num_present = 0;
  for (const std::uint8_t mhz : kFr1BandwidthsMhz) {
    for (const unsigned khz : {15U, 30U, 60U}) {
      const Scs scs = khz == 15 ? Scs::khz15 : khz == 30 ? Scs::khz30 : Scs::khz60;
      const Hertz bandwidth(mhz * 1e6);
      num_present += max_num_prb(bandwidth, scs) ? 1 : 0;
      CHECK(max_num_prb(bandwidth, scs).has_value() == min_guard_band(bandwidth, scs).has_value());
      for (const test::Row& row : *prbs) {
        if (row[0] != "FR1" || test::number(row[1]) != mhz || test::number(row[2]) != khz) continue;
        CHECK(max_num_prb(bandwidth, scs) == test::number(row[3]));
        ++num_checked;
      }
      for (const test::Row& row : *guards) {
        if (row[0] != "FR1" || test::number(row[1]) != mhz || test::number(row[2]) != khz) continue;
        REQUIRE(min_guard_band(bandwidth, scs));
        CHECK(*min_guard_band(bandwidth, scs) == Hertz(std::round(std::stod(row[3]) * 1000)));
      }
      if (const auto n =
              max_num_prb(bandwidth, scs)) {  // the clause's formula: half of what the PRBs and half an SCS leave
        const double guard = (mhz * 1e6 - *n * 12.0 * khz * 1e3 - khz * 1e3) / 2;
        CHECK(min_guard_band(bandwidth, scs)->value() == doctest::Approx(guard));
      }
    }
  }
  CHECK(num_checked == num_present);
  CHECK_FALSE(max_num_prb(Hertz(7e6), Scs::khz15));
  CHECK_FALSE(max_num_prb(Hertz(5e6), Scs::khz60));
  CHECK_FALSE(max_num_prb(Hertz(100e6), Scs::khz15));
  CHECK_FALSE(max_num_prb(Hertz(100e6), Scs::khz120));
}

TEST_CASE("Bandwidths: each band allows those of the specification and no other [TS 38.104 Table 5.3.5-1]")
{
  const auto rows = test::read_table("nr_band_channel_bw");
  if (!rows) return;
  for (const Band& band : fr1_bands()) {
    for (const unsigned khz : {15U, 30U, 60U}) {
      const Scs scs = khz == 15 ? Scs::khz15 : khz == 30 ? Scs::khz30 : Scs::khz60;
      CAPTURE(band.number);
      CAPTURE(khz);
      std::vector<unsigned> expected;
      for (const test::Row& row : *rows) {
        if (test::number(row[0]) == band.number && test::number(row[1]) == khz) expected = test::numbers(row[2]);
      }
      std::vector<unsigned> found;
      for (const Hertz bandwidth : channel_bandwidths(band.number, scs)) {
        found.push_back(static_cast<unsigned>(bandwidth.value() / 1e6));
        CHECK(max_num_prb(bandwidth, scs));
      }
      CHECK(found == expected);
    }
  }
  CHECK_FALSE(is_channel_bandwidth(Hertz(20e6), 4, Scs::khz15));
  CHECK_FALSE(is_channel_bandwidth(Hertz(20e6), 3, Scs::khz120));
}
