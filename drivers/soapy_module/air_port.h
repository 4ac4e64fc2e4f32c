#pragma once
// One port of the emulated air as a running device: a thread that keeps the air's samples flowing whatever the program
// does, a block of received samples to read from, a queue of samples to send.

#include "radio/iq.h"
#include "radio/radio.h"
#include "radio/time.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace ravi {

/// How fast the air may run while the program receives. While it does not, never faster than real time: nothing else
/// would hold it back.
enum class AirPace { realtime, free };

struct AirPortConfig {
  SampleRate rate;
  std::size_t num_rx_channels = 1;
  std::size_t num_tx_channels = 1;
  AirPace pace = AirPace::realtime;
  std::chrono::nanoseconds patience = std::chrono::seconds(1);  ///< how long the air waits for the program
};

/// The program's calls may come from several threads. See README.md for the rules of time.
class AirPort {
public:
  using Clock = std::chrono::steady_clock;

  enum class ReadStatus { samples, timeout, overflow, late, failed };
  struct ReadResult {
    ReadStatus status = ReadStatus::timeout;
    SampleTime time;  ///< of the first sample; where an overflow ends
    std::size_t num_samples = 0;
    bool ends_burst = false;  ///< the last sample of the number asked for
  };

  enum class EventKind { underflow, late, burst_sent };
  struct Event {
    EventKind kind = EventKind::underflow;
    SampleTime time;
  };

  /// `radio` is started, at sample time 0 or the air's.
  AirPort(std::unique_ptr<Radio> radio, const AirPortConfig& config);
  ~AirPort();
  AirPort(const AirPort&) = delete;
  AirPort& operator=(const AirPort&) = delete;

  /// Samples in the block the air advances by: a good number to read or write at once.
  [[nodiscard]] std::size_t block_length() const { return block_length_; }

  /// How far the air has come.
  [[nodiscard]] SampleTime now() const;

  /// Waits until the air runs: true; false: nobody was at the other end within `timeout`.
  [[nodiscard]] bool await_air(std::chrono::nanoseconds timeout);

  /// The air is lost for good.
  [[nodiscard]] bool has_failed() const;

  /// Reception begins at `start` (none: at once) and ends by itself after `count` samples (0: never).
  void begin_receiving(std::optional<SampleTime> start, std::size_t count);
  void end_receiving();

  /// Waits up to `timeout` for samples; gives at most what is left of a block. `out` has the port's receive channels.
  [[nodiscard]] ReadResult read(IqSpan out, std::chrono::nanoseconds timeout);

  /// Queues samples; waits up to `timeout` for room. `at` none: right behind the samples before, or at once. Returns
  /// how many were taken; `ends` holds only where all were.
  [[nodiscard]] std::size_t write(ConstIqSpan in, std::optional<SampleTime> at, Burst ends,
                                  std::chrono::nanoseconds timeout);

  /// What was queued ends its burst.
  void end_burst();

  /// Waits until everything queued is on the air, at most as long as it lasts and `extra`.
  void drain(std::chrono::nanoseconds extra);

  [[nodiscard]] std::optional<Event> next_event(std::chrono::nanoseconds timeout);

private:
  struct Chunk {
    std::optional<SampleTime> at;
    IqBuffer samples;
    Burst burst = Burst::goes_on;
  };

  void run(const std::stop_token& stop);
  bool await_turn(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
  bool is_waiting_for_reader(Clock::time_point when) const;
  bool is_waiting_for_writer(Clock::time_point when) const;
  RxResult advance(std::unique_lock<std::mutex>& lock, SampleTime end);
  void send_queued(std::unique_lock<std::mutex>& lock, SampleTime end);
  std::optional<SampleTime> place(const Chunk& chunk);
  void note_sent(const Chunk& chunk, SampleTime at, TxStatus status);
  void publish(const RxResult& result);
  void add_event(EventKind kind, SampleTime time);

  const std::unique_ptr<Radio> radio_;
  const AirPortConfig config_;
  const std::size_t block_length_;
  const std::size_t queue_capacity_;  ///< samples

  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  SampleTime now_;  ///< end of the newest received block
  bool has_failed_ = false;

  // Pace: sample time `anchor_time_` was due at `anchor_`.
  Clock::time_point anchor_;
  SampleTime anchor_time_;

  // Receiving.
  bool is_receiving_ = false;
  SampleTime rx_start_;
  std::optional<std::size_t> rx_remaining_;
  bool is_late_ = false;      ///< reception was asked for in the past
  bool is_overflow_ = false;  ///< samples were dropped, or lost in the air, before `block_time_`
  bool is_wanted_ = false;    ///< a reader waits
  Clock::time_point last_read_;
  IqBuffer arriving_;  ///< being filled, by the thread alone
  IqBuffer block_;     ///< to be read
  std::size_t block_begin_ = 0;
  std::size_t block_end_ = 0;
  SampleTime block_time_;  ///< of the sample at `block_begin_`

  // Transmitting.
  std::deque<Chunk> queue_;
  std::size_t num_queued_ = 0;  ///< samples
  bool is_sending_ = false;     ///< a chunk is on its way from the queue to the radio
  bool is_in_burst_ = false;
  bool is_dropping_burst_ = false;  ///< its beginning was late
  bool is_starved_ = false;         ///< the underflow of this burst has been told
  SampleTime burst_next_;
  Clock::time_point last_write_;
  SampleTime tx_sent_;        ///< end of what the air has been given
  bool is_draining_ = false;  ///< the program only waits for its samples to be sent
  std::deque<Event> events_;

  std::jthread thread_;
};

}  // namespace ravi
