#pragma once
// A part of a wide stretch of samples, moved to 0 Hz at a lower (or higher) rate: one FFT of the whole, then a small inverse FFT
// for each part. For cell search, which looks at many frequencies of one stretch.

#include "radio/iq.h"
#include "radio/result.h"
#include "radio/time.h"
#include "radio/units.h"

#include <cstddef>
#include <span>
#include <vector>

namespace ravi::phy {

/// The spectrum of a stretch of samples. Allocates; not for the slot path.
class SubBand {
public:
  /// Rates that parts may have are multiples of this.
  static constexpr SampleRate kRateStep{960'000};

  /// `unsupported`: a rate that has too little in common with kRateStep. `bad_input`: no samples.
  [[nodiscard]] static Result<SubBand> make(std::span<const Cf32> samples, SampleRate rate);

  [[nodiscard]] SampleRate rate() const noexcept { return rate_; }
  [[nodiscard]] std::size_t num_samples() const noexcept { return num_samples_; }  ///< of the stretch

  /// The part around `center` (relative to the stretch's own 0 Hz), passing +-`half_width`; beyond it falls off where it does no
  /// harm to what is passed. out_rate: a multiple of kRateStep, at least twice half_width. Output m is the stretch at the time
  /// of its sample m rate() / out_rate, without delay, times exp(-j 2 pi center t).
  [[nodiscard]] std::vector<Cf32> extract(Hertz center, Hertz half_width, SampleRate out_rate) const;

private:
  SubBand() = default;

  SampleRate rate_;
  std::size_t num_samples_ = 0;
  std::vector<Cf32> spectrum_;
};

}  // namespace ravi::phy
