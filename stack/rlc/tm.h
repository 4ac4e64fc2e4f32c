#pragma once
// Transparent mode: SDUs pass as they are. TS 38.322 §5.2.1.

#include "stack/rlc/rlc_config.h"
#include "stack/rlc/sdu_queue.h"

#include <span>

namespace ravi::rlc {

/// SRB0 and the broadcast channels. One thread.
class TmEntity {
public:
  explicit TmEntity(const Capacity& capacity = kSrbCapacity) : queue_(capacity.queue_sdus, capacity.queue_octets) {}

  bool push(std::span<const std::uint8_t> sdu) noexcept;
  /// Octets of the next PDU, which goes whole or not at all.
  [[nodiscard]] std::size_t buffer_octets() const noexcept { return queue_.size() == 0 ? 0 : queue_[0].size; }
  /// Octets written; 0: nothing waits, or it is larger than `out`.
  [[nodiscard]] std::size_t pull(std::span<std::uint8_t> out) noexcept;
  /// The SDU is the PDU.
  [[nodiscard]] std::span<const std::uint8_t> receive(std::span<const std::uint8_t> pdu) noexcept;
  void reestablish() noexcept { queue_.clear(); }

  [[nodiscard]] const TxCounters& tx() const noexcept { return tx_; }
  [[nodiscard]] const RxCounters& rx() const noexcept { return rx_; }

private:
  SduQueue queue_;
  TxCounters tx_;
  RxCounters rx_;
};

}  // namespace ravi::rlc
