#pragma once
// A radio that plays a written script of receive results, so that every gap and fault can be put where a test wants it.
// Sample n of channel c has the value (n, c), so that misplaced samples are seen.

#include "radio/radio.h"

#include <cstdint>
#include <deque>
#include <vector>

namespace ravi::testing {

class ScriptedRadio final : public Radio {
public:
  /// A run of samples the radio delivers, or an event between two runs.
  struct Piece {
    RxStatus status = RxStatus::ok;
    SampleTime time;
    std::int64_t length = 0;  ///< samples of the run
    bool overflow = false;
  };
  struct Sent {
    SampleTime at;
    Cf32 first;
    std::size_t length = 0;
    Burst burst = Burst::goes_on;
  };

  explicit ScriptedRadio(std::deque<Piece> pieces) : pieces_(std::move(pieces)) { sent.reserve(1000); }

  std::vector<Sent> sent;
  TxStatus answer = TxStatus::ok;

  [[nodiscard]] RxResult receive(IqSpan out) noexcept override
  {
    if (at_piece_ == pieces_.size()) return {.status = RxStatus::ended};
    Piece& piece = pieces_[at_piece_];
    if (piece.status != RxStatus::ok) {
      ++at_piece_;
      return {.status = piece.status};
    }
    const std::size_t length = std::min(out.num_samples(), static_cast<std::size_t>(piece.length));
    for (std::size_t c = 0; c < out.num_channels(); ++c) {
      for (std::size_t n = 0; n < length; ++n) {
        out.channel(c)[n] = Cf32(static_cast<float>(piece.time.value() + static_cast<std::int64_t>(n)), static_cast<float>(c));
      }
    }
    RxResult result{.status = RxStatus::ok, .time = piece.time, .num_samples = length, .overflow = piece.overflow};
    result.lost = has_delivered_ ? piece.time - next_ : SampleCount(0);
    has_delivered_ = true;
    piece.overflow = false;
    piece.time += SampleCount(static_cast<std::int64_t>(length));
    piece.length -= static_cast<std::int64_t>(length);
    next_ = piece.time;
    if (piece.length == 0) ++at_piece_;
    return result;
  }
  [[nodiscard]] TxResult transmit(ConstIqSpan in, SampleTime at, Burst burst) noexcept override
  {
    sent.push_back({.at = at, .first = in.channel(0)[0], .length = in.num_samples(), .burst = burst});
    return {.status = answer};
  }

  [[nodiscard]] RadioDescription describe() const override { return {.driver = "scripted", .name = "scripted"}; }
  [[nodiscard]] Result<SampleRate> set_sample_rate(SampleRate rate) override { return rate; }
  [[nodiscard]] Result<Tune> tune(Direction, std::size_t, const Tune& tune) override { return tune; }
  [[nodiscard]] Result<Decibel> set_gain(Direction, std::size_t, Decibel gain) override { return gain; }
  [[nodiscard]] Result<Hertz> set_bandwidth(Direction, std::size_t, Hertz width) override { return width; }
  [[nodiscard]] Result<std::string> set_antenna(Direction, std::size_t, std::string_view name) override
  {
    return std::string(name);
  }
  [[nodiscard]] Result<Reference> set_reference(const Reference& reference) override { return reference; }
  [[nodiscard]] Result<bool> reference_locked() override { return true; }
  [[nodiscard]] Result<void> start(SampleTime) override { return {}; }
  void stop() noexcept override {}
  [[nodiscard]] Peer peer() const noexcept override { return Peer::present; }
  [[nodiscard]] RadioCounters counters() const noexcept override { return {}; }

private:
  std::deque<Piece> pieces_;
  std::size_t at_piece_ = 0;
  SampleTime next_;
  bool has_delivered_ = false;
};

}  // namespace ravi::testing
