#pragma once
// A node whose slot engine sends a known signal and keeps a stretch of what it hears: the smallest user of a radio.

#include "radio/measure/link_probe.h"
#include "radio/radio.h"
#include "radio/result.h"
#include "radio/slot_loop.h"
#include "radio/slot_trace.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace ravi::apps {

struct ProbeNodeConfig {
  std::string name;
  std::size_t root = 1;       ///< of the probe it sends
  DbFs level{-12.0};          ///< of what it sends
  SampleRate rate;
  std::int64_t num_slots = 0; ///< of 1 ms; the node ends after them
  std::int64_t lead = 4;      ///< slots
};

/// Runs on a thread of its own from `start_thread` to `wait`. The stretch it keeps ends well before its last slot, at the same
/// slot in every run.
class ProbeNode {
public:
  /// Whole probe periods kept for the measurement.
  static constexpr std::size_t kCapturedPeriods = 64;
  /// The shortest run, slots, that holds the stretch and its margins.
  [[nodiscard]] static std::int64_t shortest_run(SampleRate rate);

  ProbeNode(const ProbeNodeConfig& config, std::unique_ptr<Radio> radio);
  ~ProbeNode();

  /// Sets up and starts the radio: from here on the other nodes wait for this one.
  [[nodiscard]] Result<void> start_radio();
  /// Begins to exchange slots; the radio has started.
  void start_thread();
  /// Asks the node to end now.
  void stop() noexcept { stop_.store(true); }
  /// Until the node has ended.
  void wait();

  [[nodiscard]] bool has_ended() const noexcept { return has_ended_.load(); }
  [[nodiscard]] SlotLoopCounters counters() const noexcept { return loop_.counters(); }
  [[nodiscard]] RadioCounters radio_counters() const noexcept { return radio_->counters(); }
  [[nodiscard]] const measure::LinkProbe& probe() const noexcept { return engine_.probe; }
  [[nodiscard]] const std::string& name() const noexcept { return config_.name; }
  [[nodiscard]] const SlotTrace& trace() const noexcept { return trace_; }

  /// What this node heard of `sender`; after `wait`. None: nothing.
  [[nodiscard]] std::optional<measure::LinkEstimate> heard(const ProbeNode& sender) const;

private:
  struct Engine {
    measure::LinkProbe probe;
    std::int64_t first_captured_slot;
    std::int64_t last_slot;
    IqBuffer captured;
    std::size_t num_captured = 0;
    SampleTime captured_at;
    std::atomic<bool>& stop;

    SlotOutput operator()(const RxSlot& in, TxSlot& out) noexcept;
  };

  void run() noexcept;

  ProbeNodeConfig config_;
  std::unique_ptr<Radio> radio_;
  SlotTrace trace_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> has_ended_{false};
  Engine engine_;
  SlotLoop loop_;
  std::thread thread_;
};

}  // namespace ravi::apps
