#include "stack/phy/modulation.h"

#include "stack/phy/modulation_reference.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stack/phy/modulation.cpp"  // compiled once for each CPU generation
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <array>
#include <cassert>
#include <complex>
#include <cstddef>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace ravi::phy::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR  // vectors of one lane hold no symbol: all is left to the reference

std::size_t demap_vectors(const float*, const float*, std::size_t, std::size_t, unsigned, std::int8_t*) { return 0; }

#else

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Bytes = hn::Rebind<std::int8_t, Floats>;
using Ints = hn::Rebind<std::int32_t, Floats>;
using Pairs = hn::Repartition<std::uint16_t, Bytes>;  ///< the LLRs of one bit of both axes

HWY_INLINE hn::Vec<Floats> sign_metric(Floats d, hn::Vec<Floats> x, float levels)
{
  const auto a = hn::Abs(x);
  const auto piece = hn::Floor(hn::Min(hn::Mul(a, hn::Set(d, 0.5F)), hn::Set(d, levels - 1.0F)));
  return hn::CopySign(hn::Mul(hn::Add(piece, hn::Set(d, 1.0F)), hn::Sub(a, piece)), x);
}

HWY_INLINE hn::Vec<Pairs> quantize(Floats d, hn::Vec<Floats> llr)
{
  const auto clamped = hn::Min(hn::Max(llr, hn::Set(d, -120.0F)), hn::Set(d, 120.0F));
  const auto valid = hn::IfThenElseZero(hn::Eq(llr, llr), clamped);
  return hn::BitCast(Pairs(), hn::DemoteTo(Bytes(), hn::NearestInt(valid)));
}

/// The gain of each of the vector's amplitudes, from the noise variances of half as many symbols.
HWY_INLINE hn::Vec<Floats> gains(Floats d, const float* noise_var, float gain)
{
  const hn::Half<Floats> d_half;
  const auto loaded = hn::LoadU(d_half, noise_var);
  const auto smallest = hn::Set(d_half, reference::kSmallestNoiseVar);
  const auto noise = hn::IfThenElse(hn::Lt(loaded, smallest), smallest, loaded);
  const auto one_each = hn::Div(hn::Set(d_half, gain), noise);
  const hn::Repartition<std::uint64_t, Floats> d_pair;
  const auto wide = hn::PromoteTo(d_pair, hn::BitCast(hn::Rebind<std::uint32_t, hn::Half<Floats>>(), one_each));
  return hn::BitCast(d, hn::Or(wide, hn::ShiftLeft<32>(wide)));
}

/// As many symbols as fill vectors; returns how many. kBitsPerAxis 1..4. A null stride (0) of the noise repeats its first value.
template <unsigned kBitsPerAxis>
std::size_t demap_square(const float* amplitudes, const float* noise_var, std::size_t noise_stride, std::size_t num_symbols,
                         std::int8_t* llrs)
{
  const Floats d;
  const Pairs d_pairs;
  const std::size_t step = hn::Lanes(d) / 2;  // symbols a vector
  const float gain = reference::llr_gain(kBitsPerAxis);
  const auto to_half_distances = hn::Set(d, 1.0F / reference::half_distance(kBitsPerAxis));
  auto* out = reinterpret_cast<std::uint16_t*>(llrs);
  const float first = noise_var[0] < reference::kSmallestNoiseVar ? reference::kSmallestNoiseVar : noise_var[0];
  auto g = hn::Set(d, gain / first);
  std::size_t symbol = 0;
  for (; symbol + step <= num_symbols; symbol += step) {
    if (noise_stride != 0) g = gains(d, noise_var + symbol, gain);
    auto x = hn::Mul(hn::LoadU(d, amplitudes + 2 * symbol), to_half_distances);
    std::array<hn::Vec<Pairs>, 4> pairs;
    for (unsigned bit = 0; bit < kBitsPerAxis; ++bit) {
      const auto levels = static_cast<float>(1U << (kBitsPerAxis - 1 - bit));
      pairs[bit] = quantize(d, hn::Mul(g, sign_metric(d, x, levels)));
      x = hn::Sub(hn::Set(d, levels), hn::Abs(x));
    }
    std::uint16_t* at = out + symbol * kBitsPerAxis;
    if constexpr (kBitsPerAxis == 1) hn::StoreU(pairs[0], d_pairs, at);
    if constexpr (kBitsPerAxis == 2) hn::StoreInterleaved2(pairs[0], pairs[1], d_pairs, at);
    if constexpr (kBitsPerAxis == 3) hn::StoreInterleaved3(pairs[0], pairs[1], pairs[2], d_pairs, at);
    if constexpr (kBitsPerAxis == 4) hn::StoreInterleaved4(pairs[0], pairs[1], pairs[2], pairs[3], d_pairs, at);
  }
  return symbol;
}

std::size_t demap_vectors(const float* amplitudes, const float* noise_var, std::size_t noise_stride, std::size_t num_symbols,
                          unsigned bits_per_axis, std::int8_t* llrs)
{
  switch (bits_per_axis) {
    case 1: return demap_square<1>(amplitudes, noise_var, noise_stride, num_symbols, llrs);
    case 2: return demap_square<2>(amplitudes, noise_var, noise_stride, num_symbols, llrs);
    case 3: return demap_square<3>(amplitudes, noise_var, noise_stride, num_symbols, llrs);
    case 4: return demap_square<4>(amplitudes, noise_var, noise_stride, num_symbols, llrs);
    default: return 0;
  }
}

