// MIB and SIB1: our own cells there and back, foreign cells, malformed messages.

#include "stack/rrc/broadcast.h"

#include "stack/nr/arfcn.h"
#include "stack/phy/cell_search.h"
#include "stack/phy/sib1.h"
#include "stack/rrc/derive_cell.h"
#include "tests/stack/phy/foreign_recording.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace ravi;
using namespace ravi::rrc;

namespace {

nr::Cell derived(const CellIntent& intent)
{
  auto result = derive_cell(intent);
  REQUIRE_MESSAGE(result, (result ? "" : result.error().message));
  return result->cell;
}

SsbReading reading_of(const nr::Cell& cell)
{
  return {.pci = cell.pci, .gscn = cell.ssb.gscn, .ssb_case = cell.ssb.ssb_case, .k_ssb = cell.ssb.k_ssb, .mib = mib_of(cell)};
}

/// A foreign recording's cell as our receiver and this reader see it; nothing without reference data.
std::optional<nr::Cell> foreign_cell(const std::string& name, const phy::SsbCandidate& candidate, nr::SsbCase ssb_case)
{
  const auto recording = phy::load_recording(name, 0, 1'000'000);
  if (!recording) return std::nullopt;
  const auto band = phy::SubBand::make(recording->samples, recording->rate);
  REQUIRE(band);
  const auto found = phy::search_cells(*band, recording->tuned, candidate);
  REQUIRE(found.size() == 1);
  const auto sib1 = phy::read_sib1(*band, recording->tuned, found[0], ssb_case, nr::MinimumBandwidth::mhz5_or_10);
  REQUIRE(sib1.status == phy::Sib1Status::read);
  const SsbReading reading{.pci = found[0].pci, .gscn = nr::gscn_of(candidate.frequency).value(), .ssb_case = ssb_case,
                           .k_ssb = found[0].pbch.k_ssb, .mib = found[0].pbch.mib};
  const auto cell = read_cell(reading, sib1.transport_block);
  REQUIRE_MESSAGE(cell, (cell ? "" : cell.error().message));
  return *cell;
}

}  // namespace

TEST_CASE("broadcast: MIB and SIB1 of every kind of cell come back as the same cell")
{
  for (const CellIntent& intent : {
           CellIntent{.band = 3, .bandwidth = Hertz(10e6)},
           CellIntent{.band = 3, .bandwidth = Hertz(20e6), .pci = 1007, .plmn = {"310", "410"}, .num_preambles = 60},
           CellIntent{.band = 1, .bandwidth = Hertz(20e6), .pci = 200, .tracking_area_code = 0xABCDEF},
           CellIntent{.band = 40, .bandwidth = Hertz(20e6), .nr_cell_identity = 0xFEDCBA987},
           CellIntent{.band = 78, .bandwidth = Hertz(20e6)},
           CellIntent{.band = 78, .bandwidth = Hertz(40e6), .pci = 42},
           CellIntent{.band = 78, .bandwidth = Hertz(100e6), .tdd_pattern = nr::TddPattern{std::chrono::microseconds(4000), 4, 6, 2, 4}},
           CellIntent{.band = 78, .bandwidth = Hertz(20e6), .tdd_pattern = nr::TddPattern{std::chrono::microseconds(2500), 3, 6, 1, 4}},
       }) {
    CAPTURE(intent.band);
    const nr::Cell cell = derived(intent);
    const auto sib1 = sib1_of(cell);
    REQUIRE_MESSAGE(sib1, (sib1 ? "" : sib1.error().message));
    CHECK(sib1->size() <= 372);  // TS 38.331 §5.2.1: 2976 bits
    std::vector<std::uint8_t> padded = *sib1;
    padded.resize(padded.size() + 20);
    const auto back = read_cell(reading_of(cell), padded);
    REQUIRE_MESSAGE(back, (back ? "" : back.error().message));

    CHECK(sib1_of(*back).value() == *sib1);  // all that SIB1 carries
    CHECK(mib_of(*back) == mib_of(cell));
    CHECK(back->plmn == cell.plmn);
    CHECK(back->bandwidth == cell.bandwidth);
    CHECK(back->duplex == cell.duplex);
    CHECK(back->downlink.center == cell.downlink.center);
    CHECK(back->uplink.center == cell.uplink.center);
    CHECK(back->downlink.num_prb == cell.downlink.num_prb);
    CHECK(back->downlink_bwp_crb == cell.downlink_bwp_crb);
    CHECK(back->uplink_bwp_crb == cell.uplink_bwp_crb);
    CHECK(back->ssb == cell.ssb);
    CHECK(back->ssb_l_max == cell.ssb_l_max);
    CHECK(back->ssb_positions_in_burst == cell.ssb_positions_in_burst);
    CHECK(back->coreset0.first_crb == cell.coreset0.first_crb);
    CHECK(back->coreset0.frequency_domain_resources == cell.coreset0.frequency_domain_resources);
    CHECK(back->coreset0.shift_index == cell.coreset0.shift_index);
    CHECK(back->ra_search_space == cell.ra_search_space);
    CHECK(back->tdd == cell.tdd);
    CHECK(back->pdsch_time_allocations == cell.pdsch_time_allocations);
    CHECK(back->pusch_time_allocations == cell.pusch_time_allocations);
    CHECK(back->random_access.num_preambles == cell.random_access.num_preambles);
    CHECK(back->n_ta_offset_tc == cell.n_ta_offset_tc);

    const auto identity = read_sib1_identity(padded);
    REQUIRE(identity);
    CHECK(identity->plmns == std::vector<nr::Plmn>{cell.plmn});
    CHECK(identity->band == cell.band);
    CHECK(identity->carrier_prb == cell.downlink.num_prb);
  }
}

