#include "radio/air/kernels.h"

#include "radio/air/kernels_reference.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "radio/air/kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ravi::air::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// At most 16 lanes: the noise is made in groups of 2 x 16, and the padding is 32 floats.
using D = HWY_CAPPED(float, 16);
using DI = hn::RebindToSigned<D>;
using DU = hn::RebindToUnsigned<D>;
using DU64 = hn::Repartition<std::uint64_t, D>;
using V = hn::Vec<D>;
using VU = hn::Vec<DU>;
using VU64 = hn::Vec<DU64>;

/// exp(j 2 pi phase / 2^32), the steps of reference::cis.
HWY_INLINE void cis(VU phase, V& re, V& im)
{
  const D d;
  const DI di;
  const DU du;
  const auto quadrant = hn::ShiftRight<30>(hn::Add(phase, hn::Set(du, 0x20000000U)));
  const auto rest = hn::BitCast(di, hn::Sub(phase, hn::ShiftLeft<30>(quadrant)));
  const auto x = hn::Mul(hn::ConvertTo(d, rest), hn::Set(d, reference::kRadiansPerPhase));
  const auto z = hn::Mul(x, x);
  auto s = hn::Add(hn::Set(d, reference::kSin[1]), hn::Mul(z, hn::Set(d, reference::kSin[2])));
  s = hn::Add(hn::Set(d, reference::kSin[0]), hn::Mul(z, s));
  s = hn::Add(x, hn::Mul(hn::Mul(x, z), s));
  auto c = hn::Add(hn::Set(d, reference::kCos[1]), hn::Mul(z, hn::Set(d, reference::kCos[2])));
  c = hn::Add(hn::Set(d, reference::kCos[0]), hn::Mul(z, c));
  c = hn::Add(hn::Sub(hn::Set(d, 1.0F), hn::Mul(hn::Set(d, 0.5F), z)), hn::Mul(hn::Mul(z, z), c));
  const auto is_odd =
      hn::MaskFromVec(hn::BitCast(d, hn::VecFromMask(du, hn::Ne(hn::And(quadrant, hn::Set(du, 1U)), hn::Zero(du)))));
  const auto sign_im = hn::ShiftLeft<30>(hn::And(quadrant, hn::Set(du, 2U)));
  const auto sign_re = hn::ShiftLeft<30>(hn::And(hn::Add(quadrant, hn::Set(du, 1U)), hn::Set(du, 2U)));
  re = hn::Xor(hn::IfThenElse(is_odd, s, c), hn::BitCast(d, sign_re));
  im = hn::Xor(hn::IfThenElse(is_odd, c, s), hn::BitCast(d, sign_im));
}

/// The steps of reference::gaussian_magnitude.
HWY_INLINE V gaussian_magnitude(VU word)
{
  const D d;
  const DI di;
  const DU du;
  const auto t = hn::Add(hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<1>(word))), hn::Set(d, 0.5F));
  const auto bits = hn::BitCast(du, t);
  const auto exponent = hn::ShiftRight<23>(hn::BitCast(di, hn::Sub(bits, hn::Set(du, reference::kSqrtHalfBits))));
  const auto mantissa = hn::BitCast(d, hn::Sub(bits, hn::BitCast(du, hn::ShiftLeft<23>(exponent))));
  const auto f = hn::Sub(mantissa, hn::Set(d, 1.0F));
  auto poly = hn::Set(d, reference::kLog[8]);
  for (int i = 7; i >= 0; --i) poly = hn::Add(hn::Set(d, reference::kLog[i]), hn::Mul(f, poly));
  const auto whole = hn::Mul(hn::ConvertTo(d, hn::Sub(exponent, hn::Set(di, 31))), hn::Set(d, reference::kLn2));
  const auto log = hn::Add(whole, hn::Add(f, hn::Mul(hn::Mul(f, f), poly)));
  return hn::Sqrt(hn::Max(hn::Zero(d), hn::Sub(hn::Zero(d), log)));
}

