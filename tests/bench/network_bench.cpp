// gNB, UE and core of one process with both directions full, over samples in memory: goodput against what the cell can carry, and the
// processor time of each part. Not a test. Arguments: seconds of network time (2), then profiles (all of config/).
//
// The peak of a direction is the sum over its slots of the transport block at the highest MCS in the longest run of PRBs that is left:
// all symbols behind CORESET#0, less the SS/PBCH block's PRBs where one is sent, less the PRACH's PRBs where there is an occasion.
// SIB1, random access and PUCCH are not taken off. Goodput is octets of IP at the far end. Processor time is CLOCK_THREAD_CPUTIME_ID,
// which other programs on the machine do not count in, though they slow the caches.

#include "config/profiles.h"
#include "stack/core/core.h"
#include "stack/gnb/gnb.h"
#include "stack/ip/ip_packet.h"
#include "stack/nr/prach_preamble.h"
#include "stack/nr/resource_allocation.h"
#include "stack/nr/scheduled_pdsch.h"
#include "stack/nr/scheduled_pusch.h"
#include "stack/rrc/derive_ue_config.h"
#include "stack/ue/ue.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace ravi;

constexpr std::int64_t kGnbLead = 2;  // slots
constexpr std::int64_t kUeLead = 1;
constexpr std::size_t kWindow = 8;    // slots of samples in the air
constexpr float kNoiseVar = 1e-6F;    // 45 dB below a full carrier
constexpr std::size_t kPacket = 1400;

