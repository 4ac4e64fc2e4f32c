#include "radio/measure/psd.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace ravi::measure {

DbFs to_dbfs(double power)
{
  return DbFs(power > 0.0 ? 10.0 * std::log10(power) : -std::numeric_limits<double>::infinity());
}

DbFs Spectrum::bin_dbfs(double power) const { return to_dbfs(power * noise_bandwidth_bins(window)); }

Result<Psd> Psd::make(const SegmentConfig& config)
{
  return Segments::make(config).map([](Segments&& segments) { return Psd(std::move(segments)); });
}

Psd::Psd(Segments segments)
  : segments_(std::move(segments))
  , sum_(segments_.config().fft_size)
  , max_(segments_.config().fft_size)
  , min_(segments_.config().fft_size)
{
  reset();
}

void Psd::add(std::span<const Cf32> samples) noexcept
{
  segments_.add(samples, [this](std::span<const float> power) {
    for (std::size_t k = 0; k < power.size(); ++k) {
      sum_[k] += static_cast<double>(power[k]);
      max_[k] = power[k] > max_[k] ? power[k] : max_[k];
      min_[k] = power[k] < min_[k] ? power[k] : min_[k];
    }
    ++num_segments_;
  });
}

void Psd::reset() noexcept
{
  segments_.restart();
  num_segments_ = 0;
  std::fill(sum_.begin(), sum_.end(), 0.0);
  std::fill(max_.begin(), max_.end(), 0.0F);
  std::fill(min_.begin(), min_.end(), std::numeric_limits<float>::max());
}

Spectrum Psd::spectrum() const
{
  Spectrum out;
  out.sample_rate = segments_.config().sample_rate;
  out.window = segments_.config().window;
  out.num_segments = num_segments_;
  out.effective_averages = segments_.effective_averages(num_segments_);
  out.mean.resize(sum_.size());
  out.max = max_;
  out.min = min_;
  if (num_segments_ == 0) {
    std::fill(out.min.begin(), out.min.end(), 0.0F);
    return out;
  }
  const double scale = 1.0 / static_cast<double>(num_segments_);
  std::transform(sum_.begin(), sum_.end(), out.mean.begin(), [scale](double s) { return static_cast<float>(s * scale); });
  return out;
}

}  // namespace ravi::measure
