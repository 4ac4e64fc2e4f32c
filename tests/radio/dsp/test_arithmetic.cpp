#include "radio/dsp/arithmetic.h"
#include "radio/dsp/arithmetic_reference.h"
#include "radio/realtime.h"
#include "tests/radio/dsp/signals.h"
#include "tests/radio/dsp/simd_targets.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

using namespace ravi;
namespace reference = ravi::dsp::reference;

namespace {

const float* components(const std::vector<Cf32>& x) { return reinterpret_cast<const float*>(x.data()); }
float* components(std::vector<Cf32>& x) { return reinterpret_cast<float*>(x.data()); }

std::vector<Cf32> slice(const std::vector<Cf32>& x, std::size_t offset, std::size_t n)
{
  return {x.begin() + static_cast<std::ptrdiff_t>(offset), x.begin() + static_cast<std::ptrdiff_t>(offset + n)};
}

/// Calls check(a, b, n) for every short length and some long ones, with a and b at changing alignments.
template <class Check>
void for_each_length(const Check& check)
{
  const auto a = test::noise(1100, 11);
  const auto b = test::noise(1100, 12);
  for (std::size_t n = 0; n <= test::kLongestShort; ++n) {
    for (std::size_t offset = 0; offset < 3; ++offset) {
      check(std::span(a).subspan(offset, n), std::span(b).subspan(2 - offset, n), n);
    }
  }
  for (const std::size_t n : {100U, 257U, 1023U}) check(std::span(a).subspan(1, n), std::span(b).subspan(2, n), n);
}

std::vector<Cf32> copy_of(std::span<const Cf32> x) { return {x.begin(), x.end()}; }

}  // namespace

TEST_CASE("scale, add_scaled, multiply: the reference's bits at every length on every instruction set")
{
  test::for_each_simd_target([] {
    for_each_length([](std::span<const Cf32> a, std::span<const Cf32> b, std::size_t n) {
      const Cf32 gain(0.7F, -1.3F);
      const std::vector<Cf32> x = copy_of(a);
      const std::vector<Cf32> y = copy_of(b);
      std::vector<Cf32> got(n);
      std::vector<Cf32> want(n);

      dsp::scale(a, gain, got);
      reference::scale(components(x), gain.real(), gain.imag(), components(want), n);
      REQUIRE(got == want);
      dsp::scale(a, 0.3F, got);
      reference::scale_real(components(x), 0.3F, components(want), 2 * n);
      REQUIRE(got == want);

      got = want = y;
      dsp::add_scaled(a, gain, got);
      reference::add_scaled(components(x), gain.real(), gain.imag(), components(want), n);
      REQUIRE(got == want);
      dsp::add_scaled(a, -2.5F, got);
      reference::add_scaled_real(components(x), -2.5F, components(want), 2 * n);
      REQUIRE(got == want);

      dsp::multiply(a, b, got);
      reference::multiply(components(x), components(y), 1.0F, components(want), n);
      REQUIRE(got == want);
      dsp::multiply_conjugate(a, b, got);
      reference::multiply(components(x), components(y), -1.0F, components(want), n);
      REQUIRE(got == want);

      const std::vector<float> factors = test::real_noise(n + 1, 13);
      dsp::multiply(a, std::span(factors).subspan(1), got);
      reference::multiply_real(components(x), factors.data() + 1, components(want), n);
      REQUIRE(got == want);
    });
  });
}

TEST_CASE("multiply, scale: are complex products, also in place")
{
  const auto a = test::noise(77, 14);
  const auto b = test::noise(77, 15);
  const auto is_near = [](Cf32 x, std::complex<double> want) {
    return std::abs(std::complex<double>(x) - want) < 1e-6;
  };
  std::vector<Cf32> product = a;
  std::vector<Cf32> conjugate = b;
  std::vector<Cf32> scaled = a;
  std::vector<Cf32> sum = b;
  dsp::multiply(product, b, product);
  dsp::multiply_conjugate(a, conjugate, conjugate);
  dsp::scale(scaled, Cf32(0.5F, 2.0F), scaled);
  dsp::add_scaled(a, Cf32(0.5F, 2.0F), sum);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::complex<double> x(a[i]);
    const std::complex<double> y(b[i]);
    CHECK(is_near(product[i], x * y));
    CHECK(is_near(conjugate[i], x * std::conj(y)));
    CHECK(is_near(scaled[i], x * std::complex<double>(0.5, 2.0)));
    CHECK(is_near(sum[i], y + x * std::complex<double>(0.5, 2.0)));
  }
}

