// A UE's dedicated configuration: derived without conflicts, there and back through CellGroupConfig, and as foreign gNBs send it.

#include "stack/asn1/rrc.h"
#include "stack/nr/choose_pucch.h"
#include "stack/nr/pucch_resource.h"
#include "stack/rrc/cell_group.h"
#include "stack/rrc/derive_cell.h"
#include "stack/rrc/derive_ue_config.h"
#include "stack/rrc/radio_bearers.h"
#include "tests/stack/asn1/reference_data.h"
#include "tests/stack/foreign_attach.h"

#include <doctest/doctest.h>

#include <random>
#include <set>
#include <tuple>

using namespace ravi;
using namespace ravi::rrc;

namespace {

nr::Cell cell_of(unsigned band, double mhz) { return derive_cell({.band = band, .bandwidth = Hertz(mhz * 1e6)}).value().cell; }

void check_equal(const nr::UeConfig& a, const nr::UeConfig& b)
{
  CHECK(a.search_spaces == b.search_spaces);
  CHECK(a.coresets.size() == b.coresets.size());
  CHECK(a.pdsch_mcs_table == b.pdsch_mcs_table);
  CHECK(a.pusch_mcs_table == b.pusch_mcs_table);
  CHECK(a.pdsch_dmrs_additional_position == b.pdsch_dmrs_additional_position);
  CHECK(a.pusch_dmrs_additional_position == b.pusch_dmrs_additional_position);
  CHECK(a.num_dl_harq_processes == b.num_dl_harq_processes);
  CHECK(a.dl_data_to_ul_ack == b.dl_data_to_ul_ack);
  CHECK(a.beta_offset_ack_index == b.beta_offset_ack_index);
  CHECK(a.beta_offset_csi1_index == b.beta_offset_csi1_index);
  CHECK(a.alpha_scaling == b.alpha_scaling);
  CHECK(a.pucch_resources == b.pucch_resources);
  CHECK(a.pucch_resource_sets == b.pucch_resource_sets);
  CHECK(a.pucch_format2_max_code_rate == b.pucch_format2_max_code_rate);
  CHECK(a.is_simultaneous_harq_ack_csi == b.is_simultaneous_harq_ack_csi);
  CHECK(a.scheduling_request == b.scheduling_request);
  CHECK(a.sr_trans_max == b.sr_trans_max);
  CHECK(a.csi_report == b.csi_report);
  CHECK(a.cqi_table == b.cqi_table);
  CHECK(a.periodic_bsr_subframes == b.periodic_bsr_subframes);
  CHECK(a.retx_bsr_subframes == b.retx_bsr_subframes);
}

/// RRCSetup of the recorded attach: the SRB0 SDU of Msg4, behind the contention resolution identity.
std::vector<std::uint8_t> foreign_setup()
{
  for (const test::ForeignMacPdu& pdu : test::read_foreign_attach()) {
    constexpr std::uint8_t kCcchLong = 0x40;  // LCID 0 with a length of two octets
    if (pdu.is_downlink && pdu.rnti_type == test::RntiType::c && pdu.pdu.size() > 3 && pdu.pdu[0] == kCcchLong) {
      const std::size_t length = static_cast<std::size_t>(pdu.pdu[1]) << 8 | pdu.pdu[2];
      return {pdu.pdu.begin() + 3, pdu.pdu.begin() + 3 + static_cast<std::ptrdiff_t>(length)};
    }
  }
  return {};
}

}  // namespace

