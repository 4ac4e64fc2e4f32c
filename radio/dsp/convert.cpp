#include "radio/dsp/convert.h"

#include "radio/dsp/convert_reference.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "radio/dsp/convert.cpp"  // compiled once for each CPU generation
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cassert>

HWY_BEFORE_NAMESPACE();
namespace ravi::dsp::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
void to_float(const T* in, float* out, std::size_t n, float full)
{
  const hn::ScalableTag<float> df;
  const hn::RebindToSigned<decltype(df)> di;
  const hn::Rebind<T, decltype(df)> dt;
  const std::size_t lanes = hn::Lanes(df);
  const auto scale = hn::Set(df, 1.0F / full);

  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto integer = hn::PromoteTo(di, hn::LoadU(dt, in + i));
    hn::StoreU(hn::Mul(hn::ConvertTo(df, integer), scale), df, out + i);
  }
  reference::to_float(in + i, out + i, n - i, full);
}

template <class T>
std::size_t to_integer(const float* in, T* out, std::size_t n, float full)
{
  const hn::ScalableTag<float> df;
  const hn::Rebind<T, decltype(df)> dt;
  const std::size_t lanes = hn::Lanes(df);
  const auto high = hn::Set(df, full);
  const auto low = hn::Set(df, -full);
  const auto limit = hn::Set(df, full + 0.5F);

  std::size_t clipped = 0;
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    auto scaled = hn::Mul(hn::LoadU(df, in + i), high);
    const auto fits = hn::Lt(hn::Abs(scaled), limit);  // false for NaN
    if (HWY_UNLIKELY(!hn::AllTrue(df, fits))) {
      clipped += lanes - hn::CountTrue(df, fits);
      scaled = hn::IfThenElseZero(hn::Eq(scaled, scaled), scaled);
      scaled = hn::Min(hn::Max(scaled, low), high);
    }
    hn::StoreU(hn::DemoteTo(dt, hn::NearestInt(scaled)), dt, out + i);
  }
  return clipped + reference::to_integer(in + i, out + i, n - i, full);
}

std::size_t zero_not_finite(float* iq, std::size_t num_samples)
{
  const hn::ScalableTag<float> df;
  const std::size_t block = 2 * hn::Lanes(df);  // components; even, so that no sample is cut
  const std::size_t n = 2 * num_samples;

  std::size_t zeroed = 0;
  std::size_t i = 0;
  for (; i + block <= n; i += block) {
    const auto a = hn::LoadU(df, iq + i);
    const auto b = hn::LoadU(df, iq + i + block / 2);
    if (HWY_LIKELY(hn::AllTrue(df, hn::And(hn::IsFinite(a), hn::IsFinite(b))))) continue;
    zeroed += reference::zero_not_finite(iq + i, block / 2);
  }
  return zeroed + reference::zero_not_finite(iq + i, (n - i) / 2);
}

void sc16_to_float(const std::int16_t* in, float* out, std::size_t n) { to_float(in, out, n, kSc16FullScale); }
void sc8_to_float(const std::int8_t* in, float* out, std::size_t n) { to_float(in, out, n, kSc8FullScale); }
std::size_t float_to_sc16(const float* in, std::int16_t* out, std::size_t n)
{
  return to_integer(in, out, n, kSc16FullScale);
}
std::size_t float_to_sc8(const float* in, std::int8_t* out, std::size_t n)
{
  return to_integer(in, out, n, kSc8FullScale);
}

}  // namespace
}  // namespace ravi::dsp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravi::dsp {
namespace {

HWY_EXPORT(sc16_to_float);
HWY_EXPORT(sc8_to_float);
HWY_EXPORT(float_to_sc16);
HWY_EXPORT(float_to_sc8);
HWY_EXPORT(zero_not_finite);

const float* components(std::span<const Cf32> s) { return reinterpret_cast<const float*>(s.data()); }
float* components(std::span<Cf32> s) { return reinterpret_cast<float*>(s.data()); }

}  // namespace

void to_cf32(std::span<const Sc16> in, std::span<Cf32> out) noexcept
{
  assert(in.size() == out.size());
  HWY_DYNAMIC_DISPATCH(sc16_to_float)(reinterpret_cast<const std::int16_t*>(in.data()), components(out), 2 * in.size());
}

void to_cf32(std::span<const Sc8> in, std::span<Cf32> out) noexcept
{
  assert(in.size() == out.size());
  HWY_DYNAMIC_DISPATCH(sc8_to_float)(reinterpret_cast<const std::int8_t*>(in.data()), components(out), 2 * in.size());
}

std::size_t to_sc16(std::span<const Cf32> in, std::span<Sc16> out) noexcept
{
  assert(in.size() == out.size());
  return HWY_DYNAMIC_DISPATCH(float_to_sc16)(components(in), reinterpret_cast<std::int16_t*>(out.data()),
                                             2 * in.size());
}

std::size_t to_sc8(std::span<const Cf32> in, std::span<Sc8> out) noexcept
{
  assert(in.size() == out.size());
  return HWY_DYNAMIC_DISPATCH(float_to_sc8)(components(in), reinterpret_cast<std::int8_t*>(out.data()), 2 * in.size());
}

std::size_t zero_not_finite(std::span<Cf32> samples) noexcept
{
  return HWY_DYNAMIC_DISPATCH(zero_not_finite)(components(samples), samples.size());
}

}  // namespace ravi::dsp
#endif  // HWY_ONCE
