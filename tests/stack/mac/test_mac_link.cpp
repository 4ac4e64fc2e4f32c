#include "stack/mac/mac_pdu.h"
#include "stack/mac/scheduler.h"
#include "stack/mac/ue_mac.h"

#include "radio/realtime.h"
#include "stack/nr/resource_allocation.h"

#include "doctest/doctest.h"

#include <algorithm>
#include <map>
#include <memory>
#include <random>

namespace ravi::mac {
namespace {

nr::Cell fdd_cell()
{
  nr::Cell cell;
  cell.pci = nr::Pci(1);
  cell.downlink = cell.uplink = {.scs = nr::Scs::khz15, .num_prb = 52};
  cell.downlink_bwp_crb = cell.uplink_bwp_crb = {0, 52};
  cell.ssb = {.ssb_case = nr::SsbCase::a, .first_subcarrier = 162};
  cell.coreset0 = {.frequency_domain_resources = 0xFF, .first_crb = 1};
  cell.ra_search_space = {.id = 1, .coreset_id = 0, .num_candidates = {0, 0, 2, 1, 0}};
  cell.pdsch_time_allocations = {{.symbols = {1, 13}}};
  cell.pusch_time_allocations = {{.k_2 = 4, .symbols = {0, 14}}};
  cell.random_access.prach_configuration_index = 12;
  return cell;
}

nr::Cell tdd_cell()
{
  nr::Cell cell = fdd_cell();
  cell.duplex = nr::Duplex::tdd;
  cell.downlink.scs = cell.uplink.scs = nr::Scs::khz30;
  cell.downlink.num_prb = cell.uplink.num_prb = 51;
  cell.downlink_bwp_crb = cell.uplink_bwp_crb = {0, 51};
  cell.ssb.ssb_case = nr::SsbCase::c;
  cell.ssb_l_max = 8;
  cell.tdd = nr::TddConfig{};
  cell.pusch_time_allocations = {{.k_2 = 4, .symbols = {0, 14}}, {.k_2 = 6, .symbols = {0, 14}}, {.k_2 = 8, .symbols = {0, 14}}};
  cell.random_access.prach_configuration_index = 151;
  cell.random_access.msg1_scs = nr::Scs::khz30;
  cell.random_access.response_window_slots = 20;
  return cell;
}

nr::UeConfig ue_config(nr::Rnti rnti, unsigned n)
{
  nr::UeConfig config;
  config.c_rnti = rnti;
  config.search_spaces = {{.id = 2, .coreset_id = 0, .num_candidates = {0, 4, 2, 1, 0}, .is_common = false}};
  config.pucch_resources = {{.id = 0, .format = 1, .starting_prb = 0, .initial_cyclic_shift = n % 4 * 3},
                            {.id = 1, .format = 1, .starting_prb = 1, .initial_cyclic_shift = n % 4 * 3},
                            {.id = 2, .format = 2, .starting_prb = 44 - 4 * n, .symbols = {10, 2}, .num_prb = 2},
                            {.id = 3, .format = 2, .starting_prb = 46 - 4 * n, .symbols = {12, 2}, .num_prb = 1}};
  config.pucch_resource_sets = {std::vector<unsigned>{0}, {2}};
  config.scheduling_request = nr::PeriodicResource{.period_slots = 20, .offset_slots = 8, .pucch_resource_id = 1};
  config.csi_report = nr::PeriodicResource{.period_slots = 40, .offset_slots = 19, .pucch_resource_id = 3};
  return config;
}

/// A scheduler and some UEs that hear each other without radio: what one plans the other is given, except what gets lost.
class Link {
public:
  struct Ue {
    std::unique_ptr<UeMac> mac;
    std::size_t dl_waiting = 0;
    std::size_t ul_waiting = 0;
    std::size_t dl_received = 0;
    std::size_t ul_received = 0;
    std::optional<nr::Rnti> gnb_rnti;  ///< set by the gNB when Msg3 came
    bool has_ccch = false;
    std::vector<std::uint8_t> ccch;
    unsigned succeeded = 0;
    unsigned failed = 0;
  };

