#pragma once
// Sends what a SampleFeed gives through a radio: `ravi replay`.

#include "apps/sample_feed.h"
#include "radio/iq.h"
#include "radio/radio.h"
#include "radio/result.h"
#include "radio/time.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace ravi::apps {

struct RelayTotals {
  std::uint64_t sent = 0;      ///< samples a channel, with the silence of gaps
  std::uint64_t lates = 0;     ///< blocks whose time had passed; they went out later
  std::uint64_t timeouts = 0;  ///< times the radio took nothing for a while; the block was sent again
  std::uint64_t starved = 0;   ///< times a hardware radio had to pause, because nothing had come to send
};

/// A radio that receives too is paced by what it receives; one that does not, by what it takes. One thread.
class Relay {
public:
  /// `radio` is adjusted, not yet started, and has at least as many transmit channels as the feed gives; further ones
  /// send zeros.
  Relay(std::unique_ptr<Radio> radio, std::unique_ptr<SampleFeed> feed);

  /// Until the feed ends or the user stops it; `show` is called after every block. On the calling thread, which becomes
  /// the radio's.
  Result<void> run(const std::function<void()>& show);

  [[nodiscard]] const SampleFeed& feed() const { return *feed_; }
  [[nodiscard]] const RelayTotals& totals() const { return totals_; }
  [[nodiscard]] RadioCounters counters() const { return radio_->counters(); }

private:
  enum class Step { goes_on, ended };

  [[nodiscard]] SampleCount lead() const { return SampleCount(static_cast<std::int64_t>(4 * block_.num_samples())); }
  [[nodiscard]] bool receives() const { return received_.num_channels() > 0; }
  Result<Step> keep_lead();
  Result<Step> receive_block();
  Result<std::size_t> fill_block();
  Result<void> wait_for_feed();
  Result<void> send_block(std::size_t count, Burst burst);
  Result<void> wait_until_sent();
  Result<void> check_alive(bool has_moved);

  std::unique_ptr<Radio> radio_;
  std::unique_ptr<SampleFeed> feed_;
  bool is_hardware_;
  std::size_t num_fed_;  ///< channels that the feed gives
  IqBuffer received_;    ///< thrown away: receiving is what paces a radio that does both
  IqBuffer block_;
  SampleTime received_until_;
  SampleTime next_;  ///< time of the next transmitted sample
  RelayTotals totals_;
  std::chrono::steady_clock::time_point last_moved_ = std::chrono::steady_clock::now();  ///< the radio took or gave something
};

}  // namespace ravi::apps
