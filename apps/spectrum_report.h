#pragma once
// What `ravi spectrum` found, and its three forms besides the picture: JSON, table, sketch in the terminal.

#include "radio/measure/band.h"
#include "radio/measure/peaks.h"
#include "radio/measure/psd.h"
#include "radio/measure/statistics.h"
#include "radio/measure/waterfall.h"
#include "radio/units.h"

#include <nlohmann/json_fwd.hpp>

#include <complex>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ravi::apps {

/// Under what conditions the samples were taken and turned into a spectrum.
struct SpectrumConditions {
  std::string source;                ///< file or radio string, as given
  std::string description;           ///< the recording's own words, or the radio's name
  std::size_t channel = 0;
  SampleRate sample_rate;
  std::optional<Hertz> center;       ///< none: not known; frequencies are then relative
  double start_s = 0.0;              ///< of the first sample measured, in the recording
  std::uint64_t num_samples = 0;     ///< measured
  std::uint64_t num_lost = 0;        ///< gaps within
  std::uint64_t num_not_finite = 0;  ///< the source gave 0 in their place
  double overlap = 0.0;
  std::vector<std::string> remarks;  ///< what a reader of the figures must know, a sentence each
};

struct CcdfPoint {
  double probability = 0.0;
  std::optional<Decibel> over_mean;
};

struct SpectrumReport {
  SpectrumConditions conditions;
  measure::Spectrum spectrum;

  measure::Band channel;  ///< relative to the center
  DbFs channel_power;
  std::optional<measure::Band> occupied;  ///< 99 %
  Decibel x{26.0};
  std::optional<measure::XDbBandwidth> x_db;
  std::vector<measure::Peak> peaks;
  measure::NoiseFloor floor;

  DbFs mean_power;
  DbFs peak_power;
  std::optional<Decibel> crest_factor;
  std::vector<CcdfPoint> ccdf;
  std::complex<double> dc_offset;
  DbFs dc_level;
  std::optional<measure::IqImbalance> iq_imbalance;
  std::uint64_t num_full_scale = 0;
  std::uint64_t num_not_finite = 0;

  /// A frequency relative to the center as one on the air, where the center is known.
  [[nodiscard]] double on_air_hz(Hertz relative) const
  {
    return conditions.center.value_or(Hertz(0.0)).value() + relative.value();
  }
  [[nodiscard]] double duration_s() const
  {
    return static_cast<double>(conditions.num_samples) / static_cast<double>(conditions.sample_rate.hz());
  }
};

enum class PsdInJson { no, yes };

/// One document; figures that do not exist (silence, too few samples) are null.
[[nodiscard]] nlohmann::json to_json(const SpectrumReport& report, PsdInJson psd);

/// For people: the figures in columns, the peaks, the remarks.
[[nodiscard]] std::string to_table(const SpectrumReport& report);

/// The mean spectrum in `width` x `height` characters of block elements, with its axes.
[[nodiscard]] std::string to_sketch(const SpectrumReport& report, std::size_t width, std::size_t height);

/// "10 ms", "1.5 s", "267 us".
[[nodiscard]] std::string duration_text(double seconds);
/// "18.001 MHz", "33.21 kHz": for widths, four to five digits.
[[nodiscard]] std::string width_text(Hertz width);

}  // namespace ravi::apps