  Link(const nr::Cell& cell, unsigned num_ues, double loss, std::uint64_t seed)
    : cell_(cell), loss_(loss), random_(seed), scheduler_(cell, 0, std::vector<std::uint8_t>(80, 0x55))
  {
    for (unsigned n = 0; n < num_ues; ++n) {
      Ue ue{.mac = std::make_unique<UeMac>(cell, UeMacConfig{.seed = seed + n})};
      for (std::uint8_t i = 0; i < 6; ++i) ue.ccch.push_back(static_cast<std::uint8_t>(16 * n + i));
      ue.mac->start_random_access(ue.ccch);
      ues_.push_back(std::move(ue));
    }
  }

  void run(unsigned num_slots)
  {
    for (unsigned i = 0; i < num_slots; ++i, ++slot_) {
      for (Ue& ue : ues_) {
        if (ue.gnb_rnti) scheduler_.set_dl_buffer(*ue.gnb_rnti, ue.has_ccch ? 60 : ue.dl_waiting, ue.has_ccch);
      }
      downlink();
      uplink();
      for (Ue& ue : ues_) {
        while (const auto event = ue.mac->next_event()) {
          ++(*event == UeMacEvent::random_access_succeeded ? ue.succeeded : ue.failed);
        }
      }
    }
  }

  std::vector<Ue>& ues() { return ues_; }
  Scheduler& scheduler() { return scheduler_; }

private:
  bool is_lost() { return std::uniform_real_distribution<>()(random_) < loss_; }

  void fill_downlink(Ue& ue, std::span<std::uint8_t> block)
  {
    MacPduWriter writer(Direction::downlink, block);
    if (ue.has_ccch) {
      REQUIRE(writer.add(lcid::contention_resolution, ue.ccch));
      REQUIRE(writer.add(lcid::ccch, std::vector<std::uint8_t>(40)));
      ue.has_ccch = false;
    } else if (const std::size_t size = std::min(ue.dl_waiting, writer.max_sdu_size()); size > 0) {
      (void)writer.sdu_room(size);
      writer.commit_sdu(4, size);
      ue.dl_waiting -= size;
    }
    writer.finish();
  }

  void downlink()
  {
    {
      const RealtimeScope scope;
      scheduler_.plan_downlink(slot_, plan_);
    }
    for (DlTransmission& transmission : plan_.pdsch) {
      for (Ue& ue : ues_) {
        if (transmission.is_to_be_filled && ue.gnb_rnti == transmission.pdu.rnti) fill_downlink(ue, transmission.transport_block);
      }
    }
    for (const nr::PdcchPdu& pdcch : plan_.pdcch) {
      for (Ue& ue : ues_) {
        if (!is_lost()) hear(ue, pdcch);
      }
    }
  }

  void hear(Ue& ue, const nr::PdcchPdu& pdcch)
  {
    const auto common = ue.mac->common_rnti(slot_);
    const bool is_own = ue.mac->c_rnti() == pdcch.rnti;
    if (!is_own && common != pdcch.rnti) return;
    const bool is_ra = !is_own && ue.mac->random_access() == RandomAccessState::waits_for_response;
    const auto kind = is_own ? nr::DciRnti::c : (is_ra ? nr::DciRnti::ra : nr::DciRnti::tc);
    const nr::DciBandwidths bandwidths{48, cell_.uplink.num_prb, cell_.downlink.num_prb, cell_.uplink.num_prb};
    const ScheduledUe* scheduled = scheduler_.find(pdcch.rnti);
    const bool is_dedicated = scheduled != nullptr && scheduled->config && pdcch.aggregation_level == 2;
    const nr::DciSizes sizes = is_dedicated ? nr::DciSizes::ue(bandwidths) : nr::DciSizes::common(bandwidths);
    const nr::SearchSpace search_space = is_dedicated ? scheduled->config->search_spaces[0] : cell_.ra_search_space;
    const nr::DciPlace place{.search_space = search_space, .coreset = cell_.coreset0, .first_cce = pdcch.cce_index};
    if (!is_ra) {
      if (const auto dci = nr::unpack_dci_0_0(pdcch.payload.span(), sizes.ul)) return ue.mac->on_dci_0_0(slot_, *dci, pdcch.rnti, place);
    }
    const auto dci = nr::unpack_dci_1_0(pdcch.payload.span(), kind, sizes.dl);
    REQUIRE(dci);
    const auto scheduled_downlink = ue.mac->on_dci_1_0(slot_, *dci, kind, pdcch.rnti, place);
    if (!scheduled_downlink) return;
    const auto sent = std::find_if(plan_.pdsch.begin(), plan_.pdsch.end(),
                                   [&](const DlTransmission& t) { return t.pdu.rnti == pdcch.rnti; });
    REQUIRE(sent != plan_.pdsch.end());
    CHECK(sent->pdu.bwp_crb.begin + sent->pdu.prb.begin == scheduled_downlink->pdu.bwp_crb.begin + scheduled_downlink->pdu.prb.begin);
    CHECK(sent->pdu.prb.count == scheduled_downlink->pdu.prb.count);
    CHECK(sent->pdu.sch.tbs_bytes == scheduled_downlink->pdu.sch.tbs_bytes);
    const bool is_ok = !is_lost();
    if (is_ok && scheduled_downlink->content == UeDownlink::Content::ue) {
      MacPduReader reader(Direction::downlink, sent->transport_block);
      while (const auto sub_pdu = reader.next()) {
        if (sub_pdu->lcid == 4) ue.dl_received += sub_pdu->payload.size();
      }
    }
    ue.mac->on_pdsch(slot_, *scheduled_downlink, is_ok, sent->transport_block);
  }