TEST_CASE("derive_ue_config: no two UEs of a cell share a PUCCH resource, nor do they meet the common ones")
{
  for (const auto& [band, mhz] : {std::pair{3U, 10.0}, {3U, 20.0}, {1U, 20.0}, {40U, 20.0}, {78U, 20.0}, {78U, 40.0}}) {
    const nr::Cell cell = cell_of(band, mhz);
    std::set<std::tuple<unsigned, unsigned, unsigned>> format1;
    std::set<std::pair<unsigned, unsigned>> format2;  // PRB, symbol
    std::set<unsigned> format1_prbs;
    unsigned count = 0;
    for (; const auto ue = derive_ue_config(cell, nr::Rnti(static_cast<std::uint16_t>(0x4601 + count)), count); ++count) {
      REQUIRE(ue->pucch_resources.size() == 3);
      for (const nr::PucchResource& r : ue->pucch_resources) {
        if (r.format == 1) {
          CHECK(format1.insert({r.starting_prb, r.initial_cyclic_shift, r.time_domain_occ}).second);
          format1_prbs.insert(r.starting_prb);
          CHECK(r.starting_prb < cell.random_access.msg1_frequency_start);
          for (unsigned common_r = 0; common_r < 2; ++common_r) {
            const auto common = nr::pucch_common_resource(cell.pucch_resource_common, common_r, cell.uplink_bwp_crb.count);
            if (common->first_hop_prb == r.starting_prb) CHECK(common->initial_cyclic_shift != r.initial_cyclic_shift);
          }
        } else {
          for (unsigned prb = r.starting_prb; prb < r.starting_prb + r.num_prb; ++prb) {
            CHECK(prb < cell.uplink_bwp_crb.count - 1);
            for (unsigned l = r.symbols.begin; l < r.symbols.end(); ++l) CHECK(format2.insert({prb, l}).second);
          }
        }
      }
      // Scheduling requests and CSI lie in uplink slots.
      for (unsigned n = 0; n < 640; ++n) {
        const nr::Slot slot = nr::Slot::from_count(cell.uplink.scs, n);
        if (!cell.tdd) break;
        if (ue->scheduling_request->is_at(slot)) CHECK(nr::slot_direction(*cell.tdd, slot).is_all_uplink());
        if (ue->csi_report->is_at(slot)) CHECK(nr::slot_direction(*cell.tdd, slot).is_all_uplink());
      }
    }
    CHECK(count >= 16);
    for (const auto& [prb, symbol] : format2) CHECK_FALSE(format1_prbs.contains(prb));
  }
}

TEST_CASE("derive_ue_config: in TDD every downlink slot's HARQ-ACK has a slot to go to, and format 2 has room for all of them")
{
  const nr::Cell cell = cell_of(78, 20);
  const nr::UeConfig ue = derive_ue_config(cell, nr::Rnti(1), 0).value();
  for (unsigned n = 0; n < 20; ++n) {
    const nr::Slot slot = nr::Slot::from_count(cell.downlink.scs, n);
    if (nr::slot_direction(*cell.tdd, slot).num_downlink <= cell.coreset0.duration) continue;
    CHECK(std::ranges::any_of(ue.dl_data_to_ul_ack,
                              [&](unsigned k1) { return nr::slot_direction(*cell.tdd, slot + k1).is_all_uplink(); }));
  }
  const auto pucch = nr::choose_pucch(cell, &ue, ue.c_rnti, {.num_harq_ack = 7, .is_sr_occasion = true, .has_csi = true});
  REQUIRE(pucch);
  const unsigned bits = 7 + 1 + 4 + 6;  // with the CRC
  CHECK(static_cast<float>(bits) <= static_cast<float>(pucch->num_prb * 8 * 2 * 2) * ue.pucch_format2_max_code_rate);
}

TEST_CASE("cell group: our configurations come back from their encoding")
{
  for (const auto& [band, mhz] : {std::pair{3U, 10.0}, {78U, 20.0}}) {
    const nr::Cell cell = cell_of(band, mhz);
    for (const UeConfigOptions& options : {UeConfigOptions{}, UeConfigOptions{.is_search_space_common = true, .csi_period_ms = std::nullopt}}) {
      nr::UeConfig ue = derive_ue_config(cell, nr::Rnti(0x4601), 3, options).value();
      ue.pdsch_dmrs_additional_position = 1;
      ue.pusch_mcs_table = nr::McsTable::qam256;
      const std::vector<BearerConfig> bearers{srb_bearer(1)};
      const auto bytes = cell_group_of(cell, &ue, bearers);
      REQUIRE_MESSAGE(bytes, (bytes ? "" : bytes.error().message));
      const auto back = read_cell_group(*bytes, cell, nr::UeConfig{.c_rnti = ue.c_rnti});
      REQUIRE_MESSAGE(back, (back ? "" : back.error().message));
      check_equal(back->ue, ue);
      REQUIRE(back->bearers.size() == 1);
      CHECK(back->bearers[0].is_srb());
      CHECK(back->bearers[0].mac == bearers[0].mac);
    }
  }
}

