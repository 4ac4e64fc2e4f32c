#include "drivers/loopback/loopback.h"

#include "drivers/loopback/loopback_air.h"
#include "drivers/loopback/loopback_radio.h"

#include <fmt/format.h>

#include <map>

namespace ravi {
namespace {

constexpr std::int64_t kShortestRing = 1024;
constexpr std::int64_t kLongestRing = std::int64_t{1} << 24;
constexpr std::size_t kMaxPorts = 8;

void add_samples(std::span<const Cf32> in, std::span<Cf32> sum) noexcept
{
  for (std::size_t i = 0; i < in.size(); ++i) sum[i] += in[i];
}

}  // namespace

LoopbackAir::LoopbackAir(const LoopbackConfig& config, std::int64_t ring_length)
  : lockstep_(ring_length, config.waiting), rate_hz_(config.sample_rate.hz())
{
}

LoopbackAir::~LoopbackAir() = default;

Result<std::shared_ptr<LoopbackAir>> LoopbackAir::create(const LoopbackConfig& config,
                                                         std::unique_ptr<air::Emulator> emulator)
{
  const std::int64_t asked = config.ring.value();
  if (asked < kShortestRing || asked > kLongestRing) {
    return fail(ErrorCode::bad_input,
                fmt::format("a loopback ring has {} to {} samples, not {}", kShortestRing, kLongestRing, asked));
  }
  const auto length = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(asked)));
  std::shared_ptr<LoopbackAir> air(new LoopbackAir(config, length));
  for (const LoopbackNode& node : config.nodes) {
    if (auto added = air->add(node); !added) return tl::unexpected(added.error());
  }
  if (emulator == nullptr) return air;

  auto emulation = std::make_unique<Emulation>();
  emulation->tx.resize(emulator->num_tx_ports());
  emulation->rx.resize(emulator->num_rx_ports());
  std::size_t num_tx = 0;
  std::size_t num_rx = 0;
  for (const LoopbackNode& node : config.nodes) {
    emulation->heard.emplace_back(node.num_rx_ports, length);
    num_tx += node.num_tx_ports;
    num_rx += node.num_rx_ports;
  }
  if (num_tx != emulation->tx.size() || num_rx != emulation->rx.size()) {
    return fail(ErrorCode::bad_input,
                fmt::format("the emulator has {} transmit and {} receive ports, the loopback's nodes {} and {}",
                            emulation->tx.size(), emulation->rx.size(), num_tx, num_rx));
  }
  emulation->emulator = std::move(emulator);
  air->emulation_ = std::move(emulation);
  return air;
}

Result<void> LoopbackAir::add(const LoopbackNode& node)
{
  const std::lock_guard lock(control_mutex_);
  const std::size_t index = lockstep_.num_nodes();
  if (emulation_ != nullptr) {
    return fail(ErrorCode::unsupported, "the nodes of an emulated loopback are fixed: name them all when it is created");
  }
  if (node.name.empty()) return fail(ErrorCode::bad_input, "a loopback node needs a name");
  if (index == Lockstep::kMaxNodes) {
    return fail(ErrorCode::bad_input, fmt::format("a loopback has at most {} nodes", Lockstep::kMaxNodes));
  }
  if (node.num_tx_ports > kMaxPorts || node.num_rx_ports > kMaxPorts || node.num_tx_ports + node.num_rx_ports == 0) {
    return fail(ErrorCode::bad_input, fmt::format("loopback node '{}' needs 1 to {} ports", node.name, kMaxPorts));
  }
  for (std::size_t n = 0; n < index; ++n) {
    if (nodes_[n]->config.name == node.name) {
      return fail(ErrorCode::bad_input, fmt::format("the loopback already has a node '{}'", node.name));
    }
  }
  nodes_[index] = std::make_unique<Node>(node, lockstep_.ring_length());
  lockstep_.add({.sends = node.num_tx_ports > 0, .receives = node.num_rx_ports > 0});
  return {};
}