/// Four words of `Lanes(D)` Philox blocks, whose counters begin at `counter`: words[w] lane i is word w of block i.
/// Works on 64-bit lanes, of which only the low half counts until the end: even blocks in one half, odd in the other.
HWY_INLINE void philox(const PhiloxCounter& counter, PhiloxKey key, VU words[4])
{
  const DU du;
  const DU64 du64;
  VU64 c0[2] = {hn::Add(hn::Set(du64, counter[0]), hn::ShiftLeft<1>(hn::Iota(du64, 0))), hn::Zero(du64)};
  c0[1] = hn::Add(c0[0], hn::Set(du64, 1));
  VU64 c1[2] = {hn::Set(du64, counter[1]), hn::Set(du64, counter[1])};
  VU64 c2[2] = {hn::Set(du64, counter[2]), hn::Set(du64, counter[2])};
  VU64 c3[2] = {hn::Set(du64, counter[3]), hn::Set(du64, counter[3])};
  const auto multiplier0 = hn::Set(du, kPhiloxMultiplier0);
  const auto multiplier1 = hn::Set(du, kPhiloxMultiplier1);
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const auto key0 = hn::Set(du64, key[0]);
    const auto key1 = hn::Set(du64, key[1]);
    for (int half = 0; half < 2; ++half) {
      const auto product0 = hn::MulEven(hn::BitCast(du, c0[half]), multiplier0);
      const auto product1 = hn::MulEven(hn::BitCast(du, c2[half]), multiplier1);
      c0[half] = hn::Xor(hn::Xor(hn::ShiftRight<32>(product1), c1[half]), key0);
      c2[half] = hn::Xor(hn::Xor(hn::ShiftRight<32>(product0), c3[half]), key1);
      c1[half] = product1;
      c3[half] = product0;
    }
    key[0] += kPhiloxWeyl0;
    key[1] += kPhiloxWeyl1;
  }
  const auto pack = [&](const VU64 c[2]) HWY_ATTR {
    return hn::OddEven(hn::BitCast(du, hn::ShiftLeft<32>(c[1])), hn::BitCast(du, c[0]));
  };
  words[0] = pack(c0);
  words[1] = pack(c1);
  words[2] = pack(c2);
  words[3] = pack(c3);
}

/// One whole group of noise, number `group`.
HWY_INLINE void add_group(const RandomStream& stream, float amplitude, std::uint64_t group, float* HWY_RESTRICT sum_re,
                          float* HWY_RESTRICT sum_im)
{
  const D d;
  const auto scale = hn::Set(d, amplitude);
  const auto add = [&](VU magnitude_word, VU angle_word, std::size_t at) HWY_ATTR {
    V re;
    V im;
    cis(angle_word, re, im);
    const auto magnitude = gaussian_magnitude(magnitude_word);
    hn::StoreU(hn::Add(hn::LoadU(d, sum_re + at), hn::Mul(scale, hn::Mul(magnitude, re))), d, sum_re + at);
    hn::StoreU(hn::Add(hn::LoadU(d, sum_im + at), hn::Mul(scale, hn::Mul(magnitude, im))), d, sum_im + at);
  };
  for (std::size_t i = 0; i < kNoiseGroup / 2; i += hn::Lanes(d)) {
    const std::uint64_t position = group * (kNoiseGroup / 2) + i;
    VU words[4];
    philox({static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(position >> 32), stream.index,
            static_cast<std::uint32_t>(stream.purpose)},
           philox_key(stream.seed), words);
    add(words[0], words[1], i);
    add(words[2], words[3], kNoiseGroup / 2 + i);
  }
}

void AddNoise(const RandomStream& stream, float amplitude, std::uint64_t first, std::size_t count, Planes sum)
{
  std::array<float, kNoiseGroup> re{};
  std::array<float, kNoiseGroup> im{};
  std::size_t done = 0;
  while (done < count) {
    const std::uint64_t group = (first + done) / kNoiseGroup;
    const std::size_t skip = (first + done) % kNoiseGroup;
    const std::size_t length = std::min(kNoiseGroup - skip, count - done);
    if (length == kNoiseGroup) {
      add_group(stream, amplitude, group, sum.re + done, sum.im + done);
    } else {
      std::copy_n(sum.re + done, length, re.begin() + static_cast<std::ptrdiff_t>(skip));
      std::copy_n(sum.im + done, length, im.begin() + static_cast<std::ptrdiff_t>(skip));
      add_group(stream, amplitude, group, re.data(), im.data());
      std::copy_n(re.begin() + static_cast<std::ptrdiff_t>(skip), length, sum.re + done);
      std::copy_n(im.begin() + static_cast<std::ptrdiff_t>(skip), length, sum.im + done);
    }
    done += length;
  }
}

