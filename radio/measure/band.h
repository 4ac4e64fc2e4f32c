#pragma once
// What a band holds and how wide a signal is, read from an averaged spectrum.

#include "radio/measure/psd.h"
#include "radio/units.h"

#include <optional>

namespace ravi::measure {

/// Mean power within `band`, linear, full scale 1. Bins cut by an edge count by the part inside; the band is clipped to
/// the span. Resolution: the window smears an edge over about one resolution bandwidth.
[[nodiscard]] double band_power(const Spectrum& spectrum, const Band& band);

/// The same in dBFS; -infinity when silent or outside the span. With a level-calibrated spectrum exact to the statistics
/// of the signal (relative standard deviation of noise: 1 / sqrt(band width x observation time)).
[[nodiscard]] DbFs channel_power(const Spectrum& spectrum, const Band& band);

/// The band that leaves (1 - fraction) / 2 of the mean power below and as much above it (ITU-R SM.328: occupied
/// bandwidth, fraction 0.99), edges interpolated within bins. Noise in the span counts as power, so the figure grows
/// where the signal stands less than about 30 dB over the floor. None when silent. 0 < fraction < 1.
[[nodiscard]] std::optional<Band> occupied_bandwidth(const Spectrum& spectrum, double fraction = 0.99);

struct XDbBandwidth {
  Band band;
  bool reaches_span_edge = false;  ///< no crossing on one side: the true bandwidth may be wider
};

/// The band beyond whose edges every bin of the mean lies at least `x` below the strongest one (ITU-R SM.328: x-dB
/// bandwidth, commonly 26 dB), edges interpolated in dB between bins. A noise floor less than x below the peak fills the
/// span. With noise-like signals and few averages the strongest bin reads high by some 4.3 / sqrt(effective averages) dB
/// times two or three, and the band comes out narrow. None when silent. x > 0.
[[nodiscard]] std::optional<XDbBandwidth> x_db_bandwidth(const Spectrum& spectrum, Decibel x);

struct NoiseFloor {
  double dbfs_per_hz = 0.0;  ///< density, dB over full scale in 1 Hz; -infinity when a fifth of the span is silent
  Decibel uncertainty;       ///< standard deviation from averaging alone
};

/// Estimate of the noise density: the level that a fifth of the bins of the mean stays below, corrected by what
/// averaged white noise would show there (gamma distribution, Wilson-Hilferty), so unbiased when all of the span is
/// noise. Reads too low where filters take away more than a tenth of the span, too high where less than two fifths are
/// free of signals.
[[nodiscard]] NoiseFloor noise_floor(const Spectrum& spectrum);

/// Median of the bins of the mean, linear.
[[nodiscard]] double median_bin(const Spectrum& spectrum);

}  // namespace ravi::measure
