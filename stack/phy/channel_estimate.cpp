#include "stack/phy/channel_estimate.h"

#include "stack/nr/dmrs.h"
#include "stack/phy/dmrs.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

namespace ravi::phy {
namespace {

constexpr float kTwoPi = 2.0F * std::numbers::pi_v<float>;
constexpr unsigned kWindow = 5;           ///< pilots of PDSCH and PUSCH smoothed together: nine subcarriers
constexpr float kLeastNoise = 1e-7F;      ///< over the pilots' power: what arithmetic leaves of a clean signal

Cf32 times(Cf32 a, Cf32 b) { return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()}; }
Cf32 times_conj(Cf32 a, Cf32 b)
{
  return {a.real() * b.real() + a.imag() * b.imag(), a.imag() * b.real() - a.real() * b.imag()};
}
Cf32 turn(float turns) { return {std::cos(kTwoPi * turns), std::sin(kTwoPi * turns)}; }

/// in[i] turned by (i - origin) * step turns.
void rotate(std::span<const Cf32> in, float step, float origin, std::span<Cf32> out)
{
  constexpr std::size_t kRestart = 64;  // exact again so often, so that single precision does
  const Cf32 factor = turn(step);
  Cf32 phase{1.0F, 0.0F};
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (i % kRestart == 0) {
      const double turns = static_cast<double>(step) * (static_cast<double>(i) - static_cast<double>(origin));
      phase = turn(static_cast<float>(turns - std::floor(turns)));
    }
    out[i] = times(in[i], phase);
    phase = times(phase, factor);
  }
}

}  // namespace

void least_squares(std::span<const Cf32> received, std::span<const Cf32> pilots, std::span<Cf32> ls) noexcept
{
  assert(received.size() == pilots.size() && ls.size() == pilots.size());
  for (std::size_t i = 0; i < ls.size(); ++i) ls[i] = times_conj(received[i], pilots[i]);
}

float phase_step(std::span<const Cf32> ls, Cf32& sum) noexcept
{
  for (std::size_t i = 1; i < ls.size(); ++i) sum += times_conj(ls[i], ls[i - 1]);
  return std::norm(sum) > 0.0F ? std::arg(sum) / kTwoPi : 0.0F;
}

Residual smooth(std::span<Cf32> ls, float step, unsigned window, std::span<Cf32> work) noexcept
{
  assert(work.size() >= ls.size());
  Residual residual;
  const std::size_t n = ls.size();
  const std::size_t width = std::min<std::size_t>(window, n);
  rotate(ls, -step, 0.0F, work);
  if (width < 3) {
    std::copy_n(work.begin(), n, ls.begin());
    return residual;
  }
  const auto w = static_cast<float>(width);
  const float spread = w * (w * w - 1.0F) / 12.0F;  // sum of squared distances from the window's middle
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t begin = std::min(i - std::min(i, width / 2), n - width);
    const float middle = (w - 1.0F) / 2.0F;
    const float at = static_cast<float>(i - begin) - middle;
    Cf32 mean{};
    Cf32 slope{};
    for (std::size_t k = 0; k < width; ++k) {
      mean += work[begin + k];
      slope += (static_cast<float>(k) - middle) * work[begin + k];
    }
    ls[i] = mean / w + slope * (at / spread);
    residual.sum += static_cast<double>(std::norm(work[i] - ls[i]));
    residual.weight += static_cast<double>(1.0F - 1.0F / w - at * at / spread);
  }
  return residual;
}

void interpolate(std::span<const Cf32> ls, PilotComb comb, float step, std::span<Cf32> h) noexcept
{
  if (ls.size() < 2) std::fill(h.begin(), h.end(), ls.empty() ? Cf32{} : ls[0]);
  const float per_subcarrier = 1.0F / static_cast<float>(comb.spacing);
  for (std::size_t i = 0; i + 1 < ls.size(); ++i) {
    const Cf32 slope = (ls[i + 1] - ls[i]) * per_subcarrier;
    const std::size_t at = comb.first + i * comb.spacing;
    const std::size_t begin = i == 0 ? 0 : at;
    const std::size_t end = i + 2 == ls.size() ? h.size() : std::min<std::size_t>(at + comb.spacing, h.size());
    for (std::size_t k = begin; k < end; ++k) {
      h[k] = ls[i] + slope * (static_cast<float>(k) - static_cast<float>(at));
    }
  }
  rotate(h, step * per_subcarrier, static_cast<float>(comb.first), h);
}

