#include "radio/measure/segments.h"

#include <fmt/format.h>

#include <cmath>

namespace ravi::measure {
namespace {

/// out = |in|^2; returns the sum.
float powers(std::span<const Cf32> in, std::span<float> out) noexcept
{
  for (std::size_t k = 0; k < in.size(); ++k) out[k] = in[k].real() * in[k].real() + in[k].imag() * in[k].imag();
  float sum = 0.0F;
  for (const float power : out) sum += power;
  return sum;
}

}  // namespace

Result<Segments> Segments::make(const SegmentConfig& config)
{
  if (config.sample_rate.hz() <= 0) return fail(ErrorCode::bad_input, "the sample rate must be above 0 Hz");
  if (config.fft_size < kMinFftSize || config.fft_size > kMaxFftSize || config.fft_size % 2 != 0) {
    return fail(ErrorCode::bad_input,
                fmt::format("an FFT of {} points: give an even number from {} to {}", config.fft_size, kMinFftSize,
                            kMaxFftSize));
  }
  if (!(config.overlap >= 0.0 && config.overlap <= 0.95)) {
    return fail(ErrorCode::bad_input, fmt::format("an overlap of {}: give a fraction from 0 to 0.95", config.overlap));
  }
  return Segments(config);
}

Segments::Segments(const SegmentConfig& config)
  : config_(config)
  , fft_(config.fft_size, dsp::FftDirection::forward)
  , window_(make_window(config.window, config.fft_size))
  , pending_(config.fft_size)
  , bins_(config.fft_size)
  , power_(config.fft_size)
{
  const auto size = static_cast<double>(config.fft_size);
  hop_ = std::max<std::size_t>(1, config.fft_size - static_cast<std::size_t>(std::lround(config.overlap * size)));
  double energy = 0.0;
  for (const float w : window_) energy += static_cast<double>(w) * static_cast<double>(w);
  scale_ = static_cast<float>(1.0 / std::sqrt(size * energy));
  for (float& w : window_) w *= scale_;
}

bool Segments::transform() noexcept
{
  for (std::size_t n = 0; n < pending_.size(); ++n) bins_[n] = pending_[n] * window_[n];
  fft_.run(bins_, bins_);
  const std::size_t half = bins_.size() / 2;
  const std::span<const Cf32> bins(bins_);
  const std::span<float> power(power_);
  const float above = powers(bins.first(half), power.last(half));  // bins 0..N/2-1 are the upper half of the band
  const float below = powers(bins.last(half), power.first(half));
  return std::isfinite(above + below);
}

void Segments::keep_overlap() noexcept
{
  std::copy(pending_.begin() + static_cast<std::ptrdiff_t>(hop_), pending_.end(), pending_.begin());
  num_pending_ = config_.fft_size - hop_;
}

double Segments::effective_averages(std::uint64_t num_segments) const
{
  if (num_segments == 0) return 0.0;
  const auto correlation = [this](std::size_t lag) {
    double sum = 0.0;
    double energy = 0.0;
    for (std::size_t n = 0; n < window_.size(); ++n) {
      energy += static_cast<double>(window_[n]) * static_cast<double>(window_[n]);
      if (n + lag < window_.size()) sum += static_cast<double>(window_[n]) * static_cast<double>(window_[n + lag]);
    }
    return sum / energy;
  };
  const auto count = static_cast<double>(num_segments);
  double spread = 1.0;  // variance of the average times the number of segments
  for (std::size_t j = 1; j * hop_ < config_.fft_size && j < num_segments; ++j) {
    const double rho = correlation(j * hop_);
    spread += 2.0 * (1.0 - static_cast<double>(j) / count) * rho * rho;
  }
  return count / spread;
}

}  // namespace ravi::measure
