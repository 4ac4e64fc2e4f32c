#include "tests/stack/ue/radio_monitor.h"

#include "stack/mac/rar.h"
#include "stack/nr/reserved_elements.h"
#include "stack/nr/search_space.h"
#include "stack/nr/time_allocation.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

namespace ravi::ue {
namespace {

const char* name_of(nr::Modulation modulation)
{
  switch (modulation) {
    case nr::Modulation::qam16:
      return "16QAM";
    case nr::Modulation::qam64:
      return "64QAM";
    case nr::Modulation::qam256:
      return "256QAM";
    default:
      return "QPSK";
  }
}

std::string text_of(const nr::SmallBits& bits)
{
  std::string out;
  for (const std::uint8_t bit : bits) out += bit != 0 ? '1' : '0';
  return out;
}

template <class T>
T value_of(Result<T> result)
{
  REQUIRE_MESSAGE(result, (result ? "" : result.error().message));
  return std::move(*result);
}

}  // namespace

RadioMonitor::RadioMonitor(const nr::Cell& cell, SampleRate rate)
  : cell_(cell),
    downlink_(value_of(UePhy::make(cell, rate))),
    uplink_(value_of(gnb::GnbPhy::make(cell, rate))),
    prach_(nr::prach_config(cell.duplex, cell.random_access.prach_configuration_index).value()),
    common_(common_search(cell)),
    payload_(100'000)
{
}

void RadioMonitor::configure(const nr::UeConfig& config)
{
  config_ = config;
  dedicated_ = dedicated_searches(cell_, config);
}

void RadioMonitor::note(nr::Slot slot, const std::string& what)
{
  journal_.push_back(fmt::format("{}.{} {}", slot.sfn(), slot.slot_in_frame(), what));
}

std::vector<MonitoredPdu> RadioMonitor::hear(nr::Slot slot, std::span<const Cf32> downlink, std::span<const Cf32> uplink)
{
  std::vector<MonitoredPdu> out;
  downlink_->receive(slot, downlink);
  hear_downlink(slot, out);
  hear_uplink(slot, uplink, out);
  return out;
}

// -- downlink ------------------------------------------------------------------------------------------------------------

void RadioMonitor::hear_downlink(nr::Slot slot, std::vector<MonitoredPdu>& out)
{
  phy::FoundDcis found;
  common_.search.rntis.clear();
  if (ra_rnti_) (void)common_.search.rntis.push_back(*ra_rnti_);
  if (rnti_) (void)common_.search.rntis.push_back(*rnti_);
  if (!common_.search.rntis.empty() && nr::is_monitored(common_.search.search_space, slot)) downlink_->search(common_.search, found);
  for (const phy::FoundDci& dci : found) on_dci(slot, dci, common_, out);
  for (ControlSearch& control : dedicated_) {
    if (!nr::is_monitored(control.search.search_space, slot)) continue;
    control.search.rntis.clear();
    (void)control.search.rntis.push_back(*rnti_);
    found.clear();
    downlink_->search(control.search, found);
    for (const phy::FoundDci& dci : found) on_dci(slot, dci, control, out);
  }
}

void RadioMonitor::on_dci(nr::Slot slot, const phy::FoundDci& found, const ControlSearch& control, std::vector<MonitoredPdu>& out)
{
  const nr::DciPlace place{.search_space = control.search.search_space, .coreset = control.search.coreset, .first_cce = found.cce_index};
  const nr::DciRnti kind = found.rnti == ra_rnti_ ? nr::DciRnti::ra : config_ ? nr::DciRnti::c : nr::DciRnti::tc;
  const bool is_rar = kind == nr::DciRnti::ra;
  const auto grant = is_rar ? std::nullopt : nr::unpack_dci_0_0(found.payload.span(), control.sizes.ul);
  note(slot, fmt::format("PDCCH rnti={:#x} ss_id={} format={} cce={} al={}", found.rnti.value(), place.search_space.id, grant ? "0_0" : "1_0",
                         found.cce_index, found.aggregation_level));
  if (grant) {
    const auto scheduling = nr::pusch_scheduling(cell_, config(), grant->time_allocation, &place.search_space);
    REQUIRE(scheduling);
    auto pdu = nr::scheduled_pusch(nr::grant_of(*grant), found.rnti, cell_, *scheduling);
    REQUIRE(pdu);
    std::optional<unsigned>& ndi = uplink_ndi_.at(grant->harq_process);
    pdu->is_new_data = ndi != grant->ndi;
    ndi = grant->ndi;
    grants_[(slot + scheduling->time.k_2).count()] = *pdu;
    return;
  }
  const auto dci = nr::unpack_dci_1_0(found.payload.span(), kind, control.sizes.dl);
  REQUIRE(dci);
  const auto scheduling = nr::pdsch_scheduling(cell_, config(), kind, dci->time_allocation, place);
  REQUIRE(scheduling);
  auto pdu = nr::scheduled_pdsch(*dci, kind, found.rnti, *scheduling);
  REQUIRE(pdu);
  REQUIRE(nr::reserve_elements(cell_, config(), kind, slot, *pdu));
  // A foreign HARQ process is used again with the same NDI where it was given up; in this recording every block comes once.
  const mac::UeDownlink downlink{.pdu = *pdu, .content = is_rar ? mac::UeDownlink::Content::rar : mac::UeDownlink::Content::ue};
  const nr::SchResult result = downlink_->decode(downlink, payload_);
  num_crc_failures_ += result.is_crc_ok ? 0 : 1;
  note(slot, fmt::format("PDSCH rnti={:#x} prb=[{}, {}) mod={} tbs={}", found.rnti.value(), pdu->prb.begin, pdu->prb.end(),
                         name_of(pdu->sch.modulation), pdu->sch.tbs_bytes));
  const auto block = std::span(payload_).first(pdu->sch.tbs_bytes);
  if (result.is_crc_ok) out.push_back({.is_downlink = true, .is_response = is_rar, .octets = {block.begin(), block.end()}});
  if (is_rar) return on_rar(slot, block);
  Acknowledgement& acknowledgement = acknowledgements_[(slot + (dci->harq_timing + 1)).count()];
  acknowledgement.is_common = !config_;
  ++acknowledgement.needs.num_harq_ack;
  acknowledgement.needs.resource_indicator = dci->pucch_resource;
  acknowledgement.needs.first_cce = found.cce_index;
  acknowledgement.needs.num_cce = place.coreset.num_cce();
}

void RadioMonitor::on_rar(nr::Slot slot, std::span<const std::uint8_t> payload)
{
  const auto rar = mac::decode_rar(payload);
  REQUIRE(rar);
  for (const mac::RandomAccessResponse& response : rar->view()) {
    if (response.rapid != preamble_) continue;
    rnti_ = response.temporary_c_rnti;
    ra_rnti_.reset();
    const nr::UplinkGrant grant{.riv = nr::riv_of_rar_field(response.grant.frequency_resource, cell_.uplink_bwp_crb.count),
                                .time_allocation = response.grant.time_resource,
                                .mcs = response.grant.mcs};
    const auto scheduling = nr::pusch_scheduling(cell_, nullptr, grant.time_allocation, nullptr);
    REQUIRE(scheduling);
    const auto pdu = nr::scheduled_pusch(grant, *rnti_, cell_, *scheduling);
    REQUIRE(pdu);
    grants_[(slot + (scheduling->time.k_2 + nr::msg3_delta(cell_.uplink.scs))).count()] = *pdu;
    return;
  }
}

// -- uplink --------------------------------------------------------------------------------------------------------------

/// HARQ-ACK, scheduling request and CSI where no PUSCH takes them; with a request both resources HARQ-ACK may be on.
void RadioMonitor::plan_pucch(nr::Slot slot, const Acknowledgement* acknowledgement, mac::UplinkPlan& plan) const
{
  const auto add = [&plan](const std::optional<nr::PucchPdu>& pdu) {
    if (pdu) REQUIRE(plan.pucch.push_back(*pdu));
  };
  const bool is_sr = config_ && config_->scheduling_request && config_->scheduling_request->is_at(slot);
  const bool has_csi = config_ && config_->csi_report && config_->csi_report->is_at(slot);
  if (acknowledgement != nullptr && acknowledgement->is_common) {
    add(nr::choose_pucch(cell_, nullptr, *rnti_, acknowledgement->needs));
    acknowledgement = nullptr;
  }
  if (!config_) return;
  nr::UciNeeds needs = acknowledgement != nullptr ? acknowledgement->needs : nr::UciNeeds{};
  needs.is_sr_occasion = is_sr;
  needs.has_csi = has_csi;
  add(nr::choose_pucch(cell_, &*config_, *rnti_, needs));
  const bool may_move = is_sr && !has_csi && needs.num_harq_ack > 0 && needs.num_harq_ack <= 2;
  if (may_move) add(nr::sr_pucch(cell_, *config_, *rnti_, needs.num_harq_ack));
}

void RadioMonitor::hear_uplink(nr::Slot slot, std::span<const Cf32> samples, std::vector<MonitoredPdu>& out)
{
  mac::UplinkPlan plan{.slot = slot, .pusch = {}, .pucch = {}};
  auto acknowledgement = acknowledgements_.extract(slot.count());
  const Acknowledgement* const due = acknowledgement.empty() ? nullptr : &acknowledgement.mapped();
  if (auto grant = grants_.extract(slot.count()); !grant.empty()) {
    const bool has_csi = config_ && config_->csi_report && config_->csi_report->is_at(slot);
    grant.mapped().uci = nr::pusch_uci(config(), due != nullptr ? due->needs.num_harq_ack : 0, has_csi);
    REQUIRE(plan.pusch.push_back(grant.mapped()));
  } else if (rnti_) {
    plan_pucch(slot, due, plan);
  }
  gnb::UplinkReceipts receipts;
  uplink_->receive(plan, nr::prach_occasions(prach_, cell_.random_access.msg1_scs, slot), samples, receipts);
  for (const auto& heard : receipts.preambles) {
    note(heard.slot, fmt::format("PRACH idx={}", heard.preamble.index));
    if (rnti_) continue;
    preamble_ = heard.preamble.index;
    ra_rnti_ = nr::ra_rnti(heard.occasion.s_id, heard.occasion.t_id, 0);
  }
  for (const auto& heard : receipts.pusch) {
    const nr::PuschPdu& pdu = heard.pdu;
    std::string text = fmt::format("PUSCH rnti={:#x} harq_id={} prb=[{}, {}) mod={} tbs={}", pdu.rnti.value(), pdu.harq_process, pdu.prb.begin,
                                   pdu.prb.end(), name_of(pdu.sch.modulation), pdu.sch.tbs_bytes);
    if (pdu.uci.num_harq_ack_bits > 0) text += " ack=" + text_of(heard.result.uci.uci.harq_ack);
    if (pdu.uci.num_csi_part1_bits > 0) text += " csi1=" + text_of(heard.result.uci.uci.csi_part1);
    note(slot, text);
    num_crc_failures_ += heard.result.sch.is_crc_ok ? 0 : 1;
    if (heard.result.sch.is_crc_ok) out.push_back({.octets = {heard.payload.begin(), heard.payload.end()}});
  }
  for (const auto& heard : receipts.pucch) note_pucch(slot, heard.pdu, heard.result);
}

void RadioMonitor::note_pucch(nr::Slot slot, const nr::PucchPdu& pdu, const nr::UciResult& result)
{
  const bool is_present = result.detection == nr::Detection::present;
  if (pdu.format == 2) {
    std::string text = fmt::format("PUCCH format=2 prb=[{}, {})", pdu.starting_prb, pdu.starting_prb + pdu.num_prb);
    if (pdu.num_harq_ack_bits > 0) text += " ack=" + text_of(result.uci.harq_ack);
    return note(slot, text + " csi1=" + (is_present ? text_of(result.uci.csi_part1) : "silence"));
  }
  std::string text = fmt::format("PUCCH format=1 prb1={} prb2={}", pdu.starting_prb,
                                 pdu.second_hop_prb ? std::to_string(*pdu.second_hop_prb) : std::string("na"));
  constexpr const char* kNothingHeard = "2";
  if (pdu.num_harq_ack_bits > 0) {
    text += " ack=" + (is_present ? text_of(result.uci.harq_ack) : std::string(kNothingHeard));
  } else {
    text += is_present ? " sr=yes" : " sr=no";
  }
  note(slot, text);
}

}  // namespace ravi::ue
