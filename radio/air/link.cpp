#include "radio/air/link.h"

#include "radio/air/emulator.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <numbers>

namespace ravi::air {
namespace {

constexpr std::uint64_t kMinSegment = 4;
constexpr std::uint64_t kMaxSegment = 1024;
/// Turn of the fastest Doppler tone in a segment: a straight line errs by angle^2 / 8, -80 dB.
constexpr double kMaxDopplerAngle = 0.028;
/// Drift in a segment, samples: a straight line between two sincs errs by -95 dB.
constexpr double kMaxSegmentDrift = 0.0064;
/// How far taps may be from where they belong at either end of a step of kHold samples: -72 dB.
constexpr double kMaxHoldError = 2.5e-4;
/// A delay this near to a whole number of samples is one.
constexpr double kWholeDelayTolerance = 1e-6;

/// The longest power of two of samples in which the taps move nearly straight.
std::uint64_t segment_length(const LinkConfig& config, SampleRate rate)
{
  double limit = static_cast<double>(kMaxSegment);
  if (config.fading.profile != FadingProfile::none && config.fading.doppler.value() > 0.0) {
    const double angle = 2.0 * std::numbers::pi * config.fading.doppler.value() / static_cast<double>(rate.hz());
    limit = std::min(limit, kMaxDopplerAngle / angle);
  }
  if (config.drift_ppm != 0.0) limit = std::min(limit, kMaxSegmentDrift / (std::abs(config.drift_ppm) * 1e-6));
  std::uint64_t length = kMinSegment;
  while (2 * length <= kMaxSegment && static_cast<double>(2 * length) <= limit) length *= 2;
  return length;
}

/// Greatest change of a unit tap in a sample, or of a signal at 0.42 of the rate by drift.
double tap_speed(const LinkConfig& config, SampleRate rate)
{
  const double doppler = config.fading.profile == FadingProfile::none ? 0.0 : config.fading.doppler.value();
  const double drift = 0.42 * std::abs(config.drift_ppm) * 1e-6;
  return 2.0 * std::numbers::pi * (doppler / static_cast<double>(rate.hz()) + drift);
}

}  // namespace

Link::Link(const LinkConfig& config, SampleRate rate, const RandomStream& stream, const Interpolator& interpolator)
    : config_(config), rate_(rate), interpolator_(interpolator)
{
  if (config.fading.profile != FadingProfile::none) fading_.emplace(config.fading, rate, stream);
  drift_reserve_ = std::round(config.drift_reserve.count() * static_cast<double>(rate.hz()));
  segment_length_ = segment_length(config, rate);
  is_held_ = segment_length_ >= kHold && tap_speed(config, rate) * kHold / 2.0 <= kMaxHoldError;
  const double spread = fading_ ? fading_->max_delay() : 0.0;
  // One more for the fraction, and one on either side where drift moves the taps within a segment.
  num_taps_ = Interpolator::kNumTaps + static_cast<std::size_t>(std::ceil(spread)) + 1 + (is_drifting() ? 2 : 0);
  for (Coefficients* coefficients : {&start_, &end_, &slope_, &held_}) {
    coefficients->re.resize(num_taps_ + kPlanePadding);
    coefficients->im.resize(num_taps_ + kPlanePadding);
  }
  gains_.resize(fading_ ? fading_->num_taps() : 1, Cf32{1.0F, 0.0F});
  gain_ = static_cast<float>(to_amplitude(config.gain));
  phase_increment_ = phase_increment(config.cfo, rate);
  set_delay(config.delay.count());
}

bool Link::is_moving() const noexcept { return is_drifting() || (is_fading() && config_.fading.doppler.value() > 0.0); }

bool Link::needs_filter() const noexcept { return is_fading() || is_drifting() || delay_ != std::floor(delay_); }

void Link::set_delay(double seconds) noexcept
{
  delay_ = seconds * static_cast<double>(rate_.hz());
  const double whole = std::round(delay_);
  if (std::abs(delay_ - whole) < kWholeDelayTolerance) delay_ = whole;
  is_prepared_ = false;
}

void Link::set(const StepConfig& values, std::uint64_t at) noexcept
{
  if (values.gain) {
    config_.gain = *values.gain;
    gain_ = static_cast<float>(to_amplitude(*values.gain));
  }
  if (values.snr) config_.snr = values.snr;
  if (values.cfo) {
    phase_ += (at - phase_at_) * phase_increment_;  // the phase goes on where it is
    phase_at_ = at;
    config_.cfo = *values.cfo;
    phase_increment_ = phase_increment(*values.cfo, rate_);
  }
  if (values.delay) {
    config_.delay = *values.delay;
    set_delay(values.delay->count());
  }
}

double Link::noise_power() const noexcept
{
  return config_.snr ? to_power((config_.snr_reference - DbFs(0.0)) + config_.gain - *config_.snr) : 0.0;
}

double Link::samples_drifted(std::uint64_t at) const noexcept
{
  return static_cast<double>(at) * std::abs(config_.drift_ppm) * 1e-6;
}

std::uint64_t Link::num_slips(std::uint64_t at) const noexcept
{
  if (!is_drifting()) return 0;
  const std::uint64_t segment_begin = at / segment_length_ * segment_length_;
  return static_cast<std::uint64_t>(samples_drifted(segment_begin) / drift_reserve_);
}

std::size_t Link::lookback(double delay) const noexcept
{
  return static_cast<std::size_t>(delay + (is_drifting() ? drift_reserve_ : 0.0)) + kFractionalLatency + num_taps_ + 1;
}

void Link::prepare(std::uint64_t segment) noexcept
{
  if (is_prepared_ && (segment == segment_ || !is_moving())) return;
  const std::uint64_t begin = segment * segment_length_;
  const std::uint64_t end = begin + segment_length_;
  const double latency =
      delay_ < static_cast<double>(kFractionalLatency) ? static_cast<double>(kFractionalLatency) : 0.0;
  double delay_at_begin = delay_ + latency;
  double delay_at_end = delay_at_begin;
  if (is_drifting()) {
    const double slipped = static_cast<double>(num_slips(begin)) * drift_reserve_;
    const double moved_at_begin = samples_drifted(begin) - slipped;
    const double moved_at_end = samples_drifted(end) - slipped;
    // A fast transmitter clock brings its samples ever earlier.
    delay_at_begin += config_.drift_ppm > 0.0 ? drift_reserve_ - moved_at_begin : moved_at_begin;
    delay_at_end += config_.drift_ppm > 0.0 ? drift_reserve_ - moved_at_end : moved_at_end;
  }
  const auto margin = is_drifting() ? 1 : 0;
  base_delay_ =
      static_cast<std::int64_t>(std::floor(delay_at_begin)) - static_cast<std::int64_t>(Interpolator::kCenter) - margin;
  const auto base = static_cast<double>(base_delay_);
  const bool follows = is_prepared_ && !is_drifting() && segment == segment_ + 1;
  if (follows) {
    std::swap(start_, end_);
  } else {
    place_taps(begin, delay_at_begin - base, start_);
  }
  if (is_moving()) {
    place_taps(end, delay_at_end - base, end_);
    for (std::size_t k = 0; k < num_taps_; ++k) slope_.re[k] = end_.re[k] - start_.re[k];
    for (std::size_t k = 0; k < num_taps_; ++k) slope_.im[k] = end_.im[k] - start_.im[k];
  }
  segment_ = segment;
  is_prepared_ = true;
}

void Link::place_taps(std::uint64_t at, double delay, Coefficients& out) noexcept
{
  std::fill(out.re.begin(), out.re.end(), 0.0F);
  std::fill(out.im.begin(), out.im.end(), 0.0F);
  if (fading_) fading_->gains(at, gains_);
  for (std::size_t tap = 0; tap < gains_.size(); ++tap) {
    const double position =
        delay - static_cast<double>(Interpolator::kCenter) + (fading_ ? fading_->delays()[tap] : 0.0);
    const double whole = std::floor(position);
    const auto first = static_cast<std::size_t>(whole);
    assert(whole >= 0.0 && first + Interpolator::kNumTaps <= num_taps_);
    const Interpolator::Taps taps = interpolator_.taps(position - whole);
    float* re = out.re.data() + first;
    float* im = out.im.data() + first;
    const Cf32 gain = gains_[tap];
    for (std::size_t k = 0; k < Interpolator::kNumTaps; ++k) re[k] += gain.real() * taps[k];
    if (!fading_) continue;
    for (std::size_t k = 0; k < Interpolator::kNumTaps; ++k) im[k] += gain.imag() * taps[k];
  }
}

void Link::filter_segments(const PortHistory& from, std::uint64_t begin, std::size_t count,
                           LinkScratch& scratch) noexcept
{
  std::size_t done = 0;
  while (done < count) {
    const std::uint64_t at = begin + done;
    const std::uint64_t segment = at / segment_length_;
    const std::uint64_t into = at - segment * segment_length_;
    const std::size_t length = is_moving() ? std::min<std::size_t>(count - done, segment_length_ - into) : count - done;
    prepare(segment);
    const MovingTaps taps{
        .num_taps = num_taps_,
        .start = {start_.re.data(), is_fading() ? start_.im.data() : nullptr},
        .slope = {is_moving() ? slope_.re.data() : nullptr, is_moving() && is_fading() ? slope_.im.data() : nullptr}};
    const Instants instants{.first = static_cast<std::uint32_t>(into),
                            .scale = 1.0F / static_cast<float>(segment_length_),
                            .held_re = is_held_ ? held_.re.data() : nullptr,
                            .held_im = is_held_ && is_fading() ? held_.im.data() : nullptr};
    const auto reach = static_cast<std::int64_t>(num_taps_ - 1);
    const ConstPlanes window = from.window(static_cast<std::int64_t>(at) - base_delay_ - reach);
    filter(taps, instants, {window.re + reach, window.im + reach}, length,
           {scratch.re.data() + done, scratch.im.data() + done});
    done += length;
  }
}

void Link::add(const PortHistory& from, std::uint64_t begin, std::size_t count, LinkScratch& scratch,
               Planes sum) noexcept
{
  assert(count <= kMaxChunk);
  if (from.is_silent_since(static_cast<std::int64_t>(begin) - static_cast<std::int64_t>(lookback(delay_)))) return;
  ConstPlanes arrived;
  if (needs_filter()) {
    filter_segments(from, begin, count, scratch);
    arrived = {scratch.re.data(), scratch.im.data()};
  } else {
    arrived = from.window(static_cast<std::int64_t>(begin) - static_cast<std::int64_t>(delay_));
  }
  const std::uint64_t phase = phase_ + (begin - phase_at_) * phase_increment_;
  if (phase_increment_ == 0 && phase == 0) {
    add_scaled(arrived, gain_, count, sum);
  } else {
    fill_phases(phase, phase_increment_, count, scratch.phases.data());
    add_rotated(arrived, gain_, scratch.phases.data(), count, sum);
  }
}

}  // namespace ravi::air
