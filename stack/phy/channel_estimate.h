#pragma once
// The channel from pilots: least squares, smoothing, interpolation; noise, delay and frequency offset; and equalizing with it.
//
// Grids and pilots are linear. A delay of tau (late: positive) turns subcarrier k by exp(-j 2 pi k spacing tau).

#include "radio/iq.h"
#include "stack/nr/phy_mac.h"
#include "stack/phy/resource_grid.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::phy {

/// Where the pilots of one symbol lie: subcarriers first, first + spacing, ...
struct PilotComb {
  unsigned first = 0;
  unsigned spacing = 2;
};

/// ls[i] = received[i] conj(pilots[i]) / |pilots[i]|^2, for pilots of magnitude 1. Same lengths.
void least_squares(std::span<const Cf32> received, std::span<const Cf32> pilots, std::span<Cf32> ls) noexcept;

/// Phase step from one pilot to the next, in turns (-0.5..0.5), by their correlation at lag one; 0 for fewer than two.
/// `sum`: adds up over several symbols; the step is that of the sum.
[[nodiscard]] float phase_step(std::span<const Cf32> ls, Cf32& sum) noexcept;

/// Noise found by smoothing: sum of squared residuals, and what they would sum to for noise of variance 1.
struct Residual {
  double sum = 0.0;
  double weight = 0.0;
  /// Variance a pilot, at least `floor`.
  [[nodiscard]] float variance(float floor) const noexcept
  {
    return weight > 0.1 ? static_cast<float>(std::max(sum / weight, static_cast<double>(floor))) : floor;
  }
};

/// Takes out `step` turns a pilot (so that a delay costs nothing) and leaves them out; then replaces every pilot by the value
/// there of the line fitted to the `window` pilots around it (odd; fewer at short combs), so that noise falls by about the
/// window's length. `work`: at least ls.size().
Residual smooth(std::span<Cf32> ls, float step, unsigned window, std::span<Cf32> work) noexcept;

/// Lines between smoothed pilots, and on beyond the first and last, then `step` turns a pilot put back. The comb's positions
/// are within h.
void interpolate(std::span<const Cf32> ls, PilotComb comb, float step, std::span<Cf32> h) noexcept;

/// Neighboring PRBs of an allocation.
struct PilotRun {
  unsigned first_subcarrier = 0;  ///< of the grid
  unsigned first_prb = 0;         ///< counted from the reference of the DM-RS sequence
  unsigned num_prb = 0;
};

/// What the DM-RS of one PDSCH or PUSCH says about its channel, and the working memory to find it. One receive antenna.
class ChannelEstimate {
public:
  static constexpr std::size_t kMaxDmrsSymbols = 4;

  explicit ChannelEstimate(unsigned max_num_prb);

  /// One run after the other in the estimate, smoothed and interpolated each by itself. False, and nothing else changed, for
  /// DM-RS in no or too many symbols, or an allocation outside the grid.
  [[nodiscard]] bool estimate(ConstGridSpan grid, unsigned antenna, std::span<const PilotRun> runs, const nr::DmrsConfig& dmrs,
                              nr::Slot slot) noexcept;

  /// The same for one run: a contiguous allocation.
  [[nodiscard]] bool estimate(ConstGridSpan grid, unsigned antenna, unsigned first_subcarrier, unsigned first_prb,
                              unsigned num_prb, const nr::DmrsConfig& dmrs, nr::Slot slot) noexcept
  {
    const PilotRun run{.first_subcarrier = first_subcarrier, .first_prb = first_prb, .num_prb = num_prb};
    return estimate(grid, antenna, {&run, 1}, dmrs, slot);
  }

  /// Channel of the data (without the pilots' boost) at one symbol of the slot: 12 num_prb subcarriers. Linear in time between
  /// DM-RS symbols after the common phase turn is taken out, nearest beyond them.
  void at_symbol(unsigned symbol, std::span<Cf32> h) noexcept;

  [[nodiscard]] float noise_var() const noexcept { return noise_var_; }  ///< of a resource element, > 0
  [[nodiscard]] float pilot_power() const noexcept { return pilot_power_; }  ///< mean |h|^2, noise taken off, of DM-RS elements
  [[nodiscard]] float snr_db() const noexcept;                           ///< data element over noise
  [[nodiscard]] float delay_us() const noexcept { return delay_us_; }
  [[nodiscard]] float cfo_hz() const noexcept { return cfo_hz_; }        ///< 0 with DM-RS in one symbol only

private:
  [[nodiscard]] bool take_symbols(std::uint16_t symbols) noexcept;
  [[nodiscard]] float turns_between(std::size_t from, std::size_t to) const noexcept;
  void measure_time(nr::Scs scs) noexcept;

  std::size_t row_size_;
  std::vector<Cf32> rows_;   ///< [DM-RS symbol][subcarrier]
  std::vector<Cf32> pilots_; ///< [DM-RS symbol][pilot]
  std::vector<Cf32> work_;
  std::array<unsigned, kMaxDmrsSymbols> symbols_{};
  std::size_t num_symbols_ = 0;
  std::size_t num_subcarriers_ = 0;
  float noise_var_ = 1.0F;
  float pilot_power_ = 0.0F;
  float boost_ = 1.0F;
  float delay_us_ = 0.0F;
  float cfo_hz_ = 0.0F;
  float turns_per_symbol_ = 0.0F;
};

/// Zero forcing, one antenna: symbols[i] = y / h, noise[i] = noise_var / |h|^2 (infinite where h = 0), for `demap`.
void equalize(std::span<const Cf32> y, std::span<const Cf32> h, float noise_var, std::span<Cf32> symbols,
              std::span<float> noise) noexcept;

}  // namespace ravi::phy