TEST_CASE("cell group: a later message changes what it names and leaves the rest")
{
  const nr::Cell cell = cell_of(3, 10);
  const nr::UeConfig ue = derive_ue_config(cell, nr::Rnti(0x4601), 0).value();
  const std::vector<BearerConfig> bearers{srb_bearer(2), drb_bearer(1, 5, {1, 9})};
  const auto bytes = cell_group_of(cell, nullptr, bearers);
  REQUIRE(bytes);
  auto back = read_cell_group(*bytes, cell, ue);
  REQUIRE(back);
  check_equal(back->ue, ue);
  REQUIRE(back->bearers.size() == 2);

  asn1::rrc::RadioBearerConfig radio;
  Enumerator enumerator;
  write_radio_bearers(bearers, radio, enumerator);
  REQUIRE(enumerator.fault() == nullptr);
  CHECK(asn1::rrc::encode(radio).has_value());
  REQUIRE(read_radio_bearers(radio, back->bearers));
  const BearerConfig& drb = back->bearers[1];
  CHECK_FALSE(drb.is_srb());
  CHECK(drb.identity() == 1);
  CHECK(drb.logical_channel == 4);
  CHECK(drb.mac == bearers[1].mac);
  CHECK(drb.pdcp.sn_size == pdcp::SnSize::bits18);
  CHECK_FALSE(drb.pdcp.has_integrity);
  CHECK(drb.pdcp.t_reordering == bearers[1].pdcp.t_reordering);
  CHECK(drb.sdap == bearers[1].sdap);
  const auto& am = std::get<rlc::AmConfig>(drb.rlc);
  CHECK(am.sn_size == rlc::SnSize::bits18);
  CHECK(am.t_poll_retransmit == rlc::Time(100));
  CHECK(am.poll_pdu == 16);
  CHECK(am.poll_octets == 0);
  CHECK(am.max_retx_threshold == 32);
  CHECK(am.t_reassembly == rlc::Time(20));
  CHECK(am.t_status_prohibit == rlc::Time(10));
  CHECK_FALSE(read_radio_bearers(radio, std::span(back->bearers).first(1)));  // a DRB without its RLC bearer
}

