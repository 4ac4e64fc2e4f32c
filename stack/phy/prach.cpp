#include "stack/phy/prach.h"

#include "stack/nr/prach_config.h"
#include "stack/nr/prach_preamble.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>

namespace ravi::phy {
namespace {

/// TS 38.211 §4.1: kappa Tc is one sample at this rate, in which the clause's lengths are given.
constexpr std::int64_t kKappaRate = 30'720'000;

/// A bin of the profile over the mean of all bins of the spectrum: noise alone has mean 1 and an exponential distribution,
/// so with up to 64 x 839 independent looks it passes ln(64 * 839 * 10^4) = 20 once in 10,000 occasions.
constexpr float kThreshold = 20.0F;

/// A peak this near to one this much stronger is the stronger one's skirt: a fractional delay spreads over neighbours.
constexpr float kSkirtSamples = 4.0F;
constexpr float kSkirtRatio = 8.0F;

std::size_t samples_of(std::int64_t kappa, SampleRate rate)
{
  assert(kappa * rate.hz() % kKappaRate == 0);
  return static_cast<std::size_t>(kappa * rate.hz() / kKappaRate);
}

/// Where symbol `symbol` of a 15 or 30 kHz slot begins, in kappa. TS 38.211 §5.3.1: the symbols at 0 and 0.5 ms have a longer
/// prefix; at 30 kHz every slot begins with one.
std::int64_t symbol_begin_kappa(nr::Scs scs, unsigned symbol)
{
  const std::int64_t useful_and_prefix = (2048 + 144) >> nr::mu_of(scs);
  const std::int64_t num_long_before = symbol == 0 ? 0 : (scs == nr::Scs::khz15 && symbol > 7 ? 2 : 1);
  return symbol * useful_and_prefix + 16 * num_long_before;
}

/// How many of the instants 0 and 0.5 ms of a subframe (the border at 1 ms is the next one's 0) lie in [begin, end).
std::int64_t num_half_subframes_within(std::int64_t begin, std::int64_t end)
{
  constexpr std::int64_t kHalf = kKappaRate / 2000;
  const auto up_to = [](std::int64_t t) { return (t + kHalf - 1) / kHalf; };  // instants before t
  return up_to(end) - up_to(begin);
}

/// Fine enough that a peak between two bins loses at most 0.6 dB.
std::size_t profile_size(unsigned length) { return length == 839 ? 2048 : 512; }

std::size_t dft_size(const nr::PrachPdu& occasion, SampleRate rate)
{
  return static_cast<std::size_t>(rate.hz() / nr::prach_spacing_hz(occasion.format, occasion.scs));
}

}  // namespace

Prach::Prach(const nr::PrachPdu& occasion, const nr::Carrier& uplink, SampleRate rate)
  : occasion_(occasion),
    length_(nr::prach_lengths(occasion.format).sequence_length),
    num_dft_(dft_size(occasion, rate)),
    num_repetitions_(nr::prach_lengths(occasion.format).repetitions),
    to_bins_(num_dft_, dsp::FftDirection::forward),
    to_time_(num_dft_, dsp::FftDirection::backward),
    to_profile_(profile_size(length_), dsp::FftDirection::backward),
    samples_(num_dft_),
    spectrum_(length_),
    correlation_(to_profile_.size()),
    profile_(to_profile_.size())
{
  assert(uplink.scs == nr::Scs::khz15 || uplink.scs == nr::Scs::khz30);
  const nr::PrachFormatLengths lengths = nr::prach_lengths(occasion.format);
  const unsigned spacing_hz = nr::prach_spacing_hz(occasion.format, occasion.scs);
  const auto placement = nr::prach_placement(occasion.format, occasion.scs, uplink.scs);
  assert(placement);
  const std::int64_t begin = symbol_begin_kappa(uplink.scs, occasion.first_symbol);
  const unsigned shift = nr::is_long(occasion.format) ? 0 : nr::mu_of(occasion.scs);
  const std::int64_t useful = lengths.n_u >> shift;
  std::int64_t prefix = lengths.n_cp >> shift;
  // TS 38.211 §5.3.2: short preambles take up what the symbols under them have more of prefix.
  if (!nr::is_long(occasion.format)) prefix += 16 * num_half_subframes_within(begin, begin + useful + prefix);
  begin_ = SampleCount(static_cast<std::int64_t>(samples_of(begin, rate)));
  num_cp_ = samples_of(prefix, rate);
  assert(samples_of(useful, rate) == num_repetitions_ * num_dft_);

  // TS 38.211 §5.3.2: (k + K k_1 + k_bar) Delta f_RA, with k_1 from the middle of the carrier.
  const std::int64_t ratio = nr::spacing_hz(uplink.scs) / spacing_hz;
  const std::int64_t first_subcarrier =
      (static_cast<std::int64_t>(occasion.first_crb) - uplink.offset_to_carrier) * nr::kSubcarriersPerPrb -
      static_cast<std::int64_t>(uplink.num_prb) * nr::kSubcarriersPerPrb / 2;
  first_bin_ = ratio * first_subcarrier + placement->k_bar;
  profile_step_us_ = 1e6 / spacing_hz / static_cast<double>(profile_.size());
  make_roots();
}

void Prach::make_roots()
{
  const unsigned shifts_per_root = nr::prach_preambles_per_root(length_, occasion_.n_cs);
  std::vector<Cf32> sequence(length_);
  const dsp::Fft transform(length_, dsp::FftDirection::forward, dsp::FftEffort::estimate);
  for (unsigned preamble = 0; preamble < 64; preamble += shifts_per_root) {
    Root root{.spectrum = std::vector<Cf32>(length_),
              .first_preamble = preamble,
              .num_preambles = std::min(shifts_per_root, 64 - preamble)};
    const std::uint64_t u = nr::prach_sequence(occasion_.format, occasion_.root_sequence_index, occasion_.n_cs, preamble).u;
    for (std::uint64_t i = 0; i < length_; ++i) {
      const std::uint64_t turns = u * i * (i + 1) % (2ULL * length_);  // half turns over L_RA; the product is small
      const double phase = -std::numbers::pi * static_cast<double>(turns) / length_;
      sequence[i] = Cf32(static_cast<float>(std::cos(phase)), static_cast<float>(std::sin(phase)));
    }
    transform.run(sequence, root.spectrum);
    const float scale = 1.0F / std::sqrt(static_cast<float>(length_));  // unit power a bin
    for (Cf32& y : root.spectrum) y *= scale;
    roots_.push_back(std::move(root));
  }
}

void Prach::encode(unsigned preamble, float amplitude, std::span<Cf32> out) noexcept
{
  assert(preamble < 64 && out.size() == num_samples());
  const auto root = std::find_if(roots_.begin(), roots_.end(), [preamble](const Root& r) {
    return preamble < r.first_preamble + r.num_preambles;
  });
  const std::uint64_t shift = std::uint64_t{preamble - root->first_preamble} * occasion_.n_cs;
  const auto num_bins = static_cast<std::int64_t>(num_dft_);
  fill_zero(std::span<Cf32>(samples_));
  const float scale = amplitude / std::sqrt(static_cast<float>(length_));
  for (unsigned n = 0; n < length_; ++n) {
    // A cyclic shift by C_v of the sequence turns the phase of its DFT.
    const double phase = 2.0 * std::numbers::pi * static_cast<double>(n * shift % length_) / length_;
    const auto turn = Cf32(std::polar(1.0, phase));
    const auto bin = static_cast<std::size_t>(((first_bin_ + n) % num_bins + num_bins) % num_bins);
    samples_[bin] = scale * turn * root->spectrum[n];
  }
  to_time_.run(samples_, samples_);
  const std::span<Cf32> parts = out.subspan(num_cp_);
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = samples_[i % num_dft_];
  // The prefix is the end of a sequence part, and may be longer than one (format 1).
  for (std::size_t i = 0; i < num_cp_; ++i) out[num_cp_ - 1 - i] = samples_[num_dft_ - 1 - i % num_dft_];
}

/// The L_RA bins of the sum of all sequence parts.
void Prach::receive_spectrum(std::span<const Cf32> in) noexcept
{
  const std::span<const Cf32> parts = in.subspan(num_cp_);
  std::copy_n(parts.begin(), num_dft_, samples_.begin());
  for (std::size_t r = 1; r < num_repetitions_; ++r) {
    const std::span<const Cf32> part = parts.subspan(r * num_dft_, num_dft_);
    std::transform(samples_.begin(), samples_.end(), part.begin(), samples_.begin(), std::plus<>());
  }
  to_bins_.run(samples_, samples_);
  const auto num_bins = static_cast<std::int64_t>(num_dft_);
  for (unsigned n = 0; n < length_; ++n) {
    spectrum_[n] = samples_[static_cast<std::size_t>(((first_bin_ + n) % num_bins + num_bins) % num_bins)];
  }
}

void Prach::detect(std::span<const Cf32> in, PrachPreambles& out) noexcept
{
  assert(in.size() == num_samples());
  out.clear();
  receive_spectrum(in);
  const float energy = std::accumulate(spectrum_.begin(), spectrum_.end(), 0.0F,
                                       [](float sum, const Cf32& y) { return sum + std::norm(y); });
  const float mean_power = energy / static_cast<float>(length_);
  if (!(mean_power > 0.0F) || !std::isfinite(mean_power)) return;
  for (const Root& root : roots_) {
    const float scale = 1.0F / std::sqrt(static_cast<float>(length_));
    for (unsigned n = 0; n < length_; ++n) correlation_[n] = scale * spectrum_[n] * std::conj(root.spectrum[n]);
    std::fill(correlation_.begin() + length_, correlation_.end(), Cf32{});
    to_profile_.run(correlation_, correlation_);
    std::transform(correlation_.begin(), correlation_.end(), profile_.begin(), [](const Cf32& c) { return std::norm(c); });
    find_in_profile(root, mean_power, out);
  }
}

void Prach::find_in_profile(const Root& root, float mean_power, PrachPreambles& out) const noexcept
{
  const std::size_t size = profile_.size();
  const float bins_per_sample = static_cast<float>(size) / static_cast<float>(length_);
  const auto strongest_near = [&](std::size_t bin) {
    const auto reach = static_cast<std::size_t>(kSkirtSamples * bins_per_sample);
    float strongest = 0.0F;
    for (std::size_t i = 0; i <= 2 * reach; ++i) strongest = std::max(strongest, profile_[(bin + size - reach + i) % size]);
    return strongest;
  };
  for (unsigned v = 0; v < root.num_preambles; ++v) {
    // A cyclic shift by C_v is heard as an arrival C_v samples early: its delays follow from -C_v on.
    const std::size_t width =
        occasion_.n_cs == 0 ? size : static_cast<std::size_t>(static_cast<float>(occasion_.n_cs) * bins_per_sample);
    const auto shift = static_cast<std::size_t>(std::lround(static_cast<float>(v * occasion_.n_cs) * bins_per_sample));
    // The window begins a sample early: who is a little ahead of the grid is not the neighbour's last delay.
    const auto early = static_cast<std::size_t>(std::lround(bins_per_sample));
    const std::size_t first = (2 * size - shift - early) % size;
    std::size_t peak = 0;
    for (std::size_t i = 1; i < width; ++i) {
      if (profile_[(first + i) % size] > profile_[(first + peak) % size]) peak = i;
    }
    const std::size_t bin = (first + peak) % size;
    const float metric = profile_[bin] / mean_power;
    if (!(metric > kThreshold) || strongest_near(bin) > kSkirtRatio * profile_[bin]) continue;
    const float before = profile_[(bin + size - 1) % size];
    const float after = profile_[(bin + 1) % size];
    const float between = 0.5F * (after - before) / (2.0F * profile_[bin] - before - after);  // of the parabola's top
    const float delay = std::max(0.0F, static_cast<float>(peak) + between - static_cast<float>(early));
    const float num_parts = static_cast<float>(num_repetitions_);
    const float amplitude = std::sqrt(profile_[bin]) / (static_cast<float>(num_dft_) * num_parts);
    (void)out.push_back({.index = static_cast<std::uint8_t>(root.first_preamble + v),
                         .timing_advance_us = delay * static_cast<float>(profile_step_us_),
                         .metric = metric,
                         .power_dbfs = 20.0F * std::log10(amplitude)});
  }
}

}  // namespace ravi::phy
