#pragma once
// The list of peaks in an averaged spectrum.

#include "radio/measure/psd.h"
#include "radio/units.h"

#include <cstddef>
#include <vector>

namespace ravi::measure {

struct PeakOptions {
  Decibel threshold{10.0};   ///< over the median bin; raised where few averages let noise alone reach it
  /// Over the higher of the two valleys beside it; four standard deviations of the bin are added, as its number of
  /// averages leaves them where the power comes in bursts (mean far below maximum).
  Decibel prominence{6.0};
  std::size_t max_peaks = 10;
};

/// Frequency and level are those of the single tone that would show the same three bins under the spectrum's window:
/// exact for a tone without noise, whatever its place between bins (frequency within 0.001 bin, level within 0.01 dB
/// where other signals stay 60 dB below it and 6 bins away). With noise the standard deviation of the frequency is about
/// 0.5 bin / sqrt(SNR in the bin x averages).
struct Peak {
  Hertz frequency;      ///< relative to the center frequency
  DbFs level;           ///< power of the tone
  Decibel prominence;   ///< how far one must go down from it to reach higher ground
  Decibel above_median;
};

/// Strongest first. Not listed: the bins at the two ends of the span, and what the window's side lobes of a stronger
/// peak explain.
[[nodiscard]] std::vector<Peak> find_peaks(const Spectrum& spectrum, const PeakOptions& options = {});

}  // namespace ravi::measure