ChannelEstimate::ChannelEstimate(unsigned max_num_prb)
  : row_size_(std::size_t{max_num_prb} * nr::kSubcarriersPerPrb),
    rows_(kMaxDmrsSymbols * row_size_),
    pilots_(kMaxDmrsSymbols * row_size_ / 2),
    work_(row_size_)
{
}

bool ChannelEstimate::take_symbols(std::uint16_t symbols) noexcept
{
  const auto count = static_cast<std::size_t>(std::popcount(symbols));
  if (count == 0 || count > kMaxDmrsSymbols || symbols >> nr::kSymbolsPerSlot != 0) return false;
  num_symbols_ = 0;
  for (unsigned symbol = 0; symbol < nr::kSymbolsPerSlot; ++symbol) {
    if ((symbols >> symbol & 1U) != 0) symbols_[num_symbols_++] = symbol;
  }
  return true;
}

bool ChannelEstimate::estimate(ConstGridSpan grid, unsigned antenna, std::span<const PilotRun> runs, const nr::DmrsConfig& dmrs,
                               nr::Slot slot) noexcept
{
  std::size_t size = 0;
  for (const PilotRun& run : runs) {
    if (run.num_prb > grid.num_prb() || run.first_subcarrier + run.num_prb * nr::kSubcarriersPerPrb > grid.num_subcarriers()) return false;
    size += std::size_t{run.num_prb} * nr::kSubcarriersPerPrb;
  }
  if (size == 0 || size > row_size_ || dmrs.port > 3 || !take_symbols(dmrs.symbols)) return false;
  num_subcarriers_ = size;
  boost_ = dmrs_boost(dmrs.num_cdm_groups_without_data);

  const PilotComb comb{.first = nr::dmrs_port_type1(dmrs.port)->delta, .spacing = 2};
  const auto pilots_of = [this](std::size_t s) { return std::span(pilots_).subspan(s * row_size_ / 2, num_subcarriers_ / 2); };
  Cf32 step_sum{};
  float step = 0.0F;
  double power = 0.0;
  for (std::size_t s = 0; s < num_symbols_; ++s) {
    const std::uint32_t c_init = dmrs_c_init(slot.slot_in_frame(), symbols_[s], dmrs.scrambling_id, dmrs.n_scid);
    std::size_t next = 0;
    for (const PilotRun& run : runs) {
      const std::size_t num_pilots = std::size_t{6} * run.num_prb;
      const std::span<Cf32> sent = std::span(work_).first(num_pilots);
      const std::span<Cf32> ls = pilots_of(s).subspan(next, num_pilots);
      dmrs_pilots_type1(c_init, run.first_prb, dmrs.port, sent);
      const std::span<const Cf32> received = grid(antenna, symbols_[s]).subspan(run.first_subcarrier, 2 * num_pilots);
      for (std::size_t i = 0; i < num_pilots; ++i) {
        ls[i] = times_conj(received[comb.first + 2 * i], sent[i]);
        power += static_cast<double>(std::norm(ls[i]));
      }
      step = phase_step(ls, step_sum);
      next += num_pilots;
    }
  }
  power /= static_cast<double>(num_symbols_ * size / 2);

  Residual residual;
  for (std::size_t s = 0; s < num_symbols_; ++s) {
    std::size_t next = 0;
    for (const PilotRun& run : runs) {
      const std::size_t num_pilots = std::size_t{6} * run.num_prb;
      const std::span<Cf32> ls = pilots_of(s).subspan(next, num_pilots);
      const Residual found = smooth(ls, step, kWindow, work_);
      residual.sum += found.sum;
      residual.weight += found.weight;
      interpolate(ls, comb, step, std::span(rows_).subspan(s * row_size_ + 2 * next, 2 * num_pilots));
      next += num_pilots;
    }
  }
  noise_var_ = residual.variance(std::max(kLeastNoise * static_cast<float>(power), std::numeric_limits<float>::min()));
  pilot_power_ = std::max(static_cast<float>(power) - noise_var_, 0.0F);
  delay_us_ = -step / 2.0F / static_cast<float>(nr::spacing_hz(slot.scs())) * 1e6F;
  measure_time(slot.scs());
  return true;
}

