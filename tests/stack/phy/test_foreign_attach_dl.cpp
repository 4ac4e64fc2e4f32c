// The downlink of a recorded foreign attach: every PDCCH and PDSCH that the foreign gNB logged, and the transport blocks against its
// own capture of the MAC PDUs.

#include "stack/nr/dci.h"
#include "stack/phy/ofdm.h"
#include "stack/phy/pdcch.h"
#include "stack/phy/pdsch.h"
#include "stack/nr/scheduled_pdsch.h"
#include "stack/nr/scheduled_pusch.h"

#include "doctest/doctest.h"
#include "radio/realtime.h"
#include "stack/nr/coreset0.h"
#include "tests/stack/foreign_attach.h"
#include "tests/stack/phy/foreign_recording.h"
#include "tests/stack/phy/foreign_truth.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace ravi::phy {
namespace {

constexpr unsigned kPci = 1;
constexpr unsigned kNumPrb = 52;
constexpr std::size_t kDelay = 150;  ///< of the downlink's slot borders in the recording

struct LoggedPdcch {
  unsigned rnti = 0, search_space = 0, format = 0, cce = 0, level = 0;
  friend auto operator<=>(const LoggedPdcch&, const LoggedPdcch&) = default;
};
struct LoggedPdsch {
  unsigned rnti = 0, first_prb = 0, end_prb = 0, tbs = 0;
  std::string modulation;
  friend auto operator<=>(const LoggedPdsch&, const LoggedPdsch&) = default;
};
struct LoggedSlot {
  std::vector<LoggedPdcch> pdcch;
  std::vector<LoggedPdsch> pdsch;
};

/// What the foreign gNB logged, by slots since the recording's first (SFN 64 slot 0). The log goes on where the SFN has wrapped
/// and comes to 64..93 again, ten seconds later: that part is not in the recording.
std::map<unsigned, LoggedSlot> read_log()
{
  std::map<unsigned, LoggedSlot> slots;
  unsigned latest = 0;
  std::ifstream file(nr::test::reference_folder() / "iq" / "foreign-attach.truth.jsonl");
  for (std::string line; std::getline(file, line);) {
    const bool is_pdcch = line.find("\"PDCCH\"") != std::string::npos;
    const bool is_pdsch = line.find("\"PDSCH\"") != std::string::npos;
    if (!is_pdcch && !is_pdsch) continue;
    const auto after = [&line](const std::string& word) { return line.substr(line.find(word) + word.size()); };
    const auto decimal = [&after](const std::string& word) { return static_cast<unsigned>(std::stoul(after(word))); };
    const unsigned number = (decimal("\"sfn\": ") - 64) * 10 + decimal("\"slot\": ");
    if (number + 100 < latest) break;
    latest = std::max(latest, number);
    LoggedSlot& slot = slots[number];
    const auto rnti = static_cast<unsigned>(std::stoul(after("rnti="), nullptr, 16));
    if (is_pdcch) {
      slot.pdcch.push_back({rnti, decimal("ss_id="), decimal("format="), decimal("cce="), decimal("al=")});
    } else {
      const std::string modulation = after("mod=");
      slot.pdsch.push_back({rnti, decimal("prb=["), 0, decimal("tbs="), modulation.substr(0, modulation.find(' '))});
      const std::string range = after("prb=[");
      slot.pdsch.back().end_prb = static_cast<unsigned>(std::stoul(range.substr(range.find(", ") + 2)));
    }
  }
  return slots;
}

/// That cell as its SIB1 and the UE's RRCSetup describe it.
struct AttachCell {
  nr::Carrier carrier{.scs = nr::Scs::khz15, .num_prb = kNumPrb, .offset_to_carrier = 0, .center = Hertz(1842.5e6)};
  unsigned coreset0_crb = 1;
  nr::DciSizes sizes = nr::DciSizes::common({.initial_dl = 48, .initial_ul = kNumPrb});
  PdcchSearch common;     ///< search space 1 on CORESET#0
  PdcchSearch dedicated;  ///< search space 2 on CORESET 1, of the common kind