double thread_seconds()
{
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// -- what the cell can carry --------------------------------------------------------------------------------------------

using Prbs = std::bitset<nr::kMaxNumPrb>;

struct Peak {
  double downlink_bps = 0.0;
  double uplink_bps = 0.0;
};

std::size_t downlink_octets(const nr::Cell& cell, const nr::UeConfig& ue, nr::Slot slot, nr::PrbRange prb)
{
  std::size_t most = 0;
  for (unsigned row = 0; row < 16; ++row) {
    const auto time = nr::pdsch_time_allocation(cell, row);
    if (!time) break;
    if (cell.tdd && !nr::slot_direction(*cell.tdd, slot).is_downlink(time->symbols)) continue;
    const auto scheduling = nr::pdsch_scheduling(cell, &ue, nr::DciRnti::c, row, {.search_space = ue.search_spaces[0], .coreset = cell.coreset0});
    if (!scheduling) continue;
    const auto pdu = nr::scheduled_pdsch({.fdra = nr::riv_of(prb, cell.downlink_bwp_crb.count), .mcs = nr::max_mcs(ue.pdsch_mcs_table)},
                                         nr::DciRnti::c, ue.c_rnti, *scheduling);
    if (pdu) most = std::max<std::size_t>(most, pdu->sch.tbs_bytes);
  }
  return most;
}

std::size_t uplink_octets(const nr::Cell& cell, const nr::UeConfig& ue, nr::Slot slot, nr::PrbRange prb)
{
  const auto time = nr::pusch_time_allocation(cell, 0);
  if (!time || (cell.tdd && !nr::slot_direction(*cell.tdd, slot).is_uplink(time->symbols))) return 0;
  const auto scheduling = nr::pusch_scheduling(cell, &ue, 0, &ue.search_spaces[0]);
  if (!scheduling) return 0;
  const auto pdu = nr::scheduled_pusch({.riv = nr::riv_of(prb, cell.uplink_bwp_crb.count), .mcs = nr::max_mcs(ue.pusch_mcs_table)},
                                       ue.c_rnti, cell, *scheduling);
  return pdu ? pdu->sch.tbs_bytes : 0;
}

Peak peak_of(const nr::Cell& cell, const nr::UeConfig& ue, const mac::Scheduler& scheduler)
{
  const nr::Scs scs = cell.downlink.scs;
  const unsigned num_slots = 16 * nr::slots_per_frame(scs);
  const nr::SsbTime block = nr::ssb_time(cell.ssb.ssb_case, 0).value();
  Peak peak;
  for (unsigned n = 0; n < num_slots; ++n) {
    const nr::Slot slot = nr::Slot::from_count(scs, n);
    Prbs reserved;
    if (n % (cell.ssb_period_ms * nr::slots_per_subframe(scs)) == block.slot_in_half_frame) {
      const unsigned first = cell.ssb.first_subcarrier / nr::kSubcarriersPerPrb;
      const unsigned last = (cell.ssb.first_subcarrier + nr::kSsbNumSubcarriers - 1) / nr::kSubcarriersPerPrb;
      for (unsigned prb = first; prb <= last; ++prb) reserved.set(prb);
    }
    const unsigned num_downlink = cell.downlink_bwp_crb.count;
    peak.downlink_bps += static_cast<double>(downlink_octets(cell, ue, slot, mac::longest_free(reserved, num_downlink, num_downlink)));
    reserved.reset();
    if (const nr::PrachOccasions occasions = scheduler.prach_occasions(slot); !occasions.empty()) {
      const auto place = nr::prach_placement(occasions[0].format, cell.random_access.msg1_scs, cell.uplink.scs);
      for (unsigned prb = 0; place && prb < place->num_prb; ++prb) reserved.set(cell.random_access.msg1_frequency_start + prb);
    }
    const unsigned num_uplink = cell.uplink_bwp_crb.count;
    peak.uplink_bps += static_cast<double>(uplink_octets(cell, ue, slot, mac::longest_free(reserved, num_uplink, num_uplink)));
  }
  const double per_second = 8.0 * 100.0 / 16.0;
  return {peak.downlink_bps * per_second, peak.uplink_bps * per_second};
}

// -- the network --------------------------------------------------------------------------------------------------------

struct CpuTime {
  double gnb = 0.0;
  double ue = 0.0;
  double core = 0.0;
};

class Network {
public:
  Network(const nr::Cell& cell, SampleRate rate)
    : cell_(cell), rate_(rate),
      length_(static_cast<std::size_t>(rate.hz() / 1000) / nr::slots_per_subframe(cell.uplink.scs)),
      n2_(ngap::make_n2_pair()), n3_(ngap::make_n3_pair()), downlink_(length_ * kWindow), uplink_(length_ * kWindow), noise_(4 * length_)
  {
    const security::Subscriber keys{.k = *core::parse_key("00112233445566778899aabbccddeeff"),
                                    .opc = *core::parse_key("63bfa50ee6523365ff14c1f45f88737d")};
    auto subscribers = core::Subscribers::open(":memory:").value();
    (void)subscribers.add({.imsi = "001010123456780", .keys = keys});
    core = std::make_unique<core::Core>(core::CoreConfig{.amf = {.plmn = cell.plmn, .tac = cell.tracking_area_code}},
                                        std::move(subscribers), core::seeded_rand(7));
    core->attach_n2(*n2_.second);
    core->attach_n3(*n3_.second);
    gnb = gnb::Gnb::make({.cell = cell, .rate = rate, .lead = kGnbLead}, *n2_.first, *n3_.first).value();
    ue = std::make_unique<ue::Ue>(
        ue::UeConfig{.modem = {.rate = rate, .selection = {.band = cell.band, .tuned = cell.downlink.center}},
                     .nas = {.usim = {.home = cell.plmn, .msin = "0123456780", .subscriber = keys}},
                     .rrc = {.plmns = {cell.plmn}}});
    std::mt19937 random(3);
    std::normal_distribution<float> gaussian(0.0F, std::sqrt(kNoiseVar / 2.0F));
    for (Cf32& sample : noise_) sample = {gaussian(random), gaussian(random)};
  }

  [[nodiscard]] std::chrono::nanoseconds now() const
  {
    return to_duration(SampleTime(tick_ * static_cast<std::int64_t>(length_)) - SampleTime(0), rate_);
  }

  void run_slot()
  {
    const SampleTime time(tick_ * static_cast<std::int64_t>(length_));
    const double begin = thread_seconds();
    core->run(now());
    cpu.core += thread_seconds() - begin;
    cpu.gnb += exchange(*gnb, uplink_, downlink_, time, kGnbLead);
    cpu.ue += exchange(*ue, downlink_, uplink_, time, kUeLead);
    ++tick_;
  }

  /// Keeps the UE's queue full.
  void offer_uplink(const core::Ipv4& gateway)
  {
    if (!ue->status().address) return;
    const double begin = thread_seconds();
    packet_.resize(kPacket);
    do {
      const std::size_t size = ip::write_traffic({.source = *ue->status().address,
                                                  .destination = gateway,
                                                  .source_port = 5001,
                                                  .destination_port = 5001,
                                                  .stamp = {number_, 0},
                                                  .packet_size = kPacket},
                                                 packet_);
      if (!ue->send_packet(std::span(packet_).first(size))) break;
      ++number_;
    } while (true);
    cpu.ue += thread_seconds() - begin;
  }

  std::size_t take_downlink()
  {
    std::size_t octets = 0;
    for (auto packet = ue->take_packet(); !packet.empty(); packet = ue->take_packet()) octets += packet.size();
    return octets;
  }

  std::unique_ptr<core::Core> core;
  std::unique_ptr<gnb::Gnb> gnb;
  std::unique_ptr<ue::Ue> ue;
  CpuTime cpu;

private:
  std::span<Cf32> window(std::vector<Cf32>& samples, std::int64_t tick)
  {
    return std::span(samples).subspan(static_cast<std::size_t>(tick % std::int64_t{kWindow}) * length_, length_);
  }

  template <class Node>
  double exchange(Node& node, std::vector<Cf32>& from, std::vector<Cf32>& to, SampleTime time, std::int64_t lead)
  {
    const std::span<Cf32> heard = window(from, tick_);
    const std::size_t at = random_() % (noise_.size() - heard.size());
    for (std::size_t i = 0; i < heard.size(); ++i) heard[i] += noise_[at + i];
    const RxSlot in{.index = tick_, .time = time, .samples = IqSpan(heard)};
    TxSlot out{.index = tick_ + lead,
               .time = time + SampleCount(lead * static_cast<std::int64_t>(length_)),
               .samples = IqSpan(window(to, tick_ + lead))};
    const double begin = thread_seconds();
    (void)node(in, out);
    node.run_procedures();
    return thread_seconds() - begin;
  }

  nr::Cell cell_;
  SampleRate rate_;
  std::size_t length_;
  std::pair<std::unique_ptr<ngap::N2Link>, std::unique_ptr<ngap::N2Link>> n2_;
  std::pair<std::unique_ptr<ngap::N3Link>, std::unique_ptr<ngap::N3Link>> n3_;
  std::vector<Cf32> downlink_, uplink_, noise_;
  std::int64_t tick_ = 0;
  std::minstd_rand random_{3};
  std::vector<std::uint8_t> packet_;
  std::uint64_t number_ = 0;
};

/// The usual rate of a carrier: the least of these that holds it.
SampleRate rate_of(const nr::Cell& cell)
{
  for (const std::int64_t hz : {11'520'000, 23'040'000, 46'080'000}) {
    if (phy::SymbolTiming::fits(cell.downlink.scs, SampleRate(hz), cell.downlink.num_prb)) return SampleRate(hz);
  }
  return SampleRate(122'880'000);
}

void measure(const std::string& name, double seconds)
{
  const nr::Cell cell = rrc::derive_cell(config::load_profile(name).value()).value().cell;
  Network network(cell, rate_of(cell));
  const unsigned slots_per_second = 1000 * nr::slots_per_subframe(cell.uplink.scs);
  for (unsigned n = 0; n < 2 * slots_per_second && !network.ue->status().address; ++n) network.run_slot();
  for (unsigned n = 0; n < slots_per_second / 10; ++n) network.run_slot();
  const auto address = network.ue->status().address;
  if (!address) return (void)fmt::print("{:16} no session\n", name);

  const nr::UeConfig ue = rrc::derive_ue_config(cell, nr::Rnti(0x4601), 0, {}).value();
  const Peak peak = peak_of(cell, ue, network.gnb->modem().scheduler());
  const core::Ipv4 gateway{10, 45, 0, 1};
  (void)network.core->upf().start_downlink(*address, 1.1 * peak.downlink_bps, kPacket, network.now());
  const auto run = [&](unsigned num_slots) {
    std::size_t octets = 0;
    for (unsigned n = 0; n < num_slots; ++n) {
      network.offer_uplink(gateway);
      network.run_slot();
      octets += network.take_downlink();
    }
    return octets;
  };
  (void)run(slots_per_second / 2);
  network.cpu = {};
  const auto statistics = [&] { return network.gnb->ue_statistics()[0]; };
  const gnb::UeStatistics before = statistics();
  const std::uint64_t uplink_before = network.core->upf().traffic(*address)->uplink.octets;
  const double downlink = 8.0 * static_cast<double>(run(static_cast<unsigned>(seconds * slots_per_second))) / seconds;
  const double uplink = 8.0 * static_cast<double>(network.core->upf().traffic(*address)->uplink.octets - uplink_before) / seconds;
  const CpuTime cpu{network.cpu.gnb / seconds, network.cpu.ue / seconds, network.cpu.core / seconds};
  fmt::print("{:16} DL {:6.2f} of {:6.2f} Mbit/s ({:3.0f} %)  UL {:6.2f} of {:6.2f} Mbit/s ({:3.0f} %)  CPU s/s: gNB {:.3f} UE {:.3f} core {:.3f}"
             "  real-time factor: one thread {:.2f}, gNB with core and UE apart {:.2f}\n",
             name, downlink / 1e6, peak.downlink_bps / 1e6, 100.0 * downlink / peak.downlink_bps, uplink / 1e6, peak.uplink_bps / 1e6,
             100.0 * uplink / peak.uplink_bps, cpu.gnb, cpu.ue, cpu.core, 1.0 / (cpu.gnb + cpu.ue + cpu.core),
             1.0 / std::max(cpu.gnb + cpu.core, cpu.ue));
  const auto print_link = [](const char* direction, const mac::LinkCounters& link) {
    fmt::print("{:>19} {} blocks, BLER {:.3f}, average MCS {:.1f}\n", direction, link.blocks, link.bler(), link.average_mcs());
  };
  print_link("DL", statistics().downlink - before.downlink);
  print_link("UL", statistics().uplink - before.uplink);
}

}  // namespace

int main(int argc, char** argv)
{
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2.0;
  if (argc > 2) {
    for (int i = 2; i < argc; ++i) measure(argv[i], seconds);
    return 0;
  }
  for (const config::Profile& profile : config::profiles()) measure(std::string(profile.name), seconds);
}
