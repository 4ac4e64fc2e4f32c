#pragma once
// A whole network in one process, sample by sample: UEs, emulated air, gNB, core. For tests.

#include "radio/air/emulator.h"
#include "radio/realtime.h"
#include "stack/core/core.h"
#include "stack/gnb/gnb.h"
#include "stack/ip/ip_packet.h"
#include "stack/rrc/derive_cell.h"
#include "stack/ue/ue.h"

#include "doctest/doctest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ravi::testing {

inline constexpr std::int64_t kGnbLead = 2;  // slots
inline constexpr std::int64_t kUeLead = 1;
inline constexpr std::size_t kWindow = 8;    // slots of samples in the air

inline security::Key128 key(const char* hex) { return *core::parse_key(hex); }

/// The keys of srsUE's example configuration.
inline security::Subscriber subscriber_keys()
{
  return {.k = key("00112233445566778899aabbccddeeff"), .opc = key("63bfa50ee6523365ff14c1f45f88737d")};
}

/// An ICMP echo request with a right checksum, or the same octets as another protocol; `octets` of data.
inline std::vector<std::uint8_t> echo_request(const nas::Ipv4& from, const nas::Ipv4& to, std::uint16_t sequence,
                                              std::size_t octets = 32, std::uint8_t protocol = 1)
{
  std::vector<std::uint8_t> packet(ip::kIpv4HeaderOctets + ip::kUdpHeaderOctets + octets);  // ICMP's header is as long as UDP's
  (void)ip::write_echo_request({.source = from, .destination = to, .sequence_number = sequence, .data_size = octets}, packet);
  ip::write_ipv4_header(from, to, static_cast<ip::IpProtocol>(protocol), packet.size() - ip::kIpv4HeaderOctets, packet);
  return packet;
}

/// The gNB's end of N2, which outlives the cores at the other end.
class ReplaceableN2 final : public ngap::N2Link {
public:
  /// A new link, or none: down.
  void connect(std::unique_ptr<ngap::N2Link> link) { link_ = std::move(link); }

  bool send(std::uint16_t stream, std::span<const std::uint8_t> bytes) override { return link_ && link_->send(stream, bytes); }
  std::optional<ngap::N2Message> receive() override { return link_ ? link_->receive() : std::nullopt; }
  [[nodiscard]] bool is_up() const override { return link_ && link_->is_up(); }
  [[nodiscard]] const ngap::N2Counters& counters() const override { return link_ ? link_->counters() : none_; }

private:
  std::unique_ptr<ngap::N2Link> link_;
  ngap::N2Counters none_;
};

struct NetworkConfig {
  rrc::CellIntent intent;
  SampleRate rate;
  unsigned num_ues = 1;
  std::uint64_t seed = 1;
  double noise_floor_dbfs = -75.0;                                  ///< at every receiver
  std::function<void(air::AirConfig&)> change_air;                  ///< before it is made
  std::function<void(core::CoreConfig&)> change_core;
  std::function<void(gnb::GnbConfig&)> change_gnb;
  std::function<void(ue::UeConfig&, unsigned n)> change_ue;
};

/// One sample clock; nodes may be taken away and made anew. Every UE has a subscriber: imsi 00101012345678n.
class NetworkBench {
public:
  explicit NetworkBench(NetworkConfig config)
    : config_(std::move(config)),
      cell_(rrc::derive_cell(config_.intent).value().cell),
      length_(static_cast<std::size_t>(config_.rate.hz() / 1000) / nr::slots_per_subframe(cell_.uplink.scs))
  {
    make_air();
    start_core();
    start_gnb();
    ues.resize(config_.num_ues);
    for (unsigned n = 0; n < config_.num_ues; ++n) start_ue(n);
    gnb_out_.resize(length_ * kWindow);
    ue_out_.assign(config_.num_ues, std::vector<Cf32>(length_ * kWindow));
    heard_.assign(config_.num_ues + 1, std::vector<Cf32>(length_));
  }

  static std::string imsi(unsigned n) { return fmt::format("0010101234567{:02}", n); }

