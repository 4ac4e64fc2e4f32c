#include "stack/phy/low_papr_sequence.h"

#include "radio/realtime.h"
#include "tests/stack/nr/reference.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <string>
#include <vector>

namespace ravi::phy {
namespace {

std::vector<Cf32> base(unsigned u, unsigned v, std::size_t length)
{
  std::vector<Cf32> out(length);
  const RealtimeScope realtime;
  low_papr_base_sequence(u, v, out);
  return out;
}

}  // namespace

TEST_CASE("low-PAPR sequences of 6, 12, 18 and 24 equal the tables in every phase [TS 38.211 Tables 5.2.2.2-1 .. -4]")
{
  for (const std::size_t length : {6U, 12U, 18U, 24U}) {
    const auto rows = nr::test::read_table("low_papr_phi_" + std::to_string(length));
    if (!rows) return;
    REQUIRE(rows->size() == 30);
    for (unsigned u = 0; u < 30; ++u) {
      const auto sequence = base(u, 0, length);
      for (std::size_t n = 0; n < length; ++n) {
        const double phi = std::stod((*rows)[u][n + 1]);
        CHECK(std::abs(std::complex<double>(sequence[n]) - std::polar(1.0, phi * std::numbers::pi / 4)) < 1e-6);
      }
    }
  }
}

TEST_CASE("low-PAPR sequences have magnitude 1 and a low peak, and long ones a flat spectrum")
{
  for (const std::size_t length : {6U, 12U, 18U, 24U, 30U, 36U, 48U, 72U, 144U, 300U}) {
    for (unsigned u = 0; u < 30; ++u) {
      const auto sequence = base(u, length >= 72 ? u % 2 : 0, length);
      double peak = 0.0;
      for (unsigned t = 0; t < 4 * length; ++t) {
        std::complex<double> sum = 0.0;
        for (std::size_t n = 0; n < length; ++n) {
          sum += std::complex<double>(sequence[n]) * std::polar(1.0, 2 * std::numbers::pi * static_cast<double>(n * t) / (4.0 * static_cast<double>(length)));
        }
        peak = std::max(peak, std::norm(sum) / static_cast<double>(length));
      }
      for (const Cf32 x : sequence) CHECK(std::abs(std::abs(x) - 1.0F) < 1e-5F);
      CHECK(10.0 * std::log10(peak) < 7.0);
    }
  }
}

TEST_CASE("Zadoff-Chu base sequences: prime length, root and repetition by the formula [TS 38.211 §5.2.2.1]")
{
  // Worked by hand. M = 36: N_ZC = 31, q_bar = u + 1, so q = u + 1. M = 72: N_ZC = 71; u = 4: q_bar = 355 / 31 = 11.45,
  // q = 11, and with v = 1, floor(2 q_bar) = 22 even: q = 12; u = 0: q_bar = 2.29, floor(4.58) = 4: q = 2 and 3;
  // u = 5: q_bar = 13.74, q = 14, floor(27.48) = 27 odd: 13.
  struct Known {
    std::size_t length;
    unsigned u, v, q, n_zc;
  };
  for (const Known& known : {Known{36, 0, 0, 1, 31}, Known{36, 29, 0, 30, 31}, Known{72, 4, 0, 11, 71}, Known{72, 4, 1, 12, 71},
                             Known{72, 0, 1, 3, 71}, Known{72, 5, 0, 14, 71}, Known{72, 5, 1, 13, 71}, Known{48, 30 - 1, 0, 45, 47},
                             Known{144, 9, 0, 45, 139}}) {
    CAPTURE(known.length);
    CAPTURE(known.u);
    const auto sequence = base(known.u, known.v, known.length);
    for (std::size_t n = 0; n < known.length; ++n) {
      const double m = static_cast<double>(n % known.n_zc);
      const auto expected = std::polar(1.0, -std::numbers::pi * known.q * m * (m + 1) / known.n_zc);
      CHECK(std::abs(std::complex<double>(sequence[n]) - expected) < 1e-5);
    }
  }
}

TEST_CASE("low-PAPR sequences: a cyclic shift turns each element further, and shifts of a twelfth are orthogonal over 12")
{
  for (unsigned shift = 0; shift < 12; ++shift) {
    const auto still = base(7, 0, 12);
    std::vector<Cf32> shifted(12);
    low_papr_sequence(7, 0, 2 * std::numbers::pi * shift / 12, shifted);
    std::complex<double> sum = 0.0;
    for (std::size_t n = 0; n < 12; ++n) sum += std::complex<double>(shifted[n]) * std::conj(std::complex<double>(still[n]));
    CHECK(std::abs(sum) == doctest::Approx(shift == 0 ? 12.0 : 0.0).epsilon(1e-5));
    CHECK(std::abs(std::arg(shifted[1] / still[1] * std::polar(1.0F, -2 * std::numbers::pi_v<float> * static_cast<float>(shift) / 12))) < 1e-5F);
  }
}

}  // namespace ravi::phy
