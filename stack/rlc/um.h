#pragma once
// Unacknowledged mode. TS 38.322 §5.2.2.

#include "stack/rlc/reassembly.h"
#include "stack/rlc/rlc_config.h"
#include "stack/rlc/sdu_queue.h"

#include <cstdint>
#include <span>

namespace ravi::rlc {

/// Both directions of one UM bearer. Memory: `Capacity`, taken at construction; no call allocates. One thread.
class UmEntity {
public:
  explicit UmEntity(const UmConfig& config);

  /// `tag` names the SDU to `discard`. False, and counted, if the queue is full.
  bool push(std::span<const std::uint8_t> sdu, std::uint32_t tag = 0) noexcept;
  /// Takes the SDUs with that tag back unless part of them has gone. TS 38.322 §5.4. True if there was one.
  bool discard(std::uint32_t tag) noexcept;
  /// Octets waiting, without headers. TS 38.322 §5.5.
  [[nodiscard]] std::size_t buffer_octets() const noexcept { return waiting_octets_; }
  /// SDUs waiting, one sent in part included.
  [[nodiscard]] std::size_t num_sdus() const noexcept { return queue_.size(); }
  /// Writes one PDU of at most out.size() octets; 0: nothing waits, or not even a segment fits.
  [[nodiscard]] std::size_t pull(std::span<std::uint8_t> out) noexcept;

  /// The SDU that this PDU completed, or nothing. Valid until the next call.
  [[nodiscard]] std::span<const std::uint8_t> receive(std::span<const std::uint8_t> pdu, Time now) noexcept;
  /// Runs t-Reassembly.
  void tick(Time now) noexcept;
  /// TS 38.322 §5.1.2.
  void reestablish() noexcept;

  [[nodiscard]] const TxCounters& tx() const noexcept { return tx_; }
  [[nodiscard]] const RxCounters& rx() const noexcept { return rx_; }

private:
  [[nodiscard]] bool is_in_window(std::uint32_t sn) const noexcept;
  [[nodiscard]] bool is_missing_some() const noexcept;
  void advance_next_reassembly(std::uint32_t to) noexcept;
  void move_window(std::uint32_t sn) noexcept;
  void update_timer(Time now) noexcept;

  UmConfig config_;
  SduQueue queue_;
  std::size_t waiting_octets_ = 0;
  std::uint32_t tx_next_ = 0;
  ReassemblyWindow window_;
  std::uint32_t rx_next_reassembly_ = 0;
  std::uint32_t rx_next_highest_ = 0;
  std::uint32_t rx_timer_trigger_ = 0;
  Timer t_reassembly_;
  TxCounters tx_;
  RxCounters rx_;
};

}  // namespace ravi::rlc
