// The UE's MAC under DCI formats 1_1 and 0_1: HARQ-ACK in the slot the DCI's entry of dl-DataToUL-ACK says, the codebook completed by
// the grant's downlink assignment index, and what is not built refused.

#include "stack/mac/mac_pdu.h"
#include "stack/mac/rar.h"
#include "stack/mac/ue_mac.h"
#include "stack/nr/resource_allocation.h"

#include "doctest/doctest.h"

#include <array>
#include <utility>
#include <vector>

namespace ravi::mac {
namespace {

constexpr nr::Rnti kRnti(0x4601);

nr::Cell small_cell()
{
  nr::Cell cell;
  cell.pci = nr::Pci(1);
  cell.downlink = cell.uplink = {.scs = nr::Scs::khz15, .num_prb = 52};
  cell.downlink_bwp_crb = cell.uplink_bwp_crb = {0, 52};
  cell.coreset0 = {.frequency_domain_resources = 0xFF, .first_crb = 1};
  cell.ra_search_space = {.id = 1, .coreset_id = 0, .num_candidates = {0, 0, 2, 0, 0}};
  cell.pdsch_time_allocations = {{.symbols = {1, 13}}};
  cell.pusch_time_allocations = {{.k_2 = 4, .symbols = {0, 14}}};
  return cell;
}

nr::UeConfig formats_1_config()
{
  nr::UeConfig config;
  config.c_rnti = kRnti;
  config.coresets = {{.id = 1, .coreset = {.frequency_domain_resources = 0xFF}}};
  config.search_spaces = {{.id = 2, .coreset_id = 1, .num_candidates = {0, 2, 1, 0, 0}, .is_common = false, .has_formats_1 = true}};
  config.dl_data_to_ul_ack = {4, 6};
  config.pucch_resources = {{.id = 0, .format = 1}, {.id = 1, .format = 2, .starting_prb = 10, .symbols = {4, 2}, .num_prb = 2}};
  config.pucch_resource_sets = {std::vector<unsigned>{0}, {1}};
  return config;
}

/// A UE that has come through random access and been configured.
struct Connected {
  nr::Cell cell = small_cell();
  nr::UeConfig config = formats_1_config();
  UeMac mac{cell, {.seed = 1, .uplink_lead = 2}};
  nr::Slot slot{nr::Scs::khz15, 0, 0};
  UeUplink uplink;

  Connected()
  {
    constexpr std::array<std::uint8_t, 6> kCcch{1, 2, 3, 4, 5, 6};
    mac.start_random_access(kCcch);
    while (!uplink.prach) next();
    const std::uint8_t preamble = uplink.prach->preamble;
    while (!mac.common_rnti(slot)) next();
    RarPdu rar{.num_responses = 1};
    rar.responses[0] = {.rapid = preamble, .temporary_c_rnti = kRnti};
    std::array<std::uint8_t, 12> response{};
    REQUIRE(encode_rar(rar, response));
    mac.on_pdsch(slot, {.content = UeDownlink::Content::rar}, true, response);
    while (!uplink.pusch) next();
    const nr::DciPlace common{.search_space = cell.ra_search_space, .coreset = cell.coreset0};
    const auto msg4 = mac.on_dci_1_0(slot, {.fdra = nr::riv_of({0, 4}, 48)}, nr::DciRnti::tc, kRnti, common);
    REQUIRE(msg4);
    std::array<std::uint8_t, 16> payload{};
    MacPduWriter writer(Direction::downlink, payload);
    REQUIRE(writer.add(lcid::contention_resolution, kCcch));
    writer.finish();
    mac.on_pdsch(slot, *msg4, true, payload);
    REQUIRE(mac.c_rnti() == kRnti);
    mac.configure(config);
    for (unsigned n = 0; n < 20; ++n) next();
  }

