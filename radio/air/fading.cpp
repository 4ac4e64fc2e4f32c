#include "radio/air/fading.h"

#include "radio/air/kernels_reference.h"
#include "radio/air/tdl_tables.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ravi::air {
namespace {

constexpr double kLosDoppler = 0.7;  // of the maximum, TS 38.901 §7.7.2
constexpr std::size_t kLaneMultiple = 16;

/// 64 random bits out of two words.
std::uint64_t join_words(std::uint32_t high, std::uint32_t low) { return std::uint64_t{high} << 32 | low; }

}  // namespace

Fading::Fading(const FadingConfig& config, SampleRate rate, const RandomStream& stream)
{
  const TdlTable table = tdl_table(config.profile);
  const std::size_t num_taps = table.taps.size();
  stride_ = (num_taps + kLaneMultiple - 1) / kLaneMultiple * kLaneMultiple;
  start_.resize(kNumTones * stride_);
  increment_.resize(kNumTones * stride_);
  phases_.resize(kNumTones * stride_ + kPlanePadding);
  sum_re_.resize(stride_ + kPlanePadding);
  sum_im_.resize(stride_ + kPlanePadding);

  double total = table.los_power_db ? to_power(Decibel(*table.los_power_db)) : 0.0;
  for (const TdlTap& tap : table.taps) total += to_power(Decibel(tap.power_db));

  const double samples_per_unit = tdl_delay_unit(config).count() * static_cast<double>(rate.hz());  // TS 38.901 §7.7.3
  for (std::size_t tap = 0; tap < num_taps; ++tap) {
    delays_.push_back(table.taps[tap].delay * samples_per_unit);
    amplitudes_.push_back(
        static_cast<float>(std::sqrt(to_power(Decibel(table.taps[tap].power_db)) / total / kNumTones)));
    // Keeps clear of 0 and 1/2 of a step, where tones would fall on one another in pairs.
    const double turn = 0.1 + 0.3 * to_unit(draw(stream, tap)[0]);
    for (std::size_t tone = 0; tone < kNumTones; ++tone) {
      const double angle = 2.0 * std::numbers::pi * (static_cast<double>(tone) + turn) / kNumTones;
      const PhiloxCounter words = draw(stream, (std::uint64_t{tone} + 1) << 32 | tap);
      start_[tone * stride_ + tap] = join_words(words[0], words[1]);
      increment_[tone * stride_ + tap] = phase_increment(config.doppler * std::cos(angle), rate);
    }
  }
  if (table.los_power_db) {
    const PhiloxCounter words = draw(stream, num_taps);
    los_amplitude_ = static_cast<float>(std::sqrt(to_power(Decibel(*table.los_power_db)) / total));
    los_start_ = join_words(words[2], words[3]);
    los_increment_ = phase_increment(config.doppler * kLosDoppler, rate);
  }
}

double Fading::max_delay() const noexcept { return *std::max_element(delays_.begin(), delays_.end()); }

void Fading::gains(std::uint64_t at, std::span<Cf32> out) noexcept
{
  for (std::size_t i = 0; i < start_.size(); ++i) {
    phases_[i] = static_cast<Phase>((start_[i] + at * increment_[i]) >> 32);
  }
  sum_tones(phases_.data(), kNumTones, stride_, {sum_re_.data(), sum_im_.data()});
  for (std::size_t tap = 0; tap < num_taps(); ++tap) {
    out[tap] = {amplitudes_[tap] * sum_re_[tap], amplitudes_[tap] * sum_im_[tap]};
  }
  if (los_amplitude_ > 0.0F) {
    const Cf32 los = reference::cis(static_cast<Phase>((los_start_ + at * los_increment_) >> 32));
    out[0] += Cf32{los_amplitude_ * los.real(), los_amplitude_ * los.imag()};
  }
}

}  // namespace ravi::air