  void uplink()
  {
    UplinkPlan expected;
    scheduler_.plan_uplink(slot_, expected);
    for (Ue& ue : ues_) {
      std::array<std::size_t, kNumLogicalChannelGroups> buffers{};
      buffers[1] = ue.ul_waiting;
      ue.mac->set_buffers(buffers);
      ue.mac->set_cqi(12);
      UeUplink sent;
      {
        const RealtimeScope scope;
        ue.mac->plan_uplink(slot_, sent);
      }
      if (sent.prach) {
        const auto rnti = scheduler_.on_preamble(slot_, sent.prach->occasion, {.index = sent.prach->preamble, .timing_advance_us = 3.0F});
        CHECK(rnti);
      }
      if (sent.pusch) send(ue, *sent.pusch, expected);
      if (sent.pucch) {
        const auto heard = std::find_if(expected.pucch.begin(), expected.pucch.end(), [&](const nr::PucchPdu& pdu) {
          return pdu.rnti == sent.pucch->pdu.rnti && pdu.format == sent.pucch->pdu.format &&
                 pdu.starting_prb == sent.pucch->pdu.starting_prb && pdu.num_harq_ack_bits == sent.pucch->pdu.num_harq_ack_bits &&
                 pdu.num_csi_part1_bits == sent.pucch->pdu.num_csi_part1_bits && pdu.num_sr_bits == sent.pucch->pdu.num_sr_bits;
        });
        if (loss_ == 0.0) REQUIRE(heard != expected.pucch.end());  // a lost DCI changes what the UE sends
        if (heard == expected.pucch.end() || is_lost()) continue;
        nr::UciResult result{.detection = nr::Detection::present, .uci = sent.pucch->uci};
        if (heard->format == 1 && heard->num_sr_bits == 1) (void)result.uci.sr.push_back(1);
        scheduler_.on_pucch(slot_, *heard, result);
      }
    }
    // Who was granted a PUSCH and sent none was not heard.
    for (const nr::PuschPdu& pdu : expected.pusch) {
      if (!heard_.contains(pdu.rnti)) scheduler_.on_pusch(slot_, pdu, {.snr_db = -20.0F}, {.snr_db = -20.0F});
    }
    heard_.clear();
    scheduler_.end_uplink(slot_);
  }

