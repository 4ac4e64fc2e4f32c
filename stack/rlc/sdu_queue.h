#pragma once
// A bounded first-in first-out queue of SDUs whose octets lie in one ring of memory taken at construction.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::rlc {

/// An SDU waiting for transmission or, in AM, for its acknowledgement.
struct QueuedSdu {
  std::size_t begin = 0;          ///< in the queue's memory
  std::uint32_t size = 0;
  std::uint32_t tag = 0;          ///< the upper layer's, for `discard`
  std::uint32_t sent = 0;         ///< octets [0, sent) have been submitted at least once
  std::uint32_t nack_round = 0;   ///< AM: number of the last status report with a NACK for it
  std::uint8_t retx_count = 0;    ///< AM: RETX_COUNT + 1; 0: never considered for retransmission
  bool is_acknowledged = false;   ///< AM
};

class SduQueue {
public:
  SduQueue(std::size_t max_sdus, std::size_t max_octets);

  /// Copies the SDU in. False if it is empty or does not fit.
  [[nodiscard]] bool push(std::span<const std::uint8_t> octets, std::uint32_t tag) noexcept;
  void pop_front() noexcept;
  /// Takes out the i-th; those behind move up.
  void remove(std::size_t i) noexcept;
  void clear() noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  /// i-th from the front, i < size().
  [[nodiscard]] QueuedSdu& operator[](std::size_t i) noexcept { return sdus_[(front_ + i) % sdus_.size()]; }
  [[nodiscard]] const QueuedSdu& operator[](std::size_t i) const noexcept { return sdus_[(front_ + i) % sdus_.size()]; }
  [[nodiscard]] std::span<const std::uint8_t> octets(const QueuedSdu& sdu) const noexcept
  {
    return std::span(memory_).subspan(sdu.begin, sdu.size);
  }

private:
  std::vector<QueuedSdu> sdus_;
  std::vector<std::uint8_t> memory_;
  std::size_t front_ = 0;
  std::size_t count_ = 0;
  std::size_t write_at_ = 0;
};

}  // namespace ravi::rlc
