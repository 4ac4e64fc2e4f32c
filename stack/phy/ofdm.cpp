#include "stack/phy/ofdm.h"

#include "radio/dsp/arithmetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <complex>
#include <numbers>

namespace ravi::phy {
namespace {

constexpr std::int64_t kSamplesPerSecond = 30'720'000;  ///< 1 / (kappa T_c)

/// Begin of symbol l's cyclic prefix in units of kappa T_c 2^-mu from the subframe's start. TS 38.211 §5.3.1: every
/// symbol has 2048 + 144, the first of each half subframe 16 kappa T_c more.
std::int64_t prefix_units(unsigned mu, unsigned l)
{
  const unsigned half = 7U << mu;
  const unsigned num_long = (l + half - 1) / half;
  return std::int64_t{2192} * l + std::int64_t{num_long} * (std::int64_t{16} << mu);
}

std::int64_t symbol_units(unsigned mu, unsigned l)
{
  return prefix_units(mu, l) + 144 + (l % (7U << mu) == 0 ? std::int64_t{16} << mu : 0);
}

std::size_t to_samples(std::int64_t units, unsigned mu, SampleRate rate)
{
  const std::int64_t units_per_second = kSamplesPerSecond << mu;
  return static_cast<std::size_t>((units * rate.hz() + units_per_second / 2) / units_per_second);
}

Cf32 turn(double turns)
{
  const double angle = 2.0 * std::numbers::pi * (turns - std::floor(turns));
  return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
}

/// Phase of f_0 at every symbol of a subframe, +1: what a receiver multiplies by; -1: a transmitter. TS 38.211 §5.4.
std::vector<Cf32> compensation(const nr::Carrier& carrier, const SymbolTiming& timing, double sign)
{
  std::vector<Cf32> phases;
  for (unsigned slot = 0; slot < nr::slots_per_subframe(carrier.scs); ++slot) {
    for (unsigned symbol = 0; symbol < nr::kSymbolsPerSlot; ++symbol) {
      phases.push_back(turn(sign * carrier.center.value() * timing.reference_time_s(slot, symbol)));
    }
  }
  return phases;
}

Result<void> check(const OfdmConfig& config)
{
  if (SymbolTiming::fits(config.carrier.scs, config.rate, config.carrier.num_prb)) return {};
  return fail(ErrorCode::bad_input,
              fmt::format("{} PRB at {} kHz do not fit {} samples a second: take a multiple of the spacing of at least "
                          "{:.2f} MHz, such as {} MHz",
                          config.carrier.num_prb, nr::spacing_hz(config.carrier.scs) / 1000, config.rate.hz(),
                          static_cast<double>(config.carrier.num_prb * 12 * nr::spacing_hz(config.carrier.scs)) / 1e6,
                          config.carrier.scs == nr::Scs::khz15 ? "23.04" : "46.08"));
}

}  // namespace

bool SymbolTiming::fits(nr::Scs scs, SampleRate rate, unsigned num_prb) noexcept
{
  const std::int64_t per_slot_hz = std::int64_t{1000} << nr::mu_of(scs);
  return scs <= nr::Scs::khz30 && rate.hz() > 0 && rate.hz() % nr::spacing_hz(scs) == 0 && rate.hz() % per_slot_hz == 0 &&
         rate.hz() / nr::spacing_hz(scs) >= std::int64_t{num_prb} * nr::kSubcarriersPerPrb;
}

std::size_t SymbolTiming::prefix_begin(unsigned slot_in_subframe, unsigned symbol) const noexcept
{
  const unsigned mu = nr::mu_of(scs_);
  const unsigned first = slot_in_subframe * nr::kSymbolsPerSlot;
  return to_samples(prefix_units(mu, first + symbol), mu, rate_) - to_samples(prefix_units(mu, first), mu, rate_);
}

std::size_t SymbolTiming::symbol_begin(unsigned slot_in_subframe, unsigned symbol) const noexcept
{
  const unsigned mu = nr::mu_of(scs_);
  const unsigned first = slot_in_subframe * nr::kSymbolsPerSlot;
  return to_samples(symbol_units(mu, first + symbol), mu, rate_) - to_samples(prefix_units(mu, first), mu, rate_);
}

double SymbolTiming::reference_time_s(unsigned slot_in_subframe, unsigned symbol) const noexcept
{
  const unsigned mu = nr::mu_of(scs_);
  const std::int64_t units = symbol_units(mu, slot_in_subframe * nr::kSymbolsPerSlot + symbol);
  return static_cast<double>(units) / static_cast<double>(kSamplesPerSecond << mu);
}

Result<OfdmDemodulator> OfdmDemodulator::make(const OfdmConfig& config)
{
  if (auto checked = check(config); !checked) return tl::unexpected(checked.error());
  return OfdmDemodulator(config, SymbolTiming(config.carrier.scs, config.rate));
}

OfdmDemodulator::OfdmDemodulator(const OfdmConfig& config, const SymbolTiming& timing)
  : config_(config),
    timing_(timing),
    fft_(timing.fft_size(), dsp::FftDirection::forward),
    advance_((timing.symbol_begin(0, 1) - timing.prefix_begin(0, 1)) / 2),
    phases_(compensation(config.carrier, timing, +1.0)),
    spectrum_(timing.fft_size())
{
  const auto num_subcarriers = static_cast<int>(config.carrier.num_prb * nr::kSubcarriersPerPrb);
  const auto size = static_cast<double>(timing.fft_size());
  const auto gain = static_cast<float>(1.0 / (size * static_cast<double>(config.scale)));
  for (int k = -num_subcarriers / 2; k < num_subcarriers / 2; ++k) {
    advance_ramp_.push_back(gain * turn(static_cast<double>(k) * static_cast<double>(advance_) / size));
  }
  ramp_.resize(advance_ramp_.size());
}

void OfdmDemodulator::demodulate_symbol(std::span<const Cf32> samples, unsigned slot_in_subframe, unsigned symbol,
                                        std::span<Cf32> out) noexcept
{
  assert(out.size() == advance_ramp_.size() && samples.size() >= timing_.samples_per_slot());
  const std::size_t begin = timing_.symbol_begin(slot_in_subframe, symbol) - advance_;
  fft_.run(samples.subspan(begin, spectrum_.size()), spectrum_);
  dsp::scale(advance_ramp_, phases_[slot_in_subframe * nr::kSymbolsPerSlot + symbol], ramp_);
  // The grid's lower half are the negative frequencies, which an FFT puts last.
  const std::size_t half = out.size() / 2;
  const std::span<const Cf32> spectrum = spectrum_;
  const std::span<const Cf32> ramp = ramp_;
  dsp::multiply(spectrum.last(half), ramp.first(half), out.first(half));
  dsp::multiply(spectrum.first(half), ramp.last(half), out.last(half));
}

void OfdmDemodulator::demodulate_slot(std::span<const Cf32> samples, unsigned slot_in_subframe, unsigned port,
                                      GridSpan grid) noexcept
{
  for (unsigned symbol = 0; symbol < nr::kSymbolsPerSlot; ++symbol) {
    demodulate_symbol(samples, slot_in_subframe, symbol, grid(port, symbol));
  }
}

Result<OfdmModulator> OfdmModulator::make(const OfdmConfig& config)
{
  if (auto checked = check(config); !checked) return tl::unexpected(checked.error());
  return OfdmModulator(config, SymbolTiming(config.carrier.scs, config.rate));
}

OfdmModulator::OfdmModulator(const OfdmConfig& config, const SymbolTiming& timing)
  : config_(config),
    timing_(timing),
    fft_(timing.fft_size(), dsp::FftDirection::backward),
    phases_(compensation(config.carrier, timing, -1.0)),
    spectrum_(timing.fft_size())
{
  for (Cf32& phase : phases_) phase *= config.scale;
}

void OfdmModulator::modulate_slot(ConstGridSpan grid, unsigned port, unsigned slot_in_subframe,
                                  std::span<Cf32> samples) noexcept
{
  assert(samples.size() >= timing_.samples_per_slot());
  const std::span<Cf32> spectrum = spectrum_;
  for (unsigned symbol = 0; symbol < nr::kSymbolsPerSlot; ++symbol) {
    const std::span<const Cf32> in = grid(port, symbol);
    const std::size_t half = in.size() / 2;
    const Cf32 phase = phases_[slot_in_subframe * nr::kSymbolsPerSlot + symbol];
    dsp::scale(in.last(half), phase, spectrum.first(half));
    std::fill(spectrum.begin() + static_cast<std::ptrdiff_t>(half), spectrum.end() - static_cast<std::ptrdiff_t>(half),
              Cf32{});
    dsp::scale(in.first(half), phase, spectrum.last(half));
    const std::size_t prefix = timing_.prefix_begin(slot_in_subframe, symbol);
    const std::size_t begin = timing_.symbol_begin(slot_in_subframe, symbol);
    const std::span<Cf32> body = samples.subspan(begin, spectrum.size());
    fft_.run(spectrum, body);
    const std::span<const Cf32> tail = body.last(begin - prefix);
    std::copy(tail.begin(), tail.end(), samples.begin() + static_cast<std::ptrdiff_t>(prefix));
  }
}

}  // namespace ravi::phy
