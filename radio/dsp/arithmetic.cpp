#include "radio/dsp/arithmetic.h"

#include "radio/dsp/arithmetic_reference.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "radio/dsp/arithmetic.cpp"  // compiled once for each CPU generation
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cassert>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace ravi::dsp::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR  // vectors of one lane cannot hold a complex sample: the reference is the kernel

using reference::accumulate;
using reference::accumulate_swapped;
using reference::add_scaled;
using reference::add_scaled_real;
using reference::dot_between;
using reference::dot_repeated;
using reference::multiply;
using reference::multiply_real;
using reference::peak_power;
using reference::scale;
using reference::scale_real;
using reference::slide_dot;

#else

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, reference::kNumParts>;

/// Flips the sign of what is subtracted in (a + jb)(c + jd) = (ac - bd) + j(bc + ad).
HWY_INLINE hn::Vec<Floats> minus_in_even(Floats d)
{
  return hn::OddEven(hn::Zero(d), hn::Set(d, -0.0F));
}

/// x * (re + j im), sample by sample; `re` and `im` hold their value in both lanes of a sample.
HWY_INLINE hn::Vec<Floats> multiply_complex(Floats d, hn::Vec<Floats> x, hn::Vec<Floats> re, hn::Vec<Floats> im)
{
  const auto crossed = hn::Xor(hn::Mul(hn::Reverse2(d, x), im), minus_in_even(d));
  return hn::Add(hn::Mul(x, re), crossed);
}

void scale(const float* in, float re, float im, float* out, std::size_t n)
{
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  const auto gain_re = hn::Set(d, re);
  const auto gain_im = hn::Set(d, im);
  std::size_t i = 0;
  for (; i + lanes <= 2 * n; i += lanes) {
    hn::StoreU(multiply_complex(d, hn::LoadU(d, in + i), gain_re, gain_im), d, out + i);
  }
  reference::scale(in + i, re, im, out + i, n - i / 2);
}

void scale_real(const float* in, float gain, float* out, std::size_t n)
{
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  const auto factor = hn::Set(d, gain);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::Mul(factor, hn::LoadU(d, in + i)), d, out + i);
  reference::scale_real(in + i, gain, out + i, n - i);
}

void add_scaled(const float* in, float re, float im, float* out, std::size_t n)
{
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  const auto gain_re = hn::Set(d, re);
  const auto gain_im = hn::Set(d, im);
  std::size_t i = 0;
  for (; i + lanes <= 2 * n; i += lanes) {
    const auto scaled = multiply_complex(d, hn::LoadU(d, in + i), gain_re, gain_im);
    hn::StoreU(hn::Add(hn::LoadU(d, out + i), scaled), d, out + i);
  }
  reference::add_scaled(in + i, re, im, out + i, n - i / 2);
}

void add_scaled_real(const float* in, float gain, float* out, std::size_t n)
{
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  const auto factor = hn::Set(d, gain);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto scaled = hn::Mul(factor, hn::LoadU(d, in + i));
    hn::StoreU(hn::Add(hn::LoadU(d, out + i), scaled), d, out + i);
  }
  reference::add_scaled_real(in + i, gain, out + i, n - i);
}

void multiply(const float* a, const float* b, float sign_b, float* out, std::size_t n)
{
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  const auto sign = hn::Set(d, sign_b);
  std::size_t i = 0;
  for (; i + lanes <= 2 * n; i += lanes) {
    const auto y = hn::LoadU(d, b + i);
    const auto re = hn::DupEven(y);
    const auto im = hn::Mul(sign, hn::DupOdd(y));
    hn::StoreU(multiply_complex(d, hn::LoadU(d, a + i), re, im), d, out + i);
  }
  reference::multiply(a + i, b + i, sign_b, out + i, n - i / 2);
}

void multiply_real(const float* in, const float* factors, float* out, std::size_t n)
{
  const Floats d;
  const hn::Repartition<std::uint64_t, Floats> d_pair;
  const hn::Rebind<std::uint32_t, decltype(d_pair)> d_half;
  const hn::Rebind<float, decltype(d_pair)> d_factor;
  const std::size_t samples = hn::Lanes(d_pair);
  std::size_t i = 0;
  for (; i + samples <= n; i += samples) {
    const auto once = hn::PromoteTo(d_pair, hn::BitCast(d_half, hn::LoadU(d_factor, factors + i)));
    const auto twice = hn::BitCast(d, hn::Or(once, hn::ShiftLeft<32>(once)));
    hn::StoreU(hn::Mul(hn::LoadU(d, in + 2 * i), twice), d, out + 2 * i);
  }
  reference::multiply_real(in + 2 * i, factors + i, out + 2 * i, n - i);
}

