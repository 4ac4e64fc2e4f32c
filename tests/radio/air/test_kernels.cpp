#include "radio/air/kernels.h"

#include "radio/air/kernels_reference.h"

#include <doctest/doctest.h>
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>
#include <numbers>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace ravi;
using namespace ravi::air;

/// Runs `check` once for each vector width this CPU has.
template <class Check>
void on_every_target(Check check)
{
  const std::int64_t all = hwy::SupportedTargets() & HWY_TARGETS;
  for (std::int64_t rest = all; rest != 0; rest &= rest - 1) {
    hwy::SetSupportedTargetsForTest(rest & -rest);
    hwy::GetChosenTarget().Update(rest & -rest);
    const std::string target = hwy::TargetName(rest & -rest);
    CAPTURE(target);
    check();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(all);
}

struct Plane {
  explicit Plane(std::size_t n, std::mt19937* random = nullptr) : re(n + kPlanePadding), im(n + kPlanePadding)
  {
    if (random == nullptr) return;
    std::normal_distribution<float> normal;
    for (float& v : re) v = normal(*random);
    for (float& v : im) v = normal(*random);
  }
  Planes planes(std::size_t offset = 0) { return {re.data() + offset, im.data() + offset}; }
  bool same_start(const Plane& other, std::size_t n) const
  {
    return std::equal(re.begin(), re.begin() + static_cast<std::ptrdiff_t>(n), other.re.begin()) &&
           std::equal(im.begin(), im.begin() + static_cast<std::ptrdiff_t>(n), other.im.begin());
  }
  std::vector<float> re;
  std::vector<float> im;
};

std::vector<Phase> random_phases(std::size_t n, std::mt19937& random)
{
  std::vector<Phase> phases(n + kPlanePadding);
  for (Phase& phase : phases) phase = static_cast<Phase>(random());
  return phases;
}

const std::size_t kLengths[] = {0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 200};

}  // namespace

TEST_CASE("every kernel gives the bits of its reference, at every vector width and length")
{
  on_every_target([] {
    std::mt19937 random(7);
    for (const std::size_t n : kLengths) {
      CAPTURE(n);
      Plane x(n, &random);
      const Plane before(n, &random);
      const std::vector<Phase> phases = random_phases(n, random);
      Plane got = before;
      Plane want = before;
      const auto same = [&] {
        const bool result = got.same_start(want, n);
        got = before;
        want = before;
        return result;
      };
      add_scaled(x.planes(), 0.3F, n, got.planes());
      reference::add_scaled(x.planes(), 0.3F, n, want.planes());
      CHECK(same());
      add_rotated(x.planes(), 0.7F, phases.data(), n, got.planes());
      reference::add_rotated(x.planes(), 0.7F, phases.data(), n, want.planes());
      CHECK(same());
      add_tone(0.1F, phases.data(), n, got.planes());
      reference::add_tone(0.1F, phases.data(), n, want.planes());
      CHECK(same());
      for (const std::uint64_t first : {0ULL, 5ULL, 31ULL, (1ULL << 36) - 20}) {
        const RandomStream stream{.seed = 0x1234567890ABCDEF, .index = 3, .purpose = Purpose::noise};
        add_noise(stream, 0.25F, first, n, got.planes());
        reference::add_noise(stream, 0.25F, first, n, want.planes());
        CHECK(same());
      }
    }
  });
}

TEST_CASE("rotations and noise give the bits of their references over many values, where a fused step would show")
{
  constexpr std::size_t kCount = 1 << 17;
  std::mt19937 random(10);
  const std::vector<Phase> phases = random_phases(kCount, random);
  const RandomStream stream{.seed = 5, .index = 1, .purpose = Purpose::noise};
  Plane tones(kCount);
  Plane noise(kCount);
  reference::add_tone(1.0F, phases.data(), kCount, tones.planes());
  reference::add_noise(stream, 1.0F, 77, kCount, noise.planes());
  on_every_target([&] {
    Plane got_tones(kCount);
    Plane got_noise(kCount);
    add_tone(1.0F, phases.data(), kCount, got_tones.planes());
    add_noise(stream, 1.0F, 77, kCount, got_noise.planes());
    CHECK(got_tones.same_start(tones, kCount));
    CHECK(got_noise.same_start(noise, kCount));
  });
}

