#pragma once
// The emulated air: what each receive port hears of what all transmit ports send. Signal processing only; the hub
// (`hub.h`) and `drivers/loopback` carry the samples to it and away.

#include "radio/air/air_config.h"
#include "radio/iq.h"
#include "radio/result.h"
#include "radio/time.h"
#include "radio/units.h"

#include <chrono>
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

/// Returns the samples of an interferer's recording at the air's sample rate. Called by `Emulator::create`, once a
/// file.
using RecordingLoader = std::function<Result<std::vector<Cf32>>(const std::string& file)>;

/// A link whose delay is not a whole number of samples, or which fades or drifts, goes through an interpolator. When
/// its delay is less than this many samples, this much is added to it.
inline constexpr std::size_t kFractionalLatency = 16;

/// The longest delay a link may have. While running it may be given up to 10 ms, or the longest of the configuration's
/// links and steps where that is more.
inline constexpr std::chrono::duration<double> kMaxDelay{1.0};

struct EmulatorCounters {
  std::uint64_t dropped_blocks = 0;  ///< faults that struck, in blocks
  std::uint64_t repeated_blocks = 0;
  std::uint64_t late_blocks = 0;
  std::uint64_t corrupted_blocks = 0;
  std::uint64_t slips = 0;  ///< a drifting link's delay ran into its bound and jumped back (README.md)
};

/// Ports are numbered flat, in the order of the configuration's nodes: node 0 port 0, node 0 port 1, node 1 port 0, ...
/// One thread calls everything. The output depends on the configuration, the changes made and the samples put in, not
/// on how time is cut into blocks (faults excepted: they strike blocks), nor on the CPU: same seed, same bits.
class Emulator {
public:
  /// Refuses (`bad_input`) with every fault of the configuration in one message, one a line.
  [[nodiscard]] static Result<std::unique_ptr<Emulator>> create(const AirConfig& config,
                                                                const RecordingLoader& load = {});
  ~Emulator();
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  [[nodiscard]] std::size_t num_tx_ports() const noexcept;
  [[nodiscard]] std::size_t num_rx_ports() const noexcept;
  [[nodiscard]] std::optional<std::size_t> tx_port_index(std::string_view node, std::size_t port) const;
  [[nodiscard]] std::optional<std::size_t> rx_port_index(std::string_view node, std::size_t port) const;

  /// The block of the configuration in samples, at least 1. A longer call counts as several blocks.
  [[nodiscard]] std::size_t max_block() const noexcept;
  /// Time of the next sample; begins at 0.
  [[nodiscard]] SampleTime now() const noexcept;

  /// Advances by `num_samples`. `tx` has one span a transmit port, `rx` one a receive port, each `num_samples` long, or
  /// empty: nobody there (silence goes in; nothing need come out). Input must be finite. Real time.
  void process(std::size_t num_samples, std::span<const std::span<const Cf32>> tx,
               std::span<const std::span<Cf32>> rx) noexcept;

  /// Goes on at a later time, as if nobody had been there in between. Between two calls of `process`.
  void skip_to(SampleTime time) noexcept;

  /// Changes a link at `step.at`, exactly to the sample, or at once where that is past. Between two calls of `process`.
  [[nodiscard]] Result<void> apply(const StepConfig& step);
  /// Changes the noise of all of a node's receive ports at once; none: noiseless (but for the links' own SNR).
  [[nodiscard]] Result<void> set_noise_floor(std::string_view node, std::optional<DbFs> level);

  /// Every link with its values of this moment.
  [[nodiscard]] std::vector<LinkConfig> links() const;
  [[nodiscard]] EmulatorCounters counters() const noexcept;

private:
  struct State;
  explicit Emulator(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ravi::air
