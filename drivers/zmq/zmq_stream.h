#pragma once
// What the radio's callers and its I/O thread share: rings of samples, the two positions on the time axis, and whether a
// peer is there. Everything here is lock-free; the only system call is a wake-up of somebody who sleeps.

#include "radio/iq.h"
#include "radio/ring.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace ravi::zmq {

/// Wakes one sleeping thread (an eventfd). Rings are not counted: one wait takes them all.
class Doorbell {
public:
  Doorbell();
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  void ring() noexcept;
  void clear() noexcept;  ///< takes rings that have happened, without waiting
  void wait_until(std::chrono::steady_clock::time_point deadline) noexcept;  ///< or until rung
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
  int descriptor_;
};

/// A peer comes and goes; each time it comes is a link, numbered from 1. The I/O thread makes it arrived and absent; the
/// radio's caller begins the stream, because only it knows what time it is.
enum class LinkPhase : std::uint64_t { absent = 0, arrived = 1, streaming = 2 };

struct LinkState {
  std::uint64_t number = 0;
  LinkPhase phase = LinkPhase::absent;
  friend bool operator==(const LinkState&, const LinkState&) = default;
};

class Link {
public:
  [[nodiscard]] LinkState load() const noexcept { return unpack(packed_.load(std::memory_order_acquire)); }
  void store(LinkState state) noexcept { packed_.store(pack(state), std::memory_order_release); }
  /// False when the state is no longer `from`.
  [[nodiscard]] bool change(LinkState from, LinkState to) noexcept
  {
    std::uint64_t expected = pack(from);
    return packed_.compare_exchange_strong(expected, pack(to), std::memory_order_acq_rel);
  }

private:
  static std::uint64_t pack(LinkState s) { return s.number << 2 | static_cast<std::uint64_t>(s.phase); }
  static LinkState unpack(std::uint64_t p) { return {p >> 2, static_cast<LinkPhase>(p & 3)}; }

  std::atomic<std::uint64_t> packed_{0};
};

/// Who says what time the first sample of a link has.
enum class LinkTime {
  counted,  ///< each end its own
  told,     ///< we tell the peer: a hub's end of a Ravi node's cable
  learned,  ///< the peer tells us: a node of a hub
};

/// Times told lie in [0, kLatestTime]: nothing that is added to them leaves 64 bits.
inline constexpr std::int64_t kLatestTime = std::int64_t{1} << 53;

/// End of what is decided of the outgoing stream: samples queued, or zeros because nobody sent any in time. It only
/// grows. `receive` raises it (rule A), `transmit` claims from it on (rules B and C), maybe in another thread: whoever
/// comes first decides, the other finds out.
class TransmitPosition {
public:
  void reset(std::int64_t position) noexcept { packed_.store(position * 2, std::memory_order_release); }
  [[nodiscard]] std::int64_t load() const noexcept { return packed_.load(std::memory_order_acquire) >> 1; }

  /// Everything before `position` is decided. Returns the position, which is `position` or later.
  std::int64_t raise_to(std::int64_t position) noexcept;

  /// Claims [begin, end) for a block, and what lies before for zeros; false when `begin` is decided already: too late.
  /// Until `finish_claim` the reader knows that a block is about to be queued.
  [[nodiscard]] bool claim(std::int64_t begin, std::int64_t end) noexcept;
  void finish_claim() noexcept { packed_.fetch_and(~std::int64_t{1}, std::memory_order_acq_rel); }

  /// The position, when all blocks claimed before it have been queued; none while one is about to be.
  [[nodiscard]] std::optional<std::int64_t> settled() const noexcept
  {
    const std::int64_t packed = packed_.load(std::memory_order_acquire);
    if ((packed & 1) != 0) return std::nullopt;
    return packed >> 1;
  }

private:
  std::atomic<std::int64_t> packed_{0};  ///< position * 2, plus 1 while a claimed block is being queued
};

/// A transmitted block: its samples lie in the ring of samples, in the same order. What lies between two blocks is zero.
struct alignas(32) QueuedBlock {
  std::uint64_t link = 0;   ///< of the link it was meant for; a later link throws it away
  std::int64_t begin = 0;   ///< time of its first sample
  std::int64_t length = 0;  ///< samples, > 0
};

struct TxLane {
  explicit TxLane(std::size_t ring_samples) : samples(ring_samples), blocks(kBlocks) {}
  static constexpr std::size_t kBlocks = 1024;
  SpscRing<Cf32> samples;
  SpscRing<QueuedBlock> blocks;
  std::atomic<float> amplitude{1.0F};
};

struct RxLane {
  explicit RxLane(std::size_t ring_samples) : samples(ring_samples) {}
  SpscRing<Cf32> samples;
  std::atomic<float> amplitude{1.0F};
};

/// Why the I/O thread sleeps although it has something to do.
enum Need : unsigned {
  kNeedsSamples = 1,  ///< a request waits for samples to send
  kNeedsRoom = 2,     ///< received samples wait for room in a ring
  kNeedsBegin = 4,    ///< a peer waits for the stream to begin
};

struct Stream {
  Stream(std::size_t num_tx, std::size_t num_rx, std::size_t ring_samples, LinkTime time);

  const LinkTime link_time;
  std::vector<std::unique_ptr<TxLane>> tx;
  std::vector<std::unique_ptr<RxLane>> rx;

  Link link;
  TransmitPosition tx_position;
  std::atomic<std::int64_t> link_start{0};  ///< time of the first sample of the link, both directions; set when it begins
  std::atomic<std::int64_t> told_time{0};   ///< by the peer, for the link that has arrived
  std::atomic<bool> is_stopping{false};

  // Waking the I/O thread. It says what it needs, looks once more, and sleeps; whoever provides it rings.
  Doorbell io_bell;
  std::atomic<unsigned> io_needs{0};
  void provide(Need need) noexcept
  {
    if ((io_needs.fetch_and(~static_cast<unsigned>(need), std::memory_order_acq_rel) & need) != 0) io_bell.ring();
  }

  // Waking callers: each says how many samples (of room) it needs on every port, looks once more, and sleeps.
  Doorbell rx_bell;
  Doorbell tx_bell;
  std::atomic<std::size_t> rx_wanted{0};
  std::atomic<std::size_t> tx_wanted{0};
  void wake_callers() noexcept;

  std::atomic<std::uint64_t> malformed{0};
  std::atomic<std::uint64_t> not_finite{0};
  std::atomic<std::uint64_t> saturated{0};
};

}  // namespace ravi::zmq