  AttachCell()
  {
    common.coreset = {.frequency_domain_resources = 0xFF, .first_crb = coreset0_crb, .duration = 1,
                      .cce_reg_mapping = nr::CceRegMapping::interleaved, .shift_index = kPci,
                      .dmrs_reference_crb = coreset0_crb, .dmrs_id = kPci};
    common.search_space = {.id = 1, .coreset_id = 0, .num_candidates = {0, 0, 2, 0, 0}};
    dedicated.coreset = {.frequency_domain_resources = 0xFF, .first_crb = 0, .duration = 1, .dmrs_id = kPci};
    dedicated.search_space = {.id = 2, .coreset_id = 1, .num_candidates = {0, 4, 2, 0, 0}};
    for (PdcchSearch* const search : {&common, &dedicated}) {
      search->scrambling_id = kPci;
      for (const unsigned rnti : {0x39U, 0x4601U}) search->rntis.push_back(nr::Rnti(static_cast<std::uint16_t>(rnti)));
      search->sizes.push_back(static_cast<std::uint8_t>(sizes.dl.num_bits));
    }
  }

  /// The PDSCH of a DCI, without the elements that the cell keeps for other signals.
  [[nodiscard]] std::optional<nr::PdschPdu> pdsch(const FoundDci& found, nr::Slot slot) const
  {
    const bool is_rar = found.rnti.value() == 0x39;
    const nr::DciRnti kind = is_rar ? nr::DciRnti::ra : nr::DciRnti::c;
    const auto dci = nr::unpack_dci_1_0(found.payload.span(), kind, sizes.dl);
    if (!dci) return std::nullopt;
    CHECK(dci->time_allocation == 0);
    CHECK_FALSE(dci->is_interleaved);
    auto pdu = nr::scheduled_pdsch(*dci, kind, found.rnti,
                               {.pci = nr::Pci(kPci),
                                .riv_crb = {found.coreset_id == 0 ? coreset0_crb : 0, 48},
                                .time = {.mapping_type = nr::MappingType::a, .k_0 = 0, .symbols = {1, 13}}});
    if (!pdu) return std::nullopt;
    if (slot.slot_in_frame() == 0 && slot.sfn() % 1 == 0) pdu->reserved.push_back({.crb = {13, 21}, .symbols = 0x003C, .subcarriers = 0xFFF});
    if (is_rar) return pdu;
    const nr::PrbRange all{0, kNumPrb};
    const unsigned phase = slot.count() % 20;
    if (phase == 2) {
      pdu->reserved.push_back({.crb = all, .symbols = 1U << 4, .subcarriers = 0x002});
      pdu->reserved.push_back({.crb = all, .symbols = 1U << 8, .subcarriers = 0x0F0});
    } else if (phase == 12 || phase == 13) {
      pdu->reserved.push_back({.crb = all, .symbols = 1U << 4 | 1U << 8, .subcarriers = 0x222});
    }
    return pdu;
  }
};

/// What each DCI 0_0 asks for is what the foreign gNB then received.
void check_grants(const std::vector<std::pair<nr::Slot, nr::Dci00>>& grants)
{
  const auto sent = load_truth("PUSCH");
  REQUIRE(sent);
  nr::Cell cell;
  cell.pci = nr::Pci(kPci);
  cell.uplink = {.scs = nr::Scs::khz15, .num_prb = kNumPrb};
  cell.uplink_bwp_crb = {0, kNumPrb};
  cell.pusch_time_allocations = {{.k_2 = 4, .symbols = {0, 14}}};
  std::size_t num_compared = 0;
  for (const auto& [slot, dci] : grants) {
    const auto line = std::find_if(sent->begin(), sent->end(), [&slot = slot](const TruthLine& pusch) {
      return pusch.sfn == slot.sfn() && pusch.slot == slot.slot_in_frame();
    });
    if (line == sent->end()) continue;  // after the recording's end
    CAPTURE(line->what);
    const auto pdu = nr::scheduled_pusch({.riv = dci.fdra,
                                          .time_allocation = dci.time_allocation,
                                          .mcs = dci.mcs,
                                          .ndi = dci.ndi,
                                          .redundancy_version = dci.redundancy_version,
                                          .harq_process = dci.harq_process},
                                         nr::Rnti(0x4601), cell, nr::McsTable::qam64);
    REQUIRE(pdu);
    CHECK(std::pair(pdu->prb.begin, pdu->prb.end()) == line->range("prb"));
    CHECK(pdu->sch.tbs_bytes == line->number("tbs"));
    CHECK(pdu->harq_process == line->number("harq_id"));
    ++num_compared;
  }
  CHECK(num_compared == sent->size() - 1);  // Msg3 has its grant in the RAR
}

TEST_CASE("Foreign attach: every PDCCH and PDSCH that the foreign gNB logged is received, and nothing else")
{
  const auto recording = load_recording("foreign-attach-dl");
  if (!recording) return;
  const std::map<unsigned, LoggedSlot> log = read_log();
  const auto pdus = ravi::test::read_foreign_attach();
  std::vector<std::vector<std::uint8_t>> expected;
  for (const auto& pdu : pdus) {
    if (pdu.is_downlink && pdu.rnti_type != ravi::test::RntiType::si) expected.push_back(pdu.pdu);
  }
  REQUIRE(expected.size() == 60);  // the capture ends with its 400th PDU

  const AttachCell cell;
  auto demodulator = OfdmDemodulator::make({.carrier = cell.carrier, .rate = recording->rate});
  REQUIRE(demodulator);
  ResourceGrid grid(1, kNumPrb);
  PdcchCodec pdcch;
  PdschCodec pdsch(kNumPrb);
  HarqSoftBuffer harq(6000);
  std::vector<std::uint8_t> payload(6000);
  std::vector<Cf32> samples = recording->samples;
  samples.resize(samples.size() + kDelay);  // the last slot's last samples are missing
  const std::size_t length = demodulator->timing().samples_per_slot();
  std::vector<std::pair<nr::Slot, nr::Dci00>> grants;  // by the slot of their PUSCH
  std::size_t num_dci = 0;
  std::size_t num_blocks = 0;
  std::size_t num_compared = 0;
  for (unsigned n = 0; kDelay + (n + 1) * length <= samples.size(); ++n) {
    CAPTURE(n);
    const nr::Slot slot = nr::Slot(nr::Scs::khz15, 64, 0) + n;
    FoundDcis found;
    {
      const RealtimeScope realtime;
      demodulator->demodulate_slot(std::span(samples).subspan(kDelay + n * length, length), 0, 0, grid.span());
      pdcch.search(cell.common, cell.carrier, slot, 0, grid.span(), found);
      pdcch.search(cell.dedicated, cell.carrier, slot, 0, grid.span(), found);
    }
    LoggedSlot received;
    for (const FoundDci& dci : found) {
      received.pdcch.push_back({dci.rnti.value(), dci.coreset_id == 0 ? 1U : 2U, dci.rnti.value() == 0x39 || dci.payload[0] == 1 ? 1U : 0U,
                                dci.cce_index, dci.aggregation_level});
      if (received.pdcch.back().format == 0) {
        const auto grant = nr::unpack_dci_0_0(dci.payload.span(), cell.sizes.ul);
        REQUIRE(grant);
        grants.emplace_back(slot + 4, *grant);
        continue;
      }
      const auto pdu = cell.pdsch(dci, slot);
      REQUIRE(pdu);
      const auto block = std::span(payload).first(pdu->sch.tbs_bytes);
      nr::SchResult result;
      {
        const RealtimeScope realtime;
        result = pdsch.decode(*pdu, cell.carrier, slot, 0, grid.span(), harq, block);
      }
      CHECK(result.is_crc_ok);
      const unsigned first_crb = pdu->bwp_crb.begin + pdu->prb.begin;
      const unsigned shown = dci.coreset_id == 0 ? pdu->prb.begin : first_crb;
      received.pdsch.push_back({dci.rnti.value(), shown, shown + pdu->prb.count, pdu->sch.tbs_bytes,
                                pdu->sch.modulation == nr::Modulation::qpsk ? "QPSK" : pdu->sch.modulation == nr::Modulation::qam16 ? "16QAM" : "64QAM"});
      if (num_blocks < expected.size()) {
        CHECK(std::equal(block.begin(), block.end(), expected[num_blocks].begin(), expected[num_blocks].end()));
        ++num_compared;
      }
      ++num_blocks;
    }
    num_dci += found.size();
    const auto logged = log.find(n);
    LoggedSlot wanted = logged == log.end() ? LoggedSlot{} : logged->second;
    for (LoggedSlot* const both : {&received, &wanted}) {
      std::sort(both->pdcch.begin(), both->pdcch.end());
      std::sort(both->pdsch.begin(), both->pdsch.end());
    }
    CHECK(received.pdcch == wanted.pdcch);
    CHECK(received.pdsch == wanted.pdsch);
  }
  CHECK(num_dci == 30);
  CHECK(num_blocks == 17);
  CHECK(num_compared == 17);
  check_grants(grants);
}

}  // namespace
}  // namespace ravi::phy
