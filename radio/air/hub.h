#pragma once
// The hub: any number of nodes, each behind a radio, joined by the emulated air on one sample clock.

#include "radio/air/air_config.h"
#include "radio/air/emulator.h"
#include "radio/air/fault.h"
#include "radio/iq.h"
#include "radio/radio.h"
#include "radio/result.h"
#include "radio/time.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ravi::air {

/// The hub's end of one node's cable. Crosswise: the radio receives what the node transmits.
struct HubEndpoint {
  /// Receives [t, t+n) before it transmits the same interval, and answers at once while the node is absent: a ZmqRadio of
  /// role `hub`, a loopback node with `Padding::by_sender`. As many receive channels as the node has transmit ports, and
  /// the other way round. Its sample rate is set; the hub starts and stops it.
  std::unique_ptr<Radio> radio;
  /// How many samples the radio would deliver without waiting, on every port.
  std::function<std::size_t()> available;
  /// Tells the radio the hub's time before each receive, so that a node that has just come joins in step. May be empty.
  std::function<void(SampleTime)> realign;
};

/// How a step ended.
enum class HubStep {
  advanced,  ///< one block has gone from everybody to everybody
  waiting,   ///< a present node has not sent its samples, or has not taken its own; step again
  idle,      ///< nobody is there; time stands still
};

struct HubNodeStatus {
  std::string name;
  bool is_present = false;
  std::optional<DbFs> level;        ///< mean power of a recent block of what it sends, all ports; none: silence or absent
  std::uint64_t from_node = 0;      ///< samples a port that came from it
  std::uint64_t to_node = 0;        ///< samples a port that went to it
  std::uint64_t late_blocks = 0;    ///< blocks that came too late for the node's own time line and were dropped
  std::uint64_t malformed = 0;
  std::uint64_t not_finite = 0;
  std::uint64_t reconnects = 0;     ///< times it came back after it had left
};

struct HubStatus {
  SampleTime now;
  SampleRate sample_rate;
  std::size_t step = 0;             ///< samples in the last step (see `Hub`)
  std::uint64_t num_steps = 0;
  std::string waits_for;            ///< node that the last step waited for; empty: none
  std::vector<HubNodeStatus> nodes;
  EmulatorCounters faults;
};

/// Each step takes one block from every node that is there, puts them through the emulator, and gives every node what it
/// hears. Absent nodes are silent; nobody waits for them. The step is as slow as the slowest node.
///
/// A node that works in shorter pieces than the hub's block (or shorter messages) can never send a whole block: it waits to
/// hear the first piece. So when a node is there but its block does not come, the hub takes from it what has come, as it
/// comes, and tries whole blocks again much later. Because the emulator does not care how time is cut, the samples are the
/// same (but for faults, which strike whatever is one step).
///
/// One thread calls everything.
class Hub {
public:
  /// `endpoints`: one a node of the configuration, in its order. Starts the radios.
  /// `emulator`: made from `config`.
  [[nodiscard]] static Result<std::unique_ptr<Hub>> create(const AirConfig& config, std::unique_ptr<Emulator> emulator,
                                                           std::vector<HubEndpoint> endpoints);
  ~Hub();

  /// One block further, if the nodes let it. Waits no longer than one radio call a node.
  [[nodiscard]] HubStep step() noexcept;

  /// Node `node` of the configuration comes back, with a time that has reached `earliest`: it joins when the air is that
  /// far, and if nobody is there the air goes on from there. That is how nodes keep their time when a hub is started anew.
  void expect(std::size_t node, SampleTime earliest) noexcept;

  /// Stops the radios. Safe to call twice.
  void stop() noexcept;

  [[nodiscard]] SampleTime now() const noexcept { return now_; }
  [[nodiscard]] HubStatus status() const;

  // -- changes, in force from the next block on -----------------------------------------------------------------------
  /// As `Emulator::apply`; a step without a time happens now.
  [[nodiscard]] Result<void> change_link(const StepConfig& step) { return emulator_->apply(step); }
  [[nodiscard]] Result<void> set_noise_floor(std::string_view node, std::optional<DbFs> level)
  {
    return emulator_->set_noise_floor(node, level);
  }
  [[nodiscard]] std::vector<LinkConfig> links() const { return emulator_->links(); }
  /// The next `fault.length` blocks of the port are hit (`late`: one block, that much later).
  [[nodiscard]] Result<void> strike(const FaultConfig& fault);

private:
  struct Node;
  struct Strike;

  Hub(const AirConfig& config, std::unique_ptr<Emulator> emulator);
  [[nodiscard]] bool deliver_leftovers() noexcept;
  [[nodiscard]] bool gather(Node& node) noexcept;
  [[nodiscard]] std::size_t wanted_from(Node& node) noexcept;
  void take(Node& node, const RxResult& result) noexcept;
  void greet(Node& node) noexcept;
  [[nodiscard]] bool may_join(const Node& node) const noexcept;
  [[nodiscard]] bool skip_to_next_node() noexcept;
  void emulate() noexcept;
  void pass_strikes() noexcept;
  [[nodiscard]] bool deliver(Node& node) noexcept;
  void advance() noexcept;

  AirConfig config_;
  std::unique_ptr<Emulator> emulator_;
  std::vector<Node> nodes_;
  std::vector<Strike> strikes_;
  EmulatorCounters strike_counters_;
  SampleTime now_{0};
  std::size_t block_ = 0;  ///< longest step, samples
  std::size_t count_ = 0;  ///< of this step
  std::uint64_t num_steps_ = 0;
  std::optional<std::size_t> waits_for_;
  std::vector<std::span<const Cf32>> tx_;  ///< views of this step, one a port
  std::vector<std::span<Cf32>> rx_;
};

}  // namespace ravi::air
