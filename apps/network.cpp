#include "apps/network.h"

#include "apps/peak_rate.h"
#include "stack/rrc/derive_ue_config.h"

#include <fmt/format.h>

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <utility>

namespace ravi::apps {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kGnbLead = 2;   // slots
constexpr std::int64_t kUeLead = 1;
constexpr unsigned kMinK1 = 3;         // slots after which our UEs have their HARQ-ACK ready
constexpr double kOverload = 1.05;     // offered traffic over what the cell can carry
constexpr std::size_t kPacketSize = 1400;
constexpr auto kBearerWait = 50ms;     // from the address to the bearer behind it
constexpr auto kPingWait = 500ms;      // for the last answer

std::optional<std::size_t> node_named(const air::AirConfig& air, const std::string& name)
{
  for (std::size_t n = 0; n < air.nodes.size(); ++n) {
    if (air.nodes[n].name == name) return n;
  }
  return std::nullopt;
}

double cpu_seconds()
{
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

NetworkUe example_ue(std::size_t n)
{
  security::Subscriber keys{.k = *core::parse_key("00112233445566778899aabbccddeeff"),
                            .opc = *core::parse_key("63bfa50ee6523365ff14c1f45f88737d")};
  std::uint8_t& last = keys.k.writable().back();
  last = static_cast<std::uint8_t>(last - n);
  return {.imsi = fmt::format("{:015}", 1010123456780ULL + n), .usim = keys, .subscriber = keys};
}

/// What passes between the core, on the gNB's thread, and the network's owner.
struct Network::CoreDesk {
  struct Status {
    std::chrono::nanoseconds time{0};
    core::AmfCounters amf;
    std::array<core::UeTraffic, kMaxUes> ues{};
  };
  std::vector<std::string> imsis;
  double downlink_bps = 0.0;                                ///< offered to each UE
  std::atomic<bool> wants_downlink{false};
  Latest<Status> latest;
  std::array<std::optional<core::Ipv4>, kMaxUes> sources{}; ///< the core's thread: to whom traffic runs

  void run(core::Core& core, std::chrono::nanoseconds now)
  {
    Status status{.time = now, .amf = core.amf().counters(), .ues = {}};
    for (std::size_t n = 0; n < imsis.size(); ++n) {
      const std::optional<core::Ipv4> address = core.address(imsis[n]);
      if (address) status.ues[n] = core.upf().traffic(*address).value_or(core::UeTraffic{});
      const std::optional<core::Ipv4> wanted = wants_downlink.load() ? address : std::nullopt;
      if (wanted == sources[n]) continue;
      if (sources[n]) core.upf().stop_downlink(*sources[n]);
      if (wanted) (void)core.upf().start_downlink(*wanted, downlink_bps, kPacketSize, now);
      sources[n] = wanted;
    }
    latest.write(status);
  }
};

Network::Network(const NetworkConfig& config) : config_(config), desk_(std::make_shared<CoreDesk>()) {}
Network::~Network() = default;

Result<std::unique_ptr<Network>> Network::make(const NetworkConfig& config)
{
  std::unique_ptr<Network> network(new Network(config));
  if (auto built = network->build(); !built) return tl::unexpected(built.error());
  return network;
}

Result<void> Network::build()
{
  if (config_.ues.empty() || config_.ues.size() > kMaxUes) {
    return fail(ErrorCode::bad_input, fmt::format("a network here has 1 to {} UEs, not {}", kMaxUes, config_.ues.size()));
  }
  if (config_.is_inline && config_.fronthaul != Fronthaul::loopback) {
    return fail(ErrorCode::bad_input, "an inline run needs the loopback: nodes over ZeroMQ have threads of their own");
  }
  const std::chrono::duration<double> slot = 1ms / static_cast<double>(nr::slots_per_subframe(config_.cell.downlink.scs));
  config_.air.sample_rate = config_.rate;
  config_.air.block = std::min(config_.air.block, slot);  // what a UE makes one slot ahead must not come too late
  plan_traffic();
  std::vector<std::size_t> places;
  for (std::size_t n = 0; n <= config_.ues.size(); ++n) {
    std::string name = n == 0 ? "gnb" : fmt::format("ue{}", n - 1);
    auto place = node_named(config_.air, name);
    if (n == 1 && !place) place = node_named(config_.air, name = "ue");
    if (!place) return fail(ErrorCode::bad_input, fmt::format("the air has no node '{}'; a network's are gnb and ue, or ue0, ue1, ...", name));
    const air::NodeConfig& node = config_.air.nodes[*place];
    if (node.num_tx_ports != 1 || node.num_rx_ports != 1) {
      return fail(ErrorCode::bad_input, fmt::format("the air's node '{}' needs one port each way", name));
    }
    places.push_back(*place);
  }
  auto air = start_air(config_.air, config_.fronthaul, config_.is_inline ? Waiting::returns : Waiting::blocks);
  if (!air) return tl::unexpected(air.error());
  air_ = std::move(*air);
  auto radio = air_.join(places[0]);
  if (!radio) return tl::unexpected(radio.error());
  auto gnb = make_gnb(std::move(*radio));
  if (!gnb) return tl::unexpected(gnb.error());
  gnb_ = std::move(*gnb);
  for (std::size_t n = 0; n < config_.ues.size(); ++n) {
    auto ue_radio = air_.join(places[n + 1]);
    if (!ue_radio) return tl::unexpected(ue_radio.error());
    UeEntry entry{.who = config_.ues[n]};
    entry.node = make_ue(n, std::move(*ue_radio), entry.traffic);
    ues_.push_back(std::move(entry));
  }
  return {};
}

Result<std::unique_ptr<GnbNode>> Network::make_gnb(std::unique_ptr<Radio> radio)
{
  auto subscribers = core::Subscribers::open(":memory:");
  if (!subscribers) return tl::unexpected(subscribers.error());
  for (const NetworkUe& ue : config_.ues) {
    if (auto added = subscribers->add({.imsi = ue.imsi, .keys = ue.subscriber}); !added) return tl::unexpected(added.error());
    desk_->imsis.push_back(ue.imsi);
  }
  auto [links, core] = embed_core({.amf = {.plmn = config_.cell.plmn, .tac = config_.cell.tracking_area_code},
                                   .smf = {.flow = {.qfi = 1, .five_qi = config_.five_qi, .arp_priority = 8}}},
                                  std::move(*subscribers), core::seeded_rand(config_.seed));
  if (config_.capture != nullptr) core.tap = &config_.capture->add_tap(pcap::Node::core, "core");
  pcap::Tap* const tap = config_.capture != nullptr ? &config_.capture->add_tap(pcap::Node::gnb, "gNB") : nullptr;
  core.each_slot = [desk = desk_](core::Core& running, std::chrono::nanoseconds now) { desk->run(running, now); };
  const std::int64_t slots_per_second = 1000 * std::int64_t{nr::slots_per_subframe(config_.cell.downlink.scs)};
  return GnbNode::make({.gnb = {.cell = config_.cell, .rate = config_.rate, .lead = kGnbLead, .scheduler = {.min_k1 = kMinK1}, .tap = tap},
                        .num_slots = (config_.duration + kLeaving) * slots_per_second / 1s,
                        .is_digested = config_.is_inline},
                       std::move(radio), std::move(links), std::move(core));
}

std::unique_ptr<UeNode> Network::make_ue(std::size_t n, std::unique_ptr<Radio> radio, ip::Traffic*& traffic)
{
  const NetworkUe& who = config_.ues[n];
  const nr::Plmn& home = config_.cell.plmn;
  const std::uint64_t seed = config_.seed + 1000 * (n + 1);
  const std::int64_t slots_per_second = 1000 * std::int64_t{nr::slots_per_subframe(config_.cell.downlink.scs)};
  auto endpoint = std::make_unique<ip::Traffic>(
      ip::TrafficConfig{.ping = {.interval = kPingInterval, .count = num_pings_},
                        .uplink = {.bits_per_second = uplink_bps_, .packet_size = kPacketSize}});
  traffic = endpoint.get();
  UeNodeConfig config{.ue = {.modem = {.rate = config_.rate,
                                       .selection = {.band = config_.cell.band, .tuned = config_.cell.downlink.center},
                                       .seed = seed},
                             .nas = {.usim = {.home = home, .msin = who.imsi.substr(home.mcc.size() + home.mnc.size()), .subscriber = who.usim},
                                     .random_seed = seed},
                             .rrc = {.plmns = {home}, .seed = seed}},
                      .scs = config_.cell.downlink.scs,
                      .lead = kUeLead,
                      .num_slots = (config_.duration + kLeaving) * slots_per_second / 1s,
                      .is_digested = config_.is_inline};
  return std::make_unique<UeNode>(config, std::move(radio), std::move(endpoint));
}

/// How many pings fit, and how much traffic is more than the cell can carry.
void Network::plan_traffic()
{
  const bool has_flows = config_.traffic.has_downlink || config_.traffic.has_uplink;
  const std::chrono::nanoseconds room = has_flows ? config_.duration / 2 - 300ms : config_.duration - 1s;
  const std::int64_t fitting = std::max<std::int64_t>(5, room / std::chrono::nanoseconds(kPingInterval));
  num_pings_ = static_cast<std::uint64_t>(has_flows ? std::min<std::int64_t>(fitting, 100) : fitting);
  const auto ue = rrc::derive_ue_config(config_.cell, nr::Rnti(1), 0);
  const PeakRate peak = ue ? peak_rate(config_.cell, *ue) : PeakRate{};
  const double share = kOverload / static_cast<double>(config_.ues.size());
  desk_->downlink_bps = share * peak.downlink_bps;
  uplink_bps_ = share * peak.uplink_bps;
}

// -- running ------------------------------------------------------------------------------------------------------------

Result<void> Network::start()
{
  // In lockstep nobody moves until every radio has started, so that a loopback air begins for all at the same sample.
  if (auto started = gnb_->node().start_radio(); !started) return started;
  for (UeEntry& ue : ues_) {
    if (auto started = ue.node->node().start_radio(); !started) return started;
  }
  started_ = wall_now(0ns);
  if (config_.is_inline) return {};
  gnb_->node().start_thread();
  for (UeEntry& ue : ues_) ue.node->node().start_thread();
  return {};
}

bool Network::advance()
{
  if (is_over_) return false;
  if (config_.is_inline) {
    (void)gnb_->node().step();
    for (UeEntry& ue : ues_) (void)ue.node->node().step();
  } else {
    std::this_thread::sleep_for(2ms);
  }
  run_phases();
  if (config_.capture != nullptr) config_.capture->drain();
  if (!has_ended()) return true;
  gnb_->node().wait();
  for (UeEntry& ue : ues_) ue.node->node().wait();
  is_over_ = true;
  return false;
}

void Network::stop() noexcept
{
  gnb_->node().stop();
  for (UeEntry& ue : ues_) ue.node->node().stop();
}

bool Network::has_ended() const
{
  return gnb_->node().has_ended() &&
         std::all_of(ues_.begin(), ues_.end(), [](const UeEntry& ue) { return ue.node->node().has_ended(); });
}

/// What is due at the gNB's time; decided by what the nodes have published, so that an inline run repeats.
void Network::run_phases()
{
  const std::chrono::nanoseconds now = gnb_->status().time;
  if (phase_ == Phase::leave) return;
  if (now >= config_.duration) return begin(Phase::leave, now);
  if (phase_ == Phase::attach) {
    const bool are_all_there = std::all_of(ues_.begin(), ues_.end(), [&](const UeEntry& ue) {
      const UeNodeStatus& status = ue.node->status();
      const auto& session = status.reached[static_cast<std::size_t>(ue::Rung::session)];
      return status.address && session && status.time >= *session + kBearerWait;
    });
    if (are_all_there || now >= config_.duration / 2) begin(config_.traffic.has_ping ? Phase::ping : Phase::traffic, now);
  } else if (phase_ == Phase::ping) {
    const bool are_all_done = std::all_of(ues_.begin(), ues_.end(), [&](const UeEntry& ue) {
      return ue.traffic->report().ping.received >= num_pings_ || !ue.node->status().address;
    });
    const auto longest = static_cast<std::int64_t>(num_pings_) * kPingInterval + kPingWait;
    if (are_all_done || now >= phase_begin_ + longest) begin(Phase::traffic, now);
  } else if (!is_measuring_ && now >= phase_begin_ + kSettling) {
    is_measuring_ = true;
    measured_from_ = wall_now(now);
    for (std::size_t n = 0; n < ues_.size(); ++n) {
      ues_[n].downlink_mark = downlink_now(n);
      ues_[n].uplink_mark = uplink_now(n);
    }
  }
}

void Network::begin(Phase phase, std::chrono::nanoseconds now)
{
  if (phase == Phase::leave) result_ = result_now();
  phase_ = phase;
  phase_begin_ = now;
  for (UeEntry& ue : ues_) {
    if (phase == Phase::ping) ue.traffic->want_ping(true);
    if (phase == Phase::traffic) ue.traffic->want_uplink(config_.traffic.has_uplink);
    if (phase == Phase::leave) ue.node->switch_off();
  }
  if (phase == Phase::traffic) desk_->wants_downlink.store(config_.traffic.has_downlink);
}

// -- what came of it ----------------------------------------------------------------------------------------------------

Network::Mark Network::downlink_now(std::size_t n)
{
  const ip::TrafficReport& report = ues_[n].traffic->report();
  return {.time = report.time,
          .octets = report.downlink.octets,
          .packets = report.downlink.packets,
          .link = ues_[n].node->status().statistics.downlink};
}

Network::Mark Network::uplink_now(std::size_t n)
{
  const CoreDesk::Status& status = desk_->latest.read();
  return {.time = status.time,
          .octets = status.ues[n].sunk.octets,
          .packets = status.ues[n].sunk.packets,
          .link = ues_[n].node->status().statistics.uplink};
}

Network::WallMark Network::wall_now(std::chrono::nanoseconds now) const
{
  return {.network = now, .wall = std::chrono::steady_clock::now(), .cpu_s = cpu_seconds()};
}

NetworkResult Network::result()
{
  if (!result_) return result_now();
  NetworkResult result = *result_;
  NetworkResult end = result_now();
  result.lates = end.lates;
  result.gaps = end.gaps;
  result.digest = end.digest;
  result.has_failed = end.has_failed;
  for (std::size_t n = 0; n < ues_.size(); ++n) result.ues[n].has_left = end.ues[n].has_left;
  return result;
}

NetworkResult Network::result_now()
{
  const auto flow = [](const auto& now, const auto& before) {
    const double seconds = std::chrono::duration<double>(now.time - before.time).count();
    return FlowResult{.goodput_bps = seconds > 0.0 ? 8.0 * static_cast<double>(now.octets - before.octets) / seconds : 0.0,
                      .link = now.link - before.link,
                      .packets = now.packets - before.packets};
  };
  NetworkResult result;
  result.gnb = gnb_->status();
  result.time = result.gnb.time;
  result.amf = desk_->latest.read().amf;
  const auto add = [&result](const auto& node) {
    result.lates += node.counters().late_slots;
    result.gaps += node.counters().gaps;
    result.digest = result.digest * 31 + (node.has_ended() ? node.digest() : 0);
    result.has_failed = result.has_failed || node.has_failed();
  };
  add(gnb_->node());
  for (std::size_t n = 0; n < ues_.size(); ++n) {
    add(ues_[n].node->node());
    UeResult ue{.imsi = ues_[n].who.imsi, .status = ues_[n].node->status(), .ping = ues_[n].traffic->report().ping};
    result.lates += ue.status.modem.late;
    if (is_measuring_) {
      ue.downlink = flow(downlink_now(n), ues_[n].downlink_mark);
      ue.uplink = flow(uplink_now(n), ues_[n].uplink_mark);
    }
    ue.has_left = ue.status.has_left;
    result.ues.push_back(std::move(ue));
  }
  const WallMark now = wall_now(result.time);
  const auto factor = [&now](const WallMark& from) {
    const double wall = std::chrono::duration<double>(now.wall - from.wall).count();
    return wall > 0.0 ? std::chrono::duration<double>(now.network - from.network).count() / wall : 0.0;
  };
  const WallMark& from = is_measuring_ ? measured_from_ : started_;
  result.traffic_time = is_measuring_ ? now.network - measured_from_.network : 0ns;
  result.real_time_factor = factor(from);
  result.whole_real_time_factor = factor(started_);
  const double wall = std::chrono::duration<double>(now.wall - from.wall).count();
  result.cpu_cores = wall > 0.0 ? (now.cpu_s - from.cpu_s) / wall : 0.0;
  return result;
}

}  // namespace ravi::apps