  void send(Ue& ue, UePusch& pusch, const UplinkPlan& expected)
  {
    if (pusch.is_to_be_filled) {
      MacPduWriter writer(Direction::uplink, pusch.transport_block);
      if (!pusch.is_msg3) {
        const std::size_t reserve = ue.mac->num_control_octets(pusch) + 3;
        const std::size_t room = writer.max_sdu_size() > reserve ? writer.max_sdu_size() - reserve : 0;
        const std::size_t size = std::min(ue.ul_waiting, room);
        if (size > 0) {
          (void)writer.sdu_room(size);
          writer.commit_sdu(4, size);
          ue.ul_waiting -= size;
        }
        std::array<std::size_t, kNumLogicalChannelGroups> buffers{};
        buffers[1] = ue.ul_waiting;
        ue.mac->set_buffers(buffers);
      }
      ue.mac->write_control_elements(pusch, writer);
      writer.finish();
    }
    const auto heard = std::find_if(expected.pusch.begin(), expected.pusch.end(),
                                    [&](const nr::PuschPdu& pdu) { return pdu.rnti == pusch.pdu.rnti; });
    REQUIRE(heard != expected.pusch.end());
    CHECK(heard->prb == pusch.pdu.prb);
    CHECK(heard->sch.tbs_bytes == pusch.pdu.sch.tbs_bytes);
    if (loss_ == 0.0) CHECK(heard->uci.num_harq_ack_bits == pusch.uci.harq_ack.size());
    heard_[pusch.pdu.rnti] = true;
    const bool is_ok = !is_lost();
    const nr::UciResult uci{.detection = nr::Detection::present, .uci = pusch.uci, .snr_db = 20.0F};
    const bool is_new = scheduler_.on_pusch(slot_, *heard, {.is_crc_ok = is_ok, .snr_db = 20.0F}, uci) == PuschOutcome::received;
    if (!is_ok || !is_new) return;
    MacPduReader reader(Direction::uplink, pusch.transport_block);
    while (const auto sub_pdu = reader.next()) {
      if (sub_pdu->lcid == lcid::ccch_48_bits) {
        ue.gnb_rnti = pusch.pdu.rnti;
        ue.has_ccch = true;
      } else if (sub_pdu->lcid == lcid::short_bsr) {
        scheduler_.on_buffer_status(pusch.pdu.rnti, buffer_octets_5(decode_short_bsr(sub_pdu->payload)->index));
      } else if (sub_pdu->lcid == 4) {
        ue.ul_received += sub_pdu->payload.size();
      }
    }
  }

