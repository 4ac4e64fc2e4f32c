// The gNB's modem against the UE's, sample by sample: what lies below RRC on both sides, over one sample clock.

#include "stack/gnb/gnb_modem.h"
#include "stack/mac/mac_pdu.h"
#include "stack/rrc/broadcast.h"
#include "stack/rrc/derive_cell.h"
#include "stack/ue/ue_modem.h"

#include "radio/dsp/mix.h"
#include "radio/realtime.h"

#include "doctest/doctest.h"

#include <algorithm>
#include <memory>
#include <random>

namespace ravi {
namespace {

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
constexpr unsigned kUeLead = 1;   // slots from what the UE has to what it sends

struct Air {
  float noise_var = 1e-6F;
  std::size_t delay = 6;     ///< samples each way, < a slot
  double cfo_hz = 0.0;       ///< of the UE's oscillator: what it hears lies that much too high
};

class Bench {
public:
  Bench(const rrc::CellIntent& intent, SampleRate rate, const Air& air)
    : cell_(rrc::derive_cell(intent).value().cell),
      rate_(rate),
      air_(air),
      gnb_(std::move(*gnb::GnbModem::make(cell_, rate, rrc::mib_of(cell_), rrc::sib1_of(cell_).value()))),
      modem({.rate = rate, .selection = {.band = intent.band, .tuned = cell_.downlink.center}}),
      down_shift_(Hertz(air.cfo_hz), rate),
      up_shift_(Hertz(-air.cfo_hz * cell_.uplink.center.value() / cell_.downlink.center.value()), rate),
      length_(gnb_->samples_per_slot()),
      downlink_(length_ * kWindow),
      uplink_(length_ * kWindow),
      on_air_(length_)
  {
  }

  void run(unsigned num_slots)
  {
    for (unsigned i = 0; i < num_slots; ++i, ++tick_) {
      if (modem.wants_search() && modem.search()) modem.mac().start_random_access(ccch_);
      const RealtimeScope scope;
      gnb_tick();
      ue_tick();
    }
  }

  void configure()
  {
    REQUIRE(scheduler().configure_ue(*gnb_rnti, dedicated(*gnb_rnti)));
    modem.configure(dedicated(*gnb_rnti));
  }

  mac::Scheduler& scheduler() { return gnb_->scheduler(); }
  const nr::Cell& cell() const { return cell_; }

private:
  static constexpr std::size_t kWindow = 8;  // slots of samples in the air

  nr::Cell cell_;
  SampleRate rate_;
  Air air_;
  std::unique_ptr<gnb::GnbModem> gnb_;

public:
  ue::UeModem modem;
  std::optional<nr::Rnti> gnb_rnti;
  std::size_t dl_waiting = 0, ul_waiting = 0, dl_received = 0, ul_received = 0;

private:
  nr::Slot slot_of(std::int64_t tick) const { return nr::Slot::from_count(cell_.uplink.scs, tick); }
  std::span<Cf32> window(std::vector<Cf32>& samples, std::int64_t tick)
  {
    const auto at = static_cast<std::size_t>((tick + std::int64_t{kWindow}) % std::int64_t{kWindow});
    return std::span(samples).subspan(at * length_, length_);
  }
  void add_noise(std::span<Cf32> samples)
  {
    for (Cf32& s : samples) s += Cf32(normal_(random_), normal_(random_)) * std::sqrt(air_.noise_var / 2.0F);
  }
  /// Slot `tick` as it is heard at the other end.
  void through_air(std::vector<Cf32>& samples, std::int64_t tick, dsp::FrequencyShift& shift)
  {
    const auto before = window(samples, tick - 1).last(air_.delay);
    const auto now = window(samples, tick).first(length_ - air_.delay);
    std::copy(before.begin(), before.end(), on_air_.begin());
    std::copy(now.begin(), now.end(), on_air_.begin() + static_cast<std::ptrdiff_t>(air_.delay));
    shift.process(on_air_, on_air_);
    add_noise(on_air_);
  }

  void gnb_tick()
  {
    through_air(uplink_, tick_, up_shift_);
    gnb_->receive(slot_of(tick_), on_air_);
    for (const gnb::ReceivedSdu& sdu : gnb_->received()) {
      if (sdu.lcid == 4) ul_received += sdu.octets.size();
      if (sdu.lcid != mac::lcid::ccch) continue;
      gnb_rnti = sdu.rnti;
      has_ccch_ = true;
    }
    if (gnb_rnti) scheduler().set_dl_buffer(*gnb_rnti, has_ccch_ ? 50 : dl_waiting, has_ccch_);
    for (mac::DlTransmission& sent : gnb_->plan(slot_of(tick_ + kGnbLead)).pdsch) {
      if (sent.is_to_be_filled) fill(sent.transport_block);
    }
    gnb_->transmit(window(downlink_, tick_ + kGnbLead));
  }