/// The phase that all subcarriers turn by from one DM-RS symbol to another, in turns (-0.5..0.5); 0 where there is no signal.
float ChannelEstimate::turns_between(std::size_t from, std::size_t to) const noexcept
{
  Cf32 sum{};
  const std::span<const Cf32> a = std::span(rows_).subspan(from * row_size_, num_subcarriers_);
  const std::span<const Cf32> b = std::span(rows_).subspan(to * row_size_, num_subcarriers_);
  for (std::size_t k = 0; k < num_subcarriers_; ++k) sum += times_conj(b[k], a[k]);
  return std::norm(sum) > 0.0F ? std::arg(sum) / kTwoPi : 0.0F;
}

/// The nearest two symbols have the widest range, the first and the last the finest answer.
void ChannelEstimate::measure_time(nr::Scs scs) noexcept
{
  turns_per_symbol_ = 0.0F;
  cfo_hz_ = 0.0F;
  if (num_symbols_ < 2) return;
  std::size_t nearest = 0;
  for (std::size_t s = 1; s + 1 < num_symbols_; ++s) {
    if (symbols_[s + 1] - symbols_[s] < symbols_[nearest + 1] - symbols_[nearest]) nearest = s;
  }
  const float coarse = turns_between(nearest, nearest + 1) / static_cast<float>(symbols_[nearest + 1] - symbols_[nearest]);
  const auto distance = static_cast<float>(symbols_[num_symbols_ - 1] - symbols_[0]);
  const float fine = turns_between(0, num_symbols_ - 1);
  turns_per_symbol_ = (fine + std::round(coarse * distance - fine)) / distance;
  const float symbol_s = 1e-3F / static_cast<float>(nr::kSymbolsPerSlot * nr::slots_per_subframe(scs));  // mean of the slot's
  cfo_hz_ = turns_per_symbol_ / symbol_s;
}

void ChannelEstimate::at_symbol(unsigned symbol, std::span<Cf32> h) noexcept
{
  assert(h.size() == num_subcarriers_ && num_symbols_ > 0);
  const float gain = 1.0F / boost_;
  std::size_t after = 0;
  while (after < num_symbols_ && symbols_[after] < symbol) ++after;
  const std::size_t right = std::min(after, num_symbols_ - 1);
  const std::size_t left = after == 0 || symbols_[right] == symbol ? right : after - 1;
  const auto turned = [&](std::size_t s) {
    return gain * turn(turns_per_symbol_ * (static_cast<float>(symbol) - static_cast<float>(symbols_[s])));
  };
  const std::span<const Cf32> a = std::span(rows_).subspan(left * row_size_, num_subcarriers_);
  if (left == right) {
    const Cf32 factor = turned(left);
    for (std::size_t k = 0; k < h.size(); ++k) h[k] = times(a[k], factor);
    return;
  }
  const std::span<const Cf32> b = std::span(rows_).subspan(right * row_size_, num_subcarriers_);
  const float share = static_cast<float>(symbol - symbols_[left]) / static_cast<float>(symbols_[right] - symbols_[left]);
  const Cf32 factor_a = (1.0F - share) * turned(left);
  const Cf32 factor_b = share * turned(right);
  for (std::size_t k = 0; k < h.size(); ++k) h[k] = times(a[k], factor_a) + times(b[k], factor_b);
}

float ChannelEstimate::snr_db() const noexcept
{
  const float data_power = pilot_power_ / (boost_ * boost_);
  return 10.0F * std::log10(std::max(data_power, 1e-30F) / noise_var_);
}

void equalize(std::span<const Cf32> y, std::span<const Cf32> h, float noise_var, std::span<Cf32> symbols,
              std::span<float> noise) noexcept
{
  assert(y.size() == h.size() && symbols.size() == y.size() && noise.size() == y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    const float power = h[i].real() * h[i].real() + h[i].imag() * h[i].imag();
    const float inverse = power > 0.0F ? 1.0F / power : 0.0F;
    const Cf32 product = times_conj(y[i], h[i]);
    symbols[i] = {product.real() * inverse, product.imag() * inverse};
    noise[i] = power > 0.0F ? noise_var * inverse : std::numeric_limits<float>::infinity();
  }
}

}  // namespace ravi::phy
