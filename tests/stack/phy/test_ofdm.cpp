#include "stack/phy/ofdm.h"

#include "doctest/doctest.h"
#include "radio/realtime.h"

#include <cmath>
#include <complex>
#include <numbers>
#include <random>

namespace ravi::phy {
namespace {

void fill_random(ResourceGrid& grid, unsigned seed)
{
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> bit(0, 1);
  const GridSpan span = grid.span();
  for (unsigned symbol = 0; symbol < nr::kSymbolsPerSlot; ++symbol) {
    for (Cf32& element : span(0, symbol)) {
      element = {bit(random) != 0 ? 0.7F : -0.7F, bit(random) != 0 ? 0.7F : -0.7F};
    }
  }
}

float largest_difference(ConstGridSpan a, ConstGridSpan b)
{
  float largest = 0.0F;
  for (unsigned symbol = 0; symbol < nr::kSymbolsPerSlot; ++symbol) {
    for (unsigned k = 0; k < a.num_subcarriers(); ++k) {
      largest = std::max(largest, std::abs(a(0, symbol)[k] - b(0, symbol)[k]));
    }
  }
  return largest;
}

TEST_CASE("OFDM: demodulating a modulated grid returns it, at every size [TS 38.211 §5.3.1]")
{
  for (const nr::Scs scs : {nr::Scs::khz15, nr::Scs::khz30}) {
    for (const unsigned size : {128U, 192U, 256U, 384U, 512U, 768U, 1024U, 1536U, 2048U, 3072U, 4096U}) {
      CAPTURE(size);
      const OfdmConfig config{.carrier = {.scs = scs, .num_prb = std::min(size / 13, 275U), .center = Hertz(3512.64e6)},
                              .rate = SampleRate(nr::spacing_hz(scs) * size), .scale = 0.1F};
      auto modulator = OfdmModulator::make(config);
      auto demodulator = OfdmDemodulator::make(config);
      REQUIRE(modulator);
      REQUIRE(demodulator);
      ResourceGrid sent(1, config.carrier.num_prb);
      ResourceGrid received(1, config.carrier.num_prb);
      fill_random(sent, size);
      std::vector<Cf32> samples(modulator->timing().samples_per_slot());
      for (unsigned slot = 0; slot < nr::slots_per_subframe(scs); ++slot) {
        {
          const RealtimeScope realtime;
          modulator->modulate_slot(sent.span(), 0, slot, samples);
          demodulator->demodulate_slot(samples, slot, 0, received.span());
        }
        CHECK(largest_difference(sent.span(), received.span()) < 1e-4F);
      }
    }
  }
}

TEST_CASE("OFDM: symbols lie where TS 38.211 §5.3.1 says")
{
  const SymbolTiming at_30_72(nr::Scs::khz15, SampleRate(30'720'000));
  CHECK(at_30_72.fft_size() == 2048);
  CHECK(at_30_72.samples_per_slot() == 30'720);
  CHECK(at_30_72.symbol_begin(0, 0) == 160);
  CHECK(at_30_72.prefix_begin(0, 1) == 2208);
  CHECK(at_30_72.symbol_begin(0, 7) - at_30_72.prefix_begin(0, 7) == 160);
  CHECK(at_30_72.prefix_begin(0, 14) == 30'720);
  const SymbolTiming at_46_08(nr::Scs::khz30, SampleRate(46'080'000));
  CHECK(at_46_08.symbol_begin(0, 0) == 132);
  CHECK(at_46_08.symbol_begin(1, 0) == 132);
  CHECK(at_46_08.symbol_begin(0, 1) - at_46_08.prefix_begin(0, 1) == 108);
  CHECK(at_46_08.symbol_begin(0, 7) - at_46_08.prefix_begin(0, 7) == 108);
  CHECK(at_46_08.prefix_begin(0, 14) == 23'040);
}

TEST_CASE("OFDM: the phase of a subcarrier is zero on the carrier, not in the baseband, at each symbol's start [TS 38.211 §5.4]")
{
  // Mixed up to f_0 with an oscillator that runs on from symbol to symbol, the sum must be s_l(t) exp(j 2 pi f_0 (t - t_l)).
  const OfdmConfig config{.carrier = {.scs = nr::Scs::khz30, .num_prb = 24, .center = Hertz(1842.505e6)},
                          .rate = SampleRate(15'360'000)};
  auto modulator = OfdmModulator::make(config);
  REQUIRE(modulator);
  ResourceGrid grid(1, 24);
  for (unsigned symbol = 0; symbol < nr::kSymbolsPerSlot; ++symbol) grid.span()(0, symbol)[144] = 1.0F;  // 0 Hz
  std::vector<Cf32> samples(modulator->timing().samples_per_slot());
  modulator->modulate_slot(grid.span(), 0, 1, samples);
  const double slot_begin_s = 0.5e-3;
  for (unsigned symbol = 0; symbol < nr::kSymbolsPerSlot; ++symbol) {
    const std::size_t at = modulator->timing().symbol_begin(1, symbol);
    const double turns = config.carrier.center.value() * (slot_begin_s + static_cast<double>(at) / 15.36e6);
    const double angle = 2.0 * std::numbers::pi * (turns - std::floor(turns));
    const std::complex<double> on_carrier = std::complex<double>(samples[at]) * std::polar(1.0, angle);
    CHECK(std::abs(on_carrier - 1.0) < 1e-4);
  }
}

TEST_CASE("OFDM: a signal half a cyclic prefix early or late turns subcarriers but does not mix them")
{
  const OfdmConfig config{.carrier = {.scs = nr::Scs::khz15, .num_prb = 52}, .rate = SampleRate(15'360'000)};
  auto modulator = OfdmModulator::make(config);
  auto demodulator = OfdmDemodulator::make(config);
  REQUIRE(modulator);
  REQUIRE(demodulator);
  ResourceGrid sent(1, 52);
  ResourceGrid received(1, 52);
  fill_random(sent, 7);
  const std::size_t length = modulator->timing().samples_per_slot();
  std::vector<Cf32> samples(length + 72);
  modulator->modulate_slot(sent.span(), 0, 0, std::span(samples).subspan(36, length));
  for (const int delay : {-34, -10, 10, 34}) {
    CAPTURE(delay);
    demodulator->demodulate_slot(std::span(samples).subspan(static_cast<std::size_t>(36 - delay), length), 0, 0, received.span());
    float largest = 0.0F;
    for (unsigned symbol = 1; symbol < 13; ++symbol) {
      for (int k = 0; k < 624; ++k) {
        const float angle = -2.0F * std::numbers::pi_v<float> * static_cast<float>((k - 312) * delay) / 1024.0F;
        const auto index = static_cast<std::size_t>(k);
        const Cf32 expected = sent.span()(0, symbol)[index] * std::polar(1.0F, angle);
        largest = std::max(largest, std::abs(received.span()(0, symbol)[index] - expected));
      }
    }
    CHECK(largest < 1e-3F);
  }
}

TEST_CASE("OFDM: a rate that does not hold the grid is refused with one that does")
{
  const auto refused = OfdmModulator::make({.carrier = {.scs = nr::Scs::khz30, .num_prb = 106}, .rate = SampleRate(30'720'000)});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("106") != std::string::npos);
  CHECK_FALSE(OfdmDemodulator::make({.carrier = {.scs = nr::Scs::khz15, .num_prb = 25}, .rate = SampleRate(7'000'000)}));
  CHECK_FALSE(OfdmDemodulator::make({.carrier = {.scs = nr::Scs::khz15, .num_prb = 25}, .rate = SampleRate(0)}));
}

}  // namespace
}  // namespace ravi::phy
