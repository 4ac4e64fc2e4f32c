#include "stack/gnb/record_mac.h"

#include <array>
#include <cstdint>

namespace ravi::gnb {
namespace {

/// BCCH-BCH-Message as it is sent: the SFN's upper six bits follow the first bit. TS 38.331 §6.2.2.
std::array<std::uint8_t, 3> bch_message(const nr::SsbPdu& ssb) noexcept
{
  const std::uint32_t bits = (ssb.mib & ~(0x3FU << 17U)) | (ssb.sfn >> 4U & 0x3FU) << 17U;
  return {static_cast<std::uint8_t>(bits >> 16U), static_cast<std::uint8_t>(bits >> 8U), static_cast<std::uint8_t>(bits)};
}

pcap::RntiType rnti_type(mac::DlContent content) noexcept
{
  switch (content) {
    case mac::DlContent::sib1:
      return pcap::RntiType::si;
    case mac::DlContent::paging:
      return pcap::RntiType::p;
    case mac::DlContent::rar:
      return pcap::RntiType::ra;
    case mac::DlContent::ue:
      break;
  }
  return pcap::RntiType::c;
}

}  // namespace

void record_uplink(nr::Slot slot, std::chrono::nanoseconds time, const UplinkReceipts& receipts, pcap::Tap& tap) noexcept
{
  for (const UplinkReceipts::Pusch& heard : receipts.pusch) {
    if (!heard.result.sch.is_crc_ok) continue;
    tap.mac({.rnti = heard.pdu.rnti,
             .rnti_type = pcap::RntiType::c,
             .direction = nr::LinkDirection::uplink,
             .slot = slot,
             .harq_process = heard.pdu.harq_process,
             .time = time,
             .octets = heard.payload});
  }
}

void record_downlink(const mac::DownlinkPlan& plan, std::chrono::nanoseconds time, pcap::Tap& tap) noexcept
{
  for (const nr::SsbPdu& ssb : plan.ssb) {
    tap.mac({.rnti_type = pcap::RntiType::none, .slot = plan.slot, .time = time, .octets = bch_message(ssb)});
  }
  for (const mac::DlTransmission& transmission : plan.pdsch) {
    if (transmission.content == mac::DlContent::ue && !transmission.is_to_be_filled) continue;
    tap.mac({.rnti = transmission.pdu.rnti,
             .rnti_type = rnti_type(transmission.content),
             .slot = plan.slot,
             .harq_process = transmission.pdu.harq_process,
             .time = time,
             .octets = transmission.transport_block});
  }
}

}  // namespace ravi::gnb
