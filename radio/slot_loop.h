#pragma once
// The streaming loop: takes one slot of samples from a radio, hands it to the slot engine, and sends what the engine
// made for the slot `lead` later. Receive leads; what is late is counted and dropped whole; a gap resynchronizes.

#include "radio/iq.h"
#include "radio/radio.h"
#include "radio/slot_trace.h"
#include "radio/time.h"

#include <atomic>
#include <cstdint>

namespace ravi {

struct SlotLoopConfig {
  SampleCount slot_length;    ///< samples in a slot at the radio's rate, > 0
  std::int64_t lead = 4;      ///< slots from a received slot to the transmitted one made with it, >= 1
  std::size_t num_rx_channels = 1;
  std::size_t num_tx_channels = 1;  ///< 0: receives only
};

/// What the engine said about the slot it was asked for.
enum class SlotOutput {
  samples,  ///< the transmit buffer holds a slot to send
  silence,  ///< nothing to send: hardware radios switch off, simulated ones send zeros
};

/// One received slot.
struct RxSlot {
  std::int64_t index = 0;  ///< slots since sample time 0: time = index * slot_length
  SampleTime time;         ///< of the first sample
  ConstIqSpan samples;     ///< [receive channel][slot_length]
  bool is_after_gap = false;  ///< samples are missing between the slot delivered before and this one
};

/// One slot to be made.
struct TxSlot {
  std::int64_t index = 0;  ///< RxSlot::index + lead
  SampleTime time;
  IqSpan samples;          ///< [transmit channel][slot_length]; what is in it before is unspecified
};

/// Totals. Read from any thread.
struct SlotLoopCounters {
  std::uint64_t slots = 0;          ///< received whole and handed to the engine
  std::uint64_t skipped_slots = 0;  ///< lost to a gap, wholly or in part
  std::uint64_t gaps = 0;
  std::uint64_t overflows = 0;
  std::uint64_t underflows = 0;
  std::uint64_t late_slots = 0;     ///< made too late, dropped whole
  std::uint64_t timeouts = 0;       ///< receive calls that found nothing within the radio's time-out
};

enum class SlotStep {
  slot,     ///< a slot was received and handled
  nothing,  ///< no samples yet, or a gap was skipped over; call again
  ended,    ///< the stream is over
  failed,   ///< the radio is lost
};

/// Keeps slot borders on multiples of the slot length of the radio's time axis. Construction allocates; `step` does not
/// allocate, lock or throw (the radio's own calls and the engine's procedures apart). One thread runs `step`; `counters` may be read from
/// others.
class SlotLoop {
public:
  /// `radio` is set up and started; it and `trace` outlive the loop.
  SlotLoop(Radio& radio, const SlotLoopConfig& config, SlotTrace& trace);

  /// One receive call and, when it completes a slot, the engine and one transmit call.
  /// Engine: `SlotOutput engine(const RxSlot& in, TxSlot& out) noexcept`, and if it likes `void engine.run_procedures() noexcept`: what the
  /// slot's samples do not wait for, done when they are gone. That may allocate; its time is taken from the lead.
  template <class Engine>
  SlotStep step(Engine& engine) noexcept;

  /// Steps until the stream ends or `stop` becomes true. Returns the last step.
  template <class Engine>
  SlotStep run(Engine& engine, const std::atomic<bool>& stop) noexcept
  {
    SlotStep last = SlotStep::nothing;
    while (!stop.load(std::memory_order_relaxed)) {
      last = step(engine);
      if (last == SlotStep::ended || last == SlotStep::failed) break;
    }
    return last;
  }

  [[nodiscard]] SlotLoopCounters counters() const noexcept;

private:
  struct AtomicCounters {
    std::atomic<std::uint64_t> slots, skipped_slots, gaps, overflows, underflows, late_slots, timeouts;
  };

  /// Receives into the slot buffer; true when it now holds a whole slot.
  SlotStep fill_slot() noexcept;
  void resynchronize(const RxResult& received) noexcept;
  void send(SlotOutput output, const TxSlot& slot, std::int64_t received_slot) noexcept;

  Radio& radio_;
  SlotLoopConfig config_;
  SlotTrace& trace_;
  IqBuffer rx_;
  IqBuffer tx_;
  std::size_t num_filled_ = 0;   ///< samples of the slot at hand
  SampleCount num_to_discard_;   ///< samples to throw away up to the next slot border
  SampleTime slot_time_;         ///< of the first sample of the slot at hand
  bool is_after_gap_ = false;
  bool is_first_ = true;
  bool is_sending_ = false;      ///< the last slot was sent and its burst is open
  std::int64_t receive_begin_ns_ = 0;
  AtomicCounters counters_{};
};

template <class Engine>
SlotStep SlotLoop::step(Engine& engine) noexcept
{
  const SlotStep filled = fill_slot();
  if (filled != SlotStep::slot) return filled;

  const std::int64_t slot = slot_time_.value() / config_.slot_length.value();
  const std::int64_t process_begin_ns = SlotTrace::now_ns();
  trace_.write({.slot = slot, .begin_ns = receive_begin_ns_, .end_ns = process_begin_ns, .stage = Stage::receive});
  const RxSlot in{.index = slot, .time = slot_time_, .samples = rx_.span(), .is_after_gap = is_after_gap_};
  TxSlot out{.index = slot + config_.lead,
             .time = slot_time_ + config_.slot_length * config_.lead,
             .samples = tx_.span()};
  const SlotOutput output = engine(in, out);
  trace_.write(
      {.slot = slot, .begin_ns = process_begin_ns, .end_ns = SlotTrace::now_ns(), .stage = Stage::process});
  if (config_.num_tx_channels > 0) send(output, out, slot);
  if constexpr (requires { engine.run_procedures(); }) {
    const std::int64_t procedures_begin_ns = SlotTrace::now_ns();
    engine.run_procedures();
    trace_.write({.slot = slot, .begin_ns = procedures_begin_ns, .end_ns = SlotTrace::now_ns(), .stage = Stage::procedures});
  }

  counters_.slots.fetch_add(1, std::memory_order_relaxed);
  is_after_gap_ = false;
  num_filled_ = 0;
  slot_time_ += config_.slot_length;
  return SlotStep::slot;
}

}  // namespace ravi
