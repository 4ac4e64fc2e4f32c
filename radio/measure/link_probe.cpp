#include "radio/measure/link_probe.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace ravi::measure {
namespace {

using std::numbers::pi;

std::size_t phase_of(SampleTime time)
{
  constexpr auto kPeriod = static_cast<std::int64_t>(kProbePeriod);
  return static_cast<std::size_t>((time.value() % kPeriod + kPeriod) % kPeriod);
}

/// Impulse response (circular) of each whole period, 1.0 for a link of 0 dB: [period][tap].
std::vector<std::vector<Cf32>> impulse_responses(const LinkProbe& probe, std::span<const Cf32> samples, SampleTime at)
{
  const dsp::Fft forward(kProbePeriod, dsp::FftDirection::forward, dsp::FftEffort::estimate);
  const dsp::Fft backward(kProbePeriod, dsp::FftDirection::backward, dsp::FftEffort::estimate);
  // The period that begins at `at`, so that delays count from what was sent at the same instant.
  std::vector<Cf32> reference(kProbePeriod);
  for (std::size_t n = 0; n < kProbePeriod; ++n) reference[n] = probe.period()[(phase_of(at) + n) % kProbePeriod];
  forward.run(reference, reference);

  std::vector<std::vector<Cf32>> responses(samples.size() / kProbePeriod, std::vector<Cf32>(kProbePeriod));
  for (std::size_t m = 0; m < responses.size(); ++m) {
    std::vector<Cf32>& response = responses[m];
    forward.run(samples.subspan(m * kProbePeriod, kProbePeriod), response);
    for (std::size_t k = 0; k < kProbePeriod; ++k) {
      response[k] *= std::conj(reference[k]) / std::norm(reference[k]) / static_cast<float>(kProbePeriod);
    }
    backward.run(response, response);
  }
  return responses;
}

/// Strongest place of the mean power over the periods.
std::size_t strongest(const std::vector<std::vector<Cf32>>& responses)
{
  std::vector<double> power(kProbePeriod, 0.0);
  for (const auto& response : responses) {
    for (std::size_t n = 0; n < kProbePeriod; ++n) power[n] += std::norm(response[n]);
  }
  return static_cast<std::size_t>(std::max_element(power.begin(), power.end()) - power.begin());
}

/// Radians the response turns in one period.
double turn_per_period(const std::vector<std::vector<Cf32>>& responses, std::size_t peak)
{
  std::complex<double> sum;
  for (std::size_t m = 1; m < responses.size(); ++m) {
    // The taps around the peak carry a fractional delay's energy and the nearest paths'.
    for (std::size_t d = 0; d < 5; ++d) {
      const std::size_t n = (peak + kProbePeriod + d - 2) % kProbePeriod;
      sum += std::complex<double>(responses[m][n]) * std::conj(std::complex<double>(responses[m - 1][n]));
    }
  }
  return std::arg(sum);
}

/// Mean power gain over the middle 80 % of the band: where every filter on the way is flat.
double mid_band_power(const std::vector<std::complex<double>>& mean)
{
  std::vector<Cf32> response(mean.begin(), mean.end());
  dsp::Fft(kProbePeriod, dsp::FftDirection::forward, dsp::FftEffort::estimate).run(response, response);
  constexpr std::size_t kHalf = kProbePeriod * 2 / 5;
  double power = std::norm(response[0]);
  for (std::size_t k = 1; k <= kHalf; ++k) power += std::norm(response[k]) + std::norm(response[kProbePeriod - k]);
  return power / static_cast<double>(2 * kHalf + 1);
}

/// Where between its neighbors the peak lies, -0.5..0.5: a band-limited pulse is a sinc, and the ratio of its two largest
/// samples gives the place of its middle.
double fraction_of(const std::vector<std::complex<double>>& mean, std::size_t peak)
{
  const auto at = [&mean](std::size_t n) { return mean[n % kProbePeriod]; };
  const std::complex<double> middle = at(peak);
  // sinc(1 - f) / sinc(f) = f / (1 - f), so a ratio r to a neighbor means f = r / (1 + r).
  const double after = std::real(at(peak + 1) / middle);
  const double before = std::real(at(peak + kProbePeriod - 1) / middle);
  if (after > before) return std::clamp(after / (1.0 + after), 0.0, 0.5);
  return -std::clamp(before / (1.0 + before), 0.0, 0.5);
}

}  // namespace

