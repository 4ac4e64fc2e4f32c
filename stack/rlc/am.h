#pragma once
// Acknowledged mode, both directions of one bearer. TS 38.322 §5.2.3.

#include "stack/rlc/am_receiver.h"
#include "stack/rlc/am_transmitter.h"

#include <span>

namespace ravi::rlc {

/// Memory: `Capacity`, the window's table and 1024 ranges, taken at construction; no call allocates. One thread.
class AmEntity {
public:
  explicit AmEntity(const AmConfig& config = {.capacity = kSrbCapacity}) : tx_(config), rx_(config) {}

  /// `tag` names the SDU to `discard`. False, and counted, if the queue is full.
  bool push(std::span<const std::uint8_t> sdu, std::uint32_t tag = 0) noexcept { return tx_.push(sdu, tag); }
  /// Takes the SDUs with that tag back unless part of them has gone. TS 38.322 §5.4. True if there was one.
  bool discard(std::uint32_t tag) noexcept { return tx_.discard(tag); }
  /// Octets waiting, without headers: status report, retransmissions, new SDUs. TS 38.322 §5.5.
  [[nodiscard]] std::size_t buffer_octets() const noexcept { return rx_.status_octets() + tx_.buffer_octets(); }
  /// Writes one PDU of at most out.size() octets, a status report first; 0: nothing waits, or not even a segment fits.
  [[nodiscard]] std::size_t pull(std::span<std::uint8_t> out, Time now) noexcept;

  /// The SDU that this PDU completed, or nothing: SDUs leave as they are completed, not in order (PDCP orders them). Valid
  /// until the next call.
  [[nodiscard]] std::span<const std::uint8_t> receive(std::span<const std::uint8_t> pdu, Time now) noexcept;
  /// Runs the timers.
  void tick(Time now) noexcept;
  /// TS 38.322 §5.1.2.
  void reestablish() noexcept;

  /// RETX_COUNT of an SDU has reached maxRetxThreshold: radio link failure. Until `reestablish`.
  [[nodiscard]] bool has_reached_max_retx() const noexcept { return tx_.has_reached_max_retx(); }
  /// SDUs waiting or not yet acknowledged.
  [[nodiscard]] std::size_t num_sdus() const noexcept { return tx_.num_sdus(); }
  [[nodiscard]] const TxCounters& tx() const noexcept { return tx_.counters(); }
  [[nodiscard]] const RxCounters& rx() const noexcept { return rx_.counters(); }

private:
  AmTransmitter tx_;
  AmReceiver rx_;
};

}  // namespace ravi::rlc
