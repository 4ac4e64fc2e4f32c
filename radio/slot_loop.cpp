#include "radio/slot_loop.h"

#include <algorithm>
#include <cassert>

namespace ravi {

SlotLoop::SlotLoop(Radio& radio, const SlotLoopConfig& config, SlotTrace& trace)
  : radio_(radio),
    config_(config),
    trace_(trace),
    rx_(config.num_rx_channels, static_cast<std::size_t>(config.slot_length.value())),
    tx_(config.num_tx_channels, static_cast<std::size_t>(config.slot_length.value()))
{
  assert(config.slot_length.value() > 0 && config.lead >= 1);
}

SlotStep SlotLoop::fill_slot() noexcept
{
  if (num_filled_ == 0) receive_begin_ns_ = SlotTrace::now_ns();
  // While samples before a slot border are thrown away, the slot buffer serves as the bin.
  const std::size_t wanted = num_to_discard_.value() > 0
                                 ? std::min(rx_.num_samples(), static_cast<std::size_t>(num_to_discard_.value()))
                                 : rx_.num_samples() - num_filled_;
  const RxResult received = radio_.receive(rx_.span().subspan(num_filled_, wanted));
  switch (received.status) {
    case RxStatus::timeout:
      counters_.timeouts.fetch_add(1, std::memory_order_relaxed);
      return SlotStep::nothing;
    case RxStatus::ended:
      return SlotStep::ended;
    case RxStatus::failed:
      return SlotStep::failed;
    case RxStatus::ok:
      break;
  }
  const SampleTime expected = slot_time_ + SampleCount(static_cast<std::int64_t>(num_filled_)) - num_to_discard_;
  if (is_first_ || received.time != expected) {
    resynchronize(received);
  } else if (num_to_discard_.value() > 0) {
    num_to_discard_ -= SampleCount(static_cast<std::int64_t>(received.num_samples));
  } else {
    num_filled_ += received.num_samples;
  }
  return num_filled_ == rx_.num_samples() ? SlotStep::slot : SlotStep::nothing;
}

void SlotLoop::resynchronize(const RxResult& received) noexcept
{
  // The samples received lie somewhere in the buffer; move those from the next border on to its front.
  const SampleCount length(static_cast<std::int64_t>(received.num_samples));
  const SampleTime end = received.time + length;
  const SampleTime border = next_border(received.time, config_.slot_length);
  const std::size_t offset = num_filled_;
  if (!is_first_) {
    counters_.gaps.fetch_add(1, std::memory_order_relaxed);
    if (received.overflow) counters_.overflows.fetch_add(1, std::memory_order_relaxed);
    const std::int64_t skipped = (border - slot_time_).value() / config_.slot_length.value();
    counters_.skipped_slots.fetch_add(static_cast<std::uint64_t>(std::max<std::int64_t>(skipped, 0)),
                                      std::memory_order_relaxed);
    is_after_gap_ = true;
  }
  is_first_ = false;
  slot_time_ = border;
  if (border >= end) {
    num_filled_ = 0;
    num_to_discard_ = border - end;
    return;
  }
  const auto head = static_cast<std::size_t>((border - received.time).value());
  num_filled_ = received.num_samples - head;
  num_to_discard_ = SampleCount(0);
  for (std::size_t c = 0; c < rx_.num_channels(); ++c) {
    const auto from = rx_.channel(c).subspan(offset + head, num_filled_);
    std::copy(from.begin(), from.end(), rx_.channel(c).begin());
  }
}

void SlotLoop::send(SlotOutput output, const TxSlot& slot, std::int64_t received_slot) noexcept
{
  if (output == SlotOutput::silence && !is_sending_) return;
  const std::int64_t begin_ns = SlotTrace::now_ns();
  // The first silent slot after samples goes out as zeros and closes the burst.
  if (output == SlotOutput::silence) fill_zero(slot.samples);
  const Burst burst = output == SlotOutput::silence ? Burst::ends : Burst::goes_on;
  const TxResult sent = radio_.transmit(slot.samples, slot.time, burst);
  is_sending_ = output == SlotOutput::samples && sent.status == TxStatus::ok;
  const bool is_late = sent.status == TxStatus::late;
  if (is_late) counters_.late_slots.fetch_add(1, std::memory_order_relaxed);
  if (sent.underflows > 0) counters_.underflows.fetch_add(sent.underflows, std::memory_order_relaxed);
  trace_.write({.slot = received_slot,
                .begin_ns = begin_ns,
                .end_ns = SlotTrace::now_ns(),
                .stage = Stage::transmit,
                .is_late = is_late});
}

SlotLoopCounters SlotLoop::counters() const noexcept
{
  const auto value = [](const std::atomic<std::uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  return {.slots = value(counters_.slots),
          .skipped_slots = value(counters_.skipped_slots),
          .gaps = value(counters_.gaps),
          .overflows = value(counters_.overflows),
          .underflows = value(counters_.underflows),
          .late_slots = value(counters_.late_slots),
          .timeouts = value(counters_.timeouts)};
}

}  // namespace ravi
