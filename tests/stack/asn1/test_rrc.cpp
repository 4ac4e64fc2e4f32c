// RRC messages by their contents.

#include "tests/stack/asn1/reference_data.h"

#include "stack/asn1/rrc.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <string>

using namespace ravi::asn1;

TEST_CASE("RRC: SIB1 of a recorded cell says what its operator configured [TS 38.331 §6.2.2]")
{
  std::ifstream file(reference_data() / "iq/n3-fdd-pci500-sib1.tb.hex");
  std::string hex;
  if (!(file >> hex)) {
    MESSAGE("skipped: no reference data");
    return;
  }
  const auto message = rrc::decode<rrc::BcchDlSchMessage>(from_hex(hex));
  REQUIRE(message.has_value());
  const auto* const c1 = message->message.c1();
  REQUIRE(c1 != nullptr);
  const rrc::Sib1* const sib1 = c1->system_information_block_type1();
  REQUIRE(sib1 != nullptr);

  const rrc::PlmnIdentityInfo& info = sib1->cell_access_related_info.plmn_identity_list.at(0);
  const rrc::PlmnIdentity& plmn = info.plmn_identity_list.at(0);
  REQUIRE(plmn.mcc.has_value());
  CHECK(*plmn.mcc == rrc::Mcc{0, 0, 1});
  CHECK(plmn.mnc == rrc::Mnc{0, 1});
  REQUIRE(info.tracking_area_code.has_value());
  CHECK(info.tracking_area_code->value == 100);
  CHECK(info.cell_identity.value == 0x001234501);

  REQUIRE(sib1->serving_cell_config_common.has_value());
  const rrc::FrequencyInfoDlSib& downlink = sib1->serving_cell_config_common->downlink_config_common.frequency_info_dl;
  REQUIRE(downlink.frequency_band_list.at(0).freq_band_indicator_nr.has_value());
  CHECK(*downlink.frequency_band_list[0].freq_band_indicator_nr == 3);
  CHECK(downlink.scs_specific_carrier_list.at(0).carrier_bandwidth == 52);
  using Period = rrc::ServingCellConfigCommonSib::SsbPeriodicityServingCell;
  CHECK(sib1->serving_cell_config_common->ssb_periodicity_serving_cell == Period::ms20);

  const auto again = rrc::encode(*message);
  REQUIRE(again.has_value());
  CHECK(hex.starts_with(to_hex(*again)));  // behind it the padding of the transport block
  CHECK(std::all_of(hex.begin() + static_cast<std::ptrdiff_t>(2 * again->size()), hex.end(),
                    [](char c) { return c == '0'; }));
}

TEST_CASE("RRC: a MIB is 24 bits with the alternative in front [TS 38.331 §6.2.2]")
{
  rrc::BcchBchMessage message;
  rrc::Mib& mib = message.message.set_mib();
  mib.system_frame_number.value = 0b101010;
  mib.sub_carrier_spacing_common = rrc::Mib::SubCarrierSpacingCommon::scs30or120;
  mib.ssb_subcarrier_offset = 6;
  mib.dmrs_type_a_position = rrc::Mib::DmrsTypeAPosition::pos3;
  mib.pdcch_config_sib1 = {.control_resource_set_zero = 2, .search_space_zero = 4};
  mib.cell_barred = rrc::Mib::CellBarred::not_barred;
  mib.intra_freq_reselection = rrc::Mib::IntraFreqReselection::allowed;
  const auto bytes = rrc::encode(message);
  REQUIRE(bytes.has_value());
  // 0 101010 1 | 0110 1 001 | 0 0100 1 0 0
  CHECK(to_hex(*bytes) == "556924");
}

TEST_CASE("RRC: an RRCSetup carries its cell group in a container and comes back")
{
  rrc::CellGroupConfig group;
  group.cell_group_id = 0;
  rrc::RlcBearerConfig& bearer = group.rlc_bearer_to_add_mod_list.emplace().emplace_back();
  bearer.logical_channel_identity = 1;
  bearer.served_radio_bearer.emplace().set_srb_identity() = 1;
  group.mac_cell_group_config.emplace().phr_config.emplace().set_release();

  rrc::DlCcchMessage message;
  rrc::RrcSetup& setup = message.message.set_c1().set_rrc_setup();
  setup.rrc_transaction_identifier = 2;
  rrc::RrcSetupIes& ies = setup.critical_extensions.set_rrc_setup();
  ies.radio_bearer_config.srb_to_add_mod_list.emplace().emplace_back().srb_identity = 1;
  ies.master_cell_group = rrc::encode(group).value();

  const auto bytes = rrc::encode(message);
  REQUIRE(bytes.has_value());
  const auto back = rrc::decode<rrc::DlCcchMessage>(*bytes);
  REQUIRE(back.has_value());
  const rrc::RrcSetup* const received = back->message.c1()->rrc_setup();
  REQUIRE(received != nullptr);
  CHECK(received->rrc_transaction_identifier == 2);
  const auto inner = rrc::decode<rrc::CellGroupConfig>(received->critical_extensions.rrc_setup()->master_cell_group);
  REQUIRE(inner.has_value());
  CHECK(*inner->rlc_bearer_to_add_mod_list->at(0).served_radio_bearer->srb_identity() == 1);
  CHECK(inner->mac_cell_group_config->phr_config->release());
}
