#pragma once
// The one time axis: the index of a sample at the radio's rate.

#include "radio/units.h"

#include <chrono>
#include <cstdint>

namespace ravi {

/// A number of samples; may be negative as a difference.
struct SampleCount : Additive<SampleCount, std::int64_t> {
  using Additive::Additive;
};

/// Index of a sample since the radio's stream began (0). With hardware it keeps real time; simulated, virtual time.
struct SampleTime : Point<SampleTime, SampleCount> {
  using Point::Point;
};

/// Products of a 64-bit count and a rate do not fit 64 bits; both compilers have the wider type.
__extension__ using Int128 = __int128;

/// Duration of `count` samples, rounded to the nearest nanosecond (ties away from zero). rate > 0.
[[nodiscard]] constexpr std::chrono::nanoseconds to_duration(SampleCount count, SampleRate rate)
{
  const auto product = static_cast<Int128>(count.value()) * 1'000'000'000;
  const auto half = static_cast<Int128>(rate.hz() / 2) * (count.value() < 0 ? -1 : 1);
  return std::chrono::nanoseconds(static_cast<std::int64_t>((product + half) / rate.hz()));
}

/// Samples in a duration, rounded to the nearest (ties away from zero).
[[nodiscard]] constexpr SampleCount to_samples(std::chrono::nanoseconds duration, SampleRate rate)
{
  const auto product = static_cast<Int128>(duration.count()) * rate.hz();
  const Int128 half = duration.count() < 0 ? -500'000'000 : 500'000'000;
  return SampleCount(static_cast<std::int64_t>((product + half) / 1'000'000'000));
}

/// Seconds since the stream began, for people and for vendor interfaces; not for arithmetic.
[[nodiscard]] constexpr double to_seconds(SampleCount count, SampleRate rate)
{
  return static_cast<double>(count.value()) / static_cast<double>(rate.hz());
}

/// First multiple of `period` at or after `time`. period > 0.
[[nodiscard]] constexpr SampleTime next_border(SampleTime time, SampleCount period)
{
  const std::int64_t remainder = time.value() % period.value();
  if (remainder == 0) return time;
  return SampleTime(time.value() - remainder + (time.value() > 0 ? period.value() : 0));
}

}  // namespace ravi