float peak_power(const float* in, std::size_t n)
{
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  auto peak = hn::Zero(d);
  std::size_t i = 0;
  for (; i + lanes <= 2 * n; i += lanes) {
    const auto x = hn::LoadU(d, in + i);
    const auto squared = hn::Mul(x, x);
    const auto power = hn::Add(squared, hn::Reverse2(d, squared));
    peak = hn::IfThenElse(hn::Gt(power, peak), power, peak);  // false for NaN
  }
  const float rest = reference::peak_power(in + i, n - i / 2);
  return std::max(hn::GetLane(hn::MaxOfLanes(d, peak)), rest);
}

/// A reference::Parts in registers, spread over as many vectors as it fills: 1 of 16 lanes, 2 of 8, 4 of 4.
struct PartsVectors {
  hn::Vec<Floats> v0, v1, v2, v3;
};

/// The sums of product(i), a vector of components from i on, for i < n; n is a multiple of kNumParts.
template <class Product>
HWY_INLINE PartsVectors accumulate_products(Floats d, std::size_t n, const Product& product)
{
  const std::size_t lanes = hn::Lanes(d);
  PartsVectors sum = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  for (std::size_t i = 0; i < n; i += reference::kNumParts) {
    sum.v0 = hn::Add(sum.v0, product(i));
    if (lanes <= 8) sum.v1 = hn::Add(sum.v1, product(i + lanes));
    if (lanes <= 4) sum.v2 = hn::Add(sum.v2, product(i + 2 * lanes));
    if (lanes <= 4) sum.v3 = hn::Add(sum.v3, product(i + 3 * lanes));
  }
  return sum;
}

HWY_INLINE void store(Floats d, const PartsVectors& sum, reference::Parts& parts)
{
  const std::size_t lanes = hn::Lanes(d);
  hn::StoreU(sum.v0, d, &parts[0]);
  if (lanes <= 8) hn::StoreU(sum.v1, d, &parts[lanes]);
  if (lanes <= 4) hn::StoreU(sum.v2, d, &parts[2 * lanes]);
  if (lanes <= 4) hn::StoreU(sum.v3, d, &parts[3 * lanes]);
}

/// As reference::fold, without leaving the registers.
HWY_INLINE void fold(Floats d, const PartsVectors& sum, float* re_im)
{
  alignas(16) float four[4];
#if HWY_MAX_BYTES >= 64
  const hn::Half<Floats> d8;
  const auto eight = hn::Add(hn::LowerHalf(d8, sum.v0), hn::UpperHalf(d8, sum.v0));
#elif HWY_MAX_BYTES == 32
  const Floats d8 = d;
  const auto eight = hn::Add(sum.v0, sum.v1);
#endif
#if HWY_MAX_BYTES >= 32
  const hn::Half<decltype(d8)> d4;
  hn::Store(hn::Add(hn::LowerHalf(d4, eight), hn::UpperHalf(d4, eight)), d4, four);
#else
  hn::Store(hn::Add(hn::Add(sum.v0, sum.v2), hn::Add(sum.v1, sum.v3)), d, four);
#endif
  static_cast<void>(d);
  re_im[0] = four[0] + four[2];
  re_im[1] = four[1] + four[3];
}

/// `parts` are zero before.
void accumulate(const float* x, const float* y, reference::Parts& parts, std::size_t n)
{
  const Floats d;
  const std::size_t whole = n / reference::kNumParts * reference::kNumParts;
  const auto product = [&](std::size_t i) HWY_ATTR { return hn::Mul(hn::LoadU(d, x + i), hn::LoadU(d, y + i)); };
  store(d, accumulate_products(d, whole, product), parts);
  reference::accumulate(x + whole, y + whole, parts, n - whole);
}

void accumulate_swapped(const float* x, const float* y, reference::Parts& parts, std::size_t n)
{
  const Floats d;
  const std::size_t whole = n / reference::kNumParts * reference::kNumParts;
  const auto product = [&](std::size_t i)
                           HWY_ATTR { return hn::Mul(hn::LoadU(d, x + i), hn::Reverse2(d, hn::LoadU(d, y + i))); };
  store(d, accumulate_products(d, whole, product), parts);
  reference::accumulate_swapped(x + whole, y + whole, parts, n - whole);
}

/// Dot product with taps that `tap(i)` gives a vector of, and `finish` sums up the rest of in parts.
template <class Tap, class Finish>
HWY_INLINE void dot(Floats d, const float* x, std::size_t n, float* re_im, const Tap& tap, const Finish& finish)
{
  const std::size_t whole = n / reference::kNumParts * reference::kNumParts;
  const auto product = [&](std::size_t i) HWY_ATTR { return hn::Mul(hn::LoadU(d, x + i), tap(i)); };
  const PartsVectors sum = accumulate_products(d, whole, product);
  if (whole == n) {
    fold(d, sum, re_im);
    return;
  }
  reference::Parts parts;
  store(d, sum, parts);
  finish(whole, parts);
  reference::fold(parts, re_im);
}

