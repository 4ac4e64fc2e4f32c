#include "radio/dsp/convert.h"
#include "radio/dsp/convert_reference.h"
#include "radio/realtime.h"
#include "tests/radio/dsp/simd_targets.h"

#include <doctest/doctest.h>

#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <vector>

using namespace ravi;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

/// Noise of 0.4 full scale with some clipping, ties and odd values strewn in.
std::vector<Cf32> test_signal(std::size_t n, unsigned seed)
{
  std::mt19937 random(seed);
  std::normal_distribution<float> noise(0.0F, 0.4F);
  const float odd[] = {kNan, -kNan, kInf, -kInf, 1.0F, -1.0F, 1e30F, -0.0F, 0.5F / 32767.0F, 2.5F / 127.0F, 1e-40F};
  std::vector<Cf32> out(n);
  for (Cf32& x : out) {
    const auto component = [&] { return random() % 8 == 0 ? odd[random() % std::size(odd)] : noise(random); };
    x = {component(), component()};
  }
  return out;
}

template <class T>
std::vector<T> all_values()
{
  std::vector<T> out;
  for (int v = std::numeric_limits<decltype(T::i)>::min(); v <= std::numeric_limits<decltype(T::i)>::max(); ++v) {
    out.push_back({static_cast<decltype(T::i)>(v), static_cast<decltype(T::i)>(-v - 1)});
  }
  return out;
}

std::size_t to_integer(std::span<const Cf32> in, std::span<Sc16> out) { return dsp::to_sc16(in, out); }
std::size_t to_integer(std::span<const Cf32> in, std::span<Sc8> out) { return dsp::to_sc8(in, out); }

template <class T>
constexpr float kFullScale = sizeof(T) == 4 ? dsp::kSc16FullScale : dsp::kSc8FullScale;

template <class T>
void check_every_length_against_reference()
{
  const auto signal = test_signal(2 * test::kLongestShort + 3, 1);
  for (std::size_t offset = 0; offset < 3; ++offset) {
    for (std::size_t n = 0; n <= 2 * test::kLongestShort; ++n) {
      const auto in = std::span(signal).subspan(offset, n);
      std::vector<T> got(n + offset + 1, T{77, 77});
      std::vector<T> want(n);
      const std::size_t clipped = to_integer(in, std::span(got).subspan(offset, n));
      using Component = decltype(T::i);
      const std::size_t want_clipped = dsp::reference::to_integer(
          reinterpret_cast<const float*>(in.data()), reinterpret_cast<Component*>(want.data()), 2 * n, kFullScale<T>);
      REQUIRE(clipped == want_clipped);
      for (std::size_t i = 0; i < n; ++i) REQUIRE(got[offset + i] == want[i]);
      REQUIRE(got.back() == T{77, 77});
    }
  }
}

template <class T>
void check_round_trip()
{
  const auto integers = all_values<T>();
  std::vector<Cf32> floats(integers.size());
  std::vector<T> back(integers.size());
  dsp::to_cf32(std::span<const T>(integers), floats);
  const std::size_t clipped = to_integer(floats, std::span(back));
  const int lowest = std::numeric_limits<decltype(T::i)>::min();
  CHECK(clipped == 2);  // the lowest value, once as I and once as Q
  for (std::size_t i = 0; i < integers.size(); ++i) {
    const float exact_i = static_cast<float>(integers[i].i) / kFullScale<T>;
    REQUIRE(std::abs(floats[i].real() - exact_i) <= std::abs(exact_i) * 1.2e-7F);
    REQUIRE(back[i].i == (integers[i].i == lowest ? lowest + 1 : integers[i].i));
    REQUIRE(back[i].q == (integers[i].q == lowest ? lowest + 1 : integers[i].q));
  }
}

}  // namespace

