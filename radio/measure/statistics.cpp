#include "radio/measure/statistics.h"

#include "radio/measure/psd.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>

namespace ravi::measure {
namespace {

constexpr unsigned kCellShift = 23 - 6;           // of a float: sign 1, exponent 8, mantissa 23 bits
constexpr std::size_t kNumCells = 1U << (8 + 6);  // positive floats

std::size_t cell_of(float power) { return std::bit_cast<std::uint32_t>(power) >> kCellShift; }
bool is_full_scale(Cf32 sample)
{
  return std::abs(sample.real()) >= SampleStatistics::kFullScale || std::abs(sample.imag()) >= SampleStatistics::kFullScale;
}

float cell_begin(std::size_t cell) { return std::bit_cast<float>(static_cast<std::uint32_t>(cell) << kCellShift); }

}  // namespace

SampleStatistics::SampleStatistics() : histogram_(kNumCells) {}

void SampleStatistics::add(std::span<const Cf32> samples) noexcept
{
  while (samples.size() >= kChunk) {
    const auto chunk = samples.first<kChunk>();
    if (!add_chunk(chunk)) add_each(chunk);
    samples = samples.subspan(kChunk);
  }
  add_each(samples);
}

/// Sums in kLanes independent parts, so that the compiler can use vectors; in single precision, which over one chunk
/// loses nothing that matters (1e-7 of the power).
bool SampleStatistics::add_chunk(std::span<const Cf32, kChunk> samples) noexcept
{
  constexpr std::size_t kLanes = 8;
  std::array<float, kChunk> powers;
  std::array<float, kLanes> i_sum{};
  std::array<float, kLanes> q_sum{};
  std::array<float, kLanes> ii_sum{};
  std::array<float, kLanes> qq_sum{};
  std::array<float, kLanes> iq_sum{};
  std::array<float, kLanes> fourth_sum{};
  for (std::size_t k = 0; k < kChunk; k += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float i = samples[k + lane].real();
      const float q = samples[k + lane].imag();
      const float power = i * i + q * q;
      powers[k + lane] = power;
      i_sum[lane] += i;
      q_sum[lane] += q;
      ii_sum[lane] += i * i;
      qq_sum[lane] += q * q;
      iq_sum[lane] += i * q;
      fourth_sum[lane] += power * power;
    }
  }
  const auto total = [](const std::array<float, kLanes>& lanes) {
    double sum = 0.0;
    for (const float lane : lanes) sum += static_cast<double>(lane);
    return sum;
  };
  if (!std::isfinite(total(fourth_sum))) return false;
  sum_i_ += total(i_sum);
  sum_q_ += total(q_sum);
  sum_ii_ += total(ii_sum);
  sum_qq_ += total(qq_sum);
  sum_iq_ += total(iq_sum);
  sum_fourth_ += total(fourth_sum);
  num_samples_ += kChunk;

  float peak = 0.0F;
  for (const float power : powers) peak = power > peak ? power : peak;
  peak_ = std::max(peak_, peak);
  for (const float power : powers) ++histogram_[cell_of(power)];
  if (peak >= kFullScale * kFullScale) {
    for (const Cf32 sample : samples) num_full_scale_ += is_full_scale(sample) ? 1U : 0U;
  }
  return true;
}

void SampleStatistics::add_each(std::span<const Cf32> samples) noexcept
{
  for (const Cf32 sample : samples) {
    const float i = sample.real();
    const float q = sample.imag();
    const float power = i * i + q * q;
    if (!std::isfinite(power)) {
      ++num_not_finite_;
      continue;
    }
    const auto wide_i = static_cast<double>(i);
    const auto wide_q = static_cast<double>(q);
    sum_i_ += wide_i;
    sum_q_ += wide_q;
    sum_ii_ += wide_i * wide_i;
    sum_qq_ += wide_q * wide_q;
    sum_iq_ += wide_i * wide_q;
    sum_fourth_ += static_cast<double>(power) * static_cast<double>(power);
    peak_ = std::max(peak_, power);
    num_full_scale_ += is_full_scale(sample) ? 1U : 0U;
    ++histogram_[cell_of(power)];
    ++num_samples_;
  }
}

