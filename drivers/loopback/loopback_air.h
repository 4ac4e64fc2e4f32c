#pragma once
// Inside of `LoopbackAir`: the sample rings. Only for the sources of this folder.

#include "drivers/loopback/loopback.h"

#include <algorithm>
#include <bit>

namespace ravi {

/// Rings of one node's ports of one direction, indexed by position modulo their length (a power of two).
class PortRings {
public:
  PortRings(std::size_t num_ports, std::int64_t length)
    : samples_(num_ports, static_cast<std::size_t>(length)), mask_(static_cast<std::size_t>(length) - 1)
  {
  }

  [[nodiscard]] std::size_t num_ports() const noexcept { return samples_.num_channels(); }

  /// Memory of [begin, end) up to where the ring wraps.
  [[nodiscard]] std::span<Cf32> at(std::size_t port, std::int64_t begin, std::int64_t end) noexcept
  {
    const std::size_t offset = static_cast<std::size_t>(begin) & mask_;
    const std::size_t count = std::min(static_cast<std::size_t>(end - begin), mask_ + 1 - offset);
    return samples_.channel(port).subspan(offset, count);
  }

private:
  IqBuffer samples_;
  std::size_t mask_;
};

struct LoopbackAir::Node {
  Node(const LoopbackNode& node_config, std::int64_t ring_length)
    : config(node_config), sent(node_config.num_tx_ports, ring_length)
  {
  }

  LoopbackNode config;
  PortRings sent;
  bool is_joined = false;  ///< guarded by control_mutex_
};

struct LoopbackAir::Emulation {
  std::unique_ptr<air::Emulator> emulator;
  std::vector<PortRings> heard;           ///< one a node
  std::vector<std::span<const Cf32>> tx;  ///< working memory of `emulate`, one a port
  std::vector<std::span<Cf32>> rx;
  std::atomic<std::int64_t> done{0};      ///< end of what has been emulated
  std::atomic<bool> is_running{false};    ///< one thread at a time emulates
};

}  // namespace ravi
