// Cells from intents: known answers, the rules every cell must keep, refusals.

#include "stack/rrc/derive_cell.h"

#include "stack/nr/arfcn.h"
#include "stack/nr/channel_bandwidth.h"
#include "stack/nr/prach_config.h"
#include "stack/nr/resource_allocation.h"
#include "stack/nr/time_allocation.h"

#include <doctest/doctest.h>

#include <string>

using namespace ravi;
using namespace ravi::rrc;

namespace {

nr::Cell cell_of(unsigned band, double mhz)
{
  const auto derived = derive_cell({.band = band, .bandwidth = Hertz(mhz * 1e6)});
  REQUIRE_MESSAGE(derived, (derived ? "" : derived.error().message));
  return derived->cell;
}

std::string refusal(const CellIntent& intent)
{
  const auto derived = derive_cell(intent);
  return derived ? std::string() : derived.error().message;
}

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("derive_cell: n3 at 10 MHz is the cell that is proven with srsUE")
{
  const nr::Cell cell = cell_of(3, 10);
  CHECK(nr::arfcn_of(cell.downlink.center) == nr::Arfcn(368500));
  CHECK(nr::arfcn_of(cell.uplink.center) == nr::Arfcn(349500));
  CHECK(nr::point_a_arfcn(cell.downlink) == nr::Arfcn(367564));
  CHECK(nr::point_a_arfcn(cell.uplink) == nr::Arfcn(348564));
  CHECK(nr::arfcn_of(nr::ss_ref(cell.ssb.gscn)) == nr::Arfcn(368410));
  CHECK(cell.ssb.k_ssb == 6);
  CHECK(cell.ssb.offset_to_point_a == 13);
  CHECK(cell.ssb.ssb_case == nr::SsbCase::a);
  CHECK(cell.downlink.num_prb == 52);
  CHECK(cell.downlink.scs == nr::Scs::khz15);
  CHECK(cell.coreset0_index == 6);
  CHECK(cell.coreset0.first_crb == 1);
  CHECK(cell.coreset0.num_prb() == 48);
  CHECK(cell.coreset0.duration == 1);
  CHECK(nr::location_and_bandwidth_of(cell.downlink_bwp_crb) == 14025);
  CHECK(cell.random_access.prach_configuration_index == 13);
  CHECK(nr::prach_config(cell.duplex, 13)->x == 2);
  CHECK(cell.random_access.msg1_frequency_start >= 1);
  CHECK(cell.pucch_resource_common == 11);
  CHECK(cell.ssb_period_ms == 10);
  CHECK(cell.n_ta_offset_tc == 25'600);
  REQUIRE(cell.pusch_time_allocations.size() == 1);
  CHECK(cell.pusch_time_allocations[0].k_2 == 4);
  CHECK(nr::sliv_of(cell.pusch_time_allocations[0].symbols) == 27);
  REQUIRE(cell.pdsch_time_allocations.size() == 1);
  CHECK(nr::sliv_of(cell.pdsch_time_allocations[0].symbols) == 40);
  CHECK_FALSE(cell.tdd);
}

TEST_CASE("derive_cell: n3 at 20 MHz likewise")
{
  const nr::Cell cell = cell_of(3, 20);
  CHECK(nr::arfcn_of(cell.downlink.center) == nr::Arfcn(368500));
  CHECK(nr::arfcn_of(nr::ss_ref(cell.ssb.gscn)) == nr::Arfcn(368410));
  CHECK(nr::point_a_arfcn(cell.downlink) == nr::Arfcn(366592));
  CHECK(nr::point_a_arfcn(cell.uplink) == nr::Arfcn(347592));
  CHECK(cell.ssb.k_ssb == 6);
  CHECK(cell.ssb.offset_to_point_a == 40);
  CHECK(cell.coreset0_index == 12);
  CHECK(cell.coreset0.first_crb == 2);
  CHECK(nr::location_and_bandwidth_of(cell.downlink_bwp_crb) == 28875);
  CHECK(cell.random_access.msg1_frequency_start >= 3);
}

TEST_CASE("derive_cell: n78 TDD at 20 and 40 MHz")
{
  for (const double mhz : {20.0, 40.0}) {
    const nr::Cell cell = cell_of(78, mhz);
    CHECK(cell.downlink.scs == nr::Scs::khz30);
    CHECK(cell.downlink.num_prb == (mhz == 20.0 ? 51 : 106));
    CHECK(cell.uplink.center == cell.downlink.center);
    CHECK(cell.ssb_l_max == 8);
    REQUIRE(cell.tdd);
    CHECK(cell.tdd->pattern1.num_downlink_slots == 7);
    CHECK(cell.tdd->pattern1.num_uplink_slots == 2);
    CHECK(cell.pdsch_time_allocations.size() == 2);
    CHECK(cell.random_access.response_window_slots == 20);
    const auto config = nr::prach_config(cell.duplex, cell.random_access.prach_configuration_index);
    REQUIRE(config);
    CHECK(config->format == nr::PrachFormat::f0);
    CHECK(config->x == 2);
  }
}

TEST_CASE("derive_cell: every band and bandwidth of FR1 gives a cell that keeps the rules, or a refusal that says why")
{
  unsigned num_cells = 0;
  for (const nr::Band& band : nr::fr1_bands()) {
    for (const unsigned mhz : {5U, 10U, 20U, 40U, 100U}) {
      CAPTURE(band.number);
      CAPTURE(mhz);
      const auto derived = derive_cell({.band = band.number, .bandwidth = Hertz(mhz * 1e6)});
      if (!derived) {
        CHECK_FALSE(derived.error().message.empty());
        continue;
      }
      ++num_cells;
      const nr::Cell& cell = derived->cell;
      CHECK(nr::is_on_raster(*nr::arfcn_of(cell.downlink.center), cell.band, nr::LinkDirection::downlink, cell.downlink.scs));
      CHECK(nr::ssb_position(cell.downlink, cell.ssb.ssb_case, cell.ssb.gscn) == cell.ssb);
      CHECK(cell.coreset0.first_crb + cell.coreset0.num_prb() <= cell.downlink.num_prb);
      CHECK(cell.tdd.has_value() == (cell.duplex == nr::Duplex::tdd));
      CHECK(derived->values.size() > 15);
      // Each uplink slot can be reached by a grant.
      for (unsigned slot = 0; cell.tdd && slot < 20; ++slot) {
        const nr::Slot uplink = nr::Slot::from_count(cell.uplink.scs, 100 + slot);
        if (!nr::slot_direction(*cell.tdd, uplink).is_all_uplink()) continue;
        bool is_reached = false;
        for (const auto& row : cell.pusch_time_allocations) {
          is_reached |= nr::slot_direction(*cell.tdd, uplink - row.k_2).num_downlink > cell.coreset0.duration;
        }
        CHECK(is_reached);
      }
    }
  }
  CHECK(num_cells > 110);
}

TEST_CASE("derive_cell: Msg3 reaches an uplink slot from a downlink slot of every TDD half period")
{
  const nr::Cell cell = cell_of(78, 20);
  unsigned reaching = 0;
  for (unsigned slot = 0; slot < 10; ++slot) {
    const nr::Slot rar = nr::Slot::from_count(cell.uplink.scs, slot);
    for (const auto& row : cell.pusch_time_allocations) {
      if (nr::slot_direction(*cell.tdd, rar).num_downlink == 0) continue;
      if (nr::slot_direction(*cell.tdd, rar + row.k_2 + nr::msg3_delta(cell.uplink.scs)).is_all_uplink()) {
        ++reaching;
        break;
      }
    }
  }
  CHECK(reaching >= 7);
}

TEST_CASE("derive_cell: what cannot be is refused with the nearest choice, all faults together")
{
  CHECK(contains(refusal({.band = 4}), "nearest that can is n3"));
  CHECK(contains(refusal({.band = 3, .bandwidth = Hertz(11e6)}), "nearest is 10 MHz"));
  CHECK(contains(refusal({.band = 3, .bandwidth = Hertz(10e6), .scs_khz = 60}), "nearest is 30 kHz"));
  CHECK(contains(refusal({.band = 3, .bandwidth = Hertz(10e6), .arfcn = 368'501}), "nearest that can is ARFCN 368500"));
  CHECK(contains(refusal({.band = 3, .bandwidth = Hertz(10e6), .frequency = Hertz(2e9)}), "does not lie in the band"));
  CHECK(contains(refusal({.band = 3, .bandwidth = Hertz(10e6), .prach_configuration_index = 30}), "prach-ConfigurationIndex 30"));
  CHECK(contains(refusal({.band = 3, .bandwidth = Hertz(10e6), .tdd_pattern = nr::TddPattern{}}), "FDD"));
  CHECK(contains(refusal({.band = 3, .bandwidth = Hertz(10e6), .gscn = 2}), "nowhere in n3"));

  const std::string several =
      refusal({.band = 3, .bandwidth = Hertz(10e6), .pci = 2000, .ssb_period_ms = 15, .root_sequence_index = 900, .pucch_resource_common = 1});
  CHECK(contains(several, "1007"));
  CHECK(contains(several, "nearest is 10 ms"));
  CHECK(contains(several, "837"));
  CHECK(contains(several, "nearest of format 1 is 3"));
}

TEST_CASE("derive_cell: a short pattern has a short PRACH")
{
  const auto derived = derive_cell({.band = 78, .bandwidth = Hertz(20e6),
                                    .tdd_pattern = nr::TddPattern{std::chrono::microseconds(2500), 3, 6, 1, 4}});
  REQUIRE_MESSAGE(derived, (derived ? "" : derived.error().message));
  const auto config = nr::prach_config(nr::Duplex::tdd, derived->cell.random_access.prach_configuration_index);
  CHECK_FALSE(nr::is_long(config->format));
  CHECK(explain(*derived).find("TS 38.213 §11.1") != std::string::npos);
}