void dot_repeated(const float* x, const float* taps, std::size_t n, float* re_im)
{
  const Floats d;
  dot(
      d, x, n, re_im, [&](std::size_t i) HWY_ATTR { return hn::LoadU(d, taps + i); },
      [&](std::size_t i, reference::Parts& parts) { reference::accumulate(x + i, taps + i, parts, n - i); });
}

void dot_between(const float* x, const float* taps, const float* next, float fraction, std::size_t n, float* re_im)
{
  const Floats d;
  const auto weight = hn::Set(d, fraction);
  const auto tap = [&](std::size_t i) HWY_ATTR {
    const auto from = hn::LoadU(d, taps + i);
    return hn::Add(from, hn::Mul(weight, hn::Sub(hn::LoadU(d, next + i), from)));
  };
  dot(d, x, n, re_im, tap, [&](std::size_t i, reference::Parts& parts) {
    reference::accumulate_between(x + i, taps + i, next + i, fraction, parts, n - i);
  });
}

/// Four vectors of outputs side by side hide the latency of the sums.
void slide_dot(const float* in, const float* taps, std::size_t num_taps, float* out, std::size_t n)
{
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    auto sum0 = hn::Zero(d);
    auto sum1 = hn::Zero(d);
    auto sum2 = hn::Zero(d);
    auto sum3 = hn::Zero(d);
    for (std::size_t k = 0; k < num_taps; ++k) {
      const auto tap = hn::Set(d, taps[k]);
      const float* const x = in + i + 2 * k;
      sum0 = hn::Add(sum0, hn::Mul(tap, hn::LoadU(d, x)));
      sum1 = hn::Add(sum1, hn::Mul(tap, hn::LoadU(d, x + lanes)));
      sum2 = hn::Add(sum2, hn::Mul(tap, hn::LoadU(d, x + 2 * lanes)));
      sum3 = hn::Add(sum3, hn::Mul(tap, hn::LoadU(d, x + 3 * lanes)));
    }
    hn::StoreU(sum0, d, out + i);
    hn::StoreU(sum1, d, out + i + lanes);
    hn::StoreU(sum2, d, out + i + 2 * lanes);
    hn::StoreU(sum3, d, out + i + 3 * lanes);
  }
  for (; i + lanes <= n; i += lanes) {
    auto sum = hn::Zero(d);
    for (std::size_t k = 0; k < num_taps; ++k) {
      sum = hn::Add(sum, hn::Mul(hn::Set(d, taps[k]), hn::LoadU(d, in + i + 2 * k)));
    }
    hn::StoreU(sum, d, out + i);
  }
  reference::slide_dot(in + i, taps, num_taps, out + i, n - i);
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace
}  // namespace ravi::dsp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravi::dsp {
namespace {

HWY_EXPORT(scale);
HWY_EXPORT(scale_real);
HWY_EXPORT(add_scaled);
HWY_EXPORT(add_scaled_real);
HWY_EXPORT(multiply);
HWY_EXPORT(multiply_real);
HWY_EXPORT(peak_power);
HWY_EXPORT(accumulate);
HWY_EXPORT(accumulate_swapped);
HWY_EXPORT(dot_repeated);
HWY_EXPORT(dot_between);
HWY_EXPORT(slide_dot);

/// Components summed in single precision before the sum goes on in double.
constexpr std::size_t kBlock = 4096;

const float* components(std::span<const Cf32> s) { return reinterpret_cast<const float*>(s.data()); }
float* components(std::span<Cf32> s) { return reinterpret_cast<float*>(s.data()); }

struct EvenOdd {
  double even = 0.0;
  double odd = 0.0;
};

void add(EvenOdd& sum, const reference::Parts& parts)
{
  for (std::size_t i = 0; i < parts.size(); i += 2) {
    sum.even += static_cast<double>(parts[i]);
    sum.odd += static_cast<double>(parts[i + 1]);
  }
}

using Accumulate = void (*)(const float*, const float*, reference::Parts&, std::size_t);

EvenOdd sum_products(Accumulate kernel, std::span<const Cf32> a, std::span<const Cf32> b)
{
  EvenOdd sum;
  const std::size_t n = 2 * a.size();
  for (std::size_t i = 0; i < n; i += kBlock) {
    reference::Parts parts{};
    kernel(components(a) + i, components(b) + i, parts, std::min(kBlock, n - i));
    add(sum, parts);
  }
  return sum;
}

}  // namespace

