#include "stack/nr/choose_pucch.h"

#include "doctest/doctest.h"

namespace ravi::nr {
namespace {

Cell cell()
{
  Cell cell;
  cell.pci = Pci(1);
  cell.uplink = {.scs = Scs::khz15, .num_prb = 52};
  cell.uplink_bwp_crb = {0, 52};
  cell.pucch_resource_common = 11;
  return cell;
}

/// The resources of the recorded attach: HARQ-ACK on PRB 0, SR on 4, HARQ-ACK with CSI on 6, CSI on 7.
UeConfig config()
{
  UeConfig config;
  config.pucch_resources = {{.id = 0, .format = 1, .starting_prb = 0},
                            {.id = 1, .format = 1, .starting_prb = 4},
                            {.id = 2, .format = 2, .starting_prb = 6, .symbols = {0, 2}, .num_prb = 1},
                            {.id = 3, .format = 2, .starting_prb = 7, .symbols = {4, 2}, .num_prb = 1}};
  config.pucch_resource_sets = {std::vector<unsigned>{0}, {2}};
  config.pucch_format2_max_code_rate = 0.35F;
  config.scheduling_request = PeriodicResource{.period_slots = 40, .offset_slots = 0, .pucch_resource_id = 1};
  config.csi_report = PeriodicResource{.period_slots = 20, .offset_slots = 6, .pucch_resource_id = 3};
  return config;
}

constexpr Rnti kRnti{0x4601};

}  // namespace

TEST_CASE("PUCCH before dedicated configuration: the foreign UE's Msg4 was acknowledged on PRBs 0 and 51 [TS 38.213 §9.2.1]")
{
  const auto pdu = choose_pucch(cell(), nullptr, kRnti, {.num_harq_ack = 1, .first_cce = 0, .num_cce = 8});
  REQUIRE(pdu);
  CHECK(pdu->format == 1);
  CHECK(pdu->starting_prb == 0);
  CHECK(pdu->second_hop_prb == 51U);
  CHECK(pdu->symbols == SymbolRange{0, 14});
  CHECK(pdu->initial_cyclic_shift == 0);
  CHECK(pdu->hopping_id == 1);
  CHECK_FALSE(choose_pucch(cell(), nullptr, kRnti, {}));
}

TEST_CASE("PUCCH: each mix of HARQ-ACK, SR and CSI goes where the foreign UE's went [TS 38.213 §9.2.5]")
{
  const UeConfig ue = config();
  const auto harq_ack = choose_pucch(cell(), &ue, kRnti, {.num_harq_ack = 1});
  REQUIRE(harq_ack);
  CHECK(harq_ack->format == 1);
  CHECK(harq_ack->starting_prb == 0);
  CHECK(harq_ack->num_harq_ack_bits == 1);

  const auto sr = choose_pucch(cell(), &ue, kRnti, {.is_sr_occasion = true});
  REQUIRE(sr);
  CHECK(sr->starting_prb == 4);
  CHECK(sr->num_sr_bits == 1);
  CHECK(sr->num_harq_ack_bits == 0);

  const auto moved = sr_pucch(cell(), ue, kRnti, 1);  // a positive SR that meets HARQ-ACK
  REQUIRE(moved);
  CHECK(moved->starting_prb == 4);
  CHECK(moved->num_harq_ack_bits == 1);

  const auto csi = choose_pucch(cell(), &ue, kRnti, {.has_csi = true});
  REQUIRE(csi);
  CHECK(csi->format == 2);
  CHECK(csi->starting_prb == 7);
  CHECK(csi->symbols == SymbolRange{4, 2});
  CHECK(csi->num_csi_part1_bits == 4);

  const auto both = choose_pucch(cell(), &ue, kRnti, {.num_harq_ack = 1, .has_csi = true});
  REQUIRE(both);
  CHECK(both->format == 2);
  CHECK(both->starting_prb == 6);
  CHECK(both->symbols == SymbolRange{0, 2});
  CHECK(both->num_harq_ack_bits == 1);

  const auto many = choose_pucch(cell(), &ue, kRnti, {.num_harq_ack = 4, .is_sr_occasion = true});
  REQUIRE(many);
  CHECK(many->format == 2);
  CHECK(many->num_sr_bits == 1);
}

TEST_CASE("PUCCH: what has no resource is not sent")
{
  UeConfig ue = config();
  CHECK_FALSE(choose_pucch(cell(), &ue, kRnti, {.num_harq_ack = 1, .resource_indicator = 3}));
  ue.scheduling_request.reset();
  CHECK_FALSE(choose_pucch(cell(), &ue, kRnti, {.is_sr_occasion = true}));
  CHECK_FALSE(sr_pucch(cell(), ue, kRnti, 0));
  ue.csi_report.reset();
  CHECK_FALSE(choose_pucch(cell(), &ue, kRnti, {.has_csi = true}));
}

TEST_CASE("PUCCH format 2 takes as few PRBs as its code rate allows [TS 38.213 §9.2.5.1]")
{
  CHECK(pucch_format2_num_prb(4, 2, 0.35F, 16) == 1);   // 4 <= 1 x 8 x 2 x 2 x 0.35 = 11.2
  CHECK(pucch_format2_num_prb(11, 2, 0.35F, 16) == 1);
  CHECK(pucch_format2_num_prb(12, 2, 0.35F, 16) == 2);  // with CRC6: 18
  CHECK(pucch_format2_num_prb(4, 1, 0.25F, 16) == 1);   // exactly 4
  CHECK(pucch_format2_num_prb(5, 1, 0.25F, 16) == 2);
  CHECK(pucch_format2_num_prb(100, 1, 0.25F, 3) == 3);  // cut to what there is
}

TEST_CASE("UCI on PUSCH: the weights of the configured indices [TS 38.213 Tables 9.3-1, 9.3-2]")
{
  UeConfig ue = config();
  ue.beta_offset_ack_index = {11, 6, 4};
  ue.beta_offset_csi1_index = {13, 10};
  const PuschUci few = pusch_uci(&ue, 2, true);
  CHECK(few.num_harq_ack_bits == 2);
  CHECK(few.num_csi_part1_bits == 4);
  CHECK(few.beta_offset_harq_ack == doctest::Approx(20.0));
  CHECK(few.beta_offset_csi1 == doctest::Approx(6.25));
  CHECK(pusch_uci(&ue, 3, false).beta_offset_harq_ack == doctest::Approx(6.25));
  CHECK(pusch_uci(&ue, 3, false).num_csi_part1_bits == 0);
}

}  // namespace ravi::nr