TEST_CASE("the filter gives the bits of its reference for real and complex, still, moving and held taps")
{
  on_every_target([] {
    std::mt19937 random(8);
    for (const std::size_t num_taps : {std::size_t{1}, std::size_t{2}, std::size_t{41}}) {
      for (const std::size_t n : kLengths) {
        CAPTURE(n);
        CAPTURE(num_taps);
        Plane x(n + num_taps, &random);
        Plane start(num_taps, &random);
        Plane slope(num_taps, &random);
        Plane held(num_taps);
        for (const bool is_complex : {false, true}) {
          for (const auto& [is_moving, is_held] :
               {std::pair{false, false}, std::pair{true, false}, std::pair{true, true}}) {
            const MovingTaps taps{
                .num_taps = num_taps,
                .start = {start.re.data(), is_complex ? start.im.data() : nullptr},
                .slope = {is_moving ? slope.re.data() : nullptr, is_moving && is_complex ? slope.im.data() : nullptr}};
            Plane got(n);
            Plane want(n);
            const Instants instants{.first = 12,
                                    .scale = 1.0F / 256.0F,
                                    .held_re = is_held ? held.re.data() : nullptr,
                                    .held_im = is_held && is_complex ? held.im.data() : nullptr};
            filter(taps, instants, x.planes(num_taps), n, got.planes());
            reference::filter(taps, instants, x.planes(num_taps), n, want.planes());
            CHECK(got.same_start(want, n));
          }
        }
      }
    }
  });
}

TEST_CASE("sums of tones have the bits of their reference")
{
  on_every_target([] {
    std::mt19937 random(9);
    for (const std::size_t stride : {std::size_t{16}, std::size_t{32}}) {
      const std::vector<Phase> phases = random_phases(32 * stride, random);
      Plane got(stride);
      Plane want(stride);
      sum_tones(phases.data(), 32, stride, got.planes());
      reference::sum_tones(phases.data(), 32, stride, want.planes());
      CHECK(got.same_start(want, stride));
    }
  });
}

TEST_CASE("splitting and joining move every sample and touch nothing else")
{
  on_every_target([] {
    for (const std::size_t n : kLengths) {
      CAPTURE(n);
      std::vector<Cf32> in(n);
      for (std::size_t i = 0; i < n; ++i) in[i] = {static_cast<float>(i), -static_cast<float>(i) - 0.5F};
      Plane planes(n);
      split(in, planes.planes());
      CHECK(planes.re[n] == 0.0F);
      CHECK(planes.im[n] == 0.0F);
      std::vector<Cf32> out(n + 1, Cf32{9.0F, 9.0F});
      join(planes.planes(), std::span(out).first(n));
      CHECK(std::equal(in.begin(), in.end(), out.begin()));
      CHECK(out[n] == Cf32{9.0F, 9.0F});
    }
  });
}

TEST_CASE("cis is the complex exponential within 2e-7")
{
  std::mt19937 random(3);
  double worst = 0.0;
  for (int i = 0; i < 200'000; ++i) {
    const auto phase = i < 16 ? static_cast<Phase>(i) << 28 : static_cast<Phase>(random());
    const std::complex<double> want = std::polar(1.0, 2.0 * std::numbers::pi * phase * 0x1p-32);
    const Cf32 got = reference::cis(phase);
    worst = std::max(worst, std::abs(std::complex<double>(got.real(), got.imag()) - want));
  }
  CHECK(worst < 2e-7);
}

