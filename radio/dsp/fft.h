#pragma once
// Complex FFTs over FFTW3 (single precision), planned once, run many times.

#include "radio/iq.h"

#include <cstddef>
#include <memory>
#include <span>

namespace ravi::dsp {

enum class FftDirection {
  forward,   ///< X[k] = sum x[n] exp(-j 2 pi k n / N), unscaled
  backward,  ///< x[n] = sum X[k] exp(+j 2 pi k n / N), unscaled: backward(forward(x)) = N x
};

/// How long planning may take. `measure` plans are kept in the wisdom file of the user's cache folder
/// (`$XDG_CACHE_HOME/ravi/fftwf-wisdom`, else `~/.cache/ravi/...`), so that each size is measured once a machine.
enum class FftEffort { estimate, measure };

/// A plan for one size and direction. Making it allocates and may take a second (`measure`); `run` is real time.
class Fft {
public:
  Fft(std::size_t size, FftDirection direction, FftEffort effort = FftEffort::measure);
  ~Fft();
  Fft(Fft&&) noexcept;
  Fft& operator=(Fft&&) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// out = FFT(in). Both have `size()` samples, at any alignment; in may be out. Several threads may run one plan at
  /// once.
  void run(std::span<const Cf32> in, std::span<Cf32> out) const noexcept;

private:
  struct Plans;
  std::size_t size_ = 0;
  std::unique_ptr<Plans> plans_;
};

}  // namespace ravi::dsp