  [[nodiscard]] nr::DciPlace place() const { return {.search_space = config.search_spaces[0], .coreset = config.coresets[0].coreset}; }
  void next()
  {
    ++slot;
    mac.plan_uplink(slot + 2, uplink);
  }
  /// On to the plan for `at`.
  void go_to(nr::Slot at)
  {
    while (slot + 2 < at) next();
  }
  void receive(const nr::Dci11& dci, bool is_ok)
  {
    const auto downlink = mac.on_dci_1_1(slot, dci, place());
    REQUIRE(downlink);
    mac.on_pdsch(slot, *downlink, is_ok, {});
  }
};

std::vector<int> bits_of(const nr::SmallBits& bits) { return {bits.begin(), bits.end()}; }

TEST_CASE("DCI 1_1: HARQ-ACK goes out in the slot that its entry of dl-DataToUL-ACK says")
{
  Connected ue;
  const nr::Slot begin = ue.slot;
  ue.receive({.ndi = 1, .harq_timing = 1}, true);
  ue.go_to(begin + 5);
  CHECK_FALSE(ue.uplink.pucch);
  ue.go_to(begin + 6);
  REQUIRE(ue.uplink.pucch);
  CHECK(bits_of(ue.uplink.pucch->uci.harq_ack) == std::vector<int>{1});
  CHECK_FALSE(ue.mac.on_dci_1_1(ue.slot, {.harq_timing = 2}, ue.place()));
  CHECK(ue.mac.num_refused_dcis() == 1);
}

TEST_CASE("DCI 0_1: the grant's assignment index says how many bits HARQ-ACK has; what was missed is not acknowledged [TS 38.213 §9.1.3.2]")
{
  for (const unsigned total : {0U, 1U, 2U, 3U}) {  // fields for 1, 2, 3 and 4 assignments
    Connected ue;
    const nr::Slot at = ue.slot + 4;
    ue.receive({.harq_process = 1, .dai = 0, .harq_timing = 0}, true);
    ue.mac.on_dci_0_1(ue.slot, {.dai = total}, ue.place());
    ue.go_to(at);
    REQUIRE(ue.uplink.pusch);
    std::vector<int> wanted(total + 1, 0);
    wanted[0] = 1;
    CHECK(bits_of(ue.uplink.pusch->uci.harq_ack) == wanted);
    CHECK(ue.uplink.pusch->pdu.uci.num_harq_ack_bits == total + 1);
  }
  for (const auto& [total, wanted] : {std::pair{3U, std::vector<int>{}}, {0U, {0}}, {1U, {0, 0}}}) {  // none was heard
    Connected ue;
    const nr::Slot at = ue.slot + 4;
    ue.mac.on_dci_0_1(ue.slot, {.dai = total}, ue.place());
    ue.go_to(at);
    REQUIRE(ue.uplink.pusch);
    CHECK(bits_of(ue.uplink.pusch->uci.harq_ack) == wanted);
  }
}

TEST_CASE("DCI 1_1 and 0_1: aperiodic CSI, a PUSCH without data and several layers are refused and counted; a request for SRS is only counted")
{
  Connected ue;
  const nr::Slot at = ue.slot + 4;
  ue.mac.on_dci_0_1(ue.slot, {.dai = 3, .csi_request = 1}, ue.place());
  ue.mac.on_dci_0_1(ue.slot, {.dai = 3, .has_ul_sch = false}, ue.place());
  ue.mac.on_dci_0_1(ue.slot, {.dai = 3, .antenna_ports = 7}, ue.place());
  CHECK_FALSE(ue.mac.on_dci_1_1(ue.slot, {.antenna_ports = 7}, ue.place()));
  CHECK(ue.mac.num_refused_dcis() == 4);
  ue.receive({.ndi = 1, .srs_request = 1}, true);
  CHECK(ue.mac.num_refused_dcis() == 5);
  ue.go_to(at);
  CHECK_FALSE(ue.uplink.pusch);
  CHECK(ue.uplink.pucch);
}

}  // namespace
}  // namespace ravi::mac