void scale(std::span<const Cf32> in, float gain, std::span<Cf32> out) noexcept
{
  assert(in.size() == out.size());
  HWY_DYNAMIC_DISPATCH(scale_real)(components(in), gain, components(out), 2 * in.size());
}

void scale(std::span<const Cf32> in, Cf32 gain, std::span<Cf32> out) noexcept
{
  assert(in.size() == out.size());
  HWY_DYNAMIC_DISPATCH(scale)(components(in), gain.real(), gain.imag(), components(out), in.size());
}

void add_scaled(std::span<const Cf32> in, float gain, std::span<Cf32> out) noexcept
{
  assert(in.size() == out.size());
  HWY_DYNAMIC_DISPATCH(add_scaled_real)(components(in), gain, components(out), 2 * in.size());
}

void add_scaled(std::span<const Cf32> in, Cf32 gain, std::span<Cf32> out) noexcept
{
  assert(in.size() == out.size());
  HWY_DYNAMIC_DISPATCH(add_scaled)(components(in), gain.real(), gain.imag(), components(out), in.size());
}

void multiply(std::span<const Cf32> a, std::span<const Cf32> b, std::span<Cf32> out) noexcept
{
  assert(a.size() == b.size() && a.size() == out.size());
  HWY_DYNAMIC_DISPATCH(multiply)(components(a), components(b), 1.0F, components(out), a.size());
}

void multiply_conjugate(std::span<const Cf32> a, std::span<const Cf32> b, std::span<Cf32> out) noexcept
{
  assert(a.size() == b.size() && a.size() == out.size());
  HWY_DYNAMIC_DISPATCH(multiply)(components(a), components(b), -1.0F, components(out), a.size());
}

void multiply(std::span<const Cf32> in, std::span<const float> factors, std::span<Cf32> out) noexcept
{
  assert(in.size() == factors.size() && in.size() == out.size());
  HWY_DYNAMIC_DISPATCH(multiply_real)(components(in), factors.data(), components(out), in.size());
}

double mean_power(std::span<const Cf32> samples) noexcept
{
  if (samples.empty()) return 0.0;
  const EvenOdd sum = sum_products(HWY_DYNAMIC_DISPATCH(accumulate), samples, samples);
  return (sum.even + sum.odd) / static_cast<double>(samples.size());
}

float peak_power(std::span<const Cf32> samples) noexcept
{
  return HWY_DYNAMIC_DISPATCH(peak_power)(components(samples), samples.size());
}

std::complex<double> dot(std::span<const Cf32> samples, std::span<const Cf32> taps) noexcept
{
  assert(samples.size() == taps.size());
  const EvenOdd straight = sum_products(HWY_DYNAMIC_DISPATCH(accumulate), samples, taps);
  const EvenOdd crossed = sum_products(HWY_DYNAMIC_DISPATCH(accumulate_swapped), samples, taps);
  return {straight.even - straight.odd, crossed.even + crossed.odd};
}

std::complex<double> dot_conjugate(std::span<const Cf32> a, std::span<const Cf32> b) noexcept
{
  assert(a.size() == b.size());
  const EvenOdd straight = sum_products(HWY_DYNAMIC_DISPATCH(accumulate), a, b);
  const EvenOdd crossed = sum_products(HWY_DYNAMIC_DISPATCH(accumulate_swapped), a, b);
  return {straight.even + straight.odd, crossed.odd - crossed.even};
}

Cf32 dot_repeated(std::span<const Cf32> samples, std::span<const float> taps_twice) noexcept
{
  assert(2 * samples.size() == taps_twice.size());
  float re_im[2];
  HWY_DYNAMIC_DISPATCH(dot_repeated)(components(samples), taps_twice.data(), taps_twice.size(), re_im);
  return {re_im[0], re_im[1]};
}

Cf32 dot_repeated(std::span<const Cf32> samples, std::span<const float> taps_twice, std::span<const float> next_twice,
                  float fraction) noexcept
{
  assert(2 * samples.size() == taps_twice.size() && taps_twice.size() == next_twice.size());
  float re_im[2];
  HWY_DYNAMIC_DISPATCH(dot_between)
  (components(samples), taps_twice.data(), next_twice.data(), fraction, taps_twice.size(), re_im);
  return {re_im[0], re_im[1]};
}

void slide_dot(std::span<const Cf32> in, std::span<const float> taps, std::span<Cf32> out) noexcept
{
  assert(out.empty() || in.size() + 1 == out.size() + taps.size());
  HWY_DYNAMIC_DISPATCH(slide_dot)(components(in), taps.data(), taps.size(), components(out), 2 * out.size());
}

}  // namespace ravi::dsp
#endif  // HWY_ONCE