TEST_CASE("the magnitude of a Gaussian is sqrt(-ln u) within 3e-7 of it, from the smallest u to u = 1")
{
  std::mt19937 random(4);
  double worst = 0.0;
  for (int i = 0; i < 200'000; ++i) {
    // All sizes of word alike, so that the tail is looked at as closely as the middle.
    const auto word = static_cast<std::uint32_t>(random()) >> (i % 32);
    const double u = static_cast<double>((static_cast<float>(word >> 1) + 0.5F)) * 0x1p-31;
    const double want = std::sqrt(-std::log(u));
    worst = std::max(worst, std::abs(reference::gaussian_magnitude(word) - want) / std::max(want, 1e-3));
  }
  CHECK(worst < 3e-7);
  CHECK(reference::gaussian_magnitude(0xFFFFFFFF) == 0.0F);
  CHECK(reference::gaussian_magnitude(0) == doctest::Approx(std::sqrt(32.0 * std::log(2.0))));
}

TEST_CASE("noise is Gaussian: moments, tail, distribution, whiteness, independent of other streams")
{
  constexpr std::size_t kCount = 1 << 22;
  Plane noise(kCount);
  add_noise({.seed = 42, .index = 0, .purpose = Purpose::noise}, 1.0F, 0, kCount, noise.planes());
  const double n = 2.0 * kCount;
  double mean = 0.0;
  double m2 = 0.0;
  double m3 = 0.0;
  double m4 = 0.0;
  double lag = 0.0;
  double cross = 0.0;
  std::size_t beyond4 = 0;
  std::size_t beyond5 = 0;
  std::vector<double> sorted;
  sorted.reserve(2 * kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    for (const float component : {noise.re[i], noise.im[i]}) {
      const double v = component * std::numbers::sqrt2;  // unit variance
      mean += v;
      m2 += v * v;
      m3 += v * v * v;
      m4 += v * v * v * v;
      beyond4 += std::abs(v) > 4.0 ? 1 : 0;
      beyond5 += std::abs(v) > 5.0 ? 1 : 0;
      sorted.push_back(v);
    }
    if (i > 0) lag += noise.re[i] * noise.re[i - 1] + noise.im[i] * noise.im[i - 1];
    cross += noise.re[i] * noise.im[i];
  }
  // Each bound is about four and a half standard deviations of the estimate.
  CHECK(std::abs(mean / n) < 4.5 / std::sqrt(n));
  CHECK(std::abs(m2 / n - 1.0) < 4.5 * std::sqrt(2.0 / n));
  CHECK(std::abs(m3 / n) < 4.5 * std::sqrt(15.0 / n));
  CHECK(std::abs(m4 / n - 3.0) < 4.5 * std::sqrt(96.0 / n));
  CHECK(std::abs(lag / kCount) < 4.5 * std::sqrt(0.5 / kCount));
  CHECK(std::abs(cross / kCount) < 4.5 * std::sqrt(0.25 / kCount));
  const auto expect_tail = [n](std::size_t found, double sigma) {
    const double expected = n * std::erfc(sigma / std::numbers::sqrt2);
    CHECK(std::abs(static_cast<double>(found) - expected) < 4.5 * std::sqrt(expected));
  };
  expect_tail(beyond4, 4.0);  // 531 expected
  expect_tail(beyond5, 5.0);  // 4.8 expected
  std::sort(sorted.begin(), sorted.end());
  double distance = 0.0;  // Kolmogorov and Smirnov
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double cdf = 0.5 * std::erfc(-sorted[i] / std::numbers::sqrt2);
    distance = std::max(
        {distance, std::abs(cdf - static_cast<double>(i) / n), std::abs(cdf - static_cast<double>(i + 1) / n)});
  }
  CHECK(distance * std::sqrt(n) < 1.95);  // exceeded by chance once in a thousand seeds

  Plane other(kCount);
  add_noise({.seed = 42, .index = 1, .purpose = Purpose::noise}, 1.0F, 0, kCount, other.planes());
  double between = 0.0;
  for (std::size_t i = 0; i < kCount; ++i) between += noise.re[i] * other.re[i] + noise.im[i] * other.im[i];
  CHECK(std::abs(between / kCount) < 4.5 * std::sqrt(0.5 / kCount));
}
