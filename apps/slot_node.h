#pragma once
// What every node is built on: a radio, its slot loop and a slot engine, stepped by the caller or on a thread of its own.

#include "radio/radio.h"
#include "radio/result.h"
#include "radio/slot_loop.h"
#include "radio/slot_trace.h"

#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

namespace ravi::apps {

struct SlotNodeConfig {
  SampleRate rate;
  std::int64_t slots_per_second = 1000;
  std::int64_t lead = 2;         ///< slots
  std::int64_t num_slots = 0;    ///< ends after so many of the radio's time; 0: goes on until stopped
  bool is_digested = false;      ///< keeps a digest of all samples received, for comparing runs
};

/// Engine: `SlotOutput operator()(const RxSlot&, TxSlot&) noexcept` and `void run_procedures() noexcept`, see SlotLoop. One thread
/// constructs, starts, steps or waits, and destroys;
/// `stop`, `has_ended` and the counters may be used from any.
template <class Engine>
class SlotNode {
public:
  /// `engine` outlives this.
  SlotNode(const SlotNodeConfig& config, std::unique_ptr<Radio> radio, Engine& engine)
    : config_(config),
      radio_(std::move(radio)),
      engine_(engine),
      loop_(*radio_, {.slot_length = SampleCount(config.rate.hz() / config.slots_per_second), .lead = config.lead}, trace_)
  {
  }
  ~SlotNode()
  {
    stop();
    radio_->stop();
    wait();
  }
  SlotNode(const SlotNode&) = delete;
  SlotNode& operator=(const SlotNode&) = delete;

  /// Sets the rate and starts the radio: from here on other nodes of a simulated air wait for this one.
  [[nodiscard]] Result<void> start_radio()
  {
    const auto rate = radio_->set_sample_rate(config_.rate);
    if (!rate) return tl::unexpected(rate.error());
    return radio_->start(SampleTime(0));
  }

  /// One step of the slot loop on the caller's thread.
  SlotStep step() noexcept
  {
    if (has_ended_.load()) return SlotStep::ended;
    const SlotStep step = loop_.step(*this);
    if (step == SlotStep::ended || step == SlotStep::failed || stop_.load()) end(step);
    return step;
  }
  // -- what the slot loop calls
  SlotOutput operator()(const RxSlot& in, TxSlot& out) noexcept
  {
    if (config_.is_digested) add_to_digest(in);
    if (config_.num_slots > 0 && in.index + 1 >= config_.num_slots) stop_.store(true);
    return engine_(in, out);
  }
  void run_procedures() noexcept { engine_.run_procedures(); }

  /// Steps on a thread of its own until `stop`, the last slot, or the end of the stream.
  void start_thread()
  {
    thread_ = std::thread([this] {
      while (!has_ended_.load()) step();
    });
  }
  /// Asks the node to end after the slot at hand.
  void stop() noexcept { stop_.store(true); }
  void wait()
  {
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] bool has_ended() const noexcept { return has_ended_.load(); }
  /// The radio was lost.
  [[nodiscard]] bool has_failed() const noexcept { return has_failed_.load(); }
  [[nodiscard]] SlotLoopCounters counters() const noexcept { return loop_.counters(); }
  [[nodiscard]] RadioCounters radio_counters() const noexcept { return radio_->counters(); }
  [[nodiscard]] const SlotTrace& trace() const noexcept { return trace_; }
  /// Of the samples received; after the end.
  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_; }

private:
  void add_to_digest(const RxSlot& in) noexcept
  {
    for (const Cf32 sample : in.samples.channel(0)) {
      const std::uint64_t bits = std::uint64_t{std::bit_cast<std::uint32_t>(sample.real())} << 32U |
                                 std::bit_cast<std::uint32_t>(sample.imag());
      digest_ = (digest_ ^ bits) * 0x100000001B3U;
      digest_ ^= digest_ >> 29U;
    }
  }
  void end(SlotStep step) noexcept
  {
    radio_->stop();
    has_failed_.store(step == SlotStep::failed);
    has_ended_.store(true);
  }

  SlotNodeConfig config_;
  std::unique_ptr<Radio> radio_;
  Engine& engine_;
  SlotTrace trace_;
  SlotLoop loop_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> has_ended_{false};
  std::atomic<bool> has_failed_{false};
  std::uint64_t digest_ = 0xCBF29CE484222325U;
  std::thread thread_;
};

}  // namespace ravi::apps