Result<std::unique_ptr<Radio>> LoopbackAir::join(std::string_view name)
{
  {
    const std::lock_guard lock(control_mutex_);
    for (std::size_t n = 0; n < lockstep_.num_nodes(); ++n) {
      Node& node = *nodes_[n];
      if (node.config.name != name) continue;
      if (node.is_joined) {
        return fail(ErrorCode::busy, fmt::format("loopback node '{}' is taken by another radio of this process", name));
      }
      node.is_joined = true;
      return std::make_unique<LoopbackRadio>(shared_from_this(), n);
    }
  }
  return fail(ErrorCode::not_found, fmt::format("the loopback has no node '{}'; its nodes are {}", name,
                                                fmt::join(names(), ", ")));
}

std::vector<std::string> LoopbackAir::names() const
{
  const std::lock_guard lock(control_mutex_);
  std::vector<std::string> names;
  for (std::size_t n = 0; n < lockstep_.num_nodes(); ++n) names.push_back(nodes_[n]->config.name);
  return names;
}

std::size_t LoopbackAir::available(std::string_view name) const noexcept
{
  const std::int64_t longest = lockstep_.ring_length() / 2;
  for (std::size_t n = 0; n < lockstep_.num_nodes(); ++n) {
    if (nodes_[n]->config.name != name) continue;
    const std::int64_t begin = lockstep_.received(n);
    std::int64_t end = begin + longest;
    for (std::size_t other = 0; other < lockstep_.num_nodes(); ++other) {
      if (lockstep_.takes_part(other) && nodes_[other]->config.num_tx_ports > 0 && (emulation_ || other != n)) {
        end = std::min(end, lockstep_.sent(other));
      }
    }
    return static_cast<std::size_t>(std::max<std::int64_t>(0, end - begin));
  }
  return 0;
}

bool LoopbackAir::hears_all(std::size_t receiver, std::int64_t end) noexcept
{
  if (emulation_ != nullptr) return emulate_up_to(end);
  for (std::size_t n = 0; n < lockstep_.num_nodes(); ++n) {
    if (n != receiver && !lockstep_.sent_up_to(n, end).is_known) return false;
  }
  return true;
}

bool LoopbackAir::has_room_to_send(std::int64_t end) const noexcept
{
  if (emulation_ != nullptr) return end - lockstep_.ring_length() <= emulation_->done.load();
  return lockstep_.has_room(end);
}

void LoopbackAir::mix(std::size_t receiver, std::int64_t begin, IqSpan out) noexcept
{
  const std::int64_t end = begin + static_cast<std::int64_t>(out.num_samples());
  for (std::size_t port = 0; port < out.num_channels(); ++port) {
    const std::span<Cf32> sum = out.channel(port);
    std::int64_t filled = begin;  // [begin, filled) of the sum is set, the rest not yet
    const auto take = [&](PortRings& rings, std::int64_t from, std::int64_t to) {
      for (std::int64_t at = from; at < to;) {
        if (at > filled) {
          fill_zero(sum.subspan(static_cast<std::size_t>(filled - begin), static_cast<std::size_t>(at - filled)));
          filled = at;
        }
        const std::span<const Cf32> piece = rings.at(port, at, at < filled ? std::min(to, filled) : to);
        const std::span<Cf32> target = sum.subspan(static_cast<std::size_t>(at - begin), piece.size());
        if (at < filled) {
          add_samples(piece, target);
        } else {
          copy(piece, target);
          filled += static_cast<std::int64_t>(piece.size());
        }
        at += static_cast<std::int64_t>(piece.size());
      }
    };
    if (emulation_ != nullptr) {
      take(emulation_->heard[receiver], begin, end);
    } else {
      for (std::size_t n = 0; n < lockstep_.num_nodes(); ++n) {
        if (n == receiver || nodes_[n]->sent.num_ports() <= port) continue;
        const Lockstep::Sent sent = lockstep_.sent_up_to(n, end);
        take(nodes_[n]->sent, std::max(begin, sent.begin), std::min(end, sent.end));
      }
    }
    if (filled < end) fill_zero(sum.subspan(static_cast<std::size_t>(filled - begin)));
  }
}

bool LoopbackAir::emulate_up_to(std::int64_t end) noexcept
{
  Emulation& emulation = *emulation_;
  if (emulation.done.load() >= end) return true;
  if (emulation.is_running.exchange(true)) return false;
  bool is_reached = true;
  const std::int64_t done = emulation.done.load();
  if (done < end) {
    lockstep_.claim_all(end);
    const std::int64_t target = lockstep_.sent_by_all(end);
    if (target > done && lockstep_.has_room(target)) {
      emulate(done, target);
      emulation.done.store(target);
    }
    is_reached = emulation.done.load() >= end;
  }
  emulation.is_running.store(false);
  if (emulation.done.load() > done) lockstep_.announce();
  return is_reached;
}

