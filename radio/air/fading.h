#pragma once
// The taps of a fading channel: where they are and how they move.

#include "radio/air/air_config.h"
#include "radio/air/kernels.h"
#include "radio/air/phase.h"
#include "radio/air/random.h"
#include "radio/iq.h"
#include "radio/units.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::air {

/// Tap gains as functions of time: each the sum of `kNumTones` tones of equal power at Doppler shifts fd cos(a), the
/// angles a spread evenly around the circle from a random start, with random phases. That has the classic (Jakes)
/// spectrum of TS 38.901 §7.7.2 and autocorrelation J0(2 pi fd tau) up to fd tau of about 4, and is nearly Rayleigh
/// (kurtosis 2 - 1/32). A line-of-sight path is one tone at 0.7 fd. The mean power of all taps together is 1.
class Fading {
public:
  static constexpr std::size_t kNumTones = 32;

  /// config.profile other than `none`.
  Fading(const FadingConfig& config, SampleRate rate, const RandomStream& stream);

  [[nodiscard]] std::size_t num_taps() const noexcept { return delays_.size(); }
  /// Delay of each tap, samples.
  [[nodiscard]] std::span<const double> delays() const noexcept { return delays_; }
  [[nodiscard]] double max_delay() const noexcept;

  /// Gain of each tap at a sample. Real time; the same at a given time whatever was asked before.
  void gains(std::uint64_t at, std::span<Cf32> out) noexcept;

private:
  std::vector<double> delays_;
  std::vector<float> amplitudes_;         ///< of one tone of each tap
  std::size_t stride_ = 0;                ///< num_taps up to a multiple of 16
  std::vector<std::uint64_t> start_;      ///< [tone][tap] phases at time 0, 2^64 a turn
  std::vector<std::uint64_t> increment_;  ///< [tone][tap] a sample
  std::vector<Phase> phases_;             ///< [tone][tap]
  std::vector<float> sum_re_;
  std::vector<float> sum_im_;
  float los_amplitude_ = 0.0F;  ///< 0: no line of sight
  std::uint64_t los_start_ = 0;
  std::uint64_t los_increment_ = 0;
};

}  // namespace ravi::air