TEST_CASE("broadcast: our MIB is what PHY's own reader reads")
{
  const nr::Cell cell = derived({.band = 78, .bandwidth = Hertz(20e6)});
  const auto mib = phy::parse_mib(mib_of(cell));
  REQUIRE(mib);
  CHECK(mib->subcarrier_spacing_common == nr::Scs::khz30);
  CHECK(mib->ssb_subcarrier_offset == (cell.ssb.k_ssb & 15U));
  CHECK(mib->controlresourceset_zero == cell.coreset0_index);
  CHECK(mib->search_space_zero == cell.search_space0_index);
  CHECK(mib->dmrs_type_a_position == cell.dmrs_type_a_position);
  CHECK_FALSE(mib->is_cell_barred);
}

TEST_CASE("broadcast: a foreign cell of n3, read off the air")
{
  const auto cell = foreign_cell("n3-fdd-pci500-sib1", {Hertz(1842.05e6), nr::Scs::khz15, 4}, nr::SsbCase::a);
  if (!cell) return;
  CHECK(cell->pci == nr::Pci(500));
  CHECK(cell->plmn == nr::Plmn{"001", "01"});
  CHECK(cell->tracking_area_code == 100);
  CHECK(cell->nr_cell_identity == 0x001234501);
  CHECK(cell->band == 3);
  CHECK(cell->downlink.num_prb == 52);
  CHECK(nr::arfcn_of(cell->downlink.center) == nr::Arfcn(368500));
  CHECK(nr::point_a_arfcn(cell->uplink) == nr::Arfcn(348564));
  CHECK(cell->bandwidth == Hertz(10e6));
  CHECK(cell->ssb_period_ms == 20);
  CHECK(cell->random_access.prach_configuration_index == 16);
  CHECK(cell->random_access.zero_correlation_zone == 15);
  CHECK(cell->random_access.num_preambles == 8);
  CHECK(cell->random_access.preamble_received_target_power_dbm == -110);
  CHECK(cell->pucch_resource_common == 11);
  REQUIRE(cell->pusch_time_allocations.size() == 2);
  CHECK(cell->pusch_time_allocations[1].k_2 == 5);
  CHECK(cell->timers.t311 == std::chrono::milliseconds(30'000));
}

TEST_CASE("broadcast: foreign cells of the attach, n1 and n78, read off the air")
{
  const auto attach = foreign_cell("foreign-attach-dl", {Hertz(1842.05e6), nr::Scs::khz15, 4}, nr::SsbCase::a);
  if (!attach) return;
  CHECK(attach->pci == nr::Pci(1));
  CHECK(attach->downlink.center == Hertz(1842.5e6));
  CHECK(attach->uplink.center == Hertz(1747.5e6));
  CHECK(attach->coreset0_index == 6);
  CHECK(attach->random_access.prach_configuration_index == 1);
  CHECK(attach->random_access.root_sequence_index == 1);
  CHECK(attach->random_access.zero_correlation_zone == 0);
  CHECK(attach->downlink_bwp_crb == nr::PrbRange{0, 52});
  CHECK(attach->pusch_time_allocations.at(0).k_2 == 4);

  const auto n1 = foreign_cell("foreign-n1-20m", {Hertz(2132.65e6), nr::Scs::khz15, 4}, nr::SsbCase::a);
  REQUIRE(n1);
  CHECK(n1->pci == nr::Pci(200));
  CHECK(n1->plmn == nr::Plmn{"001", "02"});
  CHECK(n1->tracking_area_code == 2001);
  CHECK(n1->nr_cell_identity == 0x00066c000);
  CHECK(n1->band == 1);
  CHECK(n1->downlink.num_prb == 106);
  CHECK(n1->ssb.k_ssb == 2);

  const auto n78 = foreign_cell("foreign-n78-20m", {Hertz(3594.72e6), nr::Scs::khz30, 8}, nr::SsbCase::c);
  REQUIRE(n78);
  CHECK(n78->pci == nr::Pci(42));
  CHECK(n78->tracking_area_code == 100);
  CHECK(n78->band == 78);
  CHECK(n78->duplex == nr::Duplex::tdd);
  CHECK(n78->downlink.num_prb == 51);
  CHECK(n78->tdd.has_value());
  CHECK(n78->uplink.center == n78->downlink.center);
  CHECK(nr::is_on_raster(*nr::arfcn_of(n78->downlink.center), 78, nr::LinkDirection::downlink, nr::Scs::khz30));
}

TEST_CASE("broadcast: no truncation and no flipped bits of SIB1 harm the reader")
{
  const nr::Cell cell = derived({.band = 78, .bandwidth = Hertz(20e6)});
  const SsbReading reading = reading_of(cell);
  const std::vector<std::uint8_t> sib1 = sib1_of(cell).value();
  for (std::size_t length = 0; length < sib1.size(); ++length) {
    CHECK_FALSE(read_cell(reading, std::span(sib1).first(length)));
  }
  std::mt19937 random(20'260'724);
  unsigned refused = 0;
  for (unsigned trial = 0; trial < 4000; ++trial) {
    std::vector<std::uint8_t> flipped = sib1;
    for (unsigned flips = 0; flips <= random() % 3; ++flips) flipped[random() % flipped.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
    const auto read = read_cell(reading, flipped);
    refused += read ? 0 : 1;
    if (read) CHECK(read->downlink_bwp_crb.count <= read->downlink.num_prb);
  }
  CHECK(refused > 100);
  for (unsigned trial = 0; trial < 4000; ++trial) {
    SsbReading changed = reading;
    changed.mib = static_cast<std::uint32_t>(random()) & 0x1FFFFFF;
    changed.k_ssb = random() % 32;
    (void)read_cell(changed, sib1);
  }
}
