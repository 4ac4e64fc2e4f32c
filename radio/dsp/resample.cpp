#include "radio/dsp/resample.h"

#include "radio/dsp/arithmetic.h"
#include "radio/dsp/filter.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

namespace ravi::dsp {
namespace {

/// Ratios with more phases interpolate between this many: linear interpolation then errs by (2 pi 0.5 / 256)^2 / 8, or
/// -95 dB, at the very edge of the band.
constexpr std::size_t kMaxPhases = 256;

/// Whole vectors of taps for the widest instruction set.
constexpr std::size_t kTapMultiple = 8;

std::uint64_t lowest_terms(SampleRate rate, SampleRate other)
{
  assert(rate.hz() > 0 && other.hz() > 0);
  return static_cast<std::uint64_t>(rate.hz() / std::gcd(rate.hz(), other.hz()));
}

/// The low-pass of all phases; frequencies in cycles an input sample.
struct Prototype {
  double cutoff = 0.0;
  double beta = 0.0;
  std::size_t num_taps = 0;

  /// Taps for an output `fraction` of a sample after the window's middle (tap num_taps / 2 - 1), with gain 1 at 0 Hz.
  [[nodiscard]] std::vector<double> taps(double fraction) const
  {
    std::vector<double> out;
    for (std::size_t k = 0; k < num_taps; ++k) {
      const double half = static_cast<double>(num_taps) / 2.0;
      const double t = static_cast<double>(k) - (half - 1.0) - fraction;
      const double angle = 2.0 * std::numbers::pi * cutoff * t;
      const double sinc = t == 0.0 ? 1.0 : std::sin(angle) / angle;
      out.push_back(sinc * kaiser_window(beta, t / half));
    }
    const double sum = std::accumulate(out.begin(), out.end(), 0.0);
    for (double& tap : out) tap /= sum;
    return out;
  }
};

Prototype design(const Resampler::Config& config)
{
  assert(0.0 < config.passband && config.passband < 0.5);
  const double ratio = config.out_rate.bandwidth().value() / config.in_rate.bandwidth().value();
  const double lower = std::min(1.0, ratio);
  const KaiserDesign kaiser = design_kaiser(config.rejection, (0.5 - config.passband) * lower);
  return {.cutoff = (config.passband + 0.5) / 2.0 * lower,
          .beta = kaiser.beta,
          .num_taps = (kaiser.num_taps + kTapMultiple - 1) / kTapMultiple * kTapMultiple};
}

}  // namespace

Resampler::Resampler(const Config& config)
  : numerator_(lowest_terms(config.in_rate, config.out_rate)),
    denominator_(lowest_terms(config.out_rate, config.in_rate)),
    is_exact_(denominator_ <= kMaxPhases),
    num_phases_(is_exact_ ? static_cast<std::size_t>(denominator_) : kMaxPhases),
    bank_(num_phases_ + 1, 2 * design(config).num_taps),
    window_(design(config).num_taps)
{
  const Prototype prototype = design(config);
  for (std::size_t phase = 0; phase <= num_phases_; ++phase) {
    const auto taps = prototype.taps(static_cast<double>(phase) / static_cast<double>(num_phases_));
    const std::span<float> row = bank_.channel(phase);
    for (std::size_t k = 0; k < taps.size(); ++k) row[2 * k] = row[2 * k + 1] = static_cast<float>(taps[k]);
  }
}

Cf32 Resampler::interpolate() const noexcept
{
  const std::span<const Cf32> samples = window_.windows(1);
  if (is_exact_) return dot_repeated(samples, bank_.channel(static_cast<std::size_t>(phase_)));
  const double phases_per_unit = static_cast<double>(num_phases_) / static_cast<double>(denominator_);
  const double position = static_cast<double>(phase_) * phases_per_unit;
  const std::size_t row = std::min(static_cast<std::size_t>(position), num_phases_ - 1);
  const auto fraction = static_cast<float>(position - static_cast<double>(row));
  return dot_repeated(samples, bank_.channel(row), bank_.channel(row + 1), fraction);
}

Progress Resampler::process(std::span<const Cf32> in, std::span<Cf32> out) noexcept
{
  const std::uint64_t whole_step = numerator_ / denominator_;
  const std::uint64_t fractional_step = numerator_ % denominator_;
  return run(window_, in, out, [&] {
    const Cf32 sample = interpolate();
    phase_ += fractional_step;
    const bool carries = phase_ >= denominator_;
    if (carries) phase_ -= denominator_;
    window_.advance(static_cast<std::size_t>(whole_step) + (carries ? 1 : 0));
    return sample;
  });
}

void Resampler::reset() noexcept
{
  window_.reset();
  phase_ = 0;
}

}  // namespace ravi::dsp
