#include "stack/phy/sib1.h"

#include "doctest/doctest.h"
#include "stack/nr/time_allocation.h"
#include "stack/phy/ofdm.h"
#include "stack/phy/pdcch.h"
#include "stack/phy/pdsch.h"
#include "stack/nr/scheduled_pdsch.h"
#include "tests/stack/foreign_attach.h"
#include "tests/stack/phy/foreign_recording.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <vector>

namespace ravi::phy {
namespace {

std::string hex(std::span<const std::uint8_t> bytes)
{
  std::string text;
  for (const std::uint8_t byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

Sib1Result sib1_of(const std::string& name, const SsbCandidate& candidate, nr::SsbCase ssb_case)
{
  const auto recording = load_recording(name, 0, 1'000'000);
  if (!recording) return {};
  const auto band = SubBand::make(recording->samples, recording->rate);
  REQUIRE(band);
  const auto cells = search_cells(*band, recording->tuned, candidate);
  REQUIRE(cells.size() == 1);
  return read_sib1(*band, recording->tuned, cells[0], ssb_case, nr::MinimumBandwidth::mhz5_or_10);
}

TEST_CASE("SIB1: the recorded foreign transport block is read bit for bit")
{
  std::ifstream file(nr::test::reference_folder() / "iq" / "n3-fdd-pci500-sib1.tb.hex");
  std::string expected;
  if (!(file >> expected)) return;  // no reference data: other cases say so
  const Sib1Result result = sib1_of("n3-fdd-pci500-sib1", {Hertz(1842.05e6), nr::Scs::khz15, 4}, nr::SsbCase::a);
  REQUIRE(result.status == Sib1Status::read);
  CHECK(hex(result.transport_block) == expected);
  CHECK(result.dci.mcs == 6);
}

TEST_CASE("SIB1: read on 15 and 30 kHz, FDD and TDD, whatever its place beside the block")
{
  struct Cell {
    const char* name;
    SsbCandidate candidate;
    nr::SsbCase ssb_case;
    const char* identity;  // of PLMN, TAC and cell in the message
  };
  const Cell cells[] = {
      {"foreign-n1-20m", {Hertz(2132.65e6), nr::Scs::khz15, 4}, nr::SsbCase::a, "7781017010400404000fa2000cd800"},
      {"foreign-n78-20m", {Hertz(3594.72e6), nr::Scs::khz30, 8}, nr::SsbCase::c, "77810170104004020000c8000cd800"},
      {"foreign-attach-dl", {Hertz(1842.05e6), nr::Scs::khz15, 4}, nr::SsbCase::a, "7781017010400402000"},
  };
  for (const Cell& cell : cells) {
    CAPTURE(cell.name);
    const Sib1Result result = sib1_of(cell.name, cell.candidate, cell.ssb_case);
    if (result.status == Sib1Status::no_coreset0) return;  // no reference data
    REQUIRE(result.status == Sib1Status::read);
    CHECK(hex(result.transport_block).substr(0, std::string(cell.identity).size()) == cell.identity);
  }
}

TEST_CASE("SIB1: of the recorded attach it is what the foreign gNB's own capture holds")
{
  const auto pdus = ravi::test::read_foreign_attach();
  if (pdus.empty()) return;
  REQUIRE(pdus[0].rnti_type == ravi::test::RntiType::si);
  const Sib1Result result = sib1_of("foreign-attach-dl", {Hertz(1842.05e6), nr::Scs::khz15, 4}, nr::SsbCase::a);
  REQUIRE(result.status == Sib1Status::read);
  CHECK(result.transport_block == pdus[0].pdu);
}

TEST_CASE("SIB1: a cell without CORESET#0 says so")
{
  if (!load_recording("n78-tdd-usrp-x300", 0, 1)) return;
  CHECK(sib1_of("n78-tdd-usrp-x300", {Hertz(3512.64e6), nr::Scs::khz30, 8}, nr::SsbCase::c).status == Sib1Status::no_coreset0);
}

TEST_CASE("MIB: every field comes back, and the extension's messages are refused [TS 38.331 §6.2.2]")
{
  for (std::uint32_t bits = 0; bits < 1U << 23U; bits += 0x1336U) {
    const auto mib = parse_mib(bits & ~1U);
    REQUIRE(mib);
    CHECK(to_bits(*mib) == (bits & ~1U));
  }
  CHECK_FALSE(parse_mib(1U << 23U));
  const auto mib = parse_mib(0x7AF000);
  REQUIRE(mib);
  CHECK(mib->is_cell_barred);
  CHECK(mib->sfn_msb == 978 / 16);
  CHECK(mib->ssb_subcarrier_offset == 15);
}

TEST_CASE("RAR: the recorded foreign answer is received bit for bit")
{
  const auto recording = load_recording("n3-fdd-pci500-rar");
  if (!recording) return;
  const nr::Carrier carrier{.scs = nr::Scs::khz15, .num_prb = 52, .center = recording->tuned};
  auto demodulator = OfdmDemodulator::make({.carrier = carrier, .rate = recording->rate});
  REQUIRE(demodulator);
  ResourceGrid grid(1, 52);
  demodulator->demodulate_slot(recording->samples, 0, 0, grid.span());
  const nr::Slot slot(nr::Scs::khz15, 0, 5);
  const nr::Rnti rnti(0x000F);
  PdcchCodec pdcch;
  PdcchSearch search{.coreset = {.frequency_domain_resources = 0xFF, .first_crb = 1, .duration = 1,
                                 .cce_reg_mapping = nr::CceRegMapping::interleaved, .shift_index = 500,
                                 .dmrs_reference_crb = 1, .dmrs_id = 500},
                     .search_space = {.num_candidates = {0, 0, 2, 1, 0}},
                     .scrambling_id = 500};
  const nr::DciSize size = nr::DciSizes::common({.initial_dl = 48, .initial_ul = 52}).dl;
  search.rntis.push_back(rnti);
  search.sizes.push_back(static_cast<std::uint8_t>(size.num_bits));
  FoundDcis found;
  pdcch.search(search, carrier, slot, 0, grid.span(), found);
  REQUIRE(found.size() == 1);
  const auto dci = nr::unpack_dci_1_0(found[0].payload.span(), nr::DciRnti::ra, size);
  REQUIRE(dci);
  CHECK(dci->mcs == 5);
  const auto pdu = nr::scheduled_pdsch(*dci, nr::DciRnti::ra, rnti,
                                   {.pci = nr::Pci(500), .riv_crb = {1, 48}, .time = {.k_0 = 0, .symbols = {1, 13}}});
  REQUIRE(pdu);
  CHECK(pdu->bwp_crb.begin + pdu->prb.begin == 13);
  CHECK(pdu->prb.count == 4);  // with 16 the size would need a scaling of 1/4, which this DCI does not have
  CHECK(dci->tb_scaling == 0);
  CHECK(pdu->sch.tbs_bytes * 8 == 352);
  PdschCodec pdsch(52);
  HarqSoftBuffer harq(1000);
  std::vector<std::uint8_t> block(pdu->sch.tbs_bytes);
  CHECK(pdsch.decode(*pdu, carrier, slot, 0, grid.span(), harq, block).is_crc_ok);
  CHECK(hex(block) == "4201780680024601" + std::string(2 * (44 - 8), '0'));
}

}  // namespace
}  // namespace ravi::phy