  void fill(std::span<std::uint8_t> block)
  {
    mac::MacPduWriter writer(mac::Direction::downlink, block);
    if (has_ccch_) {
      (void)writer.add(mac::lcid::contention_resolution, gnb::GnbModem::resolution_of(ccch_));
      has_ccch_ = false;
    } else if (const std::size_t size = std::min(dl_waiting, writer.max_sdu_size()); size > 0) {
      (void)writer.sdu_room(size);
      writer.commit_sdu(4, size);
      dl_waiting -= size;
    }
    writer.finish();
  }

  void ue_tick()
  {
    if (tick_ >= std::int64_t{kGnbLead}) {
      through_air(downlink_, tick_, down_shift_);
      modem.feed(SampleTime(tick_ * static_cast<std::int64_t>(length_)), on_air_);
    }
    while (modem.next_slot()) {
      for (const ue::ReceivedSdu& sdu : modem.received()) dl_received += sdu.lcid == 4 ? sdu.octets.size() : 0;
      std::array<std::size_t, mac::kNumLogicalChannelGroups> buffers{};
      buffers[1] = ul_waiting;
      mac::UeUplink& uplink = modem.plan_uplink(buffers);
      if (uplink.pusch && uplink.pusch->is_to_be_filled) fill_uplink(*uplink.pusch);
      modem.send();
    }
    modem.take(SampleTime((tick_ + kUeLead) * static_cast<std::int64_t>(length_)), window(uplink_, tick_ + kUeLead));
  }

  void fill_uplink(const mac::UePusch& pusch)
  {
    mac::MacPduWriter writer(mac::Direction::uplink, pusch.transport_block);
    mac::UeMac& mac = modem.mac();
    if (!pusch.is_msg3) {
      const std::size_t reserve = mac.num_control_octets(pusch) + 3;
      const std::size_t room = writer.max_sdu_size() > reserve ? writer.max_sdu_size() - reserve : 0;
      if (const std::size_t size = std::min(ul_waiting, room); size > 0) {
        (void)writer.sdu_room(size);
        writer.commit_sdu(4, size);
        ul_waiting -= size;
      }
      std::array<std::size_t, mac::kNumLogicalChannelGroups> buffers{};
      buffers[1] = ul_waiting;
      mac.set_buffers(buffers);
    }
    mac.write_control_elements(pusch, writer);
    writer.finish();
  }

  dsp::FrequencyShift down_shift_, up_shift_;
  std::size_t length_;
  std::vector<Cf32> downlink_, uplink_, on_air_;
  std::vector<std::uint8_t> ccch_{1, 2, 3, 4, 5, 6};
  bool has_ccch_ = false;
  std::int64_t tick_ = 0;
  std::mt19937 random_{4};
  std::normal_distribution<float> normal_;
};

void attach_and_exchange(const rrc::CellIntent& intent, SampleRate rate, const Air& air)
{
  CAPTURE(intent.band);
  CAPTURE(air.cfo_hz);
  auto bench = std::make_unique<Bench>(intent, rate, air);
  for (unsigned i = 0; i < 100 && !(bench->modem.is_in_step() && bench->modem.mac().c_rnti()); ++i) bench->run(10);
  INFO(bench->modem.search_error());
  REQUIRE(bench->modem.is_in_step());
  CHECK(bench->modem.cell().nr_cell_identity == bench->cell().nr_cell_identity);
  REQUIRE(bench->modem.mac().c_rnti());
  REQUIRE(bench->gnb_rnti == bench->modem.mac().c_rnti());
  bench->run(20);
  bench->configure();
  bench->dl_waiting = bench->ul_waiting = 50'000;
  bench->run(400);
  CHECK(bench->dl_received == 50'000);
  CHECK(bench->ul_received == 50'000);
  CHECK(bench->modem.counters().late == 0);
  CHECK(std::abs(bench->modem.cfo_hz() - static_cast<float>(air.cfo_hz)) < 20.0F);
  const mac::ScheduledUe* ue = bench->scheduler().find(*bench->gnb_rnti);
  MESSAGE("n", intent.band, ": MCS ", ue->dl_adaptation.mcs(), " ", ue->ul_adaptation.mcs(), ", NACKs ", ue->counters.downlink.failures,
          " of ", ue->counters.downlink.blocks, ", CRC failures ", ue->counters.uplink.failures, ", CQI ", ue->cqi, ", UL SNR ",
          ue->ul_snr_db);
}

}  // namespace

TEST_CASE("modem: finds the cell, gets in, exchanges data: FDD 10 MHz in noise, with delay")
{
  attach_and_exchange({.band = 3, .bandwidth = Hertz(10e6)}, SampleRate(11'520'000), {.noise_var = 1e-5F});
}

TEST_CASE("modem: finds the cell, gets in, exchanges data: TDD 20 MHz, with an oscillator 1 kHz off")
{
  attach_and_exchange({.band = 78, .bandwidth = Hertz(20e6)}, SampleRate(23'040'000), {.cfo_hz = 1000.0});
}

}  // namespace ravi