TEST_CASE("mean_power, dot, dot_conjugate, dot_repeated: the same bits on every instruction set, and right")
{
  for_each_length([](std::span<const Cf32> a, std::span<const Cf32> b, std::size_t n) {
    std::complex<double> want_dot;
    std::complex<double> want_conjugate;
    std::complex<double> want_real;
    double want_power = 0.0;
    std::vector<float> twice;
    for (std::size_t i = 0; i < n; ++i) {
      want_dot += std::complex<double>(a[i]) * std::complex<double>(b[i]);
      want_conjugate += std::complex<double>(a[i]) * std::conj(std::complex<double>(b[i]));
      want_power += std::norm(std::complex<double>(a[i]));
      want_real += std::complex<double>(a[i]) * static_cast<double>(b[i].real());
      twice.insert(twice.end(), 2, b[i].real());
    }
    if (n > 0) want_power /= static_cast<double>(n);
    const double first_power = dsp::mean_power(a);
    const auto first_dot = dsp::dot(a, b);
    const auto first_conjugate = dsp::dot_conjugate(a, b);
    const auto first_real = dsp::dot_repeated(a, twice);
    const double tolerance = 3e-6 * std::sqrt(static_cast<double>(n + 1));
    CHECK(first_power == doctest::Approx(want_power).epsilon(1e-6));
    CHECK(std::abs(first_dot - want_dot) < tolerance);
    CHECK(std::abs(first_conjugate - want_conjugate) < tolerance);
    CHECK(std::abs(std::complex<double>(first_real) - want_real) < tolerance);
    test::for_each_simd_target([&] {
      REQUIRE(dsp::mean_power(a) == first_power);
      REQUIRE(dsp::dot(a, b) == first_dot);
      REQUIRE(dsp::dot_conjugate(a, b) == first_conjugate);
      REQUIRE(dsp::dot_repeated(a, twice) == first_real);
      REQUIRE(dsp::dot_repeated(a, twice, twice, 0.3F) == first_real);
      const std::vector<float> other(twice.rbegin(), twice.rend());
      const Cf32 other_real = dsp::dot_repeated(a, other);
      const Cf32 between = dsp::dot_repeated(a, twice, other, 0.25F);
      REQUIRE(std::abs(between - (0.75F * first_real + 0.25F * other_real)) < static_cast<float>(tolerance));
      float want_between[2];
      reference::dot_between(reinterpret_cast<const float*>(a.data()), twice.data(), other.data(), 0.25F, twice.size(),
                             want_between);
      REQUIRE(between == Cf32(want_between[0], want_between[1]));
    });
  });
}

TEST_CASE("mean_power: stays exact to 1e-6 over ten million samples")
{
  const std::vector<Cf32> samples(10'000'000, Cf32(0.3F, -0.1F));
  const double exact =
      static_cast<double>(0.3F) * static_cast<double>(0.3F) + static_cast<double>(0.1F) * static_cast<double>(0.1F);
  CHECK(dsp::mean_power(samples) == doctest::Approx(exact).epsilon(1e-6));
}

TEST_CASE("peak_power: finds the largest wherever it is, and passes over NaN")
{
  test::for_each_simd_target([] {
    for (std::size_t n = 0; n <= test::kLongestShort; ++n) {
      for (std::size_t at = 0; at < n; ++at) {
        std::vector<Cf32> x(n, Cf32(0.1F, 0.1F));
        x[at] = {-3.0F, 4.0F};
        x[(at + 1) % n] = at % 2 == 0 && n > 1 ? Cf32(std::numeric_limits<float>::quiet_NaN(), 9.0F) : x[(at + 1) % n];
        REQUIRE(dsp::peak_power(x) == 25.0F);
      }
    }
    CHECK(dsp::peak_power({}) == 0.0F);
  });
}

TEST_CASE("slide_dot: the reference's bits for all lengths of taps and outputs on every instruction set")
{
  const auto in = test::noise(200, 16);
  const auto taps = test::real_noise(40, 17);
  test::for_each_simd_target([&] {
    for (const std::size_t num_taps : {1U, 2U, 7U, 40U}) {
      for (std::size_t n = 0; n <= 2 * test::kLongestShort; ++n) {
        const auto x = slice(in, n % 3, n + num_taps - 1);
        std::vector<Cf32> got(n + 1);
        std::vector<Cf32> want(n + 1);
        dsp::slide_dot(x, std::span(taps).first(num_taps), std::span(got).first(n));
        reference::slide_dot(components(x), taps.data(), num_taps, components(want), 2 * n);
        REQUIRE(got == want);
      }
    }
  });
}

TEST_CASE("arithmetic: neither allocates nor locks")
{
  const auto a = test::noise(100, 18);
  const auto taps = test::real_noise(10, 19);
  std::vector<Cf32> out(100);
  const RealtimeScope scope;
  dsp::scale(a, 2.0F, out);
  dsp::add_scaled(a, Cf32(1, 1), out);
  dsp::multiply_conjugate(a, out, out);
  dsp::slide_dot(a, taps, std::span(out).first(91));
  CHECK(dsp::mean_power(a) > 0.0);
  CHECK(std::isfinite(dsp::dot(a, out).real()));
}
