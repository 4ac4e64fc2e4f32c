#include "radio/air/emulator.h"

#include "radio/air/check.h"
#include "radio/air/fault.h"
#include "radio/air/interferer.h"
#include "radio/air/interpolator.h"
#include "radio/air/kernels.h"
#include "radio/air/link.h"
#include "radio/air/port_history.h"
#include "radio/air/random.h"
#include "radio/radio.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <utility>

namespace ravi::air {
namespace {

/// Links may be given delays up to this while running, whatever delays the configuration has.
constexpr double kRuntimeDelaySeconds = 10e-3;

}  // namespace

struct Emulator::State {
  struct TxPort {
    std::vector<Fault> faults;
    PortHistory history;
    std::span<const Cf32> block;  ///< what goes out in this block, after its faults
  };

  struct RxPort {
    std::vector<std::size_t> links;  ///< that end here
    std::vector<Interferer> interferers;
    double noise_floor = 0.0;      ///< power
    float noise_amplitude = 0.0F;  ///< of the floor and the links' noise together
    RandomStream noise;
  };

  struct AirLink {
    std::size_t from = 0;  ///< transmit port
    std::size_t to = 0;    ///< receive port
    Link link;
  };

  struct PendingStep {
    std::uint64_t at = 0;
    std::size_t link = 0;
    StepConfig values;
  };

  explicit State(const AirConfig& air) : config(air) {}

  void add_links();
  void add_tx_ports();
  Result<void> add_rx_ports(const RecordingLoader& load);
  void add_step(const StepConfig& step);
  void update_noise(std::size_t rx_port) noexcept;
  void take_due_steps() noexcept;
  void process_block(std::size_t count, std::span<const std::span<const Cf32>> tx, std::span<const std::span<Cf32>> rx,
                     std::size_t offset) noexcept;
  void process_chunk(std::size_t count, std::size_t into_block, std::span<const std::span<Cf32>> rx,
                     std::size_t offset) noexcept;
  [[nodiscard]] std::size_t first_port(std::string_view node, Direction direction) const;

