#pragma once
// What a radio receives, as a steady stream for another one: taken by a thread of its own, gaps filled, at another rate.

#include "radio/dsp/resample.h"
#include "radio/iq.h"
#include "radio/radio.h"
#include "radio/ring.h"
#include "radio/time.h"
#include "radio/units.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace ravi::apps {

/// Totals, in samples a channel at the receiving radio's rate.
struct FeedCounters {
  std::uint64_t received = 0;
  std::uint64_t gaps = 0;     ///< places where the radio missed samples
  std::uint64_t lost = 0;     ///< missed there; they are sent as zeros, so that what follows keeps its time
  std::uint64_t dropped = 0;  ///< left out, because a hardware radio goes on while whoever reads is too slow
};

enum class FeedState {
  runs,
  ended,    ///< all there was has been read: the stream is over, or as long as wanted
  failed,   ///< the radio is lost
};

/// A simulated radio or a recording waits for whoever reads; of a hardware radio a quarter of a second is kept (two
/// channels at 61.44 MS/s: 256 MiB), then samples are dropped and counted.
class SampleFeed {
public:
  struct Config {
    SampleRate rate;                    ///< of the radio, > 0
    SampleRate out_rate;                ///< of what `read` gives, > 0
    std::optional<SampleCount> length;  ///< after which it ends, at the radio's rate; none: when the radio does
  };

  /// `radio` is adjusted and not yet started.
  SampleFeed(std::unique_ptr<Radio> radio, const Config& config);
  ~SampleFeed();
  SampleFeed(const SampleFeed&) = delete;
  SampleFeed& operator=(const SampleFeed&) = delete;

  // One thread: that of the radio which sends.
  [[nodiscard]] Result<void> start();
  void stop() noexcept;

  /// Fills `out` ([receive channel][sample]) with what is there; returns how many samples. Does not wait. Real time.
  std::size_t read(IqSpan out) noexcept;

  /// More can be read now.
  [[nodiscard]] bool has_more() noexcept;
  [[nodiscard]] FeedState state() noexcept;

  /// The reader sent `count` samples of silence of its own because there was nothing to read: a gap that comes is shorter
  /// by as much, so that the delay from radio to radio does not grow.
  void take_off_gap(SampleCount count) noexcept;

  [[nodiscard]] const Radio& radio() const { return *radio_; }
  [[nodiscard]] SampleRate out_rate() const { return config_.out_rate; }
  [[nodiscard]] FeedCounters counters() const noexcept;

private:
  struct Gap {
    std::uint64_t position;  ///< samples in the ring before it, since the start
    std::int64_t lost;
  };

  // the receiving thread
  void run();
  bool push(ConstIqSpan samples) noexcept;

  // the reading thread
  std::size_t available() noexcept;
  std::size_t take(IqSpan out) noexcept;
  void begin_gap() noexcept;
  std::size_t read_resampled(IqSpan out) noexcept;
  std::size_t refill() noexcept;

  const std::unique_ptr<Radio> radio_;
  const Config config_;
  const bool can_wait_;
  IqBuffer block_;  ///< the receiving thread's
  std::vector<std::unique_ptr<SpscRing<Cf32>>> rings_;  ///< one a channel
  SpscRing<Gap> gaps_;
  std::atomic<FeedState> state_{FeedState::runs};
  std::atomic<bool> is_stopping_{false};
  std::atomic<std::uint64_t> received_{0}, num_gaps_{0}, lost_{0}, dropped_{0};

  // The reading thread's.
  std::uint64_t position_ = 0;  ///< samples taken out of the ring
  std::int64_t silence_ = 0;    ///< samples of a gap still to come
  std::int64_t owed_ = 0;       ///< silence that was sent already
  std::vector<dsp::Resampler> resamplers_;  ///< one a channel; none: the rates agree
  IqBuffer staged_;             ///< [staged_begin_, staged_end_) still to be resampled
  IqBuffer skipped_;
  std::size_t staged_begin_ = 0, staged_end_ = 0;
  std::int64_t taken_ = 0;      ///< samples at the radio's rate, silence included
  std::int64_t produced_ = 0;   ///< samples resampled
  std::size_t num_to_skip_ = 0; ///< outputs before the first sample: the resampler's delay

  std::jthread thread_;
};

}  // namespace ravi::apps