#endif

}  // namespace
}  // namespace ravi::phy::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace ravi::phy {
namespace {

HWY_EXPORT(demap_vectors);

/// All 2^Q_m points, indexed by the symbol's bits with the first the most significant.
template <unsigned kBits>
constexpr std::array<Cf32, 1U << kBits> make_points()
{
  constexpr std::array<double, 5> kHalfDistance = {0.0, 0.70710678118654752, 0.31622776601683794, 0.15430334996209192,
                                                   0.07669649888473704};
  constexpr unsigned kBitsPerAxis = kBits / 2;
  std::array<Cf32, 1U << kBits> points{};
  for (unsigned index = 0; index < points.size(); ++index) {
    std::array<int, 2> axis = {1, 1};  // from the innermost bit outwards: 2^k - (1 - 2b) * what is inside
    for (unsigned k = kBitsPerAxis; k-- > 0;) {
      for (unsigned a = 0; a < 2; ++a) {
        const bool bit = (index >> (kBits - 1 - (2 * k + a)) & 1U) != 0;
        const int offset = k == 0 ? 0 : 1 << (kBitsPerAxis - k);
        axis[a] = k == 0 ? (bit ? -axis[a] : axis[a]) : offset - (bit ? -axis[a] : axis[a]);
      }
    }
    points[index] = Cf32(static_cast<float>(axis[0] * kHalfDistance[kBitsPerAxis]),
                         static_cast<float>(axis[1] * kHalfDistance[kBitsPerAxis]));
  }
  return points;
}

template <unsigned kBits>
void map_square(std::span<const std::uint8_t> bits, std::span<Cf32> symbols)
{
  static constexpr auto kPoints = make_points<kBits>();
  const std::uint8_t* bit = bits.data();
  for (Cf32& symbol : symbols) {
    unsigned index = 0;
    for (unsigned i = 0; i < kBits; ++i) index = index << 1U | *bit++;
    symbol = kPoints[index];
  }
}

void map_bpsk(std::span<const std::uint8_t> bits, bool rotate_odd, std::span<Cf32> symbols)
{
  constexpr float kAmplitude = 0.70710678F;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const float value = bits[i] != 0 ? -kAmplitude : kAmplitude;
    symbols[i] = rotate_odd && i % 2 == 1 ? Cf32(-value, value) : Cf32(value, value);
  }
}

void demap_bpsk(std::span<const Cf32> symbols, const float* noise_var, std::size_t noise_stride, bool rotate_odd,
                std::span<std::int8_t> llrs)
{
  const float gain = 2.0F * 1.41421356F * kLlrPerNat;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const float noise = noise_var[i * noise_stride];
    const float along = rotate_odd && i % 2 == 1 ? symbols[i].imag() - symbols[i].real() : symbols[i].real() + symbols[i].imag();
    llrs[i] = reference::quantize(along * (gain / (noise < reference::kSmallestNoiseVar ? reference::kSmallestNoiseVar : noise)));
  }
}

void demap_any(std::span<const Cf32> symbols, const float* noise_var, std::size_t noise_stride, nr::Modulation modulation,
               std::span<std::int8_t> llrs)
{
  const unsigned bits = nr::bits_per_symbol(modulation);
  assert(llrs.size() == symbols.size() * bits);
  if (symbols.empty()) return;
  if (bits == 1) return demap_bpsk(symbols, noise_var, noise_stride, modulation == nr::Modulation::pi2_bpsk, llrs);
  const unsigned bits_per_axis = bits / 2;
  const auto* amplitudes = reinterpret_cast<const float*>(symbols.data());
  std::size_t i =
      HWY_DYNAMIC_DISPATCH(demap_vectors)(amplitudes, noise_var, noise_stride, symbols.size(), bits_per_axis, llrs.data());
  const float to_half_distances = 1.0F / reference::half_distance(bits_per_axis);
  for (; i < symbols.size(); ++i) {
    const float noise = noise_var[i * noise_stride];
    const float gain = reference::llr_gain(bits_per_axis) / (noise < reference::kSmallestNoiseVar ? reference::kSmallestNoiseVar : noise);
    reference::demap_axis(symbols[i].real() * to_half_distances, gain, bits_per_axis, &llrs[i * bits]);
    reference::demap_axis(symbols[i].imag() * to_half_distances, gain, bits_per_axis, &llrs[i * bits + 1]);
  }
}

}  // namespace

void map_symbols(std::span<const std::uint8_t> bits, nr::Modulation modulation, std::span<Cf32> symbols) noexcept
{
  assert(bits.size() == symbols.size() * nr::bits_per_symbol(modulation));
  switch (modulation) {
    case nr::Modulation::pi2_bpsk: return map_bpsk(bits, true, symbols);
    case nr::Modulation::bpsk: return map_bpsk(bits, false, symbols);
    case nr::Modulation::qpsk: return map_square<2>(bits, symbols);
    case nr::Modulation::qam16: return map_square<4>(bits, symbols);
    case nr::Modulation::qam64: return map_square<6>(bits, symbols);
    case nr::Modulation::qam256: return map_square<8>(bits, symbols);
  }
}

void demap(std::span<const Cf32> symbols, std::span<const float> noise_var, nr::Modulation modulation,
           std::span<std::int8_t> llrs) noexcept
{
  assert(noise_var.size() == symbols.size());
  demap_any(symbols, noise_var.data(), 1, modulation, llrs);
}

void demap(std::span<const Cf32> symbols, float noise_var, nr::Modulation modulation, std::span<std::int8_t> llrs) noexcept
{
  demap_any(symbols, &noise_var, 0, modulation, llrs);
}

}  // namespace ravi::phy

#endif
