#pragma once
// OFDM: a slot's resource grid to samples and back, with the phase compensation of TS 38.211 §5.4.

#include "radio/dsp/fft.h"
#include "radio/iq.h"
#include "radio/result.h"
#include "radio/units.h"
#include "stack/nr/phy_mac.h"
#include "stack/phy/resource_grid.h"

#include <cstddef>
#include <span>
#include <vector>

namespace ravi::phy {

/// Where the symbols of one subframe lie, in samples at any rate. 15 and 30 kHz (from 60 kHz on slots differ in length), normal
/// cyclic prefix. TS 38.211 §5.3.1.
class SymbolTiming {
public:
  /// `rate`: see `fits`.
  SymbolTiming(nr::Scs scs, SampleRate rate) noexcept : scs_(scs), rate_(rate) {}

  /// Whether whole samples make an FFT and a slot, and the FFT holds `num_prb`; false for other spacings.
  [[nodiscard]] static bool fits(nr::Scs scs, SampleRate rate, unsigned num_prb) noexcept;

  [[nodiscard]] std::size_t fft_size() const noexcept
  {
    return static_cast<std::size_t>(rate_.hz() / nr::spacing_hz(scs_));
  }
  [[nodiscard]] std::size_t samples_per_slot() const noexcept
  {
    return static_cast<std::size_t>(rate_.hz() / 1000) / nr::slots_per_subframe(scs_);
  }
  /// First sample of a symbol's cyclic prefix, from its slot's start. `symbol` may be 14: the next slot's.
  [[nodiscard]] std::size_t prefix_begin(unsigned slot_in_subframe, unsigned symbol) const noexcept;
  /// First sample after the cyclic prefix, from the slot's start.
  [[nodiscard]] std::size_t symbol_begin(unsigned slot_in_subframe, unsigned symbol) const noexcept;
  /// The time after the cyclic prefix, t_start + N_CP T_c of §5.4, in seconds from the subframe's start.
  [[nodiscard]] double reference_time_s(unsigned slot_in_subframe, unsigned symbol) const noexcept;

private:
  nr::Scs scs_;
  SampleRate rate_;
};

struct OfdmConfig {
  nr::Carrier carrier;  ///< `center` is f_0: the radio's tuning, at the grid's subcarrier 6 num_prb
  SampleRate rate;
  float scale = 1.0F;   ///< amplitude of the samples of one subcarrier that carries 1.0
};

/// Samples to a grid. Making it plans the FFT; demodulating is real time and allocates nothing.
class OfdmDemodulator {
public:
  /// `bad_input` where the rate does not hold the grid.
  [[nodiscard]] static Result<OfdmDemodulator> make(const OfdmConfig& config);

  [[nodiscard]] const SymbolTiming& timing() const noexcept { return timing_; }

  /// One slot of one port. `samples`: the whole slot from its first symbol's cyclic prefix on. The FFT window begins in the
  /// middle of the cyclic prefix, so that the signal may come up to half of one early or late.
  void demodulate_slot(std::span<const Cf32> samples, unsigned slot_in_subframe, unsigned port, GridSpan grid) noexcept;

  /// One symbol of that slot; `samples` as above. out: 12 num_prb subcarriers.
  void demodulate_symbol(std::span<const Cf32> samples, unsigned slot_in_subframe, unsigned symbol,
                         std::span<Cf32> out) noexcept;

private:
  OfdmDemodulator(const OfdmConfig& config, const SymbolTiming& timing);

  OfdmConfig config_;
  SymbolTiming timing_;
  dsp::Fft fft_;
  std::size_t advance_;             ///< of the window into the cyclic prefix, samples
  std::vector<Cf32> advance_ramp_;  ///< [subcarrier], takes the advance back, and the FFT's gain
  std::vector<Cf32> phases_;        ///< [symbol of the subframe]
  std::vector<Cf32> spectrum_;
  std::vector<Cf32> ramp_;          ///< working memory
};

/// A grid to samples. Making it plans the FFT; modulating is real time and allocates nothing.
class OfdmModulator {
public:
  /// `bad_input` where the rate does not hold the grid.
  [[nodiscard]] static Result<OfdmModulator> make(const OfdmConfig& config);

  [[nodiscard]] const SymbolTiming& timing() const noexcept { return timing_; }

  /// One slot of one port into `samples`, which has timing().samples_per_slot() of them.
  void modulate_slot(ConstGridSpan grid, unsigned port, unsigned slot_in_subframe, std::span<Cf32> samples) noexcept;

private:
  OfdmModulator(const OfdmConfig& config, const SymbolTiming& timing);

  OfdmConfig config_;
  SymbolTiming timing_;
  dsp::Fft fft_;
  std::vector<Cf32> phases_;  ///< [symbol of the subframe], times the scale
  std::vector<Cf32> spectrum_;
};

}  // namespace ravi::phy
