#pragma once
// The transmitting PDCP entity: COUNT, integrity protection, ciphering, discarding. TS 38.323 §5.2.1.

#include "stack/pdcp/pdcp_config.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ravi::pdcp {

struct TxCounters {
  std::uint64_t sdus = 0;
  std::uint64_t octets = 0;      ///< of SDUs
  std::uint64_t refused = 0;     ///< empty, too long, no COUNT left, or no room in RLC
  std::uint64_t discarded = 0;   ///< discardTimer ran out
};

/// Memory: one PDU, and with a discard timer 4096 deadlines; taken at construction. `send` does not allocate. One thread.
class Transmitter {
public:
  /// `direction` of what it sends: the gNB's is downlink.
  Transmitter(const Config& config, security::Direction direction);

  struct Pdu {
    std::span<const std::uint8_t> octets;
    std::uint32_t count = 0;  ///< RLC's tag for discarding
  };
  /// Numbers, protects and ciphers one SDU; the PDU is valid until the next call. Nothing, and counted, if it is refused.
  [[nodiscard]] std::optional<Pdu> send(std::span<const std::uint8_t> sdu, Time now) noexcept;

  /// The PDU that `send` gave last found no room below and is dropped: its COUNT goes to the next SDU, so that the receiver sees no gap
  /// that it would wait for. At most once a `send`.
  void take_back() noexcept;

  /// The COUNT of an SDU whose discardTimer has run out; RLC is to discard it. To be called until it has none.
  [[nodiscard]] std::optional<std::uint32_t> next_expired(Time now) noexcept;

  /// From the next SDU on. Keys of the bearer's kind: RRC for an SRB, user plane for a DRB. Allocates.
  void activate_integrity(security::IntegrityAlgorithm algorithm, const security::Key128& key);
  void activate_ciphering(security::CipheringAlgorithm algorithm, const security::Key128& key);
  /// TS 38.323 §5.1.2: an SRB and an UM DRB count from 0 again. New keys are activated after it.
  void reestablish() noexcept;

  /// COUNT of the next SDU. TX_NEXT.
  [[nodiscard]] std::uint32_t tx_next() const noexcept { return tx_next_; }
  /// To go on from a COUNT: after a handover, or a test near the wrap.
  void set_tx_next(std::uint32_t count) noexcept { tx_next_ = count; }
  [[nodiscard]] const TxCounters& counters() const noexcept { return counters_; }

private:
  struct Deadline {
    Time at;
    std::uint32_t count;
  };
  void note_deadline(Time now) noexcept;

  Config config_;
  security::Direction direction_;
  Security security_;
  std::uint32_t tx_next_ = 0;
  std::vector<std::uint8_t> pdu_;
  std::vector<Deadline> deadlines_;  ///< a ring
  std::size_t first_deadline_ = 0, num_deadlines_ = 0;
  TxCounters counters_;
};

}  // namespace ravi::pdcp
