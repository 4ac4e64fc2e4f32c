#include "stack/phy/sub_band.h"

#include "radio/dsp/fft.h"
#include "radio/dsp/mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>

namespace ravi::phy {
namespace {

/// Smallest n >= least whose prime factors are 2, 3 and 5: an FFT of it is quick.
std::size_t next_smooth(std::size_t least)
{
  for (std::size_t n = std::max<std::size_t>(least, 1);; ++n) {
    std::size_t rest = n;
    for (const std::size_t factor : {2U, 3U, 5U}) {
      while (rest % factor == 0) rest /= factor;
    }
    if (rest == 1) return n;
  }
}

/// 1 up to `pass`, 0 from `stop` on, half a cosine between.
float taper(double offset, double pass, double stop)
{
  if (offset <= pass) return 1.0F;
  if (offset >= stop) return 0.0F;
  return static_cast<float>(0.5 + 0.5 * std::cos(std::numbers::pi * (offset - pass) / (stop - pass)));
}

}  // namespace

Result<SubBand> SubBand::make(std::span<const Cf32> samples, SampleRate rate)
{
  constexpr std::int64_t kMaxRatio = 100'000;
  if (samples.empty()) return fail(ErrorCode::bad_input, "there are no samples to search");
  const std::int64_t ratio = rate.hz() / std::gcd(rate.hz(), kRateStep.hz());
  if (rate.hz() <= 0 || ratio > kMaxRatio) {
    return fail(ErrorCode::unsupported,
                fmt::format("{} samples a second have no simple ratio to the rates of NR: take a multiple of 1.92 MHz, or of 10 kHz",
                            rate.hz()));
  }
  SubBand band;
  band.rate_ = rate;
  band.num_samples_ = samples.size();
  const auto step = static_cast<std::size_t>(ratio);
  const std::size_t size = step * next_smooth((samples.size() + step - 1) / step);
  band.spectrum_.resize(size);
  std::copy(samples.begin(), samples.end(), band.spectrum_.begin());
  const dsp::Fft fft(size, dsp::FftDirection::forward, dsp::FftEffort::estimate);
  fft.run(band.spectrum_, band.spectrum_);
  return band;
}

std::vector<Cf32> SubBand::extract(Hertz center, Hertz half_width, SampleRate out_rate) const
{
  assert(out_rate.hz() % kRateStep.hz() == 0);
  const auto size = static_cast<std::int64_t>(spectrum_.size());
  const auto out_size = static_cast<std::int64_t>(static_cast<Int128>(size) * out_rate.hz() / rate_.hz());
  const double bin_hz = static_cast<double>(rate_.hz()) / static_cast<double>(size);
  const auto middle = static_cast<std::int64_t>(std::llround(center.value() / bin_hz));
  const double pass = half_width.value() / bin_hz;
  const double stop = std::max(static_cast<double>(out_size) - pass, pass);  // what folds stays off what is passed
  const auto reach = static_cast<std::int64_t>(stop);
  const float gain = 1.0F / static_cast<float>(size);

  std::vector<Cf32> out(static_cast<std::size_t>(out_size));
  for (std::int64_t offset = -reach; offset <= reach; ++offset) {
    const std::int64_t bin = middle + offset;
    if (bin < -size / 2 || bin >= size / 2) continue;
    const float weight = gain * taper(std::abs(static_cast<double>(offset)), pass, stop);
    const auto to = static_cast<std::size_t>((offset % out_size + out_size) % out_size);
    out[to] += weight * spectrum_[static_cast<std::size_t>((bin + size) % size)];
  }
  const dsp::Fft fft(out.size(), dsp::FftDirection::backward, dsp::FftEffort::estimate);
  fft.run(out, out);
  const Hertz rest = center - Hertz(static_cast<double>(middle) * bin_hz);
  dsp::FrequencyShift(-rest, out_rate).process(out, out);
  out.resize(static_cast<std::size_t>(static_cast<Int128>(num_samples_) * out_rate.hz() / rate_.hz()));
  return out;
}

}  // namespace ravi::phy
