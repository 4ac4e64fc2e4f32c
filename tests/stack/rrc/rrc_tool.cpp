// Prints every message of both sides' RRC, "TYPE HEX" a line, for redecode.py to give to another codec.

#include "stack/asn1/rrc.h"
#include "stack/rrc/broadcast.h"
#include "stack/rrc/cell_group.h"
#include "stack/rrc/derive_cell.h"
#include "stack/rrc/derive_ue_config.h"
#include "stack/rrc/gnb_rrc.h"
#include "stack/rrc/paging.h"
#include "stack/rrc/ue_capability.h"
#include "stack/rrc/ue_rrc.h"
#include "tests/stack/asn1/reference_data.h"

#include <iostream>
#include <string>

using namespace ravi;
using namespace ravi::rrc;

namespace {

void print(const char* type, const Octets& bytes) { std::cout << type << " " << asn1::to_hex(bytes) << "\n"; }

/// Carries what both sides say until they are silent, PDCP left out.
void exchange(GnbRrc& gnb, UeRrc& ue, Time now)
{
  for (unsigned idle = 0; idle < 2; ++idle) {
    for (const GnbAction& action : gnb.take_actions()) {
      const auto* sent = std::get_if<SendSdu>(&action);
      if (sent == nullptr) continue;
      idle = 0;
      print(sent->srb == 0 ? "DL-CCCH-Message" : "DL-DCCH-Message", sent->sdu);
      sent->srb == 0 ? ue.on_ccch(sent->sdu, now) : ue.on_dcch(sent->sdu, true, now);
    }
    ue.on_security_verified(true);
    for (const UeAction& action : ue.take_actions()) {
      const auto* sent = std::get_if<SendSdu>(&action);
      if (sent == nullptr) continue;
      idle = 0;
      print(sent->srb == 0 ? "UL-CCCH-Message" : "UL-DCCH-Message", sent->sdu);
      sent->srb == 0 ? gnb.on_ccch(sent->sdu, now) : gnb.on_dcch(sent->sdu, true, now);
    }
  }
}

void print_cell(unsigned band, double mhz)
{
  const nr::Cell cell = derive_cell({.band = band, .bandwidth = Hertz(mhz * 1e6), .access_barring = {{.category = 7, .factor_percent = 50, .time_s = 16}}})
                            .value()
                            .cell;
  const std::uint32_t mib = mib_of(cell);
  print("BCCH-BCH-Message", {static_cast<std::uint8_t>(mib >> 16), static_cast<std::uint8_t>(mib >> 8), static_cast<std::uint8_t>(mib)});
  print("BCCH-DL-SCH-Message", sib1_of(cell).value());
  print("PCCH-Message", paging_message(std::array<std::uint64_t, 2>{0x123456789ABC, band}));
  for (const UeConfigOptions& options : {UeConfigOptions{}, UeConfigOptions{.is_search_space_common = true, .csi_period_ms = std::nullopt}}) {
    const nr::UeConfig config = derive_ue_config(cell, nr::Rnti(0x4601), 2, options).value();
    const std::vector<BearerConfig> bearers{srb_bearer(1), srb_bearer(2), drb_bearer(1, 1, {1})};
    print("CellGroupConfig", cell_group_of(cell, &config, bearers).value());
    GnbRrc gnb(cell, config);
    UeRrc ue({});
    ue.camp_on(cell);
    ue.set_k_gnb({});
    (void)ue.connect({0x7E, 0x00, 0x41}, 3, options.csi_period_ms ? std::nullopt : std::optional<std::uint64_t>(0x123456789ABC), Time(0));
    exchange(gnb, ue, Time(1));
    gnb.send_nas({0x7E, 0x00, 0x56}, Time(2));
    (void)ue.send_nas({0x7E, 0x00, 0x57});
    ContextRequest context;
    context.sessions = {{.pdu_session = 1, .qfis = {1}, .nas = {0x7E, 0x00, 0x68}}};
    gnb.setup_context(context, Time(3));
    exchange(gnb, ue, Time(4));
    gnb.setup_sessions({{.pdu_session = 2, .qfis = {1}, .nas = {0x7E, 0x00, 0x68}, .five_qis = {1}}}, Time(4));  // in RLC UM
    exchange(gnb, ue, Time(4));
    gnb.release_sessions({1}, {0x7E, 0x00, 0x69}, Time(5));
    exchange(gnb, ue, Time(6));
    gnb.release(Time(7));
    exchange(gnb, ue, Time(8));
  }
}

}  // namespace

int main()
{
  for (const auto& [band, mhz] : {std::pair{3U, 10.0}, {3U, 20.0}, {1U, 20.0}, {40U, 20.0}, {78U, 20.0}, {78U, 40.0}}) print_cell(band, mhz);
  print("DL-CCCH-Message", rrc_reject(5));
  print("UE-NR-Capability", ue_nr_capability({1, 3, 40, 78}));
}
