#pragma once
// Runs samples through an air of the test's choice and measures what comes out.

#include "radio/air/emulator.h"
#include "radio/iq.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numbers>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace ravi::air::testing {

inline constexpr SampleRate kRate(1'000'000);

inline std::chrono::duration<double> samples(double count) { return std::chrono::duration<double>(count * 1e-6); }

/// Node "a" sends, node "b" receives, through one link, at 1 MS/s.
inline AirConfig one_link(LinkConfig link = {})
{
  AirConfig config;
  config.sample_rate = kRate;
  config.nodes = {{.name = "a", .num_rx_ports = 0}, {.name = "b", .num_tx_ports = 0}};
  link.from = std::string("a");  // moved in: GCC 12 warns of plain assignment (its bug 105651)
  link.to = std::string("b");
  config.links = {link};
  return config;
}

inline std::unique_ptr<Emulator> make(const AirConfig& config, const RecordingLoader& load = {})
{
  Result<std::unique_ptr<Emulator>> air = Emulator::create(config, load);
  if (!air) FAIL(air.error().message);
  return std::move(*air);
}

inline std::vector<Cf32> tone(std::size_t count, double cycles_per_sample, double amplitude = 1.0)
{
  std::vector<Cf32> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double turns = std::fmod(cycles_per_sample * static_cast<double>(i), 1.0);
    out[i] = Cf32(std::polar(amplitude, 2.0 * std::numbers::pi * turns));
  }
  return out;
}

inline std::vector<Cf32> white(std::size_t count, std::uint32_t seed)
{
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0F, 0.2F);
  std::vector<Cf32> out(count);
  for (Cf32& v : out) v = {normal(random), normal(random)};
  return out;
}

/// Sends `in` from the first transmit port in blocks of these lengths, over and over, and returns what the first
/// receive port hears.
inline std::vector<Cf32> run(Emulator& air, const std::vector<Cf32>& in, const std::vector<std::size_t>& lengths)
{
  std::vector<Cf32> out(in.size());
  std::size_t done = 0;
  for (std::size_t i = 0; done < in.size(); ++i) {
    const std::size_t length = std::min(lengths[i % lengths.size()], in.size() - done);
    const std::span<const Cf32> tx[] = {std::span(in).subspan(done, length)};
    const std::span<Cf32> rx[] = {std::span(out).subspan(done, length)};
    air.process(length, tx, rx);
    done += length;
  }
  return out;
}

inline std::vector<Cf32> run(Emulator& air, const std::vector<Cf32>& in) { return run(air, in, {air.max_block()}); }

inline double power(std::span<const Cf32> samples)
{
  double sum = 0.0;
  for (const Cf32 v : samples) sum += std::norm(std::complex<double>(v.real(), v.imag()));
  return sum / static_cast<double>(samples.size());
}

inline double power_db(std::span<const Cf32> samples) { return 10.0 * std::log10(power(samples)); }

/// sum of a[i] conj(b[i]).
inline std::complex<double> product(std::span<const Cf32> a, std::span<const Cf32> b)
{
  std::complex<double> sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += std::complex<double>(a[i].real(), a[i].imag()) * std::conj(std::complex<double>(b[i].real(), b[i].imag()));
  }
  return sum;
}

}  // namespace ravi::air::testing
