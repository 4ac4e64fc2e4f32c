#pragma once
// Figures of the samples themselves, over time: power, crest factor, CCDF, DC offset, IQ imbalance, full-scale count.

#include "radio/iq.h"
#include "radio/units.h"

#include <complex>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ravi::measure {

/// Receiver model: I = Re s, Q = gain x (Im s cos(phase) + Re s sin(phase)) for the undisturbed signal s.
struct IqImbalance {
  Decibel gain;             ///< Q over I
  double phase_deg = 0.0;   ///< from quadrature
  Decibel image_rejection;  ///< power of the signal over that of its mirror image
  Decibel limit;            ///< chance alone makes a perfect receiver seem worse than this once in 500 times
  /// False: no imbalance can be told from chance; the rejection is better than about `limit`.
  [[nodiscard]] bool is_resolved() const { return image_rejection < limit; }
};

/// Collects block by block. `add` is real time; the rest may be called at any time. One thread at a time.
/// Samples with a NaN or infinite component are left out and counted.
class SampleStatistics {
public:
  /// A component at or over this counts as full scale: a 12-bit converter's last step (2047 / 2048) and all above.
  static constexpr float kFullScale = 0.9995F;

  SampleStatistics();
  void add(std::span<const Cf32> samples) noexcept;

  [[nodiscard]] std::uint64_t num_samples() const noexcept { return num_samples_; }
  [[nodiscard]] std::uint64_t num_not_finite() const noexcept { return num_not_finite_; }
  /// Samples of which I or Q is at full scale. Converters clip there; a float recording need not have clipped.
  [[nodiscard]] std::uint64_t num_full_scale() const noexcept { return num_full_scale_; }

  [[nodiscard]] DbFs mean_power() const;  ///< mean of |x|^2; -infinity when silent or empty
  [[nodiscard]] DbFs peak_power() const;  ///< largest |x|^2
  /// Peak over mean power. Grows with observation time for noise-like signals: compare the CCDF instead. None: silent.
  [[nodiscard]] std::optional<Decibel> crest_factor() const;
  /// Power over the mean that is exceeded with `probability` (PAPR on the CCDF); resolved to 0.07 dB. None when fewer than
  /// ten samples lie above it, or the level there is silence. 0 < probability < 1.
  [[nodiscard]] std::optional<Decibel> exceeded_with(double probability) const;

  /// Mean of the samples, full scale 1. A signal's own component at the center frequency counts in; noise leaves a
  /// standard deviation of sqrt(power / samples).
  [[nodiscard]] std::complex<double> dc_offset() const;
  [[nodiscard]] DbFs dc_level() const;

  /// Blind estimate from second-order statistics, DC removed: a signal whose I and Q are alike and independent
  /// (E[x^2] = 0: OFDM, QAM, PSK from 4 points up, noise, any tone off the center) leaves exactly the imbalance. Not
  /// valid for real-valued modulation (BPSK, AM, pulses), for signals symmetric about the center frequency, or below
  /// `limit`. Noise pulls both errors toward zero by S / (S + N) only if it entered after the mixer.
  /// occupied_fraction: occupied bandwidth over sample rate, 0..1: how many of the samples are independent. Bursts,
  /// whose few strong samples weigh most, are accounted for by the fourth moment.
  /// None: silent, or I or Q alone is.
  [[nodiscard]] std::optional<IqImbalance> iq_imbalance(double occupied_fraction = 1.0) const;

private:
  static constexpr std::size_t kChunk = 256;

  bool add_chunk(std::span<const Cf32, kChunk> samples) noexcept;  ///< false: not finite, nothing was added
  void add_each(std::span<const Cf32> samples) noexcept;
  [[nodiscard]] double mean_square() const;

  std::uint64_t num_samples_ = 0;
  std::uint64_t num_not_finite_ = 0;
  std::uint64_t num_full_scale_ = 0;
  double sum_i_ = 0.0;
  double sum_q_ = 0.0;
  double sum_ii_ = 0.0;
  double sum_qq_ = 0.0;
  double sum_iq_ = 0.0;
  double sum_fourth_ = 0.0;  ///< of |x|^4
  float peak_ = 0.0F;
  std::vector<std::uint64_t> histogram_;  ///< of |x|^2, 64 cells an octave: the float's exponent and first 6 bits
};

}  // namespace ravi::measure