/// Sums of one vector of outputs: real and imaginary taps apart, so that no sum waits for the other.
template <bool kComplex>
struct Sums {
  V re_re;
  V re_im;
  V im_im;
  V im_re;

  HWY_INLINE Sums() : re_re(hn::Zero(D())), re_im(re_re), im_im(re_re), im_re(re_re) {}

  HWY_INLINE void add(V h_re, V h_im, V x_re, V x_im)
  {
    re_re = hn::Add(re_re, hn::Mul(h_re, x_re));
    re_im = hn::Add(re_im, hn::Mul(h_re, x_im));
    if constexpr (kComplex) {
      im_im = hn::Add(im_im, hn::Mul(h_im, x_im));
      im_re = hn::Add(im_re, hn::Mul(h_im, x_re));
    }
  }

  HWY_INLINE void store(float* re, float* im) const
  {
    const D d;
    hn::StoreU(kComplex ? hn::Sub(re_re, im_im) : re_re, d, re);
    hn::StoreU(kComplex ? hn::Add(re_im, im_re) : re_im, d, im);
  }
};

/// Taps that stand still: `kVectors` vectors of outputs at a time, so that a tap is loaded once for all.
template <bool kComplex, std::size_t kVectors>
HWY_INLINE void filter_still(ConstPlanes taps, std::size_t num_taps, ConstPlanes x, std::size_t count, Planes out)
{
  const D d;
  const std::size_t n = hn::Lanes(d);
  for (std::size_t i = 0; i < count; i += kVectors * n) {
    Sums<kComplex> sums[kVectors];
    const float* x_re = x.re + i;
    const float* x_im = x.im + i;
    for (std::size_t k = 0; k < num_taps; ++k, --x_re, --x_im) {
      const auto h_re = hn::Set(d, taps.re[k]);
      const auto h_im = kComplex ? hn::Set(d, taps.im[k]) : hn::Zero(d);
      for (std::size_t v = 0; v < kVectors; ++v) {
        sums[v].add(h_re, h_im, hn::LoadU(d, x_re + v * n), hn::LoadU(d, x_im + v * n));
      }
    }
    for (std::size_t v = 0; v < kVectors; ++v) sums[v].store(out.re + i + v * n, out.im + i + v * n);
  }
}

/// Taps that are another for every output.
template <bool kComplex>
void filter_moving(const MovingTaps& taps, const Instants& instants, ConstPlanes x, std::size_t count, Planes out)
{
  const D d;
  const DI di;
  const std::size_t n = hn::Lanes(d);
  const auto instant = [&](std::size_t i) HWY_ATTR {
    const auto index = hn::Iota(di, static_cast<std::int32_t>(instants.first + i));
    return hn::Mul(hn::ConvertTo(d, index), hn::Set(d, instants.scale));
  };
  for (std::size_t i = 0; i < count; i += 2 * n) {
    Sums<kComplex> sums[2];
    const V t[2] = {instant(i), instant(i + n)};
    const float* x_re = x.re + i;
    const float* x_im = x.im + i;
    for (std::size_t k = 0; k < taps.num_taps; ++k, --x_re, --x_im) {
      const auto start_re = hn::Set(d, taps.start.re[k]);
      const auto slope_re = hn::Set(d, taps.slope.re[k]);
      const auto start_im = kComplex ? hn::Set(d, taps.start.im[k]) : hn::Zero(d);
      const auto slope_im = kComplex ? hn::Set(d, taps.slope.im[k]) : hn::Zero(d);
      for (std::size_t v = 0; v < 2; ++v) {
        const auto h_re = hn::Add(start_re, hn::Mul(t[v], slope_re));
        const auto h_im = kComplex ? hn::Add(start_im, hn::Mul(t[v], slope_im)) : start_im;
        sums[v].add(h_re, h_im, hn::LoadU(d, x_re + v * n), hn::LoadU(d, x_im + v * n));
      }
    }
    for (std::size_t v = 0; v < 2; ++v) sums[v].store(out.re + i + v * n, out.im + i + v * n);
  }
}

