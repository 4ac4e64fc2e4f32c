// The first octet says who reads the rest: the reader of SIB1, of a cell group, or the procedures of either side in some state.

#include "stack/rrc/broadcast.h"
#include "stack/rrc/cell_group.h"
#include "stack/rrc/derive_cell.h"
#include "stack/rrc/derive_ue_config.h"
#include "stack/rrc/gnb_rrc.h"
#include "stack/rrc/ue_rrc.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

namespace nr = ravi::nr;
namespace rrc = ravi::rrc;

const nr::Cell& cell()
{
  static const nr::Cell derived = rrc::derive_cell({.band = 78, .bandwidth = ravi::Hertz(20e6)}).value().cell;
  return derived;
}

const nr::UeConfig& ue_config()
{
  static const nr::UeConfig derived = rrc::derive_ue_config(cell(), nr::Rnti(0x4601), 0).value();
  return derived;
}

/// Both ends after RRCSetup, or before it.
void run_procedures(std::uint8_t what, std::span<const std::uint8_t> pdu)
{
  rrc::GnbRrc gnb(cell(), ue_config());
  rrc::UeRrc ue({});
  ue.camp_on(cell());
  ue.set_k_gnb({});
  if (!ue.connect({1}, 3, std::nullopt, rrc::Time(0))) std::abort();
  if ((what & 4) != 0) {
    for (const auto& action : ue.take_actions()) {
      if (const auto* sent = std::get_if<rrc::SendSdu>(&action)) gnb.on_ccch(sent->sdu, rrc::Time(1));
    }
    for (const auto& action : gnb.take_actions()) {
      if (const auto* sent = std::get_if<rrc::SendSdu>(&action)) ue.on_ccch(sent->sdu, rrc::Time(2));
    }
    for (const auto& action : ue.take_actions()) {
      if (const auto* sent = std::get_if<rrc::SendSdu>(&action)) gnb.on_dcch(sent->sdu, false, rrc::Time(3));
    }
  }
  gnb.on_ccch(pdu, rrc::Time(4));
  gnb.on_dcch(pdu, (what & 8) != 0, rrc::Time(4));
  ue.on_ccch(pdu, rrc::Time(4));
  ue.on_dcch(pdu, (what & 8) != 0, rrc::Time(4));
  ue.on_pcch(pdu);
  ue.on_security_verified((what & 16) != 0);
  ue.tick(rrc::Time(20'000));
  gnb.tick(rrc::Time(20'000));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  if (size == 0) return 0;
  const auto pdu = std::span(data, size).subspan(1);
  switch (data[0] % 4) {
    case 0: {
      const rrc::SsbReading ssb{.pci = cell().pci, .gscn = cell().ssb.gscn, .ssb_case = cell().ssb.ssb_case, .k_ssb = cell().ssb.k_ssb,
                                .mib = rrc::mib_of(cell())};
      const auto read = rrc::read_cell(ssb, pdu);
      if (read && read->coreset0.first_crb + read->coreset0.num_prb() > read->downlink.offset_to_carrier + read->downlink.num_prb) std::abort();
      (void)rrc::read_sib1_identity(pdu);
      break;
    }
    case 1: {
      const auto group = rrc::read_cell_group(pdu, cell(), ue_config());
      if (group && group->ue.search_spaces.empty()) std::abort();
      break;
    }
    default: run_procedures(data[0], pdu); break;
  }
  return 0;
}