double SampleStatistics::mean_square() const
{
  return num_samples_ == 0 ? 0.0 : (sum_ii_ + sum_qq_) / static_cast<double>(num_samples_);
}

DbFs SampleStatistics::mean_power() const { return to_dbfs(mean_square()); }

DbFs SampleStatistics::peak_power() const { return to_dbfs(static_cast<double>(peak_)); }

std::optional<Decibel> SampleStatistics::crest_factor() const
{
  if (!(mean_square() > 0.0)) return std::nullopt;
  return power_to_decibel(static_cast<double>(peak_) / mean_square());
}

std::optional<Decibel> SampleStatistics::exceeded_with(double probability) const
{
  const double wanted = probability * static_cast<double>(num_samples_);
  if (wanted < 10.0 || !(mean_square() > 0.0)) return std::nullopt;
  double above = 0.0;
  for (std::size_t cell = kNumCells; cell-- > 0;) {
    const auto count = static_cast<double>(histogram_[cell]);
    if (above + count >= wanted) {
      const double part = (wanted - above) / count;  // of the cell's samples lie above the level
      if (cell == 0) return std::nullopt;  // zeros
      const auto low = static_cast<double>(cell_begin(cell));
      const double high = std::min(static_cast<double>(cell_begin(cell + 1)), static_cast<double>(peak_));
      return power_to_decibel((high - (high - low) * part) / mean_square());
    }
    above += count;
  }
  return std::nullopt;
}

std::complex<double> SampleStatistics::dc_offset() const
{
  if (num_samples_ == 0) return {};
  const auto count = static_cast<double>(num_samples_);
  return {sum_i_ / count, sum_q_ / count};
}

DbFs SampleStatistics::dc_level() const { return to_dbfs(std::norm(dc_offset())); }

std::optional<IqImbalance> SampleStatistics::iq_imbalance(double occupied_fraction) const
{
  if (num_samples_ == 0) return std::nullopt;
  const auto count = static_cast<double>(num_samples_);
  const std::complex<double> dc = dc_offset();
  const double ii = sum_ii_ / count - dc.real() * dc.real();
  const double qq = sum_qq_ / count - dc.imag() * dc.imag();
  const double iq = sum_iq_ / count - dc.real() * dc.imag();
  const double least = 1e-12 * mean_square();  // what rounding leaves of a constant
  if (!(ii > least) || !(qq > least)) return std::nullopt;

  const double gain = std::sqrt(qq / ii);
  const double sine = std::clamp(iq / std::sqrt(ii * qq), -1.0, 1.0);
  const double cosine = std::sqrt(1.0 - sine * sine);
  // s -> K1 s + K2 conj(s) with K1 = (1 + g e^{j phase}) / 2, K2 = (1 - g e^{j phase}) / 2 up to a conjugate.
  const double image = 1.0 - 2.0 * gain * cosine + gain * gain;
  const double direct = 1.0 + 2.0 * gain * cosine + gain * gain;
  IqImbalance out;
  out.gain = Decibel(20.0 * std::log10(gain));
  out.phase_deg = std::asin(sine) * 180.0 / std::numbers::pi;
  out.image_rejection = power_to_decibel(direct / std::max(image, 1e-20 * direct));
  // The sum of x^2 of a perfect receiver has the variance sum of |x|^4; with n samples of Gaussian noise the image is
  // exponentially distributed about 1 / (2 n).
  constexpr double kOnceIn500 = 6.2;
  const double total = sum_ii_ + sum_qq_;
  const double independent = 2.0 * total * total / sum_fourth_ * std::clamp(occupied_fraction, 0.0, 1.0);
  out.limit = power_to_decibel(2.0 * std::max(independent, 1.0) / kOnceIn500);
  return out;
}

}  // namespace ravi::measure