  nr::Cell cell_;
  double loss_;
  std::mt19937_64 random_;
  Scheduler scheduler_;
  std::vector<Ue> ues_;
  DownlinkPlan plan_;
  nr::Slot slot_ = nr::Slot(cell_.uplink.scs, 0, 0);
  std::map<nr::Rnti, bool> heard_;
};

void attach(Link& link, unsigned max_slots)
{
  const auto all = [&] {
    return std::all_of(link.ues().begin(), link.ues().end(), [](const Link::Ue& ue) { return ue.mac->c_rnti().has_value(); });
  };
  for (unsigned i = 0; i < max_slots && !all(); i += 10) link.run(10);
  for (Link::Ue& ue : link.ues()) {
    REQUIRE(ue.mac->c_rnti());
    CHECK(ue.succeeded == 1);
    REQUIRE(ue.gnb_rnti == ue.mac->c_rnti());
  }
  link.run(20);
  unsigned n = 0;
  for (Link::Ue& ue : link.ues()) {
    const nr::UeConfig config = ue_config(*ue.gnb_rnti, n++);
    REQUIRE(link.scheduler().configure_ue(*ue.gnb_rnti, config));
    ue.mac->configure(config);
  }
}

}  // namespace

TEST_CASE("MAC: UEs get in by random access, then data flows both ways, and both sides always agree on what is sent where")
{
  for (const nr::Cell& cell : {fdd_cell(), tdd_cell()}) {
    for (const unsigned num_ues : {1U, 3U}) {
      CAPTURE(cell.tdd.has_value());
      CAPTURE(num_ues);
      Link link(cell, num_ues, 0.0, 3);
      attach(link, 2000);
      for (Link::Ue& ue : link.ues()) ue.dl_waiting = ue.ul_waiting = 60'000;
      link.run(1500);
      for (const Link::Ue& ue : link.ues()) {
        CHECK(ue.dl_received == 60'000);
        CHECK(ue.ul_received == 60'000);
        const ScheduledUe* scheduled = link.scheduler().find(*ue.gnb_rnti);
        REQUIRE(scheduled != nullptr);
        CHECK(scheduled->counters.downlink.failures == 0);
        CHECK(scheduled->counters.uplink.failures == 0);
        CHECK(scheduled->cqi == 12);
      }
    }
  }
}

TEST_CASE("MAC: one saturated UE uses the whole carrier in every slot there is")
{
  Link link(fdd_cell(), 1, 0.0, 5);
  attach(link, 2000);
  Link::Ue& ue = link.ues()[0];
  link.run(200);  // link adaptation settles
  ue.dl_waiting = ue.ul_waiting = 100'000'000;
  link.run(200);
  const std::size_t dl_before = ue.dl_received;
  const std::size_t ul_before = ue.ul_received;
  link.run(1000);
  const ScheduledUe* scheduled = link.scheduler().find(*ue.gnb_rnti);
  const double dl_mbps = 8e-6 * static_cast<double>(ue.dl_received - dl_before);
  const double ul_mbps = 8e-6 * static_cast<double>(ue.ul_received - ul_before);
  MESSAGE("downlink ", dl_mbps, " Mbit/s, uplink ", ul_mbps, " Mbit/s, MCS ", scheduled->dl_adaptation.mcs(), " ",
          scheduled->ul_adaptation.mcs());
  CHECK(dl_mbps > 25.0);
  CHECK(ul_mbps > 25.0);
}

TEST_CASE("MAC: preambles that no Msg3 follows do not fill the cell")
{
  const nr::Cell cell = fdd_cell();
  Scheduler scheduler(cell, 0, std::vector<std::uint8_t>(80), {.max_num_ues = 2});
  DownlinkPlan plan;
  UplinkPlan uplink;
  unsigned num_refused = 0;
  nr::Slot slot(nr::Scs::khz15, 0, 0);
  for (unsigned i = 0; i < 3000; ++i, ++slot) {
    if (i % 100 == 0 && !scheduler.on_preamble(slot, {}, {.index = 5})) ++num_refused;
    scheduler.plan_downlink(slot, plan);
    scheduler.plan_uplink(slot, uplink);
    for (const nr::PuschPdu& pdu : uplink.pusch) scheduler.on_pusch(slot, pdu, {.snr_db = -20.0F}, {});
    scheduler.end_uplink(slot);
  }
  CHECK(num_refused == 0);
}

TEST_CASE("MAC: a preamble is answered in the first slot of its window, or as late as configured")
{
  const nr::Cell cell = fdd_cell();
  for (const unsigned wanted : {2U, 3U, 5U}) {
    CAPTURE(wanted);
    Scheduler scheduler(cell, 0, std::vector<std::uint8_t>(80), {.min_response_slots = wanted});
    DownlinkPlan plan;
    nr::Slot slot(nr::Scs::khz15, 1, 4);
    REQUIRE(scheduler.on_preamble(slot, {}, {.index = 5}));
    unsigned answered_after = 0;
    for (unsigned i = 1; i < 10 && answered_after == 0; ++i) {
      scheduler.plan_downlink(slot + i, plan);
      for (const DlTransmission& transmission : plan.pdsch) {
        if (transmission.content == DlContent::rar) answered_after = i;
      }
    }
    CHECK(answered_after == wanted);
  }
}

TEST_CASE("MAC: with one message in ten lost everything still gets through, and nothing is stuck")
{
  for (const nr::Cell& cell : {fdd_cell(), tdd_cell()}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      Link link(cell, 2, 0.1, seed);
      for (unsigned i = 0; i < 400; ++i) {
        link.run(10);
        for (Link::Ue& ue : link.ues()) {
          // RRC would try again.
          if (!ue.mac->c_rnti() && ue.mac->random_access() == RandomAccessState::idle) ue.mac->start_random_access(ue.ccch);
        }
      }
      unsigned n = 0;
      for (Link::Ue& ue : link.ues()) {
        CAPTURE(seed);
        REQUIRE(ue.mac->c_rnti());
        if (ue.gnb_rnti != ue.mac->c_rnti()) continue;  // the gNB heard a later Msg3 of an attempt given up
        const nr::UeConfig config = ue_config(*ue.gnb_rnti, n++);
        REQUIRE(link.scheduler().configure_ue(*ue.gnb_rnti, config));
        ue.mac->configure(config);
        ue.dl_waiting = ue.ul_waiting = 20'000;
      }
      link.run(4000);
      for (const Link::Ue& ue : link.ues()) {
        if (ue.gnb_rnti != ue.mac->c_rnti()) continue;
        CHECK(ue.dl_waiting == 0);
        CHECK(ue.ul_waiting == 0);
        const ScheduledUe* scheduled = link.scheduler().find(*ue.gnb_rnti);
        for (const DlHarq& harq : scheduled->dl) CHECK(harq.state == HarqState::idle);
        for (const UlHarq& harq : scheduled->ul) CHECK(harq.state == HarqState::idle);
      }
    }
  }
}

}  // namespace ravi::mac
