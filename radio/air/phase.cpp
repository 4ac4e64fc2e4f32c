#include "radio/air/phase.h"

#include <cmath>

namespace ravi::air {

std::uint64_t phase_increment(Hertz frequency, SampleRate rate) noexcept
{
  const double turns = std::fmod(std::abs(frequency.value()) / static_cast<double>(rate.hz()), 1.0);
  const auto increment = static_cast<std::uint64_t>(std::ldexp(turns, 64));
  return frequency.value() < 0.0 ? 0 - increment : increment;
}

void fill_phases(std::uint64_t start, std::uint64_t increment, std::size_t count, Phase* phases) noexcept
{
  for (std::size_t i = 0; i < count; ++i) phases[i] = static_cast<Phase>((start + i * increment) >> 32);
}

}  // namespace ravi::air
