#pragma once
// The transmitting side of acknowledged mode: segmentation, retransmission, polling. TS 38.322 §5.2.3.1, §5.3.2, §5.3.3.

#include "stack/rlc/rlc_config.h"
#include "stack/rlc/sdu_queue.h"

#include <cstdint>
#include <span>
#include <vector>

namespace ravi::rlc {

/// Part of `AmEntity`. Memory: the queue, and a list of at most kMaxRanges ranges to retransmit.
class AmTransmitter {
public:
  explicit AmTransmitter(const AmConfig& config);

  bool push(std::span<const std::uint8_t> sdu, std::uint32_t tag) noexcept;
  bool discard(std::uint32_t tag) noexcept;
  [[nodiscard]] std::size_t buffer_octets() const noexcept { return unsent_octets_ + retx_octets_; }
  /// Writes one AMD PDU: a retransmission first, else new octets. 0: nothing to send or to fit.
  [[nodiscard]] std::size_t pull(std::span<std::uint8_t> out, Time now) noexcept;
  /// Takes a STATUS PDU from the peer; false if it is malformed.
  [[nodiscard]] bool receive_status(std::span<const std::uint8_t> pdu) noexcept;
  void tick(Time now) noexcept;
  void reestablish() noexcept;

  /// SDUs waiting or not yet acknowledged.
  [[nodiscard]] std::size_t num_sdus() const noexcept { return queue_.size(); }
  [[nodiscard]] bool has_reached_max_retx() const noexcept { return has_reached_max_retx_; }
  [[nodiscard]] const TxCounters& counters() const noexcept { return counters_; }
  TxCounters& counters() noexcept { return counters_; }

private:
  /// Octets [begin, end) of an SDU to send again.
  struct Range {
    std::uint32_t sn, begin, end;
  };
  static constexpr std::size_t kMaxRanges = 1024;

  [[nodiscard]] QueuedSdu& sdu_of(std::uint32_t sn) noexcept { return queue_[distance(sn, tx_next_ack_)]; }
  [[nodiscard]] std::uint32_t distance(std::uint32_t a, std::uint32_t b) const noexcept
  {
    return sn_distance(config_.sn_size, a, b);
  }
  [[nodiscard]] std::uint32_t num_in_flight() const noexcept { return distance(tx_next_, tx_next_ack_); }
  /// The SDU whose turn is next: the one partly sent, else the first unsent; nothing if the window is full.
  [[nodiscard]] QueuedSdu* next_new() noexcept;
  std::size_t pull_retransmission(std::span<std::uint8_t> out, Time now) noexcept;
  std::size_t pull_new(std::span<std::uint8_t> out, Time now) noexcept;
  std::size_t write(std::span<std::uint8_t> out, const QueuedSdu& sdu, const Range& range, bool has_poll) noexcept;
  [[nodiscard]] std::size_t fitting_end(const QueuedSdu& sdu, std::uint32_t begin, std::uint32_t end,
                                        std::size_t room) const noexcept;
  [[nodiscard]] bool takes_poll(Time now) noexcept;
  void apply_nack(const Nack& nack) noexcept;
  /// False if all of it waits for retransmission already.
  bool retransmit(std::uint32_t sn, std::uint32_t begin, std::uint32_t end) noexcept;
  void count_retransmission(QueuedSdu& sdu) noexcept;
  void acknowledge(std::uint32_t ack_sn) noexcept;
  void prune_ranges() noexcept;

  AmConfig config_;
  SduQueue queue_;  ///< from TX_Next_Ack on
  std::uint32_t tx_next_ack_ = 0;
  std::uint32_t tx_next_ = 0;  ///< SN of the next SDU of which nothing has gone yet
  std::uint32_t poll_sn_ = 0;
  std::uint32_t pdu_without_poll_ = 0;
  std::uint64_t octets_without_poll_ = 0;
  bool is_poll_due_ = false;
  Timer t_poll_retransmit_;
  std::vector<Range> ranges_;
  std::size_t unsent_octets_ = 0;
  std::size_t retx_octets_ = 0;
  std::uint32_t nack_round_ = 0;
  bool has_reached_max_retx_ = false;
  TxCounters counters_;
};

}  // namespace ravi::rlc
