// The gNB's scheduler and PHY against the UE's MAC and PHY, sample by sample: what MAC and PHY make of each other before any RRC.

#include "stack/gnb/gnb_phy.h"
#include "stack/mac/scheduler.h"
#include "stack/nr/dmrs.h"
#include "stack/ue/ue_phy.h"

#include "radio/realtime.h"

#include "doctest/doctest.h"

#include <algorithm>
#include <random>

namespace ravi {
namespace {

struct Setup {
  nr::Cell cell;
  SampleRate rate;
};

Setup fdd()
{
  Setup setup{.rate = SampleRate(11'520'000)};
  nr::Cell& cell = setup.cell;
  cell.pci = nr::Pci(77);
  cell.downlink = {.scs = nr::Scs::khz15, .num_prb = 52, .center = Hertz(1842.5e6)};
  cell.uplink = {.scs = nr::Scs::khz15, .num_prb = 52, .center = Hertz(1747.5e6)};
  cell.downlink_bwp_crb = cell.uplink_bwp_crb = {0, 52};
  cell.ssb = {.ssb_case = nr::SsbCase::a, .first_subcarrier = 162};
  cell.coreset0 = {.frequency_domain_resources = 0xFF,
                   .first_crb = 1,
                   .cce_reg_mapping = nr::CceRegMapping::interleaved,
                   .shift_index = 77,
                   .dmrs_reference_crb = 1,
                   .dmrs_id = 77};
  cell.ra_search_space = {.id = 1, .num_candidates = {0, 0, 2, 1, 0}};
  cell.pdsch_time_allocations = {{.symbols = {1, 13}}};
  cell.pusch_time_allocations = {{.k_2 = 4, .symbols = {0, 14}}};
  cell.random_access.prach_configuration_index = 12;
  return setup;
}

Setup tdd()
{
  Setup setup = fdd();
  setup.rate = SampleRate(23'040'000);
  nr::Cell& cell = setup.cell;
  cell.duplex = nr::Duplex::tdd;
  cell.downlink = {.scs = nr::Scs::khz30, .num_prb = 51, .center = Hertz(3500e6)};
  cell.uplink = cell.downlink;
  cell.downlink_bwp_crb = cell.uplink_bwp_crb = {0, 51};
  cell.ssb = {.ssb_case = nr::SsbCase::c, .first_subcarrier = 120};
  cell.ssb_l_max = 8;
  cell.tdd = nr::TddConfig{};
  cell.pusch_time_allocations = {{.k_2 = 4, .symbols = {0, 14}}, {.k_2 = 6, .symbols = {0, 14}}, {.k_2 = 8, .symbols = {0, 14}}};
  cell.random_access.prach_configuration_index = 151;
  cell.random_access.msg1_scs = nr::Scs::khz30;
  cell.random_access.zero_correlation_zone = 11;
  cell.random_access.response_window_slots = 20;
  return setup;
}

nr::UeConfig dedicated(nr::Rnti rnti)
{
  nr::UeConfig config;
  config.c_rnti = rnti;
  config.search_spaces = {{.id = 2, .num_candidates = {0, 4, 2, 1, 0}, .is_common = false}};
  config.pucch_resources = {{.id = 0, .format = 1, .starting_prb = 0},
                            {.id = 1, .format = 1, .starting_prb = 1},
                            {.id = 2, .format = 2, .starting_prb = 2, .symbols = {10, 2}, .num_prb = 2},
                            {.id = 3, .format = 2, .starting_prb = 4, .symbols = {12, 2}, .num_prb = 1}};
  config.pucch_resource_sets = {std::vector<unsigned>{0}, {2}};
  config.scheduling_request = nr::PeriodicResource{.period_slots = 20, .offset_slots = 8, .pucch_resource_id = 1};
  config.csi_report = nr::PeriodicResource{.period_slots = 40, .offset_slots = 19, .pucch_resource_id = 3};
  return config;
}

constexpr unsigned kGnbLead = 2;  // slots from the uplink received to the downlink made
constexpr unsigned kUeLead = 3;   // slots from the downlink received to the uplink made

/// One cell and one UE; the air is a delay and noise.
class Bench {
public:
  Bench(const Setup& setup, float noise_var, std::size_t air_delay)
    : setup_(setup),
      noise_var_(noise_var),
      air_delay_(air_delay),
      phy_(std::move(*gnb::GnbPhy::make(setup.cell, setup.rate))),
      scheduler_(setup.cell, 0x123456, std::vector<std::uint8_t>(80, 0x5A), {.min_k1 = 4}),
      ue_phy_(std::move(*ue::UePhy::make(setup.cell, setup.rate))),
      mac_(setup.cell, {.seed = 9, .uplink_lead = kUeLead}),
      timeline_(16 * phy_->samples_per_slot()),
      length_(phy_->samples_per_slot()),
      downlink_(length_ * kWindow),
      uplink_(length_ * kWindow),
      payload_(100'000)
  {
    ccch_ = {1, 2, 3, 4, 5, 6};
    mac_.start_random_access(ccch_);
  }

  void run(unsigned num_slots)
  {
    for (unsigned i = 0; i < num_slots; ++i, ++tick_) {
      const RealtimeScope scope;
      gnb_tick();
      ue_tick();
    }
  }

  void configure()
  {
    const nr::UeConfig config = dedicated(*gnb_rnti);
    scheduler_.configure_ue(*gnb_rnti, config);
    mac_.configure(config);
    is_configured_ = true;
  }

  std::optional<nr::Rnti> gnb_rnti;
  std::size_t dl_waiting = 0, ul_waiting = 0, dl_received = 0, ul_received = 0;
  unsigned num_sib1 = 0, num_ssb = 0, num_late = 0;
  mac::Scheduler& scheduler() { return scheduler_; }
  mac::UeMac& ue_mac() { return mac_; }

private:
  static constexpr std::size_t kWindow = 8;  // slots of samples in the air

  nr::Slot slot_of(std::int64_t tick) const { return nr::Slot::from_count(setup_.cell.uplink.scs, tick); }
  std::span<Cf32> window(std::vector<Cf32>& samples, std::int64_t tick)
  {
    const auto at = static_cast<std::size_t>((tick % static_cast<std::int64_t>(kWindow) + kWindow) % kWindow);
    return std::span(samples).subspan(at * length_, length_);
  }
  void add_noise(std::span<Cf32> samples)
  {
    for (Cf32& s : samples) s += Cf32(normal_(random_), normal_(random_)) * std::sqrt(noise_var_ / 2.0F);
  }

  void gnb_tick()
  {
    const nr::Slot slot = slot_of(tick_);
    scheduler_.plan_uplink(slot, uplink_plan_);
    phy_->receive(uplink_plan_, scheduler_.prach_occasions(slot), window(uplink_, tick_), receipts_);
    for (const auto& heard : receipts_.preambles) (void)scheduler_.on_preamble(heard.slot, heard.occasion, heard.preamble);
    for (const auto& heard : receipts_.pusch) {
      if (scheduler_.on_pusch(slot, heard.pdu, heard.result.sch, heard.result.uci) == mac::PuschOutcome::received) take(heard);
    }
    for (const auto& heard : receipts_.pucch) scheduler_.on_pucch(slot, heard.pdu, heard.result);
    scheduler_.end_uplink(slot);
    if (gnb_rnti) scheduler_.set_dl_buffer(*gnb_rnti, has_ccch_ ? 50 : dl_waiting, has_ccch_);
    scheduler_.plan_downlink(slot_of(tick_ + kGnbLead), plan_);
    for (mac::DlTransmission& sent : plan_.pdsch) {
      if (sent.is_to_be_filled) fill(sent.transport_block);
    }
    phy_->transmit(plan_, window(downlink_, tick_ + kGnbLead));
    add_noise(window(downlink_, tick_ + kGnbLead));
  }

  void take(const gnb::UplinkReceipts::Pusch& heard)
  {
    mac::MacPduReader reader(mac::Direction::uplink, heard.payload);
    while (const auto sub_pdu = reader.next()) {
      if (sub_pdu->lcid == mac::lcid::ccch_48_bits) {
        gnb_rnti = heard.pdu.rnti;
        has_ccch_ = true;
      } else if (sub_pdu->lcid == mac::lcid::short_bsr) {
        scheduler_.on_buffer_status(heard.pdu.rnti, mac::buffer_octets_5(mac::decode_short_bsr(sub_pdu->payload)->index));
      } else if (sub_pdu->lcid == 4) {
        ul_received += sub_pdu->payload.size();
      }
    }
  }

  void fill(std::span<std::uint8_t> block)
  {
    mac::MacPduWriter writer(mac::Direction::downlink, block);
    if (has_ccch_) {
      (void)writer.add(mac::lcid::contention_resolution, ccch_);
      has_ccch_ = false;
    } else if (const std::size_t size = std::min(dl_waiting, writer.max_sdu_size()); size > 0) {
      (void)writer.sdu_room(size);
      writer.commit_sdu(4, size);
      dl_waiting -= size;
    }
    writer.finish();
  }

  /// The UE has the stream up to the end of slot `tick_`; its last whole downlink slot is the one before.
  void ue_tick()
  {
    const std::int64_t n = tick_ - 1;
    if (n < static_cast<std::int64_t>(kGnbLead)) return;
    const auto delay =
        static_cast<std::size_t>(setup_.cell.n_ta_offset_tc * setup_.rate.hz() / 1'966'080'000) + air_delay_;
    slot_samples_.resize(length_);
    const auto first = window(downlink_, n).subspan(delay - air_delay_);
    // The air's delay: the stream lies `air_delay_` samples late, so the UE's slot begins that much earlier in the gNB's.
    const auto second = window(downlink_, n + 1).first(delay - air_delay_);
    std::copy(first.begin(), first.end(), slot_samples_.begin());
    std::copy(second.begin(), second.end(), slot_samples_.begin() + static_cast<std::ptrdiff_t>(first.size()));
    const nr::Slot slot = slot_of(n);
    ue_phy_->receive(slot, slot_samples_);
    if (ue_phy_->read_ssb()) ++num_ssb;
    hear_control(slot);

    std::array<std::size_t, mac::kNumLogicalChannelGroups> buffers{};
    buffers[1] = ul_waiting;
    mac_.set_buffers(buffers);
    mac_.set_cqi(15);
    mac::UeUplink sent;
    const nr::Slot uplink_slot = slot_of(n + kUeLead);
    mac_.plan_uplink(uplink_slot, sent);
    if (sent.pusch && sent.pusch->is_to_be_filled) fill_uplink(*sent.pusch);
    const std::int64_t n_ta = mac_.n_ta_tc() * setup_.rate.hz() / 1'966'080'000;
    const SampleTime at((n + kUeLead) * static_cast<std::int64_t>(length_) + static_cast<std::int64_t>(air_delay_) - n_ta);
    if (!ue_phy_->transmit(sent, uplink_slot, at, timeline_)) ++num_late;
    // What leaves the UE now is heard `air_delay_` samples later.
    const auto out = window(uplink_, tick_ + 1);
    timeline_.take(SampleTime((tick_ + 1) * static_cast<std::int64_t>(length_) - static_cast<std::int64_t>(air_delay_)), out);
    add_noise(out);
  }

  void hear_control(nr::Slot slot)
  {
    found_.clear();
    const nr::DciBandwidths bandwidths{48, setup_.cell.uplink.num_prb, setup_.cell.downlink.num_prb, setup_.cell.uplink.num_prb};
    const nr::DciSizes common = nr::DciSizes::common(bandwidths);
    const nr::DciSizes ue = nr::DciSizes::ue(bandwidths);
    phy::PdcchSearch search{.coreset = setup_.cell.coreset0,
                            .search_space = setup_.cell.ra_search_space,
                            .scrambling_id = setup_.cell.pci.value()};
    (void)search.sizes.push_back(static_cast<std::uint8_t>(common.dl.num_bits));
    (void)search.rntis.push_back(nr::kSiRnti);
    if (const auto rnti = mac_.common_rnti(slot)) (void)search.rntis.push_back(*rnti);
    if (const auto rnti = mac_.c_rnti()) (void)search.rntis.push_back(*rnti);
    ue_phy_->search(search, found_);
    const std::size_t num_common = found_.size();
    if (is_configured_) {
      phy::PdcchSearch own = search;
      own.search_space = dedicated(nr::Rnti()).search_spaces[0];
      own.c_rnti = *mac_.c_rnti();
      own.rntis.clear();
      (void)own.rntis.push_back(own.c_rnti);
      own.sizes.clear();
      (void)own.sizes.push_back(static_cast<std::uint8_t>(ue.dl.num_bits));
      ue_phy_->search(own, found_);
    }
    for (std::size_t i = 0; i < found_.size(); ++i) {
      const bool is_common = i < num_common;
      hear(slot, found_[i], is_common ? common : ue, is_common ? search.search_space : dedicated(nr::Rnti()).search_spaces[0]);
    }
  }

  void hear(nr::Slot slot, const phy::FoundDci& dci, const nr::DciSizes& sizes, const nr::SearchSpace& search_space)
  {
    const bool is_own = mac_.c_rnti() == dci.rnti;
    const auto kind = is_own                      ? nr::DciRnti::c
                      : dci.rnti == nr::kSiRnti   ? nr::DciRnti::si
                      : mac_.random_access() == mac::RandomAccessState::waits_for_response ? nr::DciRnti::ra
                                                                                         : nr::DciRnti::tc;
    if (kind == nr::DciRnti::c || kind == nr::DciRnti::tc) {
      if (const auto grant = nr::unpack_dci_0_0(dci.payload.span(), sizes.ul)) return mac_.on_dci_0_0(slot, *grant, dci.rnti);
    }
    const auto assignment = nr::unpack_dci_1_0(dci.payload.span(), kind, sizes.dl);
    if (!assignment) return;
    const auto downlink = mac_.on_dci_1_0(slot, *assignment, kind, dci.rnti, search_space, dci.cce_index);
    if (!downlink) return;
    const nr::SchResult result = ue_phy_->decode(*downlink, payload_);
    const std::span<const std::uint8_t> payload = std::span(payload_).first(downlink->pdu.sch.tbs_bytes);
    if (kind == nr::DciRnti::si && result.is_crc_ok && payload[79] == 0x5A) ++num_sib1;
    if (downlink->content == mac::UeDownlink::Content::ue && result.is_crc_ok) {
      mac::MacPduReader reader(mac::Direction::downlink, payload);
      while (const auto sub_pdu = reader.next()) {
        if (sub_pdu->lcid == 4) dl_received += sub_pdu->payload.size();
      }
    }
    mac_.on_pdsch(slot, *downlink, result.is_crc_ok, payload);
  }

  void fill_uplink(const mac::UePusch& pusch)
  {
    mac::MacPduWriter writer(mac::Direction::uplink, pusch.transport_block);
    if (!pusch.is_msg3) {
      const std::size_t reserve = mac_.num_control_octets(pusch) + 3;
      const std::size_t room = writer.max_sdu_size() > reserve ? writer.max_sdu_size() - reserve : 0;
      if (const std::size_t size = std::min(ul_waiting, room); size > 0) {
        (void)writer.sdu_room(size);
        writer.commit_sdu(4, size);
        ul_waiting -= size;
      }
      std::array<std::size_t, mac::kNumLogicalChannelGroups> buffers{};
      buffers[1] = ul_waiting;
      mac_.set_buffers(buffers);
    }
    mac_.write_control_elements(pusch, writer);
    writer.finish();
  }

  Setup setup_;
  float noise_var_;
  std::size_t air_delay_;
  std::unique_ptr<gnb::GnbPhy> phy_;
  mac::Scheduler scheduler_;
  std::unique_ptr<ue::UePhy> ue_phy_;
  mac::UeMac mac_;
  ue::TxTimeline timeline_;
  std::size_t length_;
  std::vector<Cf32> downlink_, uplink_, slot_samples_{std::vector<Cf32>(100'000)};
  std::vector<std::uint8_t> payload_, ccch_;
  mac::DownlinkPlan plan_;
  mac::UplinkPlan uplink_plan_;
  gnb::UplinkReceipts receipts_;
  phy::FoundDcis found_;
  bool has_ccch_ = false;
  bool is_configured_ = false;
  std::int64_t tick_ = 0;
  std::mt19937 random_{4};
  std::normal_distribution<float> normal_;
};

}  // namespace

TEST_CASE("radio link: broadcast, random access and traffic both ways, over samples with noise and delay")
{
  for (const Setup& setup : {fdd(), tdd()}) {
    CAPTURE(setup.cell.tdd.has_value());
    auto bench = std::make_unique<Bench>(setup, 1e-6F, 6);
    for (unsigned i = 0; i < 100 && !bench->ue_mac().c_rnti(); ++i) bench->run(10);
    CHECK(bench->num_ssb > 0);
    CHECK(bench->num_sib1 > 0);
    REQUIRE(bench->ue_mac().c_rnti());
    REQUIRE(bench->gnb_rnti == bench->ue_mac().c_rnti());
    bench->run(20);
    bench->configure();
    bench->dl_waiting = bench->ul_waiting = 100'000;
    bench->run(400);
    CHECK(bench->dl_received == 100'000);
    CHECK(bench->ul_received == 100'000);
    CHECK(bench->num_late == 0);
    const mac::ScheduledUe* ue = bench->scheduler().find(*bench->gnb_rnti);
    CHECK(ue->cqi == 15);
    CHECK(ue->counters.dl_nacks == 0);
    CHECK(ue->counters.ul_crc_failures == 0);
    MESSAGE("MCS ", ue->dl_adaptation.mcs(), " ", ue->ul_adaptation.mcs(), ", uplink SNR ", ue->ul_snr_db, " dB, preambles ",
            bench->ue_mac().num_preambles_sent());
  }
}

}  // namespace ravi