/// to[k] = start[k] + t * slope[k].
HWY_INLINE void move_taps(const float* start, const float* slope, float t, std::size_t num_taps, float* HWY_RESTRICT to)
{
  const D d;
  const auto instant = hn::Set(d, t);
  for (std::size_t k = 0; k < num_taps; k += hn::Lanes(d)) {
    hn::StoreU(hn::Add(hn::LoadU(d, start + k), hn::Mul(instant, hn::LoadU(d, slope + k))), d, to + k);
  }
}

/// Taps that are another for every kHold outputs.
template <bool kComplex>
void filter_held(const MovingTaps& taps, const Instants& instants, ConstPlanes x, std::size_t count, Planes out)
{
  constexpr std::size_t kVectors = kHold / HWY_MIN(kHold, hn::MaxLanes(D())) > 1 ? 2 : 1;
  std::size_t done = 0;
  while (done < count) {
    const auto i = static_cast<std::uint32_t>(done);
    const std::size_t length = std::min<std::size_t>(count - done, kHold - (instants.first + i) % kHold);
    const float t = reference::instant(instants, i);
    move_taps(taps.start.re, taps.slope.re, t, taps.num_taps, instants.held_re);
    if constexpr (kComplex) move_taps(taps.start.im, taps.slope.im, t, taps.num_taps, instants.held_im);
    filter_still<kComplex, kVectors>({instants.held_re, instants.held_im}, taps.num_taps, {x.re + done, x.im + done},
                                     length, {out.re + done, out.im + done});
    done += length;
  }
}

template <bool kComplex>
void filter_of(const MovingTaps& taps, const Instants& instants, ConstPlanes x, std::size_t count, Planes out)
{
  if (taps.slope.re == nullptr) return filter_still<kComplex, 2>(taps.start, taps.num_taps, x, count, out);
  if (instants.is_held()) return filter_held<kComplex>(taps, instants, x, count, out);
  filter_moving<kComplex>(taps, instants, x, count, out);
}

void Filter(const MovingTaps& taps, const Instants& instants, ConstPlanes x, std::size_t count, Planes out)
{
  if (taps.start.im != nullptr) return filter_of<true>(taps, instants, x, count, out);
  filter_of<false>(taps, instants, x, count, out);
}

void AddScaled(ConstPlanes x, float gain, std::size_t count, Planes sum)
{
  const D d;
  const auto g = hn::Set(d, gain);
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
    hn::StoreU(hn::Add(hn::LoadU(d, sum.re + i), hn::Mul(g, hn::LoadU(d, x.re + i))), d, sum.re + i);
    hn::StoreU(hn::Add(hn::LoadU(d, sum.im + i), hn::Mul(g, hn::LoadU(d, x.im + i))), d, sum.im + i);
  }
  reference::add_scaled({x.re + i, x.im + i}, gain, count - i, {sum.re + i, sum.im + i});
}

void AddRotated(ConstPlanes x, float gain, const Phase* phases, std::size_t count, Planes sum)
{
  const D d;
  const DU du;
  const auto g = hn::Set(d, gain);
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
    V c;
    V s;
    cis(hn::LoadU(du, phases + i), c, s);
    c = hn::Mul(g, c);
    s = hn::Mul(g, s);
    const auto re = hn::LoadU(d, x.re + i);
    const auto im = hn::LoadU(d, x.im + i);
    hn::StoreU(hn::Add(hn::LoadU(d, sum.re + i), hn::Sub(hn::Mul(c, re), hn::Mul(s, im))), d, sum.re + i);
    hn::StoreU(hn::Add(hn::LoadU(d, sum.im + i), hn::Add(hn::Mul(c, im), hn::Mul(s, re))), d, sum.im + i);
  }
  reference::add_rotated({x.re + i, x.im + i}, gain, phases + i, count - i, {sum.re + i, sum.im + i});
}

