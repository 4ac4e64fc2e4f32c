#include "stack/gnb/gnb_modem.h"

#include <algorithm>
#include <utility>

namespace ravi::gnb {

Result<std::unique_ptr<GnbModem>> GnbModem::make(const nr::Cell& cell, SampleRate rate, std::uint32_t mib,
                                                 std::span<const std::uint8_t> sib1, const mac::SchedulerConfig& config)
{
  auto phy = GnbPhy::make(cell, rate);
  if (!phy) return tl::unexpected(phy.error());
  return std::unique_ptr<GnbModem>(new GnbModem(cell, std::move(*phy), mib, sib1, config));
}

void GnbModem::receive(nr::Slot slot, std::span<const Cf32> samples) noexcept
{
  received_.clear();
  scheduler_.plan_uplink(slot, uplink_plan_);
  phy_->receive(uplink_plan_, scheduler_.prach_occasions(slot), samples, receipts_);
  for (const UplinkReceipts::Preamble& heard : receipts_.preambles) {
    ++counters_.preambles;
    if (!scheduler_.on_preamble(heard.slot, heard.occasion, heard.preamble)) ++counters_.refused_preambles;
  }
  for (const UplinkReceipts::Pusch& heard : receipts_.pusch) {
    const mac::PuschOutcome outcome = scheduler_.on_pusch(slot, heard.pdu, heard.result.sch, heard.result.uci);
    if (outcome == mac::PuschOutcome::received) take_apart(heard.pdu.rnti, heard.payload);
  }
  for (const UplinkReceipts::Pucch& heard : receipts_.pucch) scheduler_.on_pucch(slot, heard.pdu, heard.result);
  scheduler_.end_uplink(slot);
}

void GnbModem::skip(nr::Slot slot, std::int64_t count) noexcept
{
  scheduler_.skip_uplink(slot, count);
  phy_->skip();
}

void GnbModem::take_apart(nr::Rnti rnti, std::span<const std::uint8_t> pdu) noexcept
{
  mac::MacPduReader reader(mac::Direction::uplink, pdu);
  while (const auto sub_pdu = reader.next()) {
    if (sub_pdu->lcid == mac::lcid::ccch_48_bits || sub_pdu->lcid == mac::lcid::ccch) {
      (void)received_.push_back({rnti, mac::lcid::ccch, sub_pdu->payload});
    } else if (sub_pdu->lcid <= mac::lcid::last_logical_channel) {
      (void)received_.push_back({rnti, sub_pdu->lcid, sub_pdu->payload});
    } else if (sub_pdu->lcid == mac::lcid::c_rnti) {
      // A UE that is known already has come back by random access: a grant to its C-RNTI tells it so. TS 38.321 §5.1.5.
      const auto known = mac::decode_c_rnti(sub_pdu->payload);
      if (!known || *known == rnti || scheduler_.find(*known) == nullptr) continue;
      scheduler_.remove_ue(rnti);
      scheduler_.request_grant(*known);
      ++counters_.returned;
      rnti = *known;
    } else {
      take_report(rnti, *sub_pdu);
    }
  }
  if (reader.is_malformed()) ++counters_.malformed;
}

/// Buffer status: the sum over the groups is what counts for grants.
void GnbModem::take_report(nr::Rnti rnti, const mac::SubPdu& report) noexcept
{
  if (report.lcid == mac::lcid::short_bsr || report.lcid == mac::lcid::short_truncated_bsr) {
    if (const auto bsr = mac::decode_short_bsr(report.payload)) scheduler_.on_buffer_status(rnti, mac::buffer_octets_5(bsr->index));
    return;
  }
  std::optional<mac::LongBsr> bsr;
  if (report.lcid == mac::lcid::long_bsr) bsr = mac::decode_long_bsr(report.payload);
  if (report.lcid == mac::lcid::long_truncated_bsr) bsr = mac::decode_long_truncated_bsr(report.payload);
  if (!bsr) return;
  std::size_t octets = 0;
  for (unsigned i = 0; i < bsr->num_indices; ++i) octets += mac::buffer_octets_8(bsr->index[i]);
  scheduler_.on_buffer_status(rnti, octets);
}

mac::ContentionResolutionIdentity GnbModem::resolution_of(std::span<const std::uint8_t> ccch) noexcept
{
  mac::ContentionResolutionIdentity identity{};
  std::copy_n(ccch.begin(), std::min(ccch.size(), identity.size()), identity.begin());
  return identity;
}

mac::DownlinkPlan& GnbModem::plan(nr::Slot slot) noexcept
{
  scheduler_.plan_downlink(slot, plan_);
  return plan_;
}

}  // namespace ravi::gnb
