#include "stack/phy/modulation.h"

#include "radio/realtime.h"
#include "stack/phy/modulation_reference.h"

#include <doctest/doctest.h>
#include <hwy/targets.h>

#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace ravi::phy {
namespace {

using nr::Modulation;

constexpr std::array kAll = {Modulation::pi2_bpsk, Modulation::bpsk,  Modulation::qpsk,
                             Modulation::qam16,    Modulation::qam64, Modulation::qam256};

/// The formula of TS 38.211 §5.1.1 .. §5.1.6, written out term by term.
std::complex<double> point(Modulation modulation, const std::uint8_t* b, std::size_t i)
{
  const auto s = [&](int k) { return 1.0 - 2.0 * b[k]; };
  switch (modulation) {
    case Modulation::pi2_bpsk:
      return std::polar(1.0, 1.5707963267948966 * static_cast<double>(i % 2)) / std::sqrt(2.0) * std::complex(s(0), s(0));
    case Modulation::bpsk: return std::complex(s(0), s(0)) / std::sqrt(2.0);
    case Modulation::qpsk: return std::complex(s(0), s(1)) / std::sqrt(2.0);
    case Modulation::qam16: return std::complex(s(0) * (2 - s(2)), s(1) * (2 - s(3))) / std::sqrt(10.0);
    case Modulation::qam64:
      return std::complex(s(0) * (4 - s(2) * (2 - s(4))), s(1) * (4 - s(3) * (2 - s(5)))) / std::sqrt(42.0);
    case Modulation::qam256:
      return std::complex(s(0) * (8 - s(2) * (4 - s(4) * (2 - s(6)))), s(1) * (8 - s(3) * (4 - s(5) * (2 - s(7))))) /
             std::sqrt(170.0);
  }
  return {};
}

/// Max-log LLR of one bit in nats: over every point of the constellation.
double exact_llr(Modulation modulation, std::complex<double> y, double noise_var, unsigned bit, std::size_t i)
{
  std::array<double, 2> nearest = {1e300, 1e300};
  const unsigned bits = bits_per_symbol(modulation);
  for (unsigned index = 0; index < 1U << bits; ++index) {
    std::array<std::uint8_t, 8> b{};
    for (unsigned k = 0; k < bits; ++k) b[k] = static_cast<std::uint8_t>(index >> k & 1U);
    nearest[b[bit]] = std::min(nearest[b[bit]], std::norm(y - point(modulation, b.data(), i)));
  }
  return (nearest[1] - nearest[0]) / noise_var;
}

std::vector<std::uint8_t> random_bits(std::mt19937& random, std::size_t n)
{
  std::vector<std::uint8_t> bits(n);
  for (auto& bit : bits) bit = static_cast<std::uint8_t>(random() >> 7U & 1U);
  return bits;
}

std::vector<Cf32> random_symbols(std::mt19937& random, std::size_t n, float deviation)
{
  std::normal_distribution<float> gaussian(0.0F, deviation);
  std::vector<Cf32> symbols(n);
  for (auto& symbol : symbols) symbol = {gaussian(random), gaussian(random)};
  return symbols;
}

}  // namespace

TEST_CASE("modulation: every point is where its formula puts it, and the mean power is 1 [TS 38.211 §5.1]")
{
  for (const Modulation modulation : kAll) {
    const unsigned bits = bits_per_symbol(modulation);
    CAPTURE(static_cast<int>(modulation));
    std::vector<std::uint8_t> all;
    const std::size_t count = std::size_t{2} << bits;  // each twice: even and odd indices for pi/2-BPSK
    for (std::size_t index = 0; index < count; ++index) {
      for (unsigned k = 0; k < bits; ++k) all.push_back(static_cast<std::uint8_t>(index / 2 >> k & 1U));
    }
    std::vector<Cf32> symbols(count);
    map_symbols(all, modulation, symbols);
    double power = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
      CHECK(std::abs(std::complex<double>(symbols[i]) - point(modulation, &all[i * bits], i)) < 1e-6);
      power += std::norm(std::complex<double>(symbols[i]));
    }
    CHECK(power / static_cast<double>(count) == doctest::Approx(1.0).epsilon(1e-6));
  }
}

