#pragma once
// Shifting a stream in frequency.

#include "radio/iq.h"
#include "radio/units.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ravi::dsp {

/// Multiplies a stream by exp(j 2 pi f n / rate). Phase is kept as a 64-bit fraction of a turn, so it neither jumps
/// between blocks nor drifts over hours; the bits do not depend on how the stream is cut into blocks.
class FrequencyShift {
public:
  FrequencyShift(Hertz shift, SampleRate rate) noexcept;

  /// Changes the frequency from the next sample on, without a jump of phase. Real time, about as long as 1000 samples.
  void set_shift(Hertz shift) noexcept;

  /// In and out have the same length; out may be in. Real time.
  void process(std::span<const Cf32> in, std::span<Cf32> out) noexcept;

  /// Lets the phase run on over samples that were lost.
  void skip(std::uint64_t num_samples) noexcept;

private:
  static constexpr std::size_t kBlock = 256;

  /// Samples run in blocks from an exact phase: block_start_ * rotation_[k].
  void start_block() noexcept;

  double rate_hz_;
  std::uint64_t step_ = 0;   ///< turns a sample, times 2^64
  std::uint64_t phase_ = 0;  ///< turns at the next sample, times 2^64
  Cf32 block_start_;
  std::size_t position_ = 0;                 ///< of the next sample in its block
  std::array<Cf32, kBlock> rotation_{};      ///< of each sample in the block from its start
  std::array<Cf32, kBlock> oscillator_{};    ///< working memory
};

}  // namespace ravi::dsp