  AirConfig config;  ///< `links` as they stand, written out where none were given
  Interpolator interpolator;
  double max_delay_seconds = kRuntimeDelaySeconds;
  std::vector<AirLink> links;
  std::vector<TxPort> tx_ports;
  std::vector<RxPort> rx_ports;
  std::vector<PendingStep> steps;  ///< by time
  std::size_t next_step = 0;
  std::uint64_t now = 0;
  std::size_t max_block = 1;
  EmulatorCounters counters;
  LinkScratch scratch;
  std::vector<float> sum_re = std::vector<float>(kMaxChunk + kPlanePadding);
  std::vector<float> sum_im = std::vector<float>(kMaxChunk + kPlanePadding);
};

std::size_t Emulator::State::first_port(std::string_view node, Direction direction) const
{
  std::size_t port = 0;
  for (const NodeConfig& other : config.nodes) {
    if (other.name == node) return port;
    port += direction == Direction::transmit ? other.num_tx_ports : other.num_rx_ports;
  }
  return port;
}

void Emulator::State::add_links()
{
  for (const LinkConfig& link : config.links) max_delay_seconds = std::max(max_delay_seconds, link.delay.count());
  for (const StepConfig& step : config.steps) {
    if (step.delay) max_delay_seconds = std::max(max_delay_seconds, step.delay->count());
  }
  for (std::size_t i = 0; i < config.links.size(); ++i) {
    const LinkConfig& link = config.links[i];
    const RandomStream stream{.seed = config.seed, .index = static_cast<std::uint32_t>(i), .purpose = Purpose::fading};
    links.push_back({.from = first_port(link.from, Direction::transmit) + link.from_port,
                     .to = first_port(link.to, Direction::receive) + link.to_port,
                     .link = Link(link, config.sample_rate, stream, interpolator)});
  }
}

void Emulator::State::add_tx_ports()
{
  const double max_delay = max_delay_seconds * static_cast<double>(config.sample_rate.hz());
  for (const NodeConfig& node : config.nodes) {
    for (std::size_t port = 0; port < node.num_tx_ports; ++port) {
      std::size_t lookback = 0;
      std::size_t max_taps = 0;
      for (const AirLink& link : links) {
        if (link.from != tx_ports.size()) continue;
        lookback = std::max(lookback, link.link.lookback(max_delay));
        max_taps = std::max(max_taps, link.link.num_taps());
      }
      std::vector<Fault> faults;
      for (std::size_t i = 0; i < config.faults.size(); ++i) {
        const FaultConfig& fault = config.faults[i];
        if (fault.from != node.name || fault.from_port != port) continue;
        const RandomStream stream{
            .seed = config.seed, .index = static_cast<std::uint32_t>(i), .purpose = Purpose::fault};
        faults.emplace_back(fault, config.sample_rate, max_block, stream);
      }
      tx_ports.push_back(
          {.faults = std::move(faults), .history = PortHistory(lookback, kMaxChunk + max_taps), .block = {}});
    }
  }
}

Result<void> Emulator::State::add_rx_ports(const RecordingLoader& load)
{
  for (const NodeConfig& node : config.nodes) {
    for (std::size_t port = 0; port < node.num_rx_ports; ++port) {
      RxPort rx;
      rx.noise_floor = node.noise_floor ? to_power(*node.noise_floor - DbFs(0.0)) : 0.0;
      rx.noise = {.seed = config.seed, .index = static_cast<std::uint32_t>(rx_ports.size()), .purpose = Purpose::noise};
      for (std::size_t i = 0; i < links.size(); ++i) {
        if (links[i].to == rx_ports.size()) rx.links.push_back(i);
      }
      rx_ports.push_back(std::move(rx));
      update_noise(rx_ports.size() - 1);
    }
  }
  std::map<std::string, std::vector<Cf32>> recordings;
  for (const InterfererConfig& interferer : config.interferers) {
    std::vector<Cf32> recording;
    if (interferer.kind == InterfererKind::recording) {
      if (!load)
        return fail(ErrorCode::unsupported,
                    fmt::format("interferer '{}': recordings cannot be read here", interferer.file));
      if (!recordings.contains(interferer.file)) {
        Result<std::vector<Cf32>> loaded = load(interferer.file);
        if (!loaded) return tl::unexpected(loaded.error());
        const auto is_finite = [](Cf32 v) { return std::isfinite(v.real()) && std::isfinite(v.imag()); };
        if (loaded->empty() || !std::all_of(loaded->begin(), loaded->end(), is_finite)) {
          return fail(ErrorCode::bad_input,
                      fmt::format("interferer '{}': the recording is empty or holds values that are not finite",
                                  interferer.file));
        }
        recordings[interferer.file] = std::move(*loaded);
      }
      recording = recordings[interferer.file];
    }
    const std::size_t port = first_port(interferer.to, Direction::receive) + interferer.to_port;
    rx_ports[port].interferers.emplace_back(interferer, config.sample_rate, std::move(recording));
  }
  return {};
}

void Emulator::State::add_step(const StepConfig& step)
{
  const auto is_meant = [&](const LinkConfig& link) {
    return link.from == step.from && link.to == step.to && link.from_port == step.from_port &&
           link.to_port == step.to_port;
  };
  const auto link = std::find_if(config.links.begin(), config.links.end(), is_meant);
  assert(link != config.links.end());
  const PendingStep pending{.at = to_sample(step.at, config.sample_rate),
                            .link = static_cast<std::size_t>(link - config.links.begin()),
                            .values = step};
  steps.erase(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(next_step));
  next_step = 0;
  const auto later = std::upper_bound(steps.begin(), steps.end(), pending.at,
                                      [](std::uint64_t at, const PendingStep& other) { return at < other.at; });
  steps.insert(later, pending);
}

void Emulator::State::update_noise(std::size_t rx_port) noexcept
{
  RxPort& rx = rx_ports[rx_port];
  double power = rx.noise_floor;
  for (const std::size_t link : rx.links) power += links[link].link.noise_power();
  rx.noise_amplitude = static_cast<float>(std::sqrt(power));
}

void Emulator::State::take_due_steps() noexcept
{
  for (; next_step < steps.size() && steps[next_step].at <= now; ++next_step) {
    AirLink& link = links[steps[next_step].link];
    link.link.set(steps[next_step].values, now);
    update_noise(link.to);
  }
}

void Emulator::State::process_block(std::size_t count, std::span<const std::span<const Cf32>> tx,
                                    std::span<const std::span<Cf32>> rx, std::size_t offset) noexcept
{
  for (std::size_t port = 0; port < tx_ports.size(); ++port) {
    const bool is_present = port < tx.size() && tx[port].size() >= offset + count;
    std::span<const Cf32> block = is_present ? tx[port].subspan(offset, count) : std::span<const Cf32>{};
    for (Fault& fault : tx_ports[port].faults) block = fault.pass(block, now, count, counters);
    tx_ports[port].block = block;
  }
  std::size_t done = 0;
  while (done < count) {
    take_due_steps();
    std::uint64_t chunk = std::min(count - done, kMaxChunk);
    if (next_step < steps.size()) chunk = std::min(chunk, steps[next_step].at - now);
    process_chunk(chunk, done, rx, offset + done);
    done += chunk;
    now += chunk;
  }
}

void Emulator::State::process_chunk(std::size_t count, std::size_t into_block, std::span<const std::span<Cf32>> rx,
                                    std::size_t offset) noexcept
{
  for (TxPort& port : tx_ports) {
    port.history.append(port.block.empty() ? port.block : port.block.subspan(into_block, count), count);
  }
  for (std::size_t port = 0; port < rx_ports.size(); ++port) {
    if (port >= rx.size() || rx[port].size() < offset + count) continue;
    const RxPort& receiver = rx_ports[port];
    const Planes sum{sum_re.data(), sum_im.data()};
    std::fill_n(sum.re, count, 0.0F);
    std::fill_n(sum.im, count, 0.0F);
    for (const std::size_t link : receiver.links) {
      links[link].link.add(tx_ports[links[link].from].history, now, count, scratch, sum);
    }
    for (const Interferer& interferer : receiver.interferers) interferer.add(now, count, scratch, sum);
    if (receiver.noise_amplitude > 0.0F) add_noise(receiver.noise, receiver.noise_amplitude, now, count, sum);
    join(sum, rx[port].subspan(offset, count));
  }
}

Emulator::Emulator(std::unique_ptr<State> state) : state_(std::move(state)) {}
Emulator::~Emulator() = default;

Result<std::unique_ptr<Emulator>> Emulator::create(const AirConfig& config, const RecordingLoader& load)
{
  if (const std::vector<std::string> faults = faults_of(config); !faults.empty()) {
    return fail(ErrorCode::bad_input, fmt::format("{}", fmt::join(faults, "\n")));
  }
  auto state = std::make_unique<State>(config);
  state->config.links = links_of(config);
  state->max_block = std::max<std::size_t>(1, to_sample(config.block, config.sample_rate));
  state->add_links();
  state->add_tx_ports();
  if (Result<void> added = state->add_rx_ports(load); !added) return tl::unexpected(added.error());
  for (const StepConfig& step : config.steps) state->add_step(step);
  return std::unique_ptr<Emulator>(new Emulator(std::move(state)));
}

std::size_t Emulator::num_tx_ports() const noexcept { return state_->tx_ports.size(); }
std::size_t Emulator::num_rx_ports() const noexcept { return state_->rx_ports.size(); }

std::optional<std::size_t> Emulator::tx_port_index(std::string_view node, std::size_t port) const
{
  for (const NodeConfig& other : state_->config.nodes) {
    if (other.name == node && port < other.num_tx_ports) return state_->first_port(node, Direction::transmit) + port;
  }
  return std::nullopt;
}

std::optional<std::size_t> Emulator::rx_port_index(std::string_view node, std::size_t port) const
{
  for (const NodeConfig& other : state_->config.nodes) {
    if (other.name == node && port < other.num_rx_ports) return state_->first_port(node, Direction::receive) + port;
  }
  return std::nullopt;
}

std::size_t Emulator::max_block() const noexcept { return state_->max_block; }
SampleTime Emulator::now() const noexcept { return SampleTime(static_cast<std::int64_t>(state_->now)); }

void Emulator::process(std::size_t num_samples, std::span<const std::span<const Cf32>> tx,
                       std::span<const std::span<Cf32>> rx) noexcept
{
  for (std::size_t done = 0; done < num_samples; done += state_->max_block) {
    state_->process_block(std::min(state_->max_block, num_samples - done), tx, rx, done);
  }
}

void Emulator::skip_to(SampleTime time) noexcept
{
  assert(time >= now());
  for (State::TxPort& port : state_->tx_ports) port.history.skip_to(time.value());
  state_->now = static_cast<std::uint64_t>(time.value());
}

Result<void> Emulator::apply(const StepConfig& step)
{
  std::vector<std::string> faults = faults_of(step, state_->config);
  if (step.delay && step.delay->count() > state_->max_delay_seconds) {
    faults.push_back(fmt::format(
        "a delay of {} s is longer than this air was made for, {} s: give the link a longer one in the configuration",
        step.delay->count(), state_->max_delay_seconds));
  }
  if (!faults.empty()) return fail(ErrorCode::bad_input, fmt::format("{}", fmt::join(faults, "\n")));
  state_->add_step(step);
  state_->take_due_steps();
  return {};
}

Result<void> Emulator::set_noise_floor(std::string_view node, std::optional<DbFs> level)
{
  const auto found = std::find_if(state_->config.nodes.begin(), state_->config.nodes.end(),
                                  [node](const NodeConfig& other) { return other.name == node; });
  if (found == state_->config.nodes.end())
    return fail(ErrorCode::not_found, fmt::format("there is no node '{}'", node));
  if (level && !(std::abs(level->value()) <= kMaxDb)) {
    return fail(ErrorCode::bad_input,
                fmt::format("a noise floor of {} dBFS must lie between {} and {}", level->value(), -kMaxDb, kMaxDb));
  }
  found->noise_floor = level;
  const std::size_t first = state_->first_port(node, Direction::receive);
  for (std::size_t port = first; port < first + found->num_rx_ports; ++port) {
    state_->rx_ports[port].noise_floor = level ? to_power(*level - DbFs(0.0)) : 0.0;
    state_->update_noise(port);
  }
  return {};
}

std::vector<LinkConfig> Emulator::links() const
{
  std::vector<LinkConfig> configs;
  for (const State::AirLink& link : state_->links) configs.push_back(link.link.config());
  return configs;
}

EmulatorCounters Emulator::counters() const noexcept
{
  EmulatorCounters counters = state_->counters;
  for (const State::AirLink& link : state_->links) counters.slips += link.link.num_slips(state_->now);
  return counters;
}

}  // namespace ravi::air