TEST_CASE("demapping: equals max-log over the whole constellation, rounded")
{
  std::mt19937 random(4);
  for (const Modulation modulation : kAll) {
    const unsigned bits = bits_per_symbol(modulation);
    CAPTURE(static_cast<int>(modulation));
    for (const float noise_var : {1.0F, 0.1F, 0.01F}) {
      const auto symbols = random_symbols(random, 400, 0.9F);
      std::vector<std::int8_t> llrs(symbols.size() * bits);
      demap(symbols, noise_var, modulation, llrs);
      for (std::size_t i = 0; i < symbols.size(); ++i) {
        for (unsigned bit = 0; bit < bits; ++bit) {
          const double exact = kLlrPerNat * exact_llr(modulation, std::complex<double>(symbols[i]), noise_var, bit, i);
          const double limited = std::min(120.0, std::max(-120.0, exact));
          REQUIRE(std::abs(llrs[i * bits + bit] - limited) < 0.51);
        }
      }
    }
  }
}

TEST_CASE("demapping: the kernel of every CPU generation equals the reference at every length, each symbol with its own noise")
{
  std::mt19937 random(5);
  const std::int64_t supported = hwy::SupportedTargets();
  for (const Modulation modulation : {Modulation::qpsk, Modulation::qam16, Modulation::qam64, Modulation::qam256}) {
    const unsigned bits = bits_per_symbol(modulation);
    for (std::size_t length = 0; length <= 40; ++length) {
      const auto symbols = random_symbols(random, length, 1.0F);
      std::vector<float> noise(length);
      for (float& n : noise) n = 0.001F * static_cast<float>(1 + random() % 2000);
      std::vector<std::int8_t> expected(length * bits), got(length * bits), got_common(length * bits), expected_common(length * bits);
      const float inverse = 1.0F / reference::half_distance(bits / 2);
      for (std::size_t i = 0; i < length; ++i) {
        const float gain = reference::llr_gain(bits / 2);
        reference::demap_axis(symbols[i].real() * inverse, gain / noise[i], bits / 2, &expected[i * bits]);
        reference::demap_axis(symbols[i].imag() * inverse, gain / noise[i], bits / 2, &expected[i * bits + 1]);
        reference::demap_axis(symbols[i].real() * inverse, gain / 0.03F, bits / 2, &expected_common[i * bits]);
        reference::demap_axis(symbols[i].imag() * inverse, gain / 0.03F, bits / 2, &expected_common[i * bits + 1]);
      }
      for (std::int64_t targets = supported; targets != 0; targets &= targets - 1) {
        hwy::SetSupportedTargetsForTest(targets & -targets);
        const RealtimeScope realtime;
        demap(symbols, noise, modulation, got);
        demap(symbols, 0.03F, modulation, got_common);
        CHECK(got == expected);
        CHECK(got_common == expected_common);
      }
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

TEST_CASE("demapping: noise-free symbols give back their bits at full size, whatever the noise variance claims")
{
  std::mt19937 random(6);
  for (const Modulation modulation : kAll) {
    const unsigned bits = bits_per_symbol(modulation);
    const auto sent = random_bits(random, 333 * std::size_t{bits});
    std::vector<Cf32> symbols(333);
    map_symbols(sent, modulation, symbols);
    std::vector<std::int8_t> llrs(sent.size());
    for (const float noise_var : {0.0F, -1.0F, 1e-30F, 1e-4F}) {
      demap(symbols, noise_var, modulation, llrs);
      for (std::size_t i = 0; i < sent.size(); ++i) REQUIRE(llrs[i] == (sent[i] != 0 ? -kMaxLlr : kMaxLlr));
    }
  }
}

TEST_CASE("demapping: not-a-number and infinite inputs give LLRs in range, and erasures where nothing is known")
{
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  for (const Modulation modulation : kAll) {
    const std::size_t bits = bits_per_symbol(modulation);
    for (const std::size_t length : {3U, 64U}) {
      std::vector<std::int8_t> llrs(length * bits);
      demap(std::vector<Cf32>(length, Cf32(nan, nan)), 0.1F, modulation, llrs);
      for (const std::int8_t llr : llrs) CHECK(llr == 0);
      demap(std::vector<Cf32>(length, Cf32(0.3F, -0.2F)), infinity, modulation, llrs);
      for (const std::int8_t llr : llrs) CHECK(llr == 0);
      demap(std::vector<Cf32>(length, Cf32(0.3F, -0.2F)), std::vector<float>(length, nan), modulation, llrs);
      for (const std::int8_t llr : llrs) CHECK(llr == 0);
      for (const float x : {infinity, -infinity, 1e30F}) {
        demap(std::vector<Cf32>(length, Cf32(x, -x)), 0.1F, modulation, llrs);
        for (const std::int8_t llr : llrs) CHECK(std::abs(static_cast<int>(llr)) <= kMaxLlr);
      }
    }
  }
}

}  // namespace ravi::phy
