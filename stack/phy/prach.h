#pragma once
// PRACH: the preambles of one random-access occasion, sent and found. TS 38.211 §5.3.2, §6.3.3.

#include "radio/dsp/fft.h"
#include "radio/iq.h"
#include "radio/time.h"
#include "radio/units.h"
#include "stack/nr/phy_mac.h"

#include <cstddef>
#include <span>
#include <vector>

namespace ravi::phy {

using PrachPreambles = nr::FixedList<nr::PrachPreamble, 64>;

/// Everything about one occasion that does not change from frame to frame. Making it allocates and plans FFTs; `encode` and
/// `detect` are real time. One thread at a time.
class Prach {
public:
  /// `uplink`: 15 or 30 kHz. `rate`: one at which the occasion's times are whole samples (every multiple of 1.92 MS/s is).
  Prach(const nr::PrachPdu& occasion, const nr::Carrier& uplink, SampleRate rate);

  /// From the first sample of the slot the occasion begins in to the first of its cyclic prefix.
  [[nodiscard]] SampleCount begin() const noexcept { return begin_; }
  /// Cyclic prefix and sequence parts, without the guard time. Long formats may last longer than a slot.
  [[nodiscard]] std::size_t num_samples() const noexcept { return num_cp_ + num_repetitions_ * num_dft_; }

  /// The preamble's `num_samples()` samples, added to nothing: `out` is overwritten. Mean power `amplitude` squared.
  /// preamble: 0..63.
  void encode(unsigned preamble, float amplitude, std::span<Cf32> out) noexcept;

  /// Every preamble in `num_samples()` samples from `begin()` on. The detector is ours: each root's power-delay profile
  /// over the mean power of all its bins, against a threshold that lets noise through once in some 10,000 occasions; so no
  /// level is assumed, and silence finds nothing.
  void detect(std::span<const Cf32> in, PrachPreambles& out) noexcept;

private:
  /// One root sequence and the preambles that are its cyclic shifts.
  struct Root {
    std::vector<Cf32> spectrum;  ///< y_{u,0}(n): DFT of x_u, TS 38.211 §6.3.3.1
    unsigned first_preamble = 0;
    unsigned num_preambles = 0;
  };

  void make_roots();
  void receive_spectrum(std::span<const Cf32> in) noexcept;
  void find_in_profile(const Root& root, float mean_power, PrachPreambles& out) const noexcept;

  nr::PrachPdu occasion_;
  unsigned length_ = 839;           ///< L_RA
  double profile_step_us_ = 0.0;    ///< of one bin of the power-delay profile
  std::size_t num_dft_ = 0;         ///< samples in one sequence part
  std::size_t num_repetitions_ = 1;
  std::size_t num_cp_ = 0;
  SampleCount begin_{};
  std::int64_t first_bin_ = 0;      ///< DFT bin of sequence element 0, may be negative
  std::vector<Root> roots_;
  dsp::Fft to_bins_;
  dsp::Fft to_time_;
  dsp::Fft to_profile_;
  std::vector<Cf32> samples_;       ///< [num_dft_]
  std::vector<Cf32> spectrum_;      ///< [length_]: what was received
  std::vector<Cf32> correlation_;   ///< [profile size]
  std::vector<float> profile_;      ///< [profile size]: power
};

}  // namespace ravi::phy