  /// A core that remembers nothing, sequence numbers included; the gNB's link to it comes up.
  void start_core()
  {
    auto subscribers = core::Subscribers::open(":memory:");
    REQUIRE(subscribers);
    for (unsigned n = 0; n < config_.num_ues; ++n) REQUIRE(subscribers->add({.imsi = imsi(n), .keys = subscriber_keys()}));
    core::CoreConfig made_of{.amf = {.plmn = cell_.plmn, .tac = cell_.tracking_area_code}};
    if (config_.change_core) config_.change_core(made_of);
    core = std::make_unique<core::Core>(made_of, std::move(*subscribers), core::seeded_rand(config_.seed));
    if (gnb) connect_core();
  }
  /// N2 and N3 go with it.
  void stop_core()
  {
    core.reset();
    core_ends_.clear();
  }
  /// A new gNB with its SFN at 0 (the old one, if any, is gone at once).
  void start_gnb()
  {
    stop_gnb();
    n3_ = ngap::make_n3_pair();
    gnb::GnbConfig made_of{.cell = cell_, .rate = config_.rate, .lead = kGnbLead};
    if (config_.change_gnb) config_.change_gnb(made_of);
    auto made = gnb::Gnb::make(made_of, n2_, *n3_.first);
    REQUIRE(made);
    gnb = std::move(*made);
    gnb_began_ = tick_;
    if (core) connect_core();
  }
  /// Off the air, its links down.
  void stop_gnb()
  {
    gnb.reset();
    n2_.connect(nullptr);
  }
  void start_ue(unsigned n)
  {
    ue::UeConfig made_of{.modem = {.rate = config_.rate,
                                   .selection = {.band = config_.intent.band, .tuned = cell_.downlink.center, .ssb_frequency = nr::ss_ref(cell_.ssb.gscn)},
                                   .seed = config_.seed * 1000 + n + 1},
                         .nas = {.usim = {.home = cell_.plmn, .msin = imsi(n).substr(5), .subscriber = subscriber_keys()}},
                         .rrc = {.plmns = {cell_.plmn}, .seed = config_.seed * 77 + n + 1}};
    if (config_.change_ue) config_.change_ue(made_of, n);
    ues[n] = std::make_unique<ue::Ue>(made_of);
  }

  /// Slots in which a node gets no samples and sends none: a gap of its radio.
  void lose_gnb_slots(std::int64_t count) { gnb_gap_ = tick_ + count; }
  void lose_ue_slots(unsigned n, std::int64_t count)
  {
    ue_gaps_.resize(ues.size());
    ue_gaps_[n] = tick_ + count;
  }

  void run(unsigned num_slots)
  {
    for (unsigned i = 0; i < num_slots; ++i) run_slot();
  }
  void run_ms(unsigned milliseconds) { run(milliseconds * nr::slots_per_subframe(cell_.uplink.scs)); }

