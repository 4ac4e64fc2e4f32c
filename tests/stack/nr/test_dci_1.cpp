// DCI formats 1_1 and 0_1, worked by hand from TS 38.212 §7.3.1, and what a PDSCH leaves out.

#include "stack/nr/csi_rs.h"
#include "stack/nr/dci_1.h"
#include "stack/nr/reserved_elements.h"
#include "stack/nr/scheduled_pdsch.h"
#include "stack/nr/scheduled_pusch.h"
#include "stack/nr/tbs.h"

#include "doctest/doctest.h"

#include <random>

namespace ravi::nr {
namespace {

/// FDD, 52 PRB: what a foreign gNB configures by default, one port, one PDSCH and one PUSCH time allocation, one k_1.
struct Configured {
  Cell cell;
  UeConfig ue;
  DedicatedCoreset coreset;
  Configured()
  {
    cell.pci = Pci(1);
    cell.downlink.num_prb = cell.uplink.num_prb = 52;
    cell.downlink_bwp_crb = cell.uplink_bwp_crb = {0, 52};
    cell.coreset0.frequency_domain_resources = 0xFF;
    cell.coreset0.first_crb = 1;
    cell.pdsch_time_allocations = {{.symbols = {1, 13}}};
    cell.pusch_time_allocations = {{.k_2 = 4, .symbols = {0, 14}}};
    cell.ssb.first_subcarrier = 12 * 13 + 6;
    ue.c_rnti = Rnti(0x4601);
    ue.dci_fields.num_codebook_srs = 1;
    ue.search_spaces = {{.id = 2, .coreset_id = 1, .num_candidates = {0, 2, 1, 0, 0}, .is_common = false, .has_formats_1 = true}};
    ue.pdsch_mcs_table = McsTable::qam256;
    ue.coresets = {{.id = 1}};
    coreset.coreset = {.frequency_domain_resources = 0xFF, .first_crb = 0};
  }
  [[nodiscard]] Dci1Layout layout() const { return dci_1_layout(cell, ue, coreset); }
  [[nodiscard]] DciPlace place() const { return {.search_space = ue.search_spaces[0], .coreset = coreset.coreset}; }
};

TEST_CASE("DCI 1_1 and 0_1: sizes follow from what the UE has been told [TS 38.212 §7.3.1.1.2, §7.3.1.2.2]")
{
  Configured c;
  // 1_1: identifier 1, RIV of 52 PRB 11, MCS 5, NDI 1, RV 2, HARQ 4, DAI 2, TPC 2, PUCCH 3, ports 4, SRS 2, n_SCID 1.
  CHECK(c.layout().dl_bits == 38);
  // 0_1: identifier 1, RIV 11, MCS 5, NDI 1, RV 2, HARQ 4, DAI 2, TPC 2, ports 3, SRS 2, n_SCID 1, UL-SCH 1.
  CHECK(c.layout().ul_bits == 35);
  c.ue.dl_data_to_ul_ack = {4, 5, 6};
  CHECK(c.layout().dl_bits == 40);
  c.ue.pdsch_time_allocations = {{}, {}, {}};
  c.coreset.has_tci = true;
  c.ue.dci_fields.vrb_bundle_size = 2;
  c.ue.dci_fields.is_prb_bundling_dynamic = true;
  c.ue.dci_fields.num_aperiodic_zp_sets = 3;
  CHECK(c.layout().dl_bits == 40 + 2 + 3 + 1 + 1 + 2);
  c.cell.pusch_time_allocations.clear();  // default table A has sixteen rows
  c.ue.dci_fields.num_codebook_srs = 2;
  c.ue.dci_fields.csi_request_bits = 2;
  CHECK(c.layout().ul_bits == 35 + 4 + 1 + 2);
}

TEST_CASE("DCI 1_1 and 0_1: a size of formats 1_0 and 0_0 in another UE search space is avoided [TS 38.212 §7.3.1.0 step 2]")
{
  Configured c;
  c.ue.dl_data_to_ul_ack = {4, 5};
  CHECK(c.layout().dl_bits == 39);
  c.ue.search_spaces.push_back({.id = 3, .coreset_id = 1, .num_candidates = {0, 0, 1, 0, 0}, .is_common = false});
  CHECK(DciSizes::ue({.active_dl = 52, .active_ul = 52}).dl.num_bits == 39);
  CHECK(c.layout().dl_bits == 40);
  CHECK(c.layout().ul_bits == 35);
  CHECK(num_dci_sizes(c.cell, c.ue) == 3);  // 39 twice: over CORESET#0's 48 PRB and over 52
  c.cell.coreset0.frequency_domain_resources = 0xF;
  CHECK(num_dci_sizes(c.cell, c.ue) == 4);
}

TEST_CASE("DCI 1_1 and 0_1: every field comes back, and neither is taken for the other")
{
  Configured c;
  c.ue.dl_data_to_ul_ack = {4, 5, 6, 7};
  c.ue.dci_fields = {.vrb_bundle_size = 2, .is_prb_bundling_dynamic = true, .num_aperiodic_zp_sets = 1, .num_codebook_srs = 2, .csi_request_bits = 3};
  c.coreset.has_tci = true;
  c.ue.pdsch_time_allocations = {{}, {}};
  c.ue.pusch_time_allocations = {{}, {}};
  const Dci1Layout layout = c.layout();
  std::mt19937 random(1);
  const auto draw = [&random](unsigned mask) { return static_cast<unsigned>(random()) & mask; };
  for (unsigned trial = 0; trial < 200; ++trial) {
    const Dci11 dl{.fdra = draw(2047), .time_allocation = draw(1), .is_interleaved = draw(1) != 0, .prb_bundling = draw(1), .zp_trigger = draw(1),
                   .mcs = draw(31), .ndi = draw(1), .redundancy_version = draw(3), .harq_process = draw(15), .dai = draw(3), .tpc = draw(3),
                   .pucch_resource = draw(7), .harq_timing = draw(3), .antenna_ports = draw(15), .tci = draw(7), .srs_request = draw(3), .n_scid = draw(1)};
    const SmallBits dl_bits = pack_dci_1_1(dl, layout);
    REQUIRE(dl_bits.size() == layout.dl_bits);
    CHECK(unpack_dci_1_1(dl_bits.span(), layout) == dl);
    CHECK_FALSE(unpack_dci_0_1(dl_bits.span(), layout));
    const Dci01 ul{.fdra = draw(2047), .time_allocation = draw(1), .mcs = draw(31), .ndi = draw(1), .redundancy_version = draw(3),
                   .harq_process = draw(15), .dai = draw(3), .tpc = draw(3), .srs_resource = draw(1), .antenna_ports = draw(7),
                   .srs_request = draw(3), .csi_request = draw(7), .n_scid = draw(1), .has_ul_sch = draw(1) != 0};
    const SmallBits ul_bits = pack_dci_0_1(ul, layout);
    REQUIRE(ul_bits.size() == layout.ul_bits);
    CHECK(unpack_dci_0_1(ul_bits.span(), layout) == ul);
    CHECK_FALSE(unpack_dci_1_1(ul_bits.span(), layout));
    for (unsigned length = 0; length < ul_bits.size(); ++length) CHECK_FALSE(unpack_dci_0_1(ul_bits.span().first(length), layout));
  }
}

TEST_CASE("PDSCH and PUSCH: 256QAM, fewer DM-RS and the whole bandwidth part come with formats 1_1 and 0_1, not with 1_0 and 0_0")
{
  Configured c;
  c.ue.pusch_mcs_table = McsTable::qam256;
  c.ue.pdsch_dmrs_additional_position = c.ue.pusch_dmrs_additional_position = 1;
  const auto own = pdsch_scheduling(c.cell, &c.ue, DciRnti::c, 0, c.place());
  REQUIRE(own);
  CHECK(own->mcs_table == McsTable::qam256);
  CHECK(own->additional_position == 1);
  CHECK(own->riv_crb == c.cell.downlink_bwp_crb);
  const SearchSpace common{.id = 1};
  const auto fallback = pdsch_scheduling(c.cell, &c.ue, DciRnti::c, 0, {.search_space = common, .coreset = c.cell.coreset0});
  REQUIRE(fallback);
  CHECK(fallback->mcs_table == McsTable::qam64);
  CHECK(fallback->additional_position == 2);
  CHECK(fallback->riv_crb == PrbRange{1, 48});
  CHECK(pusch_scheduling(c.cell, &c.ue, 0, &c.ue.search_spaces[0])->mcs_table == McsTable::qam256);
  CHECK(pusch_scheduling(c.cell, &c.ue, 0, &common)->mcs_table == McsTable::qam64);
  CHECK(pusch_scheduling(c.cell, &c.ue, 0, &common)->additional_position == 2);
  // Ports: TS 38.212 Table 7.3.1.2.2-1 row 4 is port 1001 with both groups kept free; rows of two layers are not taken.
  const auto pdu = scheduled_pdsch({.mcs = 27, .antenna_ports = 4, .n_scid = 1}, c.ue.c_rnti, *own, c.ue);
  REQUIRE(pdu);
  CHECK(pdu->sch.modulation == Modulation::qam256);
  CHECK(pdu->dmrs.port == 1);
  CHECK(pdu->dmrs.n_scid == 1);
  CHECK_FALSE(scheduled_pdsch(Dci11{.antenna_ports = 2}, c.ue.c_rnti, *own, c.ue));
  CHECK(grant_of(Dci01{.antenna_ports = 3})->antenna == AntennaPort{.port = 1, .num_cdm_groups_without_data = 2});
  CHECK_FALSE(grant_of(Dci01{.antenna_ports = 6}));
}

TEST_CASE("CSI-RS: elements of the rows of TS 38.211 Table 7.4.1.5.3-1")
{
  const auto elements = [](CsiRsRow row, unsigned bitmap, unsigned ports) {
    return csi_rs_elements({.row = row, .bitmap = bitmap, .num_ports = ports, .first_symbol = 4, .crb = {0, 52}});
  };
  CHECK(elements(CsiRsRow::row1, 0b0010, 1)->subcarriers == 0x222);  // k_0 = 1: 1, 5, 9
  CHECK(elements(CsiRsRow::row2, 1U << 11, 1)->subcarriers == 0x800);
  CHECK(elements(CsiRsRow::row4, 0b010, 4)->subcarriers == 0x0F0);
  CHECK(elements(CsiRsRow::other, 0b000010, 2)->subcarriers == 0x00C);  // row 3
  CHECK(elements(CsiRsRow::other, 0b000010, 2)->symbols == 1U << 4);
  CHECK(elements(CsiRsRow::other, 0b000001, 4)->symbols == 3U << 4);    // row 5
  CHECK(elements(CsiRsRow::other, 0b011110, 8)->symbols == 1U << 4);    // row 6
  CHECK(elements(CsiRsRow::other, 0b000110, 8)->symbols == 3U << 4);    // rows 7, 8
  CHECK_FALSE(elements(CsiRsRow::other, 0b000111, 8));
  CHECK_FALSE(elements(CsiRsRow::row2, 0b11, 1));
}

TEST_CASE("Reserved elements: blocks for all but SIB1, CSI-RS for the C-RNTI in their slots [TS 38.214 §5.1.4]")
{
  Configured c;
  c.ue.nzp_csi_rs = {{.id = 0, .elements = {.crb = {0, 52}, .symbols = 1U << 4, .subcarriers = 0x002}, .period_slots = 20, .offset_slots = 2}};
  c.ue.zp_csi_rs = {{.id = 0, .elements = {.crb = {0, 52}, .symbols = 1U << 8, .subcarriers = 0x0F0}, .period_slots = 20, .offset_slots = 2},
                    {.id = 1, .elements = {.crb = {0, 52}, .symbols = 1U << 9}, .period_slots = 20, .offset_slots = 2, .is_in_use = false}};
  const auto reserved = [&](DciRnti kind, unsigned slot) {
    PdschPdu pdu;
    CHECK(reserve_elements(c.cell, &c.ue, kind, Slot(Scs::khz15, 4, slot), pdu));
    return pdu.reserved;
  };
  REQUIRE(reserved(DciRnti::c, 0).size() == 1);
  CHECK(reserved(DciRnti::c, 0)[0].crb == PrbRange{13, 21});  // the block lies half a PRB off: one more is touched
  CHECK(reserved(DciRnti::c, 0)[0].symbols == 0x003C);
  CHECK(reserved(DciRnti::ra, 0).size() == 1);
  CHECK(reserved(DciRnti::si, 0).empty());
  CHECK(reserved(DciRnti::c, 1).empty());
  CHECK(reserved(DciRnti::c, 2).size() == 2);
  CHECK(reserved(DciRnti::ra, 2).empty());
}

TEST_CASE("Limited soft buffer: the widest carrier with 256QAM and four layers [TS 38.212 §5.4.2.1]")
{
  CHECK(limited_buffer_bits(273, McsTable::qam256, 4) == 1'277'992);  // the largest transport block there is
  CHECK(limited_buffer_bits(52, McsTable::qam64) == limited_buffer_bits(66, McsTable::qam64));
  CHECK(limited_buffer_bits(52, McsTable::qam64) < limited_buffer_bits(67, McsTable::qam64));
}

}  // namespace
}  // namespace ravi::nr
