#include "radio/dsp/mix.h"

#include "radio/dsp/arithmetic.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace ravi::dsp {
namespace {

/// turns * 2^64, wrapped; small frequencies keep all the digits a double has.
std::uint64_t to_phase(double turns)
{
  const double magnitude = std::abs(turns) - std::floor(std::abs(turns));
  const auto phase = static_cast<std::uint64_t>(std::ldexp(magnitude, 64));
  return turns < 0.0 ? 0 - phase : phase;
}

Cf32 phasor(std::uint64_t phase)
{
  const double angle = static_cast<double>(static_cast<std::int64_t>(phase)) * std::ldexp(2.0 * std::numbers::pi, -64);
  return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
}

}  // namespace

FrequencyShift::FrequencyShift(Hertz shift, SampleRate rate) noexcept : rate_hz_(static_cast<double>(rate.hz()))
{
  assert(rate.hz() > 0);
  set_shift(shift);
}

void FrequencyShift::set_shift(Hertz shift) noexcept
{
  step_ = to_phase(shift.value() / rate_hz_);
  for (std::size_t k = 0; k < kBlock; ++k) rotation_[k] = phasor(k * step_);
  start_block();
}

void FrequencyShift::process(std::span<const Cf32> in, std::span<Cf32> out) noexcept
{
  assert(in.size() == out.size());
  while (!in.empty()) {
    if (position_ == kBlock) start_block();
    const std::size_t count = std::min(in.size(), kBlock - position_);
    const std::span<Cf32> oscillator = std::span(oscillator_).first(count);
    scale(std::span<const Cf32>(rotation_).subspan(position_, count), block_start_, oscillator);
    multiply(in.first(count), oscillator, out.first(count));
    position_ += count;
    phase_ += count * step_;
    in = in.subspan(count);
    out = out.subspan(count);
  }
}

void FrequencyShift::skip(std::uint64_t num_samples) noexcept
{
  phase_ += num_samples * step_;
  start_block();
}

void FrequencyShift::start_block() noexcept
{
  block_start_ = phasor(phase_);
  position_ = 0;
}

}  // namespace ravi::dsp
