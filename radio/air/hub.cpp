#include "radio/air/hub.h"

#include "radio/air/random.h"
#include "radio/dsp/arithmetic.h"
#include "radio/dsp/convert.h"
#include "radio/log.h"

#include <fmt/format.h>

#include <algorithm>

namespace ravi::air {
namespace {

constexpr std::uint64_t kFirstTrial = 1000;   ///< steps in pieces before whole blocks are tried again
constexpr std::uint64_t kLatestTrial = 1 << 24;
constexpr std::uint64_t kStepsPerLevel = 16;   ///< the level is measured in one of these

}  // namespace

struct Hub::Node {
  HubEndpoint endpoint;
  std::string name;
  std::size_t first_tx = 0;  ///< index of its first transmit port in the emulator
  std::size_t first_rx = 0;
  std::size_t num_tx = 0;
  std::size_t num_rx = 0;
  IqBuffer from_node;        ///< [transmit port][block]
  IqBuffer to_node;          ///< [receive port][block]
  std::size_t begin = 0;     ///< samples [begin, end) of `from_node` have come and not yet been used
  std::size_t end = 0;
  SampleTime time;           ///< on the radio's axis, of the sample at `begin`
  SampleTime deliver_at;     ///< on the radio's axis, of the first sample of `to_node`
  SampleTime joins_at;       ///< on the air's axis: see `expect`
  bool is_present = false;
  bool is_off = false;       ///< its radio is lost for good
  bool in_pieces = false;    ///< sends less than a block at a time: take what there is
  std::uint64_t steps_in_pieces = 0;
  std::uint64_t steps_to_trial = kFirstTrial;
  bool is_served = false;    ///< a first block of silence has begun its link in this step
  std::size_t undelivered = 0;  ///< samples of `to_node` that its radio has not taken yet
  std::uint64_t num_from = 0;
  std::uint64_t num_to = 0;
  std::uint64_t num_late = 0;
  std::uint64_t num_not_finite = 0;
  double power = 0.0;
};

/// A fault made by a command: hits from the next block on, and is forgotten when it has done its work.
struct Hub::Strike {
  std::size_t tx_port = 0;
  Fault fault;
  std::size_t steps_left = 0;
};

Hub::Hub(const AirConfig& config, std::unique_ptr<Emulator> emulator)
  : config_(config), emulator_(std::move(emulator)), block_(emulator_->max_block()), tx_(emulator_->num_tx_ports()), rx_(emulator_->num_rx_ports())
{
}

Hub::~Hub() { stop(); }

Result<std::unique_ptr<Hub>> Hub::create(const AirConfig& config, std::unique_ptr<Emulator> emulator,
                                         std::vector<HubEndpoint> endpoints)
{
  if (endpoints.size() != config.nodes.size()) {
    return fail(ErrorCode::bad_input,
                fmt::format("{} endpoints for {} nodes of the air", endpoints.size(), config.nodes.size()));
  }
  std::unique_ptr<Hub> hub(new Hub(config, std::move(emulator)));
  std::size_t first_tx = 0;
  std::size_t first_rx = 0;
  for (std::size_t n = 0; n < endpoints.size(); ++n) {
    const NodeConfig& of = config.nodes[n];
    const RadioDescription description = endpoints[n].radio->describe();
    if (description.receive.size() != of.num_tx_ports || description.transmit.size() != of.num_rx_ports) {
      return fail(ErrorCode::bad_input,
                  fmt::format("node '{}' sends {} and receives {} streams, but the radio for it receives {} and sends {}",
                              of.name, of.num_tx_ports, of.num_rx_ports, description.receive.size(),
                              description.transmit.size()));
    }
    if (!endpoints[n].available) return fail(ErrorCode::bad_input, "a hub's endpoint must tell what is available");
    Node node{.endpoint = std::move(endpoints[n]), .name = of.name, .first_tx = first_tx, .first_rx = first_rx,
              .num_tx = of.num_tx_ports, .num_rx = of.num_rx_ports,
              .from_node = IqBuffer(of.num_tx_ports, hub->block_), .to_node = IqBuffer(of.num_rx_ports, hub->block_)};
    first_tx += of.num_tx_ports;
    first_rx += of.num_rx_ports;
    hub->nodes_.push_back(std::move(node));
  }
  for (Node& node : hub->nodes_) {
    if (auto started = node.endpoint.radio->start(SampleTime(0)); !started) return tl::unexpected(started.error());
  }
  return hub;
}

void Hub::stop() noexcept
{
  for (Node& node : nodes_) {
    if (node.endpoint.radio != nullptr) node.endpoint.radio->stop();
  }
}

HubStep Hub::step() noexcept
{
  waits_for_.reset();
  if (!deliver_leftovers()) return HubStep::waiting;
  bool is_complete = true;
  count_ = block_;
  for (Node& node : nodes_) {
    if (gather(node)) {
      if (node.num_tx > 0 && node.is_present) count_ = std::min(count_, node.end - node.begin);
      continue;
    }
    is_complete = false;
    waits_for_ = static_cast<std::size_t>(&node - nodes_.data());
  }
  if (!is_complete) return HubStep::waiting;
  bool is_anybody_there = false;
  for (Node& node : nodes_) {
    greet(node);
    is_anybody_there |= node.is_present;
  }
  if (!is_anybody_there) return skip_to_next_node() ? HubStep::waiting : HubStep::idle;

  emulate();
  for (Node& node : nodes_) static_cast<void>(deliver(node));
  advance();
  return HubStep::advanced;
}

void Hub::expect(std::size_t node, SampleTime earliest) noexcept
{
  Node& expected = nodes_[node];
  expected.joins_at = earliest;
  expected.is_present = false;
  expected.begin = expected.end = expected.undelivered = 0;
}

bool Hub::may_join(const Node& node) const noexcept { return node.is_present || now_ >= node.joins_at; }

/// False: nobody waits.
bool Hub::skip_to_next_node() noexcept
{
  std::optional<SampleTime> next;
  for (const Node& node : nodes_) {
    if (node.is_off || may_join(node) || node.endpoint.radio->peer() == Peer::absent) continue;
    next = std::min(next.value_or(node.joins_at), node.joins_at);
  }
  if (!next) return false;
  emulator_->skip_to(*next);
  now_ = *next;
  return true;
}

/// What nodes did not take in the last step; time does not go on before they have.
bool Hub::deliver_leftovers() noexcept
{
  bool is_done = true;
  for (Node& node : nodes_) {
    if (node.undelivered == 0 || deliver(node)) continue;
    is_done = false;
    waits_for_ = static_cast<std::size_t>(&node - nodes_.data());
  }
  return is_done;
}

/// Sees to it that there are samples of the node for this step; false when it is there but they are not.
bool Hub::gather(Node& node) noexcept
{
  node.is_served = false;
  if (!may_join(node)) return true;
  if (node.num_tx == 0 || node.is_off) {
    node.is_present = !node.is_off && node.endpoint.radio->peer() == Peer::present;
    return true;
  }
  if (node.begin < node.end && node.endpoint.radio->peer() == Peer::present) return true;
  node.begin = node.end = 0;
  if (node.endpoint.realign) node.endpoint.realign(now_);
  const std::size_t wanted = wanted_from(node);
  const RxResult result = node.endpoint.radio->receive(node.from_node.span().first(wanted));
  node.is_present = node.endpoint.radio->peer() == Peer::present;
  if (result.status == RxStatus::ended || result.status == RxStatus::failed) {
    log_error(fmt::format("air: the connection of node {} is lost for good", node.name));
    node.is_off = true;
    node.is_present = false;
  }
  if (!node.is_present) {
    node.in_pieces = false;
    node.steps_to_trial = kFirstTrial;
    return true;
  }
  if (result.status == RxStatus::ok) {
    take(node, result);
    return true;
  }
  if (!node.in_pieces) {  // no whole block came
    node.in_pieces = true;
    node.steps_in_pieces = 0;
  }
  return false;
}

/// How many samples to ask the radio for: a block, or what has come if the node sends less at a time, at least one.
std::size_t Hub::wanted_from(Node& node) noexcept
{
  if (!node.in_pieces) return block_;
  const std::size_t available = node.endpoint.available();
  if (available >= block_) return block_;
  if (++node.steps_in_pieces >= node.steps_to_trial) {
    node.in_pieces = false;
    node.steps_to_trial = std::min(node.steps_to_trial * 4, kLatestTrial);
    return block_;
  }
  return std::max<std::size_t>(1, available);
}

void Hub::take(Node& node, const RxResult& result) noexcept
{
  node.time = result.time;
  node.end = result.num_samples;
  if (node.in_pieces && node.end == 1) {  // it was waited for; more has come with it
    const std::size_t more = std::min(node.endpoint.available(), block_ - node.end);
    if (more > 0) node.end += node.endpoint.radio->receive(node.from_node.span().subspan(node.end, more)).num_samples;
  }
  node.num_from += node.end;
  for (std::size_t port = 0; port < node.num_tx; ++port) {
    node.num_not_finite += dsp::zero_not_finite(node.from_node.channel(port).first(node.end));
  }
}

/// A node that only listens sends nothing that would tell of it: its link begins with the first block it is offered.
void Hub::greet(Node& node) noexcept
{
  if (node.num_tx > 0 || node.is_present || node.is_off || !may_join(node)) return;
  fill_zero(node.to_node.span());
  const ConstIqSpan silence = node.to_node.span().first(count_);
  node.is_served = node.endpoint.radio->transmit(silence, now_, Burst::goes_on).status == TxStatus::ok;
  node.is_present = node.endpoint.radio->peer() == Peer::present;
  if (node.is_served) node.num_to += count_;
}

void Hub::emulate() noexcept
{
  for (Node& node : nodes_) {
    const bool is_heard = node.is_present && node.num_tx > 0;
    for (std::size_t port = 0; port < node.num_tx; ++port) {
      const std::span<const Cf32> samples = node.from_node.channel(port);
      tx_[node.first_tx + port] = is_heard ? samples.subspan(node.begin, count_) : std::span<const Cf32>();
    }
    for (std::size_t port = 0; port < node.num_rx; ++port) {
      rx_[node.first_rx + port] = node.is_present ? node.to_node.channel(port).first(count_) : std::span<Cf32>();
    }
    if (num_steps_ % kStepsPerLevel == 0) {
      node.power = 0.0;
      for (std::size_t port = 0; is_heard && port < node.num_tx; ++port) {
        node.power += dsp::mean_power(tx_[node.first_tx + port]);
      }
    }
  }
  pass_strikes();
  emulator_->process(count_, tx_, rx_);
  for (Node& node : nodes_) {
    node.deliver_at = node.num_tx == 0 ? now_ : node.time;
    if (node.num_rx > 0 && node.is_present && !node.is_served) node.undelivered = count_;
  }
}

void Hub::pass_strikes() noexcept
{
  for (Strike& strike : strikes_) {
    std::span<const Cf32>& samples = tx_[strike.tx_port];
    samples = strike.fault.pass(samples, static_cast<std::uint64_t>(now_.value()), count_, strike_counters_);
    --strike.steps_left;
  }
  std::erase_if(strikes_, [](const Strike& strike) { return strike.steps_left == 0; });
}

/// Hands over what the node hears in this step; false: it took nothing yet.
bool Hub::deliver(Node& node) noexcept
{
  if (node.undelivered > 0) {
    const ConstIqSpan samples = node.to_node.span().first(node.undelivered);
    const TxStatus status = node.endpoint.radio->transmit(samples, node.deliver_at, Burst::goes_on).status;
    if (status == TxStatus::timeout && node.endpoint.radio->peer() == Peer::present) return false;
    if (status == TxStatus::ok) node.num_to += node.undelivered;
    if (status == TxStatus::late) ++node.num_late;
    node.undelivered = 0;
  }
  return true;
}

/// A step has worked: its samples are used up.
void Hub::advance() noexcept
{
  const SampleCount step(static_cast<std::int64_t>(count_));
  for (Node& node : nodes_) {
    if (node.begin == node.end) continue;
    node.begin += count_;
    node.time += step;
  }
  now_ += step;
  ++num_steps_;
}

Result<void> Hub::strike(const FaultConfig& fault)
{
  const auto port = emulator_->tx_port_index(fault.from, fault.from_port);
  if (!port) {
    return fail(ErrorCode::not_found, fmt::format("there is no node '{}' with a transmit port {}", fault.from, fault.from_port));
  }
  const std::size_t most = fault.kind == FaultKind::late ? 100 : 10'000;  // what is late is kept in memory
  if (fault.length < 1 || fault.length > most) {
    return fail(ErrorCode::bad_input, fmt::format("{} blocks: give 1 to {}", fault.length, most));
  }
  if (strikes_.size() >= 64) return fail(ErrorCode::busy, "64 faults are at work already");
  // A block to repeat must be heard first, so repetition strikes from the second block on.
  const SampleCount from(fault.kind == FaultKind::repeat ? static_cast<std::int64_t>(block_) : 0);
  FaultConfig now = fault;
  now.at = std::chrono::duration<double>(to_seconds(now_ + from - SampleTime(0), config_.sample_rate));
  const RandomStream stream{.seed = config_.seed + num_steps_, .index = static_cast<std::uint32_t>(*port),
                            .purpose = Purpose::fault};
  strikes_.push_back({.tx_port = *port, .fault = Fault(now, config_.sample_rate, block_, stream),
                      .steps_left = fault.length + 2});
  return {};
}

HubStatus Hub::status() const
{
  HubStatus status;
  status.now = now_;
  status.sample_rate = config_.sample_rate;
  status.step = count_;
  status.num_steps = num_steps_;
  if (waits_for_) status.waits_for = nodes_[*waits_for_].name;
  for (const Node& node : nodes_) {
    const RadioCounters counters = node.endpoint.radio->counters();
    HubNodeStatus of;
    of.name = node.name;
    of.is_present = node.is_present;
    if (node.is_present && node.power > 0.0) of.level = DbFs(power_to_decibel(node.power).value());
    of.from_node = node.num_from;
    of.to_node = node.num_to;
    of.late_blocks = node.num_late;
    of.malformed = counters.malformed;
    of.not_finite = counters.not_finite + node.num_not_finite;
    of.reconnects = counters.reconnects;
    status.nodes.push_back(std::move(of));
  }
  status.faults = emulator_->counters();
  status.faults.dropped_blocks += strike_counters_.dropped_blocks;
  status.faults.repeated_blocks += strike_counters_.repeated_blocks;
  status.faults.late_blocks += strike_counters_.late_blocks;
  status.faults.corrupted_blocks += strike_counters_.corrupted_blocks;
  return status;
}

}  // namespace ravi::air
