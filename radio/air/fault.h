#pragma once
// Disturbances of whole blocks on the way from a node to the air: what a broken fronthaul does.

#include "radio/air/air_config.h"
#include "radio/air/emulator.h"
#include "radio/air/random.h"
#include "radio/iq.h"
#include "radio/units.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace ravi::air {

/// drop     the block is silence
/// repeat   the block is the last good one once more (its beginning, or with silence behind it, where lengths differ)
/// late     the block is silence, and comes `length` blocks later in the place of the one then due, which is lost
/// corrupt  a random stretch of the block is uniform noise of up to full scale
class Fault {
public:
  /// Blocks have at most `max_block` samples. The configuration has been checked.
  Fault(const FaultConfig& config, SampleRate rate, std::size_t max_block, const RandomStream& stream);

  /// What becomes of a port's next block of `count` samples from `begin` on; `in` may be empty (absent). The result is
  /// `in`, empty, or lives in the fault until its next block. Real time.
  [[nodiscard]] std::span<const Cf32> pass(std::span<const Cf32> in, std::uint64_t begin, std::size_t count,
                                           EmulatorCounters& counters) noexcept;

private:
  /// A block put aside.
  struct Held {
    std::vector<Cf32> samples;
    std::size_t size = 0;
    bool is_held = false;
  };

  [[nodiscard]] bool strikes(std::uint64_t begin, std::size_t count) noexcept;
  static void hold(std::span<const Cf32> in, Held& held) noexcept;
  [[nodiscard]] std::span<const Cf32> release(const Held& held, std::size_t count) noexcept;
  [[nodiscard]] std::span<const Cf32> delay(std::span<const Cf32> in, std::size_t count, bool is_struck,
                                            EmulatorCounters& counters) noexcept;
  [[nodiscard]] std::span<const Cf32> corrupt(std::span<const Cf32> in, std::size_t count) noexcept;

  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  FaultConfig config_;
  RandomStream stream_;
  std::uint64_t at_ = kNever;
  std::uint64_t block_ = 0;    ///< number of this block
  std::size_t remaining_ = 0;  ///< blocks of the present strike still to come
  std::vector<Held> held_;     ///< repeat: the last good block; late: one a block of delay
  std::vector<Cf32> out_;
};

}  // namespace ravi::air