LinkProbe::LinkProbe(std::size_t root, DbFs level) : period_(kProbePeriod), level_(level)
{
  assert(root >= 1 && root < kProbePeriod);
  const double amplitude = to_amplitude(level - DbFs(0.0));
  for (std::size_t n = 0; n < kProbePeriod; ++n) {
    // exp(-j pi u n (n + 1) / N); the product is reduced modulo 2 N first to keep the angle exact.
    const std::size_t turns = root * (n * (n + 1) % (2 * kProbePeriod)) % (2 * kProbePeriod);
    const double angle = -pi * static_cast<double>(turns) / static_cast<double>(kProbePeriod);
    period_[n] = Cf32(static_cast<float>(amplitude * std::cos(angle)), static_cast<float>(amplitude * std::sin(angle)));
  }
}

void LinkProbe::send(SampleTime at, std::span<Cf32> out) const noexcept
{
  std::size_t phase = phase_of(at);
  while (!out.empty()) {
    const std::size_t length = std::min(out.size(), kProbePeriod - phase);
    std::copy_n(period_.begin() + static_cast<std::ptrdiff_t>(phase), length, out.begin());
    out = out.subspan(length);
    phase = 0;
  }
}

std::optional<LinkEstimate> estimate_link(const LinkProbe& probe, std::span<const Cf32> samples, SampleTime at,
                                          SampleRate rate)
{
  const auto responses = impulse_responses(probe, samples, at);
  const std::size_t num_periods = responses.size();
  if (num_periods < 3) return std::nullopt;
  const std::size_t peak = strongest(responses);
  const double turn = turn_per_period(responses, peak);

  // Mean response with the turning undone; what differs from it from period to period is noise.
  std::vector<std::complex<double>> mean(kProbePeriod);
  std::vector<double> total(kProbePeriod);
  for (std::size_t m = 0; m < num_periods; ++m) {
    const std::complex<double> untwist = std::polar(1.0 / static_cast<double>(num_periods), -turn * static_cast<double>(m));
    for (std::size_t n = 0; n < kProbePeriod; ++n) {
      mean[n] += std::complex<double>(responses[m][n]) * untwist;
      total[n] += std::norm(std::complex<double>(responses[m][n])) / static_cast<double>(num_periods);
    }
  }
  double mean_power = 0.0;
  double total_power = 0.0;
  for (std::size_t n = 0; n < kProbePeriod; ++n) {
    mean_power += std::norm(mean[n]);
    total_power += total[n];
  }
  const auto periods = static_cast<double>(num_periods);
  const double noise = std::max(0.0, (total_power - mean_power) * periods / (periods - 1.0));
  const double signal = mid_band_power(mean) - noise / periods;
  const double background = (mean_power - std::norm(mean[peak])) / static_cast<double>(kProbePeriod - 1);
  constexpr double kOverSurroundings = 15.8;  // 12 dB
  if (!(signal > 0.0) || std::norm(mean[peak]) < kOverSurroundings * background) return std::nullopt;

  const double period_s = static_cast<double>(kProbePeriod) / static_cast<double>(rate.hz());
  const double delay = static_cast<double>(peak) + fraction_of(mean, peak);
  LinkEstimate estimate;
  estimate.delay = delay < 0.0 ? delay + static_cast<double>(kProbePeriod) : delay;
  estimate.frequency_offset = Hertz(turn / (2.0 * pi * period_s));
  estimate.gain = power_to_decibel(signal);
  estimate.snr = power_to_decibel(signal / std::max(noise, 1e-15 * signal));
  return estimate;
}

}  // namespace ravi::measure
