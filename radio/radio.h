#pragma once
// The seam between the program and everything that carries samples: hardware, the simulated fronthaul, a file.

#include "radio/iq.h"
#include "radio/result.h"
#include "radio/time.h"
#include "radio/units.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ravi {

enum class Direction { receive, transmit };

/// Inclusive range of a control.
template <class T>
struct Range {
  T low{};
  T high{};
  friend constexpr bool operator==(const Range&, const Range&) = default;
};

/// What one channel of one direction can be set to. Empty vectors: no choice, the control answers `unsupported`.
struct ChannelLimits {
  Range<Hertz> frequency;
  Range<Decibel> gain;
  Range<Hertz> bandwidth;
  std::vector<std::string> antennas;
};

/// What a radio is; constant after it has been opened.
struct RadioDescription {
  std::string driver;                  ///< "zmq", "uhd", ...: the word before the colon of a radio string
  std::string name;                    ///< for people, e.g. "B210 serial 31A2B4"
  SampleRate sample_rate;              ///< the one it was opened with; 0: `set_sample_rate` has to say it
  bool is_hardware = false;            ///< emits on the air: transmission needs an authorization
  bool has_timestamps = true;          ///< false: receive times are counted, not measured; transmit is refused
  std::vector<ChannelLimits> receive;  ///< one a receive channel
  std::vector<ChannelLimits> transmit; ///< one a transmit channel; empty: receives only
};

/// A wish for a center frequency, and the answer.
struct Tune {
  Hertz center;
  Hertz lo_offset{};             ///< local oscillator relative to `center`, to move its leakage out of the band
  std::optional<SampleTime> at;  ///< none: now. Some: a timed command, `unsupported` where the radio has none
};

/// Where the radio takes its frequency and its time of day from: "internal", "external", "gpsdo" or a device's own word.
struct Reference {
  std::string clock = "internal";
  std::string time = "internal";
};

/// How one receive call ended.
enum class RxStatus {
  ok,       ///< `num_samples` samples are there (fewer than asked for only before a gap or the end)
  timeout,  ///< nothing came within the radio's time-out (<= 100 ms); call again
  ended,    ///< the stream is over: stopped, or a recording at its end
  failed,   ///< the device or connection is lost for good; the driver has logged why
};

struct RxResult {
  RxStatus status = RxStatus::timeout;
  SampleTime time;               ///< of the first sample delivered
  std::size_t num_samples = 0;   ///< delivered to every channel, contiguous in time
  SampleCount lost;              ///< samples missing immediately before `time` (a gap); 0 when contiguous
  bool overflow = false;         ///< the gap is ours: the host was too slow to fetch samples
};

/// How one transmit call ended. Anything but `ok` means no sample of the block was sent.
enum class TxStatus {
  ok,
  late,      ///< `at` lies in the past: the whole block was dropped
  disarmed,  ///< this radio is not authorized to transmit
  timeout,   ///< the radio took nothing within its time-out: dropped whole
  failed,    ///< device lost, or the stream is stopped
};

struct TxResult {
  TxStatus status = TxStatus::failed;
  std::uint32_t underflows = 0;  ///< reported by the radio since the last call: it ran dry between two blocks
};

/// Whether the block is the last of a burst. `ends` lets a TDD radio switch its transmitter off after the block.
enum class Burst { goes_on, ends };

/// Whether anybody is at the other end. Hardware and files are always `present`.
enum class Peer { present, absent };

/// Totals since the radio was opened. Read from any thread.
struct RadioCounters {
  std::uint64_t rx_samples = 0;    ///< per channel, delivered
  std::uint64_t tx_samples = 0;    ///< per channel, accepted (padding not counted)
  std::uint64_t overflows = 0;     ///< host too slow on receive
  std::uint64_t underflows = 0;    ///< host too slow on transmit
  std::uint64_t lates = 0;         ///< transmit blocks dropped because their time had passed
  std::uint64_t lost_samples = 0;  ///< per channel: sum of all gaps
  std::uint64_t malformed = 0;     ///< messages dropped because they could not be samples
  std::uint64_t not_finite = 0;    ///< NaN or infinite samples replaced by zero
  std::uint64_t saturated = 0;     ///< components clipped in a conversion to integers
  std::uint64_t reconnects = 0;    ///< times the peer came back
};

/// A full-duplex stream of samples, all channels in step.
///
/// Threads  control calls from one thread; `receive` from one thread; `transmit` from one thread (the same or another);
///          `counters`, `peer` and `stop` from any.
/// Time     the first received sample has the time given to `start`; transmit times are on the same axis.
/// Controls answer with what was really set; a driver never pretends. Controls other than `tune` and `set_gain` are
///          refused (`busy`) between `start` and `stop`.
class Radio {
public:
  virtual ~Radio() = default;
  Radio(const Radio&) = delete;
  Radio& operator=(const Radio&) = delete;

  // -- control: may block, may fail -----------------------------------------------------------------------------------
  [[nodiscard]] virtual RadioDescription describe() const = 0;
  [[nodiscard]] virtual Result<SampleRate> set_sample_rate(SampleRate rate) = 0;  ///< both directions
  [[nodiscard]] virtual Result<Tune> tune(Direction direction, std::size_t channel, const Tune& tune) = 0;
  [[nodiscard]] virtual Result<Decibel> set_gain(Direction direction, std::size_t channel, Decibel gain) = 0;
  [[nodiscard]] virtual Result<Hertz> set_bandwidth(Direction direction, std::size_t channel, Hertz bandwidth) = 0;
  [[nodiscard]] virtual Result<std::string> set_antenna(Direction direction, std::size_t channel,
                                                        std::string_view antenna) = 0;
  [[nodiscard]] virtual Result<Reference> set_reference(const Reference& reference) = 0;
  [[nodiscard]] virtual Result<bool> reference_locked() = 0;

  /// Begins both directions. Needs a sample rate. The first received sample has time `first`.
  [[nodiscard]] virtual Result<void> start(SampleTime first) = 0;

  // -- real time ------------------------------------------------------------------------------------------------------
  /// Fills `out` ([receive channel][sample]) or reports why not. Waits at most about 100 ms.
  /// Simulated radios keep rule A: what was not transmitted up to the end of `out` goes out as zeros first.
  [[nodiscard]] virtual RxResult receive(IqSpan out) noexcept = 0;

  /// Sends `in` ([transmit channel][sample]) so that its first sample is on the air at `at`.
  [[nodiscard]] virtual TxResult transmit(ConstIqSpan in, SampleTime at, Burst burst) noexcept = 0;

  // -- any thread -----------------------------------------------------------------------------------------------------
  virtual void stop() noexcept = 0;  ///< safe to call twice; a waiting `receive` returns `ended` soon
  [[nodiscard]] virtual Peer peer() const noexcept = 0;
  [[nodiscard]] virtual RadioCounters counters() const noexcept = 0;

protected:
  Radio() = default;
};

}  // namespace ravi