void LoopbackAir::emulate(std::int64_t begin, std::int64_t end) noexcept
{
  Emulation& emulation = *emulation_;
  for (std::int64_t at = begin; at < end;) {
    // A piece ends where a ring wraps and where a node begins or ceases to be heard.
    std::int64_t piece_end = std::min(end, (at / lockstep_.ring_length() + 1) * lockstep_.ring_length());
    std::size_t tx_port = 0;
    std::array<Lockstep::Sent, Lockstep::kMaxNodes> sent;
    for (std::size_t n = 0; n < lockstep_.num_nodes(); ++n) {
      sent[n] = lockstep_.sent_up_to(n, 0);
      if (sent[n].begin > at) piece_end = std::min(piece_end, sent[n].begin);
      if (sent[n].end > at) piece_end = std::min(piece_end, sent[n].end);
    }
    std::size_t rx_port = 0;
    for (std::size_t n = 0; n < lockstep_.num_nodes(); ++n) {
      const bool is_heard = sent[n].is_known && sent[n].begin <= at && sent[n].end >= piece_end;
      for (std::size_t port = 0; port < nodes_[n]->config.num_tx_ports; ++port) {
        emulation.tx[tx_port++] = is_heard ? nodes_[n]->sent.at(port, at, piece_end) : std::span<Cf32>();
      }
      for (std::size_t port = 0; port < nodes_[n]->config.num_rx_ports; ++port) {
        emulation.rx[rx_port++] =
            lockstep_.takes_part(n) ? emulation.heard[n].at(port, at, piece_end) : std::span<Cf32>();
      }
    }
    emulation.emulator->process(static_cast<std::size_t>(piece_end - at), emulation.tx, emulation.rx);
    at = piece_end;
  }
}

namespace {

struct AirRegistry {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<LoopbackAir>, std::less<>> airs;
};

AirRegistry& registry()
{
  static AirRegistry all;
  return all;
}

}  // namespace

Result<void> publish_loopback(const std::string& name, const std::shared_ptr<LoopbackAir>& air)
{
  AirRegistry& all = registry();
  const std::lock_guard lock(all.mutex);
  std::weak_ptr<LoopbackAir>& entry = all.airs[name];
  if (!entry.expired()) return fail(ErrorCode::busy, fmt::format("there is already a loopback air '{}'", name));
  entry = air;
  return {};
}

Result<std::unique_ptr<Radio>> open_loopback(const DeviceString& device)
{
  if (auto known = device.allow_only({"ports"}); !known) return tl::unexpected(known.error());
  const std::string::size_type at_sign = device.target.find('@');
  const std::string node = device.target.substr(0, at_sign);
  const std::string air_name = at_sign == std::string::npos ? "air" : device.target.substr(at_sign + 1);
  if (node.empty() || air_name.empty()) {
    return fail(ErrorCode::bad_input, fmt::format("'loopback:{}' names no node: write loopback:NODE or loopback:NODE@AIR",
                                                  device.target));
  }
  const std::string ports_text = device.get("ports").value_or("1");
  if (ports_text.size() != 1 || ports_text[0] < '1' || ports_text[0] > '8') {
    return fail(ErrorCode::bad_input, fmt::format("loopback: ports={} is not 1 to 8", ports_text));
  }
  const auto num_ports = static_cast<std::size_t>(ports_text[0] - '0');

  AirRegistry& all = registry();
  const std::lock_guard lock(all.mutex);
  std::shared_ptr<LoopbackAir> air = all.airs[air_name].lock();
  if (air == nullptr) {
    auto created = LoopbackAir::create({});
    if (!created) return tl::unexpected(created.error());
    air = *created;
    all.airs[air_name] = air;
  }
  const std::vector<std::string> names = air->names();
  if (std::find(names.begin(), names.end(), node) == names.end()) {
    const LoopbackNode added{.name = node, .num_tx_ports = num_ports, .num_rx_ports = num_ports};
    if (auto result = air->add(added); !result) return tl::unexpected(result.error());
  }
  return air->join(node);
}

}  // namespace ravi
