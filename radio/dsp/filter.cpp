#include "radio/dsp/filter.h"

#include "radio/dsp/arithmetic.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace ravi::dsp {
namespace {

/// Twice each, last first, filled with zeros to at least `min_taps`: the window of a decimator must reach from one
/// output to the next.
std::vector<float> reverse_and_repeat(std::span<const float> taps, std::size_t min_taps)
{
  const std::size_t num_taps = std::max(taps.size(), min_taps);
  std::vector<float> out(2 * num_taps, 0.0F);
  for (std::size_t k = 0; k < taps.size(); ++k) {
    out[2 * (num_taps - 1 - k)] = taps[k];
    out[2 * (num_taps - 1 - k) + 1] = taps[k];
  }
  return out;
}

}  // namespace

// J. F. Kaiser, "Nonrecursive digital filter design using the I0-sinh window function", 1974.
KaiserDesign design_kaiser(Decibel rejection, double transition)
{
  assert(transition > 0.0);
  const double a = rejection.value();
  const double order = std::ceil((a - 7.95) / (14.36 * transition));
  const double above_21 = std::max(a - 21.0, 0.0);
  const double beta = a > 50.0 ? 0.1102 * (a - 8.7) : 0.5842 * std::pow(above_21, 0.4) + 0.07886 * above_21;
  return {.num_taps = static_cast<std::size_t>(std::max(order, 0.0)) / 2 * 2 + 3, .beta = beta};
}

double kaiser_window(double beta, double x)
{
  if (std::abs(x) > 1.0) return 0.0;
  return std::cyl_bessel_i(0.0, beta * std::sqrt(1.0 - x * x)) / std::cyl_bessel_i(0.0, beta);
}

std::vector<float> design_lowpass(double passband, double stopband, Decibel rejection)
{
  assert(0.0 <= passband && passband < stopband);
  const KaiserDesign design = design_kaiser(rejection, stopband - passband);
  const double cutoff = (passband + stopband) / 2.0;
  const double middle = static_cast<double>(design.num_taps - 1) / 2.0;
  std::vector<double> taps;
  double sum = 0.0;
  for (std::size_t k = 0; k < design.num_taps; ++k) {
    const double t = static_cast<double>(k) - middle;
    const double angle = 2.0 * std::numbers::pi * cutoff * t;
    const double sinc = t == 0.0 ? 1.0 : std::sin(angle) / angle;
    taps.push_back(sinc * kaiser_window(design.beta, t / middle));
    sum += taps.back();
  }
  std::vector<float> out;
  for (const double tap : taps) out.push_back(static_cast<float>(tap / sum));
  return out;
}

Fir::Fir(std::span<const float> taps) : reversed_taps_(taps.rbegin(), taps.rend()), window_(taps.size())
{
  assert(!taps.empty());
}

void Fir::process(std::span<const Cf32> in, std::span<Cf32> out) noexcept
{
  assert(in.size() == out.size());
  while (!in.empty()) {
    const std::size_t count = window_.fill(in);
    slide_dot(window_.windows(count), reversed_taps_, out.first(count));
    window_.advance(count);
    in = in.subspan(count);
    out = out.subspan(count);
  }
}

Decimator::Decimator(std::size_t factor, std::span<const float> taps)
  : factor_(factor),
    delay_(static_cast<double>(taps.size() - 1) / 2.0),
    reversed_taps_twice_(reverse_and_repeat(taps, factor)),
    window_(reversed_taps_twice_.size() / 2)
{
  assert(factor > 0 && !taps.empty());
}

Decimator::Decimator(std::size_t factor, double passband, Decibel rejection)
  : Decimator(factor,
              design_lowpass(passband / static_cast<double>(factor), 0.5 / static_cast<double>(factor), rejection))
{
}

Progress Decimator::process(std::span<const Cf32> in, std::span<Cf32> out) noexcept
{
  return run(window_, in, out, [&] {
    const Cf32 sample = dot_repeated(window_.windows(1), reversed_taps_twice_);
    window_.advance(factor_);
    return sample;
  });
}

}  // namespace ravi::dsp
