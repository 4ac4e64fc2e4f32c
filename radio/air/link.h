#pragma once
// One link: what a receive port hears of one transmit port.

#include "radio/air/air_config.h"
#include "radio/air/fading.h"
#include "radio/air/interpolator.h"
#include "radio/air/kernels.h"
#include "radio/air/phase.h"
#include "radio/air/port_history.h"
#include "radio/air/random.h"
#include "radio/iq.h"
#include "radio/units.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ravi::air {

/// The most samples the air computes at once: small enough for the first-level cache.
inline constexpr std::size_t kMaxChunk = 1024;

/// Working memory of the links and interferers of one emulator: each is done with it when it returns.
struct LinkScratch {
  std::vector<float> re = std::vector<float>(kMaxChunk + kPlanePadding);
  std::vector<float> im = std::vector<float>(kMaxChunk + kPlanePadding);
  std::vector<Phase> phases = std::vector<Phase>(kMaxChunk + kPlanePadding);
};

/// delay -> taps -> gain -> carrier offset. Delay, fading and drift are one filter, whose taps are computed at instants
/// a power of two samples apart and move linearly between them; slow ones in steps of kHold samples.
class Link {
public:
  /// `interpolator` outlives the link. The configuration has been checked.
  Link(const LinkConfig& config, SampleRate rate, const RandomStream& stream, const Interpolator& interpolator);

  /// Adds what arrives at [begin, begin + count), count <= kMaxChunk. Real time.
  void add(const PortHistory& from, std::uint64_t begin, std::size_t count, LinkScratch& scratch, Planes sum) noexcept;

  /// Changes at time `at`, which is where the next `add` begins.
  void set(const StepConfig& values, std::uint64_t at) noexcept;

  [[nodiscard]] const LinkConfig& config() const noexcept { return config_; }
  /// Power of the noise that its SNR asks for; 0 where none is asked.
  [[nodiscard]] double noise_power() const noexcept;
  /// How often drift has made the delay jump back until `at`.
  [[nodiscard]] std::uint64_t num_slips(std::uint64_t at) const noexcept;

  [[nodiscard]] std::size_t num_taps() const noexcept { return num_taps_; }
  /// How far before the present it reads with a delay of `delay` samples, its taps included.
  [[nodiscard]] std::size_t lookback(double delay) const noexcept;

private:
  struct Coefficients {
    std::vector<float> re;
    std::vector<float> im;
  };

  [[nodiscard]] bool is_fading() const noexcept { return fading_.has_value(); }
  [[nodiscard]] bool is_drifting() const noexcept { return config_.drift_ppm != 0.0; }
  [[nodiscard]] bool is_moving() const noexcept;
  [[nodiscard]] bool needs_filter() const noexcept;
  void set_delay(double seconds) noexcept;
  [[nodiscard]] double samples_drifted(std::uint64_t at) const noexcept;
  void prepare(std::uint64_t segment) noexcept;
  void place_taps(std::uint64_t at, double delay, Coefficients& out) noexcept;
  void filter_segments(const PortHistory& from, std::uint64_t begin, std::size_t count, LinkScratch& scratch) noexcept;

  LinkConfig config_;
  SampleRate rate_;
  const Interpolator& interpolator_;
  std::optional<Fading> fading_;

  double delay_ = 0.0;          ///< samples, without the interpolator's latency and drift
  double drift_reserve_ = 0.0;  ///< samples
  float gain_ = 1.0F;           ///< amplitude
  std::uint64_t phase_ = 0;     ///< of the carrier offset at `phase_at_`, 2^64 a turn
  std::uint64_t phase_at_ = 0;
  std::uint64_t phase_increment_ = 0;

  // The filter, between the instants segment_ * segment_length_ and the next.
  std::uint64_t segment_length_ = 0;
  std::uint64_t segment_ = 0;
  bool is_prepared_ = false;
  std::size_t num_taps_ = 0;
  std::int64_t base_delay_ = 0;  ///< samples that tap 0 lies back
  Coefficients start_;
  Coefficients end_;
  Coefficients slope_;
  Coefficients held_;
  bool is_held_ = false;  ///< taps move so slowly that they need not move at every sample
  std::vector<Cf32> gains_;
};

}  // namespace ravi::air
