#pragma once
// Signals that are nobody's: a tone, a chirp, a recording played in a loop.

#include "radio/air/air_config.h"
#include "radio/air/kernels.h"
#include "radio/air/link.h"
#include "radio/iq.h"
#include "radio/units.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ravi::air {

class Interferer {
public:
  /// `recording`: its samples at the air's rate, for that kind only. The configuration has been checked.
  Interferer(const InterfererConfig& config, SampleRate rate, std::vector<Cf32> recording);

  /// Adds its part of [begin, begin + count), count <= kMaxChunk. Real time.
  void add(std::uint64_t begin, std::size_t count, LinkScratch& scratch, Planes sum) const noexcept;

private:
  void fill_chirp(std::uint64_t since, std::size_t count, Phase* phases) const noexcept;
  void add_recording(std::uint64_t since, std::size_t count, LinkScratch& scratch, Planes sum) const noexcept;

  InterfererKind kind_;
  float amplitude_;
  std::uint64_t start_;
  std::uint64_t stop_;
  std::uint64_t increment_;         ///< phase a sample at the start, 2^64 a turn
  std::uint64_t sweep_length_ = 0;  ///< chirp: samples
  std::uint64_t sweep_step_ = 0;    ///< chirp: what the increment grows by a sample
  std::vector<Cf32> recording_;
};

}  // namespace ravi::air