void AddTone(float amplitude, const Phase* phases, std::size_t count, Planes sum)
{
  const D d;
  const DU du;
  const auto a = hn::Set(d, amplitude);
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
    V c;
    V s;
    cis(hn::LoadU(du, phases + i), c, s);
    hn::StoreU(hn::Add(hn::LoadU(d, sum.re + i), hn::Mul(a, c)), d, sum.re + i);
    hn::StoreU(hn::Add(hn::LoadU(d, sum.im + i), hn::Mul(a, s)), d, sum.im + i);
  }
  reference::add_tone(amplitude, phases + i, count - i, {sum.re + i, sum.im + i});
}

void SumTones(const Phase* phases, std::size_t num_tones, std::size_t stride, Planes out)
{
  const D d;
  const DU du;
  for (std::size_t p = 0; p < stride; p += hn::Lanes(d)) {
    auto re = hn::Zero(d);
    auto im = hn::Zero(d);
    for (std::size_t i = 0; i < num_tones; ++i) {
      V c;
      V s;
      cis(hn::LoadU(du, phases + i * stride + p), c, s);
      re = hn::Add(re, c);
      im = hn::Add(im, s);
    }
    hn::StoreU(re, d, out.re + p);
    hn::StoreU(im, d, out.im + p);
  }
}

void Split(std::span<const Cf32> in, Planes out)
{
  const D d;
  const std::size_t n = hn::Lanes(d);
  const auto* values = reinterpret_cast<const float*>(in.data());
  std::size_t i = 0;
  for (; i + n <= in.size(); i += n) {
    V re;
    V im;
    hn::LoadInterleaved2(d, values + 2 * i, re, im);
    hn::StoreU(re, d, out.re + i);
    hn::StoreU(im, d, out.im + i);
  }
  for (; i < in.size(); ++i) {
    out.re[i] = in[i].real();
    out.im[i] = in[i].imag();
  }
}

void Join(ConstPlanes in, std::span<Cf32> out)
{
  const D d;
  const std::size_t n = hn::Lanes(d);
  auto* values = reinterpret_cast<float*>(out.data());
  std::size_t i = 0;
  for (; i + n <= out.size(); i += n) {
    hn::StoreInterleaved2(hn::LoadU(d, in.re + i), hn::LoadU(d, in.im + i), d, values + 2 * i);
  }
  for (; i < out.size(); ++i) out[i] = {in.re[i], in.im[i]};
}

}  // namespace ravi::air::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravi::air {

HWY_EXPORT(AddNoise);
HWY_EXPORT(Filter);
HWY_EXPORT(AddScaled);
HWY_EXPORT(AddRotated);
HWY_EXPORT(AddTone);
HWY_EXPORT(SumTones);
HWY_EXPORT(Split);
HWY_EXPORT(Join);

void filter(const MovingTaps& taps, const Instants& instants, ConstPlanes x, std::size_t count, Planes out) noexcept
{
  HWY_DYNAMIC_DISPATCH(Filter)(taps, instants, x, count, out);
}

void add_scaled(ConstPlanes x, float gain, std::size_t count, Planes sum) noexcept
{
  HWY_DYNAMIC_DISPATCH(AddScaled)(x, gain, count, sum);
}

void add_rotated(ConstPlanes x, float gain, const Phase* phases, std::size_t count, Planes sum) noexcept
{
  HWY_DYNAMIC_DISPATCH(AddRotated)(x, gain, phases, count, sum);
}

void add_tone(float amplitude, const Phase* phases, std::size_t count, Planes sum) noexcept
{
  HWY_DYNAMIC_DISPATCH(AddTone)(amplitude, phases, count, sum);
}

void add_noise(const RandomStream& stream, float amplitude, std::uint64_t first, std::size_t count, Planes sum) noexcept
{
  HWY_DYNAMIC_DISPATCH(AddNoise)(stream, amplitude, first, count, sum);
}

void sum_tones(const Phase* phases, std::size_t num_tones, std::size_t stride, Planes out) noexcept
{
  HWY_DYNAMIC_DISPATCH(SumTones)(phases, num_tones, stride, out);
}

void split(std::span<const Cf32> in, Planes out) noexcept { HWY_DYNAMIC_DISPATCH(Split)(in, out); }

void join(ConstPlanes in, std::span<Cf32> out) noexcept { HWY_DYNAMIC_DISPATCH(Join)(in, out); }

}  // namespace ravi::air
#endif  // HWY_ONCE