  [[nodiscard]] const nr::Cell& cell() const { return cell_; }
  [[nodiscard]] SampleRate rate() const { return config_.rate; }
  [[nodiscard]] std::size_t num_attached() const
  {
    return static_cast<std::size_t>(std::count_if(ues.begin(), ues.end(), [](const auto& ue) { return ue && has_bearer(*ue); }));
  }
  [[nodiscard]] static bool has_bearer(const ue::Ue& ue) { return ue.status().address && ue.has_bearer(); }
  /// Until all UEs that are there have an address and a bearer. False: not within the time.
  bool attach_all(unsigned max_ms)
  {
    for (unsigned ms = 0; ms < max_ms; ms += 10) {
      if (num_attached() == ues.size()) return true;
      run_ms(10);
    }
    return num_attached() == ues.size();
  }
  /// Where everybody stands, for a failed test's message.
  [[nodiscard]] std::string describe() const
  {
    std::string text = fmt::format("at {:.3f} s: ", seconds());
    if (gnb) {
      const gnb::GnbCounters& c = gnb->counters();
      const gnb::GnbModemCounters& m = gnb->modem().counters();
      text += fmt::format("gNB: {} UEs, begun {}, rejected {}, lost {}, gaps {}, preambles {}, refused {}, malformed {}, returned {}\n", gnb->num_ues(),
                          c.ues, c.rejected, c.lost_ues, c.gaps, m.preambles, m.refused_preambles, m.malformed, m.returned);
      for (const gnb::UeStatistics& ue : gnb->ue_statistics()) {
        text += fmt::format("  {:#x}: connected {}, session {}, CQI {}, SNR {:.1f}, waiting {} {}, DL {}/{}/{} MCS {:.1f}, UL {}/{}/{} MCS {:.1f}\n",
                            ue.rnti.value(), ue.is_connected, ue.has_session, ue.cqi, ue.uplink_snr_db, ue.downlink_waiting, ue.uplink_waiting,
                            ue.downlink.blocks, ue.downlink.first_failures, ue.downlink.lost, ue.downlink.average_mcs(), ue.uplink.blocks,
                            ue.uplink.first_failures, ue.uplink.lost, ue.uplink.average_mcs());
      }
    }
    for (const auto& ue : ues) {
      if (!ue) continue;
      text += "  UE:";
      for (const auto& at : ue->status().reached) text += at ? fmt::format(" {}", at->count()) : " -";
      text += fmt::format(", {}, in step {}, RRC {}, NAS {}, SNR {:.1f}, searches {}, lost {}, late {}\n", ue->status().trouble, ue->modem().is_in_step(),
                          static_cast<int>(ue->rrc().state()), static_cast<int>(ue->nas().state()), ue->statistics().snr_db,
                          ue->modem().counters().searches, ue->modem().counters().lost_cells, ue->modem().counters().late);
    }
    return text;
  }
  /// Answers to `count` pings of one UE, each waited for at most so long; `rtt_ms`: mean of those answered.
  unsigned ping(unsigned n, unsigned count, unsigned max_ms, double* rtt_ms = nullptr)
  {
    unsigned answers = 0;
    unsigned slots_waited = 0;
    while (!ues[n]->take_packet().empty()) {
    }
    for (unsigned i = 0; i < count; ++i) {
      const auto sequence = next_sequence_++;
      const auto address = ues[n]->status().address;
      if (!address || !ues[n]->send_packet(echo_request(*address, {10, 45, 0, 1}, sequence))) {
        run_ms(max_ms);
        continue;
      }
      bool is_answered = false;
      const unsigned max_slots = max_ms * nr::slots_per_subframe(cell_.uplink.scs);
      for (unsigned slots = 0; slots < max_slots && !is_answered; ++slots) {
        run(1);
        const std::span<const std::uint8_t> answer = ues[n]->take_packet();
        is_answered = answer.size() == 60 && answer[20] == 0 && (answer[26] << 8 | answer[27]) == sequence;
        if (is_answered) slots_waited += slots + 1;
      }
      answers += is_answered ? 1 : 0;
    }
    if (rtt_ms != nullptr && answers > 0) *rtt_ms = static_cast<double>(slots_waited) / answers / nr::slots_per_subframe(cell_.uplink.scs);
    return answers;
  }

  struct RoundTrips {
    unsigned answers = 0;
    double average_ms = 0.0;
    double max_ms = 0.0;
  };
  /// `count` pings of one UE, one each `interval_ms` whether those before are answered or not; answers are awaited for 400 ms.
  RoundTrips ping_steadily(unsigned n, unsigned count, unsigned interval_ms)
  {
    while (!ues[n]->take_packet().empty()) {
    }
    const auto address = ues[n]->status().address;
    REQUIRE(address);
    const unsigned slots_per_ms = nr::slots_per_subframe(cell_.uplink.scs);
    const std::uint16_t first = next_sequence_;
    std::vector<std::int64_t> sent;
    RoundTrips trips;
    for (unsigned slot = 0; slot < (count * interval_ms + 400) * slots_per_ms; ++slot) {
      if (slot % (interval_ms * slots_per_ms) == 0 && sent.size() < count) {
        REQUIRE(ues[n]->send_packet(echo_request(*address, {10, 45, 0, 1}, next_sequence_++)));
        sent.push_back(tick_);
      }
      run(1);
      for (auto answer = ues[n]->take_packet(); !answer.empty(); answer = ues[n]->take_packet()) {
        const auto index = static_cast<std::uint16_t>((answer[26] << 8 | answer[27]) - first);
        if (answer.size() != 60 || answer[20] != 0 || index >= sent.size()) continue;
        const double ms = static_cast<double>(tick_ - sent[index]) / slots_per_ms;
        trips.average_ms += ms;
        trips.max_ms = std::max(trips.max_ms, ms);
        ++trips.answers;
      }
    }
    if (trips.answers > 0) trips.average_ms /= trips.answers;
    return trips;
  }