TEST_CASE("cell group: the RRCSetup of a recorded foreign gNB")
{
  const std::vector<std::uint8_t> sdu = foreign_setup();
  if (sdu.empty()) return;
  const auto message = asn1::rrc::decode<asn1::rrc::DlCcchMessage>(sdu);
  REQUIRE(message);
  const auto* setup = message->message.c1()->rrc_setup();
  REQUIRE(setup != nullptr);
  const auto* ies = setup->critical_extensions.rrc_setup();
  REQUIRE(ies != nullptr);
  const nr::Cell cell = cell_of(3, 10);
  auto group = read_cell_group(ies->master_cell_group, cell, nr::UeConfig{.c_rnti = nr::Rnti(0x4601)});
  REQUIRE_MESSAGE(group, (group ? "" : group.error().message));
  const nr::UeConfig& ue = group->ue;
  REQUIRE(ue.scheduling_request);
  CHECK(*ue.scheduling_request == nr::PeriodicResource{.period_slots = 20, .offset_slots = 0, .pucch_resource_id = 8});
  REQUIRE(ue.csi_report);
  CHECK(*ue.csi_report == nr::PeriodicResource{.period_slots = 20, .offset_slots = 6, .pucch_resource_id = 17});
  CHECK(ue.pucch_resources.size() == 18);
  CHECK(ue.pucch_resources[8] == nr::PucchResource{.id = 8, .format = 1, .starting_prb = 4, .symbols = {0, 14}});
  CHECK(ue.pucch_resources[17] == nr::PucchResource{.id = 17, .format = 2, .starting_prb = 7, .symbols = {4, 2}, .num_prb = 1});
  CHECK(ue.pucch_resource_sets[0] == std::vector<unsigned>{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(ue.pucch_resource_sets[1].size() == 8);
  CHECK(ue.dl_data_to_ul_ack == std::vector<unsigned>{4});
  CHECK(ue.num_dl_harq_processes == 16);
  CHECK(ue.pucch_format2_max_code_rate == 0.35F);
  CHECK(ue.alpha_scaling == 0.5F);
  CHECK(ue.beta_offset_ack_index == std::array<unsigned, 3>{11, 6, 4});
  CHECK(ue.beta_offset_csi1_index == std::array<unsigned, 2>{13, 10});
  CHECK(ue.sr_trans_max == 64);
  CHECK(ue.pdsch_mcs_table == nr::McsTable::qam64);
  REQUIRE(ue.coresets.size() == 1);
  CHECK(ue.coresets[0].id == 1);
  CHECK(ue.coresets[0].coreset.frequency_domain_resources == 0xFF);
  CHECK(ue.coresets[0].coreset.cce_reg_mapping == nr::CceRegMapping::non_interleaved);
  REQUIRE(ue.search_spaces.size() == 1);
  CHECK(ue.search_spaces[0] == nr::SearchSpace{.id = 2, .coreset_id = 1, .num_candidates = {0, 4, 2, 0, 0}, .is_common = true});
  // A CSI-RS for the report, four of a tracking reference signal in two slots; zero power where interference is measured.
  const auto reserved_at = [&ue](unsigned slot) {
    std::vector<std::pair<unsigned, unsigned>> out;  // symbols, subcarriers
    for (const auto* list : {&ue.nzp_csi_rs, &ue.zp_csi_rs}) {
      for (const nr::PeriodicElements& item : *list) {
        CHECK(item.elements.crb == nr::PrbRange{0, 52});
        if (item.is_at(nr::Slot::from_count(nr::Scs::khz15, slot))) out.emplace_back(item.elements.symbols, item.elements.subcarriers);
      }
    }
    return out;
  };
  CHECK(reserved_at(2) == std::vector<std::pair<unsigned, unsigned>>{{1U << 4, 0x002}, {1U << 8, 0x0F0}});
  for (const unsigned slot : {12U, 13U}) {
    CHECK(reserved_at(slot) == std::vector<std::pair<unsigned, unsigned>>{{1U << 4, 0x222}, {1U << 8, 0x222}});
  }
  CHECK(reserved_at(3).empty());
  CHECK(ue.dci_fields.num_codebook_srs == 1);
  REQUIRE(group->bearers.size() == 1);
  CHECK(group->bearers[0].logical_channel == 1);
  CHECK(read_radio_bearers(ies->radio_bearer_config, group->bearers));
}

TEST_CASE("cell group: a configuration for DCI 0_1 and 1_1 comes back; what is not built is refused by name")
{
  const nr::Cell cell = cell_of(3, 10);
  nr::UeConfig ue = derive_ue_config(cell, nr::Rnti(0x4601), 0).value();
  ue.search_spaces[0].has_formats_1 = true;
  const std::vector<BearerConfig> none;
  const auto back = read_cell_group(cell_group_of(cell, &ue, none).value(), cell, {});
  REQUIRE_MESSAGE(back, (back ? "" : back.error().message));
  check_equal(back->ue, ue);

  namespace ie = asn1::rrc;
  const auto refusal_of = [&](const auto& change) {
    auto group = ie::decode<ie::CellGroupConfig>(cell_group_of(cell, &ue, none).value()).value();
    ie::ServingCellConfig& serving = *group.sp_cell_config->sp_cell_config_dedicated;
    change(serving, *serving.initial_downlink_bwp->pdsch_config->setup(), *serving.uplink_config->initial_uplink_bwp->pusch_config->setup());
    const auto read = read_cell_group(ie::encode(group).value(), cell, {});
    return read ? std::string("taken") : read.error().message;
  };
  using Pdsch = ie::PdschConfig;
  using Pusch = ie::PuschConfig;
  const auto says = [&](const char* word, const auto& change) { CHECK_MESSAGE(refusal_of(change).find(word) != std::string::npos, refusal_of(change)); };
  says("taken", [](auto&, Pdsch&, Pusch&) {});
  says("two code words", [](auto&, Pdsch& pdsch, Pusch&) { pdsch.max_nrof_code_words_scheduled_by_dci = Pdsch::MaxNrofCodeWordsScheduledByDci::n2; });
  says("bitmap", [](auto&, Pdsch& pdsch, Pusch&) { pdsch.resource_allocation = Pdsch::ResourceAllocation::dynamic_switch; });
  says("bitmap", [](auto&, Pdsch&, Pusch& pusch) { pusch.resource_allocation = Pusch::ResourceAllocation::resource_allocation_type0; });
  says("without codebook", [](auto&, Pdsch&, Pusch& pusch) { pusch.tx_config = Pusch::TxConfig::non_codebook; });
  says("several layers", [](auto&, Pdsch&, Pusch& pusch) { pusch.max_rank = 2; });
  says("later slot", [](auto&, Pdsch& pdsch, Pusch&) {
    auto& row = pdsch.pdsch_time_domain_allocation_list.emplace().set_setup().emplace_back();
    row.k0 = 1;
    row.start_symbol_and_length = 40;
  });
  says("phase tracking", [](auto&, Pdsch& pdsch, Pusch&) { pdsch.dmrs_downlink_for_pdsch_mapping_type_b.emplace().set_setup().phase_tracking_rs.emplace().set_setup(); });
}

TEST_CASE("cell group: the RRCReconfiguration of a recorded foreign gNB adds SRB2 and a DRB")
{
  for (const asn1::ReferencePdu& pdu : asn1::reference_pdus()) {
    if (pdu.name != "attach: rrcReconfiguration") continue;
    const auto message = asn1::rrc::decode<asn1::rrc::DlDcchMessage>(pdu.bytes);
    const auto* ies = message->message.c1()->rrc_reconfiguration()->critical_extensions.rrc_reconfiguration();
    auto group = read_cell_group(*ies->non_critical_extension->master_cell_group, cell_of(3, 10), {});
    REQUIRE_MESSAGE(group, (group ? "" : group.error().message));
    REQUIRE(group->bearers.size() == 2);
    REQUIRE(read_radio_bearers(*ies->radio_bearer_config, group->bearers));
    const BearerConfig& drb = group->bearers[1];
    CHECK(drb.logical_channel == 4);
    CHECK(drb.pdcp.bearer == pdcp::Bearer::drb_am);
    CHECK(drb.pdcp.sn_size == pdcp::SnSize::bits18);
    CHECK(drb.pdcp.t_reordering == pdcp::Time(220));
    CHECK(drb.pdcp.discard_timer == pdcp::Time(1500));
    CHECK(drb.mac == LogicalChannelConfig{.priority = 5, .prioritised_bit_rate_kbyte = 8, .bucket_size_ms = 300, .logical_channel_group = 2});
    CHECK(drb.sdap == SdapMapping{.pdu_session = 1, .qfis = {1}});
    const auto& am = std::get<rlc::AmConfig>(drb.rlc);
    CHECK(am.poll_pdu == 16);
    CHECK(am.t_poll_retransmit == rlc::Time(100));
    return;
  }
}

TEST_CASE("cell group: no truncation and no flipped bits harm the reader, and what it reads is usable")
{
  const nr::Cell cell = cell_of(78, 20);
  const nr::UeConfig ue = derive_ue_config(cell, nr::Rnti(0x4601), 0).value();
  std::vector<std::vector<std::uint8_t>> groups{cell_group_of(cell, &ue, std::vector<BearerConfig>{srb_bearer(1), drb_bearer(1, 1, {1})}).value()};
  if (const auto sdu = foreign_setup(); !sdu.empty()) {
    groups.push_back(asn1::rrc::decode<asn1::rrc::DlCcchMessage>(sdu)->message.c1()->rrc_setup()->critical_extensions.rrc_setup()->master_cell_group);
  }
  std::mt19937 random(3);
  for (const std::vector<std::uint8_t>& group : groups) {
    for (std::size_t length = 0; length < group.size(); ++length) (void)read_cell_group(std::span(group).first(length), cell, ue);
    for (unsigned trial = 0; trial < 5000; ++trial) {
      std::vector<std::uint8_t> flipped = group;
      for (unsigned flips = 0; flips <= random() % 3; ++flips) flipped[random() % flipped.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
      const auto read = read_cell_group(flipped, cell, ue);
      if (!read) continue;
      for (const nr::PucchResource& resource : read->ue.pucch_resources) {
        CHECK(resource.symbols.end() <= 14);
        CHECK(resource.starting_prb + resource.num_prb <= cell.uplink_bwp_crb.count);
      }
      CHECK_FALSE(read->ue.search_spaces.empty());
    }
  }
}
