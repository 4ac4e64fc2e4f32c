#pragma once
// Measures a one-way link from a signal both ends know: a Zadoff-Chu sequence repeated for ever, its phase fixed by the
// sample time. Constant amplitude, flat spectrum over the whole sample rate, so one correlation shows the impulse
// response, and its turning from period to period the frequency offset.

#include "radio/dsp/fft.h"
#include "radio/iq.h"
#include "radio/time.h"
#include "radio/units.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace ravi::measure {

/// Samples in a period. Odd and prime, so that every root 1..kProbePeriod-1 gives a sequence, and any two of them
/// correlate by no more than 1/sqrt(period). Delays are known modulo one period, offsets within +-rate/(2 period).
inline constexpr std::size_t kProbePeriod = 1021;

/// One sequence, sent as it is and measured by whoever receives it.
class LinkProbe {
public:
  /// root: 1..kProbePeriod-1, one for each sender. level: mean power sent.
  LinkProbe(std::size_t root, DbFs level);

  /// Writes the probe's samples from time `at` on. Real time.
  void send(SampleTime at, std::span<Cf32> out) const noexcept;

  [[nodiscard]] std::span<const Cf32> period() const noexcept { return period_; }
  [[nodiscard]] DbFs level() const noexcept { return level_; }

private:
  std::vector<Cf32> period_;
  DbFs level_;
};

/// What was found in a stretch of received samples.
struct LinkEstimate {
  Decibel gain;           ///< all paths together, over the middle 80 % of the band, relative to what was sent
  double delay = 0.0;     ///< samples, of the strongest path, [0, period)
  Hertz frequency_offset;
  Decibel snr;            ///< of that to the noise a sample; what does not repeat is noise: fading within the stretch too
};

/// Estimates the link from at least three whole periods of `samples`, the first of which has time `at`. None: fewer, or
/// nothing of the probe in them (correlation peak less than 12 dB over its surroundings).
///
/// Uncertainty, white noise, M periods: delay and gain follow SNR x M x period; offset about
/// rate / (2 pi period M^1.5) x sqrt(1.5 / (SNR x period)) Hz.
[[nodiscard]] std::optional<LinkEstimate> estimate_link(const LinkProbe& probe, std::span<const Cf32> samples,
                                                        SampleTime at, SampleRate rate);

}  // namespace ravi::measure