  [[nodiscard]] std::int64_t tick() const { return tick_; }
  [[nodiscard]] SampleTime time() const { return SampleTime(tick_ * static_cast<std::int64_t>(length_)); }
  [[nodiscard]] double seconds() const { return static_cast<double>(time().value()) / static_cast<double>(config_.rate.hz()); }

private:
  using N3Pair = std::pair<std::unique_ptr<ngap::N3Link>, std::unique_ptr<ngap::N3Link>>;
  // Links outlive those that they join.
  ReplaceableN2 n2_;
  std::vector<std::unique_ptr<ngap::N2Link>> core_ends_;
  N3Pair n3_;

public:
  std::unique_ptr<core::Core> core;
  std::unique_ptr<gnb::Gnb> gnb;
  std::vector<std::unique_ptr<ue::Ue>> ues;
  std::unique_ptr<air::Emulator> air;
  bool is_realtime = false;           ///< the nodes' slots, without their procedures, run within a RealtimeScope

private:
  void connect_core()
  {
    auto [of_gnb, of_core] = ngap::make_n2_pair();
    core->attach_n2(*of_core);
    core->attach_n3(*n3_.second);
    core_ends_.push_back(std::move(of_core));
    n2_.connect(std::move(of_gnb));
  }

  void make_air()
  {
    air::AirConfig air_config{.sample_rate = config_.rate,
                              .block = std::chrono::duration<double>(static_cast<double>(length_) / static_cast<double>(config_.rate.hz())),
                              .seed = config_.seed};
    air_config.nodes.push_back({.name = "gnb", .noise_floor = DbFs(config_.noise_floor_dbfs)});
    for (unsigned n = 0; n < config_.num_ues; ++n) {
      const std::string name = fmt::format("ue{}", n);
      air_config.nodes.push_back({.name = name, .noise_floor = DbFs(config_.noise_floor_dbfs)});
      air_config.links.push_back({.from = "gnb", .to = name});
      air_config.links.push_back({.from = name, .to = "gnb"});
    }
    if (config_.change_air) config_.change_air(air_config);
    auto made = air::Emulator::create(air_config);
    INFO((made ? std::string() : made.error().message));
    REQUIRE(made);
    air = std::move(*made);
  }

  std::span<Cf32> window(std::vector<Cf32>& samples, std::int64_t tick)
  {
    return std::span(samples).subspan(static_cast<std::size_t>(tick % std::int64_t{kWindow}) * length_, length_);
  }

  void run_slot()
  {
    std::vector<std::span<const Cf32>> sent{window(gnb_out_, tick_)};
    std::vector<std::span<Cf32>> heard{heard_[0]};
    for (std::size_t n = 0; n < ues.size(); ++n) {
      sent.push_back(window(ue_out_[n], tick_));
      heard.push_back(heard_[n + 1]);
    }
    air->process(length_, sent, heard);
    std::ranges::fill(window(gnb_out_, tick_), Cf32{});  // what nobody writes anew is silence
    for (auto& out : ue_out_) std::ranges::fill(window(out, tick_), Cf32{});
    if (gnb && tick_ >= gnb_gap_) exchange(*gnb, heard_[0], gnb_out_, gnb_began_, kGnbLead);
    if (core) core->run(to_duration(time() - SampleTime(0), config_.rate));
    if (gnb && tick_ >= gnb_gap_) gnb->run_procedures();
    for (std::size_t n = 0; n < ues.size(); ++n) {
      const bool is_in_gap = n < ue_gaps_.size() && tick_ < ue_gaps_[n];
      if (!ues[n] || is_in_gap) continue;
      exchange(*ues[n], heard_[n + 1], ue_out_[n], 0, kUeLead);
      ues[n]->run_procedures();
    }
    ++tick_;
  }

  template <class Node>
  void exchange(Node& node, std::vector<Cf32>& heard, std::vector<Cf32>& to, std::int64_t began, std::int64_t lead)
  {
    const std::int64_t index = tick_ - began;
    const SampleTime at(index * static_cast<std::int64_t>(length_));
    const RxSlot in{.index = index, .time = at, .samples = IqSpan(std::span(heard))};
    TxSlot out{.index = index + lead,
               .time = at + SampleCount(lead * static_cast<std::int64_t>(length_)),
               .samples = IqSpan(window(to, tick_ + lead))};
    std::optional<RealtimeScope> scope;
    if (is_realtime) scope.emplace();
    (void)node(in, out);
  }

  NetworkConfig config_;
  nr::Cell cell_;
  std::size_t length_;
  std::vector<Cf32> gnb_out_;
  std::vector<std::vector<Cf32>> ue_out_;
  std::vector<std::vector<Cf32>> heard_;
  std::int64_t tick_ = 0;
  std::int64_t gnb_began_ = 0;
  std::int64_t gnb_gap_ = 0;
  std::vector<std::int64_t> ue_gaps_;
  std::uint16_t next_sequence_ = 0;
};

}  // namespace ravi::testing