TEST_CASE("convert: full scale, rounding to even, clipping and NaN are as promised")
{
  test::for_each_simd_target([] {
    // 2^-15 steps keep the ties exact in binary: x * 32767 = 0.5 has no exact x, so ties are tried with 8 bits' 127.
    const std::vector<Cf32> in = {{1.0F, -1.0F},  {0.0F, -0.0F},       {1.5F, -1.5F}, {kNan, 0.25F},
                                  {kInf, -kInf},  {0.5F, -0.5F},       {2.0F, 0.1F},  {-3e38F, 3e38F},
                                  {1.00001F, -1}, {1.000016F, -1.1F},  {0, 0},        {0, 0},
                                  {0, 0},         {0, 0},              {0, 0},        {0, 0},
                                  {0, 0}};
    std::vector<Sc16> out(in.size());
    CHECK(dsp::to_sc16(in, out) == 10);
    CHECK(out[0] == Sc16{32767, -32767});
    CHECK(out[1] == Sc16{0, 0});
    CHECK(out[2] == Sc16{32767, -32767});
    CHECK(out[3] == Sc16{0, 8192});  // 8191.75
    CHECK(out[4] == Sc16{32767, -32767});
    CHECK(out[5] == Sc16{16384, -16384});  // 16383.5 ties to even
    CHECK(out[6] == Sc16{32767, 3277});
    CHECK(out[7] == Sc16{-32767, 32767});
    CHECK(out[8] == Sc16{32767, -32767});  // 32767.33 rounds to full scale: not clipped
    CHECK(out[9] == Sc16{32767, -32767});  // 32767.52 would be 32768: clipped

    std::vector<Sc8> out8(in.size());
    CHECK(dsp::to_sc8(in, out8) == 9);
    CHECK(out8[0] == Sc8{127, -127});
    CHECK(out8[5] == Sc8{64, -64});  // 63.5 ties to even
    CHECK(out8[3] == Sc8{0, 32});
    CHECK(out8[7] == Sc8{-127, 127});
  });
}

TEST_CASE("convert: every length and alignment equals the scalar reference on every instruction set")
{
  test::for_each_simd_target([] {
    check_every_length_against_reference<Sc16>();
    check_every_length_against_reference<Sc8>();
  });
}

TEST_CASE("convert: every integer comes back from float, but the lowest, which is clipped to minus full scale")
{
  test::for_each_simd_target([] {
    check_round_trip<Sc16>();
    check_round_trip<Sc8>();
  });
}

TEST_CASE("convert: integer to float is the same bits on every instruction set")
{
  const auto integers = all_values<Sc16>();
  std::vector<Cf32> want(integers.size());
  dsp::reference::to_float(&integers[0].i, reinterpret_cast<float*>(want.data()), 2 * integers.size(),
                           dsp::kSc16FullScale);
  test::for_each_simd_target([&] {
    for (std::size_t n = 0; n <= 2 * test::kLongestShort; ++n) {
      std::vector<Cf32> got(n + 2, Cf32(7, 7));
      dsp::to_cf32(std::span(integers).subspan(1, n), std::span(got).subspan(1, n));
      for (std::size_t i = 0; i < n; ++i) REQUIRE(got[i + 1] == want[i + 1]);
      REQUIRE(got[0] == Cf32(7, 7));
      REQUIRE(got[n + 1] == Cf32(7, 7));
    }
    std::vector<Cf32> got(integers.size());
    dsp::to_cf32(integers, got);
    REQUIRE(got == want);
  });
}

TEST_CASE("zero_not_finite: samples with a NaN or infinity become zero and are counted, others stay")
{
  const auto signal = test_signal(2 * test::kLongestShort + 3, 2);
  test::for_each_simd_target([&] {
    for (std::size_t n = 0; n <= 2 * test::kLongestShort; ++n) {
      std::vector<Cf32> got(signal.begin() + 1, signal.begin() + 1 + static_cast<std::ptrdiff_t>(n));
      const std::size_t zeroed = dsp::zero_not_finite(got);
      std::size_t want_zeroed = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const Cf32 x = signal[1 + i];
        const bool is_finite = std::isfinite(x.real()) && std::isfinite(x.imag());
        want_zeroed += is_finite ? 0U : 1U;
        REQUIRE(got[i] == (is_finite ? x : Cf32(0, 0)));
      }
      REQUIRE(zeroed == want_zeroed);
    }
  });
}

TEST_CASE("convert: neither allocates nor locks")
{
  const auto in = test_signal(1000, 3);
  std::vector<Sc16> sc16(in.size());
  std::vector<Sc8> sc8(in.size());
  std::vector<Cf32> back(in.size());
  const RealtimeScope scope;
  dsp::to_sc16(in, sc16);
  dsp::to_sc8(in, sc8);
  dsp::to_cf32(sc16, back);
  dsp::to_cf32(sc8, back);
  dsp::zero_not_finite(back);
}
