#pragma once
// What one transmit port has sent: a ring of planar samples that every link from the port reads at its own delay.

#include "radio/air/kernels.h"
#include "radio/iq.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::air {

/// Before time 0 the port sent zeros.
class PortHistory {
public:
  /// `lookback`: how far back a window may begin; `max_window`: its greatest length (both in samples).
  PortHistory(std::size_t lookback, std::size_t max_window);

  /// Appends samples; an empty span is `count` zeros. count <= max_window. Real time.
  void append(std::span<const Cf32> samples, std::size_t count) noexcept;

  /// Forgets everything: before `time`, which is not before the end, the port sent zeros.
  void skip_to(std::int64_t time) noexcept;

  /// Samples from time `begin` on, contiguous for `max_window` (and the kernels' padding); those not yet appended are
  /// meaningless.
  [[nodiscard]] ConstPlanes window(std::int64_t begin) const noexcept;

  /// True where no sample at or after `begin` came from a transmitter.
  [[nodiscard]] bool is_silent_since(std::int64_t begin) const noexcept { return heard_until_ <= begin; }

private:
  void write(std::span<const Cf32> samples, std::size_t position, std::size_t count) noexcept;

  std::size_t size_;    ///< of the ring
  std::size_t mirror_;  ///< samples of its beginning that stand again behind its end, so that windows are contiguous
  std::vector<float> re_;
  std::vector<float> im_;
  std::int64_t end_ = 0;          ///< time of the next sample
  std::int64_t heard_until_ = 0;  ///< end of the last samples that were not absent
};

}  // namespace ravi::air
